"""The types of Earth-observation packages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cwl_bridge import deploy, eoap, loading, schema
from cwl_bridge.eoap_types import FILES
from tests.cwl_bridge.cases import case, drafted
from tests.live import shell_tool

MAIN = "https://raw.githubusercontent.com/eoap/schemas/main/"
TEXT = {"type": "record", "fields": [{"name": "value", "type": "string"}]}


def test_cwltool_takes_them_all() -> None:
    """Together in one document, each the type of an input."""
    types = [each for file in FILES for each in eoap.types(f"{MAIN}{file}.yaml") or []]
    declared = {f"x{index}": {"type": each["name"] + "?"} for index, each in enumerate(types)}
    tool = shell_tool("true", inputs=declared)
    tool["requirements"] = [*tool["requirements"], {"class": "SchemaDefRequirement", "types": types}]
    loading.load(drafted(json.dumps(tool).encode(), deploy.CWL_JSON).text)


@pytest.mark.parametrize(
    ("url", "known"),
    [
        (f"{MAIN}ogc.yaml", True),
        (f"{MAIN}experimental/discovery.yaml", True),
        ("https://raw.githubusercontent.com/eoap/schemas/refs/heads/main/ogc.yaml", True),
        ("https://raw.githubusercontent.com/eoap/schemas/refs/tags/0.1.0/stac.yaml", True),
        ("https://github.com/eoap/schemas/raw/main/ogc.yaml", True),
        (f"{MAIN}other.yaml", False),
        (f"{MAIN}ogc.yaml#BBox", False),
        ("https://example.org/eoap/schemas/main/ogc.yaml", False),
        ("ogc.yaml", False),
    ],
)
def test_addresses(url: str, known: bool) -> None:
    """Those of the repository are known, at any of its versions; names stay below the address that was used."""
    found = eoap.types(url)
    assert (found is not None) == known
    assert all(each["name"].startswith(f"{url}#") for each in found or [])


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        case({**TEXT, "name": f"{MAIN}string_format.yaml#Date"}, {"type": "string", "format": "date"}, name="full"),
        case({**TEXT, "name": "#string_format.yaml/Time"}, {"type": "string", "format": "time"}, name="packed"),
        case({**TEXT, "name": "string_format.yml#URI"}, {"type": "string", "format": "uri"}, name="relative"),
        case({**TEXT, "name": "Date"}, None, name="a name of its own"),
        case({**TEXT, "name": f"{MAIN}string_format.yaml#Other"}, None, name="unknown"),
        case({"type": "record", "name": f"{MAIN}string_format.yaml#Date", "fields": {"a": "int"}}, None, name="else"),
    ],
)
def test_names(declared: Any, expected: Any) -> None:
    """A type is one of these by its full name and its fields; what is only called so is any record."""
    found = schema.to_schema(schema.normalise(declared))
    assert found == expected if expected else found["type"] == "object"
