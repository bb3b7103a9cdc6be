"""What earlier versions wrote is there after an update, and found by the newest statements."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from registry.models import JobFilter, JobStatus, Outcome, Quota, Usage, Used, now
from registry.quotas import Quotas
from tests.registry.samples import make_process, opened

#: id → status, created, started, finished; as schema 2 kept them.
JOBS = {
    "waits": ("accepted", "2026-01-01T00:00:03+00:00", None, None),
    "runs": ("running", "2026-01-01T00:00:02.500000+00:00", "2026-01-01T00:00:03+00:00", None),
    "brief": ("successful", "2026-01-01T00:00:02+00:00", *["2026-01-01T00:00:02.001000+00:00"] * 2),
    "long": ("failed", "2026-01-01T00:00:01+00:00", "2026-01-01T00:00:01+00:00", "2026-01-01T00:01:41.500000+00:00"),
    "never-ran": ("dismissed", "2026-01-01T00:00:00.999000+00:00", None, "2026-01-01T00:00:01+00:00"),
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a database of schema 2."""
    folder = resources.files("registry") / "migrations"
    connection = sqlite3.connect(tmp_path / "registry.sqlite3", isolation_level=None)
    for name in ("0001_initial.sql", "0002_turns.sql"):
        connection.executescript((folder / name).read_text())
    connection.execute("pragma user_version = 2")
    connection.execute(
        "insert into processes (revision, id, description, cwl, digest, package, media_type, mutable, created)"
        " values (1, 'one', ?, '{}', '', x'', '', 1, '2026-01-01T00:00:00+00:00')",
        [json.dumps(make_process("one").description.to_json())],
    )
    connection.executemany(
        "insert into jobs (id, process_id, revision, request, listed, status, created, started, finished, updated)"
        """ values (?, 'one', 1, '{"outputs": null, "response": null, "returns": null}', 1, ?, ?, ?, ?, ?)""",
        [(name, *each, each[1]) for name, each in reversed(JOBS.items())],
    )
    connection.close()
    return tmp_path


FILTERS = [
    (JobFilter(), list(JOBS)),
    (JobFilter(statuses=(JobStatus.FAILED, JobStatus.DISMISSED)), ["long", "never-ran"]),
    (JobFilter(max_duration=1), ["brief"]),
    (JobFilter(statuses=(JobStatus.FAILED,), min_duration=100), ["long"]),
    (JobFilter(statuses=(JobStatus.FAILED,), min_duration=101), []),
]


def test_jobs_of_schema_2(old: Path) -> None:
    """They are listed in the order of their creation, with their durations; those that have ended are counted."""

    async def scenario() -> None:
        async with opened(old) as registry:
            for which, expected in FILTERS:
                page = await registry.jobs.page(which, 10)
                assert [each.id for each in page.items] == expected
            assert await registry.jobs.expired(None, 2) == ["never-ran"]
            assert [each["id"] for each in (await registry.processes.summaries(10)).items] == ["one"]
            await registry.processes.add(make_process("two"))
            assert len(await registry.database.secret("cursors")) == 32

    asyncio.run(scenario())


def test_what_is_kept_and_spent_already_counts(tmp_path: Path) -> None:
    """Jobs of schema 7: their CPU time of the last day, and their folders once somebody has looked at them."""
    folder = resources.files("registry") / "migrations"
    ended = now() - timedelta(hours=1)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite3", isolation_level=None)) as connection:
        names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
        for name in names[:7]:
            connection.executescript((folder / name).read_text())
        connection.execute("pragma user_version = 7")
        connection.execute(
            "insert into processes (revision, id, description, cwl, digest, package, media_type, mutable, created)"
            " values (1, 'one', '{}', '{}', '', x'', '', 1, '')"
        )
        for name, moment, seconds in (
            ("new", ended, 2.5),
            ("newer", ended, 1.5),
            ("old", ended - timedelta(days=9), 7),
        ):
            outcome = Outcome(outputs={}, usage=Usage(wall_seconds=1, cpu_seconds=seconds)).to_json()
            connection.execute(
                "insert into jobs (id, process_id, revision, request, listed, status, owner, created, started,"
                " finished, updated, outcome) values (?, 'one', 1, '{}', 1, 'successful', 'alice', ?, ?, ?, ?, ?)",
                [name, *[moment.isoformat()] * 4, json.dumps(outcome)],
            )

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            ids = await registry.jobs.unmeasured()
            assert set(ids) == {"new", "newer", "old"}
            await registry.jobs.measured([(each, 10) for each in ids])
            used = await Quotas(registry.database, Quota()).used("alice")
            assert used == Used(waiting=0, running=0, cpu_seconds=4.0, kept_bytes=30)

    asyncio.run(scenario())


def test_indices_of_a_new_database_are_those_of_an_old_one(old: Path, tmp_path: Path) -> None:
    """Whatever way a database came to the newest schema, it is the same."""

    async def schema(folder: Path) -> list[tuple[str, str]]:
        async with opened(folder) as registry:
            return [
                tuple(row)
                for row in await registry.database.fetch_all("select name, sql from sqlite_schema order by name")
            ]

    (tmp_path / "new").mkdir()
    assert asyncio.run(schema(old)) == asyncio.run(schema(tmp_path / "new"))
