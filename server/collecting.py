"""A CWL document on disk, with the files that it refers to, as one body to deploy."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from urllib.parse import quote

from cwl_bridge import deploy, media, parts, resolve
from cwl_bridge.errors import BridgeError, UnsafeReferenceError
from cwl_bridge.packagefiles import Files, MissingError
from registry.models import JSON
from server.client import BAD_USE, CommandError

#: The first part: which of the others is meant, and what it is called.
PACKAGE_FILE = "package.json"

#: How far above a document the files may lie that it refers to.
MAX_LEVELS = 5


def collected(
    path: Path, entry: str | None = None, process_id: str | None = None, package: JSON | None = None
) -> tuple[bytes, str]:
    """Body and media type. Raises CommandError where a document can't be read, or refers to what is not there.

    `package`: what describes the document.
    """
    if process_id is not None:
        package = {"processDescription": {"id": process_id}, **(package or {})}
    path = path.resolve()
    for level in range(MAX_LEVELS):
        root = path.parents[min(level, len(path.parents) - 1)]
        try:
            return _collected(root, path, entry, package)
        except UnsafeReferenceError as error:
            # It refers to what lies above this folder.
            refused = error
        except BridgeError as error:
            raise CommandError(f"{path}: {error}", BAD_USE) from error
    raise CommandError(f"{path}: {refused}", BAD_USE)


def _collected(root: Path, path: Path, entry: str | None, package: JSON | None) -> tuple[bytes, str]:
    files, main = Files(incomplete=True), path.relative_to(root).as_posix()
    files.bodies[main] = path.read_bytes()
    while True:
        try:
            resolve.process(files, main, entry)
            break
        except MissingError as missing:
            place = root / missing.reference
            if missing.optional and (missing.is_url or not place.is_file()):
                files.absent.add(missing.reference)
                continue
            if missing.is_url or (missing.names and not place.is_file()):
                # The server fetches it, or knows it by its name.
                files.outside |= {missing.reference} if missing.is_url else set(missing.names)
                continue
            found = sorted(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else [place]
            if not all(each.is_file() for each in found) or not found:
                raise CommandError(f"{path}: {missing.error}", BAD_USE) from missing
            for each in found:
                files.bodies[each.relative_to(root).as_posix()] = each.read_bytes()
    if len(files.bodies) == 1 and entry is None and package is None:
        return files.bodies[main], deploy.CWL_YAML
    unit = {"href": quote(main) + (f"#{entry}" if entry else ""), "type": deploy.CWL}
    return _multipart({PACKAGE_FILE: json.dumps({**(package or {}), "executionUnit": unit}).encode(), **files.bodies})


def _multipart(bodies: dict[str, bytes]) -> tuple[bytes, str]:
    """multipart/related (RFC 2387), whose first part is the document that is meant."""
    boundary = secrets.token_hex(16)
    said = b""
    for name, body in bodies.items():
        head = f"--{boundary}\r\nContent-Location: {quote(name)}\r\nContent-Type: {media.BINARY}\r\n\r\n"
        said += head.encode() + body + b"\r\n"
    return said + f"--{boundary}--\r\n".encode(), f'{parts.MULTIPART}; boundary="{boundary}"'
