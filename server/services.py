"""What the routes work with: made once in the lifespan, reached through the request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request

from cwl_bridge.ballast import Ballast
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.digests import Digests
from cwl_bridge.documents import Documents
from cwl_bridge.engines import Engine
from cwl_bridge.retention import Retention
from cwl_bridge.secretfiles import SecretFiles
from cwl_bridge.supervisor import Supervisor
from registry.batches import Batches
from registry.job_queue import JobQueue
from registry.jobs import Jobs
from registry.models import Job, JobId, JobStatus, Process, Progress
from registry.outbox import Notice, Outbox
from registry.processes import Processes
from registry.quotas import Quotas
from registry.shares import Shares
from server import auth
from server.auth import Authenticator
from server.cursors import Cursors
from server.openapi.definitions import Definitions
from server.problems import ProblemError
from server.settings import Settings
from server.turns import Lasting, Turns

if TYPE_CHECKING:
    from server.callbacks import Callbacks
MOST_LEFT = 10_000

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a job beside its row."""

    progress: Progress | None = None
    #: When it will be forgotten.
    expires: datetime | None = None
    #: The names of what is in its folder.
    files: frozenset[str] = frozenset()
    #: What its client was and is to be told; None where it wants to be told nothing.
    callbacks: tuple[Notice, ...] | None = None
    #: Of a batch: how many of its executions have which status.
    executions: Mapping[JobStatus, int] | None = None
    #: How far those are, all together.
    percent: int = 0


@dataclass
class Draining:
    """Whether the server is about to stop, and how many requests it still owes an answer."""

    begun: bool = False
    _owed: int = 0
    _paid: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def owing(self) -> Iterator[None]:
        """A client waits for the end of a run."""
        self._owed += 1
        try:
            yield
        finally:
            self._owed -= 1
            if not self._owed:
                self._paid.set()

    async def paid(self) -> None:
        """Until nobody waits any more; once draining has begun nobody new does."""
        while self._owed:
            self._paid.clear()
            await self._paid.wait()


@dataclass(frozen=True, kw_only=True)
class Services:
    settings: Settings
    processes: Processes
    jobs: Jobs
    batches: Batches
    queue: JobQueue
    quotas: Quotas
    supervisor: Supervisor
    retention: Retention
    shares: Shares
    outbox: Outbox
    callbacks: Callbacks
    ballast: Ballast
    documents: Documents
    secret_files: SecretFiles
    #: Of the fingerprints of requests that may be sent again.
    fingerprint_key: bytes
    engine: Engine
    containers: ContainerEngine
    #: As many documents are validated at once: each may take a core and much memory.
    validations: Turns
    #: As many calls that take long are in threads at once, so that there is always a thread for short ones.
    threads: Turns
    #: Threads of their own, so that a slow place elsewhere keeps nobody else waiting.
    fetching: Executor
    #: As many documents are fetched there at once.
    fetches: Turns
    digests: Digests
    #: As many jobs have their files read for that at once.
    digesting: Turns
    #: As many jobs have their provenance written at once: many files or steps take a core for seconds.
    tracing: Turns
    #: Logs that clients follow.
    following: Lasting
    draining: Draining
    definitions: Definitions
    cursors: Cursors
    authenticator: Authenticator
    #: Database.version.
    version: Callable[[], int | None]
    #: The names in the folders of jobs that have ended, of as many as were looked at last.
    left: dict[JobId, frozenset[str]] = field(default_factory=dict)

    async def standings(self, jobs: Sequence[Job]) -> list[Standing]:
        """In their order."""
        batches = [job.id for job in jobs if job.batch is not None]
        counts = await self.batches.counts(batches) if batches else {}
        return [self._of_batch(job, counts[job.id]) if job.id in counts else self._standing(job) for job in jobs]

    def _of_batch(self, job: Job, executions: Mapping[JobStatus, int]) -> Standing:
        ended = sum(number for status, number in executions.items() if status.ended)
        percents = 100 * ended + sum(each.percent for each in self.supervisor.progress(job.id))
        return Standing(
            expires=self.settings.keep.expires(job), executions=executions, percent=percents // (job.batch or 1)
        )

    def _standing(self, job: Job) -> Standing:
        if job.status in (JobStatus.CREATED, JobStatus.ACCEPTED):
            # A folder that is being made is none yet.
            return Standing()
        if job.status is JobStatus.RUNNING:
            folder = self.retention.folder(job.id)
            return Standing(progress=folder.progress(), files=frozenset(folder.files()))
        return Standing(expires=self.settings.keep.expires(job), files=self._left_by(job.id))

    def _left_by(self, job_id: JobId) -> frozenset[str]:
        """In the folder of a job that has ended: nothing comes, and nothing goes before all of it does."""
        if job_id not in self.left:
            if len(self.left) >= MOST_LEFT:
                del self.left[next(iter(self.left))]
            self.left[job_id] = frozenset(self.retention.folder(job_id).files())
        return self.left[job_id]

    async def whole_standing(self, job: Job) -> Standing:
        """For the document of one job: with its callbacks."""
        [standing] = await self.standings([job])
        if job.request.subscriber is None:
            return standing
        return replace(standing, callbacks=tuple(await self.outbox.of_job(job.id)))

    async def in_thread(self, act: Callable[..., T], *given: Any, **named: Any) -> T:
        """For what may take long: those who ask for that take turns."""
        async with self.threads:
            return await asyncio.to_thread(act, *given, **named)

    def take_on_work(self) -> None:
        """Raises ProblemError where the server is about to stop, or has no room for what more work would write."""
        if self.draining.begun:
            raise ProblemError("draining", "The server is being stopped; send the request again in a moment.")
        if self.ballast.low:
            detail = f"Less than {self.settings.min_free} bytes are free on the disk of the data folder."
            raise ProblemError("insufficient-storage", detail)


def of(request: Request) -> Services:
    services: Services = request.state.services
    return services


async def job(request: Request) -> Job:
    """The one that the path names, where who asks may see it. Raises JobNotFoundError."""
    return await of(request).jobs.visible(request.path_params["job_id"], auth.principal(request))


async def own_job(request: Request) -> Job:
    """The same, where who asks may change it. Raises JobNotFoundError, ProblemError."""
    found = await job(request)
    if not auth.principal(request).owns(found.owner):
        raise ProblemError("not-owner", "The job belongs to somebody else, who shares it with you.")
    return found


async def process(request: Request) -> Process:
    """The one that the path names, where who asks may see it. Raises ProcessNotFoundError."""
    return await of(request).processes.visible(request.path_params["process_id"], auth.principal(request))


def hold(request: Request, job_id: JobId) -> None:
    """The job's folder stays until the request has been answered."""
    request.state.held.enter_context(of(request).retention.reading(job_id))
