"""A CWL document on disk, with the files that it refers to, as one body to deploy."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cwl_bridge import deploy, media, parts
from cwl_bridge.errors import BridgeError, UnsafeReferenceError
from cwl_bridge.package import Package
from cwl_bridge.packagefiles import Files, MissingError
from registry.models import JSON

#: The first part: which of the others is meant, and what it is called.
PACKAGE_FILE = "package.json"

#: How far above a document the files may lie that it refers to.
MAX_LEVELS = 5


@dataclass(frozen=True)
class Collected:
    """A body and its media type."""

    body: bytes
    media_type: str
    #: The files of the body are called by their paths from this folder, the document `main`.
    root: Path
    main: str


class NotCollectedError(Exception):
    """A document can't be read, or refers to what is not there; the places of its errors are in files below `root`."""

    def __init__(self, reason: BridgeError, root: Path, main: str) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.root = root
        self.main = main


def collected(path: Path, entry: str | None = None, package: JSON | None = None) -> Collected:
    """Raises NotCollectedError.

    `package`: what describes the document.
    """
    path = path.resolve()
    for level in range(MAX_LEVELS):
        root = path.parents[min(level, len(path.parents) - 1)]
        main = path.relative_to(root).as_posix()
        try:
            return _collected(root, main, entry, package)
        except UnsafeReferenceError as error:
            # It refers to what lies above this folder.
            refused = NotCollectedError(error, root, main)
        except BridgeError as error:
            raise NotCollectedError(error, root, main) from error
    raise refused


def _collected(root: Path, main: str, entry: str | None, package: JSON | None) -> Collected:
    files = Files({main: (root / main).read_bytes()})
    read = Package(body=b"", media_type="", given={}, unit={}, files=files, main=main, entry=entry)
    while True:
        try:
            read.resolved()
            break
        except MissingError as missing:
            place = root / missing.reference
            if missing.is_url or (missing.names and not place.is_file()):
                # The server fetches it, or knows it by its name.
                files.outside |= {missing.reference} if missing.is_url else set(missing.names)
                continue
            found = sorted(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else [place]
            if not all(each.is_file() for each in found) or not found:
                raise missing.error from missing
            for each in found:
                files.bodies[each.relative_to(root).as_posix()] = each.read_bytes()
    if len(files.bodies) == 1 and entry is None and package is None:
        return Collected(files.bodies[main], deploy.CWL_YAML, root, main)
    return Collected(*multipart(main, entry, package or {}, files.bodies), root, main)


def multipart(main: str, entry: str | None, package: JSON, bodies: dict[str, bytes]) -> tuple[bytes, str]:
    """multipart/related (RFC 2387) and its media type: a package whose unit is `main`, and the files that it needs."""
    unit = {"href": quote(main) + (f"#{entry}" if entry else ""), "type": deploy.CWL}
    first = json.dumps({**package, "executionUnit": unit}).encode()
    boundary = secrets.token_hex(16)
    said = b""
    for name, body in {PACKAGE_FILE: first, **bodies}.items():
        head = f"--{boundary}\r\nContent-Location: {quote(name)}\r\nContent-Type: {media.BINARY}\r\n\r\n"
        said += head.encode() + body + b"\r\n"
    return said + f"--{boundary}--\r\n".encode(), f'{parts.MULTIPART}; boundary="{boundary}"'
