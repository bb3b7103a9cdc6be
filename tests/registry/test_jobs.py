"""Jobs as clients list them: each filter alone, together, and page by page."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from registry.errors import JobNotFoundError
from registry.models import Job, JobFilter, JobStatus, now
from registry.pages import Place
from tests.registry.samples import Registry, make_process, opened

BASE = (now() - timedelta(days=1)).replace(microsecond=123456)
ELSEWHERE = timezone(timedelta(hours=5, minutes=30))


def _at(seconds: float) -> datetime:
    return BASE + timedelta(seconds=seconds)


#: name: (process, status, created, started, finished), oldest first; one is not listed.
JOBS: dict[str, tuple[str, JobStatus, datetime, datetime | None, datetime | None]] = {
    "short": ("one", JobStatus.SUCCESSFUL, _at(0), _at(5), _at(15)),
    "long": ("two", JobStatus.FAILED, _at(60), _at(60), _at(160.5)),
    "running": ("one", JobStatus.RUNNING, _at(120), now() - timedelta(hours=1), None),
    "waiting": ("two", JobStatus.ACCEPTED, _at(180), None, None),
    "dismissed": ("one", JobStatus.DISMISSED, _at(240), None, _at(250)),
    "hidden": ("one", JobStatus.SUCCESSFUL, _at(300), _at(300), _at(310)),
}

FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"short", "long", "running", "waiting", "dismissed"}),
    ({"process_ids": ("one",)}, {"short", "running", "dismissed"}),
    ({"process_ids": ("one", "two")}, {"short", "long", "running", "waiting", "dismissed"}),
    ({"process_ids": ("three",)}, set()),
    ({"process_ids": ("one' or '1",)}, set()),
    ({"process_ids": ()}, set()),
    ({"statuses": (JobStatus.RUNNING,)}, {"running"}),
    ({"statuses": (JobStatus.FAILED, JobStatus.ACCEPTED)}, {"long", "waiting"}),
    ({"statuses": (JobStatus.SUCCESSFUL,)}, {"short"}),
    ({"created_from": _at(120)}, {"running", "waiting", "dismissed"}),
    ({"created_from": _at(120.001)}, {"waiting", "dismissed"}),
    ({"created_to": _at(60)}, {"short", "long"}),
    ({"created_to": _at(59.999)}, {"short"}),
    ({"created_from": _at(60), "created_to": _at(120)}, {"long", "running"}),
    ({"created_from": _at(60).astimezone(ELSEWHERE), "created_to": _at(60).astimezone(ELSEWHERE)}, {"long"}),
    ({"created_from": _at(241)}, set()),
    ({"min_duration": 10}, {"short", "long", "running"}),
    ({"min_duration": 11}, {"long", "running"}),
    ({"min_duration": 101}, {"running"}),
    ({"min_duration": 3600}, {"running"}),
    ({"min_duration": 36000}, set()),
    ({"min_duration": 0}, {"short", "long", "running"}),
    ({"max_duration": 10}, {"short"}),
    ({"max_duration": 9}, set()),
    ({"max_duration": 100}, {"short"}),
    ({"max_duration": 101}, {"short", "long"}),
    ({"max_duration": 36000}, {"short", "long", "running"}),
    ({"min_duration": 11, "max_duration": 200}, {"long"}),
    ({"process_ids": ("one",), "statuses": (JobStatus.RUNNING, JobStatus.FAILED), "min_duration": 1}, {"running"}),
]


async def _fill(registry: Registry) -> dict[str, Job]:
    processes = {each: await registry.added(make_process(each)) for each in ("one", "two")}
    found = {}
    for name, (process, status, created, started, finished) in JOBS.items():
        job = await registry.submitted(processes[process], created=created, listed=name != "hidden")
        async with registry.database.transaction() as connection:
            await connection.execute(
                "update jobs set status = ?, started = ?, finished = ? where id = ?",
                (status, started and started.isoformat(), finished and finished.isoformat(), job.id),
            )
        found[name] = await registry.jobs.get(job.id)
    return found


@pytest.mark.parametrize(("given", "expected"), FILTERS, ids=[str(sorted(given)) for given, _ in FILTERS])
def test_filter(tmp_path: Path, given: dict[str, Any], expected: set[str]) -> None:
    """A filter shows the listed jobs that fit it, bounds included; one that never started has no duration."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            jobs = await _fill(registry)
            found = await registry.jobs.page(JobFilter(**given), 100)
            assert {name for name, job in jobs.items() if job in found.items} == expected
            assert len(found.items) == len(expected)
            assert (found.previous, found.following) == (None, None)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [["dismissed"], ["waiting"], ["running"], ["long"], ["short"]]),
        (2, [["dismissed", "waiting"], ["running", "long"], ["short"]]),
        (5, [["dismissed", "waiting", "running", "long", "short"]]),
    ],
)
def test_pages(tmp_path: Path, limit: int, expected: list[list[str]]) -> None:
    """Pages lead from the newest job to the oldest, each once, and only the last says that none follow."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            names = {job.id: name for name, job in (await _fill(registry)).items()}
            pages = list[list[str]]()
            start: Place | None = None
            while start or not pages:
                found = await registry.jobs.page(JobFilter(), limit, start)
                pages.append([names[each.id] for each in found.items])
                start = found.following
            assert pages == expected

    asyncio.run(scenario())


def test_new_jobs_do_not_shift_pages(tmp_path: Path) -> None:
    """A job that arrives between two pages appears on neither of the pages that follow."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            jobs = await _fill(registry)
            first = await registry.jobs.page(JobFilter(), 2)
            await registry.submitted(await registry.processes.get("one"))
            second = await registry.jobs.page(JobFilter(), 2, first.following)
            assert second.items == [jobs["running"], jobs["long"]]

    asyncio.run(scenario())


def test_unlisted_job_can_be_read(tmp_path: Path) -> None:
    """What no list shows is still found by its id."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            hidden = (await _fill(registry))["hidden"]
            assert not hidden.listed
            assert (await registry.jobs.get(hidden.id)).status == JobStatus.SUCCESSFUL

    asyncio.run(scenario())


def test_only_ended_jobs_are_removed(tmp_path: Path) -> None:
    """A job that waits or runs is not forgotten."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            left = set()
            for name, job in (await _fill(registry)).items():
                await registry.jobs.remove(job.id)
                try:
                    await registry.jobs.get(job.id)
                except JobNotFoundError as error:
                    assert job.id in str(error)
                else:
                    left.add(name)
            assert left == {"running", "waiting"}

    asyncio.run(scenario())
