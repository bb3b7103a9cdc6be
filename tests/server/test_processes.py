"""Registering, describing and unregistering processes over HTTP."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from tests.live import Server, shell_package, shell_tool

X1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
X2 = "http://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/"


def ids(server: Server) -> set[str]:
    """Every registered process."""
    return {each["id"] for each in server.http.get("/processes?limit=1000").json()["processes"]}


def test_a_process_lives_from_deploy_to_undeploy(server: Server) -> None:
    """201 with its place and summary, listed, described, gone."""
    deployed = server.deploy(shell_package("comes-and-goes", "true"))
    described = server.http.get("/processes/comes-and-goes")
    listed = ids(server)
    undeployed = server.http.delete("/processes/comes-and-goes")
    gone = server.http.get("/processes/comes-and-goes")

    assert deployed.status_code == 201
    assert deployed.headers["location"] == f"{server.url}/processes/comes-and-goes"
    assert (deployed.json()["id"], deployed.json()["mutable"]) == ("comes-and-goes", True)
    assert described.json()["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
    assert "comes-and-goes" in listed
    assert (undeployed.status_code, undeployed.content) == (204, b"")
    assert (gone.status_code, gone.json()["type"]) == (404, X1 + "no-such-process")


def test_an_id_is_taken_once(server: Server) -> None:
    """409 for a second one, even for the same body; nothing of it is written."""
    package = shell_package("taken", "true")
    server.deploy(package)
    before = {each.name for each in server.data.rglob("*.cwl")}

    again = server.deploy(package)
    other = server.deploy(shell_package("taken", "echo another"))
    built_in = server.deploy(shell_package("echo", "echo another still"))

    assert (again.status_code, again.json()["type"]) == (409, X2 + "duplicated-process")
    assert (other.status_code, built_in.status_code) == (409, 403)
    assert {each.name for each in server.data.rglob("*.cwl")} == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_the_built_in_process_cannot_be_changed(server: Server, method: str) -> None:
    """403, whatever is tried."""
    path = "/processes" if method == "POST" else "/processes/echo"
    body = None if method == "DELETE" else shell_package("echo", "true")
    answer = server.http.request(method, path, json=body, headers={"Content-Type": "application/ogcapppkg+json"})

    assert (answer.status_code, answer.json()["type"]) == (403, X2 + "immutable-process")


def test_replacing_a_process_leaves_its_jobs_alone(server: Server) -> None:
    """A job keeps the revision that it was submitted to, also its results."""
    outputs = {"said": {"schema": {"type": "string"}}}
    server.deploy(shell_package("replaced", "sleep 1; echo old > said", outputs=outputs))
    before = server.submit("replaced")

    package = shell_package("replaced", "echo new > other", outputs={"other": {"schema": {"type": "string"}}})
    headers = {"Content-Type": "application/ogcapppkg+json"}
    replaced = server.http.put("/processes/replaced", json=package, headers=headers)

    assert (replaced.status_code, replaced.content) == (204, b"")
    assert server.wait(before)["status"] == "successful"
    assert server.http.get(f"/jobs/{before}/results/said").text == "old"
    assert server.execute("replaced", {}, response="document").json() == {"other": "new"}


def test_the_package_comes_back_byte_for_byte(server: Server) -> None:
    """In the media type that it was sent in."""
    body = b"""cwlVersion: v1.2  # a comment
class: CommandLineTool
id: kept
requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
baseCommand: "true"
inputs: []
outputs: []
"""
    server.http.post("/processes", content=body, headers={"Content-Type": "application/cwl+yaml"})

    answer = server.http.get("/processes/kept/package")

    assert (answer.content, answer.headers["content-type"]) == (body, "application/cwl+yaml")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/cwl+json", b'{"cwlVersion": "v1.2"'),
        ("application/cwl+yaml", b"cwlVersion: v1.2\nclass: [CommandLineTool"),
        ("application/ogcapppkg+json", b""),
        ("application/ogcapppkg+json", b'{"executionUnit": {}, "executionUnit": {}}'),
        ("application/cwl", b"- a\n- list"),
    ],
)
def test_a_body_that_cannot_be_read(server: Server, media_type: str, body: bytes) -> None:
    """400, with the place where it breaks off."""
    before = ids(server)

    answer = server.http.post("/processes", content=body, headers={"Content-Type": media_type})

    assert (answer.status_code, answer.json()["type"]) == (400, f"{server.url}/problems/invalid-document")
    assert ids(server) == before


@pytest.mark.parametrize(
    ("change", "name", "pointer"),
    [
        ({"inputs": {"a": {"type": "nonsense"}}}, "invalid-process", "/inputs/a/type"),
        ({"inputs": {"a:b": "int"}}, "invalid-process", "/inputs/a:b"),
        ({"inputs": [{"id": "a b", "type": "int"}]}, "invalid-process", "/inputs/0"),
        ({"outputs": {"ä": "stdout"}}, "invalid-process", "/outputs/ä"),
        ({"id": "a:b"}, "invalid-process", "/id"),
        ({"id": "a b"}, "invalid-process", "/id"),
        ({"hints": [1]}, "invalid-process", "/hints/0"),
        ({"hints": [{"dockerPull": "busybox"}]}, "invalid-process", "/hints/0"),
        ({"hints": "<html>"}, "invalid-process", "/hints"),
        ({"hints": {"InlineJavascriptRequirement": None}}, "invalid-process", "/hints/InlineJavascriptRequirement"),
        ({"requirements": []}, "no-container", "/requirements"),
        ({"class": "Workflow"}, "invalid-process", "/steps"),
        ({"class": "Operation"}, "unsupported-requirement", "/class"),
        ({"inputs": {"a": {"$import": "/etc/passwd"}}}, "unsafe-reference", "/inputs/a/$import"),
        (
            {"requirements": [{"class": "DockerRequirement", "dockerPull": "--volume=/:/host"}]},
            "invalid-image-reference",
            "/requirements/0/dockerPull",
        ),
        ({"hints": [{"class": "vendor:Thing"}], "baseCommand": {"no": "command"}}, "invalid-process", "/baseCommand"),
    ],
)
def test_a_document_that_can_not_be_a_process(server: Server, change: dict[str, Any], name: str, pointer: str) -> None:
    """422, with what is wrong and where; nothing of it stays."""
    before = ids(server)

    answer = server.deploy({**shell_tool("true", id="never"), **change}, "application/cwl+json")

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, f"{server.url}/problems/{name}"), problem
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert all(each["line"] == 1 and each["column"] for each in problem["errors"])
    assert ids(server) == before
    assert str(server.data.parent) not in answer.text


def test_the_wrong_media_type_is_refused_before_anything_else(server: Server) -> None:
    """415 with OGC's type, also for a process that does not exist."""
    headers = {"Content-Type": "text/plain"}

    for answer in (
        server.http.post("/processes", content=b"", headers=headers),
        server.http.put("/processes/no-such", content=b"", headers=headers),
    ):
        assert (answer.status_code, answer.json()["type"]) == (415, X2 + "unsupported-media-type")


def test_an_application_package_sent_as_plain_json(server: Server) -> None:
    """Recognised, because the older clients of such platforms send it so."""
    answer = server.deploy(shell_package("plain-json", "true"), "application/json")

    assert answer.status_code == 201
    assert server.http.get("/processes/plain-json/package").headers["content-type"] == "application/ogcapppkg+json"


@pytest.mark.parametrize("media_type", ["application/cwl", "application/cwl+json", "application/ogcapppkg+json"])
def test_a_document_above_the_limit(server: Server, media_type: str) -> None:
    """413, while several files may be as large as a body."""
    package = shell_package("large", "true")
    document = package if "ogcapppkg" in media_type else package["executionUnit"]
    document["doc"] = "x" * (2 << 20)

    answer = server.deploy(document, media_type)

    assert (answer.status_code, answer.json()["type"]) == (413, f"{server.url}/problems/document-too-large")
    assert "2097152 bytes" in answer.json()["detail"]


def test_a_body_above_the_limit(server: Server) -> None:
    """413, before it is read."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.putrequest("POST", "/processes")
    connection.putheader("Content-Type", "application/cwl")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == 413
    answer.read()
    connection.close()
