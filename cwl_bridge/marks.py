"""Places in a text of JSON or YAML: a path → line and column, and back. Pure.

A text is looked through only when there is an error in it, so what is right costs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+')
#: What an item of a list is called by.
_NAMES = ("class", "id", "name")
_SKIPPED = json.JSONDecoder()


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """Both from 1; the column counts characters."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


@dataclass(frozen=True)
class Source:
    """A text in which several places are looked for."""

    text: str

    def place(self, path: Sequence[str | int], *, of_name: bool = False) -> tuple[int, int] | None:
        """Line and column of what the path leads to, or of the nearest around it that is there.

        A member that is an object or a list is shown by its name, as is any whose name is meant; the name of an item of
        a list is its `class`, `id` or `name`. None where the text can't be read.
        """
        index: int | None
        try:
            index = _in_json(self.text, path, of_name=of_name)
        except (ValueError, IndexError, RecursionError):
            index = None if self._tree is None else _in_yaml(self._tree, path, of_name=of_name)
        return None if index is None else line_and_column(self.text, index)

    @cached_property
    def _tree(self) -> Any:
        """The nodes of YAML; None where it is none, or empty."""
        try:
            return yaml.compose(self.text, Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            return None


def paths(text: str) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Every value of a YAML text without aliases, the outer before the inner, with line and column of its name.

    The items of lists, and the whole, have no name: those are where they begin.
    """
    stack: list[tuple[Path, Any, Any]] = [((), None, yaml.compose(text, Loader=yaml.CSafeLoader))]
    while stack:
        path, name, node = stack.pop()
        mark = (name or node).start_mark
        yield path, (mark.line + 1, mark.column + 1)
        stack += reversed([((*path, part), *each) for part, each in _members(node)])


def repeated(text: str) -> int | None:
    """Where in a JSON text a name stands that its object has already."""
    names: list[set[str]] = []
    last: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "{" | "[":
                names.append(set())
            case "}" | "]":
                names.pop()
            case ":" if last is not None:
                name = json.loads(last[0])
                if name in names[-1]:
                    return last.start()
                names[-1].add(name)
        last = token
    return None


def literal(text: str, shown: str) -> int | None:
    """Where in a JSON text this word or number stands, outside of strings."""
    return next((token.start() for token in _TOKEN.finditer(text) if token[0] == shown), None)


def _in_json(text: str, path: Sequence[str | int], *, of_name: bool) -> int:
    """Raises ValueError where it is no JSON."""
    at = _next(text, 0)
    if text[at : at + 1] not in ("{", "["):
        raise ValueError("no JSON object")
    shown = at
    for depth, part in enumerate(path):
        found = _json_member(text, at, part)
        if found is None:
            break
        name, at = found
        by_name = of_name and depth == len(path) - 1
        if name is None and by_name and text[at] == "{":
            name = next((value for key, _, value in _json_members(text, at) if key in _NAMES), None)
        shown = at if name is None or (text[at] not in "{[" and not by_name) else name
        if text[at] not in "{[":
            break
    return shown


def _json_member(text: str, at: int, part: str | int) -> tuple[int | None, int] | None:
    for found, name, value in _json_members(text, at):
        if str(found) == str(part) or (name is None and _is_called(_SKIPPED.raw_decode(text, value)[0], part)):
            return name, value
    return None


def _json_members(text: str, at: int) -> Iterator[tuple[str | int, int | None, int]]:
    """(name or index, where its name is, where its value is) of an object or list."""
    is_object = text[at] == "{"
    at, count = _next(text, at + 1), 0
    while text[at] not in "}]":
        name_at: int | None = None
        part: str | int = count
        if is_object:
            name_at = at
            part, at = _SKIPPED.raw_decode(text, at)
            at = _next(text, _next(text, at) + 1)
        yield part, name_at, at
        count += 1
        at = _next(text, _SKIPPED.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _next(text, at + 1)


def _next(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _in_yaml(node: Any, path: Sequence[str | int], *, of_name: bool) -> int:
    shown = node
    for depth, part in enumerate(path):
        found = next((each for key, each in _members(node) if str(key) == str(part)), None) or _yaml_item(node, part)
        if found is None:
            break
        name, node = found
        by_name = of_name and depth == len(path) - 1
        if name is None and by_name:
            name = next((value for key, (_, value) in _members(node) if key in _NAMES), None)
        is_scalar = isinstance(node, yaml.ScalarNode)
        shown = node if name is None or (is_scalar and node.value and not by_name) else name
    index: int = shown.start_mark.index
    return index


def _members(node: Any) -> list[tuple[str | int, tuple[Any, Any]]]:
    """(name or index, (its node where it is a name, that of its value))."""
    if isinstance(node, yaml.MappingNode):
        return [(str(name.value), (name, value)) for name, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(index, (None, value)) for index, value in enumerate(node.value)]
    return []


def _yaml_item(node: Any, part: str | int) -> tuple[Any, Any] | None:
    for each in node.value if isinstance(node, yaml.SequenceNode) else ():
        said = (
            {str(name.value): value.value for name, value in each.value} if isinstance(each, yaml.MappingNode) else {}
        )
        if _is_called(said, part):
            return None, each
    return None


def _is_called(item: Any, part: str | int) -> bool:
    """Whether an item of a list has this as its name."""
    if not isinstance(item, dict) or not isinstance(part, str):
        return False
    names = (item.get(each) for each in _NAMES)
    return any(isinstance(name, str) and part in (name, name.rpartition("#")[2].rpartition("/")[2]) for name in names)
