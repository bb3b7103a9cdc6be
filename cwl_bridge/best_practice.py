"""What OGC's best practice for Earth-observation packages (20-089r1, requirements 7 to 14) asks for beyond CWL. Pure.

A document that does not meet it runs all the same, so these are warnings. Of requirements 12 to 14 only the declaration
can be seen: which inputs and outputs are products is not written in a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge import describe, levels, metadata, schema
from cwl_bridge.errors import BridgeError, FieldError, pointer
from cwl_bridge.levels import Level, Where
from registry.models import JSON


def warnings(cwl: JSON) -> list[FieldError]:
    """Of a document that passed the policy, each requirement that it does not meet, with a pointer into it."""
    return [
        FieldError(pointer(*where), f"{detail} (OGC 20-089r1, requirement {number})")
        for where, detail, number in _unmet(cwl)
    ]


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
    yield from _lacking(tool.declared, tool.where, ("id", "baseCommand"), "A CommandLineTool", 8)
    container = tool.in_force("DockerRequirement")
    if container is None or not container[0].get("dockerPull"):
        yield (*tool.where, "requirements"), "A CommandLineTool has no DockerRequirement with dockerPull.", 8


def _lacking(declared: JSON, where: Where, members: tuple[str, ...], subject: str, number: int) -> _Unmet:
    for member in members:
        value = declared.get(member)
        text = metadata.doc(declared) if member == "doc" else " ".join(value) if isinstance(value, list) else value
        if not isinstance(text, str) or not text.strip():
            yield where, f"{subject} has no '{member}'.", number


def _staging(cwl: JSON) -> _Unmet:
    """Products come and go as Directories with a STAC catalogue."""
    number = 13 if cwl["class"] == "Workflow" else 12
    for name, (port, where) in _ports(cwl, "inputs").items():
        if _is_file(cwl, port):
            yield (*where, "type"), f"A product for '{name}' is staged into a Directory, and this is a File.", number
    for name, (port, where) in _ports(cwl, "outputs").items():
        if _is_file(cwl, port):
            yield (*where, "type"), f"What '{name}' gives is staged out as a Directory, and this is a File.", 14


def _ports(cwl: JSON, kind: str) -> dict[str, tuple[JSON, Where]]:
    """Inputs or outputs by their short names, each with its place."""
    declared = cwl.get(kind) or {}
    keys = list(declared) if isinstance(declared, dict) else range(len(declared))
    return {
        name: (port, (kind, key)) for (name, port), key in zip(describe.ports(cwl, kind).items(), keys, strict=False)
    }


def _is_file(cwl: JSON, port: JSON) -> bool:
    try:
        found: Any = describe.types(cwl, {"it": port})["it"]
    except BridgeError:
        return False
    return any(each == "File" or schema.items_of(each) == "File" for each in schema.alternatives(found))
