"""A CWL document → what there is to draw of it: inputs, steps, outputs and what flows between them. Pure.

And that as DOT. `drawing` makes an SVG of it. Labels come from clients: they are escaped, cut, and never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from cwl_bridge import describe
from registry.models import JSON

MAX_LABEL = 48

_SHAPES = {
    "input": 'shape=box, style="rounded,filled", fillcolor="#d9ead3"',
    "output": 'shape=box, style="rounded,filled", fillcolor="#cfe2f3"',
    "tool": 'shape=box, style=filled, fillcolor="#fff2cc"',
    "expression": 'shape=box, style="filled,dashed", fillcolor="#f3f3f3"',
}
_KINDS = {"CommandLineTool": "tool", "ExpressionTool": "expression", "Workflow": "workflow"}


@dataclass(frozen=True, eq=False)
class Node:
    #: Unique in the whole picture.
    key: str
    label: str
    #: input, output, tool, expression, workflow.
    kind: str
    #: How it runs: "scatter", "when".
    note: str = ""
    #: What is in a workflow.
    inside: Graph | None = None


@dataclass(frozen=True)
class Graph:
    """One level of a document; edges lead between its own nodes."""

    #: By their ids in the document.
    inputs: dict[str, Node]
    steps: dict[str, Node]
    outputs: dict[str, Node]
    edges: tuple[Edge, ...]

    @property
    def nodes(self) -> Iterator[Node]:
        for each in (self.inputs, self.steps, self.outputs):
            yield from each.values()


@dataclass(frozen=True)
class Edge:
    source: Node
    target: Node
    #: The output of a step where it begins, the input of a step where it ends.
    out: str = ""
    into: str = ""


def graph(cwl: JSON) -> Graph:
    """A document that has been validated; what it refers to beside itself is left out."""
    return _graph(cwl, "the process", count(1))


def _graph(process: JSON, name: str, numbers: Iterator[int]) -> Graph:
    """A tool alone is a picture with one step."""

    def node(label: str, kind: str, note: str = "", inside: Graph | None = None) -> Node:
        return Node(f"n{next(numbers)}", _label(label), kind, note, inside)

    ports = describe.ports(process, "outputs")
    inputs = {each: node(each, "input") for each in describe.ports(process, "inputs")}
    steps: dict[str, Node] = {}
    if process.get("class") != "Workflow":
        own = node(_own_name(process, name), _KINDS.get(str(process.get("class")), "tool"))
        edges = [*(Edge(each, own) for each in inputs.values())]
        outputs = {each: node(each, "output") for each in ports}
        edges += [Edge(own, each) for each in outputs.values()]
        return Graph(inputs, {"": own}, outputs, tuple(edges))
    declared = _by_name(process.get("steps"))
    for each, step in declared.items():
        run = step.get("run")
        run = run if isinstance(run, dict) else {}
        kind = _KINDS.get(str(run.get("class")), "tool")
        inside = _graph(run, each, numbers) if kind == "workflow" else None
        steps[each] = node(each, kind, _note(step), inside)
    outputs = {each: node(each, "output") for each in ports}

    def edges_of(sources: Any, target: Node, into: str = "") -> Iterator[Edge]:
        for source in sources if isinstance(sources, list) else [sources]:
            *_, before, last = ["", *str(source).rpartition("#")[2].split("/")]
            if before in steps:
                yield Edge(steps[before], target, last, into)
            elif last in inputs:
                yield Edge(inputs[last], target, "", into)

    found: list[Edge] = []
    for each, step in declared.items():
        for into, taken in _by_name(step.get("in"), "source").items():
            found += edges_of(taken.get("source"), steps[each], into)
    for each, port in ports.items():
        found += edges_of(port.get("outputSource"), outputs[each])
    return Graph(inputs, steps, outputs, tuple(dict.fromkeys(found)))


def _by_name(declared: Any, short: str = "") -> dict[str, JSON]:
    """The members of a list with ids or of an object, by their short names; a bare value is its member `short`."""
    if isinstance(declared, list):
        return {_short(str(each.get("id", ""))): each for each in declared if isinstance(each, dict)}
    if not isinstance(declared, dict):
        return {}
    return {_short(name): each if isinstance(each, dict) else {short: each} for name, each in declared.items()}


def _short(name: str) -> str:
    return name.rpartition("#")[2].rpartition("/")[2]


def _own_name(process: JSON, name: str) -> str:
    own = process.get("id") or process.get("label")
    return _short(own) if isinstance(own, str) and _short(own) else name


def _note(step: JSON) -> str:
    return ", ".join(each for each in ("scatter", "when") if step.get(each))


def _label(text: str) -> str:
    """One line of printable characters."""
    clean = "".join(each if each.isprintable() else "�" for each in text)
    return clean if len(clean) <= MAX_LABEL else clean[: MAX_LABEL - 1] + "…"


def dot(drawn: Graph) -> str:
    """For graphviz; subworkflows are clusters."""
    lines = [
        "digraph workflow {",
        '  graph [rankdir=TB, fontname="sans-serif", fontsize=11];',
        '  node [fontname="sans-serif", fontsize=11];',
        *_body(drawn, "  "),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _body(drawn: Graph, indent: str) -> Iterator[str]:
    for each in drawn.nodes:
        label = f"{each.label} ({each.note})" if each.note else each.label
        if each.inside is None:
            yield f"{indent}{each.key} [label={_quoted(label)}, {_SHAPES[each.kind]}];"
            continue
        yield f"{indent}subgraph cluster_{each.key} {{"
        yield f"{indent}  label={_quoted(label)};"
        # Where edges end whose other end can't be told, in a workflow without inputs or outputs.
        yield f'{indent}  {each.key} [shape=point, style=invis, label=""];'
        yield from _body(each.inside, indent + "  ")
        yield f"{indent}}}"
    for edge in drawn.edges:
        yield f"{indent}{_end(edge.source, edge.out, 'outputs')} -> {_end(edge.target, edge.into, 'inputs')};"


def _end(node: Node, port: str, kind: str) -> str:
    """An edge to a workflow goes on to the node of the port inside."""
    inside: Node | None = getattr(node.inside, kind).get(port) if node.inside else None
    return inside.key if inside else node.key


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
