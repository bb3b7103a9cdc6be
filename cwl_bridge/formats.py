"""Which media type the IRI in a File's `format` stands for, and back. Pure."""

from __future__ import annotations

import re
from typing import Any

from cwl_bridge import media
from registry.models import JSON

_IANA = re.compile(r"https?://www\.iana\.org/assignments/media-types/(.+)\Z")
_EDAM = "http://edamontology.org/format_"
_OGC = "http://www.opengis.net/def/media-type/ogc/1.0/"

#: Those that people use without binding them: cwltool then takes the name as it is, but what is meant is clear.
_USUAL_PREFIXES = {
    "edam": "http://edamontology.org/",
    "iana": "https://www.iana.org/assignments/media-types/",
    "ogc": _OGC,
}

#: EDAM terms that mean one media type; the general ones (format_2333, binary; format_3547, image) mean none.
_EDAM_TERMS = {
    "1929": "text/x-fasta",
    "1930": "text/x-fastq",
    "2330": "text/plain",
    "2331": "text/html",
    "2332": "application/xml",
    "3255": "text/turtle",
    "3256": "application/n-triples",
    "3261": "application/rdf+xml",
    "3464": "application/json",
    "3467": "image/gif",
    "3468": "application/vnd.ms-excel",
    "3475": "text/tab-separated-values",
    "3506": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "3508": "application/pdf",
    "3579": "image/jpeg",
    "3590": "application/x-hdf5",
    "3591": "image/tiff",
    "3592": "image/bmp",
    "3603": "image/png",
    "3604": "image/svg+xml",
    "3620": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "3621": "application/vnd.sqlite3",
    "3650": "application/x-netcdf",
    "3750": "application/yaml",
    "3752": "text/csv",
    "3981": "application/x-tar",
    "3987": "application/zip",
    "3989": "application/gzip",
    "3996": "text/x-python",
    "3997": "video/mp4",
}

_OGC_TERMS = {
    "cog": "image/tiff; application=geotiff; profile=cloud-optimized",
    "geojson": "application/geo+json",
    "geopackage": "application/geopackage+sqlite3",
    "geotiff": "image/tiff; application=geotiff",
    "geotiff-cog": "image/tiff; application=geotiff; profile=cloud-optimized",
    "gml": "application/gml+xml",
    "hdf5": "application/x-hdf5",
    "jp2": "image/jp2",
    "kml": "application/vnd.google-earth.kml+xml",
    "kmz": "application/vnd.google-earth.kmz",
    "netcdf": "application/x-netcdf",
}

_MEDIA_TYPES = {
    **{_EDAM + term: each for term, each in _EDAM_TERMS.items()},
    **{_OGC + term: each for term, each in _OGC_TERMS.items()},
}


def iris(declared: Any, namespaces: Any) -> tuple[str, ...]:
    """The IRIs of which a File has to carry one; none where any will do or an expression decides."""
    listed = declared if isinstance(declared, list) else [declared]
    return tuple(
        _spelled(each, namespaces) for each in listed if isinstance(each, str) and not re.search(r"\$[({]", each)
    )


def media_types(formats: tuple[str, ...]) -> list[str]:
    """The media type of each IRI, the default first; binary where one is not known."""
    return list(dict.fromkeys(_media_type(each) or media.BINARY for each in formats))


def of_media_type(formats: tuple[str, ...], media_type: str | None) -> str | None:
    """The IRI that stands for a media type; the first where none does."""
    wanted = media_type or ""
    same = [each for each in formats if _media_type(each) == wanted]
    alike = [each for each in formats if media.essence(_media_type(each) or "") == media.essence(wanted)]
    return next(iter((*same, *(alike if wanted else ()), *formats)), None)


def _spelled(name: str, namespaces: Any) -> str:
    prefix, colon, rest = name.partition(":")
    bound = namespaces.get(prefix) if isinstance(namespaces, dict) else None
    return f"{bound}{rest}" if colon and isinstance(bound, str) else name


def _media_type(iri: str) -> str | None:
    iri = _spelled(iri, _USUAL_PREFIXES)
    match = _IANA.match(iri)
    if match:
        return match[1] if media.is_media_type(match[1]) else None
    return _MEDIA_TYPES.get(iri.replace("https://", "http://", 1))


def of_port(cwl: JSON, port: JSON) -> tuple[str, ...]:
    """The formats of an input, an output or a field."""
    return iris(port.get("format"), cwl.get("$namespaces"))
