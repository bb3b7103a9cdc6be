"""The API definition: valid in both versions, complete, and true."""

from __future__ import annotations

import html.parser
import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from server import links
from server.openapi.document import EVERYWHERE
from server.openapi.schemas import SCHEMAS
from server.routes import ENDPOINTS
from tests.live import Server, shell_package

OPENAPI_3_0 = "application/vnd.oai.openapi+json;version=3.0"
OPENAPI_3_1 = "application/vnd.oai.openapi+json;version=3.1"
VALIDATORS = {"oas30": OpenAPIV30SpecValidator, "oas31": OpenAPIV31SpecValidator}

#: Their successful answers are no JSON.
WITHOUT_JSON = {
    "page-style",
    "health",
    "ready",
    "package",
    "process-file",
    "job-file",
    "job-command",
    "log",
    "job-log",
    "bundle",
}


def definition(server: Server, form: str, path: str = "/api") -> dict[str, Any]:
    found: dict[str, Any] = server.http.get(f"{path}?f={form}").raise_for_status().json()
    return found


def operations(definition: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in definition["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


@pytest.mark.requirement("/req/oas30/oas-definition-2", "/req/oas30/oas-definition", "/req/oas31/oas-definition")
@pytest.mark.parametrize("form", VALIDATORS)
@pytest.mark.parametrize("path", ["/api", "/processes/echo/api", "/processes/every-kind/api", "/processes/ndvi/api"])
def test_definitions_are_valid(live: Server, form: str, path: str) -> None:
    """As openapi-spec-validator judges, with each process that is deployed."""
    found = definition(live, form, path)

    assert [str(each)[:500] for each in VALIDATORS[form](found).iter_errors()] == []
    assert found["openapi"] == {"oas30": "3.0.3", "oas31": "3.1.0"}[form]


@pytest.mark.requirement("/req/oas30/oas-impl", "/req/oas30/completeness", "/req/oas/oas-impl")
@pytest.mark.parametrize("form", VALIDATORS)
def test_each_route_and_each_process_has_an_operation(live: Server, form: str) -> None:
    """And nothing else has one; no two have the same id."""
    found = list(operations(definition(live, form)))
    deployed = [each["id"] for each in live.http.get("/processes?limit=1000").json()["processes"]]

    routes = {(each.method, each.path.replace(":path}", "}")) for each in ENDPOINTS}
    processes = {("POST", f"/processes/{each}/execution") for each in deployed}
    assert {(method, path) for method, path, _ in found} == routes | processes
    ids = [each["operationId"] for *_, each in found]
    assert len(ids) == len(set(ids))
    assert {f"execute.{each}" for each in deployed} <= set(ids)


@pytest.mark.requirement(
    "/req/oas30/completeness", "/req/oas30/exceptions-codes", "/req/oas/completeness", "/req/oas/exceptions-codes"
)
def test_every_answer_is_listed_with_its_body(live: Server) -> None:
    """Each status of each route, and a problem document with each that is an error."""
    found = {(method, path): each for method, path, each in operations(definition(live, "oas30"))}

    for each in ENDPOINTS:
        answers = found[each.method, each.path.replace(":path}", "}")]["responses"]
        unchanged = {304} if each.method == "GET" else set()
        assert set(answers) == {str(status) for status in {*each.answers, *EVERYWHERE, *unchanged}}, each.name
        for status, answer in answers.items():
            if int(status) >= 400:
                assert set(answer["content"]) >= {"application/problem+json", "application/json"}
            elif status not in ("204", "304"):
                assert answer["content"], (each.name, status)


@pytest.mark.requirement("/req/oas30/security", "/req/oas/security")
def test_the_definition_asks_for_no_credentials(live: Server) -> None:
    """Nor does any operation of the server: access is not controlled."""
    found = definition(live, "oas30")

    assert "security" not in found
    assert "securitySchemes" not in found["components"]
    assert [each["operationId"] for *_, each in operations(found) if "security" in each] == []
    assert "401" not in {status for *_, each in operations(found) for status in each["responses"]}


def test_every_json_body_has_a_schema() -> None:
    """The one of the request, and the one of the successful answer."""
    without: set[tuple[str, object]] = set()
    for each in ENDPOINTS:
        succeeds = [status for status in each.answers if status in (200, 201)]
        if each.name not in WITHOUT_JSON:
            without |= {(each.name, status) for status in succeeds if each.schemas.get(status) not in SCHEMAS}
        without |= {(each.name, kind) for kind, name in each.bodies.items() if name not in SCHEMAS}
        without |= {(each.name, kind) for kind in each.takes if "json" in kind and kind not in each.bodies}
    assert without == set()


@pytest.mark.requirement("/req/oas30/oas-definition-1", "/req/oas/definition")
def test_the_landing_page_leads_to_the_definition(live: Server) -> None:
    """Each link gives what it says, in exactly the media type that it says."""
    found = [each for each in live.http.get("/").json()["links"] if each["rel"].startswith("service-")]

    assert [(each["rel"], each["type"]) for each in found] == [
        ("service-desc", OPENAPI_3_0),
        ("service-desc", OPENAPI_3_1),
        ("service-doc", "text/html"),
    ]
    for each in found:
        given = live.http.get(each["href"]).raise_for_status()
        assert given.headers["content-type"].removesuffix("; charset=utf-8") == each["type"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, OPENAPI_3_0),
        ("*/*", OPENAPI_3_0),
        ("application/json", "application/json"),
        (OPENAPI_3_0, OPENAPI_3_0),
        (OPENAPI_3_1, OPENAPI_3_1),
        ('application/vnd.oai.openapi+json; version="3.1"', OPENAPI_3_1),
        (f"{OPENAPI_3_0}, {OPENAPI_3_1}", OPENAPI_3_0),
        ("application/vnd.oai.openapi+json", OPENAPI_3_0),
        ("text/html, application/xhtml+xml, */*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_the_form_that_is_accepted(live: Server, accept: str | None, media_type: str) -> None:
    """Programs get OpenAPI 3.0 if they say nothing else, browsers get the page."""
    headers = {} if accept is None else {"Accept": accept}
    request = live.http.build_request("GET", "/api", headers=headers)
    if accept is None:
        del request.headers["accept"]

    assert live.http.send(request).headers["content-type"] == media_type


def test_a_form_that_there_is_not(live: Server) -> None:
    """It is refused."""
    assert live.http.get("/api?f=yaml").status_code == 400
    assert live.http.get("/api", headers={"Accept": "image/png"}).status_code == 406
    assert live.http.get("/processes/none/api").status_code == 404


@pytest.mark.parametrize("process_id", ["echo", "ndvi", "word-count", "many", "every-kind", "fails", "says-nothing"])
def test_the_example_of_a_process_is_a_request_for_it(live: Server, process_id: str) -> None:
    """It fits its schema, and the server would execute it."""
    found = definition(live, "oas31", f"/processes/{process_id}/api")
    body = found["paths"][f"/processes/{process_id}/execution"]["post"]["requestBody"]["content"]["application/json"]

    whole = {**found, "$ref": "#/paths/" + f"/processes/{process_id}/execution".replace("/", "~1")}
    whole["$ref"] += "/post/requestBody/content/application~1json/schema"
    jsonschema.Draft202012Validator(whole).validate(body["example"])
    assert live.http.post(f"/processes/{process_id}/validation", json=body["example"]).status_code == 200


def test_a_process_that_is_new_replaced_and_gone(live: Server) -> None:
    """The definition has what is deployed now."""
    inputs = [{"old": {"schema": {"type": "string"}}}, {"new": {"schema": {"type": "integer", "minimum": 3}}}]
    path = "/processes/changes/execution"

    def properties() -> Any:
        found = definition(live, "oas30")["paths"].get(path)
        if found is None:
            return None
        schema = found["post"]["requestBody"]["content"]["application/json"]["schema"]
        return list(schema["properties"]["inputs"]["properties"])

    assert properties() is None
    assert live.deploy(shell_package("changes", "true", inputs[0])).status_code == 201
    assert properties() == ["old"]
    package = shell_package("changes", "true", inputs[1])
    answer = live.http.put("/processes/changes", json=package, headers={"Content-Type": "application/ogcapppkg+json"})
    assert answer.status_code == 204
    assert properties() == ["new"]
    assert live.http.delete("/processes/changes").status_code == 204
    assert properties() is None


AWKWARD: dict[str, Any] = {
    "elsewhere": {"$ref": "https://geojson.org/schema/FeatureCollection.json"},
    "list": {"type": "array"},
    "nullable": {"type": ["string", "null"], "enum": ["a", None]},
    "bounded": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 0.5, "exclusiveMaximum": True},
    "file": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/tiff; application=geotiff"},
    "object": {
        "type": "object",
        "required": [],
        "properties": {"default": {"type": "string"}, "schema": {"nullable": True}},
    },
    "either": {"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}, "minItems": 2}]},
    "level": {"type": "integer", "default": 3, "example": 4},
    "</script><b>": {"type": "string", "default": "</pre><script>alert(1)</script>"},
}


@pytest.fixture(scope="module")
def awkward(live: Server) -> Iterator[str]:
    """A process whose schemas have what the versions of OpenAPI say differently, and what a page must not run."""
    inputs = {
        name: {"title": "<i>", "schema": each, "minOccurs": 0} for name, each in AWKWARD.items() if "<" not in name
    }
    inputs["mark"] = {"schema": AWKWARD["</script><b>"], "maxOccurs": "unbounded"}
    package = shell_package("awkward", "true", inputs)
    package["processDescription"]["title"] = "<script>alert('title')</script>"
    assert live.deploy(package).status_code == 201
    yield "/processes/awkward/api"
    assert live.http.delete("/processes/awkward").status_code == 204


def test_schemas_that_the_versions_write_differently(live: Server, awkward: str) -> None:
    """Each is valid, and says the same in its own words."""
    for form, validator in VALIDATORS.items():
        for path in (awkward, "/api"):
            found = definition(live, form, path)
            assert [str(each)[:500] for each in validator(found).iter_errors()] == []

    def plain(form: str, name: str) -> Any:
        operation = definition(live, form, awkward)["paths"]["/processes/awkward/execution"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        return schema["properties"]["inputs"]["properties"][name]["anyOf"][0]

    assert plain("oas30", "elsewhere") == {"externalDocs": {"url": AWKWARD["elsewhere"]["$ref"]}}
    assert plain("oas30", "bounded")["exclusiveMinimum"] is True
    assert plain("oas31", "bounded") == {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}
    assert plain("oas31", "nullable")["type"] == ["string", "null"]
    assert plain("oas31", "level") == {"type": "integer", "default": 3, "examples": [4]}
    assert plain("oas30", "file")["properties"]["value"]["format"] == "byte"
    assert plain("oas31", "file")["properties"]["value"]["contentEncoding"] == "base64"


class _Page(html.parser.HTMLParser):
    """What stands in a page: its text, its elements, and where they lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.places: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.names.add(name)
            if name in ("href", "src"):
                self.places.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.requirement("/req/oas30/oas-definition-1", "/req/oas/definition")
@pytest.mark.parametrize("path", ["/api", "/processes/awkward/api", "/processes/echo/api"])
@pytest.mark.usefixtures("awkward")
def test_the_page_is_complete_and_harmless(live: Server, path: str) -> None:
    """Every operation, parameter and schema is on it; it runs nothing and loads nothing from anywhere."""
    given = live.http.get(f"{path}?f=html")
    read = _Page(given.text)
    text = "".join(read.text)

    assert "default-src 'none'" in given.headers["content-security-policy"]
    assert not read.tags & {"script", "link", "img", "iframe", "form", "i", "b"}
    assert not [each for each in read.names if each.startswith("on")]
    assert [each for each in read.places if not each.startswith(("#", "?f=", live.url))] == []
    shown = [
        (path, each)
        for _, path, each in operations(definition(live, "oas30", path))
        # Each process has a page of its own.
        if path != "/api" or not each["operationId"].startswith("execute.")
    ]
    for place, operation in shown:
        if path == "/api" and operation["operationId"].startswith("execute."):
            continue
        assert place in text
        assert operation["summary"] in text
        for each in operation["parameters"]:
            assert each.get("name", "Prefer") in text
    for each in SCHEMAS:
        assert each in text


def test_the_page_of_everything_leads_to_that_of_each_process(live: Server) -> None:
    """By its title."""
    read = _Page(live.http.get("/api?f=html").text)

    assert f"{live.url}/processes/echo/api?f=html" in read.places
    assert "Echo" in "".join(read.text)


def test_the_links_of_a_description_lead_to_its_definition(live: Server) -> None:
    """service-desc and service-doc of one process."""
    found = {each["rel"]: each for each in live.http.get("/processes/echo").json()["links"]}

    assert live.http.get(found["service-desc"]["href"]).headers["content-type"] == OPENAPI_3_0
    assert live.http.get(found["service-doc"]["href"]).headers["content-type"].startswith("text/html")
    assert links.OPENAPI_3_1 == OPENAPI_3_1


def test_head_says_how_long_it_is(live: Server) -> None:
    """As for every document."""
    whole: httpx.Response = live.http.get("/api")

    assert live.http.head("/api").headers["content-length"] == str(len(whole.content))
    assert json.loads(whole.content)["servers"] == [{"url": live.url}]
