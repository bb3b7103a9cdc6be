"""What OGC 20-089r1 asks for beyond CWL."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cwl_bridge import best_practice, deploy
from cwl_bridge.package import Package
from cwl_bridge.packagefiles import Files
from tests.cwl_bridge.cases import case

IMAGE: dict[str, Any] = {"DockerRequirement": {"dockerPull": "busybox:stable"}}
TOOL: dict[str, Any] = {
    "class": "CommandLineTool",
    "id": "crop",
    "requirements": IMAGE,
    "baseCommand": ["true"],
    "inputs": {},
    "outputs": {},
}
#: A package that meets all of it.
GOOD: dict[str, Any] = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "water",
    "label": "Water bodies",
    "doc": ["Finds", "water."],
    "s:softwareVersion": "1.0.0",
    "inputs": {
        "item": {"type": "Directory", "label": "Scene", "doc": "A staged product."},
        "bands": {"type": "string[]", "label": "Bands", "doc": "Their names."},
    },
    "outputs": [{"id": "found", "type": "Directory", "outputSource": "crop/found"}],
    "steps": {"crop": {"run": TOOL, "in": {}, "out": []}},
}


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: each for key, each in document.items() if key not in names}


def _running(**members: Any) -> dict[str, Any]:
    return {**GOOD, "steps": [{"id": "crop", "run": {**TOOL, **members}, "in": {}, "out": []}]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        case(GOOD, [], name="all of it"),
        case({**TOOL, "s:version": "1", "cwlVersion": "v1.2"}, [("/class", 7)], name="a lone tool"),
        case({**GOOD, "steps": {}}, [("/class", 7)], name="no tool"),
        case(_running(requirements={}), [("/steps/0/run/requirements", 8)], name="no image"),
        case({**_running(requirements={}), "hints": IMAGE}, [], name="an image from around"),
        case(_running(baseCommand=[]), [("/steps/0/run", 8)], name="no command"),
        case(_running(id=""), [("/steps/0/run", 8)], name="no id"),
        case(_without(GOOD, "id", "label", "doc"), [("", 9), ("", 9), ("", 9)], name="no words"),
        case({**GOOD, "label": " "}, [("", 9)], name="blank words"),
        case({**GOOD, "inputs": [{"id": "a", "type": "int", "label": "A"}]}, [("/inputs/0", 10)], name="input"),
        case({**GOOD, "inputs": {"a": "int"}}, [("/inputs/a", 10), ("/inputs/a", 10)], name="short input"),
        case(_without(GOOD, "s:softwareVersion"), [("", 11)], name="no version"),
        case(
            {**GOOD, "inputs": {"a": {"type": "File[]?", "label": "A", "doc": "A"}}},
            [("/inputs/a/type", 13)],
            name="a file as product",
        ),
        case(
            {**GOOD, "inputs": {**GOOD["inputs"], "a": {"type": "File", "label": "A", "doc": "A"}}},
            [],
            name="a file beside a product",
        ),
        case({**TOOL, "s:version": "1", "inputs": {"a": "File"}}, [("/class", 7), ("/inputs/a/type", 12)], name="tool"),
        case({**GOOD, "outputs": {"a": "File"}}, [("/outputs/a/type", 14)], name="a file as result"),
        case({**GOOD, "outputs": {"a": "File[]", "b": ["null", "Directory"]}}, [], name="a file beside a result"),
    ],
)
def test_unmet(document: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    """Each requirement that is not met, with its place and its number."""
    found = best_practice.unmet(document, {"": document})
    assert [each.pointer for each in found] == [where for where, _ in expected]
    assert [each.detail.rpartition("requirement ")[2] for each in found] == [f"{number})" for _, number in expected]


def _found(body: dict[str, Any], media_type: str = deploy.PACKAGE) -> list[tuple[str, str]]:
    package = deploy.read(json.dumps(body).encode(), media_type).resolved()
    found = deploy.unmet(package, package.unit)
    return [(each.pointer, each.detail.rpartition("requirement ")[2]) for each in found]


def test_tools_of_a_graph_have_their_ids() -> None:
    """What stands in the place of a reference has lost its id, the document has not."""
    steps = {"crop": {"run": "#crop", "in": {}, "out": []}}
    graph = [{**_without(GOOD, "cwlVersion", "s:softwareVersion"), "steps": steps}, TOOL]
    body = {"cwlVersion": "v1.2", "s:softwareVersion": "1.0.0", "$graph": graph}

    assert _found(body, deploy.CWL_JSON) == []
    assert _found({"executionUnit": {"value": body}}) == []


def test_places_are_in_the_body() -> None:
    """Also where a package brings the document; a plain image is nobody's document."""
    named = [("/executionUnit/value/steps/0/run", "8)")]
    image = {"processDescription": {"id": "p"}, "executionUnit": {"type": "docker", "image": "busybox"}}

    assert _found({"processDescription": {"id": "p"}, "executionUnit": {"value": _running(id=" ")}}) == named
    assert _found(image) == []


def test_tools_in_other_files() -> None:
    """Their file is named: a pointer can't lead there."""
    document = {**GOOD, "steps": {"crop": {"run": "lib/crop.cwl", "in": {}, "out": []}}}
    package = Package(
        body=b"",
        media_type=deploy.CWL,
        given={},
        unit=document,
        main="main.cwl",
        files=Files(
            {"main.cwl": json.dumps(document).encode(), "lib/crop.cwl": json.dumps(_without(TOOL, "id")).encode()}
        ),
    ).resolved()

    assert [(each.pointer, each.detail) for each in deploy.unmet(package, package.unit)] == [
        ("", "A CommandLineTool in lib/crop.cwl has no 'id'. (OGC 20-089r1, requirement 8)")
    ]
