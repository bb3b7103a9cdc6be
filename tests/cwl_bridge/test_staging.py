"""Orders as they are submitted → as cwltool runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.staging import Stager, StagingError, parse_value
from tests.cwl_bridge.cases import case


def _stager(tmp_path: Path, max_bytes: int = 1000) -> Stager:
    return Stager(tmp_path / "inputs", Client(Allowed(("127.0.0.1",))), max_bytes)


def _path(file: dict[str, Any]) -> Path:
    """Where a staged file lies; its place is a percent-encoded URI."""
    parts = urlsplit(file["location"])
    assert parts.scheme == "file"
    assert not parts.query
    assert not parts.fragment
    return Path(unquote(parts.path))


def _reference(url: str, schema: Any, encode: str = "json", cwl_type: Any = "Any") -> dict[str, Any]:
    return {"$reference": {"location": url, "schema": schema, "type": cwl_type, "encode": encode, "input": "x"}}


@pytest.mark.parametrize(
    "value", [None, True, 0, 2**63 - 1, 0.5, "", "file:///etc/passwd", [], {}, {"location": "a", "path": ["b"]}, [[{}]]]
)
def test_literals_stay(tmp_path: Path, value: Any) -> None:
    """What is no file comes back as it is, and nothing is written."""
    assert _stager(tmp_path).stage({"x": value}) == {"x": value}
    assert not (tmp_path / "inputs").exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ({"basename": "a.txt", "contents": "Zürich\r\n"}, "Zürich\r\n".encode()),
        ({"basename": "empty", "contents": ""}, b""),
        ({"basename": "item #1 %20?.txt", "contents": "x"}, b"x"),
        ({"basename": "a.png", "location": "data:;base64,iVBORw0K"}, b"\x89PNG\r\n"),
        ({"basename": "empty", "location": "data:;base64,"}, b""),
    ],
)
def test_file_by_value(tmp_path: Path, file: dict[str, Any], content: bytes) -> None:
    """A text or base64 becomes a file with its bytes, its name and its size."""
    found = _stager(tmp_path).stage({"x": {"class": "File", **file}})["x"]
    assert _path(found).read_bytes() == content
    assert _path(found).is_relative_to(tmp_path / "inputs")
    assert found == {
        "class": "File",
        "location": found["location"],
        "basename": file["basename"],
        "size": len(content),
    }
    assert _path(found).name == file["basename"]


def test_file_by_reference(tmp_path: Path, files: tuple[Path, str]) -> None:
    """What an href gives is fetched under the name of the order; its format stays."""
    folder, url = files
    (folder / "a").write_bytes(b"\x00\xff")
    given = {"class": "File", "basename": "b.tif", "location": f"{url}/a", "format": "https://example.org/tiff"}
    found = _stager(tmp_path).stage({"x": given})["x"]
    assert _path(found).read_bytes() == b"\x00\xff"
    assert (found["basename"], found["format"], found["size"]) == ("b.tif", given["format"], 2)


@pytest.mark.usefixtures("garbage")
@pytest.mark.parametrize(
    ("path", "max_bytes", "words"), [("none", 1000, "answered 404"), ("large", 99, "more than 99 bytes")]
)
def test_file_that_can_not_be_fetched(
    tmp_path: Path, files: tuple[Path, str], path: str, max_bytes: int, words: str
) -> None:
    """A file that is not there or too large fails the staging, and the message names the href."""
    (files[0] / "large").write_bytes(b"x" * 100)
    given = {"class": "File", "basename": "a", "location": f"{files[1]}/{path}"}
    with pytest.raises(StagingError, match=words) as caught:
        _stager(tmp_path, max_bytes).stage({"x": given})
    assert caught.value.reason == "fetch-failed"
    assert given["location"] in str(caught.value)


def test_files_of_one_name_lie_apart(tmp_path: Path) -> None:
    """Two inputs, or two items of an array, may have files of the same name."""
    order = {
        "a": {"class": "File", "basename": "same", "contents": "1"},
        "b": [{"class": "File", "basename": "same", "contents": each} for each in "23"],
        "c": {"deep": {"class": "File", "basename": "same", "contents": "4"}},
    }
    found = _stager(tmp_path).stage(order)
    paths = [_path(each) for each in (found["a"], *found["b"], found["c"]["deep"])]
    assert [each.read_text() for each in paths] == ["1", "2", "3", "4"]
    assert len({each.parent for each in paths}) == 4


def test_secondary_files_lie_beside(tmp_path: Path) -> None:
    """Secondary files and folders share the folder of their file, under their own names."""
    given = {
        "class": "File",
        "basename": "a.bam",
        "contents": "a",
        "secondaryFiles": [
            {"class": "File", "basename": "a.bai", "contents": "i"},
            {"class": "Directory", "basename": "d", "listing": [{"class": "File", "basename": "e", "contents": "e"}]},
        ],
    }
    found = _stager(tmp_path).stage({"x": given})["x"]
    beside = {each["basename"]: each for each in found["secondaryFiles"]}
    assert _path(beside["a.bai"]).parent == _path(found).parent
    assert _path(beside["a.bai"]).read_text() == "i"
    assert _path(beside["d"]["listing"][0]).read_text() == "e"


def test_two_files_of_one_name_side_by_side(tmp_path: Path) -> None:
    """A secondary file can't take the place of its file."""
    same = {"class": "File", "basename": "a", "contents": "1"}
    with pytest.raises(StagingError, match="'a'") as caught:
        _stager(tmp_path).stage({"x": {**same, "secondaryFiles": [{**same, "contents": "2"}]}})
    assert caught.value.reason == "invalid-input"


def test_directory(tmp_path: Path) -> None:
    """One of listed files lies nowhere, as cwltool has it, and expressions see its listing; its files are staged."""
    given = {
        "class": "Directory",
        "basename": "d #1",
        "listing": [
            {"class": "File", "basename": "a", "contents": "1"},
            {"class": "Directory", "basename": "b", "listing": [{"class": "File", "basename": "a", "contents": "2"}]},
            {"class": "Directory", "basename": "empty", "listing": []},
        ],
    }
    found = _stager(tmp_path).stage({"x": given})["x"]
    first, second, empty = found["listing"]
    assert (set(found), found["basename"]) == ({"class", "basename", "listing"}, "d #1")
    assert _path(first).read_text() == "1"
    assert _path(second["listing"][0]).read_text() == "2"
    assert empty == {"class": "Directory", "basename": "empty", "listing": []}


VALUES: list[Any] = [
    (b"5", {"type": "integer"}, "json", 5),
    (b" 0.5\n", {"type": "number"}, "json", 0.5),
    (b"true", {"type": "boolean"}, "json", True),
    (b"[1, 2]", {"type": "array", "items": {"type": "integer"}}, "json", [1, 2]),
    (b"Z\xc3\xbcrich\n", {"type": "string"}, "text", "Zürich"),
    (b"two\nlines\n", {"type": "string"}, "text", "two\nlines"),
    (b'"quoted"', {"type": "string"}, "text", "quoted"),
    (b"5", {"type": "string"}, "text", "5"),
    (b"", {"type": "string"}, "text", ""),
    (b'{"a": 1}', {"type": "object"}, "json", {"a": 1}),
    (b'{"a": [1, 2.5]}', {"type": "object"}, "json-text", '{"a":[1,2.5]}'),
    (b"red", {"type": "string", "enum": ["red"]}, "json", "red"),
]
INTEGERS = {"type": "array", "items": {"type": "integer"}}
DATE = {"type": "record", "name": "string_format.yaml#Date", "fields": {"value": "string"}}
TYPED: list[Any] = [
    (b"2.0", {"type": "integer"}, "int", 2),
    (b"[1.0, 2]", INTEGERS, {"type": "array", "items": "int"}, [1, 2]),
    (b"3", INTEGERS, {"type": "array", "items": "int"}, [3]),
    (b"red\n", {"type": "array", "items": {"type": "string"}}, {"type": "array", "items": "string"}, ["red"]),
    (b"2026-01-31\n", {"type": "string", "format": "date"}, DATE, {"value": "2026-01-31"}),
    (b'{"value": "2026-01-31"}', {"type": "string", "format": "date"}, DATE, {"value": "2026-01-31"}),
]


@pytest.mark.parametrize("case", TYPED)
def test_value_by_reference_of_a_type(tmp_path: Path, files: tuple[Path, str], case: Any) -> None:
    """In the form that the CWL type takes, as the same value in a request."""
    body, schema, cwl_type, expected = case
    (files[0] / "value").write_bytes(body)
    found = _stager(tmp_path).stage({"x": _reference(f"{files[1]}/value", schema, "json", cwl_type)})["x"]
    assert json.dumps(found) == json.dumps(expected)


WRONG_VALUES: list[Any] = [
    (b'{"a": 1}', {"oneOf": [{"type": "string"}, {"type": "object"}]}, "text", '{"a":1}'),
    (b"5", {}, "text", "5"),
]


@pytest.mark.parametrize(
    "case",
    [*VALUES, *(case(each) for each in WRONG_VALUES)],
)
def test_value_by_reference(tmp_path: Path, files: tuple[Path, str], case: Any) -> None:
    """A literal by reference is the JSON or the text that the href gives, in the form that the input takes."""
    body, schema, encode, expected = case
    (files[0] / "value").write_bytes(body)
    found = _stager(tmp_path).stage({"x": _reference(f"{files[1]}/value", schema, encode)})["x"]
    assert found == expected
    # A number may know how it was written.
    assert isinstance(found, type(expected))
    assert isinstance(found, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(
    ("body", "schema", "words"),
    [
        (b"five", {"type": "integer"}, "'five' is not of type 'integer'"),
        (b"5", {"type": "integer", "minimum": 6}, "5 has to be at least 6"),
        (b"true", {"type": "number"}, "not of type 'number'"),
        (b'[1, "b"]', {"type": "array", "items": {"type": "integer"}}, "/1: 'b' is not of type"),
        (b"green", {"type": "string", "enum": ["red"]}, "not one of"),
        (b'{"a": 1, "a": 2}', {"type": "object"}, "not of type 'object'"),
        (b"[NaN]", {"type": "array"}, "not of type 'array'"),
        (b"[" * 1000 + b"]" * 1000, {"type": "array"}, "does not fit 'x'"),
    ],
)
def test_value_by_reference_is_checked(
    tmp_path: Path, files: tuple[Path, str], body: bytes, schema: Any, words: str
) -> None:
    """What an href gives has to fit the input's schema, as a value in the request has to."""
    (files[0] / "value").write_bytes(body)
    url = f"{files[1]}/value"
    with pytest.raises(StagingError, match=words) as caught:
        _stager(tmp_path).stage({"x": _reference(url, schema)})
    assert caught.value.reason == "invalid-input"
    assert url in str(caught.value)


@pytest.mark.usefixtures("garbage")
def test_missing_value_by_reference(tmp_path: Path, files: tuple[Path, str]) -> None:
    """An error answer is no value."""
    with pytest.raises(StagingError, match="404") as caught:
        _stager(tmp_path).stage({"x": _reference(f"{files[1]}/none", {"type": "string"}, "text")})
    assert caught.value.reason == "fetch-failed"


@pytest.mark.parametrize(
    "value",
    [
        {"class": "File", "location": "file:///etc/passwd"},
        [{"a": {"class": "Directory", "path": "/etc"}}],
        {"$import": "file:///etc/passwd"},
    ],
)
def test_value_by_reference_names_no_files(tmp_path: Path, files: tuple[Path, str], value: Any) -> None:
    """A fetched value can no more hold File objects and directives than one in the request."""
    (files[0] / "value").write_text(json.dumps(value))
    with pytest.raises(StagingError):
        _stager(tmp_path).stage({"x": _reference(f"{files[1]}/value", {})})


def test_object_of_a_class_called_reference(tmp_path: Path) -> None:
    """An input of any type may hold an object that looks like one of ours, and keeps it."""
    order = {"x": {"class": "Reference", "name": "a"}}
    assert _stager(tmp_path).stage(order) == order


@pytest.mark.parametrize(
    ("body", "schema", "expected"),
    [
        (b"1", {"type": "integer"}, 1),
        (b"1", {"type": "string"}, "1"),
        (b"1", {}, 1),
        (b"text\n", {}, "text"),
        (b"text\n\n", {"type": "string"}, "text\n"),
        (b"null", {"type": "string", "nullable": True}, None),
        (b'"a"', {"type": "string", "enum": ["a"]}, "a"),
        (b"\xff", {"type": "string"}, "\ufffd"),
        (b"9223372036854775807", {"type": "integer"}, 2**63 - 1),
        (b"1", {"oneOf": [{"type": "string"}, {"type": "integer"}]}, 1),
    ],
)
def test_parse_value(body: bytes, schema: Any, expected: Any) -> None:
    """Bytes are their JSON where that fits, else the text without its last line end."""
    found = parse_value(body, schema)
    assert found == expected
    # A number may know how it was written.
    assert isinstance(found, type(expected))
    assert isinstance(found, bool) == isinstance(expected, bool)
