"""How much work the comparison of a value with a schema is, and where it is too much."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cwl_bridge import inputs, values, work
from cwl_bridge.errors import InvalidProcessError, TooComplexError
from tests.cwl_bridge.cases import described
from tests.live import shell_tool

INTEGER = {"type": "integer"}


@pytest.mark.parametrize(
    ("schema", "value", "units"),
    [
        ({}, [1, [2]], 0),
        (INTEGER, 1, 1),
        ({"type": "array", "items": INTEGER}, [1, 2, 3], 2 + 3),
        ({"anyOf": [INTEGER, INTEGER, {"allOf": [INTEGER]}]}, 1, 1 + 1 + 1 + 2),
        ({"not": INTEGER}, 1, 2),
        ({"properties": {"a": INTEGER}}, {"a": 1, "b": 2}, 1 + 1),
        ({"additionalProperties": INTEGER}, {"a": 1, "b": 2}, 1 + 2),
        ({"additionalProperties": False}, {"a": 1, "b": 2}, 1),
        ({"enum": list(range(999))}, 1, 1 + 100),
        ({"enum": ["x" * 9990]}, 1, 1 + 100),
        ({"required": ["a", "b"]}, {}, 1 + 2),
        (INTEGER, "x" * 9990, 1 + 10),
        (INTEGER, [["x" * 4980], "x" * 4980], 1 + 10),
        ({"pattern": "^a$"}, "a" * 1000, 2 + 4),
        ({"pattern": "("}, "a", 2),
        ({"anyOf": 5, "enum": 5, "properties": 5, "required": 5}, {"a": 1}, 4),
    ],
)
def test_amount(schema: dict[str, Any], value: Any, units: int) -> None:
    """Every keyword that meets a value counts, and what it has to read or write where that is long."""
    assert work.amount(schema, value) == units


def test_counting_stops() -> None:
    """What is known to be too much is not counted to its end."""
    schema: dict[str, Any] = {"anyOf": [INTEGER] * 1000}
    begun = time.process_time()
    assert work.MAX_WORK < work.amount({"items": schema}, [1] * 40_000) < 2 * work.MAX_WORK
    assert time.process_time() - begun < 1


#: (schema, CWL type, value)
MUCH: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "alternatives": ({"type": "array", "items": {"anyOf": [INTEGER] * 1000}}, "int[]", [1] * 2000),
    "a long text": ({"anyOf": [INTEGER] * 1000}, "Any", "x" * 2_000_000),
    "patterns": ({"pattern": "[ab]*a[ab]{900}c"}, "string", "ab" * 2_000_000),
    "an enumeration": (
        {"type": "array", "items": {"type": "string", "enum": [f"{number}" for number in range(10_000)]}},
        "string[]",
        ["x"] * 9000,
    ),
}


@pytest.mark.parametrize(("schema", "cwl_type", "value"), MUCH.values(), ids=MUCH)
def test_too_much(schema: dict[str, Any], cwl_type: Any, value: Any) -> None:
    """It is refused before it is begun, with the input that it is."""
    process = described(_package({"x": (schema, cwl_type)}))
    begun = time.process_time()
    with pytest.raises(TooComplexError) as caught:
        inputs.order(process, {"x": value})
    assert [each.pointer.split("/")[1:3] for each in caught.value.errors] == [["inputs", "x"]]
    assert time.process_time() - begun < 5


def test_unions_of_cwl(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the CWL document has as alternatives counts as well, whatever the description says."""
    monkeypatch.setattr(work, "MAX_WORK", 20_000)
    record = {"type": "record", "fields": {f"f{number}": "string?" for number in range(20)}}
    union = [{**record, "name": f"r{number}"} for number in range(50)]
    process = described(_package({"x": ({"type": "array", "items": {}}, {"type": "array", "items": union})}))
    with pytest.raises(TooComplexError):
        inputs.order(process, {"x": [{"f1": 5, "f2": number} for number in range(200)]})


def test_one_budget_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many inputs and many executions are counted together."""
    monkeypatch.setattr(work, "MAX_WORK", 20_000)
    schema = {"type": "array", "items": {"type": "integer", "minimum": 0}}
    process = described(_package({"a": (schema, "int[]"), "b": (schema, "int[]")}))
    budget = work.Budget()
    given = {"a": [1] * 1000, "b": [1] * 1000}
    assert inputs.order(process, given, budget=budget) == given
    with pytest.raises(TooComplexError, match="than a request may make"):
        for _ in range(work.MAX_WORK // 4000):
            inputs.order(process, given, budget=budget)


def test_default_of_a_description() -> None:
    """A schema and its default are held against each other when the process is deployed."""
    schema = {"type": "array", "default": [1] * 2000, "items": {"anyOf": [INTEGER] * 1000}}
    with pytest.raises(InvalidProcessError) as caught:
        described(_package({"x": (schema, "int[]")}))
    assert [each.pointer for each in caught.value.errors] == ["/processDescription/inputs/x/schema/default"]


def test_ordinary_values_are_little_work() -> None:
    """As many numbers as a body may have, and a text of megabytes, fit."""
    assert work.amount({"type": "array", "items": {"type": "number", "minimum": 0}}, [0.5] * 49_999) < work.MAX_WORK / 3
    assert work.amount({"type": "string", "minLength": 1, "pattern": "^[A-Z]"}, "A" * 20_000_000) < work.MAX_WORK
    assert values.fits({"type": "string", "pattern": "^[A-Z]"}, "A" * 1_000_000)


def _package(ports: dict[str, tuple[dict[str, Any], Any]]) -> dict[str, Any]:
    """Inputs, each with its schema and its CWL type."""
    tool = shell_tool("true", inputs={name: {"type": cwl_type} for name, (_, cwl_type) in ports.items()})
    schemas = {name: {"schema": schema} for name, (schema, _) in ports.items()}
    return {"processDescription": {"id": "p", "inputs": schemas}, "executionUnit": {"value": tool}}
