"""What a document calls the files that the server keeps for it: `files/<sha256>/<name>`, beside the document. Pure.

A client reads them there over HTTP, cwltool on disk, and whoever unpacks a job's bundle; the content is in the name, so
a document that has its files can't get others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from cwl_bridge import media
from registry.models import JSON

FOLDER = "files"

_LOCATION = re.compile(rf"{FOLDER}/([0-9a-f]{{64}})/([^/?#]+)\Z")


def digest(content: bytes) -> str:
    """SHA-256, the name of the folder in which a file is kept."""
    return hashlib.sha256(content).hexdigest()


def location(content: bytes, name: str) -> str:
    """What a document says where a file is; `name`: its basename."""
    return f"{FOLDER}/{digest(content)}/{quote(name, safe='')}"


def split(given: Any) -> tuple[str, str] | None:
    """Digest and name of a location; None where it is none of a kept file."""
    found = _LOCATION.match(given) if isinstance(given, str) else None
    name = unquote(found[2]) if found else ""
    return (found[1], name) if found and media.is_basename(name) else None


def references(value: Any) -> Iterator[tuple[str, str]]:
    """(digest, name) of every kept file that a document names."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    if not isinstance(value, dict):
        return
    named = [value.get("location")] if value.get("class") == "File" else []
    for each in (*named, *schemas(value)):
        kept = split(each)
        if kept:
            yield kept
    for each in value.values():
        yield from references(each)


def schemas(document: Mapping[str, Any]) -> list[Any]:
    """Its `$schemas`."""
    declared = document.get("$schemas")
    return declared if isinstance(declared, list) else [declared] if declared else []


def are_in(value: Any) -> bool:
    """Whether a value has a kept file in it."""
    return next(references(value), None) is not None


def paths(document: JSON) -> list[str]:
    """Where they lie, relative to the document."""
    return sorted({path(*each) for each in references(document)})


def path(content: str, name: str) -> str:
    """`content`: its digest."""
    return f"{FOLDER}/{content}/{name}"
