"""Requests with processes in the place of values → CWL workflows: the cases are in tests/data/chaining."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cwl_bridge import chaining, deploy, nested, workflows
from cwl_bridge.elsewhere import Elsewhere
from cwl_bridge.errors import BridgeError
from tests import chains
from tests.cwl_bridge.cases import described

URL = "http://localhost/processes/"
KNOWN = {name: described(each, chains.media_type(each)) for name, each in chains.PROCESSES.items()}


def made(request: dict[str, Any], *, deployed: bool) -> dict[str, Any]:
    """The workflow."""
    if not deployed:
        return chaining.chain(request, KNOWN[request["process"]], KNOWN, URL).cwl
    package = deploy.read(json.dumps(request).encode(), "application/json")
    return workflows.package(package, KNOWN, URL, (), Elsewhere()).unit


def without_expressions(cwl: dict[str, Any]) -> dict[str, Any]:
    """What reads an output is compared by what comes of it, in real runs."""
    for step in cwl["steps"].values():
        if isinstance(step["run"], dict):
            step["run"]["expression"] = "…"
    return cwl


@pytest.mark.parametrize("name", chains.CASES)
def test_the_workflow_of_a_request(name: str) -> None:
    """Inputs, outputs, steps and their connections."""
    case = chains.CASES[name]

    found = made(case.read("request.json"), deployed=case.is_deployed)

    assert without_expressions(found) == case.read("workflow.json")


@pytest.mark.parametrize("name", chains.REFUSED)
def test_requests_that_are_refused(name: str) -> None:
    """Each thing that is wrong has its pointer into the request."""
    case = chains.REFUSED[name]

    with pytest.raises(BridgeError) as caught:
        made(case["request"], deployed=case["deployed"])

    assert {each.pointer: each.detail for each in caught.value.errors} == case["errors"]


def test_the_same_tree_with_other_values() -> None:
    """It is the same workflow: what is executed again is registered already."""
    requests = [{"process": "double", "inputs": {"n": {"process": "double", "inputs": {"n": n}}}} for n in (1, 2)]
    one, other = (chaining.chain(each, KNOWN["double"], KNOWN, URL) for each in requests)

    assert one.cwl == other.cwl
    assert (one.given, other.given) == ({"double-2.n": 1}, {"double-2.n": 2})


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("count", "count"),
        ("http://localhost/processes/count", "count"),
        ("/processes/count", "count"),
        ("../processes/a%2Eb", "a.b"),
        ("http://localhost/processes/count?f=json", "count"),
        ("http://localhost/jobs", None),
        ("http://example.org/processes/count", None),
        ("http://localhost:80/processes/count", None),
        ("http://[", None),
    ],
)
def test_the_process_that_a_reference_names(reference: str, expected: str | None) -> None:
    """An id, or a URL, which may be relative to the process that is executed."""
    assert nested.local_id(reference, URL) == expected


def test_an_object_that_has_a_process_itself() -> None:
    """Where the schema of an input has such a property, it is a value; elsewhere `value` says so."""
    schema = {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"process": {"type": "string"}}}]}

    assert not nested.is_process({"process": "a"}, schema)
    assert not nested.is_process({"value": {"process": "a"}}, {"type": "object"})
    assert nested.is_process({"process": "a"}, {"type": "object"})
