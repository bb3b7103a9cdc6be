"""HTTP/1.1 as uvicorn speaks it with httptools, and what that parser lets through: answered 400, as a problem."""

from __future__ import annotations

import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server import problems

#: Of a request's target and headers together.
MAX_HEAD = 64 * 1024

_NOT_HTTP = "This is no HTTP request."


class Protocol(HttpToolsProtocol):
    """RFC 9112: a request of version 1.1 has one Host (3.2); no other major version is answered (2.3)."""

    _head_bytes: int | None = None
    _refusal = _NOT_HTTP

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes is not None:
            # The parser collects a header that does not end.
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD and not self.transport.is_closing():
                self._refusal = _too_long()
                self.send_400_response(_NOT_HTTP)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        self._check()
        super().on_headers_complete()

    def _check(self) -> None:
        """What it raises, the parser takes for what it can't read itself."""
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if version not in ("1.0", "1.1"):
            self._refusal = f"HTTP/{version} is not spoken here, HTTP/1.1 is."
        elif hosts > 1 or (hosts == 0 and version == "1.1"):
            self._refusal = f"A request has one Host header, not {hosts}."
        elif len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD:
            self._refusal = _too_long()
        else:
            return
        raise ValueError(self._refusal)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words are of no use to a client
        cycle: Any = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            # In the midst of an answer there is no place for another one.
            self.transport.close()
            return
        body = json.dumps(problems.document("", "bad-request", self._refusal)).encode()
        head = [STATUS_LINE[400], b"content-type: ", problems.PROBLEM.encode(), b"\r\n"]
        head += [b"content-length: ", str(len(body)).encode(), b"\r\nconnection: close\r\n\r\n"]
        self.transport.write(b"".join([*head, body]))
        self.transport.close()


def _too_long() -> str:
    return f"The target and headers of a request have at most {MAX_HEAD} bytes together."
