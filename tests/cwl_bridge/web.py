"""Web servers on the loopback that do what a test has them do."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: What answers one path: all that is said on the connection is its business.
Page = Callable[["Asked"], None]


class Asked(http.server.BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    pages: dict[str, Page]
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.close_connection = True
        self.asked.append((self.path, self.headers.get("Range", "")))
        self.pages.get(self.path, status(404))(self)

    def answer(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients leave when they have seen enough."""


@contextmanager
def serving(pages: dict[str, Page]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Its URL, and path and Range of all that was asked for; pages may be added meanwhile."""
    asked: list[tuple[str, str]] = []
    handler = type("Pages", (Asked,), {"pages": pages, "asked": asked})
    with _Server(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}", asked
        finally:
            httpd.shutdown()
            thread.join()


def body(content: bytes | str, media_type: str = "application/octet-stream") -> Page:
    found = content.encode() if isinstance(content, str) else content
    return lambda asked: asked.answer(200, found, content_type=media_type)


def page(html: str) -> Page:
    return body(html, "text/html")


def data(value: Any) -> Page:
    return body(json.dumps(value), "application/json")


def status(code: int) -> Page:
    return lambda asked: asked.answer(code, b"no")


def redirect(target: str) -> Page:
    return lambda asked: asked.answer(302, b"", location=target)


def broken(content: bytes, breaks: list[int], etags: list[str], *, ranges: bool = True) -> Page:
    """Says where it begins, and breaks off: the first time at the first of `breaks`, later whole."""

    def answer(asked: Asked) -> None:
        until = breaks.pop(0) if breaks else len(content)
        etag = etags.pop(0) if len(etags) > 1 else etags[0]
        begin = 0
        headers = {"etag": etag} if etag else {}
        wanted = asked.headers.get("Range", "")
        if ranges and wanted and asked.headers.get("If-Range") == etag:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            headers["content_range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        left = str(len(content) - begin)
        asked.answer(206 if "content_range" in headers else 200, content[begin:until], content_length=left, **headers)

    return answer
