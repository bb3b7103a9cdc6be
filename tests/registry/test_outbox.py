"""The outbox: a row for each change of status that a client wants to know, and what becomes of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from registry.errors import JobNotFoundError
from registry.models import ExecuteRequest, Job, JobStatus, Outcome, now
from registry.outbox import Outbox, State, Turn
from registry.subscriber import Event, Subscriber
from tests.registry.samples import Registry, make_process, opened

HOST = "hooks.example.org:8443"
SUBSCRIBER = Subscriber(
    base="http://server", uris={event: f"https://{HOST.upper()}/{event}?a=%20" for event in reversed(Event)}
)
DONE = Outcome(outputs={})


def _with_job(
    folder: Path, scenario: Callable[[Registry, Outbox, Job], Awaitable[None]], subscriber: Subscriber | None
) -> None:
    async def run() -> None:
        async with opened(folder) as registry:
            process = await registry.added(make_process("one"))
            job = await registry.submitted(process, request=ExecuteRequest(subscriber=subscriber))
            assert job.request.subscriber == subscriber
            await scenario(registry, Outbox(registry.database), job)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (JobStatus.SUCCESSFUL, Event.SUCCESS),
        (JobStatus.FAILED, Event.FAILED),
        (JobStatus.DISMISSED, Event.FAILED),
    ],
)
def test_every_change_is_to_be_told(tmp_path: Path, status: JobStatus, event: Event) -> None:
    """Once each, in their order, at once; a change that did not happen is none."""

    async def scenario(registry: Registry, outbox: Outbox, job: Job) -> None:
        assert await outbox.of_job(job.id) == []
        assert await registry.queue.start(job.id)
        assert not await registry.queue.start(job.id)
        assert await registry.queue.finish(job.id, status, DONE)
        assert not await registry.queue.finish(job.id, JobStatus.SUCCESSFUL, DONE)
        found = await outbox.of_job(job.id)
        assert [each.event for each in found] == [Event.IN_PROGRESS, event]
        assert [each.url for each in found] == [SUBSCRIBER.uris[each.event] for each in found]
        assert {(each.base, each.state, each.attempts, each.body) for each in found} == {
            ("http://server", State.WAITING, 0, None)
        }
        assert len({each.id for each in found}) == 2
        assert await outbox.soonest([], []) == (Turn(job.id, HOST), None)

    _with_job(tmp_path, scenario, SUBSCRIBER)


def test_a_job_that_never_started(tmp_path: Path) -> None:
    """Its dismissal is told, and nothing else."""

    async def scenario(registry: Registry, outbox: Outbox, job: Job) -> None:
        assert await registry.queue.dismiss(job.id) == []
        assert [each.event for each in await outbox.of_job(job.id)] == [Event.FAILED]

    _with_job(tmp_path, scenario, SUBSCRIBER)


@pytest.mark.parametrize("subscriber", [None, Subscriber(base="http://server", uris={Event.FAILED: "http://a/"})])
def test_what_nobody_asked_for(tmp_path: Path, subscriber: Subscriber | None) -> None:
    """Is not to be told."""

    async def scenario(registry: Registry, outbox: Outbox, job: Job) -> None:
        await registry.queue.start(job.id)
        await registry.queue.finish(job.id, JobStatus.SUCCESSFUL, DONE)
        assert await outbox.of_job(job.id) == []
        assert await outbox.soonest([], []) is None

    _with_job(tmp_path, scenario, subscriber)


def test_change_and_notice_are_written_together(tmp_path: Path) -> None:
    """Where the notice can't be written, the status does not change."""

    async def scenario(registry: Registry, outbox: Outbox, job: Job) -> None:
        async with registry.database.transaction() as connection:
            await connection.execute(
                "create trigger refuse before insert on outbox begin select raise(abort, 'refused'); end"
            )
        with pytest.raises(sqlite3.IntegrityError, match="refused"):
            await registry.queue.start(job.id)
        assert await registry.status(job) is JobStatus.ACCEPTED
        assert await outbox.of_job(job.id) == []

    _with_job(tmp_path, scenario, SUBSCRIBER)


def test_turns(tmp_path: Path) -> None:
    """What is due first comes first; what is taken and who is busy is left out; a start makes everything due."""

    async def scenario(registry: Registry, outbox: Outbox, first: Job) -> None:
        process = await registry.processes.get("one")
        elsewhere = Subscriber(base="http://server", uris={Event.IN_PROGRESS: "http://elsewhere/"})
        second = await registry.submitted(process, request=ExecuteRequest(subscriber=elsewhere))
        for each in (first, second):
            await registry.queue.start(each.id)
        turns = [Turn(first.id, HOST), Turn(second.id, "elsewhere")]

        assert await outbox.soonest([], []) == (turns[0], None)
        assert await outbox.soonest([turns[0]], []) == (turns[1], None)
        assert await outbox.soonest([], [HOST]) == (turns[1], None)
        assert await outbox.soonest(turns, []) is None

        [notice] = await outbox.waiting(turns[0])
        due = now() + timedelta(hours=1)
        await outbox.settle(replace(notice, attempts=1, said="no", due=due))
        assert await outbox.soonest([], []) == (turns[1], None)
        assert await outbox.soonest([turns[1]], []) == (turns[0], due)
        assert [(each.attempts, each.said, each.due) for each in await outbox.waiting(turns[0])] == [(1, "no", due)]
        await outbox.resume()
        assert await outbox.soonest([], []) == (turns[0], None)

        await outbox.settle(replace(notice, state=State.DELIVERED))
        assert await outbox.waiting(turns[0]) == []
        assert [each.state for each in await outbox.of_job(first.id)] == [State.DELIVERED]

    _with_job(tmp_path, scenario, SUBSCRIBER)


def test_what_is_sent_stays_the_same(tmp_path: Path) -> None:
    """The first that is written down; when it is not sent any more, it is not kept."""

    async def scenario(registry: Registry, outbox: Outbox, job: Job) -> None:
        await registry.queue.start(job.id)
        [notice] = await outbox.of_job(job.id)
        await outbox.write_down(notice.id, b"first")
        await outbox.write_down(notice.id, b"second")
        assert [each.body for each in await outbox.of_job(job.id)] == [b"first"]
        await outbox.settle(replace(notice, attempts=1, due=now()))
        assert [each.body for each in await outbox.of_job(job.id)] == [b"first"]
        await outbox.settle(replace(notice, state=State.DELIVERED))
        assert [each.body for each in await outbox.of_job(job.id)] == [None]

    _with_job(tmp_path, scenario, SUBSCRIBER)


def test_a_job_that_is_removed_before_it_was_told(tmp_path: Path) -> None:
    """It stays until what is to be told is written down; that outlives it, until it has been told."""

    async def scenario(registry: Registry, outbox: Outbox, job: Job) -> None:
        await registry.queue.start(job.id)
        await registry.queue.finish(job.id, JobStatus.SUCCESSFUL, DONE)
        started, ended = await outbox.of_job(job.id)
        await outbox.settle(replace(started, state=State.DELIVERED))
        assert not await registry.jobs.remove(job.id)

        await outbox.write_down(ended.id, b"{}")
        assert await registry.jobs.remove(job.id)

        with pytest.raises(JobNotFoundError):
            await registry.jobs.get(job.id)
        assert [each.id for each in await outbox.of_job(job.id)] == [ended.id]
        await outbox.settle(replace(ended, attempts=1))
        assert [each.attempts for each in await outbox.of_job(job.id)] == [1]
        await outbox.settle(replace(ended, state=State.GIVEN_UP))
        assert await outbox.of_job(job.id) == []

    _with_job(tmp_path, scenario, SUBSCRIBER)
