"""Zip files, made on disk: what goes into them may be larger than memory."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

ZIP = "application/zip"

_CHUNK_BYTES = 1 << 18

#: The name within the archive, and the file or the content.
Entry = tuple[str, Path | bytes]


def zipped(entries: Iterable[Entry], name: str) -> Response:
    """The archive as a file of this name; it is made in the caller's thread."""
    file, size = _written(entries)
    headers = {"Content-Length": str(size), "Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}"}
    return StreamingResponse(_chunks(file), media_type=ZIP, headers=headers)


def _written(entries: Iterable[Entry]) -> tuple[IO[bytes], int]:
    with ExitStack() as closing:
        # It has no name: nothing of it is left, whatever happens.
        file = closing.enter_context(tempfile.TemporaryFile())
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for name, content in entries:
                if isinstance(content, Path):
                    archive.write(content, name)
                else:
                    # Dated to the beginning of time as zip has it: the same content is the same archive.
                    about = zipfile.ZipInfo(name)
                    about.external_attr = 0o644 << 16
                    archive.writestr(about, content, zipfile.ZIP_DEFLATED)
        closing.pop_all()
        return file, file.tell()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
