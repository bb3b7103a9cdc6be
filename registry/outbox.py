"""The outbox: what clients are still to be told, and what came of telling them.

Rows are made by a trigger on the status of jobs (migrations/*_outbox.sql), so none is made without the change that it
tells of, and no change without it. They outlive their job until they have been told or given up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import aiosqlite

from registry.database import Database
from registry.models import JobId
from registry.subscriber import Event


class State(StrEnum):
    """What has become of a notice."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


class Turn(NamedTuple):
    """What is told one by one: everything of one job to one host."""

    job_id: JobId
    host: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to be told to one URL."""

    #: The same at every attempt.
    id: str
    job_id: JobId
    event: Event
    url: str
    base: str
    #: None until it is written down, and when it is not sent any more.
    body: bytes | None
    state: State
    attempts: int
    #: What came of the last attempt.
    said: str | None
    created: datetime
    #: When the next attempt is; None: at once.
    due: datetime | None


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def resume(self) -> None:
        """Everything that waits is due at once: at a start, whatever was planned before."""
        async with self._database.transaction() as connection:
            await connection.execute("update outbox set due = '' where state = 'waiting'")

    async def soonest(self, taken: Iterable[Turn], full: Iterable[str]) -> tuple[Turn, datetime | None] | None:
        """The turn that is due first, and when (None: at once), but for those that are taken, and for full hosts."""
        row = await self._database.fetch_one(
            "select job_id, host, due from outbox where state = 'waiting'"
            " and host not in (select value from json_each(?))"
            " and json_array(job_id, host) not in (select value from json_each(?))"
            " order by due, seq limit 1",
            (json.dumps(list(full)), json.dumps([json.dumps(each, separators=(",", ":")) for each in taken])),
        )
        return (Turn(JobId(row["job_id"]), row["host"]), _moment(row["due"])) if row else None

    async def waiting(self, turn: Turn) -> list[Notice]:
        """What a turn has to tell, in the order in which it came to be."""
        rows = await self._database.fetch_all(
            "select * from outbox where job_id = ? and host = ? and state = 'waiting' order by seq", turn
        )
        return [_notice(row) for row in rows]

    async def of_job(self, job_id: JobId) -> list[Notice]:
        """All that there was and is to tell of a job."""
        rows = await self._database.fetch_all("select * from outbox where job_id = ? order by seq", [job_id])
        return [_notice(row) for row in rows]

    async def write_down(self, notice_id: str, body: bytes) -> None:
        """What will be sent, at this and every later attempt; what was written down before stays."""
        async with self._database.transaction() as connection:
            await connection.execute("update outbox set body = ? where id = ? and body is null", (body, notice_id))

    async def settle(self, notice: Notice) -> None:
        """What came of an attempt. Of what is not sent again the body goes, and with the job all of it."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "update outbox set state = ?, body = iif(? = 'waiting', body, null), attempts = ?, said = ?, due = ?"
                " where id = ?",
                (
                    notice.state,
                    notice.state,
                    notice.attempts,
                    notice.said,
                    notice.due.isoformat() if notice.due else "",
                    notice.id,
                ),
            )
            await connection.execute(
                "delete from outbox where id = ? and state <> 'waiting'"
                " and not exists (select 1 from jobs where jobs.id = outbox.job_id)",
                (notice.id,),
            )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _notice(row: aiosqlite.Row) -> Notice:
    return Notice(
        id=row["id"],
        job_id=JobId(row["job_id"]),
        event=Event(row["event"]),
        url=row["url"],
        base=row["base"],
        body=row["body"],
        state=State(row["state"]),
        attempts=row["attempts"],
        said=row["said"],
        created=datetime.fromisoformat(row["created"]),
        due=_moment(row["due"]),
    )
