"""Schemas from one dialect to another: OGC's subset (18-062r2, schema.yaml), OpenAPI 3.0, OpenAPI 3.1. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cwl_bridge import schema as kinds
from cwl_bridge import values
from registry.models import JSON

#: Keywords whose value is a schema, a list of schemas, schemas by name.
_ONE = ("not", "items", "additionalProperties")
_LISTS = ("allOf", "oneOf", "anyOf")
_NAMED = ("properties",)

#: What an OpenAPI 3.0 schema may not have.
_NOT_IN_3_0 = ("contentMediaType", "contentEncoding", "contentSchema", "default")
_BYTES = "application/octet-stream"

Change = Callable[[JSON], JSON]


def _below(schema: JSON, change: Change) -> JSON:
    """A schema whose inner schemas are changed."""

    def changed(keyword: str, value: Any) -> Any:
        if keyword in _ONE and isinstance(value, dict):
            return change(value)
        if keyword in _LISTS:
            return [change(each) for each in value]
        if keyword in _NAMED:
            return {name: change(each) for name, each in value.items()}
        return value

    return {keyword: changed(keyword, value) for keyword, value in schema.items()}


def published(schema: JSON) -> JSON:
    """A schema of a process in the dialect of OpenAPI 3.0. What it refers to elsewhere is only named."""
    if "$ref" in schema:
        return {"externalDocs": {"url": schema["$ref"]}}
    found = {key: each for key, each in _below(schema, published).items() if key not in _NOT_IN_3_0}
    if schema.get("contentEncoding") == "base64":
        found["format"] = "byte"
    media_type = schema.get("contentMediaType")
    if media_type:
        found["description"] = f"{found['description']} ({media_type})" if "description" in found else media_type
    default = schema.get("default")
    if default is not None and not kinds.is_file(schema) and values.fits(schema, default):
        found["default"] = default
    if found.get("type") == "array":
        found.setdefault("items", {})
    # Version 3.0 wants at least one name.
    if found.get("required") == []:
        del found["required"]
    return found


def modern(schema: JSON) -> JSON:
    """A schema of OpenAPI 3.0 in the dialect of OpenAPI 3.1, which is JSON Schema 2020-12."""
    found = _below(schema, modern)
    if found.pop("nullable", False):
        if "type" in found:
            found["type"] = [found["type"], "null"]
        if "enum" in found and None not in found["enum"]:
            found["enum"] = [*found["enum"], None]
        if "anyOf" in found:
            found["anyOf"] = [*found["anyOf"], {"type": "null"}]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if found.pop(exclusive, False) and bound in found:
            found[exclusive] = found.pop(bound)
    if "example" in found:
        found["examples"] = [found.pop("example")]
    if found.get("format") == "byte":
        del found["format"]
        found["contentEncoding"] = "base64"
    if found.get("format") == "binary":
        # Bytes as they are: no JSON type is theirs.
        del found["format"], found["type"]
        found["contentMediaType"] = _BYTES
    return found


def document(found: JSON) -> JSON:
    """A definition of version 3.0, or a part of one, in version 3.1: its schemas are changed, wherever they are."""

    def walked(value: Any, *, named: bool = False) -> Any:
        if isinstance(value, list):
            return [walked(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {key: _part(key, each, walked) if not named else modern(each) for key, each in value.items()}

    whole: JSON = walked(found)
    return whole


def _part(key: str, value: Any, walked: Callable[..., Any]) -> Any:
    if key == "schema":
        return modern(value)
    if key == "example":
        return value
    return walked(value, named=key == "schemas")
