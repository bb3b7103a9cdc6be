"""The durable queue: every change of a job's status is one guarded statement.

    submit: → accepted, or → created until release: created → accepted
    start: accepted → running
    dismiss: created, accepted → dismissed
    finish: running → successful | failed | dismissed, and accepted → failed where a run can't be started

A batch goes with its executions: into the queue and out of it in the statements that are theirs, to running and to its
end by triggers (migrations/*_definitions.sql).

A claim marks an accepted job as taken by the supervisor; one data folder has one supervisor, so the claims
that a start finds are those of a supervisor that is gone. No time goes backwards, whatever the clock does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import aiosqlite

from registry import audit, idempotency, quotas
from registry.database import Database
from registry.errors import JobNotFoundError
from registry.jobs import job_from_row
from registry.models import (
    JSON,
    Idempotency,
    Job,
    JobId,
    JobStatus,
    Needs,
    Outcome,
    Quota,
    Submission,
    now,
    pins_to_json,
)

#: A batch takes no turn: its executions do.
_WAITING = "status = 'accepted' and claimed = 0 and batch is null"

#: Batches of one owner that take turns at once; others come when those have ended. It bounds what a claim looks at.
_BATCHES = 100

#: What waits, found by skipping from one to the next: a thousand jobs of one cost no more than one. First the owners,
#: and of them the one who has fewest running, and of those the one whose last turn is longest ago; then the parties of
#: that owner, and the oldest job of the one that is next in the same way. In the place of the dots is which owners are
#: passed over.
_NEXT = f"""
    with recursive owners (owner) as (
        select min(owner) from jobs where {_WAITING}
        union all
        select (select min(owner) from jobs where {_WAITING} and owner > owners.owner)
        from owners where owners.owner is not null
    ),
    chosen (owner) as materialized (
        select owners.owner from owners left join turns on turns.party = owners.owner
        where owners.owner is not null ...
        order by {quotas.RUNNING.format(owner="owners.owner")}, coalesce(turns.turn, 0),
            (select seq from jobs where {_WAITING} and owner = owners.owner order by party, seq limit 1)
        limit 1
    ),
    batches (party) as (
        select min(party) from jobs where {_WAITING} and owner = (select owner from chosen)
        union all
        select (
            select min(party) from jobs
            where {_WAITING} and owner = (select owner from chosen) and party > batches.party
        )
        from batches where batches.party is not null
        limit {_BATCHES}
    ),
    parties (party) as (select owner from chosen union select party from batches where party is not null)
    select oldest.seq
    from parties
        cross join jobs as oldest on oldest.seq = (
            select min(seq) from jobs
            where {_WAITING} and owner = (select owner from chosen) and jobs.party = parties.party
        )
        left join turns on turns.party = parties.party
    order by (select count(*) from jobs where status = 'running' and batch is null and jobs.party = parties.party)
           + (select count(*) from jobs where status = 'accepted' and claimed = 1 and jobs.party = parties.party),
             coalesce(turns.turn, 0), oldest.seq
    limit 1"""  # noqa: S608 - made of constants


def _claim(quota: Quota) -> str:
    limits = {
        "running": (quota.running, quotas.RUNNING),
        "cpu_seconds": (quota.cpu_seconds, quotas.SPENT),
        "kept_bytes": (quota.kept_bytes, quotas.KEPT),
    }
    bounds = [f"and {sql} < :{name}" for name, (most, sql) in limits.items() if most]
    chosen = _NEXT.replace("...", " ".join(bounds).format(owner="owners.owner"))
    return f"update jobs set claimed = 1 where seq = ({chosen}) and cores <= :cores and memory <= :memory returning *"  # noqa: S608


class JobQueue:
    def __init__(self, database: Database, quota: Quota | None = None) -> None:
        """`quota`: of each owner; None: there is none."""
        self._database = database
        self._quota = quota or Quota()
        self._claim = _claim(self._quota)

    async def submit(self, made: Submission, asked: Idempotency | None = None) -> JobId:
        """On disk when it returns: all of it, or nothing.

        The id of the job that stands: where a request with this key came before, that of the first. Raises
        QuotaExceededError, TooManyRequestsError.
        """
        job = made.job
        async with self._database.transaction() as connection:
            if asked is not None:
                found = await idempotency.find(connection, job.owner, asked)
                if found is not None:
                    return JobId(found["job_id"])
            await quotas.check(connection, job.owner, len(made.executions) or 1, self._quota)
            if asked is not None:
                await idempotency.keep(connection, job.owner, asked, job_id=job.id)
            await _insert(connection, [made, *made.executions])
            await audit.record(connection, "execute" if job.status is JobStatus.ACCEPTED else "create", job.id)
        return job.id

    async def replace(self, made: Submission, known: JSON, secrets: str | None = None) -> bool:
        """Another submission in the place of a job that was not started; False where it has started or changed since.

        `known`, `secrets`: the definition that the other one was made from, which has masks only, and the file with its
        secrets. The job stays the same, with the time of its creation. Raises QuotaExceededError, TooManyRequestsError.
        """
        job = made.job
        async with self._database.transaction() as connection:
            if await _secrets(connection, job.id) != secrets:
                return False
            cursor = await connection.execute(
                "update jobs set process_id = ?, revision = ?, request = ?, cores = ?, memory = ?, images = ?,"
                " batch = ?, updated = max(?, created) where id = ? and status = 'created'"
                " and (select definition from definitions where job_id = jobs.id) = ?",
                (*_contents(job), job.updated.isoformat(), job.id, json.dumps(known)),
            )
            if cursor.rowcount != 1:
                return False
            await connection.execute("delete from jobs where parent = ?", (job.id,))
            if made.executions:
                await quotas.check_waiting(connection, job.owner, len(made.executions), self._quota)
            await connection.execute("delete from orders where job_id = ?", (job.id,))
            await connection.execute("delete from definitions where job_id = ?", (job.id,))
            await _insert_beside(connection, [made])
            await _insert(connection, made.executions)
            await audit.record(connection, "change", job.id)
        return True

    async def release(self, job_id: JobId) -> bool:
        """created → accepted, with all executions of a batch; False where it was started or dismissed before."""
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "update jobs set status = 'accepted', updated = max(?, created)"
                " where id = ? and status = 'created' and parent is null",
                (moment, job_id),
            )
            if cursor.rowcount != 1:
                return False
            await connection.execute(
                "update jobs set status = 'accepted', updated = max(?, created)"
                " where parent = ? and status = 'created'",
                (moment, job_id),
            )
            await audit.record(connection, "start", job_id)
        return True

    async def definition(self, job_id: JobId) -> JSON | None:
        """The execute request that made a job; None: an execution of a batch, or a job older than such records."""
        row = await self._database.fetch_one("select definition from definitions where job_id = ?", [job_id])
        found: JSON | None = json.loads(row["definition"]) if row else None
        return found

    async def order(self, job_id: JobId) -> JSON:
        """The job order that a job was submitted with."""
        row = await self._database.fetch_one("select job_order from orders where job_id = ?", [job_id])
        if row is None:
            raise JobNotFoundError(f"There is no job with the id '{job_id}'.")
        found: JSON = json.loads(row["job_order"])
        return found

    async def secrets(self, job_id: JobId) -> str | None:
        """The file that a job, or executions of a batch, need until the end of it (see Secrets); None: it has ended."""
        async with self._database.reading() as connection:
            return await _secrets(connection, job_id)

    async def claim(self, free: Needs) -> Job | None:
        """Takes the job whose turn it is, where it fits into what is free.

        Owners take turns, but those who have as much as they may, and the batches of one with all its other jobs. A
        job that does not fit keeps its turn: a large one is not overtaken for ever by small ones.
        """
        async with self._database.transaction() as connection:
            async with connection.execute(
                self._claim,
                {"cores": free.cores, "memory": free.memory, **quotas.window(), **vars(self._quota)},
            ) as cursor:
                row = await cursor.fetchone()
            if row is not None:
                await connection.executemany(
                    "insert into turns (party, turn) values (?, (select coalesce(max(turn), 0) + 1 from turns))"
                    " on conflict (party) do update set turn = excluded.turn",
                    [(each,) for each in {row["owner"], row["party"]}],
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

    async def finish(
        self, job_id: JobId, status: JobStatus, outcome: Outcome | None = None, kept: int | None = None
    ) -> bool:
        """accepted or running → an ended status; False where it had ended before.

        `kept`: bytes of its folder; None: it is looked at later. Those of its request are added.
        """
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                f"update jobs set status = ?, outcome = ?, kept = ? + {quotas.WRITTEN}, finished = max(?, updated),"  # noqa: S608
                " updated = max(?, updated) where id = ? and status in ('accepted', 'running')",
                (status, outcome and json.dumps(outcome.to_json()), kept, moment, moment, job_id),
            )
        return cursor.rowcount == 1

    async def dismiss(self, job_id: JobId) -> list[JobId]:
        """A client wants the end of a job, or of all executions of a batch: what waits is dismissed.

        Those that are left have been claimed: whoever carries them, now or after a crash, sees to it.
        """
        moment = now().isoformat()
        async with self._database.transaction() as connection:
            # The batch first: with the last of its executions it is dismissed as well.
            await connection.execute(
                "update jobs set dismissing = 1 where (id = ? or parent = ?) and finished is null", (job_id, job_id)
            )
            await connection.execute(
                f"update jobs set status = 'dismissed', kept = {quotas.WRITTEN},"  # noqa: S608
                " finished = max(?, created), updated = max(?, created)"
                " where (id = ? or parent = ?) and status in ('created', 'accepted') and claimed = 0 and batch is null",
                (moment, moment, job_id, job_id),
            )
            rows = await connection.execute_fetchall(
                "select id from jobs where (id = ? or parent = ?) and finished is null and batch is null",
                (job_id, job_id),
            )
            await audit.record(connection, "dismiss", job_id)
        return [JobId(row["id"]) for row in rows]

    async def show(self, job_id: JobId) -> None:
        """Lists a job that was not: its client has to find it again."""
        async with self._database.transaction() as connection:
            await connection.execute("update jobs set listed = 1 where id = ?", (job_id,))

    async def unfinished(self) -> list[Job]:
        """What a supervisor finds at its start: runs and claims of one that is gone."""
        rows = await self._database.fetch_all(
            "select * from jobs where status = 'running' and batch is null"
            " union all select * from jobs where status = 'accepted' and claimed = 1 order by seq"
        )
        return [job_from_row(row) for row in rows]


async def _secrets(connection: aiosqlite.Connection, job_id: JobId) -> str | None:
    rows = await connection.execute_fetchall(
        "select json_extract(job_order, '$.\"$secrets\"') as file from jobs join orders on orders.job_id = jobs.id"
        " where (jobs.id = ? or jobs.parent = ?) and instr(job_order, '\"$secrets\"')"
        " and json_extract(job_order, '$.\"$secrets\"') is not null"
        " and exists (select 1 from jobs as whole where whole.id = ? and whole.finished is null) limit 1",
        (job_id, job_id, job_id),
    )
    return next((row["file"] for row in rows), None)


async def _insert(connection: aiosqlite.Connection, several: Sequence[Submission]) -> None:
    await connection.executemany(
        "insert into jobs (process_id, revision, request, cores, memory, images, batch, id, parent, owner, party,"
        " listed, status, created, updated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *_contents(job),
                # A batch is a party by itself: its thousands hold up no other job of its owner.
                *(job.id, job.parent, job.owner, job.parent or job.owner, job.listed, job.status),
                *(job.created.isoformat(), job.updated.isoformat()),
            )
            for job in (each.job for each in several)
        ],
    )
    await _insert_beside(connection, several)


async def _insert_beside(connection: aiosqlite.Connection, several: Sequence[Submission]) -> None:
    for table, column in (("orders", "job_order"), ("definitions", "definition")):
        given = [(each.job.id, each.order if table == "orders" else each.definition) for each in several]
        await connection.executemany(
            f"insert into {table} (job_id, {column}) values (?, ?)",  # noqa: S608
            [(job_id, json.dumps(document)) for job_id, document in given if document is not None],
        )


def _contents(job: Job) -> tuple[Any, ...]:
    """What an execute request decides of a job."""
    return (
        *(job.process_id, job.revision, json.dumps(job.request.to_json())),
        *(job.needs.cores, job.needs.memory, json.dumps(pins_to_json(job.images)), job.batch),
    )
