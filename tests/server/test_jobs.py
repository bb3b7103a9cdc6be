"""Jobs: their order, their end on demand, and their survival."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.gate import WAIT, let_go
from tests.live import Server, containers_of, serving, shell_package, until

#: Ignores SIGTERM, as any shell that is process 1 of a container does.
SLEEPS = "trap '' TERM; sleep 300 & wait; sleep 300"


def started(job_id: str) -> None:
    """Returns once the container of a job is there."""
    until(lambda: containers_of(job_id))


def test_a_running_job_is_dismissed_with_its_container(server: Server) -> None:
    """200 with `dismissed` when nothing of it is left; its record stays."""
    server.deploy(shell_package("sleeps", SLEEPS))
    job_id = server.submit("sleeps")
    started(job_id)

    answer = server.http.delete(f"/jobs/{job_id}")

    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert containers_of(job_id) == []
    assert server.status(job_id)["status"] == "dismissed"
    assert not (server.data / "jobs" / job_id / "work").exists()
    results = server.http.get(f"/jobs/{job_id}/results")
    assert (results.status_code, results.json()["type"].rpartition("/")[2]) == (404, "result-not-available")


def test_deleting_an_ended_job_removes_it(server: Server) -> None:
    """Record and folder; afterwards there is no such job."""
    job_id = server.submit("echo", {"stringInput": "x"})
    server.wait(job_id)
    folder = server.data / "jobs" / job_id
    assert folder.exists()

    answer = server.http.delete(f"/jobs/{job_id}")

    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert not folder.exists()
    assert server.http.get(f"/jobs/{job_id}").status_code == 404
    assert server.http.delete(f"/jobs/{job_id}").status_code == 404


def test_many_deletes_at_once_have_one_effect(server: Server) -> None:
    """None fails, and nothing is left."""
    server.deploy(shell_package("sleeps", SLEEPS))
    job_id = server.submit("sleeps")
    started(job_id)
    codes: list[int] = []

    threads = [
        threading.Thread(target=lambda: codes.append(server.http.delete(f"/jobs/{job_id}").status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(codes) <= {200, 404}
    assert 200 in codes
    assert containers_of(job_id) == []


def test_jobs_beyond_the_slots_wait_in_order(tmp_path: Path) -> None:
    """The one that waited longest runs next; a waiting one can be dismissed and is never run."""
    with serving(tmp_path / "data", SLOTS="1") as server:
        server.deploy(shell_package("short", "sleep 0.2"))
        jobs = [server.submit("short") for _ in range(4)]
        given_up = jobs.pop(2)
        waiting = server.status(given_up)["status"]
        dismissed = server.http.delete(f"/jobs/{given_up}").json()["status"]
        ended = [server.wait(job_id) for job_id in jobs]

        assert (waiting, dismissed) == ("accepted", "dismissed")
        assert {each["status"] for each in ended} == {"successful"}
        for earlier, later in itertools.pairwise(ended):
            assert earlier["finished"] <= later["started"]
        assert "started" not in server.status(given_up)


def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """The job that ran goes on in the same container and is finished; the one that waited runs after it."""
    server = Server(tmp_path / "data", SLOTS="1").start()
    outputs = {"said": {"schema": {"type": "string"}}}
    server.deploy(shell_package("slow", f"{WAIT}; echo done > said", outputs=outputs))
    running, waiting = server.submit("slow"), server.submit("slow")
    started(running)
    before = containers_of(running)
    begun = server.wait(running, "running")["started"]

    server.stop(signal.SIGKILL)
    server.start()
    try:
        assert containers_of(running) == before
        for job_id in (running, waiting):
            let_go(server, job_id)
            assert server.wait(job_id)["status"] == "successful"
            assert server.http.get(f"/jobs/{job_id}/results/said").text == "done"
        assert server.status(running)["started"] == begun
    finally:
        assert server.stop() == 0


def test_a_killed_runner_fails_its_job(server: Server) -> None:
    """With the signal in its message; its container is gone."""
    server.deploy(shell_package("sleeps", SLEEPS))
    job_id = server.submit("sleeps")
    started(job_id)

    runner = json.loads((server.data / "jobs" / job_id / "runner.json").read_text())
    os.kill(runner["pid"], signal.SIGKILL)
    status = server.wait(job_id)

    assert status["status"] == "failed"
    assert "SIGKILL" in status["message"]
    assert containers_of(job_id) == []


def test_a_second_server_on_the_same_data_is_refused(server: Server) -> None:
    """In words."""
    found = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(server.data)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert found.returncode == 2
    assert "Another server works on" in found.stderr
