"""Validation by cwltool itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import checker, complaints, document
from tests.cwl_bridge.cases import case
from tests.live import shell_tool

REFUSED: dict[str, Any] = {
    "unknown class": {"class": "Tool"},
    "unknown member": {"baseComand": "true"},
    "unknown type": {"inputs": {"x": "integer"}},
    "binding that is none": {"inputs": {"x": {"type": "int", "inputBinding": 5}}},
    "unknown requirement": {"requirements": [{"class": "NothingRequirement"}]},
    "another document": {"requirements": [{"$import": "other.yml"}]},
    "a file of this machine": {"baseCommand": {"$include": "/etc/hostname"}},
}


def test_good_document(capsys: pytest.CaptureFixture[str]) -> None:
    """A valid document passes without a word."""
    checker.check(document.write_yaml(shell_tool("true")))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_bad_document(change: Any) -> None:
    """What cwltool does not accept, or would have to read elsewhere, raises its words."""
    text = document.write_yaml({**shell_tool("true"), **change})
    # cwltool raises a dozen types.
    with pytest.raises(Exception, match=r"(?s).") as caught:
        checker.check(text)
    assert Path("/etc/hostname").read_text().strip() not in str(caught.value).split()


COMPLAINTS: list[Any] = [
    case({"class": "Tool"}, "/class", "'Tool' is no class that is known here.", name="class"),
    case(
        {"inputs": {"x": "integer"}},
        "/inputs/x",
        "'integer' is no type that is known here; did you mean 'int'?",
        name="type",
    ),
    case({"inputs": {"x": "wave"}}, "/inputs/x", "'wave' is no type that is known here.", name="a type like no other"),
    case(
        {"inputs": {"x": {"type": "int", "inputBinding": 5}}},
        "/inputs/x/inputBinding",
        "Expected is null or CommandLineBinding, not int.",
        name="another type",
    ),
    case(
        {"inputs": {"x": {"type": {"type": "array"}}}},
        "/inputs/x/type",
        "The field 'items' is missing.",
        name="of several things the one that it says it is",
    ),
    case(
        {"inputs": {"x": {"type": "int", "inputBinding": {"position": "first"}}}},
        "/inputs/x/inputBinding/position",
        "Expected is int or Expression: \"'first'\" is not int; "
        "Value 'first' does not contain an expression in the form $() or ${}.",
        name="none of several things",
    ),
    case({"outputs": None}, "/outputs", "'outputs' is missing, or is neither an object nor a list.", name="a section"),
    case(
        {"baseComand": "true"},
        "/baseComand",
        "There is no field 'baseComand' here; did you mean 'baseCommand'?",
        name="a name",
    ),
    case(
        {"stdin": "x", "inputs": {"x": "stdin"}},
        "",
        "Not allowed to specify stdin path when using stdin type shortcut.",
        name="no place",
    ),
]


@pytest.mark.parametrize(("change", "pointer", "detail"), COMPLAINTS)
def test_what_is_said_of_it(change: Any, pointer: str, detail: str) -> None:
    """Where it is in the document, and what would be right."""
    text = document.write_yaml({**shell_tool("true"), **change})
    with pytest.raises(Exception, match=r"(?s).") as caught:
        checker.check(text)

    assert [(each.pointer, each.detail) for each in complaints.of(caught.value, text)] == [(pointer, detail)]


def test_an_error_that_is_none_of_cwltools() -> None:
    """Is one of the whole; never more than so many are told."""
    assert [(each.pointer, each.detail) for each in complaints.of(RecursionError("too deep"), "a: 1")] == [
        ("", "Too deep")
    ]

    names = {f"base{number}": "true" for number in range(complaints.MAX_ERRORS + 5)}
    text = document.write_yaml({**shell_tool("true"), **names})
    with pytest.raises(Exception, match=r"(?s).") as caught:
        checker.check(text)
    assert len(complaints.of(caught.value, text)) == complaints.MAX_ERRORS
