"""What documents reserve: cwltool itself says what each tool would get, the tables what is too much."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, cast

import pytest
from cwltool.context import LoadingContext, RuntimeContext
from cwltool.load_tool import load_tool
from cwltool.process import Process
from cwltool.workflow import Workflow

from cwl_bridge import deploy, document, levels, resources
from cwl_bridge.errors import FieldError, ResourcesExceedError
from registry.models import Needs
from tests.cwl_bridge.cases import drafted

DOCKER = {"DockerRequirement": {"dockerPull": "busybox:stable"}}
TOOL: dict[str, Any] = {"class": "CommandLineTool", "baseCommand": "true", "inputs": {}, "outputs": {}}
EXPRESSION: dict[str, Any] = {"class": "ExpressionTool", "inputs": {}, "outputs": {}, "expression": "$({})"}


def _reserving(kind: str = "requirements", **body: Any) -> dict[str, Any]:
    return {kind: {"ResourceRequirement": body}}


def _tool(version: str = "v1.2", **body: Any) -> dict[str, Any]:
    return {"cwlVersion": version, **TOOL, **_reserving(**body)}


def _workflow(steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document whose steps run the processes, or are the objects that have one in `run`."""
    made = {name: {"in": {}, "out": [], **(step if "run" in step else {"run": step})} for name, step in steps.items()}
    needed = {"SubworkflowFeatureRequirement": {}, **more.pop("requirements", {})}
    return {"class": "Workflow", "inputs": {}, "outputs": {}, "steps": made, "requirements": needed, **more}


def _document(steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"cwlVersion": "v1.2", **_workflow(steps, **more)}


def _loaded(folder: Path, cwl: dict[str, Any]) -> Process:
    path = folder / "process.cwl"
    path.write_text(document.write_yaml(cwl), encoding="utf-8")
    return load_tool(path.as_uri(), LoadingContext({"disable_js_validation": True}))


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"coresMin": 3},
        {"coresMax": 4},
        {"coresMin": 2, "coresMax": 8},
        {"coresMin": 0},
        {"coresMin": 0, "coresMax": 4},
        {"coresMin": None, "coresMax": 4},
        {"ramMin": 100},
        {"ramMax": 2048},
        {"ramMin": 100, "ramMax": 2048},
        {"ramMin": 0},
        {"coresMin": 2, "ramMin": 4096, "tmpdirMin": 10**6, "outdirMin": 10**6},
    ],
)
def test_one_tool(tmp_path: Path, version: str, body: dict[str, Any]) -> None:
    """A tool reserves what cwltool would tell it that it has."""
    cwl = _tool(version, **body)
    given = _loaded(tmp_path, cwl).evalResources(cast(Any, None), RuntimeContext())
    assert resources.needs(cwl) == Needs(cores=given["cores"], memory=cast(int, given["ram"]))


@pytest.mark.parametrize(
    ("body", "cores", "memory"),
    [
        ({"coresMin": 0.5}, 0.5, 256),
        ({"coresMax": 1.25}, 1.25, 256),
        ({"ramMin": 100.1}, 1, 101),
        ({"ramMin": 0.001}, 1, 1),
        ({"ramMin": 1e15}, 1, 10**15),
        ({"coresMin": "$(inputs.a)", "ramMin": "${ return 5; }"}, 1, 256),
        ({"coresMin": "$(inputs.a)", "coresMax": 8}, 1, 256),
        ({"coresMax": "$(inputs.a)", "ramMax": 512}, 1, 512),
    ],
)
def test_fractions_and_expressions(body: dict[str, Any], cores: float, memory: int) -> None:
    """Cores may be fractions, memory is rounded up; what an expression says is not known yet."""
    assert resources.needs(_tool(**body)) == Needs(cores=cores, memory=memory)


@pytest.mark.parametrize("at_workflow", list(itertools.product([False, True], repeat=2)))
def test_the_nearest_counts(tmp_path: Path, at_workflow: tuple[bool, bool]) -> None:
    """Of the requirements and hints of workflow, step and tool that one is in force which cwltool takes."""

    def declared(name: int, those: tuple[bool, ...]) -> dict[str, Any]:
        kinds = zip(("requirements", "hints"), those, (10 * name, 10 * name + 1), strict=True)
        return {
            kind: [{"class": "ResourceRequirement", "coresMin": cores}] for kind, is_there, cores in kinds if is_there
        }

    steps = {
        f"s{index}": {"run": {**TOOL, **declared(3, those[:2])}, **declared(2, those[2:])}
        for index, those in enumerate(itertools.product([False, True], repeat=4))
    }
    cwl = {"cwlVersion": "v1.2", "class": "Workflow", "inputs": {}, "outputs": {}, **declared(1, at_workflow)}
    cwl["steps"] = {name: {"in": {}, "out": [], **step} for name, step in steps.items()}

    loaded = cast(Workflow, _loaded(tmp_path, cwl))
    expected = {
        step.id.rpartition("#")[2]: (step.embedded_tool.get_requirement("ResourceRequirement")[0] or {}).get("coresMin")
        for step in loaded.steps
    }
    found = {
        level.where[1]: (level.in_force("ResourceRequirement") or ({}, ()))[0].get("coresMin")
        for level in levels.walk(cwl)
        if level.kind == "CommandLineTool"
    }
    assert found == expected
    assert len(found) == 16


WORKFLOWS: dict[str, tuple[dict[str, Any], Needs]] = {
    "ExpressionTool": ({"cwlVersion": "v1.2", **EXPRESSION, **_reserving(coresMin=9)}, Needs(cores=0, memory=0)),
    "no steps": (_document({}), Needs(cores=0, memory=0)),
    "expressions only": (_document({"a": EXPRESSION}), Needs(cores=0, memory=0)),
    "nothing said": (_document({"a": EXPRESSION, "b": TOOL}), Needs(cores=1, memory=256)),
    "nothing said in v1.0": ({**_document({"b": TOOL}), "cwlVersion": "v1.0"}, Needs(cores=1, memory=1024)),
    "less than the default": (
        _document({"a": {**TOOL, **_reserving(coresMin=0.25, ramMin=16)}}),
        Needs(cores=0.25, memory=16),
    ),
    "each maximum of another step": (
        _document({"a": {**TOOL, **_reserving(coresMin=8)}, "b": {**TOOL, **_reserving(ramMin=4096)}}),
        Needs(cores=8, memory=4096),
    ),
    "the largest is deep inside": (
        _document({"a": _workflow({"b": _workflow({"c": {**TOOL, **_reserving(ramMin=999)}})}), "d": TOOL}),
        Needs(cores=1, memory=999),
    ),
    "step": (_document({"a": {"run": TOOL, **_reserving(coresMin=5)}}), Needs(cores=5, memory=256)),
    "workflow, which no tool takes": (
        _document({"a": {**TOOL, **_reserving(coresMin=2)}}, **_reserving("hints", coresMin=64)),
        Needs(cores=2, memory=256),
    ),
}


@pytest.mark.parametrize(("cwl", "expected"), WORKFLOWS.values(), ids=WORKFLOWS)
def test_workflow(cwl: dict[str, Any], expected: Needs) -> None:
    """A run carries out one step at a time: it reserves what the largest of its tools does."""
    assert resources.needs(cwl) == expected


MACHINE = Needs(cores=4, memory=8000)


@pytest.mark.parametrize(
    "cwl",
    [
        _tool(coresMin=4, ramMin=8000),
        _tool(coresMin=4, coresMax=64, ramMin=1, ramMax=64000),
        _tool(coresMin="$(inputs.a)"),
        _document({"a": TOOL}, hints=[{"class": "ResourceRequirement", "coresMin": 4}]),
        {"cwlVersion": "v1.2", **EXPRESSION, **_reserving(coresMin=64)},
    ],
)
def test_fits(cwl: dict[str, Any]) -> None:
    """What the machine has just so may be asked for."""
    resources.check(cwl, MACHINE)


EXCEEDING: dict[str, tuple[dict[str, Any], Needs, list[str]]] = {
    "cores": (_tool(coresMin=4.5), MACHINE, ["/requirements/ResourceRequirement"]),
    "only a maximum": (_tool(coresMax=5), MACHINE, ["/requirements/ResourceRequirement"]),
    "memory": (_tool(ramMin=8000.5), MACHINE, ["/requirements/ResourceRequirement"]),
    "hint": (
        {
            "cwlVersion": "v1.2",
            **TOOL,
            "hints": [{"class": "OwnHint"}, {"class": "ResourceRequirement", "ramMin": 9000}],
        },
        MACHINE,
        ["/hints/1"],
    ),
    "the default": ({"cwlVersion": "v1.2", **TOOL}, Needs(cores=0.5, memory=8000), [""]),
    "the default of a step": (_document({"a": TOOL}), Needs(cores=8, memory=128), ["/steps/a/run"]),
    "step": (
        _document({"a": {"run": TOOL, **_reserving(coresMin=5)}, "b": TOOL}),
        MACHINE,
        ["/steps/a/requirements/ResourceRequirement"],
    ),
    "two steps": (
        _document(
            {"a": {**TOOL, **_reserving(coresMin=5)}, "b": TOOL, "c": {**TOOL, **_reserving("hints", ramMin=9000)}}
        ),
        MACHINE,
        ["/steps/a/run/requirements/ResourceRequirement", "/steps/c/run/hints/ResourceRequirement"],
    ),
    "one that two tools inherit": (
        _document({"a": TOOL, "b": _workflow({"c": TOOL})}, **_reserving("hints", coresMin=5)),
        MACHINE,
        ["/hints/ResourceRequirement"],
    ),
}


@pytest.mark.parametrize(("cwl", "machine", "pointers"), EXCEEDING.values(), ids=EXCEEDING)
def test_exceeds(cwl: dict[str, Any], machine: Needs, pointers: list[str]) -> None:
    """What the machine does not have is refused, with a pointer to each requirement that asks for it."""
    with pytest.raises(ResourcesExceedError) as caught:
        resources.check(cwl, machine)
    assert [each.pointer for each in caught.value.errors] == pointers


def test_the_numbers_are_said() -> None:
    """Whoever asked for too much reads how much that was, and how much there is."""
    cwl = _document({"a": {**TOOL, **_reserving(coresMin=16)}, "b": {**TOOL, **_reserving(ramMin=65536)}})
    with pytest.raises(ResourcesExceedError) as caught:
        resources.check(cwl, Needs(cores=3.5, memory=8000))
    has = "this server has 3.5 cores and 8000 MiB."
    assert str(caught.value) == f"16 cores and 65536 MiB of memory are asked for; {has}"
    assert caught.value.errors == [
        FieldError(
            "/steps/a/run/requirements/ResourceRequirement", f"16 cores and 256 MiB of memory are asked for; {has}"
        ),
        FieldError(
            "/steps/b/run/requirements/ResourceRequirement", f"1 cores and 65536 MiB of memory are asked for; {has}"
        ),
    ]


@pytest.mark.parametrize(
    ("body", "media_type", "where"),
    [
        (_tool(coresMin=16) | {"hints": DOCKER}, deploy.CWL_JSON, "/requirements/ResourceRequirement"),
        (
            {"executionUnit": [{"unit": _tool(coresMin=16) | {"hints": DOCKER}}]},
            deploy.PACKAGE,
            "/executionUnit/0/unit/requirements/ResourceRequirement",
        ),
        (
            {
                "processDescription": {"id": "p"},
                "executionUnit": [{"type": "docker", "image": "busybox", "config": {"cpuMin": 16}}],
            },
            deploy.PACKAGE,
            "/executionUnit/0/config",
        ),
    ],
)
def test_deployed(body: Any, media_type: str, where: str) -> None:
    """The pointer of a draft that does not fit the machine is into the body that was sent."""
    draft = drafted(body, media_type)
    draft.check_fits(Needs(cores=16, memory=256))
    with pytest.raises(ResourcesExceedError) as caught:
        draft.check_fits(MACHINE)
    assert [each.pointer for each in caught.value.errors] == [where]
