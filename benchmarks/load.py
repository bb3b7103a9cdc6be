"""`python -m benchmarks.load URL SECONDS CONNECTIONS`: asks as fast as it is answered; prints answers per second.

In a process of its own, and with no more of HTTP than it takes to see where an answer ends: it has to be faster than
the servers.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)

CONNECTIONS = 8


class _Client(asyncio.Protocol):
    """One kept connection: the next request is sent when an answer is complete."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request = request
        self._until = until
        self._got = bytearray()
        self.answers = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._got, 0, head + 2)
        assert length, bytes(self._got[:head])
        if len(self._got) < head + 4 + int(length[1]):
            return
        assert self._got.startswith(b"HTTP/1.1 200 "), bytes(self._got[:500])
        self._got.clear()
        if time.perf_counter() < self._until:
            self.answers += 1
            self._transport.write(self._request)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the count says how far it came
        if not self.ended.done():
            self.ended.set_result(None)


async def _run(url: str, seconds: float, connections: int) -> float:
    where = urlsplit(url)
    target = f"{where.path}?{where.query}" if where.query else where.path
    request = f"GET {target} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept: application/json\r\n\r\n".encode()
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    address = where.hostname or "", where.port or 80
    clients = []
    for _ in range(connections):
        _, client = await loop.create_connection(lambda: _Client(request, began + seconds), *address)
        clients.append(client)
    await asyncio.gather(*(client.ended for client in clients))
    return sum(client.answers for client in clients) / (time.perf_counter() - began)


def rate(url: str, seconds: float) -> float:
    """Answers per second."""
    command = [sys.executable, "-m", "benchmarks.load", url, str(seconds), str(CONNECTIONS)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    print(asyncio.run(_run(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201
