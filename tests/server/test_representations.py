"""The forms of results: what the description of an output promises, and who gets which."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cwl_bridge.outputs import Literal, Members, Result, Several, Stored
from registry.models import JobId, OutputChoice, Parameter
from server import representations
from server.members import MAX_INLINE_BYTES
from server.results import MAX_SMALL_BYTES
from tests.cwl_bridge.cases import described
from tests.live import ROOT, shell_package

PAGE = (ROOT / "docs" / "results.md").read_text()


def stored(media_type: str, *, is_directory: bool = False) -> Stored:
    return Stored(
        job_id=JobId("j"), location="", basename="x", segments=("o",), is_directory=is_directory, media_type=media_type
    )


FILE = stored("image/tiff")
#: By their names in the table of the page.
RESULTS: dict[str, Result] = {
    "a string": Literal(value="x", media_type="text/plain"),
    "a number, a truth value": Literal(value=True, media_type="application/json"),
    "an array or object of literals": Literal(value=[1], media_type="application/json"),
    "a file": FILE,
    "a directory": stored("application/directory", is_directory=True),
    "an array of files": Several(items=(FILE,)),
    "a record with files": Members(fields={"a": FILE}),
}


def test_the_page_has_the_table() -> None:
    """What it says of each kind of result is so, and nothing is left out."""
    rows = re.findall(r"^\| (.*?) \| (.*?) \|$", PAGE.partition("## Forms")[2].partition("\n## ")[0], re.MULTILINE)
    said = {name: listed.replace("its media type", FILE.media_type) for name, listed in rows[2:]}

    expected = {name: representations.of(each) for name, each in RESULTS.items()}
    expected["several outputs"] = representations.SEVERAL
    assert said == {name: ", ".join(each.media_type for each in forms) for name, forms in expected.items()}


def test_the_page_has_the_sizes() -> None:
    """In the units that people read."""
    assert f"literals of more than\n{MAX_SMALL_BYTES // 1024} KiB" in PAGE
    assert f"up to {MAX_INLINE_BYTES // 1024**2} MiB" in PAGE


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"schema": {"type": "string"}}, {"text/plain", "application/json", "text/html"}),
        ({"schema": {"type": "boolean", "nullable": True}}, {"text/plain", "application/json", "text/html"}),
        ({"schema": {"type": "object"}}, {"application/json", "text/html"}),
        ({"schema": {"allOf": [{"format": "ogc-bbox"}]}}, {"application/json", "text/html"}),
        (
            {"schema": {"type": "string", "contentMediaType": "image/png"}},
            {"image/png", "application/json", "text/html"},
        ),
        ({"schema": {"type": "string", "contentMediaType": "application/json"}}, {"application/json"}),
        ({"schema": {"type": "string", "contentMediaType": "text/html"}}, {"text/html", "application/json"}),
        (
            {"schema": {"oneOf": [{"type": "string"}, {"type": "object"}]}},
            {"text/plain", "application/json", "text/html"},
        ),
        ({"schema": {"type": "string", "format": "directory"}}, {"application/json", "application/zip", "text/html"}),
        ({"schema": {"type": "array", "items": {"type": "integer"}}}, {"application/json", "text/html"}),
        (
            {"schema": {"type": "array", "items": {"type": "string", "contentMediaType": "image/png"}}},
            {"application/json", "multipart/related", "application/zip", "text/html"},
        ),
        (
            {"schema": {"type": "string", "contentMediaType": "image/png"}, "maxOccurs": "unbounded"},
            {"application/json", "multipart/related", "application/zip", "text/html"},
        ),
        ({"schema": {"type": "string"}, "maxOccurs": 3}, {"application/json", "text/html"}),
        ({"schema": {}}, None),
        ({"schema": {"type": "string", "contentEncoding": "binary"}}, None),
        ({"schema": {"oneOf": [{"type": "string"}, {}]}}, None),
    ],
)
def test_expected(parameter: dict[str, Any], expected: set[str] | None) -> None:
    """The forms that a description promises; None where anything can come."""
    found = representations.expected(Parameter.from_json(parameter))

    assert (found and {each.media_type for each in found}) == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (None, []),
        ({}, []),
        ({"a": OutputChoice(), "b": OutputChoice(transmission="reference")}, []),
        ({"a": OutputChoice(media_type="application/json")}, []),
        ({"a": OutputChoice(media_type="text/plain; charset=utf-8")}, []),
        ({"a": OutputChoice(media_type="image/png")}, ["/outputs/a/format/mediaType"]),
        # A page is a way to show a value.
        ({"a": OutputChoice(media_type="text/html")}, ["/outputs/a/format/mediaType"]),
        ({"b": OutputChoice(media_type="IMAGE/PNG")}, []),
        ({"b": OutputChoice(media_type="image/tiff")}, ["/outputs/b/format/mediaType"]),
        ({"c": OutputChoice(media_type="image/tiff")}, []),
        ({"a": OutputChoice(), "no/ne": OutputChoice(), "x": OutputChoice()}, ["/outputs/no~1ne", "/outputs/x"]),
    ],
)
def test_check_outputs(chosen: dict[str, OutputChoice] | None, expected: list[str]) -> None:
    """A request may name the outputs that there are, in the types that they are offered in."""
    outputs = {
        "a": {"schema": {"type": "integer"}},
        "b": {"schema": {"type": "string", "contentMediaType": "image/png"}},
        "c": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}},
    }
    package = shell_package("p", "true", outputs=outputs)
    process = described(package)
    assert [each.pointer for each in representations.check(process.description, chosen)] == expected
