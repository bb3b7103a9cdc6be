"""A picture as SVG: inputs on top, steps by depth, outputs at the bottom; a workflow inside is a frame. Pure.

Layers as Sugiyama has them: depth is the longest way from an input, long edges get bends in the layers that they
cross, each layer is sorted by the places of what it is joined to, and moved below it as far as there is room.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from xml.sax.saxutils import escape

from cwl_bridge.picture import Graph, Node

#: Above this, long edges are drawn straight.
MAX_BENDS = 2000
SWEEPS = 4

CHARACTER, HEIGHT, PADDING = 7.3, 30.0, 12.0
GAP, LAYER_GAP, FRAME, TITLE = 18.0, 44.0, 16.0, 20.0

_STYLE = """
text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#222;text-anchor:middle}
.note{font-size:10px;fill:#666}
.title{font-weight:bold;text-anchor:start}
rect{stroke:#555;fill:#fff2cc}
.input{fill:#d9ead3}
.output{fill:#cfe2f3}
.expression{fill:#f3f3f3;stroke-dasharray:4 2}
.workflow{fill:#fafafa}
path{fill:none;stroke:#777}
marker path{fill:#777}
""".strip()

_ARROW = (
    '<marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker>'
)


@dataclass(eq=False)
class _Box:
    """A node, or where a long edge crosses a layer."""

    width: float
    height: float
    node: Node | None = None
    inside: _Drawing | None = None
    above: list[_Box] = field(default_factory=list)
    below: list[_Box] = field(default_factory=list)
    #: The middle.
    x: float = 0
    #: The upper edge.
    y: float = 0


@dataclass(frozen=True)
class _Drawing:
    width: float
    height: float
    #: SVG elements, in the order in which they are drawn.
    elements: tuple[str, ...]


def svg(drawn: Graph) -> str:
    """Stands for itself: no script, no font, no picture from elsewhere."""
    found = _draw(drawn)
    width, height = found.width + 2 * FRAME, found.height + 2 * FRAME
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<style>{_STYLE}</style>",
        f"<defs>{_ARROW}</defs>",
        f'<g transform="translate({FRAME} {FRAME})">',
        *found.elements,
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _draw(drawn: Graph) -> _Drawing:
    boxes = {each.key: _box(each) for each in drawn.nodes}
    joined = {(edge.source.key, edge.target.key) for edge in drawn.edges}
    depth = _depths(drawn, joined)
    layers: list[list[_Box]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for key, box in boxes.items():
        layers[depth[key]].append(box)
    for source, ends in sorted(_targets(joined).items(), key=lambda each: int(each[0][1:])):
        _join(boxes[source], depth[source], [(boxes[key], depth[key]) for key in ends], layers)
    layers = [each for each in layers if each]
    _sort(layers)
    width, height = _place(layers)
    elements = [_path(box, below) for layer in layers for box in layer for below in box.below]
    elements += [element for box in boxes.values() for element in _elements(box)]
    return _Drawing(width, height, tuple(elements))


def _box(node: Node) -> _Box:
    text = max(_text_width(node.label), _text_width(node.note)) * CHARACTER + 2 * PADDING
    if node.inside is None:
        return _Box(text, HEIGHT + (12 if node.note else 0), node)
    inside = _draw(node.inside)
    return _Box(max(inside.width + 2 * FRAME, text * 1.5), inside.height + 2 * FRAME + TITLE, node, inside)


def _text_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _depths(drawn: Graph, joined: set[tuple[str, str]]) -> dict[str, int]:
    """Inputs are at 0, steps below all that they need, outputs below all steps."""
    inputs = {each.key for each in drawn.inputs.values()}
    steps = [each.key for each in drawn.steps.values()]
    needed: dict[str, set[str]] = {key: set() for key in steps}
    for source, target in joined:
        if target in needed and source in needed:
            needed[target].add(source)
    # What needs itself could never run; in the order of the document it can be looked at.
    with suppress(CycleError):
        steps = list(TopologicalSorter(needed).static_order())
    depth = dict.fromkeys(inputs, 0)
    for key in steps:
        depth[key] = 1 + max((depth[each] for each in needed[key] if each in depth), default=0)
    bottom = max(depth.values(), default=0) + 1
    return {**depth, **{each.key: bottom for each in drawn.outputs.values()}}


def _targets(joined: set[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for source, target in sorted(joined, key=lambda each: int(each[1][1:])):
        found[source].append(target)
    return found


def _join(source: _Box, depth: int, ends: list[tuple[_Box, int]], layers: list[list[_Box]]) -> None:
    """Edges from one box; those that go far share their bends."""
    bends = {depth: source}
    furthest = max(at for _, at in ends)
    if sum(each.node is None for layer in layers for each in layer) + furthest - depth <= MAX_BENDS:
        for at in range(depth + 1, furthest):
            bends[at] = _Box(2, HEIGHT)
            _link(bends[at - 1], bends[at])
            layers[at].append(bends[at])
    for box, at in ends:
        _link(bends.get(at - 1, source), box)


def _link(above: _Box, below: _Box) -> None:
    above.below.append(below)
    below.above.append(above)


def _sort(layers: list[list[_Box]]) -> None:
    """Each layer by the mean place of what it is joined to, downwards and upwards in turn."""
    place = {box: index / len(layer) for layer in layers for index, box in enumerate(layer)}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0

        def mean(box: _Box, down: bool = down) -> float:
            joined = box.above if down else box.below
            return sum(place[each] for each in joined) / len(joined) if joined else place[box]

        for layer in layers if down else reversed(layers):
            layer.sort(key=mean)
            place.update((box, index / len(layer)) for index, box in enumerate(layer))


def _place(layers: list[list[_Box]]) -> tuple[float, float]:
    """Gives each box its place; the width and height of all."""
    y = 0.0
    for layer in layers:
        wanted = [_mean(box) for box in layer]
        edge = float("-inf")
        for box, x in zip(layer, wanted, strict=True):
            box.x = max(x, edge + box.width / 2)
            edge = box.x + box.width / 2 + GAP
        # They were moved to the right only; now the whole layer goes back.
        shift = sum(box.x - x for box, x in zip(layer, wanted, strict=True)) / len(layer)
        for box in layer:
            box.x -= shift
        height = max(box.height for box in layer)
        for box in layer:
            if box.node is None:
                # An edge goes past what stands beside it.
                box.height = height
            box.y = y + (height - box.height) / 2
        y += height + LAYER_GAP
    left = min((box.x - box.width / 2 for layer in layers for box in layer), default=0.0)
    right = max((box.x + box.width / 2 for layer in layers for box in layer), default=0.0)
    for layer in layers:
        for box in layer:
            box.x -= left
    return right - left, max(y - LAYER_GAP, 0.0)


def _mean(box: _Box) -> float:
    return sum(each.x for each in box.above) / len(box.above) if box.above else 0.0


def _path(above: _Box, below: _Box) -> str:
    x, y, to_x, to_y = above.x, above.y + above.height, below.x, below.y
    middle = (to_y - y) / 2
    end = ' marker-end="url(#end)"' if below.node else ""
    curve = f"M{x:.1f} {y:.1f}C{x:.1f} {y + middle:.1f} {to_x:.1f} {to_y - middle:.1f} {to_x:.1f} {to_y:.1f}"
    # Through the layer that a bend stands in.
    return f'<path d="{curve}{"" if below.node else f"V{to_y + below.height:.1f}"}"{end}/>'


def _elements(box: _Box) -> Iterator[str]:
    node = box.node
    if node is None:
        return
    left = box.x - box.width / 2
    round_corners = ' rx="10"' if node.kind in ("input", "output") else ' rx="2"'
    yield (
        f'<rect class="{node.kind}" x="{left:.1f}" y="{box.y:.1f}" width="{box.width:.1f}"'
        f' height="{box.height:.1f}"{round_corners}/>'
    )
    if box.inside is None:
        yield f'<text x="{box.x:.1f}" y="{box.y + 19:.1f}">{escape(node.label)}</text>'
        if node.note:
            yield f'<text class="note" x="{box.x:.1f}" y="{box.y + 34:.1f}">{escape(node.note)}</text>'
        return
    title = f"{node.label} ({node.note})" if node.note else node.label
    yield f'<text class="title" x="{left + 8:.1f}" y="{box.y + 16:.1f}">{escape(title)}</text>'
    x = box.x - box.inside.width / 2
    yield f'<g transform="translate({x:.1f} {box.y + TITLE + FRAME:.1f})">'
    yield from box.inside.elements
    yield "</g>"
