"""CWL types and JSON Schemas, each way, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from cwl_bridge import schema, subset
from cwl_bridge.errors import InvalidProcessError
from tests.cwl_bridge.cases import case

NAMES: dict[str, Any] = {
    "point": {"type": "record", "name": "point", "fields": {"x": "double", "y": "double?"}},
    "line": {"type": "array", "items": "#point"},
    "colour": {"type": "enum", "name": "colour", "symbols": ["#main/colour/red", "blue"]},
    "tree": {"type": "record", "name": "tree", "fields": {"left": "tree?"}},
}
POINT = {"type": "record", "name": "point", "fields": {"x": "double", "y": ["null", "double"]}}


def _array(items: Any) -> Any:
    return {"type": "array", "items": items}


def _record(**fields: Any) -> Any:
    return {"type": "record", "fields": fields}


NORMALISED: list[tuple[Any, Any]] = [
    ("int", "int"),
    ("int?", ["null", "int"]),
    ("File[]", _array("File")),
    ("File[]?", ["null", _array("File")]),
    ("int[][]", _array(_array("int"))),
    (["null", "string"], ["null", "string"]),
    (["string"], "string"),
    (["int?", "string"], ["null", "int", "string"]),
    (["int", ["string", "File"]], ["int", "string", "File"]),
    ("stdout", "File"),
    ("stderr", "File"),
    ("stdin", "File"),
    ({"type": "string"}, "string"),
    ({"type": ["int", "string"]}, ["int", "string"]),
    ({"type": "array", "items": ["int", "string?"]}, _array(["int", "null", "string"])),
    ({"type": "array", "items": {"type": "array", "items": "int"}}, _array(_array("int"))),
    ({"type": "enum", "symbols": ["#main/x/a", "b"]}, {"type": "enum", "symbols": ["a", "b"]}),
    ({"type": "record", "fields": {"a": "int", "b": {"type": "string?"}}}, _record(a="int", b=["null", "string"])),
    ({"type": "record", "fields": [{"name": "#main/x/a", "type": "int"}]}, _record(a="int")),
    ({"type": "record"}, _record()),
    ("point", POINT),
    ("#point", POINT),
    ("#main/point", POINT),
    ("#point[]?", ["null", _array(POINT)]),
    ("#line", _array(POINT)),
    ("#colour", {"type": "enum", "name": "colour", "symbols": ["red", "blue"]}),
]


@pytest.mark.parametrize(("declared", "expected"), NORMALISED)
def test_normalise(declared: Any, expected: Any) -> None:
    """Short forms and names are spelled out; what is spelled out already stays."""
    found = schema.normalise(declared, NAMES)
    assert found == expected
    assert schema.normalise(found, NAMES) == found


@pytest.mark.parametrize(
    "declared",
    [
        *(5, None, True, "integer", "", "?", "[]", "#nowhere", "tree", "point"[::-1]),
        *({}, {"type": "array"}, {"type": "array", "items": 5}, {"type": {"type": "nothing"}}),
        {"type": "record", "fields": {"a": "nothing"}},
        {"type": "record", "fields": 5},
        {"type": "enum", "symbols": 5},
    ],
)
def test_normalise_refuses(declared: Any) -> None:
    """What is no CWL type, and a type that contains itself, is an error for the client."""
    with pytest.raises(InvalidProcessError):
        schema.normalise(declared, NAMES)


def _string(media_type: str = "application/octet-stream") -> Any:
    return {"type": "string", "contentEncoding": "binary", "contentMediaType": media_type}


INT = {"type": "integer", "format": "int32"}
LONG = {"type": "integer", "format": "int64"}
DOUBLE = {"type": "number", "format": "double"}
STRING = {"type": "string"}

TO_SCHEMA: list[tuple[Any, Any]] = [
    ("boolean", {"type": "boolean"}),
    ("int", INT),
    ("long", LONG),
    ("float", {"type": "number", "format": "float"}),
    ("double", DOUBLE),
    ("string", STRING),
    ("Any", {}),
    (["null", "int"], INT),
    (_array("int"), {"type": "array", "items": INT}),
    (_array(_array("string")), {"type": "array", "items": {"type": "array", "items": STRING}}),
    ({"type": "enum", "symbols": ["a", "b", "a"]}, {"type": "string", "enum": ["a", "b"]}),
    (["int", "string"], {"oneOf": [INT, STRING]}),
    (["int", "double"], DOUBLE),
    (["int", "long"], {"oneOf": [LONG]}),
    (["string", {"type": "enum", "symbols": ["a"]}], STRING),
    (["null", "int", _array("int")], {"oneOf": [INT, {"type": "array", "items": INT}]}),
    (["int", "Any"], {}),
    (["string", "string"], STRING),
    (
        _record(a="int", b=["null", "string"]),
        {"type": "object", "properties": {"a": INT, "b": {**STRING, "nullable": True}}, "required": ["a"]},
    ),
    (_record(a=["null", "int"]), {"type": "object", "properties": {"a": {**INT, "nullable": True}}}),
]


@pytest.mark.parametrize(
    ("cwl_type", "expected"),
    [
        *(each for each in TO_SCHEMA if each[0] != ["int", "long"]),
        case(["int", "long"], LONG),
        case(["float", "double"], DOUBLE),
    ],
)
def test_to_schema(cwl_type: Any, expected: Any) -> None:
    """Each CWL type has one schema, whose alternatives never fit the same value."""
    assert schema.to_schema(cwl_type) == expected


@pytest.mark.parametrize(
    ("cwl_type", "media_types", "expected"),
    [
        ("File", None, [_string()]),
        ("File", ["image/png"], [_string("image/png")]),
        ("File", ["image/png", "image/tiff"], [_string("image/png"), _string("image/tiff")]),
        ("Directory", None, [{"type": "string", "format": "directory"}]),
    ],
)
def test_files_and_directories(cwl_type: Any, media_types: list[str] | None, expected: list[Any]) -> None:
    """A file or directory is a string of its own kind, the default first, or the CWL object, which comes last."""
    found = schema.to_schema(cwl_type, media_types)
    assert list(found) == ["oneOf"]
    assert found["oneOf"][:-1] == expected
    assert found["oneOf"][-1]["properties"]["class"]["enum"] == [cwl_type]


def test_file_beside_a_string() -> None:
    """A union of File and string is a string, or the CWL object."""
    found = schema.to_schema(["File", "string"])
    assert [each["type"] for each in found["oneOf"]] == ["object", "string"]


FILE = {"type": "string", "contentMediaType": "image/png"}

TO_CWL: list[Any] = [
    ({"type": "boolean"}, "boolean"),
    ({"type": "integer"}, "long"),
    ({"type": "integer", "format": "int32"}, "int"),
    ({"type": "integer", "enum": [1, 2]}, "long"),
    ({"type": "number"}, "double"),
    ({"type": "number", "format": "float"}, "float"),
    ({"type": "string"}, "string"),
    ({"type": "string", "format": "date-time"}, "string"),
    ({"type": "string", "enum": ["a", "b_1.x+y-z", "a"]}, {"type": "enum", "symbols": ["a", "b_1.x+y-z"]}),
    ({"type": "string", "enum": ["two words"]}, "string"),
    ({"type": "string", "enum": ["ä"]}, "string"),
    ({"type": "string", "enum": ["-x"]}, "string"),
    ({}, "string"),
    ({"$ref": "https://example.org/schema.json"}, "string"),
    ({"type": "object"}, "string"),
    ({"type": "object", "format": "ogc-bbox"}, "string"),
    ({"allOf": [{"format": "ogc-bbox"}, {"type": "object"}]}, "string"),
    ({"type": "array", "items": {"type": "integer"}}, _array("long")),
    ({"type": "array", "items": {"type": "string"}}, _array("string")),
    ({"type": "array", "items": {"type": "object"}}, _array("string")),
    ({"type": "array", "items": FILE}, _array("File")),
    ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "string"),
    ({"type": "array", "items": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}}, "string"),
    (FILE, "File"),
    ({"type": "string", "contentEncoding": "base64"}, "File"),
    ({"type": "string", "contentEncoding": "binary"}, "File"),
    ({"type": "string", "format": "byte"}, "File"),
    ({"type": "string", "format": "binary"}, "File"),
    ({"type": "string", "format": "file"}, "File"),
    ({"contentMediaType": "text/csv"}, "File"),
    ({"type": "string", "format": "directory"}, "Directory"),
    ({"oneOf": [FILE, {"type": "string", "contentMediaType": "image/tiff"}]}, "File"),
    ({"oneOf": [{"type": "object"}, {"type": "string", "contentMediaType": "application/gml+xml"}]}, "File"),
    ({"oneOf": [{"type": "string"}, {"type": "object"}]}, "string"),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "double"),
    ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, ["long", "boolean"]),
    ({"anyOf": [{"type": "integer"}, {"oneOf": [{"type": "boolean"}, {"type": "integer"}]}]}, ["long", "boolean"]),
    ({"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "string"}]}, "string"),
    ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, ["long", "string"]),
    ({"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}, ["long", _array("long")]),
    case(
        {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        _array({"type": "enum", "symbols": ["a", "b"]}),
    ),
]


@pytest.mark.parametrize(("described", "expected"), TO_CWL)
def test_to_cwl(described: Any, expected: Any) -> None:
    """Each schema has one CWL type; what a command line can't carry is a string of JSON."""
    assert schema.to_cwl(described) == expected


PUBLISHED: list[Any] = [
    ({"type": "string"}, {"type": "string"}),
    ({"type": "string", "default": ""}, {"type": "string", "default": ""}),
    ({"type": "boolean", "default": False}, {"type": "boolean", "default": False}),
    ({"const": 5}, {"enum": [5]}),
    ({"type": "string", "enum": ["a", "b", "a"]}, {"type": "string", "enum": ["a", "b"]}),
    ({"type": ["integer", "null"]}, {"type": "integer", "nullable": True}),
    ({"type": ["string"]}, {"type": "string", "nullable": False}),
    (
        {"type": ["integer", "string", "null"], "title": "T"},
        {"oneOf": [{"type": "integer"}, {"type": "string"}], "nullable": True, "title": "T"},
    ),
    ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
    ({"exclusiveMaximum": 1.5}, {"maximum": 1.5, "exclusiveMaximum": True}),
    ({"minimum": 3, "exclusiveMinimum": True}, {"minimum": 3, "exclusiveMinimum": True}),
    ({"minimum": 3, "exclusiveMinimum": False}, {"minimum": 3, "exclusiveMinimum": False}),
    ({"minimum": 1, "exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
    ({"$schema": "x", "$id": "y", "$defs": {}, "$comment": "z", "examples": [1], "x-own": 1, "if": {}}, {}),
    ({"$ref": "https://example.org/a.json", "title": "T"}, {"$ref": "https://example.org/a.json"}),
    (
        {"type": "array", "items": {"const": 1, "$id": "a"}, "x-own": 1},
        {"type": "array", "items": {"enum": [1]}},
    ),
    (
        {"properties": {"const": {"const": 1}, "x-own": {"x-own": 1}}, "additionalProperties": {"const": 2}},
        {"properties": {"const": {"enum": [1]}, "x-own": {}}, "additionalProperties": {"enum": [2]}},
    ),
    ({"additionalProperties": False}, {"additionalProperties": False}),
    ({"allOf": [{"const": 1}], "not": {"const": 2}}, {"allOf": [{"enum": [1]}], "not": {"enum": [2]}}),
    case({"enum": [1, True, 1.5]}, {"enum": [1, True, 1.5]}),
    case({"minimum": 5, "exclusiveMinimum": 3}, {"minimum": 5}),
    case({"oneOf": [{"type": "string"}, {"type": "null"}]}, {"oneOf": [{"type": "string"}], "nullable": True}),
    case(
        {"type": ["string", "integer"], "oneOf": [{"minLength": 2}, {"minimum": 3}]},
        {
            "allOf": [{"oneOf": [{"type": "string"}, {"type": "integer"}]}],
            "nullable": False,
            "oneOf": [{"minLength": 2}, {"minimum": 3}],
        },
    ),
]


@pytest.mark.parametrize(("given", "expected"), PUBLISHED)
def test_publishable(given: Any, expected: Any) -> None:
    """What newer drafts write is said in the words of OGC's subset, at any depth, and nothing else is published."""
    assert subset.publishable(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        *(None, "string", [], True, {"$ref": "#/$defs/a"}, {"items": True}, {"items": [{}]}, {"oneOf": ["string"]}),
        *({"properties": {"a": {"$ref": "#"}}}, {"not": 5}, {"additionalProperties": {"$ref": "#/a"}}),
    ],
)
def test_publishable_refuses(given: Any) -> None:
    """A schema that can't be published is an error for the client."""
    with pytest.raises(InvalidProcessError):
        subset.publishable(given)


def test_publishable_leaves_its_argument() -> None:
    """The client's document is kept as it came."""
    given = {"type": "array", "items": {"const": 1}, "exclusiveMinimum": 3}
    subset.publishable(given)
    assert given == {"type": "array", "items": {"const": 1}, "exclusiveMinimum": 3}


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"type": "string"}, []),
        (FILE, ["image/png"]),
        ({"oneOf": [FILE, {"type": "object"}, _string("image/tiff")]}, ["image/png", "image/tiff"]),
        ({"type": "array", "items": FILE}, ["image/png"]),
        ({"type": "array"}, []),
    ],
)
def test_media_types(described: Any, expected: list[str]) -> None:
    """The media types of a file or of the files in an array, the default first."""
    assert schema.media_types(described) == expected
