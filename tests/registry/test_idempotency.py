"""Requests that may be sent again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from registry import idempotency
from registry.errors import IdempotencyConflictError, ProcessExistsError
from registry.models import Idempotency, Job, Process, now
from tests.registry.samples import Registry, make_job, make_process, opened

ASKED = Idempotency(key="Zürich 🕺", fingerprint="1")
OTHER_BODY = Idempotency(key="Zürich 🕺", fingerprint="2")
OTHER_KEY = Idempotency(key="other", fingerprint="1")


def _with_process(folder: Path, scenario: Callable[[Registry, Process], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(folder) as registry:
            await scenario(registry, await registry.added(make_process("one")))

    asyncio.run(run())


def test_a_job_is_submitted_once(tmp_path: Path) -> None:
    """The second request gets the first one's job, also after a restart; the order stays the first's."""

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            job = make_job(process)
            assert await registry.submit(job, {"first": 1}, ASKED) == job.id
            assert await registry.submit(make_job(process), {"second": 2}, ASKED) == job.id
        async with opened(tmp_path) as registry:
            assert await registry.submit(make_job(process), {}, ASKED) == job.id
            assert await registry.ids() == {job.id}
            assert await registry.queue.order(job.id) == {"first": 1}

    asyncio.run(run())


def test_the_same_key_with_another_body_is_refused(tmp_path: Path) -> None:
    """And makes nothing."""

    async def scenario(registry: Registry, process: Process) -> None:
        job = make_job(process)
        await registry.submit(job, {}, ASKED)
        with pytest.raises(IdempotencyConflictError):
            await registry.submit(make_job(process), {}, OTHER_BODY)
        assert await registry.ids() == {job.id}

    _with_process(tmp_path, scenario)


def test_other_keys_other_owners_and_no_key_are_other_jobs(tmp_path: Path) -> None:
    """A key is its owner's own, whatever another one sent with it."""

    async def scenario(registry: Registry, process: Process) -> None:
        submitted = [
            await registry.submit(make_job(process), {}, ASKED),
            await registry.submit(make_job(process), {}, OTHER_KEY),
            await registry.submit(make_job(process, owner="else"), {}, OTHER_BODY),
            await registry.submit(make_job(process), {}),
            await registry.submit(make_job(process), {}),
        ]
        assert await registry.ids() == set(submitted)
        assert len(set(submitted)) == 5

    _with_process(tmp_path, scenario)


def test_concurrent_submissions_make_one_job(tmp_path: Path) -> None:
    """All get the same one."""

    async def scenario(registry: Registry, process: Process) -> None:
        given = await asyncio.gather(*(registry.submit(make_job(process), {}, ASKED) for _ in range(20)))
        assert set(given) == await registry.ids()
        assert len(set(given)) == 1

    _with_process(tmp_path, scenario)


def test_key_and_job_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    """A submission that fails on its way leaves neither; the next one with the key makes the job."""

    async def scenario(registry: Registry, process: Process) -> None:
        taken = make_job(process)
        await registry.submit(taken, {})
        clashing: Job = make_job(process).evolve(id=taken.id)
        with pytest.raises(sqlite3.IntegrityError):
            await registry.submit(clashing, {}, ASKED)
        with pytest.raises(TypeError):
            await registry.submit(make_job(process), {"no": object()}, ASKED)
        job = make_job(process)
        assert await registry.submit(job, {}, OTHER_BODY) == job.id
        assert await registry.ids() == {taken.id, job.id}

    _with_process(tmp_path, scenario)


def test_a_process_is_registered_once(tmp_path: Path) -> None:
    """The second request gets the first one's revision, though another could not be registered any more."""

    async def scenario(registry: Registry, _: Process) -> None:
        revision = await registry.processes.add(make_process("two"), asked=ASKED)
        assert await registry.processes.add(make_process("two"), asked=ASKED) == revision
        with pytest.raises(IdempotencyConflictError):
            await registry.processes.add(make_process("three"), asked=OTHER_BODY)
        with pytest.raises(ProcessExistsError):
            await registry.processes.add(make_process("two"), asked=OTHER_KEY)
        summaries = await registry.processes.summaries(10)
        assert [each["id"] for each in summaries.items] == ["one", "two"]

    _with_process(tmp_path, scenario)


def test_the_key_of_a_refused_process_is_free(tmp_path: Path) -> None:
    """It stands for nothing: nothing was made."""

    async def scenario(registry: Registry, _: Process) -> None:
        with pytest.raises(ProcessExistsError):
            await registry.processes.add(make_process("one"), asked=ASKED)
        assert await registry.processes.add(make_process("two"), asked=OTHER_BODY) > 0

    _with_process(tmp_path, scenario)


def test_old_keys_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days after they came, and not before."""
    came = now()

    async def scenario(registry: Registry, process: Process) -> None:
        first = make_job(process)
        monkeypatch.setattr(idempotency, "now", lambda: came)
        await registry.submit(first, {}, ASKED)
        for age, stands in ((timedelta(hours=47), True), (timedelta(hours=49), False)):
            monkeypatch.setattr(idempotency, "now", lambda age=age: came + age)
            await idempotency.forget_old(registry.database)
            given = await registry.submit(make_job(process), {}, ASKED)
            assert (given == first.id) == stands

    _with_process(tmp_path, scenario)
