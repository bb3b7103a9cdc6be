"""What the standards require of every answer, of lists and of process descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.live import Server, shell_package, shell_tool, until
from tests.standards import problems, reading
from tests.standards.executions import Executions
from tests.standards.reading import REL, X1, kind, send

#: GET of each gives JSON.
DOCUMENTS = ["/", "/conformance", "/processes", "/processes/echo", "/processes/ndvi", "/jobs", "/jobs/{job}"]

BAD_LIMITS = ["0", "-1", "abc", "", "1.5", "1e3", "0x1", " ", "1,2"]


@pytest.fixture(scope="module")
def job_id(executions: Executions) -> str:
    """A successful job that was asked for one output."""
    return str(executions.get("one", "async").status["jobID"])


# Every response.


@pytest.mark.requirement("/req/json/definition")
@pytest.mark.parametrize(
    "accept",
    [None, "", "*", "*/*", "application/json", "application/*", "APPLICATION/JSON", "text/html;q=0.1, */*;q=0.2"],
)
def test_json_by_default(live: Server, job_id: str, accept: str | None) -> None:
    """Metadata is JSON for whoever asks for it, for anything, or for nothing."""
    for path in DOCUMENTS:
        answer = send(live, "GET", path.format(job=job_id), {} if accept is None else {"Accept": accept})
        assert (answer.status_code, kind(answer)) == (200, "application/json"), path


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/png",
        ";",
        ",,,",
        "a/b/c",
        "*/json",
        "application/json;q=",
        "q=1",
        "é",
        "x" * 5000,
        "a;b;c,=;",
    ],
)
def test_accept_never_breaks_the_server(live: Server, job_id: str, accept: str) -> None:
    """What is not offered, or can't be read, is an answer or a 4xx, and a refusal is a problem."""
    for path in [*DOCUMENTS, "/api", "/health", "/jobs/{job}/results", "/jobs/{job}/results/letter", "/none"]:
        answer = send(live, "GET", path.format(job=job_id), {"Accept": accept.encode("latin-1").decode("latin-1")})
        assert answer.status_code in (200, 400, 404, 406), path
        if answer.status_code != 200 and kind(answer) != "text/html":
            assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/html", "text/html"),
        ("text/*", "application/problem+json"),
        ("text/html;q=0.5, */*", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/html;q=0.9, application/json", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/html, application/json;q=0.9", "text/html"),
        ("text/html, application/problem+json", "application/problem+json"),
        ("application/problem+json, application/json;q=0.1", "application/problem+json"),
    ],
)
def test_media_type_of_problems(live: Server, accept: str | None, expected: str) -> None:
    """A problem is application/json for whoever names that, a page for who likes pages better than any JSON."""
    for path in ("/processes/none", "/jobs/none/results", "/none", "/jobs?limit=0"):
        answer = send(live, "GET", path, {} if accept is None else {"Accept": accept})
        assert kind(answer) == expected


@pytest.mark.requirement(
    "/req/core/process-exception/no-such-process",
    "/req/core/job-exception-no-such-job",
    "/req/core/job-results-exception/no-such-job",
    "/req/core/job-results-exception-no-such-job",
    "/req/core/job-results-exception-no-such-output",
    "/req/core/job-results-exception/invalid-query-parameter-value",
    "/req/core/process-execute-success-async-outputs",
    "/req/core/process-execute-input-validation",
    "/req/deploy-replace-undeploy/deploy-response-duplicate",
    "/req/deploy-replace-undeploy/deploy-response-immutable",
    "/req/deploy-replace-undeploy/deploy-unsupported-media-type",
    "/req/cwl/deploy-exception-workflow-not-found",
)
@pytest.mark.parametrize("name", problems.REFUSED)
def test_problem(live: Server, job_id: str, refusals: Callable[[str], httpx.Response], name: str) -> None:
    """A refusal has the status and type of its kind, says what is wrong in words, and with which resource."""
    refused, answer = problems.REFUSED[name], refusals(name)

    found = answer.json()
    assert answer.status_code == refused.status == found["status"]
    assert found["type"] == refused.type or (refused.type[0] == "/" and found["type"] == live.url + refused.type)
    assert found["title"]
    assert found["detail"]
    assert found["instance"] == urlsplit(refused.path.replace("{job}", job_id)).path
    assert kind(answer) == "application/json"


@pytest.mark.parametrize("path", [*DOCUMENTS, "/api", "/jobs/{job}/results", "/jobs/{job}/results/letter", "/none"])
def test_head(live: Server, job_id: str, path: str) -> None:
    """HEAD works wherever GET does, with the same status, type and length, and no body."""
    url = path.format(job=job_id)
    # What runs changes between two requests.
    until(lambda: not live.http.get("/jobs?status=accepted,running").json()["jobs"])

    got, head = live.http.get(url), live.http.head(url)

    assert head.content == b""
    assert head.status_code == got.status_code
    for name in ("content-type", "content-length"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", ["/", "/processes", "/processes/echo", "/processes/echo/execution", "/jobs/none"])
def test_trace(live: Server, path: str) -> None:
    """TRACE is 405 everywhere, and Allow says what is not."""
    answer = live.http.request("TRACE", path)

    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert answer.json()["type"].endswith("/problems/method-not-allowed")


@pytest.mark.parametrize(
    "path", ["/no", "/no/such", "/processes/", "/processes/echo/none", "/jobs/none/none", "/%00", "/..%2f", "/é"]
)
def test_unknown_paths(live: Server, path: str) -> None:
    """A path that leads nowhere is a 404 problem, or a redirection to where it does."""
    answer = live.http.get(path)

    if answer.is_redirect:
        assert urlsplit(answer.headers["location"]).path == path.rstrip("/")
    else:
        assert answer.status_code == 404
        assert answer.json()["status"] == 404


@pytest.mark.parametrize("path", ["/", "/jobs/none", "/jobs?limit=0"])
def test_cors(live: Server, path: str) -> None:
    """Scripts of any origin may read every answer, and the headers that clients need."""
    answer = live.http.get(path, headers={"Origin": "https://example.org"})

    assert answer.headers["access-control-allow-origin"] in ("*", "https://example.org")
    exposed = {each.strip().lower() for each in answer.headers["access-control-expose-headers"].split(",")}
    assert {"location", "link", "preference-applied", "content-disposition", "content-id"} <= exposed


@pytest.mark.parametrize(("method", "path"), [("POST", "/processes/echo/execution"), ("DELETE", "/jobs/none")])
def test_cors_preflight(live: Server, method: str, path: str) -> None:
    """A browser that asks beforehand is let through, with its own headers."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type, prefer"}

    answer = live.http.options(path, headers={"Origin": "https://example.org", **asked})

    assert answer.status_code in (200, 204)
    assert method in answer.headers["access-control-allow-methods"]
    assert "prefer" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_links(live: Server, job_id: str, path: str) -> None:
    """Every link has an absolute URL, a relation and a type, and no member of any document is null."""
    document = live.http.get(path.format(job=job_id)).json()

    found = list(reading.links(document)) or document.get("conformsTo")
    assert found
    for each in reading.links(document):
        assert urlsplit(each["href"]).scheme in ("http", "https")
        assert each["rel"]
        assert re.fullmatch(r"[\w.+-]+/[\w.+-]+(;.*)?", each["type"])
    assert list(reading.nulls(document)) == []


@pytest.mark.parametrize("path", [each for each in DOCUMENTS if each != "/conformance"])
def test_links_lead_somewhere(live: Server, job_id: str, path: str) -> None:
    """Every link to this server can be followed and gives the type that it says."""
    document = live.http.get(path.format(job=job_id)).json()

    for each in document["links"]:
        if each["href"].startswith(live.url) and each["rel"] != REL + "execute":
            answer = live.http.get(each["href"], headers={"Accept": each["type"]})
            assert answer.status_code == 200, each
            assert kind(answer) == reading.essence(each["type"]), each


# Landing page, conformance.


@pytest.mark.requirement(
    "/req/core/landingpage-op",
    "/req/core/landingpage-success",
    "/req/landing-page/root-op",
    "/req/landing-page/root-success",
)
def test_landing_page(live: Server) -> None:
    """It links to the API definition, the conformance classes, the processes and the jobs."""
    found = reading.rels(live.http.get("/").json())

    wanted = {"service-desc", REL + "conformance", REL + "processes", REL + "job-list"}
    assert wanted <= set(found)
    assert found[REL + "processes"] == f"{live.url}/processes"


@pytest.mark.requirement(
    "/req/core/api-definition-op",
    "/req/core/api-definition-success",
    "/req/landing-page/api-definition-op",
    "/req/landing-page/api-definition-success",
)
def test_api_definition(live: Server) -> None:
    """The API definition is where the landing page says, and of the type that it says."""
    link = next(each for each in live.http.get("/").json()["links"] if each["rel"] == "service-desc")

    answer = live.http.get(link["href"])

    assert link["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert answer.headers["content-type"].replace(" ", "").startswith(link["type"])
    assert answer.json()["openapi"].startswith("3.0.")


@pytest.mark.requirement(
    "/req/core/conformance-op",
    "/req/core/conformance-success",
    "/req/landing-page/conformance-op",
    "/req/landing-page/conformance-success",
)
def test_conformance_of_common(live: Server) -> None:
    """A class is listed once, and the ones that others build on are there."""
    found = live.http.get("/conformance").json()["conformsTo"]

    assert len(found) == len(set(found))
    assert "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core" in found
    assert "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core" in found
    assert all(each.startswith("http://www.opengis.net/spec/ogcapi-") for each in found)


# Lists.


@pytest.mark.requirement(
    "/req/core/pl-limit-definition",
    "/req/job-list/limit-definition",
    "/req/core/query-param-value-integer",
)
@pytest.mark.parametrize("path", ["/processes", "/jobs"])
@pytest.mark.parametrize("limit", BAD_LIMITS)
def test_limit_definition(live: Server, path: str, limit: str) -> None:
    """`limit` is a whole number from 1; anything else is a bad value."""
    answer = live.http.get(path, params={"limit": limit})

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")


@pytest.mark.requirement("/req/core/pl-limit-response", "/req/job-list/limit-response")
@pytest.mark.parametrize("path", ["/processes", "/jobs"])
@pytest.mark.parametrize(
    "limit",
    [
        "1",
        "2",
        "1001",
        "1000000",
        "999999999999999999",
        "9" * 25,
    ],
)
def test_limit_response(live: Server, executions: Executions, path: str, limit: str) -> None:
    """A page has at most `limit` items; a limit above the maximum is lowered."""
    executions.get("one", "async")
    executions.get("many-json", "async")
    answer = live.http.get(path, params={"limit": limit})

    assert answer.status_code == 200
    found = answer.json()[path.removeprefix("/")]
    assert 1 <= len(found) <= int(limit)


@pytest.mark.parametrize(("path", "key"), [("/processes", "id"), ("/jobs", "jobID")])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_next_links(live: Server, executions: Executions, path: str, key: str, size: int) -> None:
    """Following `next` gives every item once, until a page has none; `prev` leads back over the same pages."""
    executions.finish()
    name = path.removeprefix("/")
    whole = [each[key] for each in live.http.get(f"{path}?limit=1000").json()[name]]

    pages = list(reading.pages(live, f"{path}?limit={size}"))

    assert [each[key] for page in pages for each in page[name]] == whole
    assert {len(page[name]) for page in pages[:-1]} == {size}
    assert len(whole) > 3
    back = list(reading.pages(live, reading.rels(pages[-1])["self"], "prev"))
    assert [[each[key] for each in page[name]] for page in reversed(back)] == [
        [each[key] for each in page[name]] for page in pages
    ]


@pytest.mark.requirement("/req/core/pl-links", "/req/job-list/links")
@pytest.mark.parametrize("path", ["/processes?limit=2", "/jobs?limit=2&status=successful"])
def test_self_link(live: Server, path: str) -> None:
    """A list links to itself as it was asked for."""
    assert reading.rels(live.http.get(path).json())["self"] == live.url + path


#: What becomes of a good cursor.
SPOILT: dict[str, Callable[[str], str]] = {
    "short": lambda cursor: cursor[:-1],
    "long": lambda cursor: cursor + "A",
    "padded": lambda cursor: cursor + "=",
    "blank": lambda cursor: cursor + " ",
    "other": lambda cursor: ("B" if cursor[0] == "A" else "A") + cursor[1:],
    "other-end": lambda cursor: cursor[:-1] + ("B" if cursor[-1] == "A" else "A"),
    "empty": lambda _: "",
    "number": lambda _: "1",
    "negative": lambda _: "-1",
    "no-ascii": lambda _: "\u00e4\u0660",
    "nothing-signed": lambda _: "A" * 16,
    "endless": lambda cursor: cursor * 500,
}


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("path", ["/processes", "/jobs"])
def test_bad_cursor(live: Server, executions: Executions, path: str, spoilt: str) -> None:
    """A cursor that no `next` link has is a bad value."""
    executions.get("one", "async")
    executions.get("many-json", "async")
    cursor = SPOILT[spoilt](_next_cursor(live, f"{path}?limit=1"))
    answer = live.http.get(path, params={"cursor": cursor})

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")
    assert "cursor" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("made", "used"),
    [
        ("/jobs?limit=1", "/processes?limit=1"),
        ("/processes?limit=1", "/jobs?limit=1"),
        ("/jobs?limit=1", "/jobs?limit=1&status=successful"),
        ("/jobs?limit=1&minDuration=0", "/jobs?limit=1&minDuration=1"),
        ("/jobs?limit=1&datetime=2020-01-01T00:00:00Z/..", "/jobs?limit=1&datetime=2020-01-02T00:00:00Z/.."),
    ],
)
def test_cursor_of_another_list(live: Server, executions: Executions, made: str, used: str) -> None:
    """A cursor leads on in the list that it is of, whatever the size of the pages, and in no other."""
    executions.get("one", "async")
    executions.get("many-json", "async")
    cursor = _next_cursor(live, made)

    assert live.http.get(f"{made}&cursor={cursor}".replace("limit=1", "limit=5")).status_code == 200
    assert live.http.get(f"{used}&cursor={cursor}").status_code == 400


def _next_cursor(live: Server, path: str) -> str:
    url = reading.rels(live.http.get(path).json())["next"]
    return parse_qs(urlsplit(url).query)["cursor"][0]


# Processes.


@pytest.mark.requirement(
    "/req/core/process-list",
    "/req/core/process-list-op",
    "/req/core/process-list-success",
    "/req/deploy-replace-undeploy/static-indicator",
)
def test_process_list(live: Server) -> None:
    """Each summary has an id, a version, its modes, a boolean `mutable` and a link to the description."""
    found = live.http.get("/processes?limit=1000").json()["processes"]

    for each in found:
        assert {"id", "version", "jobControlOptions", "outputTransmission", "mutable"} <= set(each)
        assert isinstance(each["mutable"], bool)
        assert reading.rels(each)["self"] == f"{live.url}/processes/{each['id']}"
    assert [each["id"] for each in found if not each["mutable"]] == ["echo"]


@pytest.mark.requirement(
    "/req/core/process",
    "/req/core/process-success",
    "/req/core/process-description-op",
    "/req/core/process-description-success",
    "/req/ogc-process-description/inputs-def",
    "/req/ogc-process-description/input-def",
    "/req/ogc-process-description/outputs-def",
    "/req/ogc-process-description/output-def",
)
@pytest.mark.parametrize("process", ["echo", "ndvi", "word-count", "every-kind", "many"])
def test_process_description(live: Server, process: str) -> None:
    """Inputs and outputs are objects, each with a schema, and the description links to its execution."""
    found = live.http.get(f"/processes/{process}").json()

    for each in (*found["inputs"].values(), *found["outputs"].values()):
        assert isinstance(each["schema"], dict)
        assert not {"const", "examples", "$defs", "if"} & set(each["schema"])
        assert not isinstance(each["schema"].get("type"), list)
    assert reading.rels(found)[REL + "execute"] == f"{live.url}/processes/{process}/execution"
    assert reading.rels(found)["profile"].endswith("/ogc-process-description")


@pytest.mark.requirement("/req/ogc-process-description/data-classes")
def test_data_classes(live: Server) -> None:
    """What a package says of the classes of its data is in the description: ids of OGC's register, and URIs."""
    classes = ["sentinel2", "http://www.opengis.net/def/dataClass/OGC/0/landsat-8"]
    scene = {"schema": {"type": "string", "contentMediaType": "image/tiff"}, "dataClasses": classes}
    package = shell_package("data-classes", "true", {"scene": scene}, {"out": {**scene, "dataClasses": []}})
    answer = live.deploy(package)
    found = live.http.get("/processes/data-classes").json()
    live.http.delete("/processes/data-classes")

    assert answer.status_code == 201, answer.text
    assert found["inputs"]["scene"]["dataClasses"] == classes
    assert found["outputs"]["out"]["dataClasses"] == []


@pytest.mark.requirement("/req/ogc-process-description/data-classes")
@pytest.mark.parametrize("classes", ["sentinel2", {}, [1], ["sentinel 2"], ["ftp://h/c"], [""]])
def test_what_is_no_list_of_data_classes(live: Server, classes: Any) -> None:
    """It is refused, not left out."""
    scene = {"schema": {"type": "string"}, "dataClasses": classes}
    answer = live.deploy(shell_package("data-classes", "true", {"scene": scene}))

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/processDescription/inputs/scene/dataClasses"]


@pytest.mark.requirement("/req/ogc-process-description/execution-unit-requirements")
@pytest.mark.parametrize(
    ("more", "network"),
    [
        ({}, False),
        ({"hints": {"NetworkAccess": {"networkAccess": True}}}, True),
        ({"hints": {"NetworkAccess": {"networkAccess": False}}}, False),
        ({"hints": {"NetworkAccess": {"networkAccess": "$(inputs.on)"}, "InlineJavascriptRequirement": {}}}, True),
        ({"cwlVersion": "v1.0"}, True),
    ],
)
def test_execution_unit_requirements(live: Server, more: dict[str, Any], network: bool) -> None:
    """Files are there when a tool runs; whether it can fetch others is said."""
    tool = {**shell_tool("true", id="unit", inputs={"on": "boolean?", "file": "File"}), **more}
    answer = live.deploy(tool, "application/cwl+json")
    inputs = live.http.get("/processes/unit").json()["inputs"]
    live.http.delete("/processes/unit")

    assert answer.status_code == 201, answer.text
    assert inputs["file"]["executionUnitRequirements"] == {"remote-access": network, "staging": "local-file"}
    assert "executionUnitRequirements" not in inputs["on"]


# Part 2.

OLDER: dict[str, tuple[str, Any]] = {
    "unit-in-a-list": ("application/ogcapppkg+json", lambda body: {**body, "executionUnit": [body["executionUnit"]]}),
    "flat-description": ("application/ogcapppkg+json", lambda body: body),
    "wrapped-description": (
        "application/ogcapppkg+json",
        lambda body: {**body, "processDescription": {"process": body["processDescription"]}},
    ),
    "docker-url": (
        "application/ogcapppkg+json",
        lambda body: {**body, "executionUnit": {**body["executionUnit"], "image": "docker://busybox:stable"}},
    ),
    "oci": (
        "application/ogcapppkg+json",
        lambda body: {**body, "executionUnit": {**body["executionUnit"], "type": "oci"}},
    ),
    "deployment-profile": (
        "application/ogcapppkg+json; charset=UTF-8",
        lambda body: {**body, "deploymentProfile": "http://www.opengis.net/profiles/eoc/dockerizedApplication"},
    ),
    "as-json": ("application/json", lambda body: body),
    "media-type-in-capitals": ("Application/OGCAppPkg+JSON", lambda body: body),
    "cwl-under-unit": (
        "application/ogcapppkg+json",
        lambda body: {"processDescription": body["processDescription"], "executionUnit": [{"unit": cwl()}]},
    ),
    "cwl-by-value": (
        "application/ogcapppkg+json",
        lambda body: {
            "processDescription": body["processDescription"],
            "executionUnit": {"value": cwl(), "mediaType": "application/cwl+json"},
        },
    ),
    "cwl-alone": (
        "application/ogcapppkg+json",
        lambda _: {"executionUnit": {"value": cwl(), "mediaType": "application/cwl+json"}},
    ),
    "cwl-json": ("application/cwl+json", lambda _: cwl()),
    "cwl-json-as-cwl": ("application/cwl", lambda _: cwl()),
    "cwl-json-as-yaml": ("application/cwl+yaml; charset=ISO-8859-1", lambda _: cwl()),
}


def cwl() -> dict[str, Any]:
    return {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "older",
        "hints": {"DockerRequirement": {"dockerPull": "busybox:stable"}},
        "baseCommand": "true",
        "inputs": {},
        "outputs": {},
    }


@pytest.fixture
def older(live: Server) -> Iterator[str]:
    """The id of a process that is gone afterwards."""
    yield "older"
    live.http.delete("/processes/older")


@pytest.mark.requirement(
    "/req/deploy-replace-undeploy/deploy-post-op",
    "/req/deploy-replace-undeploy/deploy-content-type",
    "/req/deploy-replace-undeploy/deploy-body",
    "/req/deploy-replace-undeploy/deploy-response-success",
    "/req/deploy-replace-undeploy/deploy-response-body",
    "/req/deploy-replace-undeploy/deploy-response-pid",
    "/req/deploy-replace-undeploy/undeploy-delete-op",
    "/req/deploy-replace-undeploy/undeploy-response",
    "/req/ogcapppkg/body",
    "/req/ogcapppkg/deploy-body",
    "/req/ogcapppkg/process-description",
    "/req/ogcapppkg/profile-docker",
    "/req/docker/execution-unit",
    "/req/cwl/body",
    "/req/cwl/deploy-body",
    "/req/cwl/execution-unit",
)
@pytest.mark.parametrize("shape", OLDER)
def test_deploy(live: Server, older: str, shape: str) -> None:
    """Every form of a package deploys: 201, one Location, the summary; and is undeployed with 204."""
    media_type, shaped = OLDER[shape]
    body = shaped(shell_package(older, "true"))

    answer = live.deploy(body, media_type)

    assert answer.status_code == 201, answer.text
    assert answer.headers.get_list("location") == [f"{live.url}/processes/{older}"]
    assert answer.json()["id"] == older
    assert answer.json()["mutable"] is True
    assert not {"inputs", "outputs"} & set(answer.json())
    assert live.http.delete(f"/processes/{older}").status_code == 204


@pytest.mark.requirement("/req/cwl/deploy-w-param")
def test_one_workflow_of_several(live: Server, older: str) -> None:
    """The one that `w` names is deployed, without it the first; GET /processes/{id}/package has all of them."""
    flows = [
        {"class": "Workflow", "id": name, "inputs": {}, "outputs": {}, "steps": {}}
        for name in ("first", older, "third")
    ]
    body = {"cwlVersion": "v1.2", "$graph": flows}

    named = live.http.post(f"/processes?w={older}", json=body, headers=problems.CWL)
    first = live.deploy(body, problems.CWL["Content-Type"])

    assert (named.status_code, named.json()["id"]) == (201, older), named.text
    assert (first.status_code, first.json()["id"]) == (201, "first"), first.text
    assert live.http.get(f"/processes/{older}/package").json() == body
    assert live.http.delete("/processes/first").status_code == 204


@pytest.mark.requirement(
    "/req/deploy-replace-undeploy/package-get-op",
    "/req/deploy-replace-undeploy/package-response-success",
)
def test_deploy_in_latin_1(live: Server, older: str) -> None:
    """What old clients send is read as ISO-8859-1 where it is not UTF-8, a package like a CWL document."""
    body = json.dumps(shell_package(older, "echo café"), ensure_ascii=False).encode("latin-1")

    answer = live.http.post("/processes", content=body, headers=problems.PACKAGE)

    assert answer.status_code == 201, answer.text
    assert live.http.get(f"/processes/{older}/package").content == body


@pytest.mark.requirement(
    "/req/deploy-replace-undeploy/replace-put-op",
    "/req/deploy-replace-undeploy/replace-content-type",
    "/req/deploy-replace-undeploy/replace-body",
    "/req/deploy-replace-undeploy/replace-response",
    "/req/deploy-replace-undeploy/package-response-body",
    "/req/ogcapppkg/replace-body",
    "/req/ogcapppkg/package-response-body",
)
def test_replace_shows(live: Server, older: str) -> None:
    """After PUT the description and the package are the new ones."""
    live.deploy(shell_package(older, "true")).raise_for_status()
    body = shell_package(older, "false")
    body["processDescription"]["title"] = "New"

    answer = live.http.put(f"/processes/{older}", json=body, headers=problems.PACKAGE)

    assert (answer.status_code, answer.content) == (204, b"")
    assert live.http.get(f"/processes/{older}").json()["title"] == "New"
    assert live.http.get(f"/processes/{older}/package").json() == body


def test_replace_with_another_id(live: Server, older: str) -> None:
    """A package that describes another process than the path names is refused."""
    live.deploy(shell_package(older, "true")).raise_for_status()

    answer = live.http.put(f"/processes/{older}", json=shell_package("other", "true"), headers=problems.PACKAGE)

    assert answer.status_code in (400, 409, 422)


def test_undeploy_keeps_the_jobs(live: Server, older: str) -> None:
    """What has run stays readable when its process is gone."""
    live.deploy(shell_package(older, "echo x > letter.txt", outputs={"letter": {"schema": {"type": "string"}}}))
    job_id = live.submit(older, response="document")
    live.wait(job_id)

    assert live.http.delete(f"/processes/{older}").status_code == 204

    assert live.status(job_id)["status"] == "successful"
    assert live.http.get(f"/jobs/{job_id}/results").status_code == 200
