"""Takes jobs from the queue in their turn, gives each a folder and a runner, and finishes their rows.

There is one way to end a job: its runner is gone, the outcome is read, the row is finished. Runs that this
supervisor started and runs that it found at its start take it alike.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cwl_bridge import asked, endings, images, kept, launcher, levels, overrides, ownresults, runtimes
from cwl_bridge.asked import RunSettings
from cwl_bridge.ballast import Ballast
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.documents import Documents
from cwl_bridge.engines import Engine
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.launcher import Running
from cwl_bridge.retention import Retention
from cwl_bridge.secretfiles import SecretFiles
from cwl_bridge.tidying import Tidying
from registry.job_queue import JobQueue
from registry.jobs import Jobs
from registry.models import (
    JSON,
    Failure,
    Idempotency,
    Job,
    JobId,
    JobStatus,
    Needs,
    Outcome,
    Process,
    Progress,
    Submission,
)
from registry.processes import Processes

#: The safety net under the wake-up calls.
POLL_SECONDS = 5.0
CLAIM_SECONDS = 0.01
#: A client waits no longer for the end of what it has dismissed.
DISMISS_SECONDS = 14.0

_log = logging.getLogger("cwl_processes.supervisor")


@dataclass
class _Run:
    """A job that holds a slot."""

    job: Job
    folder: JobFolder
    #: What its containers are of.
    containers: ContainerEngine
    #: Why it is stopped, where it is.
    stopped: Failure | None = None
    dismissed: bool = False
    running: Running | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    def __init__(  # noqa: PLR0913 - what it brings together
        self,
        *,
        queue: JobQueue,
        jobs: Jobs,
        processes: Processes,
        retention: Retention,
        secret_files: SecretFiles,
        ballast: Ballast,
        engine: Engine,
        containers: ContainerEngine,
        documents: Documents,
        settings: RunSettings,
        on_change: Callable[[], None],
    ) -> None:
        """`on_change`: called when a job has another status."""
        self._queue = queue
        self._jobs = jobs
        self._processes = processes
        self._retention = retention
        self._secret_files = secret_files
        self._ballast = ballast
        self._engine = engine
        self._containers = containers
        #: And those of the jobs that it found: they may have been begun when the server had another one.
        self._all_containers = {containers.name: containers}
        self._tidying = Tidying(
            jobs=jobs,
            retention=retention,
            secret_files=secret_files,
            ballast=ballast,
            engines=lambda: list(self._all_containers.values()),
            runs=lambda job_id: job_id in self._runs,
        )
        self._documents = documents
        self._settings = settings
        self._on_change = on_change
        self._wake = asyncio.Event()
        self._runs: dict[JobId, _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[JobId, asyncio.Event] = {}
        self._draining = False
        #: Held while a job is taken from the queue.
        self._claiming = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled; the runners live on."""
        try:
            await self._ballast.until_done(self._recover)
            self._begin(self._tidying.run(), "tidying")
            while True:
                self._wake.clear()
                await self._ballast.until_done(self._fill_slots)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, act: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(act, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def submit(self, made: Submission, key: Idempotency | None = None) -> JobId:
        """The id of the job that stands (see JobQueue.submit)."""
        async with self._secret_files.keeping(made):
            job_id = await self._queue.submit(made, key)
        self._wake.set()
        return job_id

    async def replace(self, made: Submission, known: JSON, secrets: str | None) -> bool:
        """Changes a job that was not started (see JobQueue.replace)."""
        async with self._secret_files.keeping(made):
            return await self._queue.replace(made, known, secrets)

    async def release(self, job_id: JobId) -> bool:
        """Starts a job that was only created (see JobQueue.release)."""
        released = await self._queue.release(job_id)
        self._wake.set()
        return released

    async def wait(self, job_id: JobId, seconds: float | None = None) -> Job:
        """The job once it has ended, or as it is when the time is up or the server is leaving."""
        event = self._waiting.setdefault(job_id, asyncio.Event())
        job = await self._jobs.get(job_id)
        if not job.status.ended and not (self._draining and job_id not in self._runs):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await event.wait()
            job = await self._jobs.get(job_id)
        if job.status.ended:
            self._waiting.pop(job_id, None)
        return job

    async def dismiss(self, job_id: JobId) -> None:
        """Ends a job, or all executions of a batch: nothing of it runs any more when this returns.

        Raises ContainerEngineError where that can't be known yet; the dismissal goes on.
        """
        carried = await self._ballast.with_room(partial(self._queue.dismiss, job_id))
        await asyncio.gather(*map(self._end, carried))
        await self._secret_files.forget(job_id)
        self._announce(job_id)

    async def _end(self, job_id: JobId) -> None:
        while (run := self._runs.get(job_id)) is None:
            if (await self._jobs.get(job_id)).status.ended:
                return
            # Claimed at this very moment: it holds a slot when the claim has been answered.
            await asyncio.sleep(CLAIM_SECONDS)
        run.dismissed = True
        if run.running is not None:
            await run.running.stop()
        try:
            async with asyncio.timeout(DISMISS_SECONDS):
                await run.ended.wait()
        except TimeoutError:
            raise ContainerEngineError(f"The job is being dismissed; {run.containers.title} does not answer.") from None

    async def show(self, job_id: JobId) -> None:
        await self._queue.show(job_id)

    def drain(self) -> None:
        """From now on no job is begun; who waits for one that has not begun waits no longer."""
        self._draining = True
        for job_id, event in self._waiting.items():
            if job_id not in self._runs:
                event.set()

    def progress(self, batch_id: JobId) -> list[Progress]:
        """Of the executions of a batch that run and have come that far."""
        runs = [run for run in self._runs.values() if run.job.parent == batch_id]
        return [progress for run in runs if (progress := run.folder.progress()) is not None]

    @property
    def draining(self) -> bool:
        return self._draining

    def let_go(self) -> None:
        """Who waits for the end of a job waits no longer."""
        for event in self._waiting.values():
            event.set()

    async def until_idle(self) -> None:
        """Until no job runs any more, once none is begun any more."""
        async with self._claiming:
            runs = list(self._runs.values())
        await asyncio.gather(*(run.ended.wait() for run in runs))

    async def stop_all(self) -> None:
        """Ends every run, once none is begun any more: its job has failed."""
        async with self._claiming:
            runs = list(self._runs.values())
        for run in runs:
            run.stopped = Failure(reason="server-stopped", message="The server was stopped while the job ran.")
        await asyncio.gather(*(run.running.stop() for run in runs if run.running is not None))
        await asyncio.gather(*(run.ended.wait() for run in runs))

    async def _recover(self) -> None:
        """What the supervisor before this one left: living runs are adopted, ended ones finished, claims freed."""
        for job in await self._queue.unfinished():
            folder = self._retention.folder(job.id)
            begun = job.status is JobStatus.RUNNING or folder.runner() or folder.was_begun()
            if job.id in self._runs:
                continue
            if begun or job.dismissing:
                self._hold(job)
            else:
                await self._queue.free_claim(job.id)
        await self._retention.remove_orphans()
        await self._secret_files.forget_all()

    def _hold(self, job: Job) -> None:
        folder = self._retention.folder(job.id)
        name = folder.runtime() or self._containers.name
        containers = self._all_containers.setdefault(name, runtimes.of(name))
        run = _Run(job, folder, containers, dismissed=job.dismissing)
        self._runs[job.id] = run
        self._begin(self._carry(run), f"job {job.id}")

    async def _fill_slots(self) -> None:
        async with self._claiming:
            while len(self._runs) < self._settings.slots and not self._draining:
                # While the engine is away or the disk is full, jobs wait.
                if self._ballast.low or not await asyncio.to_thread(self._containers.answers):
                    return
                job = await self._queue.claim(self._free())
                if job is None:
                    return
                self._hold(job)

    def _free(self) -> Needs:
        """What is left of the machine. Where nothing runs any job may try: what can never fit says so."""
        if not self._runs:
            return Needs(cores=float("inf"), memory=1 << 62)
        machine, taken = self._settings.machine, [run.job.needs for run in self._runs.values()]
        return Needs(
            # A thousandth is no core: sums of fractions are never exact.
            cores=machine.cores - sum(each.cores for each in taken) + 0.001,
            memory=machine.memory - sum(each.memory for each in taken),
        )

    async def _carry(self, run: _Run) -> None:
        """One job from its claim to its finished row."""
        try:
            try:
                await self._see_it_run(run)
            except Exception as error:
                _log.exception("job %s can't be run", run.job.id)
                run.stopped = endings.unstartable(error)
                if run.running is not None:
                    await run.running.stop()
            await self._ballast.until_done(partial(self._finish, run))
        finally:
            del self._runs[run.job.id]
            run.ended.set()
            self._announce(run.job.id)
            self._wake.set()

    async def _see_it_run(self, run: _Run) -> None:
        """Until its runner has ended."""
        # A server may have died between starting a runner and writing so: then it runs, or has ended.
        run.running = launcher.adopt(run.folder)
        adopted = run.running is not None
        if run.dismissed:
            if run.running is not None:
                await run.running.stop()
            return
        if run.running is None and run.job.status is JobStatus.ACCEPTED and not run.folder.was_begun():
            await self._start(run)
        elif run.job.status is JobStatus.ACCEPTED:
            await self._say_running(run)
        await self._until_ended(run)
        if adopted and not run.dismissed and not run.folder.was_begun():
            # Its server died before it told it to begin.
            await self._start(run)
            await self._until_ended(run)

    async def _start(self, run: _Run) -> None:
        process, order = await self._ballast.until_done(partial(self._all_it_needs, run.job))
        await asyncio.to_thread(self._make_folder, run, process, order)
        run.running = await launcher.start(self._engine, run.folder)
        await self._say_running(run)
        if run.dismissed or run.stopped:
            await run.running.stop()

    async def _all_it_needs(self, job: Job) -> tuple[Process, JSON]:
        """What it runs, and the order as it was submitted."""
        return await self._processes.revision(job.revision), await self._queue.order(job.id)

    def _make_folder(self, run: _Run, process: Process, order: JSON) -> None:
        text = overrides.applied(process, order.pop(overrides.NAME))[1] if overrides.are_in(process, order) else None
        writes = any(each.in_force("InplaceUpdateRequirement") for each in levels.walk(process.cwl))
        results = order.pop(ownresults.MEMBER, {})
        run_json = asked.run(run.job, process, order, results, self._settings)
        files = kept.paths(process.cwl)
        run.folder.create(self._documents.text(process.digest), run_json, text, files, own=writes)

    async def _say_running(self, run: _Run) -> None:
        await self._ballast.until_done(partial(self._queue.start, run.job.id))
        self._on_change()

    async def _until_ended(self, run: _Run) -> None:
        if run.running is None:
            return
        limit = self._settings.job_timeout
        runner = run.folder.runner()
        left = max(0.0, limit - runner.age_seconds) if limit and runner else None
        try:
            async with asyncio.timeout(left):
                await run.running.ended()
        except TimeoutError:
            message = f"The job ran longer than the {limit} seconds that this server allows."
            run.stopped = Failure(reason="time-limit", message=message, log=run.folder.log_tail())
            await run.running.stop()

    async def _finish(self, run: _Run) -> None:
        outcome = await asyncio.to_thread(endings.outcome, run.folder)
        if outcome is None or run.dismissed:
            await self._sweep(run)
            await asyncio.to_thread(run.folder.remove_work)
        # Before anybody learns of the end; those of a batch are needed as long as one of its executions is.
        self._secret_files.remove(run.job.id)
        kept = await asyncio.to_thread(run.folder.size)
        if run.dismissed:
            await self._queue.finish(run.job.id, JobStatus.DISMISSED, kept=kept)
        else:
            outcome = outcome or Outcome(failure=run.stopped or endings.lost(run.folder, run.running))
            await self._pin(run, outcome)
            status = JobStatus.FAILED if outcome.failure else JobStatus.SUCCESSFUL
            await self._queue.finish(run.job.id, status, outcome, kept)
        if run.job.parent is not None:
            await self._secret_files.forget(run.job.parent)

    async def _pin(self, run: _Run, outcome: Outcome) -> None:
        """What a job has pulled is what all jobs of its process run."""
        job, used = run.job, (outcome.usage.images if outcome.usage else {})
        if used.keys() - job.images.keys():
            named = set(images.references((await self._processes.revision(job.revision)).cwl))
            pulled = {name: digest for name, digest in used.items() if name in named and name not in job.images}
            await self._processes.pin(job.revision, await asyncio.to_thread(images.ran, pulled, run.containers))

    async def _sweep(self, run: _Run) -> None:
        """A dismissed job has ended when nothing of it is left; another one also while that can't be known."""
        try:
            expected = await asyncio.to_thread(run.folder.expects_container)
            await run.containers.remove_job_containers(run.job.id, expected=expected)
        except ContainerEngineError:
            if run.dismissed:
                raise
            _log.warning("the containers of job %s are looked for when the engine answers again", run.job.id)

    def _announce(self, job_id: JobId) -> None:
        self._on_change()
        event = self._waiting.pop(job_id, None)
        if event is not None:
            event.set()
