"""What OGC's best practice for Earth-observation packages (20-089r1, requirements 7 to 14) asks for beyond CWL. Pure.

A document that does not meet it runs all the same: the server warns, or refuses where it is told to be strict. Of
requirements 12 to 14 only so much can be seen: which inputs and outputs are products is not written in a document.
Where no input (or output) is a Directory, a File is taken for one; beside a Directory it is a parameter or a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cwl_bridge import describe, levels, metadata, schema
from cwl_bridge.errors import BridgeError, FieldError, pointer
from cwl_bridge.levels import Level, Where
from registry.models import JSON


class BestPracticeError(BridgeError):
    """The document could run, but does not meet the best practice; `errors` has every requirement that it misses."""


def unmet(cwl: JSON, sources: Mapping[str, Any]) -> list[FieldError]:
    """Of a document that cwltool has found valid, each requirement that it does not meet, with a pointer into it.

    `sources`: the files that it was made of, by their names, with their ids, which what is put in the place of a
    reference has no more; pointers lead into the one without a name.
    """
    return [
        FieldError(pointer(*where), f"{detail} (OGC 20-089r1, requirement {number})")
        for where, detail, number in (*_unmet(cwl), *_nameless(sources))
    ]


def check(found: list[FieldError]) -> None:
    """Raises BestPracticeError where something is not met."""
    if found:
        raise BestPracticeError(f"OGC's best practice for packages is not met in {len(found)} places.", found)


_Unmet = Iterator[tuple[Where, str, int]]


def _unmet(cwl: JSON) -> _Unmet:
    found = list(levels.walk(cwl))
    if cwl["class"] != "Workflow" or not any(each.kind == "CommandLineTool" for each in found):
        yield ("class",), "A package is a Workflow with at least one CommandLineTool.", 7
    for each in found:
        if each.kind == "CommandLineTool":
            yield from _tool(each)
    if cwl["class"] == "Workflow":
        yield from _lacking(cwl, (), ("id", "label", "doc"), "The Workflow", 9)
        for name, (port, where) in _ports(cwl, "inputs").items():
            yield from _lacking(port, where, ("label", "doc"), f"The input '{name}'", 10)
    if "version" not in metadata.about(cwl):
        yield (), "The document has no s:softwareVersion.", 11
    yield from _staging(cwl)


def _tool(tool: Level) -> _Unmet:
    yield from _lacking(tool.declared, tool.where, ("baseCommand",), "A CommandLineTool", 8)
    container = tool.in_force("DockerRequirement")
    if container is None or not container[0].get("dockerPull"):
        yield (*tool.where, "requirements"), "A CommandLineTool has no DockerRequirement with dockerPull.", 8


def _nameless(sources: Mapping[str, Any]) -> _Unmet:
    """Tools without an id. The same object may stand in two sources: a package, and the unit in it."""
    seen: set[int] = set()
    for name, source in sources.items():
        for tool, where in _tools(source, ()):
            if id(tool) not in seen:
                subject = f"A CommandLineTool in {name}" if name else "A CommandLineTool"
                yield from _lacking(tool, () if name else where, ("id",), subject, 8)
            seen.add(id(tool))


def _tools(value: Any, where: Where) -> Iterator[tuple[JSON, Where]]:
    if isinstance(value, dict) and value.get("class") == "CommandLineTool":
        yield value, where
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _tools(each, (*where, key))


def _lacking(declared: JSON, where: Where, members: tuple[str, ...], subject: str, number: int) -> _Unmet:
    for member in members:
        value = declared.get(member)
        text = metadata.doc(declared) if member == "doc" else " ".join(value) if isinstance(value, list) else value
        if not isinstance(text, str) or not text.strip():
            yield where, f"{subject} has no '{member}'.", number


def _staging(cwl: JSON) -> _Unmet:
    """Products come and go as Directories with a STAC catalogue."""
    number = 13 if cwl["class"] == "Workflow" else 12
    for name, where in _files_alone(cwl, "inputs"):
        yield (*where, "type"), f"A product for '{name}' is staged into a Directory, and this is a File.", number
    for name, where in _files_alone(cwl, "outputs"):
        yield (*where, "type"), f"What '{name}' gives is staged out as a Directory, and this is a File.", 14


def _files_alone(cwl: JSON, kind: str) -> list[tuple[str, Where]]:
    """The ports that are Files, where none is a Directory."""
    found = _ports(cwl, kind)
    if any(_holds(cwl, port, "Directory") for port, _ in found.values()):
        return []
    return [(name, where) for name, (port, where) in found.items() if _holds(cwl, port, "File")]


def _ports(cwl: JSON, kind: str) -> dict[str, tuple[JSON, Where]]:
    """Inputs or outputs by their short names, each with its place."""
    declared = cwl.get(kind) or {}
    keys = list(declared) if isinstance(declared, dict) else range(len(declared))
    return {
        name: (port, (kind, key)) for (name, port), key in zip(describe.ports(cwl, kind).items(), keys, strict=False)
    }


def _holds(cwl: JSON, port: JSON, what: str) -> bool:
    """Whether a port is a File (or a Directory), or a list of them."""
    try:
        found: Any = describe.types(cwl, {"it": port})["it"]
    except BridgeError:
        return False
    return any(what in (each, schema.items_of(each)) for each in schema.alternatives(found))
