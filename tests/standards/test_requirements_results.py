"""18-062r2, table 11 and its counterpart in the draft of 2.0: what an execution answers, and /results after it."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.live import Server
from tests.standards.executions import RUNS, Executions
from tests.standards.reading import X1, Link, kind, link_headers, parts, send

LETTER = b"dear reader\n"
NOISE = b"\x00\xff\r\n--\r\n"
RECORD = {"name": "x", "size": 2}
BOUNDS = {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
OUTPUTS = ["text", "number", "flag", "numbers", "record", "bounds", "letter", "tables", "noise", "folder"]


def outputs_in(answer: httpx.Response) -> list[Link]:
    """The links of the Link header, but for the one to the job."""
    return [each for each in link_headers(answer) if each.rel not in ("monitor", "profile")]


def is_link(value: dict[str, Any]) -> bool:
    return value["href"].startswith("http") and {"rel", "type"} <= set(value)


def runs(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("name", "mode"), [each for each in RUNS if each[0] in names])


@pytest.mark.requirement("/req/core/process-execute-sync-raw-value-one", "/req/core/job-results-async-raw-value-one")
@runs("raw-value-one", "raw-value-one-literal", "raw-value-one-default")
def test_raw_value_one(executions: Executions, name: str, mode: str) -> None:
    """One output, raw and by value, is the bare value in its own media type."""
    given = executions.get(name, mode).given

    expected = {
        "raw-value-one": ("text/plain", LETTER),
        "raw-value-one-literal": ("text/plain", b"hello"),
        "raw-value-one-default": ("application/json", b"1.5"),
    }
    assert given.status_code == 200
    assert (kind(given), given.content) == expected[name]


@pytest.mark.requirement(
    "/req/core/process-execute-sync-raw-value-multi",
    "/req/core/job-results-async-raw-value-multi",
)
@runs("raw-value-multi")
def test_raw_value_multi(executions: Executions, name: str, mode: str) -> None:
    """Several outputs, raw and by value, are multipart/related, each part under the id of its output."""
    given = executions.get(name, mode).given

    assert given.status_code == 200
    found = parts(given)
    assert list(found) == OUTPUTS
    assert (found["text"].kind, found["text"].content) == ("text/plain", b"hello")
    assert (found["letter"].kind, found["letter"].content) == ("text/plain", LETTER)
    assert found["noise"].content == NOISE
    literals = {"number": 1.5, "flag": True, "numbers": [1, 2, 3], "record": RECORD, "bounds": BOUNDS}
    assert {each: json.loads(found[each].content) for each in literals} == literals
    assert {found[each].kind for each in literals} == {"application/json"}
    assert all(each.content for each in found.values())


def test_raw_value_multi_type_parameter(executions: Executions) -> None:
    """multipart/related names the media type of its first part, as RFC 2387 requires."""
    given = executions.get("raw-value-multi", "sync").given

    first = next(iter(parts(given).values()))
    assert f'type="{first.kind}"' in given.headers["content-type"]


@pytest.mark.requirement("/req/core/process-execute-sync-raw-ref", "/req/core/job-results-async-raw-ref")
@runs("raw-ref", "raw-ref-one")
def test_raw_ref(live: Server, executions: Executions, name: str, mode: str) -> None:
    """By reference, raw: 204 without a body, a Link header for each output, each leading to the value."""
    given = executions.get(name, mode).given

    assert (given.status_code, given.content) == (204, b"")
    values = {"text": b"hello", "letter": LETTER} if name == "raw-ref" else {"letter": LETTER}
    found = outputs_in(given)
    assert [each.parameters["title"] for each in found] == list(values)
    for each in found:
        answer = live.http.get(each.href)
        assert (answer.status_code, answer.content) == (200, values[each.parameters["title"]])
        assert kind(answer) == each.parameters["type"]


@pytest.mark.requirement(
    "/req/core/process-execute-sync-raw-mixed-multi",
    "/req/core/job-results-async-raw-mixed-multi",
)
@runs("raw-mixed-multi")
def test_raw_mixed_multi(live: Server, executions: Executions, name: str, mode: str) -> None:
    """Mixed, raw: multipart/related where a part by reference is empty and has its URL in Content-Location."""
    given = executions.get(name, mode).given

    assert given.status_code == 200
    found = parts(given)
    assert set(found) == {"text", "letter", "noise"}
    assert (found["text"].content, found["noise"].content, found["letter"].content) == (b"hello", NOISE, b"")
    assert "content-location" not in found["text"].headers
    assert live.http.get(found["letter"].headers["content-location"]).content == LETTER


@pytest.mark.requirement(
    "/req/core/process-execute-sync-document",
    "/req/core/job-results-async-document",
    "/req/core/process-execute-default-outputs",
    "/req/core/job-results",
    "/req/core/job-results-op",
)
@runs("document")
def test_document(executions: Executions, name: str, mode: str) -> None:
    """A results document has every output, objects under `value`, a bounding box bare, lists of files as lists."""
    given = executions.get(name, mode).given

    assert (given.status_code, kind(given)) == (200, "application/json")
    found = given.json()
    assert set(found) == set(OUTPUTS)
    assert (found["text"], found["number"], found["flag"], found["numbers"]) == ("hello", 1.5, True, [1, 2, 3])
    assert found["record"] == {"value": RECORD}
    assert found["bounds"] == BOUNDS
    assert len(found["tables"]) == 2


def test_document_value(executions: Executions) -> None:
    """Files by value stand in a results document as qualified values: text as text, others in base64."""
    found = executions.get("document-value", "sync").answer.json()

    assert found["letter"] == {"value": LETTER.decode(), "mediaType": "text/plain"}
    assert base64.b64decode(found["noise"]["value"]) == NOISE
    assert found["noise"]["encoding"] == "base64"
    assert [each["value"] for each in found["tables"]] == ["a,b\r\n", "c,d\r\n"]
    assert [each["mediaType"] for each in found["tables"]] == ["text/csv"] * 2


def test_document_ref(live: Server, executions: Executions) -> None:
    """By reference, in a results document: a link for each; a scalar is offered as text/plain."""
    found = executions.get("document-ref", "sync").answer.json()

    assert set(found) == {"text", "letter"}
    assert all(is_link(each) and each["type"] == "text/plain" for each in found.values())
    assert [live.http.get(found[each]["href"]).content for each in ("text", "letter")] == [b"hello", LETTER]


@pytest.mark.requirement(
    "/req/core/process-execute-sync-many-json",
    "/req/core/job-results-async-many",
    "/req/core/process-execute-omitted-outputs",
    "/req/core/process-execute-success-sync-outputs-omitted",
    "/req/core/process-execute-success-async-outputs-omitted",
)
@runs("many-json")
def test_sync_many_json(live: Server, executions: Executions, name: str, mode: str) -> None:
    """Without a word of version 1.0, several outputs are a results document with the profile in a Link header."""
    given = executions.get(name, mode).given

    assert (given.status_code, kind(given)) == (200, "application/json")
    profiles = [each.href for each in link_headers(given) if each.rel == "profile"]
    assert profiles == ["https://www.opengis.net/def/profile/OGC/0/ogc-results"]
    found = given.json()
    assert set(found) == set(OUTPUTS)
    assert is_link(found["letter"])
    assert live.http.get(found["letter"]["href"]).content == LETTER


def test_sync_many_other_formats(executions: Executions) -> None:
    """Whoever accepts multipart/related only gets it."""
    found = parts(executions.get("many-multipart", "sync").answer)

    assert {each: part.content for each, part in found.items()} == {"text": b"hello", "noise": NOISE}


@pytest.mark.requirement("/req/core/process-execute-sync-one", "/req/core/process-execute-sync-one-default-content")
@runs("one")
def test_one(live: Server, executions: Executions, name: str, mode: str) -> None:
    """One output is the bare value at once; at /results a document, or the bare value where JSON is ruled out."""
    ran = executions.get(name, mode)

    if mode == "async":
        assert list(ran.given.json()) == ["letter"]
        bare = live.http.get(f"/jobs/{ran.status['jobID']}/results", headers={"Accept": "text/plain"})
    else:
        bare = ran.given
    assert (bare.status_code, kind(bare), bare.content) == (200, "text/plain", LETTER)


@pytest.mark.requirement(
    "/req/core/process-execute-empty-outputs",
    "/req/core/process-execute-success-sync-empty-outputs",
)
def test_sync_outputs_empty(executions: Executions) -> None:
    """`outputs: {}` asks for nothing: 204 without a body."""
    answer = executions.get("none", "sync").answer

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.requirement(
    "/req/core/process-execute-empty-outputs",
    "/req/core/process-execute-success-async-outputs-empty",
    "/req/core/job-results-exception/results-not-available",
)
@pytest.mark.parametrize("path", ["results", "results/text"])
def test_async_outputs_empty(live: Server, executions: Executions, path: str) -> None:
    """`outputs: {}`: nothing can be retrieved afterwards."""
    job = executions.get("none", "async").status

    answer = live.http.get(f"/jobs/{job['jobID']}/{path}")

    assert job["status"] == "successful"
    assert (answer.status_code, answer.json()["type"]) == (404, X1 + "result-not-available")


@pytest.mark.parametrize(("name", "inline"), [("representation", True), ("minimal", False)])
def test_return_preference(executions: Executions, name: str, inline: bool) -> None:
    """`Prefer: return=` says whether files come inline; the answer says that it was honoured."""
    answer = executions.get(name, "sync").answer

    assert ("value" in answer.json()["letter"], "href" in answer.json()["letter"]) == (inline, not inline)
    assert f"return={name}" in answer.headers["preference-applied"]


@pytest.mark.requirement("/req/core/job-results-success-sync")
@pytest.mark.parametrize("name", [name for name, mode in RUNS if mode == "sync"])
def test_process_execute_sync_job(live: Server, executions: Executions, name: str) -> None:
    """A synchronous execution that made a job links to it, whatever it answers."""
    (monitor,) = [each for each in link_headers(executions.get(name, "sync").answer) if each.rel == "monitor"]

    assert live.http.get(monitor.href).json()["status"] == "successful"


@pytest.mark.requirement("/req/core/process-execute-success-async")
@pytest.mark.parametrize("name", [name for name, mode in RUNS if mode == "async"])
def test_process_execute_success_async(executions: Executions, name: str) -> None:
    """An asynchronous execution answers 201, the job's URL and its status document, without results yet."""
    answer = executions.get(name, "async").answer

    document = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/jobs/{document['jobID']}")
    assert answer.headers["preference-applied"].startswith("respond-async")
    assert document["status"] in ("accepted", "running")


@pytest.mark.requirement("/req/core/job-result-op", "/req/core/job-results-async-one")
@pytest.mark.parametrize("output", OUTPUTS)
def test_job_results_output(live: Server, executions: Executions, output: str) -> None:
    """Each output that was asked for has a URL of its own; HEAD tells its type and length."""
    path = f"/jobs/{executions.get('many-json', 'async').status['jobID']}/results/{output}"

    answer, head = live.http.get(path), live.http.head(path)

    assert answer.status_code == head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length"):
        assert head.headers[name] == answer.headers[name]


@pytest.mark.parametrize(
    ("path", "status", "content"),
    [("tables/0", 200, b"a,b\r\n"), ("tables/1", 200, b"c,d\r\n"), ("tables/2", 404, None), ("numbers/0", 200, b"1")],
)
def test_job_results_output_item(
    live: Server, executions: Executions, path: str, status: int, content: bytes | None
) -> None:
    """Items of a list are numbered from 0."""
    answer = live.http.get(f"/jobs/{executions.get('many-json', 'async').status['jobID']}/results/{path}")

    assert answer.status_code == status
    assert content is None or answer.content == content


@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_raw_multi_is_never_refused(live: Server, executions: Executions, accept: str | None) -> None:
    """By the rules of version 1.0 several raw outputs are multipart/related, whatever Accept says."""
    job_id = executions.get("raw-value-multi", "async").status["jobID"]

    answer = send(live, "GET", f"/jobs/{job_id}/results", {} if accept is None else {"Accept": accept})

    assert list(parts(answer)) == OUTPUTS


def test_results_that_are_not_acceptable(live: Server, executions: Executions) -> None:
    """By the rules of version 2.0 a form that is not offered is 406."""
    job_id = executions.get("many-json", "async").status["jobID"]

    answer = live.http.get(f"/jobs/{job_id}/results", headers={"Accept": "image/png"})

    assert answer.status_code == 406
