"""Batches in the database: they go with their executions, in the transactions that are theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from registry.batches import Batches
from registry.models import (
    ExecuteRequest,
    Failure,
    Job,
    JobFilter,
    JobId,
    JobStatus,
    Needs,
    Outcome,
    Process,
    Submission,
)
from registry.outbox import Outbox
from registry.subscriber import Event, Subscriber
from tests.registry.samples import Registry, make_job, make_process, opened

FREE = Needs(cores=100, memory=1 << 40)
DONE = Outcome(outputs={})
TELLING = ExecuteRequest(subscriber=Subscriber(base="http://here", uris=dict.fromkeys(Event, "http://there/x")))


def batch(process: Process, count: int, owner: str = "", status: JobStatus = JobStatus.CREATED) -> Submission:
    job = make_job(process, status=status, batch=count, owner=owner, request=TELLING)
    parts = [make_job(process, status=status, parent=job.id, listed=False, owner=owner) for _ in range(count)]
    executions = tuple(Submission(job=each, order={"n": n}, definition=None) for n, each in enumerate(parts))
    return Submission(job=job, order=None, definition={"inputs": [{}] * count}, executions=executions)


def _with_batch(
    folder: Path, count: int, scenario: Callable[[Registry, Job, list[Job]], Awaitable[None]], *, start: bool = True
) -> None:
    """Runs a scenario with a batch and its executions."""

    async def run() -> None:
        async with opened(folder) as registry:
            await registry.processes.add(make_process("p"))
            made = batch(await registry.processes.get("p"), count)
            await registry.queue.submit(made)
            if start:
                assert await registry.queue.release(made.job.id)
            job = await registry.jobs.get(made.job.id)
            await scenario(registry, job, await Batches(registry.database).executions(job))

    asyncio.run(run())


async def _told(registry: Registry, job: Job) -> list[str]:
    return [str(each.event) for each in await Outbox(registry.database).of_job(job.id)]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([JobStatus.SUCCESSFUL, JobStatus.SUCCESSFUL], JobStatus.SUCCESSFUL),
        ([JobStatus.FAILED, JobStatus.SUCCESSFUL], JobStatus.FAILED),
        ([JobStatus.SUCCESSFUL, JobStatus.DISMISSED], JobStatus.FAILED),
    ],
)
def test_it_begins_with_the_first_and_ends_with_the_last(
    tmp_path: Path, ends: list[JobStatus], expected: JobStatus
) -> None:
    """Its times are those of its executions; who subscribed is told of the batch alone."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        assert job.status is JobStatus.ACCEPTED
        for each, status in zip(parts, ends, strict=True):
            assert (await registry.status(job)).ended is False
            taken = await registry.queue.claim(FREE)
            assert taken is not None
            assert taken.id == each.id
            await registry.queue.start(each.id)
            assert await registry.status(job) is JobStatus.RUNNING
            failure = Failure(reason="tool-failed", message="m") if status is JobStatus.FAILED else None
            await registry.queue.finish(each.id, status, Outcome(failure=failure))
        found = await registry.jobs.get(job.id)
        first, last = [await registry.jobs.get(each.id) for each in parts]
        assert (found.status, found.started, found.finished) == (expected, first.started, last.finished)
        if expected is JobStatus.FAILED:
            assert found.outcome is not None
            assert found.outcome.failure is not None
            assert found.outcome.failure.message == "1 of 2 executions were not successful."
        ended = {JobStatus.SUCCESSFUL: "successUri", JobStatus.FAILED: "failedUri"}[expected]
        assert await _told(registry, job) == ["inProgressUri", ended]
        assert [await _told(registry, each) for each in parts] == [[], []]

    _with_batch(tmp_path, 2, scenario)


def test_it_takes_no_turn(tmp_path: Path) -> None:
    """Only executions are claimed, and a batch that runs counts for nothing where turns are taken."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        process = await registry.processes.get("p")
        other = await registry.submitted(process)
        order = [await registry.queue.claim(FREE) for _ in range(4)]
        assert [each and each.id for each in order] == [parts[0].id, other.id, parts[1].id, None]
        assert {each.id for each in await registry.queue.unfinished()} == {parts[0].id, parts[1].id, other.id}
        await registry.queue.start(parts[0].id)
        assert job.id not in {each.id for each in await registry.queue.unfinished()}

    _with_batch(tmp_path, 2, scenario)


def test_a_dismissal_is_that_of_all(tmp_path: Path) -> None:
    """Those that wait end at once, those that are claimed are left to who carries them; the batch ends with them."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        claimed = await registry.queue.claim(FREE)
        assert claimed is not None
        assert await registry.queue.dismiss(job.id) == [claimed.id]
        statuses = [await registry.status(each) for each in parts]
        assert statuses == [JobStatus.ACCEPTED, JobStatus.DISMISSED, JobStatus.DISMISSED]
        assert await registry.status(job) is JobStatus.ACCEPTED
        assert [each.dismissing for each in await registry.queue.unfinished()] == [True]
        await registry.queue.finish(claimed.id, JobStatus.SUCCESSFUL, DONE)
        found = await registry.jobs.get(job.id)
        assert (found.status, found.outcome) == (JobStatus.DISMISSED, None)
        assert await _told(registry, job) == ["failedUri"]

    _with_batch(tmp_path, 3, scenario)


def test_it_is_kept_and_forgotten_as_one_job(tmp_path: Path) -> None:
    """None of its executions goes before it, and all go with it."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        for each in parts:
            await registry.queue.start(each.id)
            await registry.queue.finish(each.id, JobStatus.SUCCESSFUL, DONE)
        process = await registry.processes.get("p")
        later = await registry.submitted(process)
        await registry.queue.start(later.id)
        await registry.queue.finish(later.id, JobStatus.SUCCESSFUL, DONE)
        assert await registry.jobs.expired(None, 2) == []
        assert await registry.jobs.expired(None, 1) == [job.id]
        async with registry.database.transaction() as connection:
            await connection.execute("delete from outbox")
        assert await registry.jobs.remove(job.id) == [job.id, *(each.id for each in parts)]
        assert await registry.ids() == {later.id}
        assert await registry.jobs.expired(None, 1) == []
        assert await registry.database.fetch_all("select * from orders where job_id <> ?", [later.id]) == []
        assert await registry.database.fetch_all("select * from definitions where job_id <> ?", [later.id]) == []

    _with_batch(tmp_path, 5, scenario)


def test_a_running_batch_is_not_removed(tmp_path: Path) -> None:
    """Nor any of its executions."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        assert await registry.jobs.remove(job.id) == []
        assert await registry.ids() == {job.id, *(each.id for each in parts)}

    _with_batch(tmp_path, 2, scenario)


def test_it_is_replaced_while_it_is_not_started(tmp_path: Path) -> None:
    """By one who knows what there is; the job stays the same, with its place in lists."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        process = await registry.processes.get("p")
        made = batch(process, 4)
        other = Submission(
            job=made.job.evolve(id=job.id),
            order=None,
            definition={"inputs": []},
            executions=tuple(
                Submission(job=each.job.evolve(parent=job.id), order=each.order, definition=None)
                for each in made.executions
            ),
        )
        assert not await registry.queue.replace(other, {"inputs": "of somebody else"})
        assert await registry.ids() == {job.id, *(each.id for each in parts)}
        assert await registry.queue.replace(other, {"inputs": [{}] * 2})
        found = await registry.jobs.get(job.id)
        assert (found.batch, found.created, found.seq) == (4, job.created, job.seq)
        assert await registry.ids() == {job.id, *(each.job.id for each in made.executions)}
        assert await registry.queue.definition(job.id) == {"inputs": []}
        assert await registry.queue.release(job.id)
        assert not await registry.queue.release(job.id)
        assert not await registry.queue.replace(other, {"inputs": []})

    _with_batch(tmp_path, 2, scenario, start=False)


@pytest.mark.parametrize("several", [True, False])
def test_a_change_of_secrets_that_another_one_does_not_know(tmp_path: Path, several: bool) -> None:
    """A definition has masks in their places, so it stays the same; what has them names another file."""

    def made(process: Process, job: Job, file: str) -> Submission:
        order = {"$secrets": file}
        if not several:
            return Submission(job=job, order=order, definition={"inputs": "(secret)"})
        part = make_job(process, parent=job.id, listed=False, status=JobStatus.CREATED)
        executions = (Submission(job=part, order=order, definition=None),)
        return Submission(job=job, order=None, definition={"inputs": "(secret)"}, executions=executions)

    async def run() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("p"))
            job = make_job(process, status=JobStatus.CREATED, batch=1 if several else None)
            known = {"inputs": "(secret)"}
            await registry.queue.submit(made(process, job, "first"))
            assert await registry.queue.replace(made(process, job, "second"), known, "first")
            assert not await registry.queue.replace(made(process, job, "third"), known, "first")
            assert await registry.queue.secrets(job.id) == "second"

    asyncio.run(run())


def test_its_turns_are_forgotten_with_it(tmp_path: Path) -> None:
    """Its executions take turns under its name, which nobody has after it."""

    async def scenario(registry: Registry) -> None:
        process = await registry.added(make_process("p"))
        made = batch(process, 1, status=JobStatus.ACCEPTED)
        await registry.queue.submit(made)
        claimed = await registry.queue.claim(FREE)
        assert claimed is not None
        await registry.queue.start(claimed.id)
        await registry.queue.finish(claimed.id, JobStatus.SUCCESSFUL, DONE)
        async with registry.database.transaction() as connection:
            await connection.execute("delete from outbox")
        parties = "select party from turns order by party = ?"
        assert [row[0] for row in await registry.database.fetch_all(parties, [made.job.id])] == ["", made.job.id]
        await registry.jobs.remove(made.job.id)
        assert [row[0] for row in await registry.database.fetch_all(parties, [made.job.id])] == [""]

    async def run() -> None:
        async with opened(tmp_path) as registry:
            await scenario(registry)

    asyncio.run(run())


def test_lists_count_and_find_executions(tmp_path: Path) -> None:
    """By batch, by index, by status; a job that is no batch has none."""

    async def scenario(registry: Registry, job: Job, parts: list[Job]) -> None:
        batches = Batches(registry.database)
        await registry.queue.start(parts[1].id)
        alone = await registry.submitted(await registry.processes.get("p"))
        assert await batches.executions(alone) == []
        assert [await batches.index(each) for each in parts] == [0, 1, 2]
        found = [await batches.execution(job.id, index) for index in range(4)]
        assert [each and each.id for each in found] == [*(each.id for each in parts), None]
        counted = {JobStatus.ACCEPTED: 2, JobStatus.RUNNING: 1}
        assert await batches.counts([job.id, alone.id, JobId("none")]) == {job.id: counted, alone.id: {}, "none": {}}
        shown = (await registry.jobs.page(JobFilter(parent=job.id, statuses=(JobStatus.RUNNING,)), 10)).items
        assert [each.id for each in shown] == [parts[1].id]
        assert {each.id for each in (await registry.jobs.page(JobFilter(), 10)).items} == {job.id, alone.id}

    _with_batch(tmp_path, 3, scenario)


def test_no_statement_looks_at_every_job(tmp_path: Path) -> None:
    """However many jobs there are, those of a batch are found by an index."""
    statements = [
        "update jobs set dismissing = 1 where (id = ? or parent = ?) and finished is null",
        "select id from jobs where id = ? or parent = ?",
        "delete from jobs where parent = ?",
        "select 1 from jobs where parent = ? and status in ('created', 'accepted', 'running')",
        "select count(*) from jobs where parent = ? and (created, seq) < (?, ?)",
        "select count(*) from json_each(?) as asked join jobs as j on j.parent = asked.value group by j.parent, status",
    ]

    async def run() -> None:
        async with opened(tmp_path) as registry:
            for each in statements:
                plan = await registry.database.fetch_all(f"explain query plan {each}", [None] * each.count("?"))
                looked = [row["detail"] for row in plan if "jobs" in row["detail"]]
                assert looked
                assert not [detail for detail in looked if detail.startswith("SCAN jobs")], (each, looked)

    asyncio.run(run())
