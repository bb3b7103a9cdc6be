"""SIGTERM: what a server owes it still does, then it goes; jobs are left running, waited for or stopped."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.harness import (
    NAMED,
    SAID,
    assert_nothing_left,
    attempts,
    deployed,
    listed,
    once_each,
    reason,
    release,
    runner_pid,
    running,
    said,
    tool,
    working,
)
from tests.gate import WAIT
from tests.live import Server, until

HELD = tool("held", f"{NAMED}; {WAIT}", outputs={"said": SAID})
BRIEF = tool("brief", NAMED, outputs={"said": SAID})
DEAF = tool("deaf", "trap '' TERM; sleep 300 & wait; sleep 300")

#: Less than what a server waits for its clients at the most.
SOON_SECONDS = 10.0


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs one job at a time; each test leaves it running."""
    with working(tmp_path_factory.mktemp("single") / "data", SLOTS="1") as server:
        deployed(server, HELD, BRIEF)
        yield server


@contextmanager
def waiting(server: Server, process_id: str, name: str) -> Iterator[tuple[str, Future[httpx.Response]]]:
    """A client that waits for the end of a synchronous execution: the id of its job, and its answer."""
    before = {each["jobID"] for each in listed(server)}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(
            httpx.post,
            f"{server.url}/processes/{process_id}/execution",
            json={"inputs": {"name": name}},
            timeout=90,
        )
        job_id = until(lambda: {each["jobID"] for each in listed(server)} - before).pop()
        yield job_id, answer


def terminate(server: Server) -> httpx.Response:
    """The first answer to new work that is not taken any more."""
    server.signal(signal.SIGTERM)

    def refused() -> httpx.Response | None:
        answer = server.execute("brief", {}, {"Prefer": "respond-async"})
        return answer if answer.status_code != 201 else None

    return until(refused, SOON_SECONDS)


def test_sigterm_during_a_synchronous_execution(tmp_path: Path) -> None:
    """Its client gets its answer, new work is refused meanwhile, what runs beside it is adopted by the next start."""
    with working(tmp_path / "data", SLOTS="2") as server, attempts(tmp_path) as counted:
        deployed(server, HELD, BRIEF)
        beside = server.submit("held", {"name": "beside"})
        running(server, beside)
        pid = runner_pid(server, beside)
        later = server.http.post("/jobs", json={"process": "brief"}).json()["jobID"]
        with waiting(server, "held", "waited-for") as (job_id, answer):
            running(server, job_id)
            refused = terminate(server)
            deployment = server.deploy(tool("more", "true"), "application/cwl+json")
            change = server.http.patch(f"/jobs/{later}", json={"outputs": {}})
            status = server.http.get(f"/jobs/{job_id}")
            assert not answer.done()
            release(server, job_id)
            answered = answer.result()
        code = server.ended()
        server.start()
        adopted = server.status(beside)["status"]
        pid_after = runner_pid(server, beside)
        release(server, beside)

        for each in (refused, deployment, change):
            assert (each.status_code, each.json()["type"].rpartition("/")[2]) == (503, "draining")
            assert int(each.headers["retry-after"]) > 0
        assert status.json()["status"] == "running"
        assert answered.status_code == 200
        assert "waited-for" in answered.text
        assert code == 0
        assert (adopted, pid_after) == ("running", pid)
        assert server.wait(beside)["status"] == "successful"
        assert said(server, beside)[0] == "beside"
        once_each(counted, [beside, job_id])


def test_sigterm_while_a_synchronous_execution_waits_for_a_slot(single: Server, tmp_path: Path) -> None:
    """Its client is told where to find the job, which runs after the next start."""
    with attempts(tmp_path) as counted:
        first = single.submit("held", {"name": "first"})
        running(single, first)
        with waiting(single, "brief", "second") as (job_id, answer):
            assert single.status(job_id)["status"] == "accepted"
            single.signal(signal.SIGTERM)
            answered = answer.result()
        assert single.ended() == 0
        release(single, first)
        single.start()

        assert answered.status_code == 201
        assert answered.headers["location"].endswith(f"/jobs/{job_id}")
        assert answered.json()["status"] == "accepted"
        assert single.wait(job_id)["status"] == "successful"
        assert said(single, job_id)[0] == "second"
        assert single.wait(first)["status"] == "successful"
        once_each(counted, [first, job_id])


def test_a_second_sigterm(single: Server) -> None:
    """The server goes at once; what it leaves is adopted by the next start."""
    with waiting(single, "held", "left") as (job_id, answer):
        running(single, job_id)
        pid = runner_pid(single, job_id)
        terminate(single)
        assert not answer.done()
        single.signal(signal.SIGTERM)
        assert single.ended(SOON_SECONDS) == 0
        assert answer.exception() is not None or answer.result().status_code in (201, 503), single.log
    single.start()

    assert (single.status(job_id)["status"], runner_pid(single, job_id)) == ("running", pid)
    release(single, job_id)
    assert single.wait(job_id)["status"] == "successful"


def test_a_client_that_waits_for_longer_than_the_server_does(tmp_path: Path) -> None:
    """It is told where to find its job when the time is up."""
    with working(tmp_path / "data", SLOTS="1", SHUTDOWN_TIMEOUT="1") as server:
        deployed(server, HELD)
        with waiting(server, "held", "patient") as (job_id, answer):
            running(server, job_id)
            server.signal(signal.SIGTERM)
            answered = answer.result()
        assert server.ended() == 0
        server.start()

        assert (answered.status_code, answered.json()["jobID"]) == (201, job_id)
        release(server, job_id)
        assert server.wait(job_id)["status"] == "successful"


def test_jobs_are_stopped_with_the_server_where_it_is_set_so(tmp_path: Path) -> None:
    """They have failed for that reason, nothing of them is left, and what waits runs after the next start."""
    with working(tmp_path / "data", SLOTS="2", SHUTDOWN="stop") as server:
        deployed(server, HELD, DEAF, BRIEF)
        stopped = [server.submit("held"), server.submit("deaf")]
        for job_id in stopped:
            running(server, job_id)
        pids = [runner_pid(server, job_id) for job_id in stopped]
        waits = server.submit("brief", {"name": "waits"})
        assert server.stop() == 0
        for job_id, pid in zip(stopped, pids, strict=True):
            assert_nothing_left(server, job_id, pid)
        server.start()

        for job_id in stopped:
            assert reason(server.status(job_id)) == "server-stopped"
        assert server.wait(waits)["status"] == "successful"


def test_jobs_are_waited_for_where_it_is_set_so(tmp_path: Path) -> None:
    """What runs ends before the server does; what waits is not begun."""
    with working(tmp_path / "data", SLOTS="1", SHUTDOWN="wait") as server, attempts(tmp_path) as counted:
        deployed(server, HELD, BRIEF)
        runs = server.submit("held", {"name": "runs"})
        waits = server.submit("brief", {"name": "waits"})
        running(server, runs)
        pid = runner_pid(server, runs)
        terminate(server)
        assert server.status(runs)["status"] == "running"
        release(server, runs)
        assert server.ended() == 0
        assert_nothing_left(server, runs, pid)
        assert counted()[waits] == 0
        server.start()

        assert server.status(runs)["status"] == "successful"
        assert said(server, runs)[0] == "runs"
        assert server.wait(waits)["status"] == "successful"
        once_each(counted, [runs, waits])
