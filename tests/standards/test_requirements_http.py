"""What the standards require of requests and answers as HTTP: query parameters, forms, links, profiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import Server
from tests.standards.executions import Executions
from tests.standards.reading import X1, send

# The protocol.


@pytest.mark.requirement("/req/core/http")
def test_http(live: Server) -> None:
    """The server speaks HTTP/1.1, and takes 1.0."""
    answer = send(live, "GET", "/")

    assert (answer.status_code, answer.extensions["http_version"]) == (200, b"HTTP/1.1")


# Query parameters.

PATHS = ["/", "/conformance", "/api", "/processes", "/jobs", "/processes/echo", "/jobs/none", "/health"]


@pytest.mark.requirement("/req/core/query-param-name-unknown")
@pytest.mark.parametrize("path", PATHS)
def test_unknown_query_parameters(live: Server, path: str) -> None:
    """A name that the API definition does not have is 400, and the answer names the ones that it has."""
    answer = live.http.get(f"{path}?nonsense=1")

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")
    known = {each["name"] for each in _parameters(live, path, "query")} | {"f", "profile"}
    assert "'nonsense'" in answer.json()["detail"]
    assert {each.strip() for each in answer.json()["detail"].partition("Known are: ")[2].strip(".").split(",")} == known


def _parameters(live: Server, path: str, where: str) -> list[dict[str, Any]]:
    paths = live.http.get("/api").json()["paths"]
    path = {"/processes/echo": "/processes/{process_id}", "/jobs/none": "/jobs/{job_id}"}.get(path, path)
    return [each for each in paths[path]["get"]["parameters"] if each["in"] == where]


@pytest.mark.requirement("/req/core/query-param-capitalization")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=1", 200),
        ("LIMIT=1", 400),
        ("Limit=1", 400),
        ("status=Successful", 400),
        ("%6cimit=1", 200),
        ("%6Cimit=1", 200),
        ("status=failed%2Crunning", 200),
        ("status=failed%2crunning", 200),
    ],
)
def test_query_parameter_capitalization(live: Server, query: str, status: int) -> None:
    """Names and values differ by their case; percent-encoded characters do not."""
    assert send(live, "GET", f"/jobs?{query}").status_code == status


@pytest.mark.parametrize(
    "query", ["limit=1&limit=2", "limit=1&limit=1", "f=json&f=html", "minDuration=1&minDuration=2", "f=json&f=json"]
)
def test_a_single_parameter_that_is_given_twice(live: Server, query: str) -> None:
    """400: none of the two is meant more than the other."""
    answer = live.http.get(f"/jobs?{query}")

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")
    assert query.partition("=")[0] in answer.json()["detail"]


@pytest.mark.requirement(
    "/req/core/query-param-list-delimiter", "/req/core/query-param-list-escape", "/req/core/query-param-list-empty"
)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("processID=every-kind,echo", True),
        ("processID=none,every-kind", True),
        ("processID=every-kind%2Cnone", True),
        ("processID=none&processID=every-kind", True),
        ("processID=none,,every-kind", True),
        ("processID=every-kind%20", False),
        ("processID=none", False),
    ],
)
def test_lists_in_query_parameters(live: Server, executions: Executions, query: str, found: bool) -> None:
    """Commas, escaped or not, are between the items of a list; an item that is empty is the empty string."""
    job = executions.get("one", "async").status["jobID"]

    listed = live.http.get(f"/jobs?limit=1000&{query}").json()["jobs"]

    assert (job in [each["jobID"] for each in listed]) is found


@pytest.mark.requirement(
    "/req/core/query-param-value-boolean",
    "/req/core/query-param-value-decimal",
    "/req/core/query-param-value-double",
)
def test_types_of_query_parameters(live: Server) -> None:
    """No parameter is a boolean or a number that is not whole; those that are whole take no other number."""
    paths = live.http.get("/api").json()["paths"]
    found = [
        each
        for those in paths.values()
        for operation in those.values()
        for each in operation["parameters"]
        if each["in"] == "query"
    ]

    assert {each["schema"]["type"] for each in found} <= {"string", "integer", "array"}
    for value in ("1.0", "1e0", "true", "NaN"):
        assert live.http.get("/jobs", params={"limit": value}).status_code == 400
