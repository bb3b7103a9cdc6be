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
from cwl_bridge.jobfolder import LOG_TAIL_LINES, JobFolder, tail_lines
from registry.models import Failure, Usage, now

MESSAGE_LENGTH = 1000


class RunLog:
    """log.txt up to its limit; what follows is dropped, and the run goes on.

    Standard error, whose file the server opened: everything that is said comes through here, so that no place on the
    host gets into it.
    """

    def __init__(self, folder: JobFolder, max_bytes: int, descriptor: int) -> None:
        self._folder = folder
        self._left = max_bytes - folder.log_size()
        self._max_bytes = max_bytes
        self._descriptor = descriptor

    def write(self, said: bytes) -> None:
        if self._left <= 0:
            return
        said = self._folder.without_places_in(said)
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
        self._log.write(text.encode(errors="replace"))

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
    #: The images of the run as they were when the job was submitted: reference → digest.
    images: dict[str, str] = field(default_factory=dict)
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
            self.reason, self.message = reason, message[:MESSAGE_LENGTH]

    def failure(self, reason: str, message: str) -> Failure:
        """What a step has reported says more than the error that ended the run because of it."""
        words = (self.message or message)[:MESSAGE_LENGTH]
        return Failure(
            reason=self.reason or reason,
            message=self.folder.without_places(words) if self.folder else words,
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

    def said(self, output: bytes) -> None:
        """What a tool wrote to where nobody collects it."""
        if self.log is not None:
            self.log.write(output)

    def tool_said(self, tail: bytes) -> None:
        """The end of what the tool that has just ended wrote."""
        text = tail.decode(errors="replace")
        self.tool_log = tail_lines(self.folder.without_places(text) if self.folder else text, LOG_TAIL_LINES)

    def used(self, cpu_seconds: float, peak_bytes: int) -> None:
        self._cpu_seconds += cpu_seconds
        self._peak_bytes = max(self._peak_bytes, peak_bytes)

    def used_image(self, reference: str, digest: str) -> None:
        self._used[reference] = digest

    def usage(self) -> Usage:
        return Usage(
            wall_seconds=round(time.monotonic() - self._begun, 3),
            cpu_seconds=round(self._cpu_seconds, 3),
            peak_memory_bytes=self._peak_bytes,
            images=dict(self._used),
        )
