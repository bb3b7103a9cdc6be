"""Batches: jobs that gather the executions of one process with many inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from registry.database import Database
from registry.jobs import COLUMNS, job_from_row
from registry.models import Job, JobId, JobStatus

#: Executions in the order of their inputs.
_IN_ORDER = f"select {COLUMNS} from jobs where parent = ? order by created, seq"  # noqa: S608


class Batches:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def executions(self, job: Job) -> list[Job]:
        """Those of a batch, in the order of their inputs; of any other job none."""
        rows = await self._database.fetch_all(_IN_ORDER, [job.id]) if job.batch is not None else []
        return [job_from_row(row) for row in rows]

    async def execution(self, batch_id: JobId, index: int) -> Job | None:
        """That of the input at an index from 0."""
        row = await self._database.fetch_one(f"{_IN_ORDER} limit 1 offset ?", [batch_id, index])
        return job_from_row(row) if row else None

    async def index(self, execution: Job) -> int:
        """From 0: where its input stands."""
        row = await self._database.fetch_one(
            "select count(*) from jobs where parent = ? and (created, seq) < (?, ?)",
            [execution.parent, execution.created.isoformat(), execution.seq],
        )
        return row[0] if row else 0

    async def counts(self, batch_ids: Iterable[JobId]) -> dict[JobId, dict[JobStatus, int]]:
        """How many executions of each batch have which status; those that none has are left out."""
        ids = list(batch_ids)
        found: dict[JobId, dict[JobStatus, int]] = {each: {} for each in ids}
        for row in await self._database.fetch_all(
            "select jobs.parent, status, count(*) as number from json_each(?) as asked"
            " join jobs on jobs.parent = asked.value group by jobs.parent, status",
            [json.dumps(ids)],
        ):
            found[JobId(row["parent"])][JobStatus(row["status"])] = row["number"]
        return found
