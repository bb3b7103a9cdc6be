"""Starts runs and validations on an engine, and watches and ends them.

A runner lives in a session of its own and outlives the server; it is watched through a pidfd, which works alike for
one that this server started and for one that it found running.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from cwl_bridge.engines import Engine, LauncherError
from cwl_bridge.errors import FieldError, InvalidProcessError, refusal
from cwl_bridge.jobfolder import JobFolder, Runner

STOP_GRACE_SECONDS = 5.0
VALIDATION_SECONDS = 60.0

#: The warm process is tried again this often before a run is given up.
TRIES = 3
RESTART_SECONDS = 1.0
#: The warm process tells how a child ended a moment after the pidfd has said that it did.
REAP_SECONDS = 1.0


T = TypeVar("T")

_log = logging.getLogger("cwl_processes.launcher")


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
    code, said = await _tried(lambda: _check(engine, "check", text.encode()))
    if code == 0:
        return
    try:
        errors = [FieldError(where, words, of_name=of_name) for where, words, of_name in json.loads(said)]
    except ValueError:
        errors = [FieldError("", f"The checker was ended by signal {-code} while it read the document.")]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise InvalidProcessError(f"cwltool refuses the document: {errors[0].detail}{more}", errors)


async def reduce(engine: Engine, content: bytes) -> list[str]:
    """What an ontology says of formats that are others; nothing where it can't be read. Raises LauncherError."""
    code, said = await _tried(lambda: _check(engine, "reduce", content))
    if code != 0:
        _log.warning("an ontology can't be read: %s", said.decode(errors="replace").strip()[:1000] or code)
        return []
    return said.decode().splitlines()


async def _check(engine: Engine, what: str, content: bytes) -> tuple[int, bytes]:
    """Exit code and words of one of the CHECKS."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, open(os.devnull, "wb") as null:  # noqa: ASYNC230, PTH123
        given.write(content)
        given.seek(0)
        child = await engine.check(what, (given.fileno(), said.fileno(), null.fileno()))
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
