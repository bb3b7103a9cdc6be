"""One operation for each deployed process: its own body, with an example that it takes. Pure."""

from __future__ import annotations

import math
from typing import Any

from cwl_bridge import media
from cwl_bridge import schema as kinds
from registry.models import JSON, Parameter, ProcessDescription
from server.endpoints import Endpoint
from server.links import JSON as JSON_TYPE
from server.links import quoted
from server.openapi import dialects, document, schemas, security

#: A small one of its kind, where nothing better is known.
_SAMPLES: dict[str, Any] = {"string": "text", "boolean": True, "integer": 1, "number": 1.0}
_TEXTS = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "uri": "http://www.opengis.net/"}
_BBOX = {"bbox": [5.9, 45.8, 10.5, 47.8], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}


def components(execution: Endpoint) -> JSON:
    """What the operations of all processes have alike: parameters and answers of the route."""
    return {
        "parameters": {_name(each.name): document.parameter(each) for each in execution.parameters},
        "responses": {_name(status): each for status, each in document.answers(execution).items()},
    }


def _name(of: str) -> str:
    return f"execution.{of}"


def _references(execution: Endpoint) -> JSON:
    """To these components, as members of an operation."""
    there = components(execution)
    return {
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in there["parameters"]],
        "responses": {
            name.rpartition(".")[2]: {"$ref": f"#/components/responses/{name}"} for name in there["responses"]
        },
    }


def path(description: ProcessDescription) -> str:
    return f"/processes/{quoted(description.id)}/execution"


def operation(description: ProcessDescription, execution: Endpoint) -> JSON:
    """What executes the process. `execution`: the route that does."""
    about = description.about
    found: JSON = {
        "operationId": f"execute.{description.id}",
        "summary": about.get("title", f"Execute {description.id}"),
        "tags": ["Executions"],
        "requestBody": {
            "required": any(each.min_occurs > 0 for each in description.inputs.values()),
            "content": {JSON_TYPE: {"schema": _request(description), "example": example(description)}},
        },
        **_references(execution),
        **security.of(execution.scope),
    }
    return {**found, "description": about["description"]} if "description" in about else found


def _request(description: ProcessDescription) -> JSON:
    required = [name for name, each in description.inputs.items() if each.min_occurs > 0]
    inputs: JSON = {
        "type": "object",
        "properties": {name: _input(each) for name, each in description.inputs.items()},
        "additionalProperties": False,
    }
    if required:
        inputs["required"] = required
    own: JSON = {
        "type": "object",
        "properties": {
            "inputs": inputs,
            "outputs": {
                "type": "object",
                "nullable": True,
                "properties": {name: {"$ref": "#/components/schemas/output"} for name in description.outputs},
                "additionalProperties": False,
            },
            "response": schemas.RESPONSE,
        },
    }
    return {**own, "required": ["inputs"]} if required else own


def _input(parameter: Parameter) -> JSON:
    one = _value(parameter)
    # What may be left out may be null.
    about = _words(parameter) | ({} if parameter.min_occurs else {"nullable": True})
    if not parameter.many:
        return {**one, **about}
    several: JSON = {"type": "array", "items": one, "minItems": parameter.min_occurs}
    if parameter.max_occurs is not None:
        several["maxItems"] = parameter.max_occurs
    return {**several, **about}


def _words(parameter: Parameter) -> JSON:
    return {key: parameter.about[key] for key in ("title", "description") if key in parameter.about}


def _value(parameter: Parameter) -> JSON:
    """One value: by itself, with what it is, or by reference."""
    plain = dialects.published(parameter.schema)
    forms: list[JSON] = []
    if not (kinds.is_file(parameter.schema) or kinds.is_directory(parameter.schema)):
        forms.append(plain)
    qualified: JSON = {
        "type": "object",
        "required": ["value"],
        "properties": {"value": plain, "mediaType": {"type": "string"}, "encoding": {"type": "string"}},
    }
    if kinds.is_directory(parameter.schema):
        return {"anyOf": [plain, {"$ref": "#/components/schemas/reference"}]}
    return {"anyOf": [*forms, qualified, {"$ref": "#/components/schemas/reference"}]}


def example(description: ProcessDescription) -> JSON:
    """A request from defaults, examples and enumerations; what may be left out is there only if it has one."""
    found = {name: _example(each) for name, each in description.inputs.items() if _is_told(each)}
    return {"inputs": found}


def _is_told(parameter: Parameter) -> bool:
    told = any(parameter.schema.get(key) is not None for key in ("default", "example", "enum"))
    return parameter.min_occurs > 0 or told


def _example(parameter: Parameter) -> Any:
    default = parameter.schema.get("default")
    if parameter.many:
        if isinstance(default, list):
            return default
        return [_one(parameter.schema)] * max(1, parameter.min_occurs)
    return _one(parameter.schema)


def _one(schema: JSON) -> Any:
    for key in ("default", "example"):
        if schema.get(key) is not None:
            return schema[key]
    if kinds.is_file(schema):
        return _file(next(iter(kinds.media_types(schema)), media.BINARY))
    if kinds.is_directory(schema):
        return {"href": "http://www.opengis.net/catalog.json", "type": JSON_TYPE}
    made = _made(schema)
    # An object alone may be taken for the form of a value.
    return {"value": made} if isinstance(made, dict) and "bbox" not in made else made


def _file(media_type: str) -> JSON:
    kind = media.essence(media_type)
    if kind == JSON_TYPE or kind.endswith("+json"):
        return {"value": {}, "mediaType": media_type}
    if media.is_text(media_type):
        return {"value": "text", "mediaType": media_type}
    return {"value": "AA==", "encoding": "base64", "mediaType": media_type}


def _made(schema: JSON) -> Any:
    """A value that fits as far as type, enumeration, bounds and members say."""
    schema = kinds.branches(schema)[0]
    for key in ("default", "example"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    if any(each.get("format") == "ogc-bbox" for each in (schema, *schema.get("allOf", []))):
        return _BBOX
    match schema.get("type", "string"):
        case "array":
            return [_made(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
        case "object":
            members = schema.get("properties", {})
            return {name: _made(members.get(name, {})) for name in schema.get("required", [])}
        case "integer" | "number" as kind:
            return _number(schema, _SAMPLES[kind])
        case "boolean":
            return True
    text = _TEXTS.get(schema.get("format", ""), _SAMPLES["string"])
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _number(schema: JSON, usual: float) -> float:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    least = low + 1 if schema.get("exclusiveMinimum") else low
    most = high - 1 if schema.get("exclusiveMaximum") else high
    # Where bounds are close, only between them is inside.
    found: float = min(max(usual, least), most) if least <= most else (low + high) / 2
    return found
