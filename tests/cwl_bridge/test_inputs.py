"""Inputs of execute requests → CWL job orders: the cases are in tests/data/inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import inputs
from cwl_bridge.errors import InvalidInputsError
from registry.models import Process
from tests.cwl_bridge.cases import DATA, described
from tests.live import shell_package, shell_tool


def _process(case: Any) -> Process:
    """`image`: inputs of a plain image. `cwl`: of a CWL document, with `described` merged over them."""
    if "image" in case:
        package = shell_package("p", "true", case["image"])
    else:
        tool = shell_tool("true", inputs=case["cwl"], **{"$namespaces": case.get("namespaces", {})})
        package = {
            "processDescription": {"id": "p", "inputs": case.get("described", {})},
            "executionUnit": {"value": tool},
        }
    return described(package)


def _cases(expected: str) -> list[Any]:
    found: list[Any] = []
    for path in sorted((DATA / "inputs").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for name, case in document["cases"].items():
            if expected in case:
                found.append(pytest.param(path, case, id=f"{path.stem}: {name}"))
    return found


@pytest.mark.parametrize(("path", "case"), _cases("order"))
def test_order(path: Path, case: Any) -> None:
    """Inputs that fit become the job order, each value in the form that its CWL type takes."""
    process = _process(json.loads(path.read_text(encoding="utf-8")))
    # The representation tells 2 from 2.0 and True.
    assert _sorted(inputs.order(process, case["inputs"])) == _sorted(case["order"])


def _sorted(value: Any) -> str:
    """The representation, whatever the order of members."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_sorted(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_sorted, value)) + "]"
    return repr(value)


@pytest.mark.parametrize(("path", "case"), _cases("errors"))
def test_errors(path: Path, case: Any) -> None:
    """Inputs that do not fit are refused with a pointer and words for each thing that is wrong."""
    process = _process(json.loads(path.read_text(encoding="utf-8")))
    with pytest.raises(InvalidInputsError) as caught:
        inputs.order(process, case["inputs"])
    assert list(dict.fromkeys(each.pointer for each in caught.value.errors)) == case["errors"]
    assert all(each.detail for each in caught.value.errors)
