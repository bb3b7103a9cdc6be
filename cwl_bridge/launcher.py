"""Starts the processes that import cwltool, and watches and ends them.

A runner lives in a session of its own and outlives the server; it is watched through a pidfd, which works alike for
one that this server started and for one that it found running.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from cwl_bridge.errors import InvalidProcessError
from cwl_bridge.jobfolder import JobFolder, Runner

STOP_GRACE_SECONDS = 5.0
VALIDATION_SECONDS = 60.0


class Running:
    """A runner: a process group that can be waited for and ended."""

    def __init__(self, pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self._pid = pid
        self._child = child
        self._pidfd = os.pidfd_open(pid)
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._pidfd, self._on_end)

    def _on_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        if self._child is not None:
            self._child.wait()
        os.close(self._pidfd)
        self._ended.set()

    async def ended(self) -> None:
        await self._ended.wait()

    @property
    def ended_by(self) -> int | None:
        """The signal that ended it, where that is known."""
        code = self._child.returncode if self._child is not None else None
        return -code if code is not None and code < 0 else None

    async def stop(self) -> None:
        """SIGTERM to the whole group, SIGKILL to what is left of it after the grace time."""
        self._kill(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), STOP_GRACE_SECONDS)
        self._kill(signal.SIGKILL)
        await self._ended.wait()

    def _kill(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, number)


def start(folder: JobFolder) -> Running:
    """A cold runner on a folder that is ready; who it is stands in the folder before it begins."""
    # Its words go to a file: a cwltool whose reader died would lose its outputs.
    with folder.log.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "cwl_bridge.runner", str(folder.path)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            start_new_session=True,
        )
    try:
        runner = Runner.of(child.pid)
        if runner is not None:
            folder.write_runner(runner)
        running = Running(child.pid, child)
        _begin(child)
    except BaseException:
        # It has not been told to begin, and is not known to anybody.
        child.kill()
        child.wait()
        raise
    return running


def _begin(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        with suppress(BrokenPipeError), child.stdin as line:
            line.write(b"begin\n")


def adopt(folder: JobFolder) -> Running | None:
    """The runner that another server started on this folder, where it still lives."""
    runner = folder.runner()
    if runner is None:
        return None
    try:
        return Running(runner.pid)
    except ProcessLookupError:
        return None


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


async def validate(text: str) -> None:
    """Raises InvalidProcessError with cwltool's words where the document is not valid CWL."""
    with tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder:
        path = await asyncio.to_thread(_written, Path(folder, "process.cwl"), text)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "cwl_bridge.checker", str(path)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            words, _ = await asyncio.wait_for(process.communicate(), VALIDATION_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise InvalidProcessError(f"cwltool did not finish validating it in {VALIDATION_SECONDS:.0f} s.") from None
    if process.returncode == 0:
        return
    said = words.decode(errors="replace").replace(path.as_uri(), "process.cwl").replace(str(path), "process.cwl")
    raise InvalidProcessError(f"cwltool refuses the document: {said.strip() or 'it could not be read'}")
