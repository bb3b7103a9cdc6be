"""What cwltool says of a document that is not valid → each thing that is wrong, where, and what would be right. Pure.

Its errors are trees: a leaf says what is wrong, what is around it says of what part. Places are lines and columns of
the text that it was given; here they become paths, as nobody else has seen that text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from cwl_bridge import marks
from cwl_bridge.errors import FieldError, pointer
from cwl_bridge.marks import Path

MAX_ERRORS = 100
MAX_CHARACTERS = 1000

#: How alike a name has to be to be taken for another that was mistyped.
_ALIKE = 0.75

_PLACE = re.compile(r"\S*process\.cwl:(\d+):(\d+):\s*")
#: Steps are shown whole, as cwltool has rewritten them, before what is wrong with them.
_TOOL = re.compile(r"\ATool definition .* failed validation:", re.DOTALL)
_FIELD = re.compile(r"the '([^']*)' field is not valid because")
_TRIED = re.compile(r"tried (.*) but\Z", re.DOTALL)
_OTHER_KIND = re.compile(r"the value .* is not a valid \w+, expected '\w+'\Z", re.DOTALL)
_OWN_NAMES = re.compile(r"(?:file://)?[./]*/?process\.cwl#|file:///(?!process\.cwl)")

_INVALID_FIELD = re.compile(r"invalid field '(?P<name>[^']*)', expected one of: (?P<known>.*)", re.DOTALL)
_UNKNOWN = re.compile(
    r"Field '(?P<field>[^']*)' (?:contains undefined reference to|references unknown identifier) '(?P<name>[^']*)'"
)
_MISSING = re.compile(r"missing required field '(?P<name>[^']*)'")
_SECTION = re.compile(r"\"(?P<name>inputs|outputs)\" section is not valid")
_OF_OTHER_TYPE = re.compile(r"value is an? (?P<found>\w+), expected (?P<expected>.*)", re.DOTALL)
_NOT_ONE_OF = re.compile(r"the value (?P<found>.*) is not a valid \w+, expected (?P<expected>.*)", re.DOTALL)

_TYPES = (
    *("null", "boolean", "int", "long", "float", "double", "string", "File", "Directory", "Any"),
    *("stdin", "stdout", "stderr", "record", "enum", "array"),
)
#: What others call a type.
_CALLED_ELSEWHERE = {"integer": "int", "number": "double", "bool": "boolean", "str": "string", "object": "record"}


@dataclass(frozen=True)
class _Complaint:
    message: str
    at: tuple[int, int] | None
    #: The field that it is about.
    field: str | None


def of(error: BaseException, text: str) -> list[FieldError]:
    """What an exception of cwltool's says of the text: at least one thing, at most MAX_ERRORS, none of them twice."""
    places: dict[tuple[int, int], list[Path]] = {}
    for path, at in marks.paths(text):
        places.setdefault(at, []).append(path)
    found = {_field_error(each, places): None for each in _leaves(error, None, None)}
    return list(found)[:MAX_ERRORS]


def _leaves(error: Any, at: tuple[int, int] | None, field: str | None) -> Iterator[_Complaint]:
    at = getattr(error, "start", None) or at
    message = str(getattr(error, "message", error))
    children = getattr(error, "children", [])
    named = _FIELD.search(message)
    field = named[1] if named else field
    if not children:
        yield _leaf(message, at, field)
    elif len(children) > 1 and all(_TRIED.match(each.message) for each in children):
        yield from _alternatives(children, at, field)
    else:
        for each in children:
            # What holds of an item holds no longer of what is in it.
            yield from _leaves(each, at, None if each.children else field)


def _leaf(message: str, at: tuple[int, int] | None, field: str | None) -> _Complaint:
    message = _TOOL.sub("", message)
    place = _PLACE.search(message)
    if place is not None:
        at = (int(place[1]), int(place[2]))
        message = _PLACE.sub("", message)
    return _Complaint(message, at, field)


def _alternatives(tried: list[Any], at: tuple[int, int] | None, field: str | None) -> Iterator[_Complaint]:
    """A value that is none of several things: what keeps it from being the one that it says it is, or from each."""
    meant = [each for each in tried if not any(_says_otherwise(child) for child in (each, *each.children))]
    if len(meant) == 1:
        yield from _leaves(meant[0], at, field)
        return
    reasons = dict.fromkeys(_words(leaf)[0].rstrip(".") for each in tried for leaf in _leaves(each, at, field))
    expected = dict.fromkeys(_TRIED.sub(r"\1", each.message) for each in tried)
    yield _Complaint(f"expected is {' or '.join(expected)}: {'; '.join(reasons)}.", at, field)


def _says_otherwise(tried: Any) -> bool:
    """Whether its `type` or `class` says that a value is something else."""
    named = _FIELD.search(tried.message)
    about = tried if named is None or named[1] in ("type", "class") else None
    return about is not None and any(_OTHER_KIND.match(each.message) for each in about.children)


def _field_error(complaint: _Complaint, places: dict[tuple[int, int], list[Path]]) -> FieldError:
    detail, field, of_name = _words(complaint)
    where = pointer(*_path(complaint.at, field, places))
    return FieldError(where, detail[:MAX_CHARACTERS], of_name=of_name)


def _path(at: tuple[int, int] | None, field: str | None, places: dict[tuple[int, int], list[Path]]) -> Path:
    """What begins there: the field, where one is meant, or the outermost."""
    here = places.get(at, [()]) if at else [()]
    if field is None:
        return here[0]
    inside = (*here[0], field)
    is_there = any(inside in each for each in places.values())
    return next((each for each in here if each[-1:] == (field,)), inside if is_there else here[0])


def _words(complaint: _Complaint) -> tuple[str, str | None, bool]:
    """Words for people, the field that they are about, and whether it is its name that is wrong."""
    message = _OWN_NAMES.sub("", " ".join(complaint.message.split())).replace("file:///process.cwl", "the document")
    if found := _INVALID_FIELD.search(message):
        known = re.findall(r"'([^']*)'", found["known"])
        hint = _meant(found["name"], known) or f"; expected is one of: {', '.join(known)}."
        return f"There is no field '{found['name']}' here{hint}", found["name"], True
    if found := _UNKNOWN.search(message):
        return _unknown(found["field"], found["name"]), found["field"], False
    if found := _MISSING.search(message):
        return f"The field '{found['name']}' is missing.", complaint.field, False
    if found := _SECTION.search(message):
        return f"'{found['name']}' is missing, or is neither an object nor a list.", found["name"], False
    if found := _OF_OTHER_TYPE.search(message):
        return f"Expected is {found['expected']}, not {found['found']}.", complaint.field, False
    if found := _NOT_ONE_OF.search(message):
        return f"Expected is {found['expected']}, not {found['found']}.", complaint.field, False
    return message[:1].upper() + message[1:], complaint.field, False


def _unknown(field: str, name: str) -> str:
    if field in ("type", "items"):
        called = _CALLED_ELSEWHERE.get(name)
        hint = f"; did you mean '{called}'?" if called else _meant(name, _TYPES) or "."
        return f"'{name}' is no type that is known here{hint}"
    if field in ("class", "scatterMethod"):
        return f"'{name}' is no {field} that is known here."
    return f"'{field}' names '{name}', which is not there."


def _meant(name: str, known: Any) -> str | None:
    close = get_close_matches(name, known, n=1, cutoff=_ALIKE)
    return f"; did you mean '{close[0]}'?" if close else None
