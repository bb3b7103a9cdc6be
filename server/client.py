"""A server as the client commands see it, and the way in which they fail."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import httpx

#: Exit codes.
DONE, FAILED, BAD_USE, UNREACHABLE = 0, 1, 2, 3

TIMEOUT_SECONDS = 60.0
#: A server that is being stopped ends its streams.
AGAIN_SECONDS = 1.0

ENDED = ("successful", "failed", "dismissed")


class CommandError(Exception):
    """Ends the command with a message and an exit code."""

    def __init__(self, message: str, code: int, problem: dict[str, Any] | None = None, before: str = "") -> None:
        super().__init__(message)
        self.code = code
        #: The problem document that it is about.
        self.problem = problem or {}
        #: Lines that are said before the message.
        self.before = before


class _Bearer(httpx.Auth):
    """A token for one server: answers name URLs of others, which must not get it."""

    def __init__(self, server: httpx.URL, token: str | None) -> None:
        self._origin = _origin(server)
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token and _origin(request.url) == self._origin:
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


class Client:
    """A server, and how its answers are shown."""

    def __init__(self, url: str, token: str | None, *, as_json: bool) -> None:
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, headers={"Accept": "application/json"})
        self._http.auth = _Bearer(self._http.base_url, token)
        self._as_json = as_json

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self._http.request(method, path, **options)
        if answer.is_error:
            raise _refused(answer, BAD_USE)
        return answer

    def events(self, path: str) -> Iterator[tuple[str, str]]:
        """(event, data) of a log, until its job has ended, whatever number of streams that takes."""
        last, ended = "", False
        while not ended:
            for event, data, place in self._stream(path, last):
                last = place
                ended = ended or (event == "status" and json.loads(data)["status"] in ENDED)
                yield event, data
            if not ended:
                time.sleep(AGAIN_SECONDS)

    def _stream(self, path: str, last: str) -> Iterator[tuple[str, str, str]]:
        """(event, data, id) of one stream, after the event with the last id."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
        with self._http.stream("GET", path, headers=headers) as answer:
            if answer.is_error:
                answer.read()
                raise _refused(answer, BAD_USE)
            fields: dict[str, str] = {}
            # Not httpx's lines: a line of a log may hold what Unicode takes for a line's end.
            for line in _lines(answer.iter_bytes()):
                if not line and fields:
                    yield fields.get("event", "message"), fields.get("data", ""), fields.get("id", last)
                    fields = {}
                name, colon, value = line.partition(": ")
                if colon:
                    fields[name] = value

    def chunks(self, url: str) -> Iterator[bytes]:
        """The bytes of a file, as they come."""
        with self._http.stream("GET", url, headers={"Accept": "*/*"}) as answer:
            if answer.is_error:
                answer.read()
                raise _refused(answer, FAILED)
            yield from answer.iter_bytes()

    def download(self, url: str, path: Path) -> None:
        with path.open("wb") as file:
            for chunk in self.chunks(url):
                file.write(chunk)

    def show(self, value: Any, lines: Callable[[], Iterator[str]]) -> None:
        if self._as_json:
            print(json.dumps(value, indent=2, ensure_ascii=False))
        else:
            for line in lines():
                print(line)


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    left = b""
    for chunk in chunks:
        *whole, left = (left + chunk).split(b"\n")
        yield from (line.decode() for line in whole)


def _refused(answer: httpx.Response, code: int) -> CommandError:
    try:
        problem = answer.json()
        lines = [f"{problem['title']}: {problem.get('detail', '')}"]
        lines += [f"  {each['pointer']}: {each['detail']}" for each in problem.get("errors", [])]
        lines += [f"  | {line}" for line in problem.get("log", [])]
        return CommandError("\n".join(lines), code, problem)
    except (ValueError, KeyError, TypeError):
        return CommandError(f"{answer.request.url} answered {answer.status_code}", code)
