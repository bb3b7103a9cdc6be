"""Which ended jobs are forgotten, with their folders, and which are not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cwl_bridge import retention
from cwl_bridge.ballast import Ballast
from cwl_bridge.retention import Keep, Retention
from registry import job_queue
from registry.errors import JobNotFoundError
from registry.models import Job, JobId, JobStatus, Needs, Process, Submission, now
from tests.registry.samples import Registry, make_job, make_process, opened

FREE = Needs(cores=1, memory=0)
#: Later than anything that the real clock says meanwhile.
BEGIN = now() + timedelta(days=1)


class Kept:
    """A registry, the folders of its jobs, and a clock of its own."""

    def __init__(self, registry: Registry, process: Process, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.registry = registry
        self._process = process
        self._folders = folders
        self._monkeypatch = monkeypatch

    def after(self, seconds: float) -> None:
        """So long after the beginning."""
        for module in (job_queue, retention):
            self._monkeypatch.setattr(module, "now", lambda: BEGIN + timedelta(seconds=seconds))

    def retention(self, **keep: timedelta | int) -> Retention:
        return Retention(self.registry.jobs, self._folders, Keep(**keep), Ballast(self._folders, 0))  # type: ignore[arg-type]

    async def job(self, status: JobStatus = JobStatus.SUCCESSFUL) -> Job:
        """One with a folder, that is now in this status."""
        job = await self.registry.submitted(self._process)
        if status is not JobStatus.ACCEPTED:
            await self.registry.queue.start(job.id)
        if status.ended:
            await self.registry.queue.finish(job.id, status)
        folder = self._folders / job.id
        (folder / "outputs").mkdir(parents=True)
        (folder / "outputs" / "file").touch()
        return await self.registry.jobs.get(job.id)

    async def batch(self) -> tuple[JobId, list[JobId]]:
        """One that has ended, with executions that have folders."""
        job = make_job(self._process, batch=2)
        parts = [make_job(self._process, parent=job.id, listed=False) for _ in range(2)]
        executions = tuple(Submission(job=each, order={}, definition=None) for each in parts)
        await self.registry.queue.submit(Submission(job=job, order=None, definition={}, executions=executions))
        for each in parts:
            await self.registry.queue.start(each.id)
            await self.registry.queue.finish(each.id, JobStatus.SUCCESSFUL)
            (self._folders / each.id).mkdir()
        return job.id, [each.id for each in parts]

    def folders(self) -> set[str]:
        return {each.name for each in self._folders.iterdir()}

    async def ids(self) -> set[str]:
        """Of the jobs that there are: of rows as of folders."""
        rows, folders = await self.registry.ids(), {each.name for each in self._folders.iterdir()}
        assert rows == folders
        return rows


@pytest.fixture
def keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Kept], Awaitable[None]]], None]:
    """Carries out a scenario."""

    def carry_out(scenario: Callable[[Kept], Awaitable[None]]) -> None:
        async def run() -> None:
            async with opened(tmp_path) as registry:
                process = await registry.added(make_process("one"))
                (tmp_path / "jobs").mkdir()
                await scenario(Kept(registry, process, tmp_path / "jobs", monkeypatch))

        asyncio.run(run())

    return carry_out


Keeping = Callable[[Callable[[Kept], Awaitable[None]]], None]


def test_who_reads_a_batch_reads_its_executions(keeping: Keeping) -> None:
    """Their folders stay until the end as well; then each is removed, by one of those that ask for it at once."""

    async def scenario(kept: Kept) -> None:
        keeper = kept.retention()
        batch_id, parts = await kept.batch()
        with keeper.reading(batch_id):
            await keeper.forget(batch_id)
            assert await kept.registry.ids() == set()
            assert kept.folders() == set(parts)
        await asyncio.gather(*(keeper.expire() for _ in range(3)))
        assert kept.folders() == set()

    keeping(scenario)


def test_old_jobs_go(keeping: Keeping) -> None:
    """Those that ended longer ago than the age, however they ended; and not a moment before they expire."""

    async def scenario(kept: Kept) -> None:
        keeper = kept.retention(age=timedelta(seconds=10))
        kept.after(0)
        old = [await kept.job(each) for each in JobStatus if each.ended]
        kept.after(5)
        young = await kept.job()
        assert {keeper._keep.expires(each) for each in old} == {BEGIN + timedelta(seconds=10)}

        kept.after(10)
        await keeper.expire()
        assert await kept.ids() == {young.id, *(each.id for each in old)}
        kept.after(10.001)
        await keeper.expire()
        assert await kept.ids() == {young.id}

    keeping(scenario)


def test_the_oldest_beyond_a_number_go(keeping: Keeping) -> None:
    """By when they ended, not by when they were submitted."""

    async def scenario(kept: Kept) -> None:
        kept.after(0)
        slow = await kept.job(JobStatus.RUNNING)
        ended = []
        for second in range(1, 5):
            kept.after(second)
            ended.append(await kept.job())
        kept.after(9)
        await kept.registry.queue.finish(slow.id, JobStatus.FAILED)

        await kept.retention(count=2).expire()

        assert await kept.ids() == {slow.id, ended[-1].id}

    keeping(scenario)


def test_either_reason_is_enough(keeping: Keeping) -> None:
    """With an age and a number a job goes by the one that comes first."""

    async def scenario(kept: Kept) -> None:
        jobs = []
        for second in range(4):
            kept.after(second)
            jobs.append(await kept.job())
        kept.after(10)
        keeper = kept.retention(age=timedelta(seconds=7.5), count=3)

        await keeper.expire()
        assert await kept.ids() == {jobs[3].id}

    keeping(scenario)


@pytest.mark.parametrize("keep", [{"age": timedelta(0)}, {"count": 0}], ids=["age", "count"])
def test_a_job_that_has_not_ended_is_kept(keeping: Keeping, keep: dict[str, timedelta | int]) -> None:
    """Though nothing that has ended is."""

    async def scenario(kept: Kept) -> None:
        kept.after(0)
        waiting, running = await kept.job(JobStatus.ACCEPTED), await kept.job(JobStatus.RUNNING)
        await kept.job()
        kept.after(10**6)

        await kept.retention(**keep).expire()

        assert await kept.ids() == {waiting.id, running.id}

    keeping(scenario)


def test_everything_is_kept_where_nothing_is_said(keeping: Keeping) -> None:
    """And nothing ever expires."""

    async def scenario(kept: Kept) -> None:
        kept.after(0)
        job = await kept.job()
        kept.after(10**9)

        keeper = kept.retention()
        await keeper.expire()

        assert await kept.ids() == {job.id}
        assert Keep().expires(job) is None

    keeping(scenario)


def test_a_job_that_is_read_stays_for_another_while(keeping: Keeping) -> None:
    """With row and folder, until nobody reads any more and the next look comes."""

    async def scenario(kept: Kept) -> None:
        kept.after(0)
        job = await kept.job()
        keeper = kept.retention(count=0)

        with keeper.reading(job.id), keeper.reading(job.id):
            await keeper.expire()
        assert await kept.ids() == {job.id}
        await keeper.expire()
        assert await kept.ids() == set()

    keeping(scenario)


def test_a_job_that_is_forgotten_while_it_is_read(keeping: Keeping, tmp_path: Path) -> None:
    """Its row goes at once, its folder at the next look after the last reader has gone."""

    async def scenario(kept: Kept) -> None:
        kept.after(0)
        job = await kept.job()
        keeper = kept.retention()
        folder = tmp_path / "jobs" / job.id

        with keeper.reading(job.id):
            with keeper.reading(job.id):
                await keeper.forget(job.id)
                with pytest.raises(JobNotFoundError):
                    await kept.registry.jobs.get(job.id)
            await keeper.expire()
            assert (folder / "outputs" / "file").exists()
        await keeper.expire()
        assert not folder.exists()

    keeping(scenario)


def test_a_job_that_runs_is_not_forgotten(keeping: Keeping) -> None:
    """Nor is anything of its folder."""

    async def scenario(kept: Kept) -> None:
        job = await kept.job(JobStatus.RUNNING)

        await asyncio.gather(*(kept.retention().forget(job.id) for _ in range(3)))

        assert await kept.ids() == {job.id}

    keeping(scenario)


def test_folders_without_a_job_go(keeping: Keeping, tmp_path: Path) -> None:
    """A server that died between the row and the folder left them."""

    async def scenario(kept: Kept) -> None:
        jobs = [await kept.job(each) for each in JobStatus]
        left = await kept.job()
        await kept.registry.jobs.remove(JobId(left.id))
        (tmp_path / "jobs" / left.id / "outputs").chmod(0)

        await kept.retention().remove_orphans()

        assert await kept.ids() == {each.id for each in jobs}

    keeping(scenario)
