"""What the standards require of requests and answers as HTTP: query parameters, forms, links, profiles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.live import Server, shell_package, until
from tests.standards import reading
from tests.standards.conftest import Live
from tests.standards.executions import Executions
from tests.standards.reading import X1, kind, link_headers, send
from tests.standards.webpages import Page

#: What a browser sends.
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

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
        if each.get("in") == "query"
    ]

    assert {each["schema"]["type"] for each in found} <= {"string", "integer", "array"}
    for value in ("1.0", "1e0", "true", "NaN"):
        assert live.http.get("/jobs", params={"limit": value}).status_code == 400


# HTML.

PAGES = ["/", "/conformance", "/processes", "/processes?limit=2", "/processes/echo", "/processes/ndvi", "/jobs"]
JOB_PAGES = ["/jobs/{job}", "/problems/not-found"]


@pytest.fixture(scope="module")
def job_id(executions: Executions) -> str:
    """A successful job."""
    return str(executions.get("one", "async").status["jobID"])


@pytest.mark.requirement("/req/html/definition")
@pytest.mark.parametrize("asked", ["Accept", "f"])
@pytest.mark.parametrize("path", [*PAGES, *JOB_PAGES])
def test_html_definition(live: Server, job_id: str, path: str, asked: str) -> None:
    """Each document is there as text/html, for a browser and for who says f=html."""
    url = path.format(job=job_id)
    if asked == "f":
        answer = live.http.get(url, params={**httpx.QueryParams(url.partition("?")[2]), "f": "html"})
    else:
        answer = live.http.get(url, headers={"Accept": BROWSER})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = dict(each.strip().partition(" ")[::2] for each in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert set(policy) <= {"default-src", "style-src", "base-uri", "form-action", "frame-ancestors"}
    assert "unsafe" not in answer.headers["content-security-policy"]
    page = Page(answer.text)
    assert (page.doctype, page.language) == ("DOCTYPE html", "en")
    assert page.title
    assert not {"script", "style", "img", "iframe", "form"} & {name for name, _ in page.elements}
    assert not {name for _, given in page.elements for name in given if name.startswith("on") or name == "style"}


@pytest.mark.requirement("/req/html/content")
@pytest.mark.parametrize("path", [*PAGES, *JOB_PAGES])
def test_html_content(live: Server, job_id: str, path: str) -> None:
    """The body says all that the JSON does, and every link of it is an <a> with its title."""
    until(lambda: not live.http.get("/jobs?status=accepted,running").json()["jobs"])
    url = path.format(job=job_id)
    document = live.http.get(url).json()

    page = Page(live.http.get(url, headers={"Accept": BROWSER}).text)

    texts = {each.strip() for each in page.texts}
    shown = "\n".join(page.texts)
    for each in reading.links(document):
        if each["rel"] not in ("self", "alternate"):
            assert each["title"] in page.links[each["href"]]
            assert {each["rel"], each["type"]} <= {part for text in texts for part in text.split(", ")}
    for name, value in leaves({key: each for key, each in document.items() if key != "links"}):
        assert name in texts, name
        assert value in shown, (name, value)


def leaves(document: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is no object or list, as a text, by the name that it has; links aside."""
    found = [(key, each) for key, each in reading.members(document) if key != "links"]
    for key, each in found:
        own = key if isinstance(key, str) else name
        if isinstance(each, dict | list):
            yield from leaves(each, own)
        elif not (isinstance(document, dict) and "href" in document):
            yield own, each if isinstance(each, str) else json.dumps(each)


@pytest.mark.parametrize("path", [each for each in PAGES if each != "/jobs"])
def test_pages_lead_to_pages(live: Server, path: str) -> None:
    """What a page links to on this server is there, for a browser; its style too."""
    page = Page(live.http.get(path, headers={"Accept": BROWSER}).text)
    (style,) = [given["href"] for name, given in page.elements if name == "link"]

    for url in [*page.links, style]:
        if url and url.startswith(live.url) and not url.endswith(("/execution", "/results")):
            assert live.http.get(url, headers={"Accept": BROWSER}).status_code == 200, url
    assert kind(live.http.get(str(style))) == "text/css"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("*", "application/json"),
        ("text/html, */*", "text/html"),
        ("text/html;q=0.5, */*;q=0.5", "text/html"),
        ("text/html;q=0.1, */*;q=0.2", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/html, application/json;q=0.9", "text/html"),
        ("text/html;q=0.9, application/json", "application/json"),
        ("text/*", "text/html"),
        ("application/xhtml+xml, application/json;q=0.1", "application/json"),
        ("TEXT/HTML", "text/html"),
        ("text/html;q=0, */*", "application/json"),
    ],
)
def test_form_by_accept(live: Server, accept: str | None, expected: str) -> None:
    """A page for who names text/html and likes no JSON as much; JSON for everybody else."""
    answer = send(live, "GET", "/processes", {} if accept is None else {"Accept": accept})

    assert (answer.status_code, kind(answer)) == (200, expected)
    assert "accept" in answer.headers["vary"].lower()


@pytest.mark.parametrize(("form", "expected"), [("json", "application/json"), ("html", "text/html")])
def test_f_goes_before_accept(live: Server, form: str, expected: str) -> None:
    """The parameter says what the header can't."""
    for accept in ("text/html", "application/json", "image/png"):
        assert kind(live.http.get(f"/jobs?f={form}", headers={"Accept": accept})) == expected


@pytest.mark.parametrize("form", ["xml", "HTML", "", "json,html"])
def test_f_that_there_is_not(live: Server, form: str) -> None:
    """400, and the forms are named."""
    answer = live.http.get("/processes", params={"f": form})

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")
    assert "json or html" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/none", "/processes/none", "/jobs/none", "/jobs?limit=0"])
def test_problems_as_pages(live: Server, path: str) -> None:
    """A browser is told in words what is wrong."""
    answer = live.http.get(path, headers={"Accept": BROWSER})
    problem = live.http.get(path).json()

    assert (answer.status_code, kind(answer)) == (problem["status"], "text/html")
    shown = "\n".join(Page(answer.text).texts)
    assert all(str(each) in shown for each in problem.values())
    assert "content-security-policy" in answer.headers


def test_pages_of_what_is_hostile(live: Server) -> None:
    """Whatever a process says of itself is text on its page."""
    evil = "<script>alert(1)</script>\"'&<b>"
    package = shell_package("evil-words", "true", {"a": {"schema": {"type": "string", "description": evil}}})
    package["processDescription"] |= {"title": evil, "description": f"{evil}\nhttps://example.org/\"onclick='x'"}
    package["processDescription"]["keywords"] = ["javascript:alert(1)", evil]
    package["processDescription"]["metadata"] = [{"title": evil, "href": "javascript:alert(1)"}]
    assert live.deploy(package).status_code == 201
    try:
        text = live.http.get("/processes/evil-words?f=html").text
    finally:
        live.http.delete("/processes/evil-words")

    page = Page(text)
    assert "<script" not in text
    assert evil in "".join(page.texts)
    assert [each for each in page.links if not each.startswith(("http://", "https://", "#"))] == []


# Links.


@pytest.mark.requirement(
    "/req/core/pl-links", "/req/job-list/links", "/req/ogc-process-description/links", "/req/core/process-summary-links"
)
@pytest.mark.parametrize("path", ["/", "/processes", "/processes?limit=2", "/processes/echo", "/jobs", "/jobs/{job}"])
@pytest.mark.parametrize("form", ["json", "html"])
def test_self_and_alternate(live: Server, job_id: str, path: str, form: str) -> None:
    """A document links to itself, and to each other form of it; in its header like in its body."""
    url, types = path.format(job=job_id), {"json": "application/json", "html": "text/html"}
    answer = live.http.get(url, headers={"Accept": types[form]})
    other = "html" if form == "json" else "json"

    found = {(each.rel, each.parameters["type"]): each.href for each in link_headers(answer)}
    assert found["self", types[form]] == live.url + url
    assert kind(live.http.get(found["alternate", types[other]])) == types[other]
    if form == "json":
        within = {(each["rel"], each["type"]): each["href"] for each in answer.json()["links"]}
        assert found.items() <= within.items()
        assert {rel for rel, _ in within} - {rel for rel, _ in found} <= {"related", "item"}
    else:
        assert set(found.values()) <= set(Page(answer.text).links)


@pytest.mark.requirement("/req/core/process-summary-links")
def test_links_of_summaries(live: Server, deployed: Live) -> None:
    """Each summary links to the description, and to the other forms of it; a deploy answers with them too."""
    listed = live.http.get("/processes?limit=1000").json()["processes"]

    for each in [*listed, *deployed.summaries.values()]:
        found = {link["rel"]: link for link in each["links"]}
        assert set(found) == {"self", "alternate"}
        assert live.http.get(found["self"]["href"]).json()["id"] == each["id"]
        assert kind(live.http.get(found["alternate"]["href"])) == found["alternate"]["type"] == "text/html"


def test_no_link_headers_at_a_synchronous_execution(live: Server) -> None:
    """But the one to its job: one test of the official suite takes any other for it."""
    answer = live.execute("echo", {"stringInput": "x"}, response="document")

    assert [each.rel for each in link_headers(answer)] == ["monitor"]


# Profiles.

PROFILE = "https://www.opengis.net/def/profile/OGC/0/"
PROFILES = {
    "/processes": "ogc-process-list",
    "/processes/echo": "ogc-process-description",
    "/jobs": "jobs-list",
    "/jobs/{job}": "job-description",
}


@pytest.mark.requirement("/req/query-param-profile/definition", "/req/query-param-profile/response")
@pytest.mark.parametrize("path", PROFILES)
@pytest.mark.parametrize(
    "form", ["{uri}", "[ogc-profile:{name}]", "{name}", "none,{name}", "none", "", "a b", "[x", None]
)
def test_profile_parameter(live: Server, job_id: str, path: str, form: str | None) -> None:
    """A document says its profile, asked for or not; a profile that is not known is no error."""
    name = PROFILES[path]
    query = {} if form is None else {"profile": form.format(uri=PROFILE + name, name=name)}

    answer = live.http.get(path.format(job=job_id), params=query)

    assert answer.status_code == 200
    assert [each["href"] for each in answer.json()["links"] if each["rel"] == "profile"] == [PROFILE + name]
    assert [each.href for each in link_headers(answer) if each.rel == "profile"] == [PROFILE + name]


@pytest.mark.requirement("/req/query-param-profile/definition")
@pytest.mark.parametrize("path", ["/", "/conformance", "/api", "/processes/echo", "/jobs", "/jobs/{job}/results"])
def test_profile_is_known_everywhere(live: Server, job_id: str, path: str) -> None:
    """Every GET takes the parameter, also more than once."""
    assert live.http.get(f"{path.format(job=job_id)}?profile=none&profile=other").status_code == 200
