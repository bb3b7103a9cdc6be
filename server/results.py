"""The results of a successful job → one HTTP answer, in the style of its request.

A request with `response` or a `transmissionMode` is answered by the rules of version 1.0 (18-062r2, table 11), any
other by those of version 2.0.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from cwl_bridge import media
from cwl_bridge.outputs import Literal, Result, Stored
from registry.models import ExecuteRequest
from server import links, negotiate
from server.members import Shown
from server.problems import ProblemError

MULTIPART = "multipart/related"
RESULTS_PROFILE = "https://www.opengis.net/def/profile/OGC/0/ogc-results"

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The results of one successful job, and what its client accepts."""

    shown: Shown
    request: ExecuteRequest
    results: dict[str, Result]
    #: How many outputs were asked for, given or not.
    asked: int
    accept: str | None

    def execution(self) -> Response:
        """The answer of a synchronous execution."""
        if self._asked_for_none:
            return Response(status_code=204)
        return self._styled(bare_if_one=True)

    def stored(self) -> Response:
        """The answer of /jobs/{id}/results."""
        if self._asked_for_none:
            raise ProblemError("result-not-available", "The execution asked for no outputs.")
        # Version 2.0 has a document here, and bare values one level below.
        return self._styled(bare_if_one=negotiate.choose(self.accept, [links.JSON]) is None)

    @property
    def _asked_for_none(self) -> bool:
        """`outputs: {}`; a process that has no outputs is another matter, its results are an empty document."""
        return self.request.outputs == {}

    def _styled(self, *, bare_if_one: bool) -> Response:
        if self.request.response == "document" or self.asked == 0:
            return self._document()
        if self.request.response == "raw":
            return self._raw()
        if self.asked > 1:
            return self._many()
        return self._bare() if bare_if_one else self._document()

    def _raw(self) -> Response:
        by_reference = {name for name in self.results if self._transmission(name) == "reference"}
        if by_reference and by_reference == set(self.results):
            return Response(status_code=204, headers={"Link": ", ".join(map(self._link_header, self.results))})
        return self._bare() if self.asked == 1 or not self.results else self._multipart(by_reference)

    def _many(self) -> Response:
        """Several results by the rules of version 2.0."""
        offered = [links.JSON, MULTIPART]
        chosen = negotiate.choose(self.accept, offered)
        if chosen is None:
            raise ProblemError("not-acceptable", f"Several results are available as {' or '.join(offered)}.")
        if chosen == MULTIPART and self.results:
            return self._multipart(set())
        return self._document(Link=f'<{RESULTS_PROFILE}>; rel="profile"')

    def _bare(self) -> Response:
        """The one result that was asked for, by itself."""
        result = next(iter(self.results.values()), None)
        if result is None:
            return Response(status_code=204)
        by_version_1 = self.request.response == "raw"
        if isinstance(result, Literal):
            # Version 1.0 has one media type for each value, whatever is accepted.
            return _literal(result, None if by_version_1 else self.accept)
        if isinstance(result, Stored) and not result.is_directory:
            # A client that takes nothing but JSON gets a link to what is none.
            offered = [media.essence(result.media_type), links.JSON]
            if by_version_1 or negotiate.choose(self.accept, offered) != links.JSON or offered[0] == links.JSON:
                return file(self.shown.path(result), result.basename, result.media_type)
        return self._document()

    def _transmission(self, name: str) -> str | None:
        return self.request.choice(name).transmission

    def _document(self, **headers: str) -> Response:
        """results.yaml: literals by value, files by reference where nothing else is asked for."""
        usual = "value" if self.request.returns == "representation" else None
        found = {
            name: self.shown.member(name, result, self._transmission(name) or usual)
            for name, result in self.results.items()
        }
        return JSONResponse(found, headers=headers)

    def _link_header(self, name: str) -> str:
        """Several in one header are the same as several headers (RFC 8288, 3)."""
        result = self.results[name]
        kind = result.media_type if isinstance(result, Literal | Stored) else links.JSON
        return f'<{self.shown.url(name)}>; rel="item"; type="{kind}"; title="{name}"'

    def _multipart(self, by_reference: set[str]) -> Response:
        """multipart/related (RFC 2387), a part for each result; it begins with its boundary."""
        boundary = secrets.token_hex(16)
        parts = [self._part(name, result, reference=name in by_reference) for name, result in self.results.items()]
        first = parts[0][0].get("Content-Type", links.JSON)
        kind = f'{MULTIPART}; type="{media.essence(first)}"; boundary="{boundary}"'
        return StreamingResponse(_stream(parts, boundary), media_type=kind)

    def _part(self, name: str, result: Result, *, reference: bool) -> tuple[dict[str, str], bytes | Path]:
        if reference:
            return {"Content-ID": name, "Content-Location": self.shown.url(name)}, b""
        if isinstance(result, Literal) and isinstance(result.value, str):
            return {"Content-Type": _with_charset(result.media_type), "Content-ID": name}, result.value.encode()
        if isinstance(result, Stored) and not result.is_directory:
            return {"Content-Type": result.media_type, "Content-ID": name}, self.shown.path(result)
        value = result.value if isinstance(result, Literal) else self.shown.member(name, result, None)
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return {"Content-Type": links.JSON, "Content-ID": name}, content


def one(shown: Shown, result: Result, accept: str | None) -> Response:
    """One result, or an item of one, at its own address."""
    if isinstance(result, Literal):
        return _literal(result, accept)
    if isinstance(result, Stored):
        return file(shown.path(result), result.basename, result.media_type)
    return JSONResponse(shown.member("", result, None))


def file(path: Path, name: str, media_type: str) -> Response:
    """A file with length, ranges and ETag."""
    return FileResponse(path, media_type=media_type, filename=name, content_disposition_type="attachment")


def _literal(result: Literal, accept: str | None) -> Response:
    """A string as text, or as JSON where that is liked better; anything else as JSON."""
    if not isinstance(result.value, str) or negotiate.choose(accept, [result.media_type, links.JSON]) == links.JSON:
        return JSONResponse(result.value)
    return Response(result.value.encode(), media_type=_with_charset(result.media_type))


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") and ";" not in media_type else media_type


async def _stream(parts: list[tuple[dict[str, str], bytes | Path]], boundary: str) -> AsyncIterator[bytes]:
    for headers, content in parts:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        yield f"--{boundary}\r\n{lines}\r\n".encode()
        if isinstance(content, bytes):
            yield content
        else:
            async with await anyio.open_file(content, "rb") as opened:
                while chunk := await opened.read(_CHUNK_BYTES):
                    yield chunk
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()
