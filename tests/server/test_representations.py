"""The forms of results: what the description of an output promises, and who gets which."""

from __future__ import annotations

import pytest

from registry.models import OutputChoice
from server import representations
from tests.cwl_bridge.cases import described
from tests.live import shell_package


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (None, []),
        ({}, []),
        ({"a": OutputChoice(), "b": OutputChoice(transmission="reference")}, []),
        ({"a": OutputChoice(media_type="application/json")}, []),
        ({"a": OutputChoice(media_type="text/plain; charset=utf-8")}, []),
        ({"a": OutputChoice(media_type="image/png")}, ["/outputs/a/format/mediaType"]),
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
