"""What a client posts to register a process → the CWL that runs and the description that is shown. Pure.

Understood are CWL documents and OGC application packages (20-044, ogcapppkg.yaml), also in the shapes of its
earlier drafts: a flat `processDescription`, a list of execution units, `{"unit": {…}}`, `docker://` images.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cwl_bridge import describe, document, media, policy, wrap
from cwl_bridge.errors import (
    BridgeError,
    FieldError,
    InvalidDocumentError,
    InvalidProcessError,
    UnsupportedRequirementError,
    pointer,
)
from cwl_bridge.policy import Policy
from registry.models import JSON, Process, ProcessDescription, ProcessId

PACKAGE = "application/ogcapppkg+json"
CWL = "application/cwl"
CWL_JSON = "application/cwl+json"
CWL_YAML = "application/cwl+yaml"

#: The media types of a deploy body (20-044); application/json because older clients send packages so.
MEDIA_TYPES = (PACKAGE, CWL, CWL_JSON, CWL_YAML, "application/json")

_CONTAINER_UNITS = ("docker", "oci")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A process that could be registered, once cwltool has validated its text."""

    process: Process
    #: The CWL document as it is stored and run.
    text: str


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A deploy body, read: what it describes and the unit that runs."""

    given: JSON
    unit: JSON
    media_type: str
    #: Where the CWL stands in the body.
    path: tuple[str | int, ...] = ()


def prepare(
    body: bytes, media_type: str, allowed: Policy, process_id: str | None = None, *, mutable: bool = True
) -> Draft:
    """Reads, wraps, checks and describes. `process_id` names the process where the body does not.

    Raises a BridgeError; its pointers are into the body.
    """
    read = _read(body, media.essence(media_type))
    if read.unit.get("type") in _CONTAINER_UNITS and "cwlVersion" not in read.unit:
        description = describe.from_package({"id": process_id, **read.given})
        cwl = wrap.command_line_tool(description, read.unit)
        _with_path(("executionUnit",), policy.check, cwl, allowed)
    else:
        cwl = read.unit
        _with_path(read.path, policy.check, cwl, allowed)
        fallback = process_id or "cwl-" + hashlib.sha256(body).hexdigest()[:12]
        description = describe.from_cwl(cwl, read.given, fallback)
    text = document.write_yaml(cwl)
    process = Process(
        description=description,
        cwl=cwl,
        digest=document.digest(text),
        package=body,
        media_type=read.media_type,
        mutable=mutable,
    )
    return Draft(process=process, text=text)


def rename(draft: Draft, process_id: str) -> Draft:
    """The same process under the id that the path of a PUT names."""
    if draft.process.id == process_id:
        return draft
    described: ProcessDescription = replace(draft.process.description, id=ProcessId(process_id))
    return replace(draft, process=replace(draft.process, description=described))


def _read(body: bytes, kind: str) -> _Read:
    if kind in (CWL, CWL_YAML):
        return _Read(given={}, unit=_object(document.read_yaml(body)), media_type=kind)
    read = _object(document.read_json(body))
    if kind == CWL_JSON or (kind != PACKAGE and "cwlVersion" in read):
        return _Read(given={}, unit=read, media_type=CWL_JSON)
    unit, path = _execution_unit(read.get("executionUnit"))
    return _Read(given=_given(read.get("processDescription")), unit=unit, media_type=PACKAGE, path=path)


def _object(read: Any) -> JSON:
    if not isinstance(read, dict):
        raise InvalidDocumentError("The body has to be an object: a CWL document or an application package.")
    return read


def _given(described: Any) -> JSON:
    """`{"process": {…}}` (current) or the members themselves (earlier drafts); the inner ones win."""
    if described is None:
        return {}
    if not isinstance(described, dict):
        raise _invalid("'processDescription' is an object.", "processDescription")
    inner = described.get("process", {})
    if not isinstance(inner, dict):
        raise _invalid("'process' is an object.", "processDescription", "process")
    flat: JSON = {**{key: each for key, each in described.items() if key != "process"}, **inner}
    return {key: describe.without_nulls(each) for key, each in flat.items() if each is not None}


def _execution_unit(unit: Any, *path: str | int) -> tuple[JSON, tuple[str | int, ...]]:
    path = path or ("executionUnit",)
    if isinstance(unit, list):
        if len(unit) != 1:
            raise _invalid(f"One execution unit is expected; there are {len(unit)}.", *path)
        return _execution_unit(unit[0], *path, 0)
    if not isinstance(unit, dict):
        raise _invalid("An application package has an 'executionUnit', an object.", *path)
    for key in ("value", "unit"):
        if isinstance(unit.get(key), dict):
            return unit[key], (*path, key)
    if "href" in unit:
        detail = "This server takes execution units by value: send the document itself under 'value'."
        raise UnsupportedRequirementError(detail, [FieldError(pointer(*path, "href"), detail)])
    if "cwlVersion" not in unit and unit.get("type") not in _CONTAINER_UNITS:
        detail = "An execution unit is {'type': 'docker', 'image': …} or {'value': {CWL}, 'mediaType': …}."
        raise _invalid(detail, *path)
    return unit, path


def _with_path(path: tuple[str | int, ...], check: Callable[..., None], *arguments: Any) -> None:
    """Runs a check whose pointers are into the CWL; moves them to where the CWL stands in the body."""
    try:
        check(*arguments)
    except BridgeError as error:
        moved = [FieldError(pointer(*path) + each.pointer, each.detail) for each in error.errors]
        raise type(error)(str(error), moved) from error


def _invalid(detail: str, *where: str | int) -> InvalidProcessError:
    return InvalidProcessError(detail, [FieldError(pointer(*where), detail)])
