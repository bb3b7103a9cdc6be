"""What schemathesis has to be told: how bodies are written whose media types it does not know; how queries are read."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import schemathesis
from schemathesis import Case, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation


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
