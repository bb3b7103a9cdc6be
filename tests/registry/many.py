"""A registry with very many jobs, made by one statement, and how much SQLite works for what is asked of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.registry.samples import Registry, make_process, opened

T = TypeVar("T")

#: One job in two hours; every seventh of those that ended lasted long, and those only in the older half, or failed
#: never. `rare` has one in 997. One in 50 is not listed.
_FILL = """
insert into jobs (id, process_id, revision, request, listed, status, created, started, finished, updated, outcome)
with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < :jobs),
kinds as (
    select i, case when i % 997 = 3 then 'rare' when i % 3 = 0 then 'two' else 'one' end as process,
        case when i in (5, :jobs / 2, :jobs - 4) then 'running' when i % 5003 = 7 then 'accepted'
             when i % 1009 = 9 then 'dismissed' when i % 10 = 1 then 'failed' else 'successful' end as status,
        strftime('%Y-%m-%dT%H:%M:%S', '2000-01-01', '+' || (i / 3 * 600) || ' seconds') || '+00:00' as created,
        i / 3 * 600
            + case when i % 7 = 0 and i < :jobs / 2 and i % 10 <> 1 then 3000 + i % 500 else i % 40 end as finished
    from numbers)
select 'job-' || i, process, 1, '{"outputs": null, "response": null, "returns": null}', i % 50 <> 0, status,
    created, case when status <> 'accepted' then created end,
    case when status not in ('accepted', 'running')
         then strftime('%Y-%m-%dT%H:%M:%S', '2000-01-01', '+' || finished || ' seconds')
              || case when i % 2 then '.250000' else '' end || '+00:00' end,
    '2026-01-01T00:00:00+00:00', null
from kinds"""


@asynccontextmanager
async def filled(folder: Path, jobs: int) -> AsyncIterator[Registry]:
    """With jobs of three processes, of every status, in an order of creation in which three at a time are equal."""
    async with opened(folder) as registry:
        await registry.processes.add(make_process("one"))
        async with registry.database.transaction() as connection:
            await connection.execute(_FILL, {"jobs": jobs})
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
