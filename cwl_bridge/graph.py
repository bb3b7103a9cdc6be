"""The processes of one document, and which of them is meant. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge.errors import InvalidProcessError, refusal, refuse
from cwl_bridge.marks import Path
from registry.models import JSON


def check(read: JSON) -> None:
    """Raises InvalidProcessError where a `$graph` is none."""
    graph = read.get("$graph", [read])
    if not isinstance(graph, list) or not all(isinstance(each, dict) for each in graph) or not graph:
        refuse(InvalidProcessError, "A '$graph' is a list of processes.", ("$graph",))


def chosen(read: JSON, entry: str | None, where: Path, unknown: type[InvalidProcessError] = InvalidProcessError) -> int:
    """Of a `$graph`: the one that is named, else `main`, else the only or first Workflow, else the only process.

    Its index. Raises InvalidProcessError; `where`: the place where it could be said which is meant; `unknown`: what it
    raises where the name is none of theirs.
    """
    graph = read["$graph"]
    by_name: dict[str, int] = {own_name(each): index for index, each in enumerate(graph)}
    if entry is not None:
        if entry not in by_name:
            known = ", ".join(by_name)
            refuse(unknown, f"There is no process '{entry}'; there are: {known}.", where)
        return by_name[entry]
    if "main" in by_name:
        return by_name["main"]
    workflows = [index for index in by_name.values() if graph[index].get("class") == "Workflow"]
    if workflows:
        return workflows[0]
    if len(graph) == 1:
        return 0
    known = ", ".join(by_name)
    raise refusal(InvalidProcessError, f"Say which process is meant: {known}.", where)


def own_name(read: JSON) -> str:
    """`main` of `#main`, `file.cwl#main` or `main`; of a named type likewise."""
    own = read.get("id") or read.get("name")
    return own.rpartition("#")[2] if isinstance(own, str) else ""


def objects(value: Any, where: Path = ()) -> Iterator[tuple[Path, JSON]]:
    """Every object in a document with its place, the outer ones first."""
    if isinstance(value, dict):
        yield where, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in members:
        yield from objects(each, (*where, part))


def named(value: Any, name: str) -> tuple[Path, Any] | None:
    """The first object in a document that is called so, with its place; without a name, the whole."""
    if not name:
        return (), value
    return next((each for each in objects(value) if own_name(each[1]) == name), None)
