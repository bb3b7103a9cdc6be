"""The queue: every change of a job's status, and the guard before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from registry.models import ExecuteRequest, Failure, Job, JobStatus, Needs, Outcome, OutputChoice, Pin, now
from tests.registry.samples import Registry, make_process, opened
from tests.registry.test_batches import batch

DONE = Outcome(outputs={"text": "Zürich 🕺"})
FREE = Needs(cores=1, memory=0)


def _with_jobs(folder: Path, count: int, scenario: Callable[[Registry, list[Job]], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(folder) as registry:
            process = await registry.added(make_process("one"))
            await scenario(registry, [await registry.submitted(process) for _ in range(count)])

    asyncio.run(run())


def test_submitted_job_survives(tmp_path: Path) -> None:
    """A job is on disk when `submit` returns: integers of 64 bits, any text and `outputs: {}` included."""
    nasty = {"max": 2**63 - 1, "min": -(2**63), "text": "Zürich 🕺 \u2028\\\"'", "none": None, "deep": [[{"a": 0.1}]]}
    request = ExecuteRequest(
        outputs={"text": OutputChoice(transmission="reference", media_type="text/plain")},
        response="document",
        returns="minimal",
    )

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            before = [
                await registry.submitted(process, request=request, order=nasty, listed=False),
                await registry.submitted(process, request=ExecuteRequest(outputs={})),
            ]
        async with opened(tmp_path) as registry:
            assert [await registry.jobs.get(each.id) for each in before] == before
            assert await registry.queue.order(before[0].id) == nasty
        assert before[0].request == request
        assert before[1].request.outputs == {}

    asyncio.run(run())


def test_claims_come_in_the_order_of_submission(tmp_path: Path) -> None:
    """Who waited longest is next; when all are claimed there is none."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        claimed = [await registry.queue.claim(FREE) for _ in range(4)]
        assert [each and each.id for each in claimed] == [*(each.id for each in jobs), None]

    _with_jobs(tmp_path, 3, scenario)


def test_concurrent_claims_are_distinct(tmp_path: Path) -> None:
    """No job is given to two claims."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        claimed = await asyncio.gather(*(registry.queue.claim(FREE) for _ in range(25)))
        found = [each.id for each in claimed if each is not None]
        assert sorted(found) == sorted(each.id for each in jobs)

    _with_jobs(tmp_path, 20, scenario)


def test_free_claims_gives_them_out_again(tmp_path: Path) -> None:
    """The claims of a supervisor that is gone are free at the next start; a run that began is not."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        for _ in jobs:
            await registry.queue.claim(FREE)
        await registry.queue.start(jobs[0].id)
        for each in jobs:
            await registry.queue.free_claim(each.id)
        again = await registry.queue.claim(FREE)
        assert again is not None
        assert again.id == jobs[1].id
        assert await registry.queue.claim(FREE) is None

    _with_jobs(tmp_path, 2, scenario)


def test_waiting_job_is_dismissed_at_once(tmp_path: Path) -> None:
    """A job that nobody claimed ends with one statement, once, and is never claimed after that."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        [job] = jobs
        assert await registry.queue.dismiss(job.id) == []
        found = await registry.jobs.get(job.id)
        assert (found.status, found.started) == (JobStatus.DISMISSED, None)
        assert found.finished == found.updated >= found.created
        assert await registry.queue.dismiss(job.id) == []
        assert await registry.jobs.get(job.id) == found
        assert await registry.queue.claim(FREE) is None
        assert not await registry.queue.start(job.id)

    _with_jobs(tmp_path, 1, scenario)


@pytest.mark.parametrize("started", [False, True])
def test_claimed_job_is_not_dismissed_as_waiting(tmp_path: Path, started: bool) -> None:
    """From its claim on, a job is its supervisor's to stop."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        [job] = jobs
        await registry.queue.claim(FREE)
        if started:
            await registry.queue.start(job.id)
        before = await registry.status(job)
        assert await registry.queue.dismiss(job.id) == [job.id]
        assert await registry.status(job) == before
        assert (await registry.jobs.get(job.id)).dismissing

    _with_jobs(tmp_path, 1, scenario)


@pytest.mark.parametrize("claim_first", [True, False])
def test_claim_or_dismissal_wins(tmp_path: Path, claim_first: bool) -> None:
    """A claim and a dismissal of the same job at once: exactly one of them gets it."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        [job] = jobs
        claim = asyncio.create_task(registry.queue.claim(FREE)) if claim_first else None
        dismissed = asyncio.create_task(registry.queue.dismiss(job.id))
        claimed = await (claim or asyncio.create_task(registry.queue.claim(FREE)))
        assert await dismissed == ([] if claimed is None else [job.id])
        assert await registry.status(job) == (JobStatus.DISMISSED if claimed is None else JobStatus.ACCEPTED)

    _with_jobs(tmp_path, 1, scenario)


def test_start_happens_once(tmp_path: Path) -> None:
    """accepted becomes running with a time; a second start changes nothing."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        [job] = jobs
        assert await registry.queue.start(job.id)
        started = await registry.jobs.get(job.id)
        assert started.status == JobStatus.RUNNING
        assert started.started is not None
        assert job.created <= started.started == started.updated <= now()
        assert started.finished is None
        assert not await registry.queue.start(job.id)
        assert await registry.jobs.get(job.id) == started

    _with_jobs(tmp_path, 1, scenario)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (JobStatus.SUCCESSFUL, DONE),
        (JobStatus.FAILED, Outcome(failure=Failure(reason="tool-failed", message="é", exit_code=3, log=("a", "b")))),
        (JobStatus.DISMISSED, None),
    ],
)
def test_finish_happens_once(tmp_path: Path, status: JobStatus, outcome: Outcome | None) -> None:
    """A running job ends with its outcome; no later end changes it."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        [job] = jobs
        await registry.queue.start(job.id)
        assert await registry.queue.finish(job.id, status, outcome)
        ended = await registry.jobs.get(job.id)
        assert (ended.status, ended.outcome) == (status, outcome)
        assert ended.started is not None
        assert ended.finished is not None
        assert ended.started <= ended.finished == ended.updated
        for other in (JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.DISMISSED):
            assert not await registry.queue.finish(job.id, other, Outcome(outputs={}))
        assert not await registry.queue.start(job.id)
        assert await registry.jobs.get(job.id) == ended

    _with_jobs(tmp_path, 1, scenario)


def test_job_that_can_not_be_started_fails(tmp_path: Path) -> None:
    """An accepted job may fail without ever having run."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        assert await registry.queue.finish(jobs[0].id, JobStatus.FAILED)
        found = await registry.jobs.get(jobs[0].id)
        assert (found.status, found.started) == (JobStatus.FAILED, None)
        assert await registry.queue.claim(FREE) is None

    _with_jobs(tmp_path, 1, scenario)


def test_unfinished_lists_what_somebody_has_begun(tmp_path: Path) -> None:
    """Runs and claims; neither waiting nor ended jobs; the oldest comes first."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        claimed, ended, first, second, waiting = jobs
        for each in (second, first, ended):
            await registry.queue.start(each.id)
        await registry.queue.finish(ended.id, JobStatus.SUCCESSFUL, DONE)
        taken = await registry.queue.claim(FREE)
        assert taken is not None
        assert taken.id == claimed.id
        assert await registry.status(waiting) == JobStatus.ACCEPTED
        found = [each.id for each in await registry.queue.unfinished()]
        assert found == [claimed.id, first.id, second.id]

    _with_jobs(tmp_path, 5, scenario)


def test_unknown_job_changes_nothing(tmp_path: Path) -> None:
    """Each change of a job that does not exist says that nothing was changed."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        await registry.queue.finish(jobs[0].id, JobStatus.FAILED)
        await registry.jobs.remove(jobs[0].id)
        assert not await registry.queue.start(jobs[0].id)
        assert not await registry.queue.finish(jobs[0].id, JobStatus.FAILED)
        assert await registry.queue.dismiss(jobs[0].id) == []

    _with_jobs(tmp_path, 1, scenario)


def test_owners_take_turns(tmp_path: Path) -> None:
    """Who has fewest running is next, then who waited longest for a turn; a thousand jobs of one hold up nobody."""

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            for owner in ("many", "many", "many", "few", "many", "few", "one"):
                await registry.submitted(process, owner=owner)

            claimed = [await registry.queue.claim(FREE) for _ in range(8)]

            assert [each and each.owner for each in claimed] == [
                "many",
                "few",
                "one",
                "many",
                "few",
                "many",
                "many",
                None,
            ]

    asyncio.run(run())


def test_a_turn_is_remembered(tmp_path: Path) -> None:
    """Where all have as many running, who had a turn longest ago is next, also after a restart."""

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            for _ in range(2):
                for owner in ("b", "a"):
                    await registry.submitted(process, owner=owner)
            first = await registry.queue.claim(FREE)
            assert first is not None
            assert first.owner == "b"
            await registry.queue.finish(first.id, JobStatus.FAILED)
        async with opened(tmp_path) as registry:
            second = await registry.queue.claim(FREE)
            assert second is not None
            await registry.queue.finish(second.id, JobStatus.FAILED)
            third = await registry.queue.claim(FREE)
            assert third is not None
            assert [second.owner, third.owner] == ["a", "b"]

    asyncio.run(run())


def test_no_number_of_batches_is_more_than_one_turn(tmp_path: Path) -> None:
    """Owners take turns with one another; whoever sends its jobs as many batches gets no more of them."""

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))

            async def turn() -> str | None:
                claimed = await registry.queue.claim(FREE)
                assert claimed is not None
                await registry.queue.start(claimed.id)
                await registry.queue.finish(claimed.id, JobStatus.FAILED)
                return claimed.owner

            for owner in ("bob", "bob", "bob"):
                await registry.submitted(process, owner=owner)
            assert await turn() == "bob"
            for _ in range(5):
                await registry.queue.submit(batch(process, 1, owner="alice", status=JobStatus.ACCEPTED))
            assert [await turn() for _ in range(7)] == ["alice", "bob", "alice", "bob", "alice", "alice", "alice"]

    asyncio.run(run())


def test_running_jobs_count_against_their_owner(tmp_path: Path) -> None:
    """Begun ones like claimed ones; ended ones no more."""

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            begun = [await registry.submitted(process, owner="busy") for _ in range(2)]
            for each in begun:
                await registry.queue.claim(FREE)
                await registry.queue.start(each.id)
            for owner in ("busy", "free", "free", "free"):
                await registry.submitted(process, owner=owner)
            # free: 0, then 1 running, against 2 of busy; with 2 each, busy's last turn is longer ago.
            claimed = [await registry.queue.claim(FREE) for _ in range(3)]
            assert [each and each.owner for each in claimed] == ["free", "free", "busy"]

    asyncio.run(run())


@pytest.mark.parametrize("needs", [Needs(cores=2, memory=10), Needs(cores=1, memory=1000)], ids=["cores", "memory"])
def test_a_large_job_keeps_its_turn(tmp_path: Path, needs: Needs) -> None:
    """While it does not fit nothing is claimed, so small ones do not overtake it for ever; then it is next."""

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            large = await registry.submitted(process, needs=needs)
            small = await registry.submitted(process, needs=Needs(cores=0.5, memory=10))
            for _ in range(3):
                assert await registry.queue.claim(Needs(cores=1, memory=100)) is None
            fits = await registry.queue.claim(needs)
            then = await registry.queue.claim(Needs(cores=0.5, memory=10))
            assert fits is not None
            assert then is not None
            assert [fits.id, then.id] == [large.id, small.id]

    asyncio.run(run())


def test_what_a_job_reserves_and_runs_is_kept(tmp_path: Path) -> None:
    """Its needs, its owner and its images."""
    images = {"a:1": Pin("sha256:0"), "b:1": Pin("sha256:1", "b@sha256:2")}

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            job = await registry.submitted(process, owner="Zürich", needs=Needs(cores=0.25, memory=77), images=images)
            assert (job.owner, job.needs, job.images) == ("Zürich", Needs(cores=0.25, memory=77), images)

    asyncio.run(run())


def test_a_wish_for_its_end_is_kept(tmp_path: Path) -> None:
    """A dismissal that a crash cuts short is found at the next start."""

    async def scenario(registry: Registry, jobs: list[Job]) -> None:
        claimed, other = jobs
        await registry.queue.claim(FREE)
        await registry.queue.dismiss(claimed.id)
        [found] = await registry.queue.unfinished()
        assert (found.id, found.dismissing) == (claimed.id, True)
        assert not (await registry.jobs.get(other.id)).dismissing

    _with_jobs(tmp_path, 2, scenario)
