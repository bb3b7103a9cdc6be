"""The API definition in OpenAPI 3.0, made from the list of routes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version

from cwl_bridge import deploy, media
from registry.models import JSON
from server import forms, links
from server.about import DESCRIPTION, TITLE
from server.endpoints import DOCUMENT, Endpoint, Parameter
from server.openapi import security
from server.openapi.schemas import SCHEMAS
from server.problems import PROBLEM

_PATH_PARAMETERS = {
    "process_id": "The id of a process.",
    "job_id": "The id of a job.",
    "digest": "The SHA-256 of a file.",
    "basename": "The name of a file.",
    "path": "An output; below it the index in an array, or the path in a directory.",
    "place": "A staged input, as inputs.json names it.",
    "name": "The name of a problem type.",
}

#: Answers that all endpoints have: status → what it means.
EVERYWHERE = {
    400: "The request can't be understood",
    406: "No accepted form",
    408: "The request did not come in time",
    429: "Too much is asked for at once",
    431: "The headers are too large",
    500: "The server failed",
    503: "The server is being stopped, or its database is busy",
}

_FORM = Parameter(
    name="f", description="The form of the answer; goes before Accept.", bounds={"enum": list(forms.FORMS)}
)
_PROFILE = Parameter(
    name="profile",
    description="What the answer should keep to: URIs, or ids of OGC's profiles, by commas; others are ignored.",
)

_HEADERS = {
    "Location": {"description": "Where what was made is.", "schema": {"type": "string", "format": "uri"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}},
}
_HEADERS_OF = {201: "Location", 429: "Retry-After", 503: "Retry-After", 507: "Retry-After"}


def document(endpoints: Iterable[Endpoint]) -> JSON:
    """Without `servers`, and without the operations of single processes (openapi.processes)."""
    paths: JSON = {}
    listed = list(endpoints)
    for each in listed:
        path = re.sub(r"\{(\w+):path\}", r"{\1}", each.path)
        paths.setdefault(path, {})[each.method.lower()] = operation(each)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "version": version("cwl-processes"),
            "license": {"name": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": SCHEMAS, **security.components(listed)},
    }


def operation(endpoint: Endpoint) -> JSON:
    in_path = re.findall(r"\{(\w+)(?::path)?\}", endpoint.path)
    found: JSON = {
        "operationId": f"{endpoint.method.lower()}.{endpoint.name}",
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*map(_path_parameter, in_path), *map(parameter, _parameters(endpoint))],
        "responses": answers(endpoint),
        **security.of(endpoint.scope),
    }
    if endpoint.scope:
        found["description"] = f"Needs a token with the scope `{endpoint.scope}`."
    if endpoint.takes:
        content = {kind: {"schema": _schema(endpoint.bodies.get(kind), kind)} for kind in endpoint.takes}
        found["requestBody"] = {"required": not endpoint.takes_nothing, "content": content}
    if endpoint.callbacks:
        found["callbacks"] = {name: _callback(name, what) for name, what in endpoint.callbacks}
    return found


def _callback(name: str, what: str) -> JSON:
    """What the server sends to the URL that a member of `subscriber` has."""
    sent = {"required": True, "content": {links.JSON: {"schema": {}}}}
    taken = {"2XX": {"description": "Taken"}, "default": {"description": "Sent again later; after 410 no more"}}
    return {
        f"{{$request.body#/subscriber/{name}}}": {"post": {"summary": what, "requestBody": sent, "responses": taken}}
    }


def _path_parameter(name: str) -> JSON:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": _PATH_PARAMETERS[name], "schema": schema}


def _parameters(endpoint: Endpoint) -> tuple[Parameter, ...]:
    """With those that every endpoint, and every document, has."""
    gives_document = endpoint.gives == DOCUMENT and {200, 201} & endpoint.answers.keys()
    form = (_FORM,) if gives_document and all(each.name != "f" for each in endpoint.parameters) else ()
    return (*endpoint.parameters, *form, _PROFILE)


def parameter(given: Parameter) -> JSON:
    schema: JSON = {"type": given.type, **given.bounds}
    listed: JSON = {}
    if given.many:
        schema = {"type": "array", "items": {"pattern": "^[^,]+$", **schema}, "minItems": 1}
        listed = {"style": "form", "explode": False}
    return {"name": given.name, "in": given.where, "description": given.description, **listed, "schema": schema}


def answers(endpoint: Endpoint) -> JSON:
    """By their status; problems in each of their media types."""
    return {str(status): _answer(status, what, endpoint) for status, what in sorted(_all(endpoint).items())}


def _all(endpoint: Endpoint) -> dict[int, str]:
    more = {304: "As it was when it had the ETag of If-None-Match"} if endpoint.method == "GET" else {}
    return {**EVERYWHERE, **more, **endpoint.answers}


def _answer(status: int, what: str, endpoint: Endpoint) -> JSON:
    found: JSON = {"description": what}
    if status in _HEADERS_OF:
        name = _HEADERS_OF[status]
        found["headers"] = {name: _HEADERS[name]}
    if status >= 400:
        problem = {"schema": _schema("problem", PROBLEM)}
        found["content"] = {PROBLEM: problem, links.JSON: problem, links.HTML: {"schema": _schema(None, links.HTML)}}
    elif status not in (204, 304):
        # What is made is described by a document, whatever else the endpoint gives.
        kinds = DOCUMENT if status == 201 else endpoint.gives
        found["content"] = {
            kind: {"schema": _schema(endpoint.schemas.get(status) if _is_data(kind) else None, kind)} for kind in kinds
        }
    return found


def _schema(name: str | None, kind: str) -> JSON:
    if name:
        return {"$ref": f"#/components/schemas/{name}"}
    if _is_data(kind):
        return {}
    return {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}


def _is_data(kind: str) -> bool:
    """Whether it is JSON, or YAML."""
    essence = media.essence(kind)
    return essence in (links.JSON, deploy.CWL) or essence.endswith(("+json", "+yaml"))
