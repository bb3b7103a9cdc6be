"""A path in a process with everything in its place → the file it came from, and the path there. Pure.

The same ways that `resolve` goes, gone for one path and only when there is an error to show: `run`, `$import`,
`$mixin`, `$graph`, registered processes. Where a way ends before the path does, the nearest place around is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cwl_bridge import graph
from cwl_bridge.errors import BridgeError
from cwl_bridge.marks import Path
from cwl_bridge.packagefiles import REGISTERED, Files, MissingError, joined
from registry.models import JSON

#: References one after the other; more is a circle.
_MOST = 100
_MOST_ITEMS = 50_000


@dataclass(frozen=True)
class _Place:
    """A value as it was sent."""

    key: str
    path: Path
    value: Any


def whole(files: Files, main: str, entry: str | None, path: Sequence[str | int], made: JSON | None) -> tuple[str, Path]:
    """Of a path in `made`, the process that `main` describes."""
    start = _process(files, main, entry)
    return (main, tuple(path)) if start is None else _followed(files, start, path, made)


def within(files: Files, key: str, path: Sequence[str | int]) -> tuple[str, Path]:
    """Of a path in one file, with what that imports in its place."""
    try:
        read = files.object(key)
    except (BridgeError, MissingError):
        return key, tuple(path)
    return _followed(files, _Place(key, (), read), path, None)


def _followed(files: Files, place: _Place, path: Sequence[str | int], made: Any) -> tuple[str, Path]:
    for depth, part in enumerate(path):
        place = _landed(files, place, part)
        inner = _member(files, place, part, made)
        if inner is None:
            # What is expected and is not there has a place too.
            is_missing = isinstance(place.value, dict) and depth == len(path) - 1
            return place.key, (*place.path, part) if is_missing else place.path
        place, made = inner, _inside(made, part)
    return place.key, place.path


def _landed(files: Files, place: _Place, part: str | int) -> _Place:
    """Where the references lead that stand in the place of what the part is of."""
    for _ in range(_MOST):
        if isinstance(place.value, dict) and part in place.value:
            return place
        inner = _referred(files, place)
        if inner is None:
            return place
        place = inner
    return place


def _member(files: Files, place: _Place, part: str | int, made: Any) -> _Place | None:
    value = place.value
    if isinstance(value, list):
        return _item(list(_items(files, place, iter(range(_MOST_ITEMS)))), part, made)
    if not isinstance(value, dict):
        return None
    if part in value:
        return _Place(place.key, (*place.path, part), value[part])
    return _renamed(place, part) or _shared(files, place, part)


def _inside(made: Any, part: str | int) -> Any:
    if isinstance(made, list):
        return next((each for index, each in enumerate(made) if str(index) == str(part)), None)
    return made.get(part) if isinstance(made, dict) else None


def _referred(files: Files, place: _Place) -> _Place | None:
    """What stands in the place of a reference."""
    value = place.value
    given = _reference(value) if isinstance(value, dict) else value
    if not isinstance(given, str):
        return None
    if place.path[-1:] == ("run",):
        return _run(files, place.key, given)
    return _imported(files, place) if isinstance(value, dict) else None


def _reference(value: dict[str, Any]) -> str | None:
    found = value.get("$import", value.get("$mixin"))
    return found if isinstance(found, str) else None


def _imported(files: Files, place: _Place) -> _Place | None:
    given = _reference(place.value) or ""
    path, _, fragment = given.partition("#")
    key = joined(place.key, path) if path else place.key
    try:
        read = files.object(key)
    except (BridgeError, MissingError):
        return None
    found = graph.named(read, fragment)
    return None if found is None else _Place(key, *found)


def _run(files: Files, key: str, run: str) -> _Place | None:
    path, _, fragment = run.partition("#")
    target = joined(key, path) if path else key
    if target in files:
        return _process(files, target, fragment or None)
    known = next((each for each in (run, run.removesuffix(".cwl")) if each in files.registered), None)
    return None if known is None else _Place(REGISTERED + known, (), files.registered[known])


def _process(files: Files, key: str, entry: str | None) -> _Place | None:
    try:
        read = files.object(key)
        if isinstance(read, dict) and "$graph" in read:
            graph.check(read)
            index = graph.chosen(read, entry, ())
            return _Place(key, ("$graph", index), read["$graph"][index])
    except (BridgeError, MissingError):
        return None
    return _Place(key, (), read)


def _shared(files: Files, place: _Place, part: str | int) -> _Place | None:
    """What a `$graph` says beside it holds for each of its processes."""
    if len(place.path) != 2 or place.path[0] != "$graph":
        return None
    read = files.object(place.key)
    return _Place(place.key, (part,), read[part]) if part in read else None


def _renamed(place: _Place, part: str | int) -> _Place | None:
    """A packed document calls things by their places: `#main/x` is x."""
    for name, value in place.value.items():
        if "#" in name and f"/{name.rpartition('#')[2]}".endswith(f"/{part}"):
            return _Place(place.key, (*place.path, name), value)
    return None


def _items(files: Files, place: _Place, left: Iterator[int], depth: int = 0) -> Iterator[_Place]:
    """The items of a list; a list that is imported into it is part of it. `left`: how many may still be looked at."""
    for index, value in enumerate(place.value):
        if next(left, None) is None:
            return
        item = _Place(place.key, (*place.path, index), value)
        is_import = isinstance(value, dict) and "$import" in value and depth < _MOST
        found = _imported(files, item) if is_import else None
        if found is not None and isinstance(found.value, list):
            yield from _items(files, found, left, depth + 1)
        else:
            yield item


def _item(items: list[_Place], part: str | int, made: Any) -> _Place | None:
    """By its index, or by what it is called."""
    if isinstance(part, int) or part.isdecimal():
        # What was added to the list stands before what was in it (see `versions`).
        index = int(part) - (len(made) - len(items) if isinstance(made, list) else 0)
        return items[index] if 0 <= index < len(items) else None
    for each in items:
        if isinstance(each.value, dict) and f"/{graph.own_name(each.value)}".endswith(f"/{part}"):
            return each
    return None
