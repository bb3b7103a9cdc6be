"""Processes in the place of values (21-009, nested-processes): told from values, and which they name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from cwl_bridge import schema
from cwl_bridge.errors import BridgeError, FieldError, pointer
from registry.models import JSON, Process

MAX_DEPTH = 10

INPUT, OUTPUT = "$input", "$output"
#: Of 21-009's input- and output-fields-modifiers: what a server that ignored them would answer wrongly.
MODIFIERS = ("filter", "properties", "sortBy")


def is_process(value: Any, described: JSON | None = None) -> bool:
    """Whether a value is to be what a process gives. `described`: the schema of the input, which may be an object."""
    if not isinstance(value, dict) or not isinstance(value.get("process"), str) or {"value", "href"} & set(value):
        return False
    return not any("process" in each.get("properties", ()) for each in schema.branches(described or {}))


def local_id(reference: str, processes_url: str) -> str | None:
    """The id of a process of this server, named by it or by a URL; None: it is elsewhere.

    `processes_url`: where this server's processes are, with the slash at the end.
    """
    try:
        absolute = urljoin(f"{processes_url}-", reference)
    except ValueError:
        return None
    if not absolute.startswith(processes_url):
        return None
    return unquote(urlsplit(absolute.removeprefix(processes_url)).path.rstrip("/"))


def ids(request: JSON, processes_url: str) -> list[str]:
    """The processes of this server that a request names, each once; that at its root included where it is named."""
    found = (local_id(each["process"], processes_url) for each in _processes(request, 0))
    return list(dict.fromkeys(each for each in found if each is not None))


def _processes(value: Any, depth: int) -> Iterator[JSON]:
    if depth > 2 * MAX_DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _processes(each, depth)
    elif isinstance(value, dict):
        if is_process(value):
            yield value
        inputs = value.get("inputs")
        for each in inputs.values() if isinstance(inputs, dict) else ():
            yield from _processes(each, depth + 1)


def is_chained(top: Process, given: JSON, processes_url: str) -> bool:
    """Whether something among the inputs of a request is what another process of this server gives."""
    for name, value in given.items():
        described = top.description.inputs[name].schema if name in top.description.inputs else None
        for each in value if isinstance(value, list) else [value]:
            if is_process(each, described) and local_id(each["process"], processes_url) is not None:
                return True
    return False


class WorkflowError(BridgeError):
    """What a tree of processes can't be; `errors` has every reason, with pointers into the request."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors[0].detail, errors)


class MismatchError(WorkflowError):
    """Each process could be where it is, but what one gives is nothing that the other takes."""


def no_process(reference: str, *where: str | int, local: bool = True) -> FieldError:
    """About the name of a process that can't be taken."""
    said = "There is no such process here" if local else "A process of another server can't be the first of a workflow"
    return FieldError(pointer(*where, "process"), f"{said}: '{reference}'.")
