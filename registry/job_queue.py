"""The durable queue: every change of a job's status is one guarded statement.

    submit: → accepted          start: accepted → running
    dismiss: accepted → dismissed
    finish: running → successful | failed | dismissed, and accepted → failed where a run can't be started

A claim marks an accepted job as taken by the supervisor; one data folder has one supervisor, so the claims
that a start finds are those of a supervisor that is gone.
"""

from __future__ import annotations

import json

from registry.database import Database
from registry.errors import JobNotFoundError
from registry.jobs import job_from_row
from registry.models import JSON, Job, JobId, JobStatus, Outcome, now


class JobQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def submit(self, job: Job, order: JSON) -> None:
        """On disk when it returns. `order`: the CWL job order, its files not yet staged."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "insert into jobs"
                " (id, process_id, revision, request, listed, status, created, updated)"
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.id,
                    job.process_id,
                    job.revision,
                    json.dumps(job.request.to_json()),
                    job.listed,
                    job.status,
                    job.created.isoformat(),
                    job.updated.isoformat(),
                ),
            )
            await connection.execute(
                "insert into orders (job_id, job_order) values (?, ?)", (job.id, json.dumps(order))
            )

    async def order(self, job_id: JobId) -> JSON:
        """The job order that a job was submitted with."""
        row = await self._database.fetch_one("select job_order from orders where job_id = ?", [job_id])
        if row is None:
            raise JobNotFoundError(f"There is no job with the id '{job_id}'.")
        found: JSON = json.loads(row["job_order"])
        return found

    async def claim(self) -> Job | None:
        """Takes the job that has waited longest."""
        async with (
            self._database.transaction() as connection,
            connection.execute(
                "update jobs set claimed = 1 where seq ="
                " (select seq from jobs where status = 'accepted' and not claimed order by seq limit 1)"
                " returning *"
            ) as cursor,
        ):
            row = await cursor.fetchone()
        return job_from_row(row) if row else None

    async def free_claims(self) -> None:
        """At start: nobody else holds a claim."""
        async with self._database.transaction() as connection:
            await connection.execute("update jobs set claimed = 0 where status = 'accepted'")

    async def start(self, job_id: JobId) -> bool:
        """accepted → running; False where it was dismissed meanwhile."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = 'running', started = ?, updated = ? where id = ? and status = 'accepted'",
                (moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def finish(self, job_id: JobId, status: JobStatus, outcome: Outcome | None = None) -> bool:
        """accepted or running → an ended status; False where it had ended before."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = ?, outcome = ?, finished = ?, updated = ?"
                " where id = ? and status in ('accepted', 'running')",
                (status, outcome and json.dumps(outcome.to_json()), moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def dismiss_waiting(self, job_id: JobId) -> bool:
        """accepted → dismissed where no supervisor has claimed it; else False."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = 'dismissed', finished = ?, updated = ?"
                " where id = ? and status = 'accepted' and not claimed",
                (moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def show(self, job_id: JobId) -> None:
        """Lists a job that was not: its client has to find it again."""
        async with self._database.transaction() as connection:
            await connection.execute("update jobs set listed = 1 where id = ?", (job_id,))

    async def running(self) -> list[Job]:
        """What a supervisor finds at its start: runs that another one began."""
        rows = await self._database.fetch_all("select * from jobs where status = 'running' order by seq")
        return [job_from_row(row) for row in rows]
