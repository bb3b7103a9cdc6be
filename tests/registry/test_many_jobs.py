"""Lists of very many jobs: they show what they should, page by page, and cost what they cost with few."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry import joblists
from registry.models import Job, JobFilter, JobStatus
from registry.pages import Page, Place
from tests.registry import many
from tests.registry.samples import Registry, opened

FEW, MANY = 1_000, 50_000

_S = JobStatus


def _day(number: int) -> datetime:
    return datetime(2000, 1, number, tzinfo=UTC)


FILTERS = {
    "all": JobFilter(),
    "dense-status": JobFilter(statuses=(_S.SUCCESSFUL,)),
    "running": JobFilter(statuses=(_S.RUNNING,)),
    "rare-statuses": JobFilter(statuses=(_S.ACCEPTED, _S.DISMISSED, _S.ACCEPTED)),
    "rare-process": JobFilter(process_ids=("rare",)),
    "processes": JobFilter(process_ids=("one", "rare", "none", "one")),
    "process-and-rare-status": JobFilter(process_ids=("one",), statuses=(_S.DISMISSED,)),
    "nothing-of-them": JobFilter(process_ids=()),
    "unknown-process": JobFilter(process_ids=("one' or '1",)),
    "old-day": JobFilter(created_from=_day(2), created_to=_day(3)),
    "future": JobFilter(created_from=datetime(2900, 1, 1, tzinfo=UTC)),
    "old-days-of-a-status": JobFilter(created_to=_day(4), statuses=(_S.FAILED, _S.SUCCESSFUL)),
    "any-duration": JobFilter(min_duration=0),
    "long": JobFilter(min_duration=3000),
    "few-of-a-class": JobFilter(min_duration=3490),
    "none-so-long": JobFilter(min_duration=4000),
    "at-a-border": JobFilter(min_duration=10, max_duration=10),
    "brief": JobFilter(max_duration=0),
    "between": JobFilter(min_duration=50, max_duration=2999),
    "window": JobFilter(min_duration=20, max_duration=21),
    "upside-down": JobFilter(min_duration=21, max_duration=20),
    "endless": JobFilter(min_duration=2**63 - 1, max_duration=2**63 - 1),
    "never-together": JobFilter(statuses=(_S.FAILED,), min_duration=1000),
    "long-in-old-days": JobFilter(created_to=_day(9), min_duration=3000, max_duration=3400),
    "everything-at-once": JobFilter(
        process_ids=("one", "two"),
        statuses=(_S.RUNNING, _S.SUCCESSFUL),
        created_from=_day(2),
        min_duration=5,
        max_duration=3400,
    ),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Few jobs, and fifty times as many; only reads are done in them."""
    paths = [tmp_path_factory.mktemp("few"), tmp_path_factory.mktemp("many")]

    async def fill() -> None:
        for path, jobs in zip(paths, (FEW, MANY), strict=True):
            async with many.filled(path, jobs):
                pass

    asyncio.run(fill())
    return paths


@pytest.fixture(scope="module", params=[FEW, MANY])
def folder(request: pytest.FixtureRequest, both: list[Path]) -> Path:
    """One of them."""
    return both[(FEW, MANY).index(request.param)]


@functools.cache
def _everything(folder: Path) -> list[dict[str, Any]]:
    """Read once: nothing is written there."""

    async def read() -> list[dict[str, Any]]:
        async with opened(folder) as registry:
            return await many.everything(registry)

    return asyncio.run(read())


def _shown(which: JobFilter, job: dict[str, Any]) -> bool:
    # A running job of long ago has run longer than any bound here.
    seconds = 1e9 if job["status"] == "running" else job["seconds"]
    return (
        (which.process_ids is None or job["process_id"] in which.process_ids)
        and (which.statuses is None or job["status"] in which.statuses)
        and (which.created_from is None or datetime.fromisoformat(job["created"]) >= which.created_from)
        and (which.created_to is None or datetime.fromisoformat(job["created"]) <= which.created_to)
        and (not which.timed or seconds is not None)
        and (which.min_duration is None or round(seconds, 3) >= which.min_duration)
        and (which.max_duration is None or round(seconds, 3) <= which.max_duration)
    )


@functools.cache
def _fitting(folder: Path, which: JobFilter) -> list[dict[str, Any]]:
    return [each for each in _everything(folder) if _shown(which, each)]


def _numbers(page: Page[Job]) -> list[int]:
    return [each.seq for each in page.items]


def _in(folder: Path, scenario: Callable[[Registry], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(folder) as registry:
            await scenario(registry)

    asyncio.run(run())


@pytest.mark.parametrize("name", FILTERS)
def test_every_page_there_and_back(folder: Path, name: str) -> None:
    """`following` leads through all jobs that fit, newest first; `previous` back through the same pages."""
    which = FILTERS[name]
    expected = [each["seq"] for each in _fitting(folder, which)]

    async def scenario(registry: Registry) -> None:
        size = max(7, len(expected) // 9)
        page = await registry.jobs.page(which, size)
        there = [_numbers(page)]
        while page.following:
            page = await registry.jobs.page(which, size, page.following)
            there.append(_numbers(page))
        assert [number for numbers in there for number in numbers] == expected
        assert {len(numbers) for numbers in there[:-1]} <= {size}

        back = [_numbers(page)]
        while page.previous:
            page = await registry.jobs.page(which, size, page.previous)
            back.append(_numbers(page))
        assert back[::-1] == there

    _in(folder, scenario)


async def _work(folder: Path, which: JobFilter, expected: list[dict[str, Any]]) -> list[int]:
    """For the first page of those that are expected, one in the middle, and the last two ways."""
    async with opened(folder) as registry:
        starts: list[Place | None] = [None]
        if expected:
            for each in (expected[len(expected) // 2], expected[-10:][0], expected[-1]):
                place = Place(key=each["created"], number=each["seq"])
                starts += [place, place.turned()]
        found = []
        for start in starts:
            _, steps = await many.work(registry, lambda start=start: registry.jobs.page(which, 10, start))  # type: ignore[misc]
            found.append(steps)
        return found


#: Hundreds of steps: for counting up to FEW jobs of two classes of three statuses, and sorting them.
COUNTING = 6 * joblists.FEW * 12 // 100


@pytest.mark.parametrize("name", FILTERS)
def test_work_does_not_grow_with_the_jobs(both: list[Path], name: str) -> None:
    """Of fifty times as many jobs, any page costs at most twice as many steps of SQLite, or a fixed number more."""
    which = FILTERS[name]
    few, many_ = (max(asyncio.run(_work(path, which, _fitting(path, which)))) for path in both)

    allowed = COUNTING if which.timed else 12
    assert many_ <= 2 * few + allowed, (few, many_)


@pytest.mark.parametrize("name", FILTERS)
def test_every_range_is_one_of_an_index(both: list[Path], name: str) -> None:
    """No statement of a list walks the table, or sorts more than what one page takes."""
    which = FILTERS[name]
    found = joblists.ranges(which)
    sorts = "USE TEMP B-TREE"
    for place in (None, Place(key="2000-01-02T00:00:00+00:00", number=5), Place(key="2000", number=5, backward=True)):
        for each in found:
            connection = sqlite3.connect(both[0] / "registry.sqlite3")
            plan = connection.execute(*_explained(joblists.walk(which, [each], place, 11))).fetchall()
            connection.close()
            steps = [row[3] for row in plan]
            assert all(
                step.startswith(("SEARCH jobs USING", "MERGE", "LEFT", "RIGHT", "SCAN jobs USING COVERING"))
                for step in steps
            )
            assert not any(sorts in step for step in steps)


def _explained(statement: joblists.Statement) -> joblists.Statement:
    return f"explain query plan {statement[0]}", statement[1]


def test_pages_of_jobs_that_come_and_end(tmp_path: Path) -> None:
    """While jobs are added and end between two pages, every job that was there is on one page, and on no second."""

    async def scenario() -> None:
        async with many.filled(tmp_path, FEW) as registry:
            for which in (JobFilter(), JobFilter(process_ids=("one", "two", "rare")), JobFilter(min_duration=0)):
                expected = [each["seq"] for each in await many.everything(registry) if _shown(which, each)]
                process = await registry.processes.get("one")
                page = await registry.jobs.page(which, 50)
                seen = _numbers(page)
                while page.following:
                    job = await registry.submitted(process)
                    await registry.queue.start(job.id)
                    await registry.queue.finish(job.id, JobStatus.FAILED)
                    page = await registry.jobs.page(which, 50, page.following)
                    seen += _numbers(page)
                assert seen == expected

    asyncio.run(scenario())


def test_pages_of_equal_moments(tmp_path: Path) -> None:
    """Ten thousand jobs of one millisecond: a page in their midst costs what the first one costs."""

    async def scenario() -> None:
        async with many.filled(tmp_path, 10_000) as registry:
            async with registry.database.transaction() as connection:
                await connection.execute("update jobs set created = '2000-01-01T00:00:00+00:00'")
            first, least = await many.work(registry, lambda: registry.jobs.page(JobFilter(), 10))
            assert first.following
            middle = replace(first.following, number=5_003)
            page, steps = await many.work(registry, lambda: registry.jobs.page(JobFilter(), 10, middle))
            assert _numbers(page) == [5_002, 5_001, *range(4_999, 4_991, -1)]
            assert steps <= 2 * least + 12

    asyncio.run(scenario())


def test_what_goes_is_found_without_the_others(tmp_path: Path) -> None:
    """Those beyond so many, those older than a moment, and folders without a job: none of it looks at every job."""

    async def scenario() -> None:
        async with many.filled(tmp_path, 20_000) as registry:
            (row,) = await registry.database.fetch_all("select count(*) from jobs where finished is not null")
            ended = row[0]
            beyond, steps = await many.work(registry, lambda: registry.jobs.expired(None, ended - 3))
            assert (len(beyond), steps < 12) == (3, True)
            old, steps = await many.work(registry, lambda: registry.jobs.expired(_day(1), None))
            assert (old, steps < 12) == ([], True)
            unknown, steps = await many.work(
                registry, lambda: registry.jobs.unknown([many.job_id(1), "nobody", many.job_id(20_000)])
            )
            assert (unknown, steps < 12) == ({"nobody"}, True)

            for job_id in beyond:
                await registry.jobs.remove(job_id)
            assert await registry.jobs.expired(None, ended - 3) == []
            assert len(await registry.jobs.expired(None, ended - 4)) == 1

    asyncio.run(scenario())
