"""Jobs that are made first and started later (24-051, classes job-management, ogcapi-processes and provenance)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live import Server, serving, shell_package

LOCKED = "http://www.opengis.net/def/exceptions/ogcapi-processes-4/1.0/locked"
SCHEMA = "https://raw.githubusercontent.com/opengeospatial/ogcapi-processes/master/openapi/schemas/processes-workflows"

ECHO: dict[str, Any] = {"process": "echo", "inputs": {"stringInput": "Zürich", "doubleInput": 1.25}}


def made(server: Server, document: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The status document of a new job."""
    answer = server.http.post("/jobs", json=document or ECHO, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"{server.url}/jobs/{found['id']}"
    return found


def begun(server: Server, job_id: str, **more: Any) -> httpx.Response:
    return server.http.post(f"/jobs/{job_id}/results", **more)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


@pytest.mark.requirement(
    "/req/job-management/create-post-op",
    "/req/job-management/create-body",
    "/req/job-management/create-content-type",
    "/req/job-management/create-response-success",
    "/req/job-management/create-response-body",
    "/req/job-management/create-response-jobid",
    "/req/ogcapi-processes/create-body",
    "/req/ogcapi-processes/schema",
)
@pytest.mark.parametrize("content_type", ["application/json", "application/ogcapi-processes+json"])
def test_a_job_is_made_and_waits(server: Server, content_type: str) -> None:
    """201, its place, and a status document; nothing runs."""
    job = made(server, headers={"Content-Type": content_type, "Content-Schema": f"{SCHEMA}/execute-workflows.yaml"})

    assert (job["status"], job["progress"], job["processID"]) == ("created", 0, "echo")
    assert {**server.status(job["id"]), "links": []} == {**job, "links": []}
    assert not (server.data / "jobs" / job["id"]).exists()
    listed = server.http.get("/jobs", params={"status": "created", "limit": 1000}).json()["jobs"]
    assert job["id"] in {each["id"] for each in listed}
    assert problem(server.http.get(f"/jobs/{job['id']}/results")) == (404, "result-not-ready")


@pytest.mark.requirement("/req/job-management/start-post-op", "/req/job-management/start-response")
@pytest.mark.parametrize("body", [b"", b"{}", b" { } "])
def test_a_job_is_started(server: Server, body: bytes) -> None:
    """200 and the status document; then it is a job like any other, and can't be started again."""
    job_id = made(server)["id"]

    answer = begun(server, job_id, content=body)

    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert server.wait(job_id)["status"] == "successful"
    assert server.http.get(f"/jobs/{job_id}/results").json()["stringInput"] == "Zürich"
    assert problem(begun(server, job_id)) == (423, "locked")


@pytest.mark.requirement(
    "/req/job-management/update-patch-op",
    "/req/job-management/update-body",
    "/req/job-management/update-content-type",
    "/req/job-management/update-response",
    "/req/ogcapi-processes/update-body",
    "/req/job-management/definition-get-op",
    "/req/job-management/definition-response-success",
    "/req/job-management/definition-response-body",
    "/req/ogcapi-processes/definition-response-body",
)
@pytest.mark.parametrize("content_type", ["application/json", "application/ogcapi-processes+json"])
def test_a_job_is_changed_until_it_starts(server: Server, content_type: str) -> None:
    """What the body has takes the place of what there was, null takes away, the rest stays."""
    job_id = made(server, {**ECHO, "outputs": {"stringInput": {}}})["id"]
    change = {"inputs": {"stringInput": "Genève"}, "outputs": None}

    answer = server.http.patch(f"/jobs/{job_id}", json=change, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["status"], answer.json()["id"]) == (200, "created", job_id)
    definition = server.http.get(f"/jobs/{job_id}/definition")
    assert (definition.status_code, definition.json()) == (200, {"process": "echo", "inputs": change["inputs"]})
    begun(server, job_id)
    server.wait(job_id)
    assert server.http.get(f"/jobs/{job_id}/results").json() == {"stringInput": "Genève"}


@pytest.mark.requirement("/req/job-management/update-response-locked")
def test_a_job_that_is_started_is_locked(server: Server) -> None:
    """It runs what it was started with."""
    job_id = server.submit("echo", {"stringInput": "x"})

    answer = server.http.patch(f"/jobs/{job_id}", json={"inputs": {}})

    assert (answer.status_code, answer.json()["type"]) == (423, LOCKED)
    server.wait(job_id)
    assert server.http.patch(f"/jobs/{job_id}", json={"inputs": {}}).status_code == 423
    assert server.http.get(f"/jobs/{job_id}/definition").json()["inputs"] == {"stringInput": "x"}


@pytest.mark.requirement(
    "/req/job-management/create-unsupported-media-type", "/req/job-management/create-unsupported-schema"
)
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": "application/xml"}, (415, "4/1.0/unsupported-media-type")),
        ({"Content-Schema": "https://api.openeo.org/process-graph.json"}, (422, "4/1.0/unsupported-schema")),
        ({"Content-Schema": f"{SCHEMA}/execute-workflows.yaml"}, None),
        ({"Content-Schema": f"<{SCHEMA}/execute-workflows.yaml>"}, None),
    ],
)
def test_how_a_job_is_described(server: Server, headers: dict[str, str], expected: tuple[int, str] | None) -> None:
    """An execute request is what makes a job; other languages are refused by their headers."""
    answer = server.http.post("/jobs", json=ECHO, headers=headers)

    kind = answer.json()["type"].partition("ogcapi-processes-")[2] if answer.is_error else ""
    assert (answer.status_code, kind) == (expected or (201, ""))


@pytest.mark.parametrize(
    ("document", "expected", "pointer"),
    [
        ({"inputs": {}}, (400, "invalid-input"), "/process"),
        ({"process": 5}, (400, "invalid-input"), "/process"),
        ({"process": "there-is-none"}, (404, "no-such-process"), None),
        ({"process": "https://example.com/processes/echo"}, (404, "no-such-process"), None),
        ({"process": "echo", "inputs": 5}, (400, "invalid-input"), "/inputs"),
        ({"process": "echo", "inputs": {"nope": 1}}, (400, "invalid-input"), "/inputs/nope"),
        ({"process": "echo", "outputs": {"nope": {}}}, (400, "invalid-input"), "/outputs/nope"),
        ({"process": "echo", "subscriber": 5}, (400, "invalid-input"), "/subscriber"),
        ([], (400, "invalid-input"), ""),
    ],
)
def test_what_makes_no_job(server: Server, document: Any, expected: tuple[int, str], pointer: str | None) -> None:
    """What is wrong is said before there is a job; the same holds for a change, which changes nothing then."""
    job_id = made(server)["id"]
    before = server.http.get(f"/jobs/{job_id}/definition").json()
    count = server.http.get("/jobs", params={"status": "created", "limit": 1000}).json()["jobs"]

    refused = server.http.post("/jobs", json=document)
    change = server.http.patch(f"/jobs/{job_id}", json=document)

    assert problem(refused) == expected
    if isinstance(document, list) or "process" in document:
        assert problem(change) == expected
        assert server.http.get(f"/jobs/{job_id}/definition").json() == before
    if pointer is not None:
        assert pointer in {each["pointer"] for each in refused.json()["errors"]}
    assert server.http.get("/jobs", params={"status": "created", "limit": 1000}).json()["jobs"][1:] == count[1:]


def test_a_change_is_sent_as_a_job_is(server: Server) -> None:
    """415 with the type that the standard gives it there; and 422 for a schema of another language."""
    job_id = made(server)["id"]
    xml = server.http.patch(f"/jobs/{job_id}", content=b"<a/>", headers={"Content-Type": "text/xml"})
    schema = server.http.patch(f"/jobs/{job_id}", json={}, headers={"Content-Schema": "https://example.com/x.json"})

    assert (xml.status_code, xml.json()["type"].partition("processes-")[2]) == (415, "2/1.0/unsupported-media-type")
    assert problem(schema) == (422, "unsupported-schema")


def test_a_change_leaves_what_it_does_not_name(server: Server) -> None:
    """What the request that made the job preferred, and its process, by whatever name the server is called."""
    url, long = f"{server.url}/processes/echo", "x" * 100_000
    job_id = made(server, {**ECHO, "process": url}, headers={"Prefer": "return=representation"})["id"]

    changed = server.http.patch(
        f"/jobs/{job_id}", json={"inputs": {"stringInput": long}}, headers={"Host": "elsewhere.test"}
    )

    assert changed.status_code == 200, changed.text
    assert server.http.get(f"/jobs/{job_id}/definition").json()["process"] == url
    begun(server, job_id)
    server.wait(job_id)
    assert server.http.get(f"/jobs/{job_id}/results").json()["stringInput"] == long


def test_what_starts_no_job(server: Server) -> None:
    """A body with something in it, and a job that there is not."""
    job_id = made(server)["id"]

    assert problem(begun(server, job_id, json={"inputs": {}})) == (400, "invalid-input")
    assert problem(begun(server, job_id, content=b"[]")) == (400, "invalid-input")
    assert problem(begun(server, job_id, content=b"{")) == (400, "invalid-document")
    as_text = begun(server, job_id, content=b"{}", headers={"Content-Type": "text/plain"})
    assert problem(as_text) == (415, "unsupported-content-type")
    assert server.status(job_id)["status"] == "created"
    for answer in (
        begun(server, "none"),
        server.http.patch("/jobs/none", json={}),
        server.http.get("/jobs/none/inputs"),
    ):
        assert problem(answer) == (404, "no-such-job")


def test_a_job_that_never_started_is_dismissed(server: Server) -> None:
    """Its record stays, it can't be started any more; the second DELETE removes it."""
    job_id = made(server)["id"]

    assert server.http.delete(f"/jobs/{job_id}").json()["status"] == "dismissed"
    assert problem(begun(server, job_id)) == (423, "locked")
    assert server.status(job_id)["status"] == "dismissed"
    server.http.delete(f"/jobs/{job_id}")
    assert problem(server.http.get(f"/jobs/{job_id}")) == (404, "no-such-job")


@pytest.mark.requirement(
    "/req/provenance/inputs-get-op",
    "/req/provenance/inputs-response",
    "/req/provenance/prov-get-op",
    "/req/provenance/prov-response",
)
def test_inputs_and_provenance(server: Server) -> None:
    """Of every job, as the client gave them; PROV-JSON of one that has not begun, too."""
    created = made(server)["id"]
    executed = server.submit("echo", {"stringInput": {"value": "x"}}, outputs={"stringInput": {}})

    given = server.http.get(f"/jobs/{created}/inputs").json()
    asked = server.http.get(f"/jobs/{executed}/inputs").json()
    prov = server.http.get(f"/jobs/{created}/prov")

    assert given["inputs"] == ECHO["inputs"]
    assert set(given["outputs"]) == set(server.http.get("/processes/echo").json()["outputs"])
    assert asked["inputs"] == {"stringInput": {"value": "x"}}
    assert asked["outputs"] == {"stringInput": {}}
    assert {each["rel"] for each in asked["links"]} >= {"self", "up"}
    assert (prov.status_code, prov.headers["Content-Type"]) == (200, "application/json")
    assert "activity" in prov.json()


def test_a_definition_makes_the_same_job_again(server: Server) -> None:
    """Of an execution by path and of one by query as well: it has the process."""
    posted = server.execute("echo", {"stringInput": "x", "doubleInput": 0.1}, {"Prefer": "respond-async"}).json()["id"]
    query = {"stringInput": "y", "response[prefer]": "respond-async"}
    asked = server.http.get("/processes/echo/execution", params=query).json()["id"]

    for job_id, said in ((posted, "x"), (asked, "y")):
        definition = server.http.get(f"/jobs/{job_id}/definition").json()
        assert definition["process"] == f"{server.url}/processes/echo"
        again = made(server, definition)["id"]
        begun(server, again)
        server.wait(again)
        assert server.http.get(f"/jobs/{again}/results").json()["stringInput"] == said


def test_a_key_makes_one_job(server: Server) -> None:
    """The same request again answers with the same job; another one with that key is refused."""
    first, second = (made(server, headers={"Idempotency-Key": "made-once"})["id"] for _ in range(2))
    other = server.http.post("/jobs", json={"process": "echo"}, headers={"Idempotency-Key": "made-once"})

    assert first == second
    assert problem(other) == (422, "idempotency-conflict")


def test_processes_in_one_another(server: Server) -> None:
    """What a job of its own makes of them: a workflow, checked when it is made."""
    nested = {"process": "echo", "inputs": {"stringInput": "inner"}, "outputs": {"stringInput": {}}}
    job_id = made(server, {"process": "echo", "inputs": {"stringInput": nested}})["id"]
    begun(server, job_id)

    server.wait(job_id)

    assert server.http.get(f"/jobs/{job_id}/results").json()["stringInput"] == "inner"


def test_a_job_keeps_its_process(tmp_path: Path) -> None:
    """It runs what there was when it was made, whatever becomes of the process; and it survives a restart."""
    with serving(tmp_path / "data") as server:
        server.deploy(shell_package("says", "echo one"))
        job_id = made(server, {"process": "says"})["id"]
        server.http.delete("/processes/says")
        server.stop()
        server.start()

        assert server.status(job_id)["status"] == "created"
        assert begun(server, job_id).json()["status"] == "accepted"
        assert server.wait(job_id)["status"] == "successful"
        assert "one" in server.http.get(f"/jobs/{job_id}/log").text
