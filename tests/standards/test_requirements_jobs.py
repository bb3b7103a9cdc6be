"""What the standards require of executions, jobs, their list, and of dismissing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.live import Server, serving, until
from tests.standards import processes, reading
from tests.standards.conftest import Jobs
from tests.standards.executions import VALUE, Executions
from tests.standards.reading import REL, X1, link_headers, send

# Modes.


@dataclass(frozen=True)
class Mode:
    """What a process answers to a preference."""

    process: str
    prefer: str | None
    status: int
    pause: int = 0


MODES: dict[str, Mode] = {
    "sync-only": Mode("sync-only", None, 200),
    "sync-only-respond-async": Mode("sync-only", "respond-async", 200),
    "async-only": Mode("async-only", None, 201),
    "async-only-respond-async": Mode("async-only", "respond-async", 201),
    "async-only-wait": Mode("async-only", "wait=60", 201),
    "both-default-execution-mode": Mode("fails", None, 400),
    "both-auto-execution-mode": Mode("fails", "respond-async", 201),
    "both-wait-too-short": Mode("echo", "wait=1", 201, pause=30),
    "sync-only-wait-too-short": Mode("sync-only", "wait=1", 200, pause=3),
}


@pytest.mark.requirement(
    "/req/core/process-execute-default-execution-mode",
    "/req/core/process-execute-auto-execution-mode",
)
@pytest.mark.parametrize("name", MODES)
def test_execution_mode(live: Server, name: str) -> None:
    """The process's jobControlOptions and the client's Prefer make the mode, as the table of 18-062r2 has it."""
    mode = MODES[name]
    inputs: dict[str, Any] = {} if mode.process == "fails" else {"pause": mode.pause}
    inputs |= {"stringInput": "x"} if mode.process == "echo" else {}

    answer = live.execute(mode.process, inputs, {"Prefer": mode.prefer} if mode.prefer else None)

    if answer.status_code == 201:
        live.http.delete(answer.headers["location"])
    assert answer.status_code == mode.status
    applied = answer.headers.get("preference-applied", "")
    assert ("respond-async" in applied) == (mode.status == 201 and mode.prefer == "respond-async")


def test_preference_that_was_not_honoured(jobs: Jobs) -> None:
    """An asynchronous process does not claim to have waited."""
    answer = jobs.server.execute("async-only", {}, {"Prefer": "wait=60"})
    _forget(jobs.server, answer.headers["location"])

    assert answer.status_code == 201
    assert "wait" not in answer.headers.get("preference-applied", "")


@pytest.mark.parametrize(
    "prefer",
    [
        "respond-async",
        "RESPOND-ASYNC",
        "Respond-Async ",
        "  respond-async",
        "respond-async;return=representation",
        "respond-async, wait=10",
        "return=minimal, respond-async",
        "foo=bar,respond-async",
        'foo="bar" , respond-async',
        "respond-async; foo",
    ],
)
def test_prefer_respond_async(jobs: Jobs, prefer: str) -> None:
    """Asynchronous, whatever the case, blanks and other preferences around it."""
    body = b'{"inputs": {"stringInput": "x"}}'
    headers = {"Content-Type": "application/json", "Prefer": prefer}

    answer = send(jobs.server, "POST", "/processes/echo/execution", headers, body)

    assert answer.status_code == 201
    assert "respond-async" in answer.headers["preference-applied"]
    _forget(jobs.server, answer.headers["location"])


def _forget(server: Server, location: str) -> None:
    """Dismisses a job that waits, then removes it."""
    for _ in range(2):
        assert server.http.delete(location).status_code == 200


@pytest.mark.parametrize("prefer", ["respond-sync", "foo=respond-async", "wait=abc", ";,="])
def test_prefer_anything_else(live: Server, prefer: str) -> None:
    """What is not known is ignored: where both modes are possible the execution is synchronous."""
    answer = live.execute("fails", {}, {"Prefer": prefer})

    assert answer.status_code == 400
    assert answer.json()["exitCode"] == 3


def test_failed_sync_execution_links_to_its_job(live: Server) -> None:
    """A synchronous execution that failed says why, and links to its job like any other."""
    answer = live.execute("fails", {})

    (monitor,) = [each.href for each in link_headers(answer) if each.rel == "monitor"]
    assert live.http.get(monitor).json()["status"] == "failed"
    assert live.http.get(f"{monitor}/results").json()["type"] == answer.json()["type"]


# Inputs.


@pytest.mark.requirement(
    "/req/core/process-execute-op",
    "/req/core/process-execute-request",
    "/req/core/process-execute-inputs",
    "/req/core/process-execute-input-inline-object",
    "/req/core/process-execute-input-inline-bbox",
    "/req/core/process-execute-input-mixed-type",
    "/req/core/process-execute-input-multiple-types",
)
def test_inline_inputs_in_each_form(live: Server) -> None:
    """Qualified, wrapped, with an older `format`, as a bounding box or a list: the value arrives."""
    sent = {
        "stringInput": {"value": "x"},
        "levelInput": {"value": 2},
        "arrayInput": [1, 2],
        "mixedInput": {"value": {"a": [1, {"b": "c"}]}},
        "bboxInput": {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
        "xmlInput": {"value": "<a/>", "format": {"mediaType": "application/xml"}},
    }

    answer = live.execute("echo", sent, response="document")

    expected = {**sent, "stringInput": "x", "levelInput": 2, "xmlInput": "<a/>"}
    assert answer.status_code == 200, answer.text
    assert answer.json() == expected


@pytest.mark.requirement("/req/core/process-execute-input-inline-bbox")
@pytest.mark.parametrize(
    "crs", [None, "http://www.opengis.net/def/crs/OGC/0/CRS84h", "http://www.opengis.net/def/crs/EPSG/0/4326"]
)
@pytest.mark.parametrize("numbers", [[51.9, 7, 52, 7.1], [51.9, 7, 0, 52, 7.1, 100]])
def test_bounding_boxes(live: Server, numbers: list[float], crs: str | None) -> None:
    """Of two dimensions or three, in any reference system that a URI names."""
    box = {"bbox": numbers, **({"crs": crs} if crs else {})}

    answer = live.execute("echo", {"stringInput": "x", "bboxInput": box}, outputs={"bboxInput": {}})

    assert (answer.status_code, answer.json()) == (200, box)


def test_raw_outputs_that_are_all_left_out(live: Server) -> None:
    """Several raw outputs, none of which the process gave, are 204 like a single one."""
    outputs = dict.fromkeys(("integerInput", "doubleInput"), VALUE)

    answer = live.execute("echo", {"stringInput": "x"}, outputs=outputs)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.requirement("/req/core/process-execute-input-array")
def test_input_array_with_a_single_value(live: Server) -> None:
    """Where maxOccurs is above one, a single value in a list is a list."""
    answer = live.execute("many", {"word": ["a"]}, response="document")

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"given": ["a"]}


def test_unknown_members_of_a_request(live: Server) -> None:
    """A body may carry members that the standard does not know, and nulls for those of Part 3 as some clients do."""
    body: dict[str, Any] = {"id": "echo", "inputs": {"stringInput": "x"}, "outputs": {"stringInput": {}}}
    body |= {"unknown": {"a": 1}}
    body |= {"filter": None, "properties": None, "sortBy": None}

    answer = live.http.post("/processes/echo/execution", json=body)

    assert (answer.status_code, answer.text) == (200, "x")


# Jobs.


@pytest.mark.requirement(
    "/req/core/job",
    "/req/core/job-op",
    "/req/core/job-success",
    "/req/job-list/processID-mandatory",
)
def test_job_success(executions: Executions) -> None:
    """The status of an ended job: its ids, kind, four times in their order, and progress."""
    status = executions.get("one", "async").status

    assert status["jobID"] == status["id"]
    assert (status["type"], status["processingEntityType"]) == ("process", "ogc-api-processes")
    assert status["processID"] == "every-kind"
    assert status["process"].endswith("/processes/every-kind")
    times = [status[each] for each in ("created", "started", "finished", "updated")]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", each) for each in times)
    assert status["progress"] == 100


@pytest.mark.parametrize(
    ("status", "there", "not_there"),
    [
        ("accepted", {"self", "monitor"}, {REL + "results", REL + "exceptions"}),
        ("running", {"self", "monitor"}, {REL + "results", REL + "exceptions"}),
        ("dismissed", {"self"}, {REL + "results", "monitor"}),
        ("successful", {"self", REL + "results"}, {REL + "exceptions"}),
        ("failed", {"self", REL + "exceptions"}, {REL + "results"}),
    ],
)
def test_job_links(jobs: Jobs, history: History, status: str, there: set[str], not_there: set[str]) -> None:
    """A job links to its results only once it has any, and to itself as long as it may change."""
    if status in ("successful", "failed"):
        document = next(each for each in history.jobs if each["status"] == status)
    else:
        document = jobs.server.status(getattr(jobs, status))

    found = reading.rels(document)
    assert there <= set(found)
    assert not not_there & set(found)


@pytest.mark.requirement("/req/core/job-results-exception/results-not-ready")
@pytest.mark.parametrize("path", ["results", "results/letter"])
@pytest.mark.parametrize(
    ("status", "expected"),
    [("accepted", "result-not-ready"), ("running", "result-not-ready"), ("dismissed", "result-not-available")],
)
def test_job_results_exception(jobs: Jobs, status: str, expected: str, path: str) -> None:
    """Results of a job that has not ended are not ready; of a dismissed one there are none: 404 for both."""
    answer = jobs.server.http.get(f"/jobs/{getattr(jobs, status)}/{path}")

    assert (answer.status_code, answer.json()["type"]) == (404, X1 + expected)


@pytest.mark.requirement("/req/core/job-results-failed")
def test_job_results_failed(history: History) -> None:
    """Results of a failed job are the reason, with a status that is an error and not 404."""
    job = next(each for each in history.jobs if each["status"] == "failed")

    answer = history.server.http.get(f"/jobs/{job['jobID']}/results")

    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/problems/tool-failed")
    assert job["exception"]["type"] == answer.json()["type"]


# The job list.


@dataclass(frozen=True)
class History:
    """A server with jobs that stay as they are; `jobs` are their status documents, newest first."""

    server: Server
    jobs: list[dict[str, Any]]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Successful jobs, short and long, failed and dismissed ones, one that runs on, and one that waits."""
    with serving(tmp_path_factory.mktemp("history") / "data", SLOTS="2") as server:
        processes.deploy(server, "fails", "says-nothing", "async-only")
        for process_id in ("fails", "says-nothing", "fails", "says-nothing", "async-only"):
            server.submit(process_id)
        server.submit("async-only", {"pause": 3})
        server.submit("echo", {"stringInput": "x"})
        until(lambda: _ended(server))
        running = server.submit("async-only", processes.FOR_LONG)
        stopped = server.submit("async-only", processes.FOR_LONG)
        server.wait(running, "running")
        server.wait(stopped, "running")
        server.http.delete(f"/jobs/{stopped}")
        stays = server.submit("async-only", processes.FOR_LONG)
        server.wait(stays, "running")
        waits = server.submit("says-nothing")
        yield History(server, server.http.get("/jobs?limit=1000").json()["jobs"])
        for job_id in (waits, stays, running):
            server.http.delete(f"/jobs/{job_id}")


def _ended(server: Server) -> bool:
    found = server.http.get("/jobs").json()["jobs"]
    return all(each["status"] in ("successful", "failed") for each in found)


def _seconds(job: dict[str, Any]) -> float | None:
    """How long an ended job took; None: it has not ended, or was never started."""
    if not {"started", "finished"} <= set(job):
        return None
    return (datetime.fromisoformat(job["finished"]) - datetime.fromisoformat(job["started"])).total_seconds()


def _ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["jobID"] for each in found]


FILTERS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "type": ("type=process", lambda _: True),
    "type-list": ("type=openeo,process", lambda _: True),
    "type-other": ("type=openeo", lambda _: False),
    "processID": ("processID=fails", lambda job: job["processID"] == "fails"),
    "processID-list": ("processID=fails,echo", lambda job: job["processID"] in ("fails", "echo")),
    "processID-url": ("processID={url}/processes/fails", lambda job: job["processID"] == "fails"),
    "processID-unknown": ("processID=none", lambda _: False),
    "status": ("status=successful", lambda job: job["status"] == "successful"),
    "status-list": ("status=failed,dismissed", lambda job: job["status"] in ("failed", "dismissed")),
    "status-repeated": ("status=failed&status=accepted", lambda job: job["status"] in ("failed", "accepted")),
    "status-and-processID": (
        "status=successful&processID=echo",
        lambda job: (job["status"], job["processID"]) == ("successful", "echo"),
    ),
    "status-none": ("status=accepted&processID=echo", lambda _: False),
}


@pytest.mark.requirement(
    "/req/job-list/job-list-op",
    "/req/job-list/type-definition",
    "/req/job-list/type-response",
    "/req/job-list/processID-definition",
    "/req/job-list/processid-response",
    "/req/job-list/status-definition",
    "/req/job-list/status-response",
    "/req/core/query-param-list-delimiter",
)
@pytest.mark.parametrize("name", FILTERS)
def test_job_list_parameter(history: History, name: str) -> None:
    """The list has the jobs that a filter describes and no others, in their order; filters combine."""
    query, matches = FILTERS[name]

    found = history.server.http.get(f"/jobs?limit=1000&{query.format(url=history.server.url)}").json()["jobs"]

    assert _ids(found) == _ids([each for each in history.jobs if matches(each)])


@pytest.mark.parametrize("name", [each for each in FILTERS if "other" not in each and "none" not in each])
def test_next_links_keep_the_filter(history: History, name: str) -> None:
    """Page by page a filtered list is the same list."""
    query, matches = FILTERS[name]

    pages = reading.pages(history.server, f"/jobs?limit=1&{query.format(url=history.server.url)}")

    found = [each for page in pages for each in page["jobs"]]
    assert _ids(found) == _ids([each for each in history.jobs if matches(each)])


def _found(history: History, query: str) -> set[str]:
    return set(_ids(history.server.http.get(f"/jobs?limit=1000&{query}").json()["jobs"]))


@pytest.mark.requirement("/req/job-list/duration-definition", "/req/job-list/duration-response")
def test_durations_of_ended_jobs(history: History) -> None:
    """The duration of an ended job is from its start to its end, inclusive; of a list the first is taken."""
    ended = {each["jobID"]: seconds for each in history.jobs if (seconds := _seconds(each)) is not None}

    assert _found(history, "minDuration=3") & set(ended) == {each for each in ended if ended[each] >= 3}
    assert _found(history, "maxDuration=2") & set(ended) == {each for each in ended if ended[each] <= 2}
    assert set(ended) <= _found(history, "minDuration=0")
    assert _found(history, "minDuration=3,4") == _found(history, "minDuration=3")
    assert _found(history, "minDuration=3&maxDuration=2") == set()


@pytest.mark.requirement("/req/job-list/duration-response")
def test_duration_of_a_running_job(history: History) -> None:
    """The duration of a running job is from its start to now."""
    running = set(_ids([each for each in history.jobs if each["status"] == "running"]))

    assert len(running) == 2
    assert running <= _found(history, "minDuration=0")
    until(lambda: running <= _found(history, "minDuration=1"))


@pytest.mark.requirement("/req/job-list/duration-response")
@pytest.mark.parametrize("query", ["minDuration=0", "maxDuration=1000000", "minDuration=0&status=accepted"])
def test_duration_of_a_waiting_job(history: History, query: str) -> None:
    """A job that waits has no duration: no bound lets it in."""
    waiting = {each["jobID"] for each in history.jobs if each["status"] == "accepted"}

    assert len(waiting) == 1
    assert not waiting & _found(history, query)


INTERVALS: dict[str, tuple[str, Callable[..., bool]]] = {
    "instant": ("{a}", lambda job, a, _: job["created"] == a),
    "from": ("{a}/..", lambda job, a, _: job["created"] >= a),
    "from-open": ("{a}/", lambda job, a, _: job["created"] >= a),
    "to": ("../{a}", lambda job, a, _: job["created"] <= a),
    "to-open": ("/{a}", lambda job, a, _: job["created"] <= a),
    "interval": ("{a}/{b}", lambda job, a, b: a <= job["created"] <= b),
    "other-offset": ("{offset}/..", lambda job, a, _: job["created"] >= a),
    "future": ("2999-01-01T00:00:00Z/..", lambda *_: False),
    "past": ("../1999-01-01T00:00:00Z", lambda *_: False),
    "since-a-day": ("1999-01-01/..", lambda *_: True),
    "until-a-day": ("../{a:.10}", lambda job, a, _: job["created"][:10] <= a[:10]),
    "a-day": ("{a:.10}", lambda job, a, _: job["created"][:10] == a[:10]),
    "since-a-leap-second": ("2016-12-31T23:59:60Z/..", lambda *_: True),
}


@pytest.mark.requirement("/req/job-list/datetime-definition", "/req/job-list/datetime-response")
@pytest.mark.parametrize("name", INTERVALS)
def test_datetime(history: History, name: str) -> None:
    """`datetime` is an instant or an interval, open or not, of the creation as the status documents show it."""
    form, matches = INTERVALS[name]
    created = sorted(each["created"] for each in history.jobs)
    wrong = []
    for first, second in zip(created, created[2:], strict=False):
        offset = datetime.fromisoformat(first).astimezone(tz=_PLUS_TWO).isoformat()
        query = urlencode({"limit": 1000, "datetime": form.format(a=first, b=second, offset=offset)})
        found = history.server.http.get(f"/jobs?{query}").json()["jobs"]
        if _ids(found) != _ids([each for each in history.jobs if matches(each, first, second)]):
            wrong.append(query)
    assert wrong == []


_PLUS_TWO = datetime.fromisoformat("2026-01-01T00:00:00+02:00").tzinfo

BAD = [
    ("status", "asleep"),
    ("status", "SUCCESSFUL"),
    ("status", "successful,asleep"),
    ("datetime", "yesterday"),
    ("datetime", ""),
    ("datetime", "2026-13-01T00:00:00Z"),
    ("datetime", "2026-01-01T00:00:00"),
    ("datetime", "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z/2026-01-03T00:00:00Z"),
    ("datetime", "../.."),
    ("datetime", "2026-01-01T00:00:00Z/tomorrow"),
    ("datetime", "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"),
    ("datetime", "9999-12-31T23:59:60Z"),
    ("status", ""),
    ("status", ","),
    ("type", ""),
    ("processID", ""),
    ("processID", ",".join(f"p{number}" for number in range(51))),
    ("minDuration", "1,foo"),
    ("minDuration", "1,"),
    ("minDuration", "-1"),
    ("minDuration", "abc"),
    ("minDuration", ""),
    ("minDuration", "1.5"),
    ("maxDuration", "-1"),
    ("maxDuration", "PT5S"),
]


@pytest.mark.requirement(
    "/req/core/query-param-value-invalid",
    "/req/job-list/status-definition",
    "/req/job-list/datetime-definition",
    "/req/job-list/duration-definition",
)
@pytest.mark.parametrize(("parameter", "value"), BAD)
def test_bad_value_of_a_job_list_parameter(live: Server, parameter: str, value: str) -> None:
    """A value that can't be meant is 400, and the parameter is named."""
    answer = live.http.get("/jobs", params={parameter: value})

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")
    assert parameter in answer.json()["detail"]


# Dismissing.


@pytest.mark.requirement(
    "/req/dismiss/job-dismiss-op",
    "/req/dismiss/job-dismiss-success",
    "/req/dismiss/job-dismiss-status",
)
@pytest.mark.parametrize("status", ["accepted", "running"])
def test_dismiss_before_the_end(jobs: Jobs, live: Server, status: str) -> None:
    """A job that waits or runs is dismissed and stays on record; dismissed again it is removed."""
    server = jobs.server if status == "accepted" else live
    job_id = server.submit("async-only", processes.FOR_LONG)
    server.wait(job_id, status)

    answer = server.http.delete(f"/jobs/{job_id}")

    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert server.status(job_id)["status"] == "dismissed"
    _removed(server, job_id)


@pytest.mark.requirement(
    "/req/dismiss/job-dismiss-op",
    "/req/dismiss/job-dismiss-success",
    "/req/dismiss/job-dismiss-status",
)
@pytest.mark.parametrize("process", ["says-nothing", "fails"])
def test_dismiss_after_the_end(live: Server, process: str) -> None:
    """A job that has ended is removed; the answer says dismissed all the same."""
    job_id = live.submit(process)
    live.wait(job_id)

    _removed(live, job_id)


def _removed(server: Server, job_id: str) -> None:
    answer = server.http.delete(f"/jobs/{job_id}")
    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/results"):
        gone = server.http.get(path)
        assert (gone.status_code, gone.json()["type"]) == (404, X1 + "no-such-job")
    assert job_id not in _ids(server.http.get("/jobs?limit=1000").json()["jobs"])
    assert server.http.delete(f"/jobs/{job_id}").status_code in (404, 410)


# Synchronous jobs that are not listed.


@pytest.fixture(scope="module")
def unlisted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("unlisted") / "data", SYNC_JOBS="unlisted") as server:
        processes.deploy(server, "every-kind")
        yield server


def test_unlisted_sync_job(unlisted: Server) -> None:
    """A synchronous execution leaves no job to see, but its results by reference can be fetched."""
    answer = unlisted.execute(
        "every-kind", {}, outputs={"letter": {"transmissionMode": "reference"}}, response="document"
    )

    assert "link" not in answer.headers
    assert unlisted.http.get("/jobs").json()["jobs"] == []
    assert unlisted.http.get(answer.json()["letter"]["href"]).content == b"dear reader\n"


def test_unlisted_sync_job_that_becomes_asynchronous(unlisted: Server) -> None:
    """Once a client got 201 for it, a job is one like any other: the list has it."""
    answer = unlisted.execute("echo", {"stringInput": "x", "pause": 60}, {"Prefer": "wait=1"})
    listed = _ids(unlisted.http.get("/jobs").json()["jobs"])
    unlisted.http.delete(answer.headers["location"])

    assert answer.status_code == 201
    assert answer.json()["jobID"] in listed
