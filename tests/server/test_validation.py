"""POST /processes/{id}/validation: whether an execute request would be taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.live import Server, serving, shell_package

INPUTS = {
    "text": {"schema": {"type": "string"}},
    "times": {"schema": {"type": "integer", "default": 2}},
    "box": {"minOccurs": 0, "schema": {"type": "object"}},
    "file": {"minOccurs": 0, "schema": {"type": "string", "contentMediaType": "text/plain"}},
}


@pytest.fixture(scope="module")
def process(server: Server) -> str:
    server.deploy(shell_package("validated", "true", INPUTS, {"out": {"schema": {"type": "string"}}}))
    return "/processes/validated/validation"


def jobs(server: Server) -> list[str]:
    return [each["jobID"] for each in server.http.get("/jobs?processID=validated&limit=1000").json()["jobs"]]


def test_the_job_order_of_a_request(server: Server, process: str) -> None:
    """Encoded as the tool gets it; nothing is fetched, no job exists."""
    inputs = {"text": "a", "box": {"value": {"x": [1]}}, "file": {"href": "http://127.0.0.1:9/f.txt"}}

    answer = server.http.post(process, json={"inputs": inputs})

    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "text": "a",
        "box": '{"x":[1]}',
        "file": {"class": "File", "basename": "f.txt", "location": "http://127.0.0.1:9/f.txt"},
    }
    assert jobs(server) == []


def test_a_value_by_reference_stays_one(server: Server, process: str) -> None:
    """It is fetched by the job."""
    answer = server.http.post(process, json={"inputs": {"text": {"href": "https://example.org/t"}}})

    assert answer.json() == {"text": {"href": "https://example.org/t"}}


@pytest.mark.parametrize(
    "body",
    [
        {"inputs": {"times": "x", "none": 1}, "outputs": {"other": {}}},
        {"inputs": []},
        {"inputs": {"text": "a"}, "response": "both"},
        [],
    ],
)
def test_the_same_errors_as_an_execution(server: Server, process: str, body: Any) -> None:
    """400 with every one of them."""
    validated = server.http.post(process, json=body)
    executed = server.http.post("/processes/validated/execution", json=body)

    assert validated.status_code == executed.status_code == 400
    assert without_instance(validated) == without_instance(executed)
    assert validated.json()["errors"]
    assert jobs(server) == []


def without_instance(answer: httpx.Response) -> dict[str, Any]:
    return {key: each for key, each in answer.json().items() if key != "instance"}


def test_what_is_no_request(server: Server, process: str) -> None:
    """As for an execution."""
    assert server.http.post("/processes/none/validation", json={}).status_code == 404
    assert server.http.post(process, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert server.http.post(process, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert server.http.get(process).status_code == 405


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes no work."""
    with serving(tmp_path_factory.mktemp("full") / "data", MIN_FREE=str(10**15)) as server:
        yield server


def test_a_server_that_takes_no_work_still_checks(full: Server) -> None:
    """Nothing is written."""
    answer = full.http.post("/processes/echo/validation", json={"inputs": {"stringInput": "x"}})

    assert answer.status_code == 200, answer.text
