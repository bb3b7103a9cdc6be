"""From a job's CWL output object to its results, and to what stands below each."""

from __future__ import annotations

from typing import Any

import pytest

from cwl_bridge import outputs
from cwl_bridge.outputs import Literal, Members, Several, Stored
from registry.models import (
    ExecuteRequest,
    Job,
    JobId,
    Outcome,
    OutputChoice,
    Parameter,
    ProcessDescription,
    ProcessId,
)
from tests.cwl_bridge.cases import case

PNG = {"type": "string", "contentEncoding": "binary", "contentMediaType": "image/png"}


def _file(name: str, **more: Any) -> dict[str, Any]:
    return {"class": "File", "basename": name, "location": f"outputs/o/{name}", "size": 3, **more}


def _results(schemas: dict[str, Any], given: Any, chosen: dict[str, OutputChoice] | None = None) -> Any:
    description = ProcessDescription(
        id=ProcessId("p"),
        version="1.0.0",
        inputs={},
        outputs={name: Parameter(schema=schema) for name, schema in schemas.items()},
    )
    job = Job(
        id=JobId("j"),
        process_id=ProcessId("p"),
        revision=1,
        request=ExecuteRequest(outputs=chosen),
        outcome=None if given is None else Outcome(outputs=given),
    )
    return outputs.results(description, job)


def _stored(name: str, media_type: str, *segments: str, **more: Any) -> Stored:
    given: dict[str, Any] = {"is_directory": False, "size": 3, **more}
    return Stored(
        job_id=JobId("j"),
        location=f"outputs/o/{name}",
        basename=name,
        segments=("o", *segments),
        media_type=media_type,
        **given,
    )


RESULTS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "number": ({"type": "number"}, 0.5, Literal(value=0.5, media_type="application/json")),
    "zero": ({"type": "integer"}, 0, Literal(value=0, media_type="application/json")),
    "false": ({"type": "boolean"}, False, Literal(value=False, media_type="application/json")),
    "64 bits": ({"type": "integer"}, 2**63 - 1, Literal(value=2**63 - 1, media_type="application/json")),
    "text": ({"type": "string"}, "a", Literal(value="a", media_type="text/plain")),
    "empty text": ({"type": "string"}, "", Literal(value="", media_type="text/plain")),
    "text of a type": (
        {"type": "string", "contentMediaType": "application/xml"},
        "<a/>",
        Literal(value="<a/>", media_type="application/xml"),
    ),
    "array": ({"type": "array"}, [1, [2]], Literal(value=[1, [2]], media_type="application/json")),
    "empty array": ({"type": "array"}, [], Literal(value=[], media_type="application/json")),
    "object": ({"type": "object"}, {"a": 1}, Literal(value={"a": 1}, media_type="application/json")),
    "file": (PNG, _file("a.png"), _stored("a.png", "image/png")),
    "file of no type": ({}, _file("a.csv"), _stored("a.csv", "text/csv")),
    "file with format": (
        PNG,
        _file("a.png", format="https://example.org/png"),
        _stored("a.png", "image/png", format="https://example.org/png"),
    ),
    "secondary files": (
        PNG,
        _file("a.png", secondaryFiles=[_file("a.csv")]),
        _stored("a.png", "image/png", beside=(_stored("a.csv", "text/csv", "a.csv"),)),
    ),
    "directory": (
        {"type": "string", "format": "directory"},
        {"class": "Directory", "basename": "d", "location": "outputs/o/d"},
        _stored("d", "application/directory", is_directory=True, size=None),
    ),
    "array of files": (
        {"type": "array", "items": PNG},
        [_file("a.png"), _file("b.png")],
        Several(items=(_stored("a.png", "image/png", "0"), _stored("b.png", "image/png", "1"))),
    ),
    "array of arrays of files": (
        {"type": "array"},
        [[], [_file("a.csv")]],
        Several(
            items=(
                Literal(value=[], media_type="application/json"),
                Several(items=(_stored("a.csv", "text/csv", "1", "0"),)),
            )
        ),
    ),
    "record with a file": (
        {"type": "object"},
        {"n": 1, "f": _file("a.csv")},
        Members(
            fields={
                "n": Literal(value=1, media_type="application/json"),
                "f": _stored("a.csv", "text/csv", "f"),
            }
        ),
    ),
}


@pytest.mark.parametrize(("schema", "value", "expected"), RESULTS.values(), ids=RESULTS)
def test_result(schema: dict[str, Any], value: Any, expected: Any) -> None:
    """Each kind of value has its result, with its media type and its path."""
    assert _results({"o": schema}, {"o": value}) == {"o": expected}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (None, ["b", "a"]),
        ({}, []),
        ({"a": OutputChoice()}, ["a"]),
        ({"a": OutputChoice(), "b": OutputChoice(transmission="reference")}, ["b", "a"]),
        ({"none": OutputChoice()}, []),
    ],
)
def test_results_are_those_that_were_asked_for(chosen: dict[str, OutputChoice] | None, expected: list[str]) -> None:
    """All, none or some outputs, in the order of the description; a null and an undeclared one are no results."""
    schemas: dict[str, Any] = {"b": {}, "none": {}, "a": {}}
    assert list(_results(schemas, {"a": 1, "none": None, "other": 2, "b": 3}, chosen)) == expected


def test_job_without_outcome_has_no_results() -> None:
    """A job that has not ended has none."""
    assert _results({"a": {}}, None) == {}


TREE: dict[str, Any] = {
    "literal": 1,
    "list": [1, "b", [2]],
    "file": _file("a.png", secondaryFiles=[_file("a b.csv", secondaryFiles=[_file("c.csv")])]),
    "files": [_file("a.png"), _file("a.png")],
    "record": {"n": 1, "files": [_file("c.csv")]},
    "folder": {"class": "Directory", "basename": "d", "location": "outputs/folder/d"},
}

#: path: the basename or value found, and what of the path leads on.
FOUND: list[Any] = [
    ("literal", 1, []),
    ("list", [1, "b", [2]], []),
    ("list/1", "b", []),
    ("list/2/0", 2, []),
    ("file", "a.png", []),
    ("file/a b.csv", "a b.csv", []),
    ("file/a b.csv/c.csv", "c.csv", []),
    ("files/0", "a.png", []),
    ("files/1", "a.png", []),
    ("record/n", 1, []),
    ("record/files/0", "c.csv", []),
    ("folder", "d", []),
    ("folder/a", "d", ["a"]),
    ("folder/a/b.txt", "d", ["a", "b.txt"]),
]


@pytest.mark.parametrize(("path", "expected", "rest"), FOUND)
def test_find(path: str, expected: Any, rest: list[str]) -> None:
    """A path leads to an item, a member, a secondary file, or into a folder."""
    first, *others = path.split("/")
    found = outputs.find(_results({first: {}}, TREE)[first], others)
    assert found is not None
    result, left = found
    assert (result.basename if isinstance(result, Stored) else getattr(result, "value", None)) == expected
    assert left == rest


@pytest.mark.parametrize(
    "path",
    [
        *("literal/0", "list/3", "list/-1", "list/b", "list/0/0", "list/²", "list/99999999999", "list/"),
        *("file/a.png", "file/none", "file/..", "files/2", "files/-1", "files/0/a.png", "files/a.png"),
        *("record/none", "record/files/1", "record/files/0/x", "folder/..", "folder/a/../b", "folder/.", "folder/a//b"),
        "folder/",
        case("list/٣"),
    ],
)
def test_find_nothing(path: str) -> None:
    """A path to what is not there, or that climbs, leads nowhere."""
    first, *others = path.split("/")
    given = {**TREE, "list": [*TREE["list"], 3]} if "٣" in path else TREE
    assert outputs.find(_results({first: {}}, given)[first], others) is None


@pytest.mark.parametrize(
    ("name", "declared", "expected"),
    [
        ("a.png", [], "image/png"),
        ("a", [], "application/octet-stream"),
        ("a.unknown", [], "application/octet-stream"),
        ("a.png", ["application/octet-stream"], "image/png"),
        ("a", ["application/octet-stream"], "application/octet-stream"),
        ("a.png", ["image/tiff"], "image/tiff"),
        ("a.png", ["image/tiff", "image/png"], "image/png"),
        ("a.xyz", ["image/tiff", "image/png"], "image/tiff"),
        ("a.tif", ["image/png", "image/tiff; application=geotiff"], "image/tiff; application=geotiff"),
        ("a.png", ["application/octet-stream", "text/csv"], "text/csv"),
        ("a.tar.gz", [], "application/gzip"),
    ],
)
def test_file_type(name: str, declared: list[str], expected: str) -> None:
    """What is declared counts; among several, or where nothing is, the file's ending decides."""
    assert outputs.file_type(name, declared) == expected
