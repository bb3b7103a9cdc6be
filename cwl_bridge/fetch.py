"""Every outgoing request, of runners and of the server: http and https to public addresses, and to private ones that
are allowed.

The address is checked at the moment of connecting, so neither a redirect nor a second answer of the name server
leads to a place that was not checked.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import quote, urlunsplit

from cwl_bridge import media, places
from cwl_bridge.addresses import Allowed

TIMEOUT_SECONDS = 30.0
CHUNK_BYTES = 1 << 20
LEAST_BYTES_PER_SECOND = 1024
#: Of a problem document, and of what of it is passed on.
_PROBLEM_BYTES, _DETAIL_LENGTH = 65_536, 500


#: Answers that say that there is nothing; stores say 403 to whom they don't list what they have.
_ABSENT = frozenset({403, 404, 410})
#: The phrase of the answer itself may be anything.
_PHRASES = {each.value: f" {each.phrase}" for each in http.HTTPStatus}
#: Answers after which another attempt may go better.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})


class Said(NamedTuple):
    """Of a problem document (RFC 9457)."""

    #: Where the answer came from, after redirects.
    url: str
    detail: str


class FetchError(Exception):
    """An href could not be read; the message says why, and which."""

    reason = "fetch-failed"

    def __init__(self, message: str, *, passing: bool = False, absent: bool = False, said: Said | None = None) -> None:
        super().__init__(places.shown(message))
        #: What the server at the end says of it. It is shown only where the operator knows that server: of any other it
        #: may be what only this server can see.
        self.said = said
        #: Whether there is nothing, rather than something that can't be had.
        self.absent = absent
        #: Whether another attempt may go better.
        self.passing = passing


class UnreachableError(Exception):
    """Nothing that speaks HTTP answers where it may be asked; the message says why, and names no URL."""

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        #: Whether another attempt may go better.
        self.passing = passing


class Deadline:
    """When what is sent has to be answered; whoever drips bytes is cut off like who says nothing."""

    def __init__(self, seconds: float) -> None:
        self._guarded: list[socket.socket] = []
        self._changing = threading.Lock()
        self.is_over = False
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.daemon = True
        self._timer.start()

    def guard(self, connection: socket.socket) -> None:
        """From now on; raises TimeoutError where it is over already."""
        with self._changing:
            if self.is_over:
                raise TimeoutError("it takes too long")
            # Of its own: another layer may take the connection over.
            self._guarded.append(connection.dup())

    def cut(self) -> None:
        """Now."""
        self._end(shut=True)

    def lift(self) -> None:
        """What came in time may go on."""
        self._end(shut=False)

    def _end(self, *, shut: bool) -> None:
        self._timer.cancel()
        with self._changing:
            self.is_over = self.is_over or shut
            while self._guarded:
                with self._guarded.pop() as each, suppress(OSError):
                    if shut:
                        each.shutdown(socket.SHUT_RDWR)


def to_bytes(href: str, allowed: Allowed, max_bytes: int) -> bytes:
    """What the href gives, asked for once. Raises FetchError."""
    with answer(href, allowed) as found:
        return b"".join(chunks(found, href, max_bytes))


@contextmanager
def answer(url: str, allowed: Allowed, named: str = "", **headers: str) -> Iterator[Any]:
    """An http.client.HTTPResponse, not yet read. `named`: what messages call the URL. Raises FetchError."""
    with _sent(urllib.request.Request(escaped(url), headers=headers), allowed, named or url) as found:  # noqa: S310
        yield found


@contextmanager
def sent(method: str, url: str, allowed: Allowed, body: bytes | None = None, **headers: str) -> Iterator[Any]:
    """The answer to a request that changes something. Raises FetchError."""
    request = urllib.request.Request(escaped(url), data=body, headers=headers, method=method)  # noqa: S310
    with _sent(request, allowed, url) as found:
        yield found


def posted(url: str, content: bytes, headers: dict[str, str], allowed: Allowed, deadline: Deadline) -> tuple[int, str]:
    """The status of the answer, and its `Retry-After`. No redirect is followed, nothing else is read.

    Raises UnreachableError.
    """
    request = urllib.request.Request(url, data=content, headers=headers, method="POST")  # noqa: S310
    try:
        with _opened(request, allowed, deadline) as found:
            return int(found.status), found.headers.get("Retry-After", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Retry-After", "")


@contextmanager
def _sent(request: urllib.request.Request, allowed: Allowed, named: str) -> Iterator[Any]:
    deadline = Deadline(TIMEOUT_SECONDS)
    try:
        found = _opened(request, allowed, deadline, urllib.request.HTTPRedirectHandler())
    except urllib.error.HTTPError as error:
        said = _said(error)
        passing, absent = error.code in _PASSING, error.code in _ABSENT
        words = f"answered {error.code}{_PHRASES.get(error.code, '')}"
        if 300 <= error.code < 400:
            # One that could be followed was.
            words = "redirects in an infinite loop, or to where it is not allowed to"
        raise FetchError(f"{named} {words}.", passing=passing, absent=absent, said=said) from error
    except UnreachableError as error:
        raise FetchError(f"{named} can't be fetched: {error}.", passing=error.passing) from error
    finally:
        # The body has limits of its own.
        deadline.lift()
    with found:
        yield found


def _opened(
    request: urllib.request.Request, allowed: Allowed, deadline: Deadline, *more: urllib.request.BaseHandler
) -> Any:
    """The answer, up to its body. Raises HTTPError where it is no success, UnreachableError."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Handler(allowed, deadline),
        _SecureHandler(allowed, deadline),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
        *more,
    ):
        opener.add_handler(handler)
    request.add_header("User-Agent", "cwl-processes")
    request.add_header("Accept-Encoding", "identity")
    try:
        found = opener.open(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        found = error
    except urllib.error.URLError as error:
        raise _unreachable(error.reason, deadline) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreachable(error, deadline) from error
    if deadline.is_over:
        # What was cut off looks like headers that have come to their end.
        found.close()
        raise _unreachable(None, deadline)
    if isinstance(found, urllib.error.HTTPError):
        raise found
    return found


def _said(error: urllib.error.HTTPError) -> Said | None:
    with error:
        if "json" not in (error.headers.get("Content-Type") or ""):
            return None
        try:
            read = json.loads(error.read(_PROBLEM_BYTES))
        except (OSError, http.client.HTTPException, ValueError, RecursionError):
            return None
    detail = read.get("detail") if isinstance(read, dict) else None
    return Said(error.url, detail[:_DETAIL_LENGTH]) if isinstance(detail, str) else None


def chunks(found: Any, named: str, max_bytes: int, begin: int = 0) -> Iterator[bytes]:
    """The body of an answer that goes on at byte `begin`, as long as it keeps within the limits. Raises FetchError."""
    length = found.headers.get("Content-Length") or ""
    expected = begin + int(length) if length.isascii() and length.isdigit() else None
    if expected is not None and expected > max_bytes:
        raise FetchError(f"{named} has more than {max_bytes} bytes.")
    total, begun = begin, time.monotonic()
    while chunk := _next(found, named):
        total += len(chunk)
        # A place that drips would hold a slot for ever.
        if time.monotonic() - begun > TIMEOUT_SECONDS + (total - begin) / LEAST_BYTES_PER_SECOND:
            raise FetchError(f"{named} gives less than {LEAST_BYTES_PER_SECOND} bytes a second.")
        if total > max_bytes:
            raise FetchError(f"{named} has more than {max_bytes} bytes.")
        yield chunk
    if expected is not None and total != expected:
        raise FetchError(f"{named} was cut short: {total} of {expected} bytes.", passing=True)


def _next(found: Any, named: str) -> bytes:
    try:
        read: bytes = found.read1(CHUNK_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failed(named, error) from error
    return read


def _failed(named: str, error: object) -> FetchError:
    why = _unreachable(error)
    return FetchError(f"{named} can't be fetched: {why}.", passing=why.passing)


def _unreachable(error: object, deadline: Deadline | None = None) -> UnreachableError:
    if deadline is not None and deadline.is_over:
        return UnreachableError("it takes too long", passing=True)
    said = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    if isinstance(error, http.client.BadStatusLine) and not isinstance(error, OSError):
        # What is there instead may be nobody's business.
        said = "it does not speak HTTP"
    passing = isinstance(error, ConnectionError | TimeoutError | http.client.IncompleteRead) or (
        isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
    )
    return UnreachableError(said.rstrip("."), passing=passing)


def escaped(href: str) -> str:
    """As it goes over the wire: ASCII, what is escaped already left so (RFC 3986, 2). Raises FetchError."""
    parts = media.split_url(href)
    if parts is None:
        raise FetchError(f"{href} is no absolute http or https URL.")
    host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    path, query = (quote(each, safe="/%:@!$&'()*+,;=~?") for each in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path, query, ""))


def _connect(host: str, port: int, timeout: float, allowed: Allowed) -> socket.socket:
    last: OSError | None = None
    for family, address in allowed.addresses(host, port):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            connection.connect(address)
        except OSError as error:
            connection.close()
            last = error
        else:
            return connection
    assert last is not None  # noqa: S101 - there was an address at the least
    raise last


class _Response(http.client.HTTPResponse):
    def _read_status(self) -> tuple[str, int, str]:
        """Of the answer that follows what is said of one that is still to come (RFC 9110, 15.2)."""
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while 102 <= status < 200:
            http.client.parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason


class _Connection(http.client.HTTPConnection):
    response_class = _Response
    allowed: Allowed
    deadline: Deadline

    def connect(self) -> None:
        self.sock = _connect(self.host, self.port, float(self.timeout or TIMEOUT_SECONDS), self.allowed)
        self.deadline.guard(self.sock)


class _SecureConnection(http.client.HTTPSConnection):
    response_class = _Response
    allowed: Allowed
    deadline: Deadline

    def connect(self) -> None:
        # Closed with this one also where there is no agreement.
        self.sock = plain = _connect(self.host, self.port, float(self.timeout or TIMEOUT_SECONDS), self.allowed)
        self.deadline.guard(plain)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


class _Handler(urllib.request.HTTPHandler):
    def __init__(self, allowed: Allowed, deadline: Deadline) -> None:
        super().__init__()
        self._connection: Any = type("Connection", (_Connection,), {"allowed": allowed, "deadline": deadline})

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, request)


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, allowed: Allowed, deadline: Deadline) -> None:
        super().__init__()
        self._connection: Any = type("Connection", (_SecureConnection,), {"allowed": allowed, "deadline": deadline})

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, request)
