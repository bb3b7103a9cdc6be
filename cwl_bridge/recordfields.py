"""The ports in the type of a port: where in its value there are files with secondary files of their own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cwl_bridge import levels
from cwl_bridge.errors import InvalidProcessError
from registry.models import JSON

#: Arrays of arrays, and names of names.
MAX_NESTING = 20


def types(process: JSON) -> dict[str, Any]:
    """Those that have names, by these and by their last parts."""
    found: dict[str, Any] = {}
    for kind in ("requirements", "hints"):
        for name, body in _declared(process, kind):
            listed = body.get("types") if name == "SchemaDefRequirement" else None
            for each in listed if isinstance(listed, list) else []:
                if isinstance(each, dict) and isinstance(each.get("name"), str):
                    found[each["name"].removeprefix("#")] = each
    return {**{name.rpartition("/")[2]: each for name, each in found.items()}, **found}


def _declared(process: JSON, kind: str) -> list[tuple[str, JSON]]:
    """Requirements or hints; those that are none are for the policy to refuse."""
    try:
        return [(name, body) for name, body, _ in levels.requirements(process, kind, ())]
    except InvalidProcessError:
        return []


def fields(port: Any, types: Mapping[str, Any]) -> dict[str, Any]:
    """Of a record or an array of them, by name, what is declared as a port is. `types`: those that have names."""
    declared = port.get("type") if isinstance(port, dict) else None
    found: dict[str, Any] = {}
    for each in declared if isinstance(declared, list) else [declared]:
        record = _record(each, types)
        listed = record.get("fields", [])
        if isinstance(listed, dict):
            listed = [
                {"name": name, **(one if isinstance(one, dict) and "type" in one else {"type": one})}
                for name, one in listed.items()
            ]
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, dict):
                found[str(one.get("name")).rpartition("/")[2].rpartition("#")[2]] = one
    return found


def _record(declared: Any, types: Mapping[str, Any]) -> JSON:
    """Of a type, the record that it is an array of, or is itself."""
    for _ in range(MAX_NESTING):
        if isinstance(declared, str):
            bare = declared.removesuffix("?").removesuffix("[]").removeprefix("#")
            declared = types.get(bare, types.get(bare.rpartition("/")[2]))
        if not isinstance(declared, dict) or declared.get("type") == "record":
            break
        declared = declared.get("items")
    return declared if isinstance(declared, dict) else {}
