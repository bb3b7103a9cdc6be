"""A registry on disk, and processes and jobs to put into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.database import Database
from registry.job_queue import JobQueue
from registry.jobs import Jobs
from registry.models import (
    JSON,
    ExecuteRequest,
    Idempotency,
    Job,
    JobId,
    JobStatus,
    Parameter,
    Process,
    ProcessDescription,
    ProcessId,
    Submission,
    new_job_id,
)
from registry.processes import Processes


@dataclass(frozen=True)
class Registry:
    database: Database
    processes: Processes
    jobs: Jobs
    queue: JobQueue

    async def added(self, process: Process) -> Process:
        """The process as it is kept."""
        await self.processes.add(process)
        return await self.processes.get(process.id)

    async def submitted(self, process: Process, order: JSON | None = None, **changes: Any) -> Job:
        """A new job of the process, as it is kept."""
        job = make_job(process, **changes)
        await self.submit(job, order or {})
        return await self.jobs.get(job.id)

    async def submit(self, job: Job, order: JSON, asked: Idempotency | None = None) -> JobId:
        """The id of the job that stands."""
        return await self.queue.submit(Submission(job=job, order=order, definition={"inputs": order}), asked)

    async def ids(self) -> set[str]:
        """Of all jobs there are."""
        return {row["id"] for row in await self.database.fetch_all("select id from jobs")}

    async def status(self, job: Job) -> JobStatus:
        return (await self.jobs.get(job.id)).status


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Registry]:
    async with Database.open(folder / "registry.sqlite3") as database:
        yield Registry(database, Processes(database), Jobs(database), JobQueue(database))


def make_process(process_id: str, version: str = "1.0.0", **changes: Any) -> Process:
    description = ProcessDescription(
        id=ProcessId(process_id),
        version=version,
        inputs={"text": Parameter(schema={"type": "string"}, min_occurs=0, max_occurs=None)},
        outputs={"text": Parameter(schema={"type": "string"})},
        about={"title": "Zürich 🕺", "keywords": ["a", "b"]},
    )
    given: dict[str, Any] = {
        "cwl": {"cwlVersion": "v1.2", "class": "CommandLineTool", "inputs": {}, "outputs": {}},
        "digest": "0" * 64,
        "package": b"\x00\xff{}",
        "media_type": "application/cwl+json",
        **changes,
    }
    return Process(description=description, **given)


def make_job(process: Process, **changes: Any) -> Job:
    given: dict[str, Any] = {"request": ExecuteRequest(), **changes}
    return Job(id=new_job_id(), process_id=process.id, revision=process.revision, **given)
