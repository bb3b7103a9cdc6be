"""The Idempotency-Key of execute and deploy requests."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live import Server, serving, shell_package

ASYNC = {"Prefer": "respond-async"}


def submit(server: Server, key: str, text: str = "x", **headers: str) -> httpx.Response:
    return server.execute("echo", {"stringInput": text}, {**ASYNC, "Idempotency-Key": key, **headers})


def deploy(server: Server, key: str, package: dict[str, Any]) -> httpx.Response:
    return server.http.post("/processes", json=package, headers={"Idempotency-Key": key})


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


def test_an_asynchronous_execution(server: Server) -> None:
    """201 and the same job each time, while it waits, runs and when it has ended; without a key another one."""
    answers = [submit(server, "async-1") for _ in range(2)]
    server.wait(answers[0].json()["jobID"])
    answers.append(submit(server, "async-1"))
    without = server.execute("echo", {"stringInput": "x"}, ASYNC)

    assert [each.status_code for each in answers] == [201, 201, 201]
    assert len({each.headers["location"] for each in answers}) == 1
    assert answers[2].json()["status"] == "successful"
    assert without.headers["location"] != answers[0].headers["location"]


def test_a_synchronous_execution(server: Server) -> None:
    """The results of the first run."""
    headers = {"Idempotency-Key": "sync-1"}

    answers = [server.execute("echo", {"stringInput": "said"}, headers) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["link"] == answers[1].headers["link"]


def test_a_failure_is_answered_again(server: Server) -> None:
    """It is what the request led to."""
    server.deploy(shell_package("fails-once", "exit 3"))
    headers = {"Idempotency-Key": "sync-2"}

    answers = [server.execute("fails-once", {}, headers) for _ in range(2)]

    assert [problem(each) for each in answers] == [(400, "tool-failed")] * 2
    assert answers[0].headers["link"] == answers[1].headers["link"]


def test_many_at_once_are_one_job(server: Server) -> None:
    """None is refused."""
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(submit(server, "at-once"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.status_code for each in answers] == [201] * 20
    assert len({each.json()["jobID"] for each in answers}) == 1


def test_the_same_key_with_another_request(server: Server) -> None:
    """422: another body, another preference, another process; the first one stands."""
    server.deploy(shell_package("another", "true"))
    first = submit(server, "reused")
    key = {"Idempotency-Key": "reused"}

    others = [
        submit(server, "reused", "y"),
        server.execute("echo", {"stringInput": "x"}, key),
        server.execute("another", {}, {**ASYNC, **key}),
    ]

    assert [problem(each) for each in others] == [(422, "idempotency-conflict")] * 3
    assert submit(server, "reused").headers["location"] == first.headers["location"]


def test_a_refused_request_keeps_no_key(server: Server) -> None:
    """Corrected, it may come with the same one."""
    refused = server.execute("echo", {"no-such-input": 1}, {**ASYNC, "Idempotency-Key": "corrected"})

    assert problem(refused) == (400, "invalid-input")
    assert submit(server, "corrected").status_code == 201


def test_a_deployment(server: Server) -> None:
    """201 and the same process twice; another one under the same key is refused, as is the same without a key."""
    package = shell_package("deployed-once", "true")

    answers = [deploy(server, "deploy-1", package) for _ in range(2)]
    again = server.deploy(package)
    other = deploy(server, "deploy-1", shell_package("deployed-else", "true"))

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert problem(again) == (409, "duplicated-process")
    assert problem(other) == (422, "idempotency-conflict")
    assert server.http.get("/processes/deployed-else").status_code == 404


@pytest.mark.parametrize("key", ["", "x" * 256], ids=["empty", "long"])
def test_a_key_that_is_none(server: Server, key: str) -> None:
    """400, and nothing is made."""
    package = shell_package("keyless", "true")

    answers = [submit(server, key), deploy(server, key, package)]

    assert [problem(each) for each in answers] == [(400, "bad-request")] * 2
    assert server.http.get("/processes/keyless").status_code == 404


def test_a_key_of_the_greatest_length(server: Server) -> None:
    """Is one."""
    assert submit(server, "x" * 255).headers["location"] == submit(server, "x" * 255).headers["location"]


def test_a_key_outlives_the_server(tmp_path: Path) -> None:
    """And the process that it was used with: what was asked for has been done."""
    with serving(tmp_path / "data") as server:
        server.deploy(shell_package("gone", "true"))
        first = server.submit("gone")
        headers = {**ASYNC, "Idempotency-Key": "kept"}
        job_id = server.execute("gone", {}, headers).json()["jobID"]
    with serving(tmp_path / "data") as server:
        again = server.execute("gone", {}, headers)

        assert (again.status_code, again.json()["jobID"]) == (201, job_id)
        assert job_id != first
        listed = server.http.get("/jobs").json()["jobs"]
        assert {each["jobID"] for each in listed} == {first, job_id}
