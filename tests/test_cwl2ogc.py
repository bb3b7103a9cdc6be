"""Descriptions beside those of cwl2ogc, which others in Earth observation use: the table in docs/cwl2ogc.md."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import Any

import pytest
from cwl2ogc import BaseCWLtypes2OGCConverter
from cwl_utils.parser import load_document_by_uri

from cwl_bridge import deploy
from tests.cwl_bridge.cases import described
from tests.live import ROOT, shell_tool

ENUM = {"type": "enum", "symbols": ["a", "b"]}
RECORD = {"type": "record", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string[]"}]}

BESIDE = ("metadata", "valuePassing")

#: Inputs that both describe alike.
ALIKE: dict[str, Any] = {
    **{name: {"type": name} for name in ("boolean", "int", "long", "float", "double", "string", "Any")},
    "enum": {"type": ENUM},
    "record": {"type": RECORD},
    **{
        f"list_of_{name}": {"type": {"type": "array", "items": items}}
        for name, items in {
            "int": "int",
            "enum": ENUM,
            "record": RECORD,
            "list": {"type": "array", "items": "int"},
        }.items()
    },
    "words": {"type": "int", "label": "Title", "doc": "Description."},
}
INT32 = {"type": "integer", "format": "int32"}
TEXT = {"type": "string"}
STAC = {"$ref": "https://schemas.stacspec.org/v1.0.0/item-spec/json-schema/item.json"}

#: Rows of the table: an input, what cwl2ogc makes of it, and what is made of it here; of either what the row is about.
DIFFERENT: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "File": (
        {"type": "File"},
        {"schema": {"oneOf": [{"type": "string", "format": "uri"}, STAC]}},
        {"schema": {"oneOf": [{"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "object"}]}},
    ),
    "Directory": (
        {"type": "Directory"},
        {"schema": {"oneOf": [{"type": "string", "format": "uri"}, STAC]}},
        {"schema": {"oneOf": [{"type": "string", "format": "directory"}, {"type": "object"}]}},
    ),
    "union": (
        {"type": ["int", "string"]},
        {"schema": {"anyOf": [INT32, TEXT], "oneOf": None}},
        {"schema": {"oneOf": [INT32, TEXT], "anyOf": None}},
    ),
    "`int` beside `float`, enum beside string": (
        {"type": ["int", "float"]},
        {"schema": {"anyOf": [INT32, {"type": "number", "format": "float"}]}},
        {"schema": {"type": "number", "format": "float", "anyOf": None}},
    ),
    "`T?`": (
        {"type": "int?"},
        {"schema": {**INT32, "nullable": True}, "minOccurs": 0},
        {"schema": {**INT32, "nullable": None}, "minOccurs": 0},
    ),
    "a default": (
        {"type": "boolean", "default": False},
        {"schema": {"type": "boolean", "default": None}, "minOccurs": 1},
        {"schema": {"type": "boolean", "default": False}, "minOccurs": 0},
    ),
    "union as item of an array": (
        {"type": {"type": "array", "items": ["int", "string"]}},
        {"schema": {"type": "array", "items": {"oneOf": None, "anyOf": None}}},
        {"schema": {"type": "array", "items": {"oneOf": [INT32, TEXT]}}},
    ),
    "record without required members": (
        {"type": {"type": "record", "fields": [{"name": "a", "type": "int?"}]}},
        {"schema": {"type": "object", "required": []}},
        {"schema": {"type": "object", "required": None}},
    ),
    "metadata of each input": (
        {"type": "int"},
        {"metadata": [{"title": "cwl:type", "value": "int"}]},
        {"metadata": None},
    ),
    "`valuePassing`": ({"type": "int"}, {"valuePassing": "byValue"}, {"valuePassing": None}),
}
#: An output, and documents that the parser of cwl2ogc does not load as they are.
ELSEWHERE = {
    "`stdout`",
    "a default File or Directory",
    "named types as hints, or in packed documents",
    "BBox",
    "GeoJSON and STAC types",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and outputs of one tool, as cwl2ogc and as this server describe them; names of rows have a number."""
    rows = {f"row{number}": each for number, (each, _, _) in enumerate(DIFFERENT.values())}
    tool = shell_tool("true", id="x", inputs={**ALIKE, **rows}, outputs={"said": "stdout"})
    path = tmp_path_factory.mktemp("cwl2ogc") / "x.cwl"
    path.write_text(json.dumps(tool))
    converter = BaseCWLtypes2OGCConverter(load_document_by_uri(path))
    theirs = json.loads(json.dumps({**converter.get_inputs(), **converter.get_outputs()}))
    ours = described(path.read_bytes(), deploy.CWL_JSON).description.to_json()
    return theirs, {**ours["inputs"], **ours["outputs"]}


@pytest.mark.parametrize("name", ALIKE)
def test_what_both_say(both: tuple[dict[str, Any], dict[str, Any]], name: str) -> None:
    """Schema, occurrence, title and description are the same."""
    theirs, ours = ({key: each for key, each in found[name].items() if key not in BESIDE} for found in both)
    assert theirs == ours


def _within(expected: Any, found: Any) -> bool:
    """Whether what is expected is there; None: nothing is."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(_within(each, found.get(key)) for key, each in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(expected) <= len(found)
            and bool(expected) == bool(found)
            and all(map(_within, expected, found))
        )
    return bool(expected == found and type(expected) is type(found))


@pytest.mark.parametrize("row", DIFFERENT)
def test_where_they_differ(both: tuple[dict[str, Any], dict[str, Any]], row: str) -> None:
    """Each row of the table is still so, on both sides."""
    _, expected, own = DIFFERENT[row]
    theirs, ours = (found[f"row{list(DIFFERENT).index(row)}"] for found in both)
    assert _within(expected, theirs), theirs
    assert _within(own, ours), ours


def test_a_stream_is_a_file_here(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """And a string there."""
    theirs, ours = both
    assert theirs["said"]["schema"] == TEXT
    assert ours["said"]["schema"]["oneOf"][0]["contentMediaType"] == "application/octet-stream"


def test_every_row_of_the_table_is_looked_at() -> None:
    """Or is among those that can't be."""
    page = (ROOT / "docs" / "cwl2ogc.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \|$", page.split("| --- |", 1)[1], re.MULTILINE)

    assert sorted(rows) == sorted([*DIFFERENT, *ELSEWHERE])


def test_the_version_that_the_page_names() -> None:
    """Is the one that is compared with."""
    page = (ROOT / "docs" / "cwl2ogc.md").read_text(encoding="utf-8")
    assert f"({version('cwl2ogc')})" in page
