"""A body that brings several files → their bytes by path, and which of them is the package. Pure."""

from __future__ import annotations

import email.parser
import email.policy
import io
import posixpath
import zipfile
from collections.abc import Iterator
from email.message import MIMEPart
from urllib.parse import unquote

from cwl_bridge import media
from cwl_bridge.errors import FieldError, InvalidDocumentError, InvalidProcessError, TooComplexError

ZIP = "application/zip"
MULTIPART = "multipart/related"

MAX_FILES = 1000
#: Of all files together, unpacked.
MAX_BYTES = 64 << 20


def read(body: bytes, media_type: str) -> tuple[dict[str, bytes], str]:
    """Raises InvalidDocumentError, InvalidProcessError and TooComplexError."""
    files: dict[str, bytes] = {}
    total = 0
    parts = _zipped(body) if media.essence(media_type) == ZIP else _multipart(body, media_type)
    for name, content in parts:
        path = posixpath.normpath(name)
        if path.startswith(("/", "../")) or path in (".", "..") or "\\" in path:
            raise InvalidDocumentError(f"{name!r} can't be the name of a file in a package.")
        if path in files:
            raise InvalidDocumentError(f"The file {path!r} is there twice.")
        total += len(content)
        if len(files) == MAX_FILES or total > MAX_BYTES:
            raise TooComplexError(f"A package has at most {MAX_FILES} files of {MAX_BYTES} bytes together.")
        files[path] = content
    return files, _main(files, first=media.essence(media_type) == MULTIPART)


def _zipped(body: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            room = MAX_BYTES
            for each in archive.infolist():
                if each.is_dir():
                    continue
                # What the archive says of its sizes may not be so.
                with archive.open(each) as file:
                    content = file.read(room + 1)
                room -= len(content)
                if room < 0:
                    raise TooComplexError(f"The files of a package have at most {MAX_BYTES} bytes together.")
                yield each.filename, content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InvalidDocumentError(f"The body is no zip file that can be read: {error}.") from error


def _multipart(body: bytes, media_type: str) -> Iterator[tuple[str, bytes]]:
    """RFC 2387. A part is named by Content-Location, by its file name, or by Content-ID."""
    head = f"Content-Type: {media_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise InvalidDocumentError("The body has no parts: multipart/related needs a boundary.")
    start = str(message.get_param("start") or "").strip("<>")
    named = [(_name(part, number), part) for number, part in enumerate(message.iter_parts())]
    # The part that `start` names comes first.
    named.sort(key=lambda each: start not in ("", str(each[1].get("Content-ID", "")).strip("<>")))
    for name, part in named:
        content = part.get_payload(decode=True)
        yield name, content if isinstance(content, bytes) else b""


def _name(part: MIMEPart, number: int) -> str:
    given = part.get("Content-Location") or part.get_filename() or str(part.get("Content-ID", "")).strip("<>")
    return unquote(str(given)) or f"part-{number}"


def _main(files: dict[str, bytes], *, first: bool) -> str:
    """The first of parts; of a zip the one that is called so, or the only CWL file nearest to its root."""
    if not files:
        raise InvalidDocumentError("The package has no files.")
    if first:
        return next(iter(files))
    for name in ("package.json", "main.cwl", "workflow.cwl", "process.cwl"):
        if name in files:
            return name
    documents = [each for each in files if each.endswith(".cwl")]
    depth = min((each.count("/") for each in documents), default=0)
    nearest = [each for each in documents if each.count("/") == depth]
    if len(nearest) == 1:
        return nearest[0]
    found = ", ".join(nearest) or "none"
    detail = f"Call the document that is meant main.cwl: a zip has one CWL file at its root, this one has {found}."
    raise InvalidProcessError(detail, [FieldError("", detail)])
