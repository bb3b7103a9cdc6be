"""The results of a successful job → one HTTP answer, in the style of its request.

A request with `response` or a `transmissionMode` is answered by the rules of version 1.0 (18-062r2, table 11), any
other by those of version 2.0.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from cwl_bridge import media, outputs
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.outputs import Literal, Members, Result, Several, Stored
from registry.models import Job
from server import links, negotiate
from server.links import Links, link
from server.problems import ProblemError

MULTIPART = "multipart/related"
RESULTS_PROFILE = "https://www.opengis.net/def/profile/OGC/0/ogc-results"

#: A file above this stays a link, whatever is asked for: it would be read into memory.
MAX_INLINE_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One successful job, and what its client accepts."""

    to: Links
    job: Job
    folder: JobFolder
    results: dict[str, Result]
    #: How many outputs were asked for, given or not.
    asked: int
    accept: str | None

    def execution(self) -> Response:
        """The answer of a synchronous execution."""
        if self.asked == 0:
            return Response(status_code=204)
        if self.job.request.response is not None:
            return self._by_version_1()
        return self._by_version_2(bare_if_one=True)

    def stored(self) -> Response:
        """The answer of /jobs/{id}/results."""
        if self.asked == 0:
            raise ProblemError("result-not-available", "The execution asked for no outputs.")
        if self.job.request.response is not None:
            return self._by_version_1()
        return self._by_version_2(bare_if_one=False)

    def _by_version_1(self) -> Response:
        if self.job.request.response == "document":
            return self._document()
        by_reference = {name for name in self.results if self._transmission(name) == "reference"}
        if by_reference and by_reference == set(self.results):
            return Response(status_code=204, headers=_link_headers(self.to, self.job, self.results))
        if self.asked == 1:
            return self._one(bare=True)
        return self._multipart(by_reference)

    def _by_version_2(self, *, bare_if_one: bool) -> Response:
        if self.asked == 1:
            bare = bare_if_one or negotiate.choose(self.accept, [links.JSON]) is None
            return self._one(bare=bare)
        offered = [links.JSON, MULTIPART]
        chosen = negotiate.choose(self.accept, offered)
        if chosen is None:
            raise ProblemError("not-acceptable", f"Several results are available as {' or '.join(offered)}.")
        if chosen == MULTIPART:
            return self._multipart(set())
        return self._document(Link=f'<{RESULTS_PROFILE}>; rel="profile"')

    def _one(self, *, bare: bool) -> Response:
        if not bare:
            return self._document()
        if not self.results:
            return Response(status_code=204)
        result = next(iter(self.results.values()))
        if isinstance(result, Several | Members):
            return self._document()
        if isinstance(result, Stored):
            offered = [result.media_type, links.JSON]
            if self.job.request.response is None and negotiate.choose(self.accept, offered) == links.JSON:
                return self._document()
            return one(self.to, self.job, self.folder, result, self.accept)
        if self.job.request.response is not None:
            return _literal(result)
        return _negotiated(result, self.accept)

    def _transmission(self, name: str) -> str | None:
        return self.job.request.choice(name).transmission

    def _document(self, **headers: str) -> Response:
        """results.yaml: literals by value, files by reference where nothing else is asked for."""
        found = {}
        for name, result in self.results.items():
            asked = self._transmission(name)
            if asked is None and self.job.request.returns == "representation":
                asked = "value"
            found[name] = self._member(name, result, asked)
        return JSONResponse(found, headers=headers)

    def _member(self, name: str, result: Result, asked: str | None) -> Any:
        if isinstance(result, Literal):
            if asked == "reference":
                return link(self.to.url("result", job_id=self.job.id, path=name), "item", name, result.media_type)
            return _wrapped(result.value)
        if isinstance(result, Several):
            return [self._member(name, each, asked) for each in result.items]
        if isinstance(result, Members):
            return {"value": {key: self._cwl(each) for key, each in result.fields.items()}}
        inline = asked == "value" and (result.is_directory or (result.size or 0) <= MAX_INLINE_BYTES)
        if inline and not result.is_directory:
            return _inline(self.folder.path / result.location, result.media_type)
        if result.beside or inline:
            return {"value": self._cwl(result)}
        return file_link(self.to, self.job, result)

    def _cwl(self, result: Result) -> Any:
        """Files as CWL writes them, with URLs: a link alone would lose their secondary files."""
        if isinstance(result, Several):
            return [self._cwl(each) for each in result.items]
        if isinstance(result, Members):
            return {key: self._cwl(each) for key, each in result.fields.items()}
        if isinstance(result, Literal):
            return result.value
        found: dict[str, Any] = {
            "class": "Directory" if result.is_directory else "File",
            "location": self.to.url("result", job_id=self.job.id, path="/".join(result.segments)),
            "basename": result.basename,
        }
        optional = {"size": result.size, "format": result.format}
        found |= {key: each for key, each in optional.items() if each is not None}
        if result.beside:
            found["secondaryFiles"] = [self._cwl(each) for each in result.beside]
        if result.is_directory:
            found["listing"] = _listing(self.folder.path / result.location, found["location"])
        return found

    def _multipart(self, by_reference: set[str]) -> Response:
        """multipart/related (RFC 2387), a part for each result; it begins with its boundary."""
        boundary = secrets.token_hex(16)
        parts: list[tuple[dict[str, str], bytes | Path]] = []
        for name, result in self.results.items():
            parts.append(self._part(name, result, reference=name in by_reference))
        return StreamingResponse(_stream(parts, boundary), media_type=f'{MULTIPART}; boundary="{boundary}"')

    def _part(self, name: str, result: Result, *, reference: bool) -> tuple[dict[str, str], bytes | Path]:
        if reference:
            return {
                "Content-ID": name,
                "Content-Location": self.to.url("result", job_id=self.job.id, path=name),
            }, b""
        if isinstance(result, Literal):
            text = result.value if isinstance(result.value, str) else _json(result.value)
            return {"Content-Type": _charset(result.media_type), "Content-ID": name}, text.encode()
        if isinstance(result, Stored) and not result.is_directory:
            headers = {"Content-Type": result.media_type, "Content-ID": name}
            return headers, self.folder.path / result.location
        return {"Content-Type": links.JSON, "Content-ID": name}, _json(self._member(name, result, None)).encode()


def one(to: Links, job: Job, folder: JobFolder, result: Result, accept: str | None) -> Response:
    """One result, or an item of one, by itself."""
    if isinstance(result, Literal):
        return _negotiated(result, accept)
    if isinstance(result, Stored) and not result.is_directory:
        return file(folder.path / result.location, result.basename, result.media_type)
    if isinstance(result, Stored):
        return JSONResponse(index(to, job, result, folder.path / result.location, ()))
    answer = Answer(to=to, job=job, folder=folder, results={}, asked=0, accept=accept)
    return JSONResponse(answer._member("", result, None))


def file(path: Path, name: str, media_type: str) -> Response:
    """A file with length, ranges and ETag."""
    return FileResponse(path, media_type=media_type, filename=name, content_disposition_type="attachment")


def file_link(to: Links, job: Job, result: Stored) -> dict[str, Any]:
    url = to.url("result", job_id=job.id, path="/".join(result.segments))
    found: dict[str, Any] = {**link(url, "item", result.basename, result.media_type)}
    return found if result.size is None else {**found, "length": result.size}


def index(to: Links, job: Job, result: Stored, folder: Path, inside: tuple[str, ...]) -> dict[str, Any]:
    """A directory as a page of links."""
    here = (*result.segments, *inside)
    found: list[dict[str, Any]] = [
        {**link(to.url("result", job_id=job.id, path="/".join(here)), "self", "This directory")}
    ]
    for each in sorted(folder.iterdir()):
        url = to.url("result", job_id=job.id, path="/".join((*here, each.name)))
        kind = links.JSON if each.is_dir() else outputs.file_type(each.name, [])
        size = {} if each.is_dir() else {"length": each.stat().st_size}
        found.append({**link(url, "item", each.name, kind), **size})
    return {"title": inside[-1] if inside else result.basename, "links": found}


def _listing(folder: Path, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in sorted(folder.iterdir()):
        here = f"{url}/{links.quoted(each.name)}"
        if each.is_dir():
            found.append(
                {
                    "class": "Directory",
                    "location": here,
                    "basename": each.name,
                    "listing": _listing(each, here),
                }
            )
        else:
            found.append({"class": "File", "location": here, "basename": each.name, "size": each.stat().st_size})
    return found


def _link_headers(to: Links, job: Job, results: dict[str, Result]) -> dict[str, str]:
    """One link for each result; several in one header are the same as several headers (RFC 8288, 3)."""
    found = []
    for name, result in results.items():
        kind = result.media_type if isinstance(result, Literal | Stored) else links.JSON
        url = to.url("result", job_id=job.id, path=name)
        found.append(f'<{url}>; rel="item"; type="{kind}"; title="{name}"')
    return {"Link": ", ".join(found)}


def _wrapped(value: Any) -> Any:
    """Objects stand under `value`; a bounding box may stand by itself (results.yaml)."""
    if isinstance(value, dict) and "bbox" not in value:
        return {"value": value}
    return value


def _inline(path: Path, media_type: str) -> dict[str, Any]:
    """qualifiedInputValue: text as text, JSON as JSON, anything else as base64."""
    content = path.read_bytes()
    if media.is_text(media_type):
        try:
            text = content.decode()
        except UnicodeDecodeError:
            pass
        else:
            kind = media.essence(media_type)
            value = _parsed(text) if kind == links.JSON or kind.endswith("+json") else text
            return {"value": value, "mediaType": media_type}
    return {"value": base64.b64encode(content).decode(), "encoding": "base64", "mediaType": media_type}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _negotiated(result: Literal, accept: str | None) -> Response:
    """A string as text, or as JSON where only that is liked."""
    if isinstance(result.value, str) and negotiate.choose(accept, [result.media_type, links.JSON]) == links.JSON:
        return JSONResponse(result.value)
    return _literal(result)


def _literal(result: Literal) -> Response:
    if isinstance(result.value, str):
        return Response(result.value.encode(), media_type=_charset(result.media_type))
    return JSONResponse(result.value)


def _charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") and ";" not in media_type else media_type


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


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
