"""One step in a container: the `docker run` line, the image, the watch over it, and what its end means."""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import time
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from cwltool.context import RuntimeContext
from cwltool.errors import WorkflowException
from cwltool.loghandler import _logger

from cwl_bridge import growth, images, survey
from cwl_bridge.addresses import Allowed
from cwl_bridge.containers import ImageUnavailableError
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.mounts import MountingJob
from cwl_bridge.report import Listener, Report
from cwl_bridge.secretstore import Line, Store
from cwl_bridge.usage import Meter
from registry.models import Pin

#: Looks at a container's usage: until it has started and soon after, then ever more seldom.
FIRST_LOOK_SECONDS = 0.01
LAST_LOOK_SECONDS = 1.0
#: A part of the time that it has run: what a look may miss at the end.
LOOK_PART = 0.05

#: How often a tool beyond a limit is killed, should it only be starting.
KILL_SECONDS = 1.0

#: When what a tool has written is measured first, and how often at the most.
MEASURE_SECONDS = 0.5
#: As many times as long as a measure takes, until the next: of many files it takes long.
MEASURE_PAUSE = 25

CHUNK_BYTES = 1 << 16

#: The engine's client ends with these where the engine, not the tool, failed.
_CLIENT_CODES = (125, 126, 127)
_KILLED = (128 + signal.SIGKILL, 128 + signal.SIGTERM)
#: Of who writes more into a file than it may.
_TOO_LARGE = 128 + signal.SIGXFSZ

#: And MiB; the engine takes no smaller limits.
_LEAST_CORES, _LEAST_MEMORY = 0.01, 6


class Resources(dict[str, int | float]):
    """What `$(runtime)` shows, and beside it what the container may use at the most."""

    def __init__(self, shown: dict[str, int | float], most_cores: float, most_memory: int) -> None:
        super().__init__(shown)
        self.most_cores = most_cores
        #: MiB.
        self.most_memory = most_memory


class ContainerJob(MountingJob):
    """Runs what cwltool has made ready, waits for it without a pause, and keeps its time limit."""

    def __init__(self, report: Report, of: str, *arguments: Any) -> None:
        """`of`: its step in the document."""
        super().__init__(*arguments)
        self._report = report
        self._of = of
        self._output = -1
        self._variables = Path()
        self._limit: float | None = None

    def run(self, runtimeContext: RuntimeContext, tmpdir_lock: Any = None) -> None:
        self._report.step_started(self.name, self._of)
        self.room = cast(Any, runtimeContext).room
        # cwltool would only signal the engine's client, from a thread, and a tool may ignore that.
        self._limit, self.timelimit = self.timelimit or None, None
        self._output, writer = os.pipe()
        os.set_blocking(self._output, False)
        context = runtimeContext.copy()
        self._give_little(context)
        with open(self._output, "rb"), open(writer, "wb") as said:  # noqa: PTH123
            context.default_stdout = context.default_stderr = said
            super().run(context, tmpdir_lock)

    def _give_little(self, context: RuntimeContext) -> None:
        """Its network and its user are ours to choose."""
        network = self._report.container.network
        if network is None and self.networkaccess:
            # Of a hint, or of CWL v1.0, whose tools can't say: what needs one was refused when it was deployed.
            _logger.info("[job %s] this server gives no tool a network", self.name)
            self.networkaccess = False
        context.custom_net = network
        context.no_match_user = True

    def get_from_requirements(self, r: Any, *_: Any, **__: Any) -> str:
        return self.image(str(r.get("dockerPull") or r["dockerImageId"]))

    def image(self, reference: str) -> str:
        """The digest of the image that the name stands for in this job; pulled where it is not here."""
        name, pinned = images.pin(self._report.images, self._of, reference)
        try:
            digest = self._here_or_pulled(reference, pinned)
        except ImageUnavailableError as error:
            message = str(error)
            self._report.fail("image-unavailable", message)
            raise WorkflowException(message) from error
        except ContainerEngineError as error:
            self._report.fail("engine-unavailable", str(error))
            raise WorkflowException(str(error)) from error
        self._report.used_image(name, digest)
        return digest

    def _here_or_pulled(self, reference: str, pinned: Pin | None) -> str:
        """Raises ImageUnavailableError, ContainerEngineError."""
        containers = self._report.containers
        source = (pinned and pinned.source) or reference
        # An engine that keeps images in another way than before calls them by other ids.
        known = [reference] if pinned is None else [pinned.id, *([source] if pinned.source else [])]
        digest = next(filter(None, map(containers.image_id, known)), None)
        if digest is not None:
            return digest
        _logger.info("pulling the image %s", source)
        try:
            self._check_registry(source)
            containers.pull(source)
            digest = next(filter(None, map(containers.image_id, known)), None)
            if digest is None:
                raise ImageUnavailableError("its registry has another one by that name.")
        except ImageUnavailableError as error:
            raise ImageUnavailableError(self._unavailable(reference, pinned, error)) from None
        return digest

    def _unavailable(self, reference: str, pinned: Pin | None, error: Exception) -> str:
        """Why an image can't be had. Raises ContainerEngineError."""
        if pinned is None:
            return f"The image '{reference}' can't be pulled: {error}"
        is_here = self._report.containers.image_id(reference) is not None
        another = " The name stands for another image now." if is_here else ""
        return (
            f"The image that '{reference}' stood for when the process was deployed is not here any more "
            f"and can't be pulled: {error}{another} "
            "Deploying the process again (PUT) takes the image that the name stands for then."
        )

    def _check_registry(self, reference: str) -> None:
        """Raises ImageUnavailableError: the engine would look at private places for whoever names them."""
        place, allowed = images.registry(reference), self._report.registries
        if place is None or allowed is None:
            return
        try:
            Allowed(allowed).addresses(*place)
        except OSError as error:
            raise ImageUnavailableError(f"{error.strerror or error}.") from None

    def create_runtime(self, env: MutableMapping[str, str], runtimeContext: RuntimeContext) -> Any:
        runtime, cidfile = super().create_runtime(env, runtimeContext)
        containers, limits, place = self._report.containers, self._report.container, Path(str(cidfile))
        store = cast(Store, runtimeContext.secret_store)
        self._variables = place.with_suffix(".env")
        runtime = store.variables(runtime, self._variables)
        user = limits.user_of((os.geteuid(), os.getegid()), rootless=containers.is_rootless())
        self.give_to(user)
        most_cores, most_memory = self._limits()
        flags = [
            *containers.marks(self._report.job_id),
            "--pull=never",
            # What a tool says is kept in the job's log, up to its limit; the engine would keep all of it.
            "--log-driver=none",
            *containers.flags(place, most_cores, most_memory, limits.processes),
            *limits.flags(user),
        ]
        # cwltool's begins with the command that is Docker's.
        return [*containers.command(place), *runtime[2:], *flags], cidfile

    def _execute(
        self,
        runtime: list[str],
        env: MutableMapping[str, str],
        runtimeContext: RuntimeContext,
        monitor_function: Any = None,
    ) -> None:
        context = runtimeContext.copy()
        store = cast(Store, context.secret_store)
        context.secret_store = cast(Any, Line(store, len(runtime), self.builder))
        try:
            super()._execute(runtime, env, context, monitor_function)
        finally:
            self._variables.unlink(missing_ok=True)

    def _limits(self) -> tuple[float, int]:
        """Cores and MiB: what the tool has declared; else all that there is for jobs."""
        machine_cores, machine_memory = self._report.machine
        # An operator may let jobs reserve more than there is; the engine limits to no more.
        machine_cores = min(machine_cores, os.cpu_count() or 1)
        declared, _ = self.builder.get_requirement("ResourceRequirement")
        named = set(declared or ())
        resources = cast(Resources, self.builder.resources)
        cores = resources.most_cores if named & {"coresMin", "coresMax"} else machine_cores
        memory = resources.most_memory if named & {"ramMin", "ramMax"} else machine_memory
        # To the engine, nothing means without a limit.
        return max(min(cores, machine_cores), _LEAST_CORES), max(memory, _LEAST_MEMORY)

    def docker_monitor(
        self,
        cidfile: str,
        tmpdir_prefix: str,
        cleanup_cidfile: bool,
        docker_exe: str,
        process: subprocess.Popen[str],
    ) -> None:
        """In the place of cwltool's, which sleeps a second before it looks."""
        watch = _Watch(self._report, self._output, Path(cidfile), self._writable)
        watch.until_ended(process, self._limit)
        if watch.excess is not None:
            self._report.fail("output-limit", f"'{self.name}' wrote {watch.excess}, and was ended.")
        elif watch.is_late:
            self._report.fail("time-limit", f"'{self.name}' ran longer than its limit of {self._limit:g} seconds.")
        if process.returncode in (*_CLIENT_CODES, *_KILLED) and self._report.reason is None:
            self._explain(process.returncode, watch)
        if process.returncode == _TOO_LARGE:
            most = self._report.container.file_size
            self._report.fail("output-limit", f"'{self.name}' wrote a file of more than {most} bytes.")
        self._report.step_ended(self.name, self._of, process.returncode)
        self._look_over()

    def _look_over(self) -> None:
        """What it has left, before cwltool looks for outputs in it."""
        try:
            for name in survey.look(self.outdir, self._report.most_output):
                _logger.warning("%s is no regular file; it is left out", name)
        except survey.TooMuchError as error:
            message = f"'{self.name}' left {error}."
            self._report.fail("output-limit", message)
            raise WorkflowException(message) from error
        self.check_left()
        self.remove_secret_files()

    def _explain(self, code: int, watch: _Watch) -> None:
        """An end that may not be the tool's doing. A tool can choose these codes itself, then nothing is said."""
        containers = self._report.containers
        try:
            fate = containers.fate(watch.container) if watch.container else frozenset({"die"})
            restarted = not fate or not containers.answers()
        except ContainerEngineError:
            restarted, fate = True, frozenset()
        if restarted:
            self._report.fail("engine-unavailable", f"{containers.title} was stopped while '{self.name}' ran.")
        elif "oom" in fate or watch.was_short:
            most = self._limits()[1]
            self._report.fail("out-of-memory", f"'{self.name}' needed more than its {most} MiB of memory.")
        elif code == _CLIENT_CODES[0] and "start" not in fate:
            said = next((line for line in self._report.tool_log if line.startswith(containers.complaint)), "")
            message = f"The container of '{self.name}' can't be started: {said.removeprefix(containers.complaint)}"
            self._report.fail("container-refused", message)
        elif code in _KILLED and "kill" in fate:
            self._report.fail("killed", f"The container of '{self.name}' was killed from outside.")


class _Watch:
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
                end_at = now + KILL_SECONDS
                self._kill()
            elif now >= measure_at and self.excess is None:
                self._measure()
                taken = time.monotonic() - now
                measure_at = now + taken + max(MEASURE_SECONDS, MEASURE_PAUSE * taken)
                if self.excess is not None:
                    measure_at, end_at = math.inf, now
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
            _logger.warning("%s", error)
