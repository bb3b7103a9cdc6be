"""What the steps of a Workflow may ask for, and in which container: one line of a table for each case."""

from __future__ import annotations

from typing import Any

import pytest

from cwl_bridge import policy
from cwl_bridge.errors import (
    BridgeError,
    InvalidImageError,
    InvalidProcessError,
    NoContainerError,
    TooComplexError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
)
from cwl_bridge.policy import Policy

CWL = "https://w3id.org/cwl/cwl#"
DOCKER = {"dockerPull": "busybox:stable"}
#: A tool that names no container.
BARE: dict[str, Any] = {"class": "CommandLineTool", "inputs": {}, "outputs": {}}
EXPRESSION: dict[str, Any] = {"class": "ExpressionTool", "inputs": {}, "outputs": {}, "expression": "$({})"}
JAVASCRIPT = {"class": "InlineJavascriptRequirement"}
SOFTWARE: dict[str, Any] = {"SoftwareRequirement": {"packages": []}}


def _workflow(run: Any, step: Any = None, **changes: Any) -> dict[str, Any]:
    """A document of one step, `a`, which runs the process."""
    steps = {"a": {"run": run, "in": {}, "out": [], **(step or {})}}
    return {"cwlVersion": "v1.2", "class": "Workflow", "inputs": {}, "outputs": {}, "steps": steps, **changes}


def _inside(levels: int, run: Any) -> Any:
    """The process in so many Workflows."""
    for _ in range(levels):
        run = {"class": "Workflow", "inputs": {}, "outputs": {}, "steps": [{"id": "a", "run": run}]}
    return run


def _many(steps: int, run: Any) -> dict[str, Any]:
    return _workflow(run, steps=[{"id": f"s{each}", "run": run} for each in range(steps)])


WORKFLOWS: dict[str, dict[str, Any]] = {
    "ExpressionTool": {"cwlVersion": "v1.0", **EXPRESSION, "requirements": [JAVASCRIPT]},
    "no steps": _workflow(None, steps=[]),
    "step that is an ExpressionTool": _workflow(EXPRESSION),
    "own container": _workflow({**BARE, "requirements": {"DockerRequirement": DOCKER}}),
    "own container as a hint": _workflow({**BARE, "hints": [{"class": "DockerRequirement", **DOCKER}]}),
    "container of the step": _workflow(BARE, {"requirements": {"DockerRequirement": DOCKER}}),
    "container of the step as a hint": _workflow(BARE, {"hints": [{"class": "DockerRequirement", **DOCKER}]}),
    "container of the workflow": _workflow(BARE, requirements={"DockerRequirement": DOCKER}),
    "container of the workflow as a hint": _workflow(BARE, hints={"DockerRequirement": DOCKER}),
    "container from far outside": _workflow(_inside(3, BARE), hints={"DockerRequirement": DOCKER}),
    "container of a step far outside": _workflow(_inside(3, BARE), {"requirements": {"DockerRequirement": DOCKER}}),
    "steps as a list": _workflow(None, steps=[{"id": "a", "run": EXPRESSION}, {"id": "b", "run": EXPRESSION}]),
    "version again": _workflow({**EXPRESSION, "cwlVersion": "v1.2"}),
    "namespaces of a step": _workflow({**EXPRESSION, "$namespaces": {"s": "https://schema.org/"}, "s:author": "A"}),
    "hint of an extension in a step": _workflow(EXPRESSION, {"hints": {"cwltool:CUDARequirement": {}}}),
    "hint of an extension in a tool": _workflow({**EXPRESSION, "hints": {"cwltool:CUDARequirement": {}}}),
    "deepest": _workflow(_inside(7, EXPRESSION)),
    "most steps": _many(200, EXPRESSION),
}


@pytest.mark.parametrize("document", WORKFLOWS.values(), ids=WORKFLOWS)
def test_workflow_passes(document: dict[str, Any]) -> None:
    """Steps may do what tools may, each in a container that it names or that is named around it."""
    policy.check(document, Policy())


REFUSED_WORKFLOWS: dict[str, tuple[dict[str, Any], type[BridgeError], str]] = {
    "without steps": (_workflow(None, steps=None), InvalidProcessError, "/steps"),
    "steps that are a text": (_workflow(None, steps="a"), InvalidProcessError, "/steps"),
    "step that is a text": (_workflow(None, steps={"a/b": "c"}), InvalidProcessError, "/steps/a~1b"),
    "step that is a list": (_workflow(None, steps=[{"run": EXPRESSION}, []]), InvalidProcessError, "/steps/1"),
    "step that runs nothing": (_workflow(None), InvalidProcessError, "/steps/a/run"),
    "step that runs a list": (_workflow([EXPRESSION]), InvalidProcessError, "/steps/a/run"),
    **{
        f"step that runs {each}": (_workflow(each), UnsafeReferenceError, "/steps/a/run")
        for each in ("tool.cwl", "#tool", "", "/etc/passwd", "https://example.org/tool.cwl")
    },
    "reference in a list of steps": (
        _workflow(None, steps=[{"id": "a", "run": EXPRESSION}, {"id": "b", "run": "b.cwl"}]),
        UnsafeReferenceError,
        "/steps/1/run",
    ),
    "reference deep inside": (
        _workflow(_inside(2, "b.cwl")),
        UnsafeReferenceError,
        "/steps/a/run/steps/0/run/steps/0/run",
    ),
    "$import of a tool": (_workflow({"$import": "a.cwl"}), UnsafeReferenceError, "/steps/a/run/$import"),
    "$graph in a step": (_workflow({"$graph": [BARE]}), UnsafeReferenceError, "/steps/a/run/$graph"),
    "$import of a step": (_workflow(None, steps=[{"$import": "a"}]), UnsafeReferenceError, "/steps/0/$import"),
    "Operation": (_workflow({"class": "Operation"}), UnsupportedRequirementError, "/steps/a/run/class"),
    "step without class": (_workflow({}), UnsupportedRequirementError, "/steps/a/run/class"),
    "class by IRI": (_workflow({**BARE, "class": f"{CWL}CommandLineTool"}), UnsafeReferenceError, "/steps/a/run/class"),
    "run by prefix": (
        _workflow(EXPRESSION, {"cwl:run": "a.cwl"}),
        UnsafeReferenceError,
        "/steps/a/cwl:run",
    ),
    "requirements by a prefix of the step's": (
        _workflow({**EXPRESSION, "$namespaces": {"x": CWL}, "x:requirements": SOFTWARE}),
        UnsafeReferenceError,
        "/steps/a/run/x:requirements",
    ),
    "schemas of a step": (
        _workflow({**EXPRESSION, "$schemas": ["file:///etc/passwd"]}),
        UnsafeReferenceError,
        "/steps/a/run/$schemas/0",
    ),
    "loop": (_workflow(EXPRESSION, {"cwltool:loop": {}}), UnsafeReferenceError, "/steps/a/cwltool:loop"),
    "loop of a step called hints": (
        _workflow(None, steps={"hints": {"run": EXPRESSION, "cwltool:loop": {}}}),
        UnsafeReferenceError,
        "/steps/hints/cwltool:loop",
    ),
    "extension required of a step": (
        _workflow(EXPRESSION, {"requirements": [{"class": "cwltool:Loop"}]}),
        UnsupportedRequirementError,
        "/steps/a/requirements/0",
    ),
    "requirement of the workflow": (
        _workflow(EXPRESSION, requirements=SOFTWARE),
        UnsupportedRequirementError,
        "/requirements/SoftwareRequirement",
    ),
    "requirement of a step": (
        _workflow(EXPRESSION, {"requirements": SOFTWARE}),
        UnsupportedRequirementError,
        "/steps/a/requirements/SoftwareRequirement",
    ),
    "requirement of a tool": (
        _workflow({**EXPRESSION, "requirements": [JAVASCRIPT, {"class": "SoftwareRequirement"}]}),
        UnsupportedRequirementError,
        "/steps/a/run/requirements/1",
    ),
    "requirement deep inside": (
        _workflow(_inside(1, {**EXPRESSION, "requirements": SOFTWARE})),
        UnsupportedRequirementError,
        "/steps/a/run/steps/0/run/requirements/SoftwareRequirement",
    ),
    "image that no tool uses": (
        _workflow(EXPRESSION, hints={"DockerRequirement": {"dockerPull": "--help"}}),
        InvalidImageError,
        "/hints/DockerRequirement/dockerPull",
    ),
    "image of a step": (
        _workflow(BARE, {"requirements": [{"class": "DockerRequirement", "dockerPull": "A"}]}),
        InvalidImageError,
        "/steps/a/requirements/0/dockerPull",
    ),
    "image that another follows": (
        _workflow(
            {
                **BARE,
                "requirements": [{"class": "DockerRequirement", **each} for each in ({"dockerPull": "-v"}, DOCKER)],
            }
        ),
        InvalidImageError,
        "/steps/a/run/requirements/0/dockerPull",
    ),
    "resources of a step": (
        _workflow(EXPRESSION, {"requirements": {"ResourceRequirement": {"ramMin": -1}}}),
        InvalidProcessError,
        "/steps/a/requirements/ResourceRequirement/ramMin",
    ),
    "no container": (_workflow(BARE), NoContainerError, "/steps/a/run/requirements"),
    "container of another step": (
        _workflow(
            None, steps=[{"run": EXPRESSION, "requirements": {"DockerRequirement": DOCKER}}, {"run": _inside(1, BARE)}]
        ),
        NoContainerError,
        "/steps/1/run/steps/0/run/requirements",
    ),
    "container of another tool": (
        _workflow(None, steps=[{"run": {**BARE, "hints": {"DockerRequirement": DOCKER}}}, {"run": BARE}]),
        NoContainerError,
        "/steps/1/run/requirements",
    ),
    "another version": (
        _workflow({**EXPRESSION, "cwlVersion": "v1.0"}),
        InvalidProcessError,
        "/steps/a/run/cwlVersion",
    ),
    "too deep": (_workflow(_inside(8, EXPRESSION)), TooComplexError, "/steps/a/run" + "/steps/0/run" * 7),
    "too many steps": (_many(201, EXPRESSION), TooComplexError, "/steps/200"),
    "too many steps, subworkflows' included": (
        _many(101, _inside(1, EXPRESSION)),
        TooComplexError,
        "/steps/100",
    ),
}


@pytest.mark.parametrize(("document", "error", "where"), REFUSED_WORKFLOWS.values(), ids=REFUSED_WORKFLOWS)
def test_workflow_is_refused(document: dict[str, Any], error: type[BridgeError], where: str) -> None:
    """What no tool may ask for is refused wherever it stands, and steps that can't be followed are."""
    with pytest.raises(BridgeError) as caught:
        policy.check(document, Policy())
    assert type(caught.value) is error
    assert [each.pointer for each in caught.value.errors] == [where]


@pytest.mark.parametrize("reference", ["tool.cwl", "#tool"])
def test_why_a_reference_is_refused(reference: str) -> None:
    """Who refers to a tool is told what to do instead."""
    with pytest.raises(UnsafeReferenceError, match="carry their tool inline"):
        policy.check(_workflow(reference), Policy())


def test_operation_is_named() -> None:
    """Who deploys an abstract operation is told that this is what can't run."""
    with pytest.raises(UnsupportedRequirementError, match="Operation"):
        policy.check(_workflow({"class": "Operation"}), Policy())


def test_default_container_of_a_step() -> None:
    """The operator's image is there for steps as well; those that name one keep to the list of images."""
    operators = Policy(default_container="busybox:stable", image_allow=("busybox:*",))
    policy.check(_workflow(BARE), operators)
    with pytest.raises(InvalidImageError) as caught:
        policy.check(_workflow(BARE, hints={"DockerRequirement": {"dockerPull": "own"}}), operators)
    assert [each.pointer for each in caught.value.errors] == ["/hints/DockerRequirement"]
