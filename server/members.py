"""One result as a JSON value: a literal, a link, a file by value, a CWL object, the index of a directory."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwl_bridge import media, outputs, stac
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.outputs import TEXT, Literal, Members, Result, Several, Stored
from registry.models import JobId
from server import links, representations
from server.links import Links

#: A file above this stays a link, whatever is asked for: it would be read into memory.
MAX_INLINE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The results of one job, with the URLs that one client sees."""

    to: Links
    job_id: JobId
    folders: Callable[[JobId], JobFolder]

    def url(self, *segments: str) -> str:
        return self.to.url("result", job_id=self.job_id, path="/".join(segments))

    def path(self, result: Stored) -> Path:
        return self.folders(result.job_id).published(result.location)

    def member(self, name: str, result: Result, asked: str | None, encoding: str | None = None) -> Any:
        """Its place in a results document (results.yaml); `name`: its path below /results.

        `asked`: value, reference, or None for the usual. `encoding`: base64 for a file by value, whatever it is.
        """
        match result:
            case Literal():
                kind = TEXT if representations.is_scalar(result) else result.media_type
                by_reference = links.link(self.url(name), "item", name, kind)
                return by_reference if asked == "reference" else _wrapped(result.value)
            case Several():
                return [self.member(f"{name}/{at}", each, asked, encoding) for at, each in enumerate(result.items)]
            case Members():
                return {"value": self.cwl(result)}
            case Stored(is_directory=True):
                return {"value": self.cwl(result)} if asked == "value" else self.link(result)
            case Stored():
                if asked == "value" and (result.size or 0) <= MAX_INLINE_BYTES:
                    return _inline(self.path(result), result.media_type, encoding)
                return {"value": self.cwl(result)} if result.beside else self.link(result)

    def link(self, result: Stored) -> dict[str, Any]:
        found = links.link(self.url(*result.segments), "item", result.basename, result.media_type)
        catalog = self._catalog(result) if result.is_directory else None
        # The format: what CWL says of its content, beside the media type that it stands for.
        more = {"length": result.size, "format": result.format, "stac": catalog}
        return {**found, **{key: each for key, each in more.items() if each is not None}}

    def _catalog(self, result: Stored, inside: tuple[str, ...] = ()) -> dict[str, str] | None:
        """A link to the STAC catalog that a directory holds (20-089r1 has tools leave one)."""
        path = self.path(result).joinpath(*inside, stac.CATALOG)
        if not _is_catalog(path):
            return None
        return links.link(self.url(*result.segments, *inside, stac.CATALOG), "stac", "STAC catalog", stac.CATALOG_TYPE)

    def cwl(self, result: Result) -> Any:
        """Files as CWL writes them, with URLs: a link alone would lose their secondary files."""
        match result:
            case Literal():
                return result.value
            case Several():
                return [self.cwl(each) for each in result.items]
            case Members():
                return {key: self.cwl(each) for key, each in result.fields.items()}
            case Stored(is_directory=True):
                return _directory(self.path(result), self.url(*result.segments), result.basename)
            case Stored():
                found = {
                    **_file(self.path(result), self.url(*result.segments), result.basename),
                    "format": result.format,
                    "secondaryFiles": [self.cwl(each) for each in result.beside],
                }
                return {key: each for key, each in found.items() if each not in (None, [])}

    def index(self, result: Stored, inside: tuple[str, ...] = ()) -> dict[str, Any]:
        """A directory, or one inside it, as a page of links."""
        here = (*result.segments, *inside)
        found: list[dict[str, Any]] = [{**links.link(self.url(*here), "self", "This directory")}]
        catalog = self._catalog(result, inside)
        if catalog:
            found.append(dict(catalog))
        for each in sorted(self.path(result).joinpath(*inside).iterdir()):
            kind = links.JSON if each.is_dir() else outputs.file_type(each.name, [])
            size = {} if each.is_dir() else {"length": each.stat().st_size}
            # A slash tells who takes a whole directory that there is more below.
            href = self.url(*here, each.name) + ("/" if each.is_dir() else "")
            found.append({**links.link(href, "item", each.name, kind), **size})
        return {"title": inside[-1] if inside else result.basename, "links": found}


def _is_catalog(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > MAX_INLINE_BYTES:
            return False
        return stac.is_catalog(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return False


def _directory(path: Path, url: str, name: str) -> dict[str, Any]:
    listing = []
    for each in sorted(path.iterdir()):
        below = f"{url}/{links.quoted(each.name)}"
        listing.append(_directory(each, below, each.name) if each.is_dir() else _file(each, below, each.name))
    return {"class": "Directory", "location": url, "basename": name, "listing": listing}


def _file(path: Path, url: str, name: str) -> dict[str, Any]:
    return {"class": "File", "location": url, "basename": name, "size": path.stat().st_size}


def _wrapped(value: Any) -> Any:
    """Objects stand under `value`; a bounding box may stand by itself (results.yaml)."""
    if isinstance(value, dict) and not {"bbox"} <= value.keys() <= {"bbox", "crs"}:
        return {"value": value}
    return value


def _inline(path: Path, media_type: str, encoding: str | None) -> dict[str, Any]:
    """qualifiedInputValue: JSON as JSON, text as text, anything else as base64."""
    content = path.read_bytes()
    kind = "" if encoding == "base64" else media.essence(media_type)
    try:
        if kind == links.JSON or kind.endswith("+json"):
            return {"value": json.loads(content), "mediaType": media_type}
        if media.is_text(kind):
            return {"value": content.decode(), "mediaType": media_type}
    except ValueError:
        # It is not what it says it is; then only its bytes can be given.
        pass
    return {"value": base64.b64encode(content).decode(), "encoding": "base64", "mediaType": media_type}
