"""One step in a container: the line that runs it, the image, and what its end means."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, cast

from cwltool.context import RuntimeContext
from cwltool.errors import WorkflowException
from cwltool.loghandler import _logger

from cwl_bridge import images, survey
from cwl_bridge.addresses import Allowed
from cwl_bridge.containers import ImageUnavailableError
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.mounts import MountingJob
from cwl_bridge.report import Report
from cwl_bridge.secretstore import Line, Store
from cwl_bridge.watch import Watch
from registry.models import Pin

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
        watch = Watch(self._report, self._output, Path(cidfile), self._writable)
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

    def _explain(self, code: int, watch: Watch) -> None:
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
