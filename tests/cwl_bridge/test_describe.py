"""Descriptions, from what a client sent and from what the CWL says."""

from __future__ import annotations

from typing import Any

import pytest

from cwl_bridge import describe
from registry.models import ProcessDescription
from tests.cwl_bridge.cases import described

PNG = {"type": "string", "contentMediaType": "image/png"}


def _described(**members: Any) -> ProcessDescription:
    unit = {"type": "docker", "image": "busybox:stable"}
    body = {"processDescription": {"process": {"id": "p", **members}}, "executionUnit": unit}
    return described(body).description


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (None, {}),
        ({"a": "int"}, {"a": {"type": "int"}}),
        ({"a": ["null", "int"]}, {"a": {"type": ["null", "int"]}}),
        ({"a": {"type": "int", "label": "A"}}, {"a": {"type": "int", "label": "A"}}),
        ([{"id": "a", "type": "int"}], {"a": {"id": "a", "type": "int"}}),
        ([{"id": "#main/a", "type": "int"}], {"a": {"id": "#main/a", "type": "int"}}),
    ],
)
def test_ports(declared: Any, expected: Any) -> None:
    """Inputs are objects by their short names, whether they were a list, an object or only types."""
    assert describe.ports({"inputs": declared}, "inputs") == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "1.0.0"),
        ("2", "2"),
        (3, "3"),
        (1.5, "1.5"),
        ("", ""),
    ],
)
def test_version(given: Any, expected: str) -> None:
    """A version is a text, also where it was sent as a number; there always is one."""
    assert _described(version=given).version == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"minOccurs": 0}, (0, 1)),
        ({"minOccurs": "0", "maxOccurs": "3"}, (0, 3)),
        ({"maxOccurs": "unbounded"}, (1, None)),
        ({"minOccurs": 2, "maxOccurs": 2}, (2, 2)),
        ({"minOccurs": None, "maxOccurs": None}, (1, 1)),
        ({"schema": {"default": 0}}, (0, 1)),
        ({"schema": {"default": False}, "minOccurs": 1}, (0, 1)),
        ({"schema": {"default": ""}}, (0, 1)),
        ({"schema": {"default": None}}, (1, 1)),
    ],
)
def test_occurs(given: Any, expected: Any) -> None:
    """An input occurs once unless it says otherwise; one with a default, whatever its value, may be left out."""
    found = _described(inputs={"a": {"schema": {}, **given}}).inputs["a"]
    assert (found.min_occurs, found.max_occurs) == expected


ABOUT: list[Any] = [
    ({"title": "T", "description": "D", "keywords": ["k"]}, {"title": "T", "description": "D", "keywords": ["k"]}),
    ({"title": 5, "keywords": "k", "metadata": {}}, {}),
    ({"title": None, "keywords": []}, {}),
    (
        {"metadata": [{"href": "https://example.org", "title": None}]},
        {"metadata": [{"href": "https://example.org"}]},
    ),
    ({"unknown": 1, "links": []}, {}),
    (
        {"additionalParameters": [{"name": "a", "value": 1}, {"name": "b", "value": [2]}]},
        {"additionalParameters": {"parameters": [{"name": "a", "value": [1]}, {"name": "b", "value": [2]}]}},
    ),
    ({"additionalParameters": {"title": "T"}}, {"additionalParameters": {"title": "T"}}),
]


@pytest.mark.parametrize(("given", "expected"), ABOUT)
def test_about(given: Any, expected: Any) -> None:
    """What describes a process or an input is shown as it was given, less what OGC's schemas do not know."""
    assert _described(**given).about == expected
    assert _described(inputs={"a": {"schema": {}, **given}}).inputs["a"].about == expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("jobControlOptions", ("sync-execute", "async-execute", "dismiss")),
        ("outputTransmission", ("value", "reference")),
    ],
)
def test_options(member: str, expected: tuple[str, ...]) -> None:
    """A process offers everything unless it names less."""
    attribute = {"jobControlOptions": "job_control_options", "outputTransmission": "output_transmission"}[member]
    assert getattr(_described(**{member: None}), attribute) == expected
    assert getattr(_described(**{member: []}), attribute) == expected
    assert getattr(_described(**{member: [expected[0]]}), attribute) == expected[:1]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("https://www.iana.org/assignments/media-types/image/png", ["image/png"]),
        ("http://www.iana.org/assignments/media-types/image/png", ["image/png"]),
        ("iana:image/png", ["image/png"]),
        (["iana:image/png", "iana:text/csv"], ["image/png", "text/csv"]),
        ("https://example.org/unknown", ["application/octet-stream"]),
        ("$(inputs.a)", ["application/octet-stream"]),
        (None, ["application/octet-stream"]),
    ],
)
def test_media_types_of_a_cwl_file(declared: Any, expected: list[str]) -> None:
    """The formats of a CWL file are its media types; what is not known is binary."""
    port = {"type": "File", **({"format": declared} if declared else {})}
    body = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "p",
        "$namespaces": {"edam": "http://edamontology.org/"},
        "requirements": {"DockerRequirement": {"dockerPull": "busybox:stable"}},
        "inputs": {"a": port},
        "outputs": {},
    }
    found = described(body, "application/cwl+json").description.inputs["a"].schema
    assert [each["contentMediaType"] for each in found["oneOf"][:-1]] == expected
