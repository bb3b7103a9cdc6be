"""Takes jobs from the queue in their order, gives each a folder and a runner, and finishes their rows.

There is one way to end a job: its runner is gone, the outcome is read, the row is finished. Runs that this
supervisor started and runs that it found at its start take it alike.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from cwl_bridge import containers, describe, document, launcher, schema
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.launcher import Running
from cwl_bridge.policy import Policy
from registry.job_queue import JobQueue
from registry.jobs import Jobs
from registry.models import JSON, Failure, Job, JobId, JobStatus, Outcome, Process
from registry.processes import Processes

#: The safety net under the wake-up calls.
POLL_SECONDS = 5.0
CLAIM_SECONDS = 0.01

_log = logging.getLogger("cwl_processes.supervisor")


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What the operator sets for every run."""

    #: Jobs at once.
    slots: int
    policy: Policy
    fetch_allow: tuple[str, ...]
    #: Bytes of one fetched input.
    max_input: int


@dataclass
class _Run:
    """A job that holds a slot."""

    job: Job
    folder: JobFolder
    dismissed: bool = False
    running: Running | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    def __init__(self, queue: JobQueue, jobs: Jobs, processes: Processes, folders: Path, settings: RunSettings) -> None:
        self._queue = queue
        self._jobs = jobs
        self._processes = processes
        self._folders = folders
        self._settings = settings
        self._wake = asyncio.Event()
        self._runs: dict[JobId, _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: dict[JobId, asyncio.Event] = {}

    def folder(self, job_id: JobId) -> JobFolder:
        return JobFolder(self._folders / job_id)

    async def run(self) -> None:
        """Until cancelled; the runners live on."""
        try:
            await self._until_done(self._recover)
            while True:
                self._wake.clear()
                await self._until_done(self._fill_slots)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def submit(self, job: Job, order: JSON) -> None:
        await self._queue.submit(job, order)
        self._wake.set()

    async def wait(self, job_id: JobId, seconds: float | None = None) -> Job:
        """The job once it has ended, or as it is when the time is up."""
        event = self._ended.setdefault(job_id, asyncio.Event())
        job = await self._jobs.get(job_id)
        if not job.status.ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), seconds)
            job = await self._jobs.get(job_id)
        if job.status.ended:
            self._ended.pop(job_id, None)
        return job

    async def dismiss(self, job_id: JobId) -> None:
        """Ends a job that has not ended: nothing of it runs any more when this returns."""
        while (run := self._runs.get(job_id)) is None:
            if await self._queue.dismiss_waiting(job_id):
                self._announce(job_id)
                return
            if (await self._jobs.get(job_id)).status.ended:
                return
            # Claimed at this very moment: it holds a slot when the claim has been answered.
            await asyncio.sleep(CLAIM_SECONDS)
        run.dismissed = True
        if run.running is not None:
            await run.running.stop()
        await run.ended.wait()

    async def show(self, job_id: JobId) -> None:
        await self._queue.show(job_id)

    async def forget(self, job_id: JobId) -> None:
        """Removes an ended job and its folder."""
        # Of several that ask at once, one removes the row, and the folder with it.
        if await self._jobs.remove(job_id):
            await asyncio.to_thread(self.folder(job_id).remove)

    async def _recover(self) -> None:
        """What the supervisor before this one left: claims are freed, living runs adopted, ended ones finished."""
        await self._queue.free_claims()
        for job in await self._queue.running():
            self._hold(job, adopted=launcher.adopt(self.folder(job.id)))

    def _hold(self, job: Job, adopted: Running | None) -> None:
        run = _Run(job, self.folder(job.id), running=adopted)
        self._runs[job.id] = run
        task = asyncio.create_task(self._carry(run), name=f"job {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fill_slots(self) -> None:
        while len(self._runs) < self._settings.slots and (job := await self._queue.claim()):
            self._hold(job, adopted=None)

    async def _until_done(self, act: Callable[[], Awaitable[None]]) -> None:
        """A database that is locked, a disk that is full: what has to be done is done when that is over."""
        while True:
            try:
                await act()
            except Exception:
                _log.exception("trying again in %s s", POLL_SECONDS)
                await asyncio.sleep(POLL_SECONDS)
            else:
                return

    async def _carry(self, run: _Run) -> None:
        """One job from its claim to its finished row."""
        failure = None
        try:
            try:
                await self._see_it_run(run)
            except Exception as error:
                _log.exception("job %s can't be run", run.job.id)
                failure = Failure(reason="runner-error", message=f"The run could not be started: {error}")
                if run.running is not None:
                    await run.running.stop()
            await self._until_done(partial(self._finish, run, failure))
        finally:
            del self._runs[run.job.id]
            run.ended.set()
            self._announce(run.job.id)
            self._wake.set()

    async def _see_it_run(self, run: _Run) -> None:
        """Until its runner has ended."""
        adopted = False
        if run.job.status is JobStatus.ACCEPTED and not run.dismissed:
            adopted = await self._start(run)
        if run.running is not None:
            await run.running.ended()
        if adopted and not run.dismissed and not run.folder.was_begun():
            # Its server died before it told it to begin.
            await self._start(run)
            if run.running is not None:
                await run.running.ended()

    async def _start(self, run: _Run) -> bool:
        """Starts a runner, unless there is or was one; whether it found one that lives."""
        # A server may have died between starting the runner and writing so: then it runs, or has ended.
        run.running = launcher.adopt(run.folder)
        adopted = run.running is not None
        if run.running is None and run.folder.outcome() is None:
            process = await self._processes.revision(run.job.revision)
            asked = self._asked(run.job, process, await self._queue.order(run.job.id))
            await asyncio.to_thread(run.folder.create, document.write_yaml(process.cwl), asked)
            run.running = launcher.start(run.folder)
        await self._queue.start(run.job.id)
        if run.dismissed and run.running is not None:
            await run.running.stop()
        return adopted

    def _asked(self, job: Job, process: Process, order: JSON) -> JSON:
        """run.json: all that a runner is told."""
        return {
            "job": job.id,
            "order": order,
            "outputs": [name for name in process.description.outputs if job.request.wants(name)],
            "literals": literals(process),
            "fetch_allow": list(self._settings.fetch_allow),
            "max_input": self._settings.max_input,
            "policy": asdict(self._settings.policy),
        }

    async def _finish(self, run: _Run, failure: Failure | None) -> None:
        outcome = await asyncio.to_thread(run.folder.outcome)
        if outcome is None or run.dismissed:
            try:
                await asyncio.to_thread(containers.remove_job_containers, run.job.id)
            except ContainerEngineError:
                _log.exception("the containers of job %s can't be looked for", run.job.id)
            await asyncio.to_thread(run.folder.remove_work)
        if run.dismissed:
            await self._queue.finish(run.job.id, JobStatus.DISMISSED)
            return
        outcome = outcome or Outcome(failure=failure or _lost(run))
        status = JobStatus.FAILED if outcome.failure else JobStatus.SUCCESSFUL
        await self._queue.finish(run.job.id, status, outcome)

    def _announce(self, job_id: JobId) -> None:
        event = self._ended.pop(job_id, None)
        if event is not None:
            event.set()


def literals(process: Process) -> dict[str, JSON]:
    """The outputs whose file holds a JSON value (see `wrap`), with their schemas."""
    names = describe.named_types(process.cwl)
    ports = describe.ports(process.cwl, "outputs")
    return {
        name: parameter.schema
        for name, parameter in process.description.outputs.items()
        if schema.alternatives(schema.normalise(ports[name]["type"], names)) == ["File", "Any"]
    }


def _lost(run: _Run) -> Failure:
    number = run.running.ended_by if run.running else None
    how = f" by signal {signal.Signals(number).name}" if number else ""
    return Failure(
        reason="runner-lost",
        message=f"The process that ran the job was ended{how} before it could say how the run ended.",
        log=run.folder.log_tail(),
    )
