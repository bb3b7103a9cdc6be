"""A path in a process with everything in its place → the file it came from, through every kind of reference."""

from __future__ import annotations

from typing import Any

import pytest

from cwl_bridge import origins, resolve
from cwl_bridge.marks import Path
from cwl_bridge.packagefiles import REGISTERED, Files
from tests.cwl_bridge.cases import case

TOOL = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: ls\n"

FILES = {
    "main.cwl": """\
cwlVersion: v1.2
class: Workflow
requirements:
  - class: InlineJavascriptRequirement
  - $import: parts/more.yml
  - class: ScatterFeatureRequirement
inputs: {$import: parts/inputs.yml}
outputs: []
steps:
  one: {run: {$import: tools/own.cwl}, in: [], out: []}
  two: {run: tools/graph.cwl#b, in: [], out: []}
  three: {run: known, in: [], out: []}
  four: {run: tools/old.cwl, in: [], out: []}
""",
    "parts/more.yml": "- class: SubworkflowFeatureRequirement\n- {$import: deeper.yml}\n",
    "parts/deeper.yml": "[{class: StepInputExpressionRequirement}, {class: MultipleInputFeatureRequirement}]\n",
    "parts/inputs.yml": "a: {$mixin: ../common.yml, doc: own}\n",
    "common.yml": "{type: int, doc: common}\n",
    "tools/own.cwl": TOOL + "inputs: {'#own.cwl/x': int}\noutputs: []\n",
    "tools/graph.cwl": "cwlVersion: v1.2\n$namespaces: {a: 'http://b'}\n$graph:\n- {id: a}\n"
    "- {id: b, class: CommandLineTool, baseCommand: ls, inputs: [{id: '#b/y', type: int}], outputs: []}\n",
    "tools/old.cwl": TOOL.replace("v1.2", "v1.0")
    + "inputs: []\noutputs: []\nhints: [{class: WorkReuse}, {class: NetworkAccess}]\n",
}
KNOWN: dict[str, Any] = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "baseCommand": "ls",
    "inputs": {"z": "int"},
    "outputs": {},
}


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        case((), ("main.cwl", ()), name="the whole"),
        case(("requirements", 0), ("main.cwl", ("requirements", 0)), name="before what is imported"),
        case(("requirements", 1, "class"), ("parts/more.yml", (0, "class")), name="an item of a list that is imported"),
        case(("requirements", "3"), ("parts/deeper.yml", (1,)), name="and of one that this imports"),
        case(("requirements", 4), ("main.cwl", ("requirements", 2)), name="after what is imported"),
        case(("inputs", "a"), ("parts/inputs.yml", ("a",)), name="an object that is imported"),
        case(("inputs", "a", "doc"), ("parts/inputs.yml", ("a", "doc")), name="what is said beside a $mixin"),
        case(("inputs", "a", "type"), ("common.yml", ("type",)), name="what is mixed in"),
        case(("steps", "one", "run"), ("main.cwl", ("steps", "one", "run")), name="a reference"),
        case(("steps", "one", "run", "class"), ("tools/own.cwl", ("class",)), name="a process that is imported"),
        case(
            ("steps", "one", "run", "inputs", "x"),
            ("tools/own.cwl", ("inputs", "#own.cwl/x")),
            name="its own name",
        ),
        case(("steps", "one", "run", "label"), ("tools/own.cwl", ("label",)), name="what is not there"),
        case(("steps", "one", "run", "a", "b"), ("tools/own.cwl", ()), name="far from what is there"),
        case(("steps", "two", "run", "class"), ("tools/graph.cwl", ("$graph", 1, "class")), name="one of a $graph"),
        case(("steps", "two", "run", "cwlVersion"), ("tools/graph.cwl", ("cwlVersion",)), name="what all of it share"),
        case(
            ("steps", "two", "run", "inputs", "y", "type"),
            ("tools/graph.cwl", ("$graph", 1, "inputs", 0, "type")),
            name="an item by its name",
        ),
        case(("steps", "three", "run", "inputs", "z"), (f"{REGISTERED}known", ("inputs", "z")), name="registered"),
        case(("steps", "four", "run", "hints", 2), ("tools/old.cwl", ("hints", 0)), name="after hints that were added"),
        case(("steps", "four", "run", "hints", 0), ("tools/old.cwl", ("hints",)), name="a hint that was added"),
    ],
)
def test_where_a_part_of_a_process_came_from(path: Path, origin: tuple[str, Path]) -> None:
    """File and path, whatever way it came in."""
    files = Files({name: text.encode() for name, text in FILES.items()}, {"known": KNOWN})
    made = resolve.process(files, "main.cwl")

    assert origins.whole(files, "main.cwl", None, path, made) == origin


def test_imports_without_end() -> None:
    """The way ends somewhere."""
    files = Files({"a.yml": b"{$import: b.yml}", "b.yml": b"{$import: a.yml}"})
    lists = Files({"a.yml": b"[{$import: b.yml}, {$import: b.yml}]", "b.yml": b"[{$import: a.yml}, {$import: a.yml}]"})

    assert origins.within(files, "a.yml", ("x",))[0] in files.bodies
    assert origins.within(lists, "a.yml", (1, "x"))[0] in lists.bodies
