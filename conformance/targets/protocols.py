"""Bytes on sockets: of clients that speak HTTP, and of the child that evaluates JavaScript."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import cache
from typing import Any

import uvicorn
from cwl_utils.errors import JavascriptException
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from conformance.targets.target import Target
from cwl_bridge import expressions
from server import protocol
from server.settings import load

_STATUSES = (b"200", b"100", b"400", b"408", b"431")


class _Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 80)}.get(name, default)


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers when it has read all, with what it has understood of it."""
    names = [name for name, _ in scope["headers"]]
    assert names.count(b"host") <= 1
    assert names.count(b"accept") <= 1
    assert scope["path"].startswith("/")
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@cache
def _config() -> uvicorn.Config:
    kind = protocol.of(load({}, {}, None))
    config = uvicorn.Config(_app, log_config=None, access_log=False, http=kind, ws="none", lifespan="off")
    config.load()
    logging.getLogger("uvicorn.error").disabled = True
    return config


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _wire(data: bytes) -> None:
    """The first byte says where what comes is cut in two. Nothing is answered but what is HTTP, and no 500."""
    cut, data = (data[0], data[1:]) if data else (0, b"")

    async def connect() -> list[bytes]:
        transport = _Transport()
        kind: Any = _config().http
        connection = kind(_config(), ServerState(), {}, _loop())
        connection.connection_made(transport)
        for piece in (data[:cut], data[cut:]):
            if piece and not transport.closed:
                connection.data_received(piece)
            for _ in range(6):
                await asyncio.sleep(0)
        if not transport.closed:
            connection.eof_received()
        for _ in range(6):
            await asyncio.sleep(0)
        connection.connection_lost(None)
        for _ in range(6):
            await asyncio.sleep(0)
        connection._watch(over=True)
        return transport.written

    written = _loop().run_until_complete(connect())
    assert not asyncio.all_tasks(_loop())
    assert not written or written[0].startswith(b"HTTP/1.1 "), written
    for each in written:
        assert not each.startswith(b"HTTP/1.1 ") or each[9:12] in _STATUSES, each


class _Answered(expressions.Engine):
    """Asks nobody."""

    def __init__(self, answer: dict[str, str]) -> None:
        super().__init__()
        self._answer = answer

    def _ask(self, question: dict[str, Any]) -> dict[str, str]:  # noqa: ARG002
        return self._answer


def _answers(data: bytes) -> None:
    """What a child says that has become somebody else's: a value or an error, and no other."""
    engine = _Answered(expressions.answer_of(data) or {"error": "it has died"})
    try:
        json.dumps(engine.eval("(1)"), allow_nan=False)
    except JavascriptException as error:
        assert len(str(error)) < 2000


_GET = b"GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"
_POST = b"POST / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
_OFFER = b"GET http://h/ HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx"

TARGETS = (
    Target(
        name="wire",
        check=_wire,
        seeds=lambda: (b"\x00" + _GET, b"\x10" + _POST + _GET, b"\x20" + _OFFER, b"\x05OPTIONS * HTTP/1.0\r\n\r\n"),
        words=(
            b"\r\n",
            b"HTTP/1.1",
            b"Expect: 100-continue",
            b"Content-Length: ",
            b"Host: ",
            b"Connection: close",
            _GET,
        ),
        slow=True,
    ),
    Target(
        name="answers",
        check=_answers,
        seeds=lambda: (
            b'{"result": "[1, {\\"a\\": null}]", "said": "x\\ny"}\n',
            b'{"error": "TypeError: a\\n    at <eval> (<input>:3)", "said": ""}\n',
        ),
        words=(b'"result"', b'"error"', b'"said"', b"NaN", b"Infinity", b"\\ud800", b"[[[[[[[[", b"<input>:"),
    ),
)
