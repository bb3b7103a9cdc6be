"""The alternatives of a CWL union → one JSON Schema. Pure.

`oneOf` fails where two alternatives accept a value: 5 is int and float, "a" is enum and string, [] is any array.
So the narrower of two is left out, and what may overlap otherwise stands together in an `anyOf`.
"""

from __future__ import annotations

from typing import Any

from registry.models import JSON


def schema(alternatives: list[JSON]) -> JSON:
    """The schema of a value that is one of these."""
    found = _without_narrower(alternatives)
    groups: list[list[JSON]] = []
    for each in found:
        touching = [group for group in groups if not all(_apart(each, other) for other in group)]
        merged = [*(other for group in touching for other in group), each]
        position = min((groups.index(group) for group in touching), default=len(groups))
        groups = [group for group in groups if group not in touching]
        groups.insert(position, merged)
    members = [group[0] if len(group) == 1 else {"anyOf": group} for group in groups]
    return members[0] if len(members) == 1 else {"oneOf": members}


def _without_narrower(schemas: list[JSON]) -> list[JSON]:
    if {} in schemas:
        return [{}]
    found = list(schemas)
    if any(each.get("type") == "number" for each in found):
        found = [each for each in found if each.get("type") != "integer"]
    for kind, widest in (("integer", "int64"), ("number", "double")):
        if sum(each.get("type") == kind for each in found) > 1:
            found = [each for each in found if each.get("type") != kind or each.get("format") == widest]
    plain = {"type": "string"}
    if plain in found:
        found = [each for each in found if each == plain or each.get("type") != "string"]
    return [each for index, each in enumerate(_one_enum(found)) if each not in found[:index]]


def _one_enum(schemas: list[JSON]) -> list[JSON]:
    """Two enums are one, of all their symbols."""
    enums = [each for each in schemas if "enum" in each and each.get("type") == "string"]
    if len(enums) < 2:
        return schemas
    merged = {"type": "string", "enum": list(dict.fromkeys(symbol for each in enums for symbol in each["enum"]))}
    return [merged if each is enums[0] else each for each in schemas if each is enums[0] or each not in enums]


def _apart(one: JSON, other: JSON) -> bool:
    """Whether no value fits both."""
    one, other = _spelled(one), _spelled(other)
    kinds = {"number" if each.get("type") == "integer" else each.get("type") for each in (one, other)}
    if None in kinds:
        return False
    if len(kinds) == 2:
        return True
    if "string" in kinds:
        # Two files are told apart by their media types, a file from a text by the form that it comes in.
        return any("contentMediaType" in each or each.get("format") == "directory" for each in (one, other))
    return "object" in kinds and _objects_apart(one, other)


def _objects_apart(one: JSON, other: JSON) -> bool:
    if _is_cwl_object(one) != _is_cwl_object(other):
        return True
    both = set(one.get("required", ())) & set(other.get("required", ()))
    return any(_values_apart(one["properties"].get(name, {}), other["properties"].get(name, {})) for name in both)


def _is_cwl_object(schema: JSON) -> bool:
    return "class" in schema.get("required", ()) and schema.get("properties", {}).get("class", {}).get("enum") in (
        ["File"],
        ["Directory"],
    )


def _values_apart(one: JSON, other: JSON) -> bool:
    if "enum" in one and "enum" in other:
        return not set(map(repr, one["enum"])) & set(map(repr, other["enum"]))
    kinds = {"number" if each.get("type") == "integer" else each.get("type") for each in (one, other)}
    return None not in kinds and len(kinds) == 2


def _spelled(schema: JSON) -> JSON:
    """With the parts of an `allOf` in one."""
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found.update(part)
    return {**found, **schema}
