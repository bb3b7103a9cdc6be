"""The watch over one container, from its start to its end: what it says, what it uses, and how much it writes."""

from __future__ import annotations

import logging
import math
import os
import select
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cwl_bridge import growth
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.report import Listener, Report
from cwl_bridge.usage import Meter

#: Looks at a container's usage: until it has started and soon after, then ever more seldom.
FIRST_LOOK_SECONDS = 0.01
LAST_LOOK_SECONDS = 1.0
#: A part of the time that it has run: what a look may miss at the end.
LOOK_PART = 0.05

#: How often a tool beyond a limit is killed, should it only be starting.
KILL_SECONDS = 1.0

#: When what a tool has written is measured first, and how often at the most and at the least.
MEASURE_SECONDS = 0.5
LAST_MEASURE_SECONDS = 10.0
#: As many times as long as a measure takes, until the next: of many files it takes long.
MEASURE_PAUSE = 25

CHUNK_BYTES = 1 << 16

_log = logging.getLogger("cwltool")


class Watch:
    """What one container says, uses and writes until it has ended, by itself or because it is too much or too late."""

    def __init__(self, report: Report, output: int, cidfile: Path, writable: Sequence[str]) -> None:
        self.container = ""
        #: What it wrote too much of, where that is why it was ended.
        self.excess: str | None = None
        #: Whether it ran beyond its time limit.
        self.is_late = False
        #: On the host: the tool's folders, and those that its image has declared.
        self._writable = list(writable)
        self._report = report
        self._output = output
        self._listener = Listener(report)
        self._cidfile = cidfile
        self._meter: Meter | None = None
        self._poll = select.poll()
        #: Of the first process in it, where that is known: when it ends is the time for the last look.
        self._first = -1

    def until_ended(self, process: subprocess.Popen[str], limit_seconds: float | None) -> None:
        started = time.monotonic()
        look_at, measure_at = started + FIRST_LOOK_SECONDS, started + MEASURE_SECONDS
        end_at = started + limit_seconds if limit_seconds else math.inf
        pidfd = os.pidfd_open(process.pid)
        self._poll.register(self._output, select.POLLIN)
        self._poll.register(pidfd, select.POLLIN)
        while process.poll() is None:
            wait = max(0.0, min(look_at, measure_at, end_at) - time.monotonic())
            woken = {each for each, _ in self._poll.poll(wait * 1000)}
            self._read()
            now = time.monotonic()
            if self._first in woken:
                self._look()
                self._let_go()
            elif now >= look_at:
                self._look()
                pause = LOOK_PART * (now - started) if self._meter else 0.0
                look_at = now + min(max(FIRST_LOOK_SECONDS, pause), LAST_LOOK_SECONDS)
            if now >= end_at:
                self.is_late = self.excess is None
                measure_at, end_at = math.inf, now + KILL_SECONDS
                self._kill()
            elif now >= measure_at:
                self._measure()
                taken = time.monotonic() - now
                measure_at = now + taken + min(max(MEASURE_SECONDS, MEASURE_PAUSE * taken), LAST_MEASURE_SECONDS)
                end_at = end_at if self.excess is None else now
        os.close(pidfd)
        self._let_go()
        self._read()
        if self._meter:
            self._report.used(self._meter.cpu_seconds, self._meter.peak_bytes)
        self._listener.end()

    def _read(self) -> None:
        while True:
            try:
                said = os.read(self._output, CHUNK_BYTES)
            except BlockingIOError:
                return
            if not said:
                return
            self._listener.hear(said)

    def _look(self) -> None:
        if self._meter is None:
            try:
                self.container = self._cidfile.read_text(encoding="ascii").strip()
            except FileNotFoundError:
                return
            self._find()
        if self._meter is not None:
            self._meter.look()

    def _measure(self) -> None:
        processes = self._meter.processes() if self._meter else []
        self.excess = growth.excess(self._writable, processes, self._report.most_output)

    def _find(self) -> None:
        pid = self._report.containers.pid(self._cidfile)
        groups = self._report.containers.groups(self.container, pid) if self.container else []
        if not groups:
            return
        self._meter = Meter(groups)
        with suppress(ContainerEngineError):
            self._writable += self._report.containers.volumes(self.container)
        with suppress(ProcessLookupError):
            self._first = os.pidfd_open(pid) if pid else -1
        if self._first >= 0:
            self._poll.register(self._first, select.POLLIN)

    def _let_go(self) -> None:
        if self._first >= 0:
            self._poll.unregister(self._first)
            os.close(self._first)
            self._first = -1

    @property
    def was_short(self) -> bool:
        """Of memory."""
        return self._meter is not None and self._meter.was_short

    def _kill(self) -> None:
        try:
            self._report.containers.kill_job_containers(self._report.job_id)
        except ContainerEngineError as error:
            _log.warning("%s", error)
