"""What schemathesis has to be told: how bodies are written and queries read, and what follows what."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import schemathesis
from schemathesis import Case, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

from tests.live import shell_package


@schemathesis.serializer("application/cwl", "application/cwl+yaml", "application/cwl+json")
def as_json(_: Any, value: Any) -> bytes:
    """JSON is YAML too."""
    return _bytes(value) if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.deserializer("application/cwl")
def from_json(_: Any, response: Response) -> Any:
    """What this server keeps is JSON."""
    return json.loads(response.content)


@schemathesis.serializer("application/zip", "multipart/related")
def as_bytes(_: Any, value: Any) -> bytes:
    """Archives that are none."""
    return _bytes(value)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_failure(_: Any, failure: Failure, case: Case[Any], response: Response) -> bool:
    """A query may be wrong as values and right as it is sent: no text is written of `{}`, and `false` is one."""
    return not (isinstance(failure, AcceptedNegativeData) and _only_query(case) and _is_right(case, response))


def _only_query(case: Case[Any]) -> bool:
    """Whether nothing else of the request is meant to be wrong."""
    return case.meta is not None and not any(
        each.mode.is_negative for place, each in case.meta.components.items() if place != ParameterLocation.QUERY
    )


def _is_right(case: Case[Any], response: Response) -> bool:
    declared = {each.name: each.definition for each in case.operation.query}
    given = parse_qs(urlsplit(str(response.request.url)).query, keep_blank_values=True)
    return all(name in declared and _fits(declared[name]["schema"], texts) for name, texts in given.items())


def _fits(schema: dict[str, Any], texts: list[str]) -> bool:
    """Whether what is sent is what the schema of a parameter says: a text, a whole number, or a list of texts."""
    if schema["type"] == "array":
        parts = [part for text in texts for part in text.split(",")]
        return all(_fits(schema["items"], [part]) for part in parts)
    value: Any = texts[0]
    if schema["type"] == "integer":
        value = int(value) if re.fullmatch("[0-9]+", value) else None
    return len(texts) == 1 and jsonschema.Draft202012Validator(schema).is_valid(value)


#: What is done with what an answer has made: a process, or a job.
_WITH_PROCESS = (
    *("get.process", "get.package", "get.process-cwl", "get.process-api", "put.process", "put.process-sharing"),
    *("post.execution", "post.validation", "get.execution", "delete.process"),
)
_WITH_JOB = (
    *("get.job", "get.log", "get.results", "get.result", "post.results", "patch.job", "get.definition", "get.inputs"),
    *("get.bundle", "get.prov", "get.job-sharing", "put.job-sharing", "get.job-log", "get.job-outcome", "delete.job"),
)
_MADE = {
    "post.processes": ("process_id", "id", _WITH_PROCESS),
    "post.jobs": ("job_id", "jobID", _WITH_JOB),
    "post.execution": ("job_id", "jobID", _WITH_JOB),
    "get.execution": ("job_id", "jobID", _WITH_JOB),
}


@schemathesis.hook
def before_load_schema(_: Any, definition: dict[str, Any]) -> None:
    """Says what follows one another, where a name in a path is all that tells it."""
    for path in definition["paths"].values():
        for operation in path.values():
            if operation["operationId"] in _MADE:
                name, member, after = _MADE[operation["operationId"]]
                given = {name: f"$response.body#/{member}"}
                links = {each: {"operationId": each, "parameters": given} for each in after}
                operation["responses"]["201"]["links"] = links


_numbers = itertools.count()


@schemathesis.hook
def before_call(_: Any, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """In a sequence every other right package is one that runs: chance makes none that would be deployed."""
    named = case.operation.definition.raw["operationId"]
    if not _is_step(case) or named not in ("post.processes", "put.process", "post.execution", "post.jobs"):
        return
    number = next(_numbers)
    if number % 2:
        return
    if named in ("post.execution", "post.jobs"):
        case.headers["Prefer"] = "respond-async"
        about = {"process": "say"} if named == "post.jobs" else {}
        case.body, case.media_type = {**about, "inputs": {}}, "application/json"
        return
    process_id = case.path_parameters["process_id"] if named == "put.process" else f"made-{number}"
    case.body, case.media_type = shell_package(process_id, "true"), "application/ogcapppkg+json"


def _is_step(case: Case[Any]) -> bool:
    """Whether a case is part of a sequence, and is meant to be right."""
    meta = case.meta
    return (
        meta is not None
        and meta.phase.name == TestPhase.STATEFUL
        and not any(each.mode.is_negative for each in meta.components.values())
    )
