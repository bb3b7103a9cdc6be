"""The CWL output object of a job → its results, and the path of each result below /results. Pure.

Results are addressed as output / index in an array / name of a secondary file or path in a directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cwl_bridge import eoap, media, schema
from registry.models import JSON, Job, JobId, Parameter, ProcessDescription

TEXT = "text/plain"
JSON_TYPE = "application/json"


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A value that is not a file."""

    value: Any
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A published File or Directory."""

    #: Whose run left it.
    job_id: JobId
    #: Path relative to the job folder.
    location: str
    basename: str
    #: Segments below /results.
    segments: tuple[str, ...]
    is_directory: bool
    media_type: str
    #: Bytes; None for a directory.
    size: int | None = None
    format: str | None = None
    #: Secondary files of a File, the listing of no Directory.
    beside: tuple[Stored, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Several:
    """An array with files in it."""

    items: tuple[Result, ...]


@dataclass(frozen=True, kw_only=True)
class Members:
    """A record with files in it."""

    fields: dict[str, Result]


Result = Literal | Stored | Several | Members


def results(description: ProcessDescription, job: Job) -> dict[str, Result]:
    """Every output that the request asked for and the run gave, in the order of the description."""
    given = (job.outcome.outputs if job.outcome else None) or {}
    return {
        name: _result(job.id, given[name], parameter, (name,))
        for name, parameter in description.outputs.items()
        if job.request.wants(name) and given.get(name) is not None
    }


def find(result: Result, path: list[str]) -> tuple[Result, list[str]] | None:
    """What stands at a path below an output, and what of the path leads on inside a directory; None: nothing."""
    if not path:
        return result, []
    first, rest = path[0], path[1:]
    if isinstance(result, Several):
        index = int(first) if is_index(first) else -1
        return find(result.items[index], rest) if 0 <= index < len(result.items) else None
    if isinstance(result, Members):
        return find(result.fields[first], rest) if first in result.fields else None
    if isinstance(result, Literal):
        if not isinstance(result.value, list) or not is_index(first) or int(first) >= len(result.value):
            return None
        return find(_literal(result.value[int(first)], {}), rest)
    if result.is_directory:
        return None if any(each in ("", ".", "..") for each in path) else (result, path)
    beside = next((each for each in result.beside if each.basename == first), None)
    return find(beside, rest) if beside else None


def is_index(segment: str) -> bool:
    return segment.isascii() and segment.isdecimal() and len(segment) < 10


def _result(job_id: JobId, value: Any, parameter: Parameter, segments: tuple[str, ...]) -> Result:
    if isinstance(value, dict) and value.get("class") in ("File", "Directory"):
        return _stored(job_id, value, parameter.schema, segments)
    if isinstance(value, list) and (_holds_files(value) or (not value and _is_list_of_files(parameter))):
        return Several(
            items=tuple(_result(job_id, each, parameter, (*segments, str(index))) for index, each in enumerate(value))
        )
    if isinstance(value, dict) and _holds_files(value):
        return Members(fields={key: _result(job_id, each, parameter, (*segments, key)) for key, each in value.items()})
    return _literal(eoap.to_client(parameter.schema, value), parameter.schema)


def _holds_files(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_files, value))
    if isinstance(value, dict):
        return value.get("class") in ("File", "Directory") or any(map(_holds_files, value.values()))
    return False


def _is_list_of_files(parameter: Parameter) -> bool:
    """By its description: of an empty list nothing else tells."""
    one = parameter.schema if parameter.many else parameter.schema.get("items", {})
    return schema.is_file(one) or schema.is_directory(one)


def _stored(job_id: JobId, value: JSON, described: JSON, segments: tuple[str, ...]) -> Stored:
    name, beside = value["basename"], value.get("secondaryFiles", [])
    is_directory = value["class"] == "Directory"
    return Stored(
        job_id=job_id,
        location=value["location"],
        basename=name,
        segments=segments,
        is_directory=is_directory,
        media_type="application/directory" if is_directory else file_type(name, schema.media_types(described)),
        size=value.get("size"),
        format=value.get("format"),
        beside=tuple(_stored(job_id, each, {}, (*segments, each["basename"])) for each in beside),
    )


def file_type(name: str, declared: list[str]) -> str:
    """Among several declared types the one that fits the file's ending; undeclared, what the ending says."""
    suggested = media.of_name(name)
    known = [each for each in declared if each != media.BINARY]
    fitting = [each for each in known if suggested and media.essence(each) == suggested]
    return (fitting or known or [suggested or media.BINARY])[0]


def _literal(value: Any, described: JSON) -> Literal:
    if isinstance(value, str):
        declared = schema.media_types(described)
        return Literal(value=value, media_type=declared[0] if declared else TEXT)
    return Literal(value=value, media_type=JSON_TYPE)
