"""HTTP/1.1 on a connection: uvicorn's, but what is no request is answered with a problem, and nobody waits for ever.

Beyond what the parser (llhttp) refuses by itself: no Host or a bad one, other versions, heads that have no end, clients
that are silent or too slow in the middle of a request, or take nothing of an answer. Who has sent all and closes that
side is answered all the same.
"""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import json
import re
import socket
import struct
import termios
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server import problems
from server.parser import Parser
from server.settings import Settings

#: Bytes of the request line and the headers; of what is between two pieces of a body.
MAX_HEAD = 64 << 10
#: Bytes in a second, on the average, that a client has to send once its time is over.
LEAST_RATE = 1024
#: Seconds that a client is given to read why it was refused, while what it still sends is thrown away.
LINGER = 2.0

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?")
_VERSIONS = ("1.1", "1.0")


class _Endless(int):
    """What is left of an answer whose length nobody has said: more than any part of it, and nothing at its end."""

    def __lt__(self, other: object) -> bool:
        return False

    def __sub__(self, other: object) -> _Endless:
        return self

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


def of(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol of one server."""

    class Configured(Protocol):
        base = settings.public_url.rstrip("/")
        seconds = settings.client_timeout

    return Configured


class _Outlet(asyncio.Transport):
    """What one answer is written to; when it is closed, its connection ends as soon as that takes nothing back."""

    def __init__(
        self,
        transport: asyncio.Transport,
        write: Callable[[bytes | bytearray | memoryview], None],
        end: Callable[[], None],
    ) -> None:
        super().__init__()
        self._transport = transport
        self._write = write
        self._end = end

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._end()


class Protocol(HttpToolsProtocol):
    """One connection. What it refuses it closes."""

    base: str
    seconds: int

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.parser = Parser(self)
        # What follows the last request of a connection is no reason not to answer it.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._in_message = self._in_head = False
        #: Bytes since the last part of a message that came to an end.
        self._open = 0
        #: When the message began, and bytes of it since.
        self._begun, self._received, self._size = 0.0, 0, 0
        self._problem: tuple[str, str] | None = None
        self._refused = self._half_closed = False
        self._refuse_later: tuple[str, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        #: While something waits to be sent. Bytes that were written, and of them those taken at the last look.
        self._taking: asyncio.TimerHandle | None = None
        self._written = self._taken = 0

    # What comes.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._size = len(data)
        self._open += self._size
        self._received += self._size
        super().data_received(data)
        if self._refused or self.transport.is_closing():
            return
        if self._open > MAX_HEAD:
            self._refuse("header-too-large", f"The headers have at most {MAX_HEAD} bytes.")
        elif self._in_message and self._too_slow():
            self._refuse("request-timeout", f"A request that takes longer has at least {LEAST_RATE} bytes a second.")
        else:
            self._watch()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether the other direction stays open."""
        if self._refused:
            return False
        if self._in_message:
            self._half_closed = True
            self._refuse("bad-request", "The request was cut short.")
            return True
        self._half_closed = not self._idle
        return self._half_closed

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch(over=True)
        if self._taking is not None:
            self._taking.cancel()
        super().connection_lost(exc)

    # What the parser says.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_message = self._in_head = True
        self._begun, self._received = self.loop.time(), self._size

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows a body in chunks is no header of the request: it may say what nobody has looked at.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._open = 0
        self._check()
        if self.parser.should_upgrade():
            return
        super().on_headers_complete()
        self._in_head = False
        self.cycle.transport = _Outlet(self.transport, self._write, self._end)
        if self.parser.get_http_version() == "1.0":
            # Version 1.0 has no chunks: an answer of unknown length ends where the connection does.
            self.cycle.chunked_encoding = False
            self.cycle.expected_content_length = _Endless()

    def on_body(self, body: bytes) -> None:
        self._open = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._open = 0
        if not self.parser.should_upgrade():
            self._in_message = False
            super().on_message_complete()

    def head_without_offer(self) -> bytes:
        """See Parser."""
        target = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        headers = [b"%s: %s" % each for each in self.headers if each[0] != b"upgrade"]
        return b"\r\n".join([target, *headers, b"", b""])

    def _check(self) -> None:
        """Raises where the head can't be meant; makes its target a path, and its Accept headers one."""
        version = self.parser.get_http_version()
        if version not in _VERSIONS:
            self._invalid("bad-request", f"HTTP/{version} is not spoken here; HTTP/1.1 is.")
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD:
            self._invalid("header-too-large", f"The headers have at most {MAX_HEAD} bytes.")
        if self.parser.get_method() == b"CONNECT":
            self._invalid("bad-request", "This server is no proxy: it has no CONNECT.")
        if self.url == b"*" and self.parser.get_method() == b"OPTIONS":
            # The server as a whole is what its landing page is.
            self.url = b"/"
        if not self.url.startswith(b"/"):
            self._take_absolute_form()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and (hosts or version == "1.1"):
            self._invalid("bad-request", f"A request has one Host header, not {len(hosts)}.")
        for each in hosts:
            found = _HOST.fullmatch(each)
            if found is None or int(found[2] or 0) > 65535 or not _is_address(found[1]):
                self._invalid("bad-request", f"Host: a name or address, with or without a port, not {each[:80]!r}.")
        accepted = [value for name, value in self.headers if name == b"accept"]
        if len(accepted) > 1:
            self.headers[:] = [each for each in self.headers if each[0] != b"accept"]
            self.headers.append((b"accept", b", ".join(accepted)))

    def _take_absolute_form(self) -> None:
        """`GET http://host/path`: the target says the host, whatever the header does (RFC 9112, 3.2.2)."""
        try:
            parsed = httptools.parse_url(self.url)
        except httptools.HttpParserInvalidURLError:
            parsed = None
        if parsed is None or not parsed.host or parsed.schema.lower() not in (b"http", b"https"):
            self._invalid("bad-request", f"The target of a request is a path, not {self.url[:80]!r}.")
        host = b"[" + parsed.host + b"]" if b":" in parsed.host else parsed.host
        port = b":%d" % parsed.port if parsed.port else b""
        self.headers[:] = [(b"host", host + port), *(each for each in self.headers if each[0] != b"host")]
        self.url = (parsed.path or b"/") + (b"?" + parsed.query if parsed.query else b"")

    def _invalid(self, name: str, detail: str) -> NoReturn:
        self._problem = name, detail
        raise ValueError(detail)

    # What goes.

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """The parser has stopped: by itself, or since `_check` raised."""
        self._refuse(*(self._problem or ("bad-request", "This is no HTTP request; the server speaks HTTP/1.1.")))

    def _end(self) -> None:
        """After an answer that is the last one."""
        if self._in_message:
            self._refused = True
            self._linger()
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() or not self._idle:
            return
        if self._refuse_later:
            self._answer(*self._refuse_later)
        elif self._half_closed:
            self.transport.close()

    @property
    def _idle(self) -> bool:
        """Nobody waits for an answer."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _refuse(self, name: str, detail: str) -> None:
        self._refused = True
        self._watch(over=True)
        self._unset_keepalive_if_required()
        if self._idle:
            if self._in_message and not self._in_head:
                # Answered before it was whole.
                self.transport.close()
            else:
                self._answer(name, detail)
        elif not self.cycle.more_body:
            # An earlier request is whole: its answer comes first.
            self._refuse_later = name, detail
        else:
            # Its handler waits for the rest of the body.
            begun = self.cycle.response_started or self.pipeline
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if begun:
                self.transport.close()
            else:
                self._answer(name, detail)

    def _answer(self, name: str, detail: str) -> None:
        host, port = self.server or ("localhost", None)
        base = self.base or f"http://{host}:{port}"
        problem = problems.document(base, name, detail)
        content = json.dumps(problem, separators=(",", ":")).encode()
        head = [
            f"HTTP/1.1 {problem['status']} {HTTPStatus(problem['status']).phrase}",
            f"Content-Type: {problems.PROBLEM}",
            f"Content-Length: {len(content)}",
            "X-Content-Type-Options: nosniff",
            "Access-Control-Allow-Origin: *",
            "Connection: close",
        ]
        self._write("\r\n".join([*head, "", ""]).encode() + content)
        self._linger()

    def _linger(self) -> None:
        """To close at once would take the answer back, where the client is still sending."""
        self._watch(over=True)
        if self._half_closed or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._timer = self.loop.call_later(LINGER, self.transport.close)

    # Time.

    def _watch(self, *, over: bool = False) -> None:
        """The client has its time again; `over`: no time is of interest any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if over:
            return
        if self._in_message:
            self._timer = self.loop.call_later(self.seconds, self._silent)
        elif self._idle and self.timeout_keep_alive_task is None:
            # Nothing has come yet that a request could begin with.
            self._timer = self.loop.call_later(self.seconds, self.transport.close)

    def _silent(self) -> None:
        if self.flow.read_paused:
            # It is the server that does not listen.
            self._watch()
        elif not self.transport.is_closing():
            what = "rest of the headers" if self._in_head else "rest of the body"
            self._refuse("request-timeout", f"The {what} did not come within {self.seconds} seconds.")

    def _write(self, data: bytes | bytearray | memoryview) -> None:
        self._written += len(data)
        self.transport.write(data)
        if self._taking is None and self.transport.get_write_buffer_size():
            self._taken = self._arrived()
            self._taking = self.loop.call_later(self.seconds, self._look_taken)

    def _look_taken(self) -> None:
        """Who takes a little goes on, also after the last of an answer; who takes nothing has had its time."""
        self._taking = None
        if not self.transport.get_write_buffer_size():
            return
        arrived = self._arrived()
        if arrived == self._taken:
            # To close would wait for the client: here, and then the system would, with what it has to send still.
            channel = self.transport.get_extra_info("socket")
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
            return
        self._taken = arrived
        self._taking = self.loop.call_later(self.seconds, self._look_taken)

    def _arrived(self) -> int:
        """Bytes that the client's system has taken; this one asks for more only when much of what it has is gone."""
        channel = self.transport.get_extra_info("socket")
        (queued,) = struct.unpack("i", fcntl.ioctl(channel.fileno(), termios.TIOCOUTQ, bytes(4)))
        return self._written - self.transport.get_write_buffer_size() - int(queued)

    def _too_slow(self) -> bool:
        late = self.loop.time() - self._begun - self.seconds
        return late > 0 and self._received < late * LEAST_RATE


def _is_address(host: bytes | None) -> bool:
    """Whether what stands in brackets is an address of IPv6; what is no such host is none of this."""
    try:
        return host is None or bool(ipaddress.IPv6Address(host.decode()))
    except ValueError:
        return False
