"""A registry with very many jobs, made by one statement, and how much SQLite works for what is asked of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from tests.registry.samples import Registry, make_process, opened

T = TypeVar("T")

#: Every seventh of those that ended lasted long, and those only in the older half, or failed never. `rare` has one in
#: 997. One in 50 is not listed. `live`: whether some wait and run.
_FILL = """
insert into jobs (id, process_id, revision, request, listed, status, created, started, finished, updated, outcome,
                  duration_ms, duration_class)
with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < :jobs),
kinds as (
    select i, case when i % 997 = 3 then 'rare' when i % 3 = 0 then 'two' else 'one' end as process,
        case when :live and i in (5, :jobs / 2, :jobs - 4) then 'running' when :live and i % 5003 = 7 then 'accepted'
             when i % 1009 = 9 then 'dismissed' when i % 10 = 1 then 'failed' else 'successful' end as status,
        strftime('%Y-%m-%dT%H:%M:%S', '2000-01-01', '+' || (i / 3 * 600) || ' seconds') || '+00:00' as created,
        case when i % 7 = 0 and i < :jobs / 2 and i % 10 <> 1 then 3000 + i % 500 else i % 40 end as seconds
    from numbers),
timed as (
    select *, case when status not in ('accepted', 'running') then seconds * 1000 + i % 2 * 250 end as duration
    from kinds)
select format('%08x-0000-4000-8000-%012x', i, i), process, 1, '{"outputs": null, "response": null, "returns": null}',
    i % 50 <> 0, status, created, case when status <> 'accepted' then created end,
    case when duration is not null
         then strftime('%Y-%m-%dT%H:%M:%S', '2000-01-01', '+' || (i / 3 * 600 + seconds) || ' seconds')
              || case when i % 2 then '.250000' else '' end || '+00:00' end,
    created,
    case status when 'successful' then '{"outputs": {"text": "x"}, "failure": null, "usage": {"wallSeconds": 1.5,'
                     || ' "cpuSeconds": 0.5, "peakMemoryBytes": 1000000, "images": {"busybox:stable": "sha256:0"}}}'
                when 'failed' then '{"outputs": null, "failure": {"reason": "tool-failed", "message": "It failed.",'
                     || ' "step": "one", "exit_code": 1, "log": ["a", "b"]}, "usage": null}' end,
    duration, max(3, min(10, length(duration)))
from timed"""


def fill(database: Path, jobs: int, *, live: bool) -> None:
    """The database has to be there, with a process; its triggers would do the same, row by row."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        triggers = connection.execute("select name, sql from sqlite_schema where type = 'trigger'").fetchall()
        connection.execute("begin immediate")
        for name, _ in triggers:
            connection.execute(f"drop trigger {name}")
        connection.execute(_FILL, {"jobs": jobs, "live": live})
        connection.execute("update tally set ended = (select count(*) from jobs where finished is not null)")
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("commit")


def job_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


@asynccontextmanager
async def filled(folder: Path, jobs: int) -> AsyncIterator[Registry]:
    """With jobs of three processes, of every status, in an order of creation in which three at a time are equal."""
    async with opened(folder) as registry:
        await registry.processes.add(make_process("one"))
        await asyncio.to_thread(fill, folder / "registry.sqlite3", jobs, live=True)
        yield registry


async def work(registry: Registry, act: Callable[[], Awaitable[T]]) -> tuple[T, int]:
    """What it gives, and the hundreds of steps that SQLite's reader made for it: the same on every machine."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    async with registry.database.reading() as reader:
        await reader.set_progress_handler(step, 100)
        try:
            return await act(), steps
        finally:
            await reader.set_progress_handler(None, 100)  # type: ignore[arg-type]


async def everything(registry: Registry) -> list[dict[str, Any]]:
    """The listed jobs, newest first, with their durations in seconds, as no index tells them."""
    rows = await registry.database.fetch_all(
        "select seq, id, process_id, status, created, (julianday(finished) - julianday(started)) * 86400 as seconds"
        " from jobs not indexed where +listed order by created desc, seq desc"
    )
    return [dict(row) for row in rows]
