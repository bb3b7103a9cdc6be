"""Jobs as clients see them: one, or a filtered page of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from registry import audit, idempotency, joblists, pages, quotas, shares
from registry.database import Database
from registry.errors import JobNotFoundError
from registry.joblists import Range
from registry.models import (
    ExecuteRequest,
    Idempotency,
    Job,
    JobFilter,
    JobId,
    JobStatus,
    Needs,
    Outcome,
    Principal,
    ProcessId,
    pins_from_json,
)
from registry.pages import Page, Place, batched
from registry.shares import Kind

#: Ids in one statement: no other read waits for it long.
AT_ONCE = 1000

#: Those of a Job; the others are for finding it.
COLUMNS = ", ".join(
    f"jobs.{name}"
    for name in (
        *("seq", "id", "process_id", "revision", "request", "owner", "cores", "memory", "images", "listed"),
        *("dismissing", "status", "created", "started", "finished", "updated", "outcome", "batch", "parent"),
    )
)


class Jobs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, job_id: str) -> Job:
        """Raises JobNotFoundError."""
        row = await self._database.fetch_one(f"select {COLUMNS} from jobs where id = ?", [job_id])  # noqa: S608
        if row is None:
            raise _unknown(job_id)
        return job_from_row(row)

    async def visible(self, job_id: str, who: Principal) -> Job:
        """To its owner, to those with whom it, or the batch that it is of, is shared, to admins.

        Raises JobNotFoundError for the others: nobody learns of a job that is not theirs.
        """
        job = await self.get(job_id)
        ids = [job.id] if job.parent is None else [job.id, job.parent]
        if not who.owns(job.owner) and not await shares.granted(self._database, Kind.JOB, ids, who):
            raise _unknown(job_id)
        return job

    async def made_by(self, key: Idempotency, owner: str = "") -> Job | None:
        """The job that the first request with this key made. Raises IdempotencyConflictError, JobNotFoundError."""
        async with self._database.reading() as connection:
            found = await idempotency.find(connection, owner, key)
        return await self.get(found["job_id"]) if found else None

    async def page(self, which: JobFilter, limit: int, start: Place | None = None) -> Page[Job]:
        """Listed jobs, newest first."""
        found = await self._chosen(joblists.ranges(which))

        async def walk(place: Place | None, most: int) -> list[Job]:
            rows: dict[int, aiosqlite.Row] = {}
            for several in batched(found, joblists.MOST_RANGES):
                inner, parameters = joblists.walk(which, several, place, most)
                for row in await self._database.fetch_all(
                    f"select {COLUMNS} from ({inner}) as found cross join jobs on jobs.seq = found.seq",  # noqa: S608
                    parameters,
                ):
                    # Between two statements a job may have gone from one range to another.
                    rows.setdefault(row["seq"], row)
            newest_first = place is None or not place.backward
            kept = sorted(rows.values(), key=lambda row: (row["created"], row["seq"]), reverse=newest_first)
            return [job_from_row(row) for row in kept[:most]]

        return await pages.page(walk, _place, limit, start)

    async def _chosen(self, found: list[Range]) -> list[Range]:
        counts: dict[Range, int] = {}
        for several in batched(joblists.partial(found), joblists.MOST_RANGES):
            row = await self._database.fetch_one(*joblists.counting(several))
            counts.update(zip(several, row or (), strict=True))
        return joblists.chosen(found, counts)

    async def check(self) -> None:
        """Raises DatabaseBusyError where nothing can be read."""
        await self._database.fetch_one("select 1 from jobs limit 1")

    async def unknown(self, ids: Iterable[str]) -> set[str]:
        """Those of some ids that are no job's."""
        rows = list[aiosqlite.Row]()
        for several in batched(ids, AT_ONCE):
            rows += await self._database.fetch_all(
                "select value from json_each(?) as asked left join jobs on jobs.id = asked.value where jobs.id is null",
                [json.dumps(several)],
            )
        return {row["value"] for row in rows}

    async def expired(self, finished_before: datetime | None, keep: int | None) -> list[JobId]:
        """Jobs that ended before a moment, and those beyond so many that ended last: the oldest, not all at once."""
        rows = list[aiosqlite.Row]()
        if finished_before is not None:
            rows += await self._database.fetch_all(
                "select id from jobs where finished is not null and parent is null and finished < ?"
                " order by finished limit ?",
                [finished_before.isoformat(), AT_ONCE],
            )
        if keep is not None:
            rows += await self._database.fetch_all(
                "select id from jobs where finished is not null and parent is null order by finished, seq"
                " limit min(?, max(0, (select ended from tally) - ?))",
                [AT_ONCE, keep],
            )
        return [JobId(each) for each in dict.fromkeys(row["id"] for row in rows)]

    async def unmeasured(self) -> list[JobId]:
        """Ended jobs whose folders nobody has looked at, not all at once."""
        rows = await self._database.fetch_all(
            "select id from jobs where kept is null and finished is not null and batch is null order by seq limit ?",
            [AT_ONCE],
        )
        return [JobId(row["id"]) for row in rows]

    async def measured(self, sizes: Iterable[tuple[JobId, int]]) -> None:
        """How many bytes their folders have."""
        async with self._database.transaction() as connection:
            await connection.executemany(
                f"update jobs set kept = ? + {quotas.WRITTEN} where id = ? and kept is null",  # noqa: S608
                [(size, job_id) for job_id, size in sizes],
            )

    async def remove(self, job_id: JobId) -> list[JobId]:
        """Forgets an ended job, with its executions; their ids, or none where it has not ended, or was forgotten."""
        async with self._database.transaction() as connection:
            rows = await connection.execute_fetchall("select id from jobs where id = ? or parent = ?", (job_id, job_id))
            cursor = await connection.execute(
                "delete from jobs where id = ? and status in ('successful', 'failed', 'dismissed')", (job_id,)
            )
            if cursor.rowcount == 1:
                await audit.record(connection, "remove", job_id)
        return [JobId(row["id"]) for row in rows] if cursor.rowcount == 1 else []


def _unknown(job_id: str) -> JobNotFoundError:
    return JobNotFoundError(f"There is no job with the id '{job_id}'.")


def _place(job: Job) -> Place:
    return Place(key=job.created.isoformat(), number=job.seq)


def job_from_row(row: aiosqlite.Row) -> Job:
    def time(column: str) -> datetime | None:
        return datetime.fromisoformat(row[column]) if row[column] else None

    return Job(
        seq=row["seq"],
        id=JobId(row["id"]),
        process_id=ProcessId(row["process_id"]),
        revision=row["revision"],
        request=ExecuteRequest.from_json(json.loads(row["request"])),
        owner=row["owner"],
        needs=Needs(cores=row["cores"], memory=row["memory"]),
        images=pins_from_json(json.loads(row["images"])),
        listed=bool(row["listed"]),
        dismissing=bool(row["dismissing"]),
        status=JobStatus(row["status"]),
        created=datetime.fromisoformat(row["created"]),
        started=time("started"),
        finished=time("finished"),
        updated=datetime.fromisoformat(row["updated"]),
        outcome=Outcome.from_json(json.loads(row["outcome"])) if row["outcome"] else None,
        batch=row["batch"],
        parent=row["parent"] and JobId(row["parent"]),
    )
