"""What an image without CWL is given: the command lines that cwltool makes of the wrapped document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import inputs, loading
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.masks import Masks
from cwl_bridge.report import Report
from cwl_bridge.secretstore import Store
from tests.cwl_bridge.cases import described, drafted

INPUTS: dict[str, Any] = {
    "text": {"schema": {"type": "string"}},
    "flag": {"schema": {"type": "boolean"}},
    "whole": {"schema": {"type": "integer"}},
    "real": {"schema": {"type": "number", "default": 0.5}},
    "level": {"schema": {"type": "string", "enum": ["low", "high"]}},
    "list": {"schema": {"type": "array", "items": {"type": "integer"}}},
    "many": {"maxOccurs": "unbounded", "schema": {"type": "string"}},
    "object": {"schema": {"type": "object"}},
    "objects": {"schema": {"type": "array", "items": {"type": "object"}}},
    "grid": {"schema": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}},
    "mixed": {"schema": {"oneOf": [{"type": "integer"}, {"type": "boolean"}, {"type": "string"}]}},
    "choice": {"schema": {"type": "string", "default": ""}},
}

COMMANDS: list[Any] = [
    ({}, ["--real", "0.5", "--choice", ""]),
    ({"text": "a b", "real": None}, ["--text", "a b", "--real", "0.5", "--choice", ""]),
    ({"whole": 5, "text": "a", "choice": "c"}, ["--text", "a", "--whole", "5", "--real", "0.5", "--choice", "c"]),
]

#: Of one input alone: value → its words.
WORDS: list[Any] = [
    ("text", "", ["--text", ""]),
    ("text", "-rf", ["--text", "-rf"]),
    ("text", "$(inputs.whole); rm -rf /", ["--text", "$(inputs.whole); rm -rf /"]),
    ("text", "Zürich\n🕺", ["--text", "Zürich\n🕺"]),
    ("flag", True, ["--flag"]),
    ("flag", False, []),
    ("whole", 9223372036854775807, ["--whole", "9223372036854775807"]),
    ("whole", 0, ["--whole", "0"]),
    ("whole", 2.0, ["--whole", "2"]),
    ("level", "high", ["--level", "high"]),
    ("list", [1, 2, 3], ["--list", "1", "2", "3"]),
    ("many", ["a", "b c"], ["--many", "a", "b c"]),
    ("many", "a", ["--many", "a"]),
    ("object", {"a": [1, "ü"]}, ["--object", '{"a":[1,"ü"]}']),
    ("objects", [{"a": 1}, {"b": 2}], ["--objects", '{"a":1}', '{"b":2}']),
    ("grid", [[1, 2], [3, 4]], ["--grid", "[[1,2],[3,4]]"]),
    ("mixed", 5, ["--mixed", "5"]),
    ("mixed", True, ["--mixed"]),
    ("mixed", False, []),
    ("mixed", "5", ["--mixed", "5"]),
    ("list", [], []),
    ("real", 1e-7, ["--real", "1e-07"]),
]


def _ignore(*_: Any) -> None:
    """cwltool would hand the outputs to this."""


def _command(tmp_path: Path, package: Any, given: dict[str, Any]) -> list[str]:
    """The words that the container is started with."""
    draft, process = drafted(package), described(package)
    tool = loading.load(draft.text)
    context = loading.runtime_context(JobFolder(tmp_path), None, Report(), Store(Masks()))
    job: Any = next(iter(tool.job(inputs.order(process, given), _ignore, context)))
    return [str(word) for word in job.command_line]


def _package(declared: dict[str, Any], **unit: Any) -> dict[str, Any]:
    optional = {name: {"minOccurs": 0, **each} for name, each in declared.items()}
    return {
        "processDescription": {"id": "p", "inputs": optional},
        "executionUnit": {"type": "docker", "image": "busybox:stable", **unit},
    }


@pytest.mark.parametrize(("given", "expected"), COMMANDS)
def test_options_come_in_the_declared_order(tmp_path: Path, given: dict[str, Any], expected: list[str]) -> None:
    """Each input is `--id value`, in the order of the description; absent optional ones are nothing."""
    assert _command(tmp_path, _package(INPUTS), given) == expected


@pytest.mark.parametrize(("name", "value", "expected"), WORDS)
def test_words_of_a_value(tmp_path: Path, name: str, value: Any, expected: list[str]) -> None:
    """Each kind of value has its words, and none is ever read by a shell or as an expression."""
    assert _command(tmp_path, _package({name: INPUTS[name]}), {name: value}) == expected


@pytest.mark.parametrize("command", [["sh", "-c", 'echo "$@"', "sh"], "sh -c 'echo \"$@\"' sh"])
def test_command_comes_first(tmp_path: Path, command: Any) -> None:
    """The unit's command, as a list or as a line, stands before the options."""
    found = _command(tmp_path, _package({"text": INPUTS["text"]}, command=command), {"text": "a"})
    assert found == ["sh", "-c", 'echo "$@"', "sh", "--text", "a"]


@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        ({"position": 1}, ["1", "2"]),
        ({"prefix": "-b"}, ["-b", "1", "2"]),
        ({"prefix": "-b", "itemSeparator": ","}, ["-b", "1,2"]),
        ({"prefix": "-b=", "separate": False, "itemSeparator": ","}, ["-b=1,2"]),
        ({"valueFrom": "first is $(inputs.list[0])"}, ["first is 1"]),
        (None, []),
    ],
)
def test_bindings_are_cwl(tmp_path: Path, binding: Any, expected: list[str]) -> None:
    """A binding is taken as CWL means it, in the place of the usual option."""
    package = _package({"list": INPUTS["list"]}, bindings={"inputBindings": {"list": binding}})
    assert _command(tmp_path, package, {"list": [1, 2]}) == expected
