"""The processes behind the server are killed: the warm one, runners, containers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge.jobfolder import JobFolder, Runner
from tests.faults.harness import (
    CWL,
    NAMED,
    SAID,
    assert_nothing_left,
    attempts,
    deployed,
    docker,
    group,
    once_each,
    reason,
    release,
    runner_pid,
    running,
    said,
    tool,
    warm_pid,
    working,
)
from tests.gate import WAIT
from tests.live import Server, until

#: What a killed runner's job may take to end.
LOST_SECONDS = 10.0

HELD = tool("held", f"{NAMED}; {WAIT}", outputs={"said": SAID})
BRIEF = tool("brief", NAMED, outputs={"said": SAID})
DEAF = tool("deaf", "trap '' TERM; sleep 300 & wait; sleep 300")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs one job at a time: the next one tells whether a slot was given back."""
    with working(tmp_path_factory.mktemp("single") / "data", SLOTS="1") as server:
        deployed(server, HELD, BRIEF, DEAF)
        yield server


def kill_warm(server: Server) -> int:
    """The pid that it had; it is gone when this returns."""
    pid = warm_pid(server)
    pidfd = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        until(lambda: Runner.of(pid) is None)
    finally:
        os.close(pidfd)
    return pid


def assert_slot_is_free(server: Server) -> None:
    assert server.wait(server.submit("brief", {"name": "next"}))["status"] == "successful"


def test_the_warm_process_is_killed_while_jobs_run(tmp_path: Path) -> None:
    """They go on and succeed, and new jobs run at once, started by another one."""
    with working(tmp_path / "data", SLOTS="3") as server, attempts(tmp_path) as counted:
        deployed(server, HELD, BRIEF)
        old = [server.submit("held", {"name": f"old-{i}"}) for i in range(2)]
        for job_id in old:
            running(server, job_id)

        before = kill_warm(server)
        new = server.submit("brief", {"name": "new"})
        assert server.wait(new)["status"] == "successful"
        assert [server.status(job_id)["status"] for job_id in old] == ["running", "running"]
        release(server, *old)

        assert [server.wait(job_id)["status"] for job_id in old] == ["successful", "successful"]
        assert [said(server, job_id)[0] for job_id in (*old, new)] == ["old-0", "old-1", "new"]
        assert warm_pid(server) != before
        once_each(counted, [*old, new])


def test_the_warm_process_is_killed_with_a_job_on_its_way(single: Server) -> None:
    """Whether the job was only asked for, or had begun: it runs."""
    for _ in range(3):
        job_id = single.submit("brief", {"name": "x"})
        kill_warm(single)
        assert single.wait(job_id)["status"] == "successful", single.status(job_id)
        assert_nothing_left(single, job_id)


def test_the_warm_process_is_killed_while_nothing_runs(single: Server) -> None:
    """The next job is started by another one."""
    before = kill_warm(single)

    assert_slot_is_free(single)
    assert warm_pid(single) != before


def test_the_warm_process_is_killed_before_a_deployment(single: Server) -> None:
    """The document is validated all the same, a valid one and one that is not."""
    kill_warm(single)
    assert single.deploy(tool("after-kill", "true"), CWL).status_code == 201
    kill_warm(single)
    refused = single.deploy(tool("not-valid", "true", stdout=["no", "text"]), CWL)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "invalid-process")


def test_a_runner_is_killed(single: Server) -> None:
    """Its job has failed within ten seconds, with the signal in its message; nothing of it is left."""
    job_id = single.submit("deaf")
    running(single, job_id)
    pid = runner_pid(single, job_id)

    os.kill(pid, signal.SIGKILL)

    status = until(lambda: found if (found := single.status(job_id))["status"] != "running" else None, LOST_SECONDS)
    assert reason(status) == "runner-lost"
    assert "SIGKILL" in status["message"]
    until(lambda: not group(pid))
    assert_nothing_left(single, job_id, pid)
    assert_slot_is_free(single)


def test_a_runner_is_killed_before_its_container_is_there(single: Server) -> None:
    """A container that is only being created is no less gone, and the job is not run again."""
    for _ in range(5):
        job_id = single.submit("deaf")
        pid = runner_pid(single, job_id)
        os.kill(pid, signal.SIGKILL)
        assert reason(single.wait(job_id)) == "runner-lost"
        until(lambda pid=pid: not group(pid))  # type: ignore[misc]
        assert_nothing_left(single, job_id, pid)
    assert_slot_is_free(single)


def left_alone(server: Server) -> tuple[str, int]:
    """A job that runs while no server is there, and the pid of its runner."""
    job_id = server.submit("deaf")
    running(server, job_id)
    pid = runner_pid(server, job_id)
    server.stop(signal.SIGKILL)
    return job_id, pid


def test_an_adopted_runner_is_killed(single: Server) -> None:
    """As any other; only its signal nobody knows."""
    job_id, pid = left_alone(single)
    single.start()
    assert single.status(job_id)["status"] == "running"

    os.kill(pid, signal.SIGKILL)

    status = until(lambda: found if (found := single.status(job_id))["status"] != "running" else None, LOST_SECONDS)
    assert reason(status) == "runner-lost"
    assert "SIG" not in status["message"]
    until(lambda: not group(pid))
    assert_nothing_left(single, job_id, pid)
    assert_slot_is_free(single)


def test_a_pid_that_belongs_to_another_process_by_now(single: Server) -> None:
    """It is neither adopted nor killed: the run is lost."""
    job_id, pid = left_alone(single)
    os.killpg(pid, signal.SIGKILL)
    until(lambda: not group(pid))
    written = single.data / "jobs" / job_id / "runner.json"
    runner = json.loads(written.read_text())
    other = subprocess.Popen(["sleep", "300"], start_new_session=True)
    try:
        written.write_text(json.dumps({**runner, "pid": other.pid}))
        single.start()

        assert reason(single.wait(job_id)) == "runner-lost"
        assert_nothing_left(single, job_id)
        assert_slot_is_free(single)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_second_runner_on_a_folder(single: Server) -> None:
    """It ends at once and changes nothing: the first one holds the lock."""
    job_id = single.submit("held", {"name": "first"})
    running(single, job_id)
    folder = single.data / "jobs" / job_id

    def content() -> dict[str, bytes]:
        return {str(each): each.read_bytes() for each in folder.rglob("*") if each.is_file()}

    before = content()
    second = subprocess.run(
        [sys.executable, "-m", "cwl_bridge.runner", str(folder)], input=b"\n", capture_output=True, check=False
    )
    after = content()
    release(single, job_id)

    assert second.returncode == 1
    assert after == before
    assert single.wait(job_id)["status"] == "successful"
    assert said(single, job_id)[0] == "first"


def test_a_runner_on_a_folder_that_has_ended(single: Server) -> None:
    """It does nothing: an outcome is written once."""
    job_id = single.submit("brief", {"name": "once"})
    single.wait(job_id)
    folder = JobFolder(single.data / "jobs" / job_id)
    before = (folder.path / "outcome.json").read_bytes()

    second = subprocess.run(
        [sys.executable, "-m", "cwl_bridge.runner", str(folder.path)], input=b"\n", capture_output=True, check=False
    )

    assert second.returncode == 1
    assert (folder.path / "outcome.json").read_bytes() == before


def test_a_container_is_killed(single: Server) -> None:
    """The reason says that it was not the tool's doing, and the exit code is named."""
    job_id = single.submit("deaf")
    docker("kill", running(single, job_id))

    status = single.wait(job_id)

    assert reason(status) == "killed"
    assert status["exception"]["exitCode"] == 137
    assert_nothing_left(single, job_id)
    assert_slot_is_free(single)


@pytest.mark.parametrize("code", [125, 126, 127, 137])
def test_a_tool_that_ends_as_if_it_had_been_killed(single: Server, code: int) -> None:
    """An exit code that a tool has chosen is the tool's, whatever it means elsewhere."""
    deployed(single, tool(f"exits-{code}", f"exit {code}"))

    status = single.wait(single.submit(f"exits-{code}"))

    assert reason(status) == "tool-failed"
    assert status["exception"]["exitCode"] == code
