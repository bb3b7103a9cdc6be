"""Pictures of documents: what is in them, that they can be read, and that no label is more than a label."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import document, drawing, picture

PACKAGES = Path(__file__).parents[1] / "data" / "packages"
DOCUMENTS = sorted(PACKAGES.glob("*.cwl"))
SVG = "{http://www.w3.org/2000/svg}"

_TEXT = r'"((?:[^"\\]|\\["\\])*)"'
#: Every line that DOT is made of: a node or the label of a cluster, an edge, anything else.
_LINE = re.compile(
    rf" *(?:(?P<node>n[0-9]+) \[label={_TEXT}, shape=box, style=[a-z\",]+, fillcolor=\"#[0-9a-f]{{6}}\"\];"
    rf"|label={_TEXT};|(?P<source>n[0-9]+) -> (?P<target>n[0-9]+);"
    r"|subgraph cluster_n[0-9]+ \{|n[0-9]+ \[shape=point, style=invis, label=\"\"\];|digraph workflow \{|\}"
    r"|(?:graph|node) \[[a-zA-Z0-9=\", -]+\];)"
)

HOSTILE = [
    "<script>alert(1)</script>",
    '"]; evil [label="',
    "\\",
    'ends with \\"',
    "]]>",
    "&amp;",
    "\x00\x08\x1b\ud800",
    "\u202egnp.exe",
    "\n}\ndigraph {",
    "漢字" * 40,
    "\\N\\G",
    "<<b>x</b>>",
]


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = document.read_yaml((PACKAGES / f"{name}.cwl").read_bytes())
    return found


def step(*sources: str, **more: Any) -> dict[str, Any]:
    tool = {"class": "CommandLineTool", "inputs": {}, "outputs": {}}
    return {"run": tool, "in": {f"p{index}": each for index, each in enumerate(sources)}, "out": ["out"], **more}


def workflow(steps: Any, inputs: Any = None, outputs: Any = None) -> dict[str, Any]:
    return {"class": "Workflow", "inputs": inputs or {}, "outputs": outputs or {}, "steps": steps}


def edges(graph: picture.Graph) -> list[tuple[str, str]]:
    return [(each.source.label, each.target.label) for each in graph.edges]


@dataclass
class Dot:
    """What a reader of DOT finds; labels by the keys of nodes, None: of clusters."""

    nodes: dict[str, str]
    clusters: list[str]
    edges: list[tuple[str, str]]


def read_dot(text: str) -> Dot:
    """Strict: a line that is none of those that are written is an error."""
    found = Dot({}, [], [])
    depth = 0
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        assert match, line
        depth += line.endswith("{") - (line.strip() == "}")
        label = next((each for each in match.group(2, 3) if each is not None), "")
        if match["node"]:
            found.nodes[match["node"]] = label
        elif match["source"]:
            found.edges.append((match["source"], match["target"]))
        elif label:
            found.clusters.append(label)
    assert depth == 0
    return found


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_workflow_inside_a_workflow() -> None:
    """Inputs, steps, outputs and what flows between them, on both levels."""
    graph = picture.graph(read("workflow-nested"))

    inside = graph.steps["sort"].inside
    assert inside is not None
    assert [each.label for each in graph.nodes] == ["first", "second", "lines", "sort", "cut", "sorted", "head"]
    assert edges(graph) == [
        ("first", "sort"),
        ("second", "sort"),
        ("sort", "cut"),
        ("lines", "cut"),
        ("sort", "sorted"),
        ("cut", "head"),
    ]
    assert edges(inside) == [("files", "pick"), ("pick", "sort"), ("sort", "sorted")]
    assert inside.steps["pick"].kind == "expression"


def test_a_tool_alone_is_one_box() -> None:
    """With its inputs and outputs."""
    tool = {
        "class": "CommandLineTool",
        "id": "file.cwl#one",
        "inputs": {"a": "File", "b": "int"},
        "outputs": {"c": "File"},
    }

    graph = picture.graph(tool)

    assert edges(graph) == [("a", "one"), ("b", "one"), ("one", "c")]


@pytest.mark.parametrize("listed", [False, True])
def test_however_a_workflow_is_written(listed: bool) -> None:
    """Lists with ids or objects, ids short or long, sources one or several."""
    inputs: Any = {"a": "File"}
    steps: Any = {"one": step("a", scatter="p0"), "two": step("one/out", "a", when="$(true)")}
    outputs: Any = {"z": {"type": "File", "outputSource": ["two/out", "one/out"]}}
    if listed:
        inputs = [{"id": "#main/a", "type": "File"}]
        steps = [
            {**step(), "id": "#main/one", "in": [{"id": "#main/one/x", "source": "#main/a"}], "scatter": "x"},
            {
                **step(),
                "id": "#main/two",
                "in": [{"id": "x", "source": ["#main/one/out"]}, {"id": "y", "source": "a"}, {"id": "d", "default": 1}],
                "when": "$(true)",
            },
        ]
        outputs = [{"id": "#main/z", "type": "File", "outputSource": ["#main/two/out", "one/out"]}]

    graph = picture.graph(workflow(steps, inputs, outputs))

    assert edges(graph) == [("a", "one"), ("one", "two"), ("a", "two"), ("two", "z"), ("one", "z")]
    assert [each.note for each in graph.steps.values()] == ["scatter", "when"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_document_can_be_drawn(path: Path) -> None:
    """DOT that its reader reads, XML that is well-formed, each with every name."""
    graph = picture.graph(document.read_yaml(path.read_bytes()))

    dot, svg = picture.dot(graph), drawing.svg(graph)

    found = read_dot(dot)
    for each in graph.nodes:
        assert any(each.label in text for text in texts(svg))
        assert any(each.label in text for text in [*found.nodes.values(), *found.clusters])


def test_the_dot_of_a_workflow_inside_a_workflow() -> None:
    """A cluster; edges go on to the ports inside."""
    found = read_dot(picture.dot(picture.graph(read("workflow-nested"))))

    edges = {(found.nodes[source], found.nodes[target]) for source, target in found.edges}
    assert found.clusters == ["sort"]
    assert {("first", "files"), ("sorted", "cut"), ("sorted", "sorted")} <= edges


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_only_a_label(label: str) -> None:
    """Whatever it holds, it adds neither nodes nor elements, and one line at the most."""
    plain = picture.graph(workflow({"x": step("a")}, {"a": "File"}, {"z": {"type": "File", "outputSource": "x/out"}}))
    ids = {name: f"{name}{label}" for name in ("x", "a", "z")}
    names = {key: picture._short(each) for key, each in ids.items()}
    source = f"{names['x']}/out"
    hostile = picture.graph(
        workflow({ids["x"]: step(names["a"])}, {ids["a"]: "File"}, {ids["z"]: {"type": "File", "outputSource": source}})
    )

    dot, svg = picture.dot(hostile), drawing.svg(hostile)

    assert read_dot(dot).nodes.keys() == read_dot(picture.dot(plain)).nodes.keys()
    assert {each.tag for each in ET.fromstring(svg).iter()} == {
        each.tag for each in ET.fromstring(drawing.svg(plain)).iter()
    }
    assert all(len(each) <= picture.MAX_LABEL and each.isprintable() for each in texts(svg))


def test_boxes_stand_clear_of_each_other() -> None:
    """Above each other where one needs the other, and none over another."""
    steps = {f"step{n}": step(*(f"step{m}/out" for m in range(n) if (n * m) % 3 == 1), f"in{n % 4}") for n in range(20)}
    graph = picture.graph(workflow(steps, {f"in{n}": "File" for n in range(4)}))

    rects = [
        tuple(float(each.get(name, "0")) for name in ("x", "y", "width", "height"))
        for each in ET.fromstring(drawing.svg(graph)).iter(f"{SVG}rect")
    ]

    assert len(rects) == 24
    for index, (x, y, width, height) in enumerate(rects):
        assert x >= 0
        assert y >= 0
        for other_x, other_y, other_width, other_height in rects[:index]:
            beside = x + width <= other_x or other_x + other_width <= x
            assert beside or y + height <= other_y or other_y + other_height <= y


@pytest.mark.parametrize(
    "steps",
    [
        {"a": step("b/out"), "b": step("a/out")},
        {"a": step("a/out")},
        {"a": {"run": "elsewhere.cwl", "in": {"x": None, "y": "no/where", "z": "nothing"}, "out": []}},
        {},
    ],
)
def test_workflows_that_can_not_run(steps: Any) -> None:
    """Are drawn as far as they go."""
    graph = picture.graph(workflow(steps))

    assert len(read_dot(picture.dot(graph)).nodes) == len(steps)
    assert len(texts(drawing.svg(graph))) == len(steps)


@pytest.mark.parametrize("wide", [False, True])
def test_a_large_workflow_is_drawn_in_time(wide: bool) -> None:
    """A thousand steps side by side, or each after the other and all from one input to one output."""
    steps = {f"s{n}": step("a") if wide or not n else step(f"s{n - 1}/out", "a") for n in range(1000)}
    outputs = {"z": {"type": "File[]", "outputSource": [f"{name}/out" for name in steps]}}
    begun = time.monotonic()

    drawing.svg(picture.graph(workflow(steps, {"a": "File"}, outputs)))

    assert time.monotonic() - begun < 5
