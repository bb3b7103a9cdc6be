"""A client that waits for its results, and one that does not want to wait so long."""

from __future__ import annotations

from tests.gate import WAIT, let_go
from tests.live import Server, shell_package


def test_a_job_that_takes_longer_than_its_client_waits(server: Server) -> None:
    """201 with its place and what was made of the preference; it goes on."""
    server.deploy(shell_package("waited-for", WAIT))

    answer = server.execute("waited-for", {}, {"Prefer": "wait=1"})
    job_id = answer.json()["jobID"]
    let_go(server, job_id)

    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/jobs/{job_id}")
    assert answer.headers["preference-applied"] == "wait=1"
    assert answer.json()["status"] in ("accepted", "running")
    assert server.wait(job_id)["status"] == "successful"


def test_a_job_that_ends_in_time(server: Server) -> None:
    """Is answered with its results."""
    answer = server.execute("echo", {"stringInput": "x"}, {"Prefer": "wait=60"})

    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=60"
    assert "/jobs/" in answer.headers["link"]
