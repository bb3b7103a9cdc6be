"""Jobs as clients see them: one, or a filtered page of them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import aiosqlite

from registry import idempotency
from registry.database import Database
from registry.errors import JobNotFoundError
from registry.models import (
    ExecuteRequest,
    Idempotency,
    Job,
    JobFilter,
    JobId,
    JobStatus,
    Needs,
    Outcome,
    ProcessId,
    now,
)

_DURATION = "(julianday(coalesce(finished, ?)) - julianday(started)) * 86400.0"


class Jobs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, job_id: str) -> Job:
        """Raises JobNotFoundError."""
        row = await self._database.fetch_one("select * from jobs where id = ?", [job_id])
        if row is None:
            raise JobNotFoundError(f"There is no job with the id '{job_id}'.")
        return job_from_row(row)

    async def made_by(self, key: Idempotency, owner: str = "") -> Job | None:
        """The job that the first request with this key made. Raises IdempotencyConflictError, JobNotFoundError."""
        async with self._database.reading() as connection:
            found = await idempotency.find(connection, owner, key)
        return await self.get(found["job_id"]) if found else None

    async def page(self, which: JobFilter, limit: int, before: int | None = None) -> tuple[list[Job], bool]:
        """Listed jobs, newest first, beginning below the sequence number `before`; and whether more follow."""
        conditions, parameters = _conditions(which)
        if before is not None:
            conditions.append("seq < ?")
            parameters.append(before)
        rows = await self._database.fetch_all(
            f"select * from jobs where {' and '.join(conditions)} order by seq desc limit ?",  # noqa: S608
            [*parameters, limit + 1],
        )
        return [job_from_row(row) for row in rows[:limit]], len(rows) > limit

    async def check(self) -> None:
        """Raises DatabaseBusyError where nothing can be read."""
        await self._database.fetch_one("select 1 from jobs limit 1")

    async def ids(self) -> set[str]:
        """Of all jobs there are."""
        return {row["id"] for row in await self._database.fetch_all("select id from jobs")}

    async def expired(self, finished_before: datetime | None, keep: int | None) -> list[JobId]:
        """Jobs that ended before a moment, and those beyond so many that ended last."""
        rows = list[aiosqlite.Row]()
        if finished_before is not None:
            rows += await self._database.fetch_all(
                "select id from jobs where finished is not null and finished < ?", [finished_before.isoformat()]
            )
        if keep is not None:
            rows += await self._database.fetch_all(
                "select id from jobs where finished is not null order by finished desc, seq desc limit -1 offset ?",
                [keep],
            )
        return [JobId(each) for each in dict.fromkeys(row["id"] for row in rows)]

    async def remove(self, job_id: JobId) -> bool:
        """Forgets an ended job; False where it is not ended, or was forgotten before."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "delete from jobs where id = ? and status in ('successful', 'failed', 'dismissed')", (job_id,)
            )
        return cursor.rowcount == 1


def _conditions(which: JobFilter) -> tuple[list[str], list[Any]]:
    conditions, parameters = ["listed"], list[Any]()

    def add(condition: str, *values: Any) -> None:
        conditions.append(condition)
        parameters.extend(values)

    if which.process_ids is not None:
        add(f"process_id in ({_marks(which.process_ids)})", *which.process_ids)
    if which.statuses is not None:
        add(f"status in ({_marks(which.statuses)})", *which.statuses)
    if which.created_from is not None:
        add("julianday(created) >= julianday(?)", which.created_from.isoformat())
    if which.created_to is not None:
        add("julianday(created) <= julianday(?)", which.created_to.isoformat())
    # A job that never started has no duration: the comparison with NULL leaves it out.
    # Half a millisecond: what a julian day in a double can't tell apart.
    if which.min_duration is not None:
        add(f"{_DURATION} >= ? - 0.0005", now().isoformat(), which.min_duration)
    if which.max_duration is not None:
        add(f"{_DURATION} <= ? + 0.0005", now().isoformat(), which.max_duration)
    return conditions, parameters


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))


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
        images=json.loads(row["images"]),
        listed=bool(row["listed"]),
        dismissing=bool(row["dismissing"]),
        status=JobStatus(row["status"]),
        created=datetime.fromisoformat(row["created"]),
        started=time("started"),
        finished=time("finished"),
        updated=datetime.fromisoformat(row["updated"]),
        outcome=Outcome.from_json(json.loads(row["outcome"])) if row["outcome"] else None,
    )
