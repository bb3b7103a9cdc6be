"""Starts the processes that have cwltool in them, and watches and ends them.

A runner lives in a session of its own and outlives the server; it is watched through a pidfd, which works alike for
one that this server started and for one that it found running. There are two engines: a cold one starts a fresh
process for each run or validation, a warm one has them forked by a process that has imported everything (see `warm`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cwl_bridge.errors import FieldError, InvalidProcessError, refusal
from cwl_bridge.jobfolder import JobFolder, Runner
from registry.models import JSON

STOP_GRACE_SECONDS = 5.0
VALIDATION_SECONDS = 60.0

#: The warm process is tried again this often before a run is given up.
TRIES = 3
RESTART_SECONDS = 1.0
#: The warm process tells how a child ended a moment after the pidfd has said that it did.
REAP_SECONDS = 1.0
CLOSE_SECONDS = 5.0

MESSAGE_BYTES = 1 << 16

T = TypeVar("T")

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
    """Starts `cwl_bridge.runner` on a folder, or `cwl_bridge.checker`, each in a session of its own."""

    async def run(self, folder: JobFolder, files: Sequence[int]) -> Child: ...

    async def check(self, files: Sequence[int]) -> Child: ...

    def start(self) -> None:
        """Gets ready, so that the first run need not wait for it."""

    @property
    def ready(self) -> bool: ...

    async def close(self) -> None: ...


class Cold:
    """A fresh process each time."""

    async def run(self, folder: JobFolder, files: Sequence[int]) -> Child:
        return self._start("cwl_bridge.runner", str(folder.path), files=files)

    async def check(self, files: Sequence[int]) -> Child:
        return self._start("cwl_bridge.checker", files=files)

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

    async def check(self, files: Sequence[int]) -> Child:
        return await self._ask({"do": "check"}, files)

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
                [sys.executable, "-P", "-m", "cwl_bridge.warm"], stdin=theirs.fileno(), start_new_session=True
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


ENGINES: dict[str, type[Engine]] = {"warm": Warm, "cold": Cold}


class Running:
    """A runner: a process group that can be waited for and ended."""

    def __init__(self, pid: int, pidfd: int, code: asyncio.Future[int | None] | None = None) -> None:
        self._pid = pid
        self._pidfd = pidfd
        self._code = code
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(pidfd, self._on_end)

    def _on_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._ended.set()

    async def ended(self) -> None:
        await self._ended.wait()
        if self._code is not None:
            await asyncio.wait([self._code], timeout=REAP_SECONDS)

    @property
    def ended_by(self) -> int | None:
        """The signal that ended it, where that is known."""
        code = self._code.result() if self._code is not None and self._code.done() else None
        return -code if code is not None and code < 0 else None

    async def stop(self) -> None:
        """SIGTERM to the whole group, and SIGKILL to what is left of it when the runner has ended, or will not."""
        self._kill(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_GRACE_SECONDS):
                await self._ended.wait()
        self._kill(signal.SIGKILL)
        await self._ended.wait()

    def _kill(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, number)


async def start(engine: Engine, folder: JobFolder) -> Running:
    """A runner on a folder that is ready; who it is stands in the folder before it begins. Raises LauncherError."""
    return await _tried(lambda: _start(engine, folder))


async def _tried(act: Callable[[], Awaitable[T]]) -> T:
    for tried in range(1, TRIES):
        try:
            return await act()
        except LauncherError as error:
            _log.warning("%s; trying again", error)
            await asyncio.sleep(RESTART_SECONDS * (tried - 1))
    return await act()


async def _start(engine: Engine, folder: JobFolder) -> Running:
    gate_reader, gate = os.pipe()
    try:
        # Its words go to a file: a cwltool whose reader died would lose its outputs.
        with open(folder.log, "ab") as log:  # noqa: ASYNC230, PTH123 - it exists, and is empty
            child = await engine.run(folder, (gate_reader, log.fileno(), log.fileno()))
        running = Running(child.pid, child.pidfd, child.code)
        runner = Runner.of(child.pid)
        if runner is not None:
            folder.write_runner(runner)
        with suppress(BrokenPipeError):
            os.write(gate, b"\n")
    finally:
        # A runner that was not told to begin ends here, and is not known to anybody.
        os.close(gate_reader)
        os.close(gate)
    return running


def adopt(folder: JobFolder) -> Running | None:
    """The runner that another server started on this folder, where it still lives."""
    runner = folder.runner()
    if runner is None:
        return None
    try:
        return Running(runner.pid, os.pidfd_open(runner.pid))
    except ProcessLookupError:
        return None


async def validate(engine: Engine, text: str) -> None:
    """Raises InvalidProcessError where the document is not valid CWL: pointers are into it; LauncherError."""
    code, said = await _tried(lambda: _check(engine, text))
    if code == 0:
        return
    try:
        errors = [FieldError(where, words, of_name=of_name) for where, words, of_name in json.loads(said)]
    except ValueError:
        errors = [FieldError("", f"The checker was ended by signal {-code} while it read the document.")]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise InvalidProcessError(f"cwltool refuses the document: {errors[0].detail}{more}", errors)


async def _check(engine: Engine, text: str) -> tuple[int, bytes]:
    """Exit code and words of the checker."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, open(os.devnull, "wb") as null:  # noqa: ASYNC230, PTH123
        given.write(text.encode())
        given.seek(0)
        child = await engine.check((given.fileno(), said.fileno(), null.fileno()))
        running = Running(child.pid, child.pidfd, child.code)
        try:
            async with asyncio.timeout(VALIDATION_SECONDS):
                await running.ended()
        except TimeoutError:
            await running.stop()
            detail = f"cwltool did not finish validating it in {VALIDATION_SECONDS:.0f} s."
            raise refusal(InvalidProcessError, detail, ()) from None
        code = child.code.result() if child.code.done() else None
        if code is None:
            raise LauncherError("the warm process has died")
        said.seek(0)
        return code, said.read()
