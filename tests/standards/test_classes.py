"""What is declared is tested: each requirement of each declared conformance class is named by a test.

A test names what it shows with `@pytest.mark.requirement("/req/core/job-success")`; the data file has the requirements
of each class, as the standards number them.
"""

from __future__ import annotations

import ast
import functools
import json
from collections.abc import Iterator

import pytest

from server import conformance
from tests.live import ROOT, Server

REQUIREMENTS: dict[str, list[str]] = json.loads(
    (ROOT / "tests" / "data" / "standards" / "requirements.json").read_text()
)


@functools.cache
def named() -> list[tuple[str, str]]:
    """Each requirement that a test names, and where."""
    return list(_named())


def _named() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requirement":
                for each in node.args:
                    assert isinstance(each, ast.Constant), f"{path}:{each.lineno}: a requirement is named in full"
                    yield str(each.value), f"{path.relative_to(ROOT)}:{each.lineno}"


@pytest.mark.parametrize("uri", conformance.CLASSES)
def test_a_declared_class_is_tested(uri: str) -> None:
    """Each of its requirements is named by a test."""
    shown = {requirement for requirement, _ in named()}

    assert [each for each in REQUIREMENTS[uri] if each not in shown] == []


def test_no_test_names_a_requirement_that_there_is_not() -> None:
    """A misspelt requirement would be one that nobody looks after."""
    known = {each for those in REQUIREMENTS.values() for each in those}

    assert [(requirement, place) for requirement, place in named() if requirement not in known] == []


def test_what_is_declared_is_answered(live: Server) -> None:
    """The conformance document lists the declared classes, each once."""
    found = live.http.get("/conformance").json()["conformsTo"]

    assert found == conformance.CLASSES
    assert len(set(found)) == len(found)
