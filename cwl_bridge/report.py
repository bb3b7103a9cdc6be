"""What a run says while it goes on and at its end: its log, its steps, its usage, why it failed.

A report is made with the parsed tool and told its job folder when the run begins: a parsed tool may serve many runs.
"""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass, field
from typing import Any, TextIO, cast

from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.docker import Docker
from cwl_bridge.jobfolder import LOG_TAIL_BYTES, LOG_TAIL_LINES, JobFolder, tail_lines
from cwl_bridge.masks import Masks, Stream
from registry.models import Failure, Pin, Usage, now

MESSAGE_LENGTH = 1000


class RunLog:
    """log.txt up to its limit; what follows is dropped, and the run goes on.

    Standard error, whose file the server opened: everything that is said comes through here, so that no place on the
    host gets into it.
    """

    def __init__(self, folder: JobFolder, max_bytes: int, descriptor: int, masks: Masks) -> None:
        """`masks`: what of all that is said here may not be read."""
        self.masks = masks
        self.folder = folder
        self._left = max_bytes - folder.log_size()
        self._max_bytes = max_bytes
        self._descriptor = descriptor

    def write(self, said: bytes) -> None:
        """What names no place and has its masks: whether a secret may be cut, only who writes knows."""
        if self._left <= 0:
            return
        kept = said[: self._left]
        self._left -= len(said)
        if self._left <= 0:
            kept += f"\nThe log ends here, after {self._max_bytes} bytes; the run goes on.\n".encode()
        try:
            os.write(self._descriptor, kept)
        except OSError:
            # A full disk ends no run by its log.
            self._left = 0


class LogStream:
    """A text stream for logging handlers."""

    def __init__(self, log: RunLog) -> None:
        self._log = log

    def write(self, text: str) -> None:
        # Places first: a secret may be the name of a part of them.
        said = self._log.folder.without_places_in(text.encode(errors="replace"))
        self._log.write(self._log.masks.in_bytes(said))

    def flush(self) -> None:
        pass

    def as_text(self) -> TextIO:
        return cast(TextIO, self)


class WordsAlone(logging.Formatter):
    """Without the stack of an error: it names places on the host."""

    def formatException(self, ei: Any) -> str:  # noqa: ARG002, N802
        return ""


class LastWords(logging.Handler):
    """cwltool logs some reasons and raises only that there was one."""

    def __init__(self, level: int = logging.ERROR) -> None:
        super().__init__(level)
        self.words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words = record.getMessage()


@dataclass
class Report:
    """The first failure counts."""

    folder: JobFolder | None = None
    job_id: str = ""
    log: RunLog | None = None
    #: The images of the run as far as they are pinned, by names (see `images`).
    images: dict[str, Pin] = field(default_factory=dict)
    #: What all jobs together may reserve: cores, and memory in MiB.
    machine: tuple[float, int] = (1.0, 1)
    #: Bytes that one tool may leave.
    most_output: int = 0
    #: What the operator sets for every container.
    container: ContainerLimits = field(default_factory=ContainerLimits)
    #: What runs them.
    containers: ContainerEngine = field(default_factory=Docker)
    #: Private places that images may come from; None: from wherever their references say.
    registries: tuple[str, ...] | None = ()
    #: Leaf steps: each run of a CommandLineTool or ExpressionTool.
    known: int = 0
    done: int = 0
    reason: str | None = None
    message: str | None = None
    step: str | None = None
    exit_code: int | None = None
    #: The last lines that the tool itself wrote.
    tool_log: tuple[str, ...] = ()
    _begun: float = field(default_factory=time.monotonic)
    _cpu_seconds: float = 0.0
    _peak_bytes: int = 0
    _used: dict[str, str] = field(default_factory=dict)

    def begin(self, folder: JobFolder, job_id: str, log: RunLog) -> None:
        self.folder, self.job_id, self.log = folder, job_id, log
        self._begun = time.monotonic()

    def fail(self, reason: str, message: str) -> None:
        if self.reason is None:
            # Before it is cut: of a secret that is cut the rest would be left.
            self.reason, self.message = reason, self.shown(message)[:MESSAGE_LENGTH]

    def shown(self, said: str) -> str:
        """Without places and secrets."""
        return self.log.masks.in_text(self.log.folder.without_places(said)) if self.log else said

    def failure(self, reason: str, message: str) -> Failure:
        """What a step has reported says more than the error that ended the run because of it."""
        return Failure(
            reason=self.reason or reason,
            message=self.message or self.shown(message)[:MESSAGE_LENGTH],
            step=self.step,
            exit_code=self.exit_code,
            log=self.tool_log,
        )

    def expect(self, steps: int) -> None:
        """So many more steps are known of."""
        self.known += steps

    def step_started(self, name: str, of: str) -> None:
        """`of`: the step in the document, below the steps that it stands in; of a process without steps, nothing."""
        # A single tool is known of when it starts.
        self.known = max(self.known, self.done + 1)
        self.step = name
        self._tell(event="started", step=name, of=of or None)

    def step_ended(self, name: str, of: str, exit_code: int | None = None) -> None:
        self.done += 1
        self._tell(event="ended", step=name, of=of or None, exitCode=exit_code)

    def _tell(self, **event: Any) -> None:
        if self.folder is None:
            return
        told = {"time": now().isoformat(), **event, "done": self.done, "known": self.known}
        line = json.dumps({key: each for key, each in told.items() if each is not None})
        try:
            with self.folder.steps.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            logging.getLogger("cwltool").warning("the step can't be recorded", exc_info=True)

    def used(self, cpu_seconds: float, peak_bytes: int) -> None:
        self._cpu_seconds += cpu_seconds
        self._peak_bytes = max(self._peak_bytes, peak_bytes)

    def used_image(self, name: str, digest: str) -> None:
        self._used[name] = digest

    def usage(self) -> Usage:
        return Usage(
            wall_seconds=round(time.monotonic() - self._begun, 3),
            cpu_seconds=round(self._cpu_seconds, 3),
            peak_memory_bytes=self._peak_bytes,
            images=dict(self._used),
        )


class Listener:
    """What one tool says to where nobody collects it, piece by piece, into the log."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stream = Stream(report.log.masks if report.log else Masks())
        self._tail = b""

    def hear(self, said: bytes) -> None:
        # Places first, as everywhere.
        self._write(self._stream.next(self._report.log.folder.without_places_in(said) if self._report.log else said))

    def end(self) -> None:
        """The tool has ended; the report keeps its last lines."""
        self._write(self._stream.end())
        self._report.tool_log = tail_lines(self._report.shown(self._tail.decode(errors="replace")), LOG_TAIL_LINES)

    def _write(self, said: bytes) -> None:
        if said and self._report.log is not None:
            self._report.log.write(said)
        self._tail = (self._tail + said)[-LOG_TAIL_BYTES:]
