"""JSON Schema as clients send it → the subset that OGC 18-062r2's schema.yaml allows. Pure."""

from __future__ import annotations

import json
from typing import Any

from cwl_bridge.errors import InvalidProcessError
from registry.models import JSON

_PUBLISHED = frozenset(
    [
        "title",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxProperties",
        "minProperties",
        "required",
        "enum",
        "type",
        "not",
        "allOf",
        "oneOf",
        "anyOf",
        "items",
        "properties",
        "additionalProperties",
        "description",
        "format",
        "default",
        "nullable",
        "readOnly",
        "writeOnly",
        "example",
        "deprecated",
        "contentMediaType",
        "contentEncoding",
        "contentSchema",
        "$ref",
    ]
)


def publishable(schema: Any) -> JSON:
    """The schema in the subset of 18-062r2's schema.yaml; what newer drafts say otherwise is said in its words."""
    if not isinstance(schema, dict):
        raise InvalidProcessError("A schema has to be an object.")
    if "$ref" in schema:
        if str(schema["$ref"]).startswith("#"):
            raise InvalidProcessError("A schema refers to another part of its document ($ref '#…'); spell it out.")
        return {"$ref": schema["$ref"]}
    found = {key: each for key, each in schema.items() if key in _PUBLISHED and each is not None}
    if "const" in schema:
        found["enum"] = [schema["const"]]
    if isinstance(found.get("enum"), list):
        # By their JSON: for Python true and 1 are the same.
        found["enum"] = list({json.dumps(each): each for each in found["enum"]}.values())
    if isinstance(found.get("type"), list):
        kinds = [each for each in found["type"] if each != "null"]
        found["nullable"] = "null" in found["type"]
        found["type"] = kinds[0] if kinds else "string"
        if len(kinds) > 1:
            del found["type"]
            alternatives = {"oneOf": [{"type": each} for each in kinds]}
            found = (
                {**found, "allOf": [*found.get("allOf", []), alternatives]}
                if "oneOf" in found
                else {**alternatives, **found}
            )
    for bound, exclusive, stronger in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        limit, plain = found.get(exclusive), found.get(bound)
        if _is_number(limit):
            del found[exclusive]
            if plain is None or not _is_number(plain) or stronger([plain, limit]) == limit:
                found[bound], found[exclusive] = limit, True
    return _publishable_parts(found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _publishable_parts(schema: JSON) -> JSON:
    for keyword in ("allOf", "oneOf", "anyOf"):
        if isinstance(schema.get(keyword), list):
            parts = [each for each in schema[keyword] if each != {"type": "null"}]
            if len(parts) < len(schema[keyword]):
                schema["nullable"] = True
            schema[keyword] = [publishable(each) for each in parts]
    for keyword in ("items", "not"):
        if keyword in schema:
            schema[keyword] = publishable(schema[keyword])
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {name: publishable(each) for name, each in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = publishable(schema["additionalProperties"])
    return schema
