"""/req/callback of 18-062r2 and of the draft of 2.0: the server supports callback functions for jobs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import Server
from tests.receiver import Received, receiving, told
from tests.standards import processes, reading, schemas


@pytest.fixture(scope="module")
def callbacks(live: Server) -> dict[str, list[Received]]:
    """What is sent to each member of `subscriber`, of a job that succeeds, one that fails and one that is dismissed."""
    with receiving() as receiver:
        subscriber = receiver.subscriber()
        jobs = [
            live.submit("echo", {"stringInput": "x", "bboxInput": {"bbox": [1, 2, 3, 4]}}, subscriber=subscriber),
            live.submit("fails", subscriber=subscriber),
            live.submit("async-only", subscriber=subscriber),
            live.submit("async-only", processes.FOR_LONG, subscriber=subscriber),
        ]
        live.wait(jobs[-1], "running")
        assert live.http.delete(f"/jobs/{jobs[-1]}").status_code == 200
        for each in jobs:
            told(live, each)
    return {name: [each for each in receiver.received if each.path == f"/{name}"] for name in subscriber}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_conformance_of_callback(live: Server, version: str) -> None:
    """The class is declared, and the API definition has the callbacks of every operation that takes a subscriber."""
    declared = live.http.get("/conformance").json()["conformsTo"]
    paths = live.http.get("/api").json()["paths"]

    assert f"http://www.opengis.net/spec/ogcapi-processes-1/{version}/conf/callback" in declared
    for path in ("/processes/{process_id}/execution", "/{process_id}/execution"):
        found = paths[path]["post"]["callbacks"]
        assert {url for each in found.values() for url in each} == {
            f"{{$request.body#/subscriber/{name}}}" for name in ("successUri", "inProgressUri", "failedUri")
        }


@pytest.mark.requirement("/req/callback/job-callback")
def test_job_callback_success(callbacks: dict[str, list[Received]]) -> None:
    """/req/callback/job-callback: the results of each successful job are sent to successUri."""
    documents = [each.document for each in callbacks["successUri"]]

    assert len(documents) == 2
    assert {"stringInput": "x", "bboxInput": {"bbox": [1, 2, 3, 4]}} in documents
    [letter] = [each["letter"] for each in documents if "letter" in each]
    assert letter["href"].startswith("http")
    assert letter["type"] == "text/plain"


@pytest.mark.requirement("/req/callback/job-callback")
def test_job_callback_in_progress(callbacks: dict[str, list[Received]]) -> None:
    """/req/callback/job-callback: each job that begins is told at inProgressUri, as running."""
    assert [each.document["status"] for each in callbacks["inProgressUri"]] == ["running"] * 4


@pytest.mark.requirement("/req/callback/job-callback")
def test_job_callback_failed(callbacks: dict[str, list[Received]]) -> None:
    """/req/callback/job-callback: a job that fails, or is dismissed, is told at failedUri."""
    found: dict[str, Any] = {each.document["status"]: each.document for each in callbacks["failedUri"]}

    assert set(found) == {"failed", "dismissed"}
    assert found["failed"]["exception"]["status"] == 400


@schemas.required
@pytest.mark.parametrize(
    ("member", "kind"), [("successUri", "results"), ("inProgressUri", "statusInfo"), ("failedUri", "statusInfo")]
)
def test_job_callback_bodies(callbacks: dict[str, list[Received]], member: str, kind: str) -> None:
    """They are valid documents, with the links that the documents of the API have."""
    for each in callbacks[member]:
        assert each.headers["content-type"] == "application/json"
        assert schemas.problems(each.document, kind) == []
        assert list(reading.nulls(each.document)) == []


@pytest.mark.parametrize("members", [(), ("successUri",), ("inProgressUri",), ("failedUri",)])
def test_job_callback_members_are_optional(live: Server, members: tuple[str, ...]) -> None:
    """Zero or more of the success, in-progress and failed URIs."""
    with receiving() as receiver:
        subscriber = {name: f"{receiver.url}/{name}" for name in members}
        job_id = live.submit("echo", {"stringInput": "x"}, subscriber=subscriber)
        job = live.wait(job_id)
        events = [event for event, _ in told(live, job_id)] if members else []

    assert job["status"] == "successful"
    assert events == [each for each in members if each != "failedUri"]
