"""What a callback says: the results document of a successful job, the status document of any other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

from cwl_bridge import gathered
from cwl_bridge.retention import Retention
from registry.batches import Batches
from registry.jobs import Jobs
from registry.models import JSON, Job, JobStatus
from registry.outbox import Notice
from registry.processes import Processes
from registry.subscriber import Event
from server import render
from server.links import Links
from server.members import Shown
from server.services import Standing


class Notices:
    def __init__(
        self, jobs: Jobs, batches: Batches, processes: Processes, retention: Retention, paths: Mapping[str, str]
    ) -> None:
        """`paths`: those of the routes by their names."""
        self._jobs = jobs
        self._batches = batches
        self._processes = processes
        self._retention = retention
        self._paths = paths

    def job_url(self, notice: Notice) -> str:
        return self._to(notice).url("job", job_id=notice.job_id)

    async def body(self, notice: Notice) -> bytes:
        """Raises JobNotFoundError, and OSError where the results are not there any more."""
        job = await self._jobs.get(notice.job_id)
        document = await self._results(notice, job) if notice.event is Event.SUCCESS else self._status(notice, job)
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    def _to(self, notice: Notice) -> Links:
        return Links(notice.base, self._paths)

    async def _results(self, notice: Notice, job: Job) -> JSON:
        """Literals by value, files by reference, whatever their size; literals too where that was asked for."""
        process = await self._processes.revision(job.revision)
        shown = Shown(to=self._to(notice), job_id=job.id, folders=self._retention.folder)

        def members(executions: Sequence[Job]) -> JSON:
            found = gathered.results(process.description, job, executions)
            return {name: shown.member(name, each, _by_reference(job, name)) for name, each in found.items()}

        with self._retention.reading(job.id):
            return await asyncio.to_thread(members, await self._batches.executions(job))

    def _status(self, notice: Notice, job: Job) -> JSON:
        if notice.event is Event.IN_PROGRESS:
            # As it was when it began; it may have ended meanwhile.
            job = job.evolve(status=JobStatus.RUNNING, updated=job.started, finished=None, outcome=None)
        files = frozenset(self._retention.folder(job.id).files())
        return render.status(self._to(notice), job, Standing(files=files))


def _by_reference(job: Job, name: str) -> str | None:
    transmission = job.request.choice(name).transmission
    return transmission if transmission == "reference" else None
