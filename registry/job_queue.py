"""The durable queue: every change of a job's status is one guarded statement.

    submit: → accepted          start: accepted → running
    dismiss: accepted → dismissed
    finish: running → successful | failed | dismissed, and accepted → failed where a run can't be started

A claim marks an accepted job as taken by the supervisor; one data folder has one supervisor, so the claims
that a start finds are those of a supervisor that is gone. No time goes backwards, whatever the clock does.
"""

from __future__ import annotations

import json

from registry import idempotency
from registry.database import Database
from registry.errors import JobNotFoundError
from registry.jobs import job_from_row
from registry.models import JSON, Idempotency, Job, JobId, JobStatus, Needs, Outcome, now

#: Owners that wait, found by skipping from one to the next: a thousand jobs of one cost no more than one.
_OWNERS = """
    with recursive owners (owner) as (
        select min(owner) from jobs where status = 'accepted' and claimed = 0
        union all
        select (select min(owner) from jobs where status = 'accepted' and claimed = 0 and owner > owners.owner)
        from owners where owners.owner is not null
    )"""

#: The oldest job of the owner who has fewest running, and of those the one whose last turn is longest ago.
_NEXT = f"""
    {_OWNERS}
    select (select min(seq) from jobs where status = 'accepted' and claimed = 0 and jobs.owner = owners.owner) as seq
    from owners left join turns on turns.owner = owners.owner
    where owners.owner is not null
    order by (select count(*) from jobs where status = 'running' and jobs.owner = owners.owner)
           + (select count(*) from jobs where status = 'accepted' and claimed = 1 and jobs.owner = owners.owner),
             coalesce(turns.turn, 0), seq
    limit 1"""  # noqa: S608 - made of constants


class JobQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def submit(self, job: Job, order: JSON, asked: Idempotency | None = None) -> JobId:
        """On disk when it returns. `order`: the CWL job order, its files not yet staged.

        The id of the job that stands: where a request with this key came before, that of the first.
        """
        async with self._database.transaction() as connection:
            if asked is not None:
                found = await idempotency.find(connection, job.owner, asked)
                if found is not None:
                    return JobId(found["job_id"])
                await idempotency.keep(connection, job.owner, asked, job_id=job.id)
            await connection.execute(
                "insert into jobs (id, process_id, revision, request, owner, cores, memory, images, listed, status,"
                " created, updated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.id,
                    job.process_id,
                    job.revision,
                    json.dumps(job.request.to_json()),
                    job.owner,
                    job.needs.cores,
                    job.needs.memory,
                    json.dumps(job.images),
                    job.listed,
                    job.status,
                    job.created.isoformat(),
                    job.updated.isoformat(),
                ),
            )
            await connection.execute(
                "insert into orders (job_id, job_order) values (?, ?)", (job.id, json.dumps(order))
            )
        return job.id

    async def order(self, job_id: JobId) -> JSON:
        """The job order that a job was submitted with."""
        row = await self._database.fetch_one("select job_order from orders where job_id = ?", [job_id])
        if row is None:
            raise JobNotFoundError(f"There is no job with the id '{job_id}'.")
        found: JSON = json.loads(row["job_order"])
        return found

    async def claim(self, free: Needs) -> Job | None:
        """Takes the job whose turn it is, where it fits into what is free.

        Owners take turns. A job that does not fit keeps its turn: a large one is not overtaken for ever by small ones.
        """
        async with self._database.transaction() as connection:
            async with connection.execute(
                f"update jobs set claimed = 1 where seq = ({_NEXT}) and cores <= ? and memory <= ? returning *",  # noqa: S608
                (free.cores, free.memory),
            ) as cursor:
                row = await cursor.fetchone()
            if row is not None:
                await connection.execute(
                    "insert into turns (owner, turn) values (?, (select coalesce(max(turn), 0) + 1 from turns))"
                    " on conflict (owner) do update set turn = excluded.turn",
                    (row["owner"],),
                )
        return job_from_row(row) if row else None

    async def free_claim(self, job_id: JobId) -> None:
        """For one whose supervisor is gone."""
        async with self._database.transaction() as connection:
            await connection.execute("update jobs set claimed = 0 where id = ? and status = 'accepted'", (job_id,))

    async def start(self, job_id: JobId) -> bool:
        """accepted → running; False where it was dismissed meanwhile."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = 'running', started = max(?, created), updated = max(?, created)"
                " where id = ? and status = 'accepted'",
                (moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def finish(self, job_id: JobId, status: JobStatus, outcome: Outcome | None = None) -> bool:
        """accepted or running → an ended status; False where it had ended before."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = ?, outcome = ?, finished = max(?, updated), updated = max(?, updated)"
                " where id = ? and status in ('accepted', 'running')",
                (status, outcome and json.dumps(outcome.to_json()), moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def dismiss_waiting(self, job_id: JobId) -> bool:
        """accepted → dismissed where no supervisor has claimed it; else False."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = 'dismissed', finished = max(?, created), updated = max(?, created)"
                " where id = ? and status = 'accepted' and claimed = 0",
                (moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def want_dismissed(self, job_id: JobId) -> None:
        """A client wants its end: whoever carries the job, now or after a crash, sees to it."""
        async with self._database.transaction() as connection:
            await connection.execute("update jobs set dismissing = 1 where id = ?", (job_id,))

    async def show(self, job_id: JobId) -> None:
        """Lists a job that was not: its client has to find it again."""
        async with self._database.transaction() as connection:
            await connection.execute("update jobs set listed = 1 where id = ?", (job_id,))

    async def unfinished(self) -> list[Job]:
        """What a supervisor finds at its start: runs, claims and dismissals of one that is gone."""
        rows = await self._database.fetch_all(
            "select * from jobs where status = 'running'"
            " union all select * from jobs where status = 'accepted' and claimed = 1"
            " union all select * from jobs where status = 'accepted' and claimed = 0 and dismissing = 1 order by seq"
        )
        return [job_from_row(row) for row in rows]
