"""One POST to a place that a client has named: to addresses that may be called, within a time, no further.

The address is checked at the moment of connecting, as for everything that is fetched; redirects are not followed,
and of the answer nothing is read but its status, and `Retry-After`.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore

from cwl_bridge import fetch
from cwl_bridge.fetch import Allowed
from registry.models import now

#: For all of it, from the name to the status.
SECONDS = 15.0
#: Names that are looked up at once.
RESOLVING = 16

#: With these a receiver may say when it can take more (RFC 9110, 10.2.3; RFC 6585, 4).
_BUSY = (429, 503)

#: Characters of what is said of a failure.
_MAX_SAID = 300

_FAILURES = (
    OSError,
    UnicodeError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


class NotTakenError(Exception):
    """The receiver has not taken what was sent; the message says why, and names no URL."""

    def __init__(self, message: str, *, for_good: bool = False, after: float = 0) -> None:
        super().__init__(message)
        #: Seconds before which it does not want to be asked again.
        self.after = after
        #: Whether it wants to hear no more of it.
        self.for_good = for_good


class Sender:
    def __init__(self, allowed: Allowed) -> None:
        # Name servers may take their time, and there is no way to stop asking.
        self._resolving = ThreadPoolExecutor(RESOLVING, thread_name_prefix="resolve")
        self._backend = _Backend(allowed, self._resolving)
        self._trusted = ssl.create_default_context()

    def close(self) -> None:
        self._resolving.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> None:
        """Raises NotTakenError unless it is answered with 2xx."""
        try:
            async with asyncio.timeout(SECONDS):
                status, after = await self._said(url, content, headers)
        except TimeoutError:
            raise NotTakenError(f"The receiver did not answer within {SECONDS:g} s.") from None
        except _FAILURES as error:
            raise NotTakenError(f"The receiver can't be reached: {_why(error)}.") from error
        if 300 <= status < 400:
            raise NotTakenError(f"The receiver answered {status}; redirects are not followed.")
        if not 200 <= status < 300:
            raise NotTakenError(f"The receiver answered {status}.", for_good=status == 410, after=after)

    async def _said(self, url: str, content: bytes, headers: dict[str, str]) -> tuple[int, float]:
        """The status, and for how many seconds a busy receiver wants to be left alone."""
        async with (
            httpcore.AsyncConnectionPool(ssl_context=self._trusted, network_backend=self._backend) as pool,
            pool.stream(
                "POST", url, headers=[("User-Agent", "cwl-processes"), *headers.items()], content=content
            ) as answer,
        ):
            said = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
            return answer.status, _seconds(said.decode("latin-1")) if answer.status in _BUSY else 0


class _Backend(httpcore.AnyIOBackend):
    """Connects to addresses that have been checked, never to a name."""

    def __init__(self, allowed: Allowed, resolving: Executor) -> None:
        self._allowed = allowed
        self._resolving = resolving

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as it is called
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        resolve = asyncio.get_running_loop().run_in_executor
        found = await resolve(self._resolving, fetch.addresses, host, port, self._allowed)
        for _, address in found[:-1]:
            try:
                return await super().connect_tcp(str(address[0]), port, timeout, local_address, socket_options)
            except httpcore.NetworkError:
                continue
        return await super().connect_tcp(str(found[-1][1][0]), port, timeout, local_address, socket_options)


def _seconds(said: str) -> float:
    """`Retry-After`: a number of seconds, or a date; 0 for what is neither."""
    text = said.strip()
    if text.isascii() and text.isdecimal():
        # Nobody waits for as long as this could say.
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0


def _why(error: BaseException) -> str:
    """What the system says rather than what the layers above make of it."""
    cause = error
    while (before := cause.__cause__ or cause.__context__) is not None:
        cause = before
    if isinstance(cause, ConnectionError) and cause.errno:
        return os.strerror(cause.errno)
    said = cause.strerror if isinstance(cause, OSError) else None
    return (said or str(cause) or type(cause).__name__).rstrip(".")[:_MAX_SAID]
