"""The API definition (OpenAPI 3.0), made from the list of routes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from server.endpoints import Endpoint, Parameter
from server.render import DESCRIPTION, TITLE

PROBLEM = "application/problem+json"

_PATH_PARAMETERS = {
    "process_id": "The id of a process.",
    "job_id": "The id of a job.",
    "digest": "The SHA-256 of a file.",
    "basename": "The name of a file.",
    "path": "An output; below it the index in an array, or the path in a directory.",
    "place": "A staged input, as inputs.json names it.",
    "name": "The name of a problem type.",
}


def document(endpoints: Iterable[Endpoint], base: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in endpoints:
        path = re.sub(r"\{(\w+):path\}", r"{\1}", each.path)
        paths.setdefault(path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": version("cwl-processes")},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": {"problem": _PROBLEM_SCHEMA}},
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    in_path = re.findall(r"\{(\w+)(?::path)?\}", endpoint.path)
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}.{endpoint.name}",
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*map(_path_parameter, in_path), *map(_parameter, endpoint.parameters)],
        "responses": {str(status): _answer(status, what, endpoint) for status, what in endpoint.answers.items()},
    }
    operation["responses"]["default"] = _answer(500, "Anything else", endpoint)
    if endpoint.takes:
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": {}} for kind in endpoint.takes},
        }
    if endpoint.callbacks:
        operation["callbacks"] = {name: _callback(name, what) for name, what in endpoint.callbacks}
    return operation


def _callback(name: str, what: str) -> dict[str, Any]:
    """What the server sends to the URL that a member of `subscriber` has."""
    sent = {"required": True, "content": {"application/json": {"schema": {}}}}
    taken = {"2XX": {"description": "Taken"}, "default": {"description": "Sent again later; after 410 no more"}}
    return {
        f"{{$request.body#/subscriber/{name}}}": {"post": {"summary": what, "requestBody": sent, "responses": taken}}
    }


def _path_parameter(name: str) -> dict[str, Any]:
    text = _PATH_PARAMETERS[name]
    return {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "schema": {"type": parameter.type},
    }


def _answer(status: int, what: str, endpoint: Endpoint) -> dict[str, Any]:
    if status == 204:
        return {"description": what}
    if status < 400:
        return {"description": what, "content": {kind: {"schema": {}} for kind in endpoint.gives}}
    problem = {"schema": {"$ref": "#/components/schemas/problem"}}
    return {"description": what, "content": {PROBLEM: problem, "application/json": problem}}


_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "format": "json-pointer"},
                    "detail": {"type": "string"},
                    "file": {"type": "string", "description": "absent: the body is one document"},
                    "line": {"type": "integer", "minimum": 1},
                    "column": {"type": "integer", "minimum": 1},
                },
            },
        },
    },
}
