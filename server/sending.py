"""One POST to a place that a client has named: to addresses that may be called, within a time, no further.

The address is checked at the moment of connecting, as for everything that is fetched; redirects are not followed,
and of the answer nothing is read but its status.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import httpcore

from cwl_bridge import fetch
from cwl_bridge.fetch import Allowed

#: For all of it, from the name to the status.
SECONDS = 15.0
#: Names that are looked up at once.
RESOLVING = 16

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

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
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
                status = await self._status(url, content, headers)
        except TimeoutError:
            raise NotTakenError(f"The receiver did not answer within {SECONDS:g} s.") from None
        except _FAILURES as error:
            raise NotTakenError(f"The receiver can't be reached: {_why(error)}.") from error
        if 300 <= status < 400:
            raise NotTakenError(f"The receiver answered {status}; redirects are not followed.")
        if not 200 <= status < 300:
            raise NotTakenError(f"The receiver answered {status}.", for_good=status == 410)

    async def _status(self, url: str, content: bytes, headers: dict[str, str]) -> int:
        async with (
            httpcore.AsyncConnectionPool(ssl_context=self._trusted, network_backend=self._backend) as pool,
            pool.stream(
                "POST", url, headers=[("User-Agent", "cwl-processes"), *headers.items()], content=content
            ) as answer,
        ):
            return int(answer.status)


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


def _why(error: BaseException) -> str:
    """What the system says rather than what the layers above make of it."""
    cause = error
    while (before := cause.__cause__ or cause.__context__) is not None:
        cause = before
    if isinstance(cause, ConnectionError) and cause.errno:
        return os.strerror(cause.errno)
    said = cause.strerror if isinstance(cause, OSError) else None
    return (said or str(cause) or type(cause).__name__).rstrip(".")[:_MAX_SAID]
