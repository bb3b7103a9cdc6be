"""What OGC's test suites send, replayed: Part 1 from its recorded requests, Part 2 from its description."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
import pytest

from tests.live import EXAMPLES, Server, serving, until
from tests.standards import schemas
from tests.standards.processes import DATA
from tests.standards.reading import REL, X1, X2, essence, kind, link_headers, parts, rels, send

TESTS: dict[str, list[dict[str, Any]]] = {each["test"]: each["steps"] for each in schemas.requests()}

SETTINGS: dict[str, dict[str, str]] = {"default": {"SLOTS": "4"}, "unlisted": {"SLOTS": "4", "SYNC_JOBS": "unlisted"}}

#: The suite takes what stands before the first `;` of a Link header, angle brackets included, for a URL.
MISREADS_LINK_HEADERS = "Jobs.testJobResultsSync"


class Replay:
    """Every test of Part 1 against one server, a few at a time; the ones that look at all jobs come last.

    Many tests send the very same requests and expect the same: these are sent once.
    """

    def __init__(self, server: Server, pool: ThreadPoolExecutor) -> None:
        self._server = server
        self._found: dict[str, Future[str | None]] = {}
        for name in sorted(TESTS, key=lambda name: name.startswith("JobList.")):
            before = list(self._found.values()) if name.startswith("JobList.") else []
            key = json.dumps(TESTS[name])
            if key not in self._found:
                self._found[key] = pool.submit(self._problem, name, before)

    def problem(self, name: str) -> str | None:
        """What a test has against the server; None: it passes."""
        return self._found[json.dumps(TESTS[name])].result()

    def _problem(self, name: str, before: list[Future[str | None]]) -> str | None:
        wait(before)
        try:
            self._replay(TESTS[name])
        except AssertionError as error:
            return str(error) or "an assertion"
        return None

    def _replay(self, steps: list[dict[str, Any]]) -> None:
        known = {"uuid": str(uuid.uuid4())}
        for step in steps:
            polled = "poll" in step["expect"]
            answer = until(partial(self._polled, step, known)) if polled else self._send(step, known)
            if "location" in answer.headers:
                known["Location"] = answer.headers["location"]
            check(self._server, answer, step["expect"])

    def _polled(self, step: dict[str, Any], known: dict[str, str]) -> httpx.Response | None:
        answer = self._send(step, known)
        found = rels(answer.json())
        if REL + "results" in found:
            known["resultsLink"] = found[REL + "results"]
            return answer
        known["Location"] = found.get("monitor") or found["status"]
        return None

    def _send(self, step: dict[str, Any], known: dict[str, str]) -> httpx.Response:
        def filled(text: str) -> str:
            return re.sub(r"\{(uuid|Location|resultsLink)\}", lambda match: known[match[1]], text)

        body = step.get("body")
        content = None if body is None else filled(json.dumps(body)).encode()
        return send(self._server, step["method"], filled(step["path"]), step["headers"], content)


def check(server: Server, answer: httpx.Response, expected: dict[str, Any]) -> None:
    """Every expectation that the recorded requests know; another one is an error."""
    for name, value in expected.items():
        if name == "note":
            _check_note(server, answer, value)
        else:
            CHECKS[name](answer, value)


def _status(answer: httpx.Response, expected: Any) -> None:
    fine = answer.status_code > 200 if expected == ">200" else answer.status_code in expected
    assert fine, f"{answer.status_code} is not {expected}: {answer.text}"


def _length(member: str) -> Callable[[httpx.Response, Any], None]:
    def check_length(answer: httpx.Response, expected: Any) -> None:
        found = len(answer.json()[member])
        assert found > 0 if expected == ">0" else found == expected, f"{found} is not {expected}"

    return check_length


def _link_rels(answer: httpx.Response, expected: list[str | list[str]]) -> None:
    found = set(rels(answer.json()))
    for each in expected:
        assert found & {*([each] if isinstance(each, str) else each)}, f"no link {each}"


def _schema(answer: httpx.Response, expected: str) -> None:
    found = schemas.problems(answer.json(), expected)
    assert not found, "; ".join(found)


def _headers(answer: httpx.Response, expected: list[str]) -> None:
    for each in expected:
        assert answer.headers.get(each, "").startswith("http"), f"no {each}"


def _contains(answer: httpx.Response, expected: str) -> None:
    assert expected in answer.json()["conformsTo"], f"no {expected}"


def _body_contains(answer: httpx.Response, expected: str) -> None:
    assert expected in answer.text, f"no {expected} in {answer.text}"


def _json(answer: httpx.Response, expected: str) -> None:
    assert kind(answer) == expected, f"{answer.headers['content-type']} is not {expected}"


def _links(answer: httpx.Response, expected: str) -> None:
    assert expected == "array"
    assert isinstance(answer.json()["links"], list), "no links"


def _status_line(answer: httpx.Response, expected: str) -> None:
    assert answer.http_version == expected, answer.http_version


def _type(answer: httpx.Response, expected: str) -> None:
    assert answer.json()["type"] == expected, answer.json()["type"]


CHECKS: dict[str, Callable[[httpx.Response, Any], None]] = {
    "status": _status,
    "statusLineContains": _status_line,
    "schema": _schema,
    "linkRels": _link_rels,
    "contains": _contains,
    "bodyContains": _body_contains,
    "processes.length": _length("processes"),
    "jobs.length": _length("jobs"),
    "links": _links,
    "contentType": _json,
    "headers": _headers,
    "type": _type,
    "poll": lambda *_: None,
}


def _check_note(server: Server, answer: httpx.Response, note: str) -> None:
    """What the recorded requests say in words."""
    if note.startswith("200: multipart/related"):
        if answer.status_code == 201:
            _schema(server.http.get(answer.headers["location"]), "statusInfo")
        else:
            _has_text_part(answer)
    elif note.startswith("if any Link header"):
        _is_monitored(server, answer)
    else:
        assert note in ("sent without an Accept header", "or 201 whose job ends failed"), f"unknown: {note}"


def _has_text_part(answer: httpx.Response) -> None:
    """As the suite reads it: the first line of the body is the boundary, whatever the header says."""
    assert kind(answer) == "multipart/related", f"{kind(answer)}"
    boundary, _, rest = answer.content.partition(b"\r\n")
    assert boundary.startswith(b"--"), "the body does not begin with a boundary"
    texts = []
    for part in rest.split(boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        if re.search(rb"(?im)^content-type:\s*text/plain", head):
            texts.append(content.removesuffix(b"\r\n"))
    assert b"teststring" in texts, f"no text/plain part with teststring: {texts}"


def _is_monitored(server: Server, answer: httpx.Response) -> None:
    given = answer.headers.get_list("link")
    if given:
        monitors = [each for each in given if "rel=monitor" in each]
        assert monitors, "no rel=monitor"
        url = monitors[0].partition(";")[0]
        assert url.startswith("http"), f"no URL: {url}"
        assert server.http.get(url).status_code == 200


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Replay]]:
    """The whole suite against each of the settings."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serving(tmp_path_factory.mktemp(name) / "data", **settings))
            for name, settings in SETTINGS.items()
        }
        pool = stack.enter_context(ThreadPoolExecutor(8))
        yield {name: Replay(server, pool) for name, server in servers.items()}


@schemas.required
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", TESTS)
def test_part_1(replays: dict[str, Replay], name: str, setting: str) -> None:
    """Each test of the suite passes, but for the one that can't read the Link header of a listed synchronous job."""
    problem = replays[setting].problem(name)

    if (setting, name) == ("default", MISREADS_LINK_HEADERS):
        assert problem is not None
        assert problem.startswith("no URL: <http")
    else:
        assert problem is None


def test_the_misread_link_header_is_right(live: Server) -> None:
    """The header that one test of the suite trips over is an RFC 8288 link to the job."""
    answer = live.execute("echo", {"stringInput": "teststring"}, response="document")

    (monitor,) = [each for each in link_headers(answer) if each.rel == "monitor"]
    assert live.http.get(monitor.href).json()["status"] == "successful"


def test_first_request_of_the_suite(live: Server) -> None:
    """Java's own Accept header, with a bare star in it, gets an answer with a type."""
    answer = send(live, "GET", "/", {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"})

    assert answer.status_code == 200
    assert answer.headers["content-type"]


# Part 2.

BODIES: dict[str, tuple[str, bytes]] = {
    "cwl": ("application/cwl+yaml", (DATA / "suite.cwl").read_bytes()),
    "cwl-latin-1": ("application/cwl+yaml", (DATA / "suite.cwl").read_text().replace("(c)", "©").encode("latin-1")),
    "docker": (
        "application/ogcapppkg+json",
        (schemas.SUITE / "part2-docker-ogcapppkg.json").read_bytes() if schemas.SUITE.is_dir() else b"",
    ),
    "ogcapppkg": ("application/ogcapppkg+json", b'{"executionUnit":{"href":"{url}","type":"application/cwl"}}'),
}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_part_2_http(live: Server, method: str) -> None:
    """GeneralHttp: the methods of the extension are known, even where the request is nonsense."""
    path = "/processes" if method == "POST" else "/processes/not-existing-process"

    assert live.http.request(method, path).status_code not in (405, 500, 501)


def test_part_2_conformance(live: Server) -> None:
    """Conformance: the extension is declared with the URI that the suite compares with."""
    document = live.http.get("/conformance").json()

    assert "http://www.opengis.net/spec/ogcapi-processes-2/1.0/conf/deploy-replace-undeploy" in document["conformsTo"]


@pytest.mark.parametrize("path", ["/processes", "/processes/null"])
def test_part_2_unsupported_content_type(live: Server, path: str) -> None:
    """dru.test{Post,Put}UnsupportedContentType: 415, also for a process that does not exist."""
    answer = live.http.request(
        "POST" if path == "/processes" else "PUT", path, headers={"Content-Type": "text/plain"}, content=b""
    )

    assert answer.status_code == 415
    assert answer.json()["type"] == X2 + "unsupported-media-type"


def test_part_2_mutability_and_undeploy(tmp_path_factory: pytest.TempPathFactory) -> None:
    """dru: the first page says what is mutable; the first such process can go, the first other one can't."""
    with serving(tmp_path_factory.mktemp("dru") / "data") as server:
        media_type, body = BODIES["cwl"]
        server.http.post("/processes", content=body, headers={"Content-Type": media_type})
        found = server.http.get("/processes").json()["processes"]
        assert all(isinstance(each["mutable"], bool) for each in found)
        mutable = next(each["id"] for each in found if each["mutable"])
        immutable = next(each["id"] for each in found if not each["mutable"])

        refused = server.http.delete(f"/processes/{immutable}")

        assert server.http.delete(f"/processes/{mutable}").status_code == 204
        assert refused.status_code == 403
        assert refused.json()["type"] == X2 + "immutable-process"


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=schemas.required) if each == "docker" else each for each in BODIES]
)
def test_part_2_deploy_replace_undeploy(live: Server, suite_url: str, name: str) -> None:
    """{cwl,ogcapppkg,docker}.testProcess{Deploy,Replace}: 201 with one Location, 409 again, 204 for PUT, DELETE."""
    media_type, body = BODIES[name]
    content, headers = body.replace(b"{url}", suite_url.encode()), {"Content-Type": media_type}
    try:
        deployed = live.http.post("/processes", content=content, headers=headers)
        again = live.http.post("/processes", content=content, headers=headers)

        assert deployed.status_code == 201, deployed.text
        (location,) = deployed.headers.get_list("location")
        assert "/processes/" in location
        assert again.status_code == 409
        assert again.json()["type"] == X2 + "duplicated-process"
        assert live.http.put(location, content=content, headers=headers).status_code == 204
        package = live.http.get(f"{location}/package")
        assert (package.content, essence(package.headers["content-type"])) == (content, media_type)
    finally:
        gone = live.http.delete(deployed.headers.get("location", "/processes/none"))
    assert gone.status_code == 204
    assert live.http.get(location).json()["type"] == X1 + "no-such-process"


@pytest.fixture
def suite_url(files: tuple[Any, str]) -> str:
    """Where the suite's CWL document can be fetched."""
    folder, url = files
    (folder / "suite.cwl").write_bytes(BODIES["cwl"][1])
    return f"{url}/suite.cwl"


# What the suite expects of the process that it is given to try.


@pytest.mark.requirement(
    "/req/core/test-process",
    "/req/ogc-process-description/input-mixed-type",
    "/req/ogc-process-description/input-multiple-types",
    "/req/ogc-process-description/output-mixed-type",
    "/req/ogc-process-description/output-multiple-types",
)
def test_echo_process_suits_the_suite(live: Server) -> None:
    """The built-in echo has what the suite needs, and nothing that it can't digest."""
    described = live.http.get("/processes/echo").json()
    inputs, outputs = described["inputs"], described["outputs"]

    required = {name for name, each in inputs.items() if each.get("minOccurs", 1) > 0}
    sent = {name for name, each in inputs.items() if plain_string(each["schema"])}
    first, *_ = inputs
    assert first in outputs, "single-output tests look for an output named like the first input"
    assert required <= sent, "the suite sends nothing but plain strings"
    assert required, "a body without inputs has to be refused"
    assert inputs["pause"]["schema"]["type"] == "integer"
    assert any("oneOf" in each["schema"] for each in inputs.values())
    assert any("oneOf" in each["schema"] for each in outputs.values())
    assert all("schema" in each for each in (*inputs.values(), *outputs.values()))
    arrays = [each["schema"] for each in inputs.values() if each["schema"].get("type") == "array"]
    assert [each["items"] for each in arrays] == [{"type": "integer"}]
    assert {"sync-execute", "async-execute"} <= set(described["jobControlOptions"])


def test_request_that_the_suite_makes_for_this_echo(live: Server) -> None:
    """All outputs are asked for, few inputs are sent: the text is there, and what was not sent is left out."""
    described = live.http.get("/processes/echo").json()
    sent: dict[str, Any] = {
        name: "teststring" if plain_string(each["schema"]) else {"value": "teststring"}
        for name, each in described["inputs"].items()
        if plain_string(each["schema"]) or {"type": "object"} in each["schema"].get("oneOf", [])
    }
    outputs = {name: {"transmissionMode": "value"} for name in described["outputs"]}

    answer = live.execute("echo", sent, {"Accept": "application/json"}, outputs=outputs)

    assert answer.status_code == 200
    assert {name: part.content for name, part in parts(answer).items()} == dict.fromkeys(sent, b"teststring")
    assert {part.kind for part in parts(answer).values()} == {"text/plain"}


@pytest.mark.parametrize(
    "forbidden",
    ["$ref", "const", "examples", "$defs", "if"],
)
def test_echo_schemas_have_no(live: Server, forbidden: str) -> None:
    """The suite's validator chokes on these inside a schema."""
    assert f'"{forbidden}":' not in live.http.get("/processes/echo").text


def test_echo_has_no_binary_input(live: Server) -> None:
    """The suite would send a file that its archive lacks, or a link to a host on the internet."""
    inputs = live.http.get("/processes/echo").json()["inputs"]

    assert [name for name, each in inputs.items() if is_binary(each["schema"])] == []


def plain_string(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" and not {"format", "contentMediaType"} & set(schema)


def is_binary(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "byte" or schema.get("contentEncoding") == "binary"


@schemas.required
def test_example_of_an_echo_process_deploys(live: Server) -> None:
    """A description made for the suite is accepted as that of a plain image, and shown as it was sent."""
    path = schemas.SUITE / "part1-echo-process.example.json"
    described = {**json.loads(path.read_text()), "id": "echo-of-the-suite"}
    unit = json.loads((EXAMPLES / "ndvi" / "ndvi.json").read_text())["executionUnit"]
    package = {"processDescription": {"process": described}, "executionUnit": unit}

    deployed = live.deploy(package)
    shown = live.http.get(deployed.headers["location"]).json()

    assert deployed.status_code == 201, deployed.text
    for name, each in described["inputs"].items():
        assert shown["inputs"][name]["schema"] == each["schema"]
    assert set(shown["outputs"]) == set(described["outputs"])
    assert live.http.delete(deployed.headers["location"]).status_code == 204
