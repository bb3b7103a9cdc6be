"""A body that brings several files → their bytes by path, and which of them is the package. Pure."""

from __future__ import annotations

import email.errors
import email.parser
import email.policy
import io
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from cwl_bridge import media
from cwl_bridge.errors import FieldError, InvalidDocumentError, InvalidProcessError, TooComplexError

ZIP = "application/zip"
MULTIPART = "multipart/related"

MAX_FILES = 1000
#: Of the headers of a part, all together: readers of them take their time for long ones.
MAX_HEAD_BYTES = 16 << 10
#: Of all files together, unpacked.
MAX_BYTES = 64 << 20

#: What is not escaped in a URL (RFC 3986, 2).
_OF_URLS = "/%:?#[]@!$&'()*+,;=~"

#: What ends the head of a part; what says there that it has parts itself.
_EMPTY_LINE = re.compile(rb"(?>\r\n|\r|\n){2}")
_HAS_PARTS = re.compile(rb"[\r\n]content-type\s*:\s*(?:multipart|message)/", re.IGNORECASE)

#: What macOS adds of its own.
_NOT_MEANT = "__MACOSX/"
#: What comes of archives that are none. ValueError: also of names that are no UTF-8; RuntimeError: of methods unknown.
BROKEN_ZIP = (
    *(zipfile.BadZipFile, RuntimeError, EOFError, ValueError, OverflowError),
    *(zlib.error, lzma.LZMAError, struct.error),
)


class Sent(NamedTuple):
    """What a body brought."""

    #: By their paths in the package, or by the URLs that their Content-Location says.
    files: dict[str, bytes]
    #: The name of the package among them.
    main: str
    #: The names of parts by their Content-IDs; None: the body has no parts.
    ids: dict[str, str] | None


def read(body: bytes, media_type: str, base: str = "") -> Sent:
    """`base`: the URL that the body as a whole has (RFC 2557, 5); without one, names are paths in the package.

    Raises InvalidDocumentError, InvalidProcessError and TooComplexError.
    """
    zipped = media.essence(media_type) == ZIP
    files: dict[str, bytes] = {}
    ids: dict[str, str] = {}
    total = 0
    for name, content_id, content in _zipped(body) if zipped else _multipart(body, media_type, base):
        if name in files:
            raise InvalidDocumentError(f"The file {name!r} is there twice.")
        if content_id in ids:
            raise InvalidDocumentError(f"Two parts have the Content-ID {content_id!r}.")
        total += len(content)
        if len(files) == MAX_FILES or total > MAX_BYTES:
            raise TooComplexError(f"A package has at most {MAX_FILES} files of {MAX_BYTES} bytes together.")
        files[name] = content
        if content_id:
            ids[content_id] = name
    return Sent(files, _main(files, first=not zipped), None if zipped else ids)


def parameter(read: Callable[..., Any], *name: str) -> str:
    """What a parameter of a header says (RFC 2231), as one of the readers of Message gives it; empty: nothing.

    They raise TypeError where some pieces of it have numbers and others have none.
    """
    try:
        return str(read(*name) or "")
    except (TypeError, ValueError, LookupError):
        return ""


def _path(name: str) -> str:
    """A name as a path in the package."""
    path = posixpath.normpath(name)
    if path.startswith(("/", "../")) or path in (".", "..") or "\\" in path:
        raise InvalidDocumentError(f"{name!r} can't be the name of a file in a package.")
    return path


def _zipped(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            room = MAX_BYTES
            for each in archive.infolist():
                if each.filename.endswith("/") or each.filename.startswith(_NOT_MEANT):
                    continue
                # What the archive says of its sizes may not be so.
                with archive.open(each) as file:
                    content = file.read(room + 1)
                room -= len(content)
                if room < 0:
                    raise TooComplexError(f"The files of a package have at most {MAX_BYTES} bytes together.")
                yield _path(each.filename), "", content
    except (*BROKEN_ZIP, OSError) as error:
        raise InvalidDocumentError(f"The body is no zip file that can be read: {error}.") from error


def _multipart(body: bytes, media_type: str, base: str) -> Iterator[tuple[str, str, bytes]]:
    """RFC 2387. A part is named by Content-Location, by its file name, or by Content-ID, which comes second."""
    said = Message()
    said["Content-Type"] = media_type
    boundary = parameter(said.get_boundary)
    if not boundary or not boundary.isascii():
        raise InvalidDocumentError("The body has no parts: multipart/related needs a boundary.")
    _check_heads(body, boundary)
    # The policy of old: the newer ones take minutes for some headers, and end in a RecursionError for others.
    parser = email.parser.BytesParser(policy=email.policy.compat32)
    message = parser.parsebytes(f"Content-Type: {media_type}\r\n\r\n".encode() + body)
    listed = message.get_payload()
    if not isinstance(listed, list):
        raise InvalidDocumentError(f"The body has no parts: nothing in it begins with --{boundary}.")
    if any(isinstance(each, email.errors.CloseBoundaryNotFoundDefect) for each in message.defects):
        raise InvalidDocumentError("The body ends before its last part does.")
    start = parameter(message.get_param, "start").strip("<>")
    named = [(_name(part, number, base), part) for number, part in enumerate(listed)]
    # The part that `start` names comes first.
    if start and all(_id(part) != start for _, part in named):
        raise InvalidDocumentError(f"No part has the Content-ID {start!r}, which `start` names.")
    named.sort(key=lambda each: start not in ("", _id(each[1])))
    for name, part in named:
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            raise _nested()
        yield name, _id(part), content


def _check_heads(body: bytes, boundary: str) -> None:
    """Refuses what there is too much of, and what would be read for ever: long heads, parts in parts."""
    delimiter = re.compile(rb"(?:\A|(?<=[\r\n]))--%s(--)?[ \t]*(?=[\r\n]|\Z)" % re.escape(boundary.encode()))
    for number, found in enumerate(delimiter.finditer(body)):
        if found[1]:
            return
        if number == MAX_FILES:
            raise TooComplexError(f"A package has at most {MAX_FILES} files.")
        head = _EMPTY_LINE.split(body[found.end() : found.end() + MAX_HEAD_BYTES + 1], maxsplit=1)[0]
        if len(head) > MAX_HEAD_BYTES:
            raise TooComplexError(f"The headers of a part have at most {MAX_HEAD_BYTES} bytes together.")
        if _HAS_PARTS.search(head):
            raise _nested()


def _nested() -> InvalidDocumentError:
    return InvalidDocumentError("A part has parts itself; a package is a flat list of files.")


def _id(part: Message) -> str:
    return str(part.get("Content-ID", "")).strip().strip("<>")


def _name(part: Message, number: int, base: str) -> str:
    """A URL where one is said, relative ones as the base of the body makes them (RFC 2557, 5); else a path."""
    location = str(part.get("Content-Location") or "").strip()
    given = location or quote(parameter(part.get_filename) or _id(part) or f"part-{number}", safe="/%")
    try:
        scheme = urlsplit(location).scheme
        url = urljoin(base, quote(given, safe=_OF_URLS)) if base or scheme else ""
    except ValueError as error:
        raise InvalidDocumentError(f"The Content-Location {location!r} is no URL.") from error
    if scheme and media.split_url(url) is None:
        raise InvalidDocumentError(f"The Content-Location {location!r} is neither relative nor an http or https URL.")
    return url or _path(unquote(given))


def _main(files: dict[str, bytes], *, first: bool) -> str:
    """The first of parts; of a zip the one that is called so, or the only CWL file nearest to its root."""
    if not files:
        raise InvalidDocumentError("The package has no files.")
    if first:
        return next(iter(files))
    tops = {each.partition("/")[0] if "/" in each else "" for each in files}
    # Archives often hold one folder with everything in it.
    folder = f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""
    for name in ("package.json", "main.cwl", "workflow.cwl", "process.cwl"):
        if folder + name in files:
            return folder + name
    documents = [each for each in files if each.endswith(".cwl")]
    depth = min((each.count("/") for each in documents), default=0)
    nearest = [each for each in documents if each.count("/") == depth]
    if len(nearest) == 1:
        return nearest[0]
    found = ", ".join(nearest) or "none"
    detail = f"Call the document that is meant main.cwl: a zip has one CWL file at its root, this one has {found}."
    raise InvalidProcessError(detail, [FieldError("", detail)])
