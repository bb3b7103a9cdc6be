"""The processes that have cwltool in them: a cold engine starts a fresh one for each run or validation, a warm one has
them forked by a process that has imported everything (see `warm`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cwl_bridge.jobfolder import JobFolder
from registry.models import JSON

CLOSE_SECONDS = 5.0

MESSAGE_BYTES = 1 << 16

#: What reads a part of a package under limits, and has cwltool or what comes with it.
CHECKS = {"check": "cwl_bridge.checker", "reduce": "cwl_bridge.ontology"}

#: What processes with cwltool in them know of the server's environment: how to find Python, the container engine,
#: certificates and the object stores. Its settings, and whatever else it was started with, are not theirs.
ENVIRONMENT = re.compile(
    r"(PATH|HOME|LANG|LANGUAGE|TZ|TMPDIR|LD_LIBRARY_PATH|XDG_RUNTIME_DIR|XDG_CONFIG_HOME"
    r"|(LC|PYTHON|DOCKER|CONTAINER|SSL_CERT|AWS|GOOGLE|AZURE)_?[A-Z0-9_]*)"
)

_log = logging.getLogger("cwl_processes.launcher")


class LauncherError(Exception):
    """The process that starts runs is gone."""


@dataclass(frozen=True)
class Child:
    """A process that an engine has started."""

    pid: int
    pidfd: int
    #: Its exit code (negative: the signal); None where nobody could know.
    code: asyncio.Future[int | None]


class Engine(Protocol):
    """Starts `cwl_bridge.runner` on a folder, or one of the CHECKS, each in a session of its own."""

    async def run(self, folder: JobFolder, files: Sequence[int]) -> Child: ...

    async def check(self, what: str, files: Sequence[int]) -> Child: ...

    def start(self) -> None:
        """Gets ready, so that the first run need not wait for it."""

    @property
    def ready(self) -> bool: ...

    async def close(self) -> None: ...


class Cold:
    """A fresh process each time."""

    async def run(self, folder: JobFolder, files: Sequence[int]) -> Child:
        return self._start("cwl_bridge.runner", str(folder.path), files=files)

    async def check(self, what: str, files: Sequence[int]) -> Child:
        return self._start(CHECKS[what], files=files)

    def start(self) -> None:
        pass

    @property
    def ready(self) -> bool:
        return True

    async def close(self) -> None:
        pass

    def _start(self, *command: str, files: Sequence[int]) -> Child:
        stdin, stdout, stderr = files
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", *command],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            env=_environment(),
        )
        loop = asyncio.get_running_loop()
        code: asyncio.Future[int | None] = loop.create_future()
        watched = os.pidfd_open(process.pid)

        def reap() -> None:
            loop.remove_reader(watched)
            os.close(watched)
            ended = process.wait()
            if not code.done():
                code.set_result(ended)

        loop.add_reader(watched, reap)
        return Child(process.pid, os.pidfd_open(process.pid), code)


class Warm:
    """The server's end of the warm process; it is started when it is needed, and again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._asked: dict[int, asyncio.Future[Child]] = {}
        self._codes: dict[int, asyncio.Future[int | None]] = {}
        self._next = 0
        self._ready = False

    async def run(self, folder: JobFolder, files: Sequence[int]) -> Child:
        return await self._ask({"do": "run", "folder": str(folder.path)}, files)

    async def check(self, what: str, files: Sequence[int]) -> Child:
        return await self._ask({"do": what}, files)

    def start(self) -> None:
        self._connected()

    @property
    def ready(self) -> bool:
        return self._ready

    def _connected(self) -> socket.socket:
        """The socket of the warm process, started where it is not there."""
        if self._socket is not None:
            return self._socket
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "cwl_bridge.warm"],
                stdin=theirs.fileno(),
                start_new_session=True,
                env=_environment(),
            )
        ours.setblocking(False)
        asyncio.get_running_loop().add_reader(ours, self._on_message)
        self._socket = ours
        return ours

    async def close(self) -> None:
        """The warm process ends; what it has started lives on."""
        process = self._process
        self._lose()
        if process is not None:
            # It may only be starting, and would look for its server when that is done.
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    async def _ask(self, message: JSON, files: Sequence[int]) -> Child:
        sock = self._connected()
        self._next += 1
        number = self._next
        answer: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            socket.send_fds(sock, [json.dumps({"id": number, **message}).encode()], files)
            return await answer
        except (BlockingIOError, OSError) as error:
            raise LauncherError(f"the warm process does not take a message: {error}") from error
        finally:
            self._asked.pop(number, None)

    def _on_message(self) -> None:
        assert self._socket is not None  # noqa: S101 - who is read from is there
        try:
            body, files, _, _ = socket.recv_fds(self._socket, MESSAGE_BYTES, 1)
        except BlockingIOError:
            return
        except OSError:
            body, files = b"", []
        if not body:
            _log.warning("the warm process is gone; the next run starts another")
            self._lose()
            return
        message = json.loads(body)
        if "ready" in message:
            self._ready = True
            return
        if "ended" in message:
            self._set_code(message["ended"], message["code"])
            return
        answer = self._asked.get(message["id"])
        code: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._codes[message["pid"]] = code
        if answer is None or answer.done():
            os.close(files[0])
        else:
            answer.set_result(Child(message["pid"], files[0], code))

    def _set_code(self, pid: int, code: int | None) -> None:
        future = self._codes.pop(pid, None)
        if future is not None and not future.done():
            future.set_result(code)

    def _lose(self) -> None:
        """Nobody will tell any more how its children end."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._socket = None
        self._ready = False
        for pid in list(self._codes):
            self._set_code(pid, None)
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(LauncherError("the warm process has died"))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if ENVIRONMENT.fullmatch(name)}


ENGINES: dict[str, type[Engine]] = {"warm": Warm, "cold": Cold}
