"""The processes of one document, and which of them is meant. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge.errors import InvalidProcessError, refusal, refuse
from registry.models import JSON


def chosen(read: JSON, entry: str | None, where: tuple[str | int, ...]) -> JSON:
    """Of a `$graph`: the one that is named, else `main`, else the only or first Workflow, else the only process."""
    graph = read["$graph"]
    if not isinstance(graph, list) or not all(isinstance(each, dict) for each in graph) or not graph:
        refuse(InvalidProcessError, "A '$graph' is a list of processes.", (*where, "$graph"))
    by_name: dict[str, JSON] = {own_name(each): each for each in graph}
    if entry is not None:
        if entry not in by_name:
            known = ", ".join(by_name)
            refuse(InvalidProcessError, f"There is no process '{entry}'; there are: {known}.", (*where, "$graph"))
        return by_name[entry]
    if "main" in by_name:
        return by_name["main"]
    workflows = [each for each in by_name.values() if each.get("class") == "Workflow"]
    if workflows:
        return workflows[0]
    if len(graph) == 1:
        return by_name[own_name(graph[0])]
    known = ", ".join(by_name)
    raise refusal(InvalidProcessError, f"Say which process is meant: {known}.", (*where, "$graph"))


def own_name(read: JSON) -> str:
    """`main` of `#main`, `file.cwl#main` or `main`; of a named type likewise."""
    own = read.get("id") or read.get("name")
    return own.rpartition("#")[2] if isinstance(own, str) else ""


def objects(value: Any) -> Iterator[JSON]:
    """Every object in a document, the outer ones first."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)
