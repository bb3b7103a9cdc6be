"""`python -m benchmarks.crowd URL SECONDS CLIENTS`: many clients at once; prints what came of it as JSON.

Beside them, as many again mean no good: they send a byte now and then, read hardly or not at all. In a process of its
own. Deterministic but for the time that answers take: every client draws from its own number.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.live import shell_tool

#: Seconds between an answer and the next request, at most.
PAUSE = 1.0
#: Of a hundred requests.
READS, DEPLOYS, EXECUTIONS = 70, 20, 10
#: For each client of the crowd: those that send slowly, read slowly, do not read.
SENDERS, READERS, SILENT = 1.0, 0.25, 0.1
BYTE_SECONDS = 1.0
READ_BYTES = 1024
NO_CONTENT = 204
PROBE_SECONDS = 0.05

#: What is run.
SMALL = shell_tool("true", id="crowd-small")
#: What is slowly read: a file of 8 MB, a log of some MB.
LARGE = shell_tool(
    "head -c 8000000 /dev/zero > o; seq 300000 >&2",
    id="crowd-large",
    outputs={"o": {"type": "File", "outputBinding": {"glob": "o"}}},
)

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_BROKEN = (ConnectionError, asyncio.IncompleteReadError)


@dataclass
class Found:
    """What came of it."""

    #: By method and status code; 0: the connection was closed in the place of an answer.
    answers: Counter[str] = field(default_factory=Counter)
    #: Seconds that each answer to GET /jobs took, to one that asks nothing else.
    waited: list[float] = field(default_factory=list)
    #: Jobs of which the server has said that they are accepted, and those that were deleted again.
    jobs: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    #: What the server said where it failed.
    failures: list[str] = field(default_factory=list)


class _Connection:
    """A kept connection, as long as the server keeps it."""

    def __init__(self, url: str, found: Found) -> None:
        where = urlsplit(url)
        self._address = where.hostname or "", where.port or 80
        self._head = f"Host: {where.netloc}\r\nAccept: application/json\r\nPrefer: respond-async\r\n"
        self._found = found
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object = None, media_type: str = "application/json") -> bytes:
        """The content of the answer; empty where it is an error."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\n{self._head}Content-Type: {media_type}\r\nContent-Length: {len(content)}\r\n"
        )
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._address)
            status, said = await self._exchange(*self._streams, f"{head}\r\n".encode() + content)
        except _BROKEN as error:
            self._streams = None
            status, said = 0, repr(error).encode()
        self._found.answers[f"{method} {status}"] += 1
        if status == 0 or status >= 500:
            self._found.failures.append(f"{method} {path}: {status} {said[:500].decode(errors='replace')}")
        return said if status < 400 and status else b""

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> tuple[int, bytes]:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = _LENGTH.search(head)
        if length or status == NO_CONTENT:
            content = await reader.readexactly(int(length[1]) if length else 0)
        else:
            content = await _chunks(reader)
        if b"\r\nconnection: close" in head.lower():
            writer.close()
            self._streams = None
        return status, content

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    content = b""
    while size := int(await reader.readline(), 16):
        content += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return content


class _Client:
    """One of the crowd."""

    def __init__(self, number: int, url: str, found: Found) -> None:
        self._draw = random.Random(number)
        self._connection = _Connection(url, found)
        self._found = found
        self._process = f"crowd-{number}"
        #: How often it has deployed that.
        self._deployed = 0
        self._jobs: list[str] = []

    async def act(self, until: float) -> None:
        acts = [self._read, self._deploy, self._execute]
        while time.monotonic() < until:
            await asyncio.sleep(self._draw.random() * PAUSE)
            await self._draw.choices(acts, (READS, DEPLOYS, EXECUTIONS))[0]()
        self._connection.close()

    async def _read(self) -> None:
        paths = ["/processes?limit=10", "/jobs?limit=10", f"/processes/{self._runs}"]
        paths += [f"/jobs/{each}" for each in self._jobs[-2:]]
        await self._connection.ask("GET", self._draw.choice(paths))

    @property
    def _runs(self) -> str:
        """Its process, or everybody's as long as it has none."""
        return self._process if self._deployed else str(SMALL["id"])

    async def _deploy(self) -> None:
        """Registers its process, later another in its place."""
        tool = shell_tool("true", id=self._process, label=f"The {self._deployed}th")
        method, path = ("PUT", f"/processes/{self._process}") if self._deployed else ("POST", "/processes")
        said = await self._connection.ask(method, path, tool, "application/cwl+json")
        if said or self._deployed:
            self._deployed += 1

    async def _execute(self) -> None:
        """Half of the jobs are deleted again, whatever has become of them."""
        said = await self._connection.ask("POST", f"/processes/{self._runs}/execution", {"inputs": {}})
        if not said:
            return
        job_id = json.loads(said)["jobID"]
        self._jobs.append(job_id)
        self._found.jobs.append(job_id)
        if self._draw.random() < 0.5:
            self._jobs.remove(job_id)
            self._found.deleted.append(job_id)
            await self._connection.ask("DELETE", f"/jobs/{job_id}")


async def _probe(url: str, found: Found, until: float) -> None:
    connection = _Connection(url, Found())
    while time.monotonic() < until:
        begun = time.monotonic()
        await connection.ask("GET", "/jobs")
        found.waited.append(time.monotonic() - begun)
        await asyncio.sleep(PROBE_SECONDS)
    connection.close()


async def _send_slowly(url: str, job_id: str) -> None:
    """The head of a request that has no end."""
    where = urlsplit(url)
    writer = (await asyncio.open_connection(where.hostname, where.port))[1]
    writer.write(f"GET /jobs/{job_id} HTTP/1.1\r\nHost: {where.netloc}\r\nX-Name: ".encode())
    # Until the server has had enough.
    for _ in itertools.count():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(BYTE_SECONDS)


async def _read_slowly(url: str, job_id: str) -> None:
    """A kilobyte of the file in a second."""
    reader = await _asked(url, f"/jobs/{job_id}/results/o", "*/*")
    for _ in itertools.count():
        await reader.readexactly(READ_BYTES)
        await asyncio.sleep(BYTE_SECONDS)


async def _read_nothing(url: str, job_id: str) -> None:
    """The events of the log, of which none is taken."""
    reader = await _asked(url, f"/jobs/{job_id}/log", "text/event-stream")
    await asyncio.Event().wait()
    assert reader


async def _asked(url: str, path: str, accept: str) -> asyncio.StreamReader:
    """What comes, through buffers that are as small as can be."""
    where = urlsplit(url)
    channel = socket.socket()
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BYTES)
    channel.setblocking(False)
    await asyncio.get_running_loop().sock_connect(channel, (where.hostname, where.port))
    reader, writer = await asyncio.open_connection(sock=channel, limit=READ_BYTES)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept: {accept}\r\n\r\n".encode())
    return reader


async def _again_and_again(what: Callable[[str, str], Awaitable[None]], url: str, job_id: str) -> None:
    """Who is sent away comes back."""
    for _ in itertools.count():
        with suppress(*_BROKEN):
            await what(url, job_id)
        await asyncio.sleep(BYTE_SECONDS)


async def _run(url: str, seconds: float, clients: int, large: str) -> Found:
    found = Found()
    until = time.monotonic() + seconds
    kinds: Sequence[tuple[Callable[[str, str], Awaitable[None]], float]] = [
        (_send_slowly, SENDERS),
        (_read_slowly, READERS),
        (_read_nothing, SILENT),
    ]
    slow = [
        asyncio.create_task(_again_and_again(what, url, large))
        for what, part in kinds
        for _ in range(int(clients * part))
    ]
    await asyncio.gather(
        _probe(url, found, until), *(_Client(number, url, found).act(until) for number in range(clients))
    )
    assert not any(each.done() for each in slow)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    return found


if __name__ == "__main__":
    url, seconds, clients, large = sys.argv[1:]
    print(json.dumps(vars(asyncio.run(_run(url, float(seconds), int(clients), large)))))  # noqa: T201
