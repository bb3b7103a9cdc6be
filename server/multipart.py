"""multipart/related answers (RFC 2387): parts of bytes and files → one stream that begins with its boundary."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import anyio
from starlette.responses import Response, StreamingResponse

from cwl_bridge import media
from server import links
from server.representations import MULTIPART

_CHUNK_BYTES = 1 << 20


class Part(NamedTuple):
    headers: dict[str, str]
    content: bytes | Path

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


def response(parts: list[Part]) -> Response:
    """At least one part; the files are read while they are sent."""
    boundary = secrets.token_hex(16)
    first = parts[0].headers.get("Content-Type", links.JSON)
    kind = f'{MULTIPART}; type="{media.essence(first)}"; boundary="{boundary}"'
    size = sum(len(_head(each, boundary)) + each.size + 2 for each in parts) + len(_end(boundary))
    return StreamingResponse(_stream(parts, boundary), media_type=kind, headers={"Content-Length": str(size)})


def _head(part: Part, boundary: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in part.headers.items())
    return f"--{boundary}\r\n{lines}\r\n".encode()


def _end(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode()


async def _stream(parts: list[Part], boundary: str) -> AsyncIterator[bytes]:
    for each in parts:
        yield _head(each, boundary)
        if isinstance(each.content, bytes):
            yield each.content
        else:
            async with await anyio.open_file(each.content, "rb") as opened:
                while chunk := await opened.read(_CHUNK_BYTES):
                    yield chunk
        yield b"\r\n"
    yield _end(boundary)
