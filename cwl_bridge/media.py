"""Media types and file names: which belongs to which, from one table that no machine's set-up changes."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import SplitResult, unquote

from cwl_bridge import places

BINARY = "application/octet-stream"

_TYPES = mimetypes.MimeTypes(filenames=())
for _media_type, _extension in (
    ("application/geo+json", ".geojson"),
    ("application/geopackage+sqlite3", ".gpkg"),
    ("application/gml+xml", ".gml"),
    ("application/vnd.google-earth.kml+xml", ".kml"),
    ("application/x-parquet", ".parquet"),
    ("application/yaml", ".yaml"),
    ("application/yaml", ".yml"),
    ("image/jp2", ".jp2"),
    ("image/tiff", ".tif"),
    ("text/markdown", ".md"),
):
    _TYPES.add_type(_media_type, _extension)

#: Where the table knows several endings, the one that people use.
_USUAL = {
    "application/xml": ".xml",
    "application/x-netcdf": ".nc",
    "application/yaml": ".yaml",
    "image/tiff": ".tif",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    "text/html": ".html",
}

MAX_BASENAME_BYTES = 255


_WORD = r"[A-Za-z0-9!#$&^_.+-]+"
_MEDIA_TYPE = re.compile(rf'{_WORD}/{_WORD}(?:\s*;\s*{_WORD}=(?:{_WORD}|"[^"\\\r\n]*"))*\Z', re.ASCII)


def is_media_type(text: str) -> bool:
    """Whether it has the form of RFC 9110, 8.3.1, so that it can stand in a header."""
    return _MEDIA_TYPE.match(text) is not None


def essence(media_type: str) -> str:
    """The media type without parameters, in lower case: what is compared."""
    return media_type.partition(";")[0].strip().lower()


def is_text(media_type: str) -> bool:
    """Whether a value of this type is written in JSON as text rather than as base64."""
    kind = essence(media_type)
    return (
        kind.startswith("text/")
        or kind.endswith(("+json", "+xml", "+yaml"))
        or kind in ("application/json", "application/xml", "application/yaml", "application/javascript")
    )


def of_name(name: str) -> str | None:
    """The media type that a file's ending suggests."""
    guessed, encoding = _TYPES.guess_type(name, strict=False)
    return guessed if encoding is None else "application/gzip" if encoding == "gzip" else None


def extension(media_type: str | None) -> str:
    """The ending of a file of this type; empty where none is usual."""
    if media_type is None:
        return ""
    kind = essence(media_type)
    if kind == BINARY:
        return ""
    return _USUAL.get(kind) or _TYPES.guess_extension(kind, strict=False) or ""


def is_basename(name: str) -> bool:
    """Whether a name is one path segment that any file system takes."""
    return (
        name not in ("", ".", "..")
        and "/" not in name
        and name.isprintable()
        and len(name.encode()) <= MAX_BASENAME_BYTES
    )


def split_url(href: str) -> SplitResult | None:
    """The parts of an absolute http or https URL; None where it is none."""
    return places.split(href, places.WEB)


def basename_of(href: str, fallback: str) -> str:
    """The last segment of a URL's path, decoded; else the fallback."""
    parts = places.split(href)
    name = unquote(parts.path).rpartition("/")[2] if parts else ""
    return name if is_basename(name) else fallback
