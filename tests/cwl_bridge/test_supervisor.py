"""What a supervisor makes of the jobs that it finds."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

import registry.database
from cwl_bridge import ballast
from cwl_bridge.asked import RunSettings
from cwl_bridge.ballast import Ballast
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.docker import Docker
from cwl_bridge.document import write_yaml
from cwl_bridge.documents import Documents
from cwl_bridge.engines import Cold
from cwl_bridge.jobfolder import JobFolder, Runner
from cwl_bridge.policy import Policy
from cwl_bridge.retention import Keep, Retention
from cwl_bridge.secretfiles import SecretFiles
from cwl_bridge.supervisor import Supervisor
from registry.database import Database
from registry.job_queue import JobQueue
from registry.jobs import Jobs
from registry.models import ExecuteRequest, Failure, Job, JobStatus, Needs, Outcome, Submission, new_job_id
from registry.processes import Processes
from tests.cwl_bridge.cases import described
from tests.live import shell_package

SETTINGS = RunSettings(
    slots=1,
    machine=Needs(cores=1, memory=1024),
    policy=Policy(),
    container=ContainerLimits(),
    runtime="docker",
    fetch_allow=(),
    file_allow=(),
    max_input=1,
    max_output=1,
    max_log=1 << 20,
    store_allow=(),
    job_timeout=0,
)


@dataclass(frozen=True)
class Found:
    """A data folder with one process and one job, and a supervisor that has not begun."""

    supervisor: Supervisor
    queue: JobQueue
    job: Job
    #: The document of the job's process, and the job's folder.
    document: Path
    folder: JobFolder


@asynccontextmanager
async def found(folder: Path) -> AsyncIterator[Found]:
    async with Database.open(folder / "registry.sqlite3") as database:
        processes, jobs, queue = Processes(database), Jobs(database), JobQueue(database)
        await processes.add(described(shell_package("ends", "true")))
        process = await processes.get("ends")
        document = folder / f"{process.digest}.cwl"
        document.write_text(write_yaml(process.cwl))
        (folder / "jobs").mkdir()
        job = Job(id=new_job_id(), process_id=process.id, revision=process.revision, request=ExecuteRequest())
        await queue.submit(Submission(job=job, order={}, definition=None))
        retention = Retention(jobs, folder / "jobs", Keep(), Ballast(folder, 0))
        supervising = Supervisor(
            queue=queue,
            jobs=jobs,
            processes=processes,
            retention=retention,
            secret_files=SecretFiles(folder, queue),
            ballast=Ballast(folder, 0),
            engine=Cold(),
            containers=Docker(),
            documents=Documents(folder),
            settings=SETTINGS,
            on_change=lambda: None,
        )
        yield Found(supervising, queue, job, document, retention.folder(job.id))


async def ended(each: Found) -> Job:
    """The job, once the supervisor has begun and ended it."""
    task = asyncio.create_task(each.supervisor.run())
    try:
        return await each.supervisor.wait(each.job.id, 60)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_a_run_that_ended_before_it_was_said_to_run_is_not_run_again(tmp_path: Path) -> None:
    """Its server died after the start of the runner; the outcome is there, and counts."""

    async def run() -> None:
        async with found(tmp_path) as each:
            await each.queue.claim(SETTINGS.machine)
            folder = each.folder
            folder.create(each.document, {})
            folder.write_outcome(Outcome(outputs={"said": "by the first run"}))

            job = await ended(each)

            assert job.status is JobStatus.SUCCESSFUL
            assert job.outcome == Outcome(outputs={"said": "by the first run"})
            assert folder.log.read_text() == ""

    asyncio.run(run())


def test_a_running_job_without_a_runner_is_lost(tmp_path: Path) -> None:
    """The machine was restarted, for example."""

    async def run() -> None:
        async with found(tmp_path) as each:
            await each.queue.claim(SETTINGS.machine)
            await each.queue.start(each.job.id)
            each.folder.create(each.document, {})

            job = await ended(each)

            assert job.status is JobStatus.FAILED
            assert job.outcome is not None
            assert isinstance(job.outcome.failure, Failure)
            assert job.outcome.failure.reason == "runner-lost"

    asyncio.run(run())


def test_a_claim_that_nobody_holds_is_taken_up(tmp_path: Path) -> None:
    """Its server died before it started anything; the job runs now."""

    async def run() -> None:
        async with found(tmp_path) as each:
            await each.queue.claim(SETTINGS.machine)

            job = await ended(each)

            assert job.status is JobStatus.SUCCESSFUL, job.outcome
            assert job.outcome is not None
            assert job.outcome.outputs == {}

    asyncio.run(run())


def test_a_runner_that_was_never_told_to_begin_is_no_run(tmp_path: Path) -> None:
    """Its server died in between; the job runs all the same."""

    async def run() -> None:
        async with found(tmp_path) as each:
            await each.queue.claim(SETTINGS.machine)
            folder = each.folder
            folder.create(each.document, {})
            command = [sys.executable, "-P", "-m", "cwl_bridge.runner", str(folder.path)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as doomed:
                runner = Runner.of(doomed.pid)
                assert runner is not None
                folder.write_runner(runner)
                begun = asyncio.create_task(ended(each))
                # Only now does it see that nobody is there.
                await asyncio.sleep(0)
                assert doomed.stdin is not None
                doomed.stdin.close()
                job = await begun

            assert job.status is JobStatus.SUCCESSFUL, job.outcome

    asyncio.run(run())


def test_a_locked_database_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However long it takes, the jobs go on afterwards."""
    monkeypatch.setattr(registry.database, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(ballast, "AGAIN_SECONDS", 0.05)

    async def run() -> None:
        async with found(tmp_path) as each:
            other = sqlite3.connect(tmp_path / "registry.sqlite3", isolation_level=None)
            other.execute("begin immediate")
            begun = asyncio.create_task(ended(each))
            while "trying again" not in caplog.text:
                await asyncio.sleep(0.01)
            other.rollback()
            other.close()

            assert (await begun).status is JobStatus.SUCCESSFUL

    asyncio.run(run())
