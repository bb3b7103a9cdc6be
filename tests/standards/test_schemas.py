"""Real answers against the schemas that OGC publishes: version 1.0, drafts of 2.0 and Parts 2 and 4, the suite's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.live import EXAMPLES, Server
from tests.standards import problems, processes, reading, schemas
from tests.standards.conftest import Jobs, Live
from tests.standards.executions import RUNS, STYLES, Executions

pytestmark = schemas.required

#: One wrong document for each kind.
WRONG: dict[str, Any] = {
    "landingPage": {"links": [{"rel": "self"}]},
    "confClasses": {"conformsTo": "all of them"},
    "processList": {"processes": [{"id": "x"}], "links": []},
    "processSummary": {"id": "x", "version": 1},
    "process": {"id": "x", "version": "1", "inputs": {"a": {"title": "no schema"}}},
    "statusInfo": {"jobID": "x", "id": "x", "type": "process", "status": "asleep"},
    "jobList": {"jobs": [{}], "links": []},
    "results": {"a": {"neither": "value nor href"}},
    "exception": {"type": "about:blank", "status": "404"},
    "execute": {"inputs": {"a": {"neither": "value nor href"}}},
    "ogcapppkg": {"processDescription": {}},
}

DOCUMENTS = {
    "/": "landingPage",
    "/conformance": "confClasses",
    "/processes": "processList",
    "/processes?limit=1": "processList",
    "/jobs": "jobList",
    "/jobs?limit=1": "jobList",
    "/processes/echo": "process",
    "/processes/ndvi": "process",
    "/processes/word-count": "process",
    "/processes/every-kind": "process",
    "/processes/many": "process",
}


def check(document: Any, kind: str) -> None:
    assert schemas.problems(document, kind) == []
    assert list(reading.nulls(document)) == []


def test_every_schema_refuses_something() -> None:
    """Each schema is found and read: it has something against a document that is wrong."""
    for kind, references in schemas.KINDS.items():
        found = schemas.problems(WRONG[kind], kind)
        assert {each.partition(": ")[0] for each in found} == set(references), kind


@pytest.mark.requirement(
    "/req/json/content",
    "/req/core/landingpage-success",
    "/req/core/conformance-success",
    "/req/core/process-list-success",
    "/req/core/process-success",
    "/req/core/process-description-success",
    "/req/ogc-process-description/json-encoding",
    "/req/job-list/job-list-success",
)
@pytest.mark.parametrize(("path", "kind"), DOCUMENTS.items())
def test_documents(live: Server, executions: Executions, path: str, kind: str) -> None:
    """The metadata documents are valid, whatever pages they are cut in."""
    executions.get("one", "async")

    check(live.http.get(path).raise_for_status().json(), kind)


@pytest.mark.requirement("/req/deploy-replace-undeploy/deploy-response-body")
@pytest.mark.parametrize("process", ["fails", "ndvi", "word-count", "every-kind"])
def test_deploy_response_body(deployed: Live, process: str) -> None:
    """A deploy answers with a valid summary."""
    summary = deployed.summaries[process]

    check(summary, "processSummary")
    assert not {"inputs", "outputs"} & set(summary)


def test_an_older_package_is_described_validly(live: Server) -> None:
    """The suite's package breaks today's schemas; what the server makes of it does not."""
    body = (schemas.SUITE / "part2-docker-ogcapppkg.json").read_bytes()
    answer = live.http.post("/processes", content=body, headers=problems.PACKAGE)

    assert answer.status_code == 201, answer.text
    check(answer.json(), "processSummary")
    check(live.http.get(answer.headers["location"]).json(), "process")
    assert live.http.delete(answer.headers["location"]).status_code == 204


@pytest.mark.parametrize("status", ["accepted", "running", "dismissed"])
def test_status_of_a_job_without_results(jobs: Jobs, status: str) -> None:
    """The status document is valid while a job waits, runs, and after it was dismissed."""
    document = jobs.server.status(getattr(jobs, status))

    assert document["status"] == status
    check(document, "statusInfo")


@pytest.mark.requirement("/req/job-list/job-list-success")
def test_list_of_jobs_of_several_statuses(jobs: Jobs) -> None:
    """The job list is valid with jobs that have not ended."""
    document = jobs.server.http.get("/jobs").json()

    assert {each["status"] for each in document["jobs"]} == {"accepted", "running", "dismissed"}
    check(document, "jobList")


@pytest.mark.requirement("/req/core/job-success", "/req/core/process-execute-success-async")
def test_status_of_a_new_and_of_a_successful_job(executions: Executions) -> None:
    """The status document is valid in the answer to the execution, and once the job has succeeded."""
    ran = executions.get("one", "async")

    assert ran.status["status"] == "successful"
    check(ran.answer.json(), "statusInfo")
    check(ran.status, "statusInfo")


def test_status_and_exception_of_a_failed_job(live: Server) -> None:
    """A failed job has a valid status document, and its results are a valid exception."""
    job_id = live.submit("fails")
    document = live.wait(job_id)

    assert document["status"] == "failed"
    check(document, "statusInfo")
    check(document["exception"], "exception")
    check(live.http.get(f"/jobs/{job_id}/results").json(), "exception")


@pytest.mark.requirement("/req/dismiss/job-dismiss-success")
def test_answer_to_a_dismissal(live: Server) -> None:
    """What DELETE answers is a valid status document, whether the job ran or had ended."""
    job_id = live.submit("echo", {"stringInput": "x", "pause": 60})
    for _ in range(2):
        answer = live.http.delete(f"/jobs/{job_id}")
        assert answer.status_code == 200
        assert answer.json()["status"] == "dismissed"
        check(answer.json(), "statusInfo")


DOCUMENT_STYLES = ("document", "document-value", "document-ref", "many-json", "representation")


@pytest.mark.requirement("/req/core/process-execute-sync-document", "/req/core/process-execute-sync-many-json")
@pytest.mark.parametrize(("style", "mode"), [each for each in RUNS if each[0] in DOCUMENT_STYLES])
def test_results(executions: Executions, style: str, mode: str) -> None:
    """Results documents with literals, objects and files, by value and by reference, are valid."""
    given = executions.get(style, mode).given

    assert given.status_code == 200
    check(given.json(), "results")
    wanted = STYLES[style].body.get("outputs")
    assert wanted is None or set(given.json()) == set(wanted)


@pytest.mark.requirement("/req/core/process-exception/no-such-process", "/req/core/job-exception-no-such-job")
@pytest.mark.parametrize("name", problems.REFUSED)
def test_exceptions(refusals: Callable[[str], httpx.Response], name: str) -> None:
    """Whatever is refused is refused with a valid exception."""
    assert refusals(name).status_code == problems.REFUSED[name].status
    check(refusals(name).json(), "exception")


@pytest.mark.parametrize("example", ["echo", "ndvi", "word-count"])
def test_examples_of_execute_requests(example: str) -> None:
    """The requests that are shown to users are valid execute requests."""
    check(json.loads((EXAMPLES / example / "execute.json").read_text()), "execute")


@pytest.mark.requirement("/req/ogcapppkg/schema", "/req/docker/schema")
@pytest.mark.parametrize("package", ["echo/echo.json", "ndvi/ndvi.json"])
def test_examples_of_packages(package: str) -> None:
    """The packages that are shown to users are valid, and so are the ones of these tests in their older form."""
    check(json.loads((EXAMPLES / package).read_text()), "ogcapppkg")
    for each in processes.PACKAGES:
        current = {**each, "processDescription": {"process": each["processDescription"]}}
        check(current, "ogcapppkg")
