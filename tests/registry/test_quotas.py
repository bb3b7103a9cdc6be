"""What each owner may have: counted in the transactions that change it, whatever comes at once, and in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from registry import job_queue, quotas
from registry.errors import QuotaExceededError, TooManyRequestsError
from registry.job_queue import JobQueue
from registry.models import (
    Idempotency,
    Job,
    JobId,
    JobStatus,
    Needs,
    Outcome,
    Process,
    Quota,
    Submission,
    Usage,
    Used,
    now,
)
from registry.quotas import Quotas
from tests.registry import many
from tests.registry.samples import Registry, make_job, make_process, opened

FREE = Needs(cores=100, memory=0)
#: Bytes of the requests here: of a job, of an execution, of a batch.
_REQUEST, _PART, _BATCH = len('{}{"inputs": {}}'), len("{}"), len('{"inputs": []}')


@asynccontextmanager
async def allowing(folder: Path, quota: Quota) -> AsyncIterator[tuple[Registry, Process]]:
    async with opened(folder) as registry:
        process = await registry.added(make_process("one"))
        yield replace(registry, queue=JobQueue(registry.database, quota)), process


def _run(folder: Path, quota: Quota, scenario: Callable[[Registry, Process], Awaitable[None]]) -> None:
    async def run() -> None:
        async with allowing(folder, quota) as (registry, process):
            await scenario(registry, process)

    asyncio.run(run())


def _batch(process: Process, executions: int, owner: str = "alice") -> Submission:
    job = make_job(process, batch=executions, owner=owner, status=JobStatus.CREATED)
    parts = (
        make_job(process, parent=job.id, owner=owner, listed=False, status=JobStatus.CREATED) for _ in range(executions)
    )
    several = tuple(Submission(job=each, order={}, definition=None) for each in parts)
    return Submission(job=job, order=None, definition={"inputs": []}, executions=several)


async def _ended(registry: Registry, job: Job, cpu_seconds: float | None, kept: int = 0) -> None:
    usage = None if cpu_seconds is None else Usage(wall_seconds=1, cpu_seconds=cpu_seconds)
    await registry.queue.start(job.id)
    await registry.queue.finish(job.id, JobStatus.SUCCESSFUL, Outcome(outputs={}, usage=usage), kept)


async def _used(registry: Registry, owner: str = "alice") -> Used:
    return await Quotas(registry.database, Quota()).used(owner)


def test_no_more_wait_than_may_whatever_comes_at_once(tmp_path: Path) -> None:
    """Of forty that come together as many are taken as may wait, and others have as many of their own."""

    async def scenario(registry: Registry, process: Process) -> None:
        tried = [registry.submitted(process, owner="alice") for _ in range(40)]
        found = await asyncio.gather(*tried, return_exceptions=True)
        refused = [each for each in found if isinstance(each, TooManyRequestsError)]
        assert (len(refused), len(await registry.ids())) == (35, 5)
        assert "5 jobs of yours wait or are not started, of 5 that may" in str(refused[0])
        await registry.submitted(process, owner="bob")
        # One that is claimed and runs waits no more.
        claimed = await registry.queue.claim(FREE)
        assert claimed is not None
        assert claimed.owner == "alice"
        await registry.queue.start(claimed.id)
        await registry.submitted(process, owner="alice")
        assert (await _used(registry)).waiting == 5

    _run(tmp_path, Quota(waiting=5), scenario)


def test_a_batch_is_taken_or_refused_whole(tmp_path: Path) -> None:
    """Each execution counts; one that could never be taken is told so."""

    async def scenario(registry: Registry, process: Process) -> None:
        with pytest.raises(QuotaExceededError, match="At most 10"):
            await registry.queue.submit(_batch(process, 10_000))
        assert await registry.ids() == set()
        small = _batch(process, 6)
        await registry.queue.submit(small)
        with pytest.raises(TooManyRequestsError):
            await registry.queue.submit(_batch(process, 5))
        assert len(await registry.ids()) == 7
        await registry.queue.submit(_batch(process, 4))
        assert (await _used(registry)).waiting == 10
        # Released or dismissed, it is what it was, or gone.
        assert await registry.queue.release(small.job.id)
        assert (await _used(registry)).waiting == 10
        await registry.queue.dismiss(small.job.id)
        assert (await _used(registry)).waiting == 4

    _run(tmp_path, Quota(waiting=10), scenario)


def test_no_change_gets_past_the_quota(tmp_path: Path) -> None:
    """A job that was made small can't be changed into a batch of more than may wait; it stays what it was."""

    async def scenario(registry: Registry, process: Process) -> None:
        first = _batch(process, 3)
        await registry.queue.submit(first)
        await registry.submitted(process, owner="alice")

        def changed(executions: int) -> Submission:
            other = _batch(process, executions)
            parts = (replace(each, job=replace(each.job, parent=first.job.id)) for each in other.executions)
            return replace(other, job=replace(other.job, id=first.job.id), executions=tuple(parts))

        known = {"inputs": list[object]()}
        with pytest.raises(TooManyRequestsError):
            await registry.queue.replace(changed(5), known)
        assert (await _used(registry)).waiting == 4
        assert await registry.queue.replace(changed(4), known)
        assert (await _used(registry)).waiting == 5

    _run(tmp_path, Quota(waiting=5), scenario)


def test_what_is_sent_again_is_never_refused(tmp_path: Path) -> None:
    """It makes nothing: neither a job that stands, nor one of the same moment."""

    async def scenario(registry: Registry, process: Process) -> None:
        asked = Idempotency(key="k", fingerprint="f")
        tried = [registry.submit(make_job(process, owner="alice"), {}, asked) for _ in range(10)]
        assert len(set(await asyncio.gather(*tried))) == 1
        with pytest.raises(TooManyRequestsError):
            await registry.submitted(process, owner="alice")
        with pytest.raises(TooManyRequestsError):
            await registry.submit(make_job(process, owner="alice"), {}, Idempotency(key="other", fingerprint="f"))
        # A refused request has not used up its key.
        await registry.queue.dismiss(JobId(next(iter(await registry.ids()))))
        await registry.submit(make_job(process, owner="alice"), {}, Idempotency(key="other", fingerprint="f"))

    _run(tmp_path, Quota(waiting=1), scenario)


def test_owners_who_have_enough_running_are_passed_over(tmp_path: Path) -> None:
    """With all their batches; the others go on, and so do they when something has ended."""

    async def scenario(registry: Registry, process: Process) -> None:
        batch = _batch(process, 3)
        await registry.queue.submit(batch)
        await registry.queue.release(batch.job.id)
        for owner in ("alice", "alice", "bob"):
            await registry.submitted(process, owner=owner)
        claimed = [await registry.queue.claim(FREE) for _ in range(5)]
        assert sorted(each.owner for each in claimed if each) == ["alice", "alice", "bob"]
        mine = [each for each in claimed if each and each.owner == "alice"]
        await registry.queue.start(mine[0].id)
        assert await registry.queue.claim(FREE) is None
        await registry.queue.finish(mine[0].id, JobStatus.FAILED)
        again = await registry.queue.claim(FREE)
        assert again is not None
        assert again.owner == "alice"
        assert await registry.queue.claim(FREE) is None

    _run(tmp_path, Quota(running=2), scenario)


def test_cpu_time_is_counted_until_a_day_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the jobs are still there or not; what waits meanwhile does not begin."""

    async def scenario(registry: Registry, process: Process) -> None:
        jobs = [await registry.submitted(process, owner="alice") for _ in range(3)]
        await registry.submitted(process, owner="bob")
        await _ended(registry, jobs[0], 4.0)
        assert (await registry.queue.claim(FREE)) is not None
        await _ended(registry, jobs[1], 6.5)
        await registry.jobs.remove(jobs[1].id)
        assert (await _used(registry)).cpu_seconds == 10.5

        with pytest.raises(TooManyRequestsError, match=r"0\.00 CPU hours within a day") as refused:
            await registry.submitted(process, owner="alice")
        claimed = [await registry.queue.claim(FREE) for _ in range(2)]
        assert [each and each.owner for each in claimed] in (["bob", None], [None, None])
        for module in (job_queue, quotas):
            monkeypatch.setattr(module, "now", lambda: now() + timedelta(seconds=refused.value.retry_after + 1))
        assert (await _used(registry)).cpu_seconds < 10
        await registry.submitted(process, owner="alice")
        assert (await registry.queue.claim(FREE)) is not None

    _run(tmp_path, Quota(cpu_seconds=10), scenario)


def test_who_dismisses_a_run_pays_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has measured it, what it reserved counts; one that never ran counts nothing."""

    async def scenario(registry: Registry, process: Process) -> None:
        ran, waited = [await registry.submitted(process, owner="alice", needs=Needs(cores=2)) for _ in range(2)]
        await registry.queue.start(ran.id)
        await registry.queue.dismiss(waited.id)
        monkeypatch.setattr(job_queue, "now", lambda: now() + timedelta(seconds=50))
        await registry.queue.finish(ran.id, JobStatus.DISMISSED)
        assert 100 <= (await _used(registry)).cpu_seconds < 120

    _run(tmp_path, Quota(), scenario)


@pytest.mark.parametrize(("back", "counted"), [(timedelta(hours=3), 5.0), (timedelta(days=4000), 0.0)])
def test_a_clock_that_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, back: timedelta, counted: float
) -> None:
    """What ended in the future counts, but nobody is shut out until a year that was never meant."""

    async def scenario(registry: Registry, process: Process) -> None:
        monkeypatch.setattr(job_queue, "now", lambda: now() + back)
        await _ended(registry, await registry.submitted(process, owner="alice"), 5.0)
        assert (await _used(registry)).cpu_seconds == counted

    _run(tmp_path, Quota(), scenario)


def test_bytes_are_free_again_when_jobs_are_removed(tmp_path: Path) -> None:
    """The refusal says how much it is, and which jobs to remove; a batch goes with its executions."""

    async def scenario(registry: Registry, process: Process) -> None:
        batch = _batch(process, 2)
        await registry.queue.submit(batch)
        await registry.queue.release(batch.job.id)
        small = await registry.submitted(process, owner="alice")
        await _ended(registry, small, 0, 10)
        waiting = await registry.submitted(process, owner="alice")
        for each in batch.executions:
            await _ended(registry, each.job, 0, 60)
        assert (await _used(registry)).kept_bytes == 130 + 2 * _PART + _BATCH + _REQUEST
        with pytest.raises(QuotaExceededError) as refused:
            await registry.submitted(process, owner="alice")
        part, rest = 60 + _PART, 10 + _REQUEST
        assert f"{2 * part + _BATCH + rest} bytes, of 100" in str(refused.value)
        assert f"the largest: {batch.job.id} ({part}), {batch.job.id} ({part}), {small.id} ({rest})." in str(
            refused.value
        )
        # What was taken before waits.
        assert await registry.queue.claim(FREE) is None
        await registry.submitted(process, owner="bob")

        await registry.jobs.remove(batch.job.id)
        assert (await _used(registry)).kept_bytes == 10 + _REQUEST
        await registry.submitted(process, owner="alice")
        claimed = [await registry.queue.claim(FREE) for _ in range(2)]
        assert waiting.id in [each and each.id for each in claimed]

    _run(tmp_path, Quota(kept_bytes=100), scenario)


def test_a_request_counts_where_nothing_has_run(tmp_path: Path) -> None:
    """However large it was: whoever dismisses what waits has it kept all the same, until it is removed."""

    async def scenario(registry: Registry, process: Process) -> None:
        large = make_job(process, owner="alice", status=JobStatus.CREATED)
        await registry.submit(large, {"text": "x" * 500})
        batch = _batch(process, 3)
        whole = replace(batch, definition={"inputs": ["y" * 500]})
        await registry.queue.submit(whole)
        assert (await _used(registry)).kept_bytes == 0
        await registry.queue.dismiss(large.id)
        assert 1000 < (await _used(registry)).kept_bytes < 1100
        await registry.queue.dismiss(batch.job.id)
        assert 1500 < (await _used(registry)).kept_bytes < 1700
        for each in (large, batch.job):
            await registry.jobs.remove(each.id)
        assert (await _used(registry)).kept_bytes == 0

    _run(tmp_path, Quota(), scenario)


def test_a_folder_that_nobody_measured(tmp_path: Path) -> None:
    """It is found, and counted once."""

    async def scenario(registry: Registry, process: Process) -> None:
        job = await registry.submitted(process, owner="alice")
        await registry.queue.start(job.id)
        await registry.queue.finish(job.id, JobStatus.FAILED)
        assert await registry.jobs.unmeasured() == [job.id]
        for _ in range(2):
            await registry.jobs.measured([(job.id, 7), (JobId("gone"), 8)])
        assert await registry.jobs.unmeasured() == []
        assert (await _used(registry)).kept_bytes == 7 + _REQUEST

    _run(tmp_path, Quota(), scenario)


ALL = Quota(waiting=100_000, running=3, cpu_seconds=5, kept_bytes=100)


def test_claims_do_not_look_at_every_job(tmp_path: Path) -> None:
    """Whatever is limited, a claim of twenty times as many jobs takes no more steps of SQLite."""

    async def steps(folder: Path, jobs: int) -> int:
        folder.mkdir()
        async with allowing(folder, ALL) as (registry, process):
            await asyncio.to_thread(many.fill, folder / "registry.sqlite3", jobs, live=False)
            for owner in ("alice", "bob", "alice"):
                await registry.submitted(process, owner=owner)
            counted = 0

            def step() -> int:
                nonlocal counted
                counted += 1
                return 0

            async with registry.database.transaction() as connection:
                await connection.set_progress_handler(step, 100)
            assert await registry.queue.claim(FREE) is not None
            await Quotas(registry.database, ALL).check("alice", 1)
            return counted

    few, lots = (asyncio.run(steps(tmp_path / str(jobs), jobs)) for jobs in (500, 10_000))
    assert lots <= few + 1
