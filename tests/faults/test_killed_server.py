"""The server is killed: nothing that was accepted is lost, and nothing is done twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge.jobfolder import JobFolder
from tests.faults.harness import (
    NAMED,
    SAID,
    attempts,
    deployed,
    docker,
    listed,
    once_each,
    reason,
    release,
    said,
    statuses,
    steps_begun,
    tool,
    working,
)
from tests.gate import WAIT
from tests.live import Server, containers_of, until

AT_ONCE = 50
#: They end while no server is there.
UNWATCHED = 10

#: Every fifth fails.
ENDS = "case $1 in *0 | *5) exit 3;; esac"


def test_fifty_running_and_fifty_waiting_jobs_survive_it(tmp_path: Path) -> None:
    """Each of them ends once, as it would have without, and its outputs are its own."""
    with working(tmp_path / "data", SLOTS=str(AT_ONCE)) as server, attempts(tmp_path) as counted:
        deployed(
            server,
            tool("held", f"{NAMED}; {WAIT}; {ENDS}", outputs={"said": SAID}),
            tool("brief", f"{NAMED}; {ENDS}", outputs={"said": SAID}),
        )
        held = {server.submit("held", {"name": f"held-{i}"}): f"held-{i}" for i in range(AT_ONCE)}
        brief = {server.submit("brief", {"name": f"brief-{i}"}): f"brief-{i}" for i in range(AT_ONCE)}
        until(lambda: len(listed(server, status="running")) == AT_ONCE)
        before = statuses(server)

        server.stop(signal.SIGKILL)
        unwatched = list(held)[:UNWATCHED]
        release(server, *unwatched)
        until(lambda: all(JobFolder(server.data / "jobs" / job_id).outcome() for job_id in unwatched))
        server.start()
        after = statuses(server)
        release(server, *list(held)[UNWATCHED:])
        until(lambda: not set(statuses(server).values()) & {"accepted", "running"}, seconds=180)

        names = {**held, **brief}
        assert [before[job_id] for job_id in held] == ["running"] * AT_ONCE
        assert [before[job_id] for job_id in brief] == ["accepted"] * AT_ONCE
        assert set(after) == set(before) == set(statuses(server)) == set(names)
        assert all(after[job_id] == "running" for job_id in list(held)[UNWATCHED:])
        numbers = set[str]()
        for job_id, name in names.items():
            status = server.status(job_id)
            assert status["created"] <= status["started"] <= status["finished"]
            assert steps_begun(server, job_id) == 1
            if name.endswith(("0", "5")):
                assert reason(status) == "tool-failed"
                assert status["exception"]["exitCode"] == 3
            else:
                assert status["status"] == "successful"
                told, number = said(server, job_id)
                assert told == name
                numbers.add(number)
        assert len(numbers) == 2 * AT_ONCE * 4 // 5
        once_each(counted, list(names))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each test leaves it running."""
    with working(tmp_path_factory.mktemp("plain") / "data") as server:
        yield server


def test_a_folder_without_a_job_is_removed_at_the_start(plain: Server) -> None:
    """What a server left that died while it forgot a job; the folders of jobs stay."""
    kept = plain.submit("echo", {"stringInput": "x"})
    plain.wait(kept)
    plain.stop(signal.SIGKILL)
    orphan = plain.data / "jobs" / "0b7f8a52-7d0e-4a8f-9d6b-3f0c8a1d2e4f"
    (orphan / "outputs" / "deep").mkdir(parents=True)
    (orphan / "outputs" / "deep" / "file").write_text("x")
    (orphan / "outputs" / "deep").chmod(0)

    plain.start()

    until(lambda: not orphan.exists())
    assert (plain.data / "jobs" / kept / "outcome.json").exists()
    assert plain.http.get(f"/jobs/{kept}/results").status_code == 200


def test_the_containers_that_an_ended_job_left_are_removed_at_the_start(plain: Server) -> None:
    """Those of jobs that the server does not know are not its own to remove."""
    unknown = "5f0e7f0c-0000-4000-8000-000000000000"
    job_id = plain.submit("echo", {"stringInput": "x"})
    plain.wait(job_id)
    plain.stop(signal.SIGKILL)
    foreign = docker("create", f"--label=cwl-processes.job={unknown}", "busybox:stable", "sleep", "300")
    try:
        label = f"--label=cwl-processes.job={job_id}"
        docker("run", "--detach", "--net=none", label, "busybox:stable", "sleep", "300")
        docker("create", "--net=none", label, "busybox:stable", "sleep", "300")
        assert len(containers_of(job_id)) == 2

        plain.start()

        until(lambda: not containers_of(job_id))
        assert docker("ps", "--all", "--quiet", "--no-trunc", "--filter", f"id={foreign}") == foreign
    finally:
        docker("rm", "--force", foreign)
