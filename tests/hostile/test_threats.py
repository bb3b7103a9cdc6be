"""threats.json: every danger that is known, and what shows that it is none here."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.hostile.cases import ATTACKS
from tests.live import ROOT

THREATS: list[dict[str, str | list[str]]] = json.loads(Path(__file__).with_name("threats.json").read_text("utf-8"))

NAMES = {each.name for each in ATTACKS}


def _exists(shown: str) -> bool:
    """An attack, or a test by the file and the name of its function."""
    file, _, name = shown.partition("::")
    if not name:
        return file in NAMES
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(each, functions) and each.name == name for each in ast.parse((ROOT / file).read_text()).body)


@pytest.mark.parametrize("threat", [pytest.param(each, id=str(each["threat"])) for each in THREATS])
def test_a_threat_is_shown_to_be_none(threat: dict[str, list[str]]) -> None:
    """By at least one attack or test, and each of them exists."""
    assert threat["shown"]
    assert [each for each in threat["shown"] if not _exists(each)] == []


def test_every_attack_belongs_to_a_threat() -> None:
    """Nothing is attacked without a reason."""
    named = {each for threat in THREATS for each in threat["shown"]}

    assert NAMES - named == set()
