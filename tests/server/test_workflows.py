"""Processes in the place of values, and requests that are deployed, on a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import chains
from tests.live import Server, serving

X3 = "https://www.opengis.net/def/exceptions/ogcapi-processes-3/0.0/"
NESTED = {"n": {"process": "count", "inputs": {"text": "hello"}}}


@pytest.fixture(scope="module")
def chaining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has the processes."""
    with serving(tmp_path_factory.mktemp("chaining") / "data", SLOTS="4") as running:
        for each in chains.PROCESSES.values():
            assert running.deploy(each, chains.media_type(each)).status_code == 201
        yield running


def results(server: Server, process_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """All of them, files as their text."""
    answer = server.execute(process_id, inputs, {"Prefer": "return=representation"}, response="document")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {name: each["value"] if isinstance(each, dict) and "value" in each else each for name, each in found.items()}


@pytest.mark.requirement(
    "/req/nested-processes/process-execution",
    "/req/nested-processes/referenced-process",
    "/req/deployable-workflows/parameterized-inputs",
    "/req/deployable-workflows/parameterized-outputs",
)
@pytest.mark.parametrize("name", chains.CASES)
def test_results(chaining: Server, name: str) -> None:
    """What an inner process gives is what the outer one takes; a workflow that was deployed is a process."""
    case = chains.CASES[name]
    request = case.read("request.json")
    inputs, process_id = request["inputs"], request["process"]
    if case.is_deployed:
        deployed = chaining.deploy(request, "application/json")
        assert deployed.status_code == 201, deployed.text
        inputs, process_id = case.read("inputs.json"), request["id"]

    assert results(chaining, process_id, inputs) == case.read("results.json")


@pytest.mark.requirement("/req/nested-processes/response-workflow-errors")
@pytest.mark.parametrize("name", chains.REFUSED)
def test_refused(chaining: Server, name: str) -> None:
    """Before anything is made; 424 where parts do not meet, else 422; of a deploy with line and column."""
    case = chains.REFUSED[name]
    request = case["request"]
    if case["deployed"]:
        answer = chaining.deploy(request, "application/json")
    else:
        answer = chaining.execute(request["process"], request["inputs"])

    errors = answer.json()["errors"]
    assert answer.status_code == case["status"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == X3 + "workflow-error"
    assert {each["pointer"]: each["detail"] for each in errors} == case["errors"]
    assert all("line" in each for each in errors) == case["deployed"]


@pytest.mark.requirement("/req/nested-processes/process-execution")
def test_a_job_of_several_processes(chaining: Server) -> None:
    """It is one of the outer process; its document is the workflow, and its provenance has all steps."""
    listed = chaining.http.get("/processes").json()["processes"]
    first, second = chaining.submit("double", NESTED), chaining.submit("double", NESTED)

    status = chaining.wait(first)
    assert (status["status"], status["processID"]) == ("successful", "double")
    assert chaining.wait(second)["status"] == "successful"
    assert "class: Workflow" in chaining.http.get(f"/jobs/{first}/process.cwl").text
    assert chaining.http.get(f"/jobs/{first}/inputs.json").json() == {"count.text": "hello"}
    assert "count" in chaining.http.get(f"/jobs/{first}/prov").text
    assert chaining.http.get("/processes").json()["processes"] == listed
    assert chaining.http.get("/jobs?processID=double").json()["jobs"][0]["jobID"] == second


def test_a_process_of_a_chain_may_be_replaced(chaining: Server) -> None:
    """A deployed workflow keeps the documents that it was made of."""
    body = {
        "id": "kept",
        "process": "double",
        "inputs": {"n": {"process": "measure-2", "inputs": {"f": {"$input": "f"}}}},
    }
    measure = {**chains.PROCESSES["measure"], "id": "measure-2"}
    assert chaining.deploy(measure, "application/cwl+json").status_code == 201
    assert chaining.deploy(body, "application/json").status_code == 201
    assert chaining.http.delete("/processes/measure-2").status_code == 204

    assert results(chaining, "kept", {"f": {"value": "abc", "mediaType": "text/plain"}}) == {"n": 6}


@pytest.mark.requirement("/req/deployable-workflows/deploying-workflow")
def test_a_request_as_an_execution_unit(chaining: Server) -> None:
    """In an application package; what describes it there is added to what the processes say; PUT takes it as well."""
    unit = {"process": "double", "inputs": {"n": {"$input": "number"}}, "outputs": {"n": {"$output": "twice"}}}
    described = {"id": "twice", "title": "Twice", "inputs": {"number": {"title": "Any number"}}}
    package = {"processDescription": described, "executionUnit": unit}

    answer = chaining.deploy(package)
    found = chaining.http.get("/processes/twice").json()
    put = chaining.http.put(
        "/processes/twice", json={**package, "executionUnit": [unit]}, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, put.status_code) == (201, 204), answer.text + put.text
    assert found["inputs"]["number"]["title"] == "Any number"
    assert found["inputs"]["number"]["schema"] == {"type": "integer"}
    assert list(found["outputs"]) == ["twice"]
    assert chaining.http.get("/processes/twice/package").json()["executionUnit"] == [unit]
    assert results(chaining, "twice", {"number": 4}) == {"twice": 8}


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({"process": "none", "inputs": {}}, "/process", "There is no such process here: 'none'."),
        (
            {"process": "http://example.org/processes/a"},
            "/process",
            "A process of another server can't be the first of a workflow: 'http://example.org/processes/a'.",
        ),
        (
            {"executionUnit": {"process": "double", "inputs": {"n": {"process": "none"}}}},
            "/executionUnit/inputs/n/process",
            "There is no such process here: 'none'.",
        ),
        (
            {"executionUnit": {"process": "double", "inputs": {"n": 1}}, "processDescription": {"inputs": {"m": {}}}},
            "/processDescription/inputs/m",
            "The workflow has no 'm'; there are: none.",
        ),
        ({"process": "double", "inputs": {"n": 1}, "id": "a b"}, "/id", None),
    ],
)
def test_deploys_that_are_refused(chaining: Server, body: dict[str, Any], pointer: str, detail: str | None) -> None:
    """Pointers are into the body, wherever the request stands in it."""
    answer = chaining.deploy(body, "application/json")

    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["pointer"] == pointer
    assert detail in (None, error["detail"])


def test_a_request_that_is_deployed_again(chaining: Server) -> None:
    """Idempotency-Key: the second answer is the first one's."""
    body = json.dumps({"id": "again", "process": "double", "inputs": {"n": {"$input": "n"}}})
    headers = {"Content-Type": "application/json", "Idempotency-Key": "again"}
    answers = [chaining.http.post("/processes", content=body, headers=headers) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_validation_makes_nothing(chaining: Server) -> None:
    """The order of the workflow that it would be."""
    answer = chaining.http.post("/processes/double/validation", json={"inputs": NESTED})

    assert (answer.status_code, answer.json()) == (200, {"count.text": "hello"})
