"""How much work it is to hold a value against a schema, counted before it is done. Pure.

One unit is a keyword that meets a value. Alternatives multiply: each of them looks at the whole value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cwl_bridge import patterns
from cwl_bridge.errors import TooComplexError, refusal
from registry.models import JSON

#: Of one request; it takes a few seconds.
MAX_WORK = 500_000

#: Parts of a value, ten characters each, that are written or compared in the time of one keyword.
_PARTS = 100
#: Steps of a pattern in the same time.
_STEPS = 1000


class Budget:
    """What is left of the work that one request may make."""

    def __init__(self) -> None:
        self._left = MAX_WORK

    def spend(self, schema: JSON, value: Any, *path: str | int) -> None:
        """Raises TooComplexError where it is more than is left."""
        self._left -= amount(schema, value, self._left)
        if self._left < 0:
            detail = "The values up to this one are more work to compare with their schemas than a request may make."
            raise refusal(TooComplexError, detail, path)


def amount(schema: JSON, value: Any, most: int = MAX_WORK) -> int:
    """Units of work; a number above `most` as soon as it is more than that."""
    sizes: dict[int, int] = {}
    scalars: dict[int, int] = {}
    total = 0
    stack: list[tuple[Any, Any]] = [(schema, value)]
    while stack and total <= most:
        each, given = stack.pop()
        if not isinstance(each, dict):
            continue
        if isinstance(given, str | list | dict):
            total += _own(each, given, sizes)
            stack += _inner(each, given)
        else:
            total += _of_scalar(each, sizes, scalars)
    return total


def _of_scalar(schema: JSON, sizes: dict[int, int], scalars: dict[int, int]) -> int:
    """The same for all numbers; `scalars` has that of the schemas that were looked at before."""
    if id(schema) not in scalars:
        inner = (_of_scalar(part, sizes, scalars) for part, _ in _inner(schema, 0) if isinstance(part, dict))
        scalars[id(schema)] = _own(schema, 0, sizes) + sum(inner)
    return scalars[id(schema)]


def _own(schema: JSON, given: Any, sizes: dict[int, int]) -> int:
    """Of the keywords of one schema, each of which may have to say what is wrong with the whole value."""
    total = len(schema) * (1 + _size(given, sizes) // _PARTS)
    if isinstance(schema.get("enum"), list):
        total += _size(schema["enum"], sizes) // 10
    if isinstance(schema.get("required"), list):
        total += len(schema["required"])
    if isinstance(given, str) and isinstance(schema.get("pattern"), str):
        try:
            total += patterns.size(schema["pattern"]) * len(given) // _STEPS
        except patterns.PatternError:
            # It will be refused at no cost.
            total += 1
    return total


def _inner(schema: JSON, given: Any) -> Iterable[tuple[Any, Any]]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        listed = schema.get(keyword)
        yield from ((part, given) for part in (listed if isinstance(listed, list) else ()))
    if "not" in schema:
        yield schema["not"], given
    if isinstance(given, list) and "items" in schema:
        yield from ((schema["items"], item) for item in given)
    elif isinstance(given, dict):
        named = schema["properties"] if isinstance(schema.get("properties"), dict) else {}
        other = schema.get("additionalProperties")
        yield from ((named.get(name, other), member) for name, member in given.items())


def _size(value: Any, sizes: dict[int, int]) -> int:
    """Parts of a value, however deep; `sizes` has those of the lists and objects that were looked at before."""
    if isinstance(value, str):
        return 1 + len(value) // 10
    if not isinstance(value, list | dict):
        return 1
    if id(value) not in sizes:
        members = value.values() if isinstance(value, dict) else value
        sizes[id(value)] = 1 + sum(_size(each, sizes) for each in members)
    return sizes[id(value)]
