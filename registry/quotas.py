"""What each owner has of what all share, and where that is as much as it may have.

All of it is written by the statements that change jobs, or by triggers on them (migrations/*_quotas.sql), so it is what
the jobs are, whatever dies in between. Nothing is counted anywhere else.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import aiosqlite

from registry.database import Database
from registry.errors import QuotaExceededError, TooManyRequestsError
from registry.models import Quota, Used, now

#: In which CPU time is counted.
WINDOW = timedelta(days=1)
_HOUR = 3600

#: Jobs end sooner or later; nobody knows when.
_SOON = 60
#: Of the jobs that take most room so many are named.
_NAMED = 3

#: Of the owner :owner.
_WAITING = "select count(*) from jobs where owner = :owner and status in ('created', 'accepted') and batch is null"
RUNNING = (
    "(select count(*) from jobs where status = 'running' and batch is null and owner = {owner})"
    " + (select count(*) from jobs where status = 'accepted' and claimed = 1 and owner = {owner})"
)
#: Also what has ended in the future, by a clock that was set back since; not in one that never comes.
SPENT = "(select coalesce(sum(seconds), 0) from spent where owner = {owner} and slot > :since and slot < :until)"
KEPT = "coalesce((select bytes from kept where owner = {owner}), 0)"

#: Bytes of what the database keeps of a job beside its row: requests may be large, and the job never have run.
WRITTEN = (
    "(select coalesce(sum(length(job_order)), 0) from orders where job_id = jobs.id)"
    " + (select coalesce(sum(length(definition)), 0) from definitions where job_id = jobs.id)"
)


def window() -> dict[str, str]:
    """The parameters of SPENT."""
    moment = now()
    return {"since": _slot(moment - WINDOW), "until": _slot(moment + WINDOW)}


def _slot(moment: datetime) -> str:
    return moment.isoformat()[:15]


async def used(connection: aiosqlite.Connection, owner: str) -> Used:
    parts = [f"({_WAITING})", *(each.format(owner=":owner") for each in (RUNNING, SPENT, KEPT))]
    rows = await connection.execute_fetchall(f"select {', '.join(parts)}", {"owner": owner, **window()})
    [(waiting, running, seconds, kept)] = rows
    return Used(waiting=waiting, running=running, cpu_seconds=max(0.0, seconds), kept_bytes=kept)


async def check(connection: aiosqlite.Connection, owner: str, more: int, allowed: Quota) -> None:
    """Whether an owner may have so many more jobs. Raises QuotaExceededError, TooManyRequestsError."""
    if allowed.kept_bytes or allowed.cpu_seconds:
        found = await used(connection, owner)
        if allowed.kept_bytes and found.kept_bytes >= allowed.kept_bytes:
            raise QuotaExceededError(await _too_much_kept(connection, owner, found, allowed))
        if allowed.cpu_seconds and found.cpu_seconds >= allowed.cpu_seconds:
            raise await _too_much_spent(connection, owner, found, allowed)
    await check_waiting(connection, owner, more, allowed)


async def check_waiting(connection: aiosqlite.Connection, owner: str, more: int, allowed: Quota) -> None:
    """Whether so many more of them may wait. Raises the same."""
    if not allowed.waiting:
        return
    if more > allowed.waiting:
        detail = f"At most {allowed.waiting} jobs of one user may wait or be not started; this would be {more}."
        raise QuotaExceededError(detail)
    [(waiting,)] = await connection.execute_fetchall(_WAITING, {"owner": owner})
    if waiting + more > allowed.waiting:
        detail = (
            f"{waiting} jobs of yours wait or are not started, of {allowed.waiting} that may;"
            f" this would be {more} more."
        )
        raise TooManyRequestsError(detail, _SOON)


async def _too_much_kept(connection: aiosqlite.Connection, owner: str, found: Used, allowed: Quota) -> str:
    rows = await connection.execute_fetchall(
        "select coalesce(parent, id) as id, kept from jobs where owner = ? and kept > 0 order by kept desc limit ?",
        (owner, _NAMED),
    )
    largest = ", ".join(f"{each['id']} ({each['kept']})" for each in rows)
    return (
        f"The jobs of yours that have ended keep {found.kept_bytes} bytes, of {allowed.kept_bytes} that they may."
        f" Remove some (DELETE /jobs/ID); the largest: {largest}."
    )


async def _too_much_spent(
    connection: aiosqlite.Connection, owner: str, found: Used, allowed: Quota
) -> TooManyRequestsError:
    rows = await connection.execute_fetchall(
        "select slot, seconds from spent where owner = :owner and slot > :since and slot < :until order by slot",
        {"owner": owner, **window()},
    )
    left, last = found.cpu_seconds, ""
    for each in rows:
        left, last = left - each["seconds"], each["slot"]
        if left < allowed.cpu_seconds:
            break
    free = datetime.fromisoformat(f"{last}0:00").replace(tzinfo=UTC) + WINDOW
    seconds = max(1, math.ceil((free - now()).total_seconds()))
    detail = (
        f"Your jobs have taken {found.cpu_seconds / _HOUR:.2f} CPU hours within a day, of"
        f" {allowed.cpu_seconds / _HOUR:g} that they may; there is room again in {seconds} seconds."
    )
    return TooManyRequestsError(detail, seconds)


class Quotas:
    """For who asks beside the queue, which checks by itself."""

    def __init__(self, database: Database, allowed: Quota) -> None:
        self._database = database
        self.allowed = allowed

    async def check(self, owner: str, more: int) -> None:
        """As things are now: before any work is put into a request that will be refused. Raises as the function."""
        if self.allowed == Quota():
            return
        async with self._database.reading() as connection:
            await check(connection, owner, more, self.allowed)

    async def used(self, owner: str) -> Used:
        async with self._database.reading() as connection:
            return await used(connection, owner)


async def forget_old(database: Database) -> None:
    """Drops what no window has any more."""
    async with database.transaction() as connection:
        await connection.execute("delete from spent where slot < ?", (_slot(now() - 2 * WINDOW),))
