"""The processes and steps of a CWL document, and which requirements hold at each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cwl_bridge.errors import (
    InvalidProcessError,
    TooComplexError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
    refuse,
)
from registry.models import JSON

CLASSES = ("CommandLineTool", "ExpressionTool", "Workflow")
#: Workflows inside each other.
MAX_NESTING = 8

#: The parts of a pointer into the document.
Where = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Level:
    """A process or a step of a document, and what holds there: of each name the nearest, with its place."""

    #: The class of a process; None: a step.
    kind: str | None
    declared: JSON
    where: Where
    requirements: Mapping[str, tuple[JSON, Where]]
    hints: Mapping[str, tuple[JSON, Where]]

    def in_force(self, name: str) -> tuple[JSON, Where] | None:
        """The one that counts: a requirement, however far outside, before any hint."""
        return self.requirements.get(name) or self.hints.get(name)


def walk(document: JSON) -> Iterator[Level]:
    """The process and, where it is a Workflow, each of its steps and what that runs, the outer before the inner.

    Raises the error of the first step that can't be followed.
    """
    return _walk(document, (), None)


def _walk(process: JSON, where: Where, outer: Level | None) -> Iterator[Level]:
    check_class(process, where)
    level = _level(process, where, outer, kind=process["class"])
    yield level
    if level.kind != "Workflow":
        return
    # A pointer grows by three parts from process to process: steps, the step, run.
    if len(where) >= 3 * MAX_NESTING:
        refuse(TooComplexError, f"At most {MAX_NESTING} Workflows can stand inside each other.", where)
    for step, at in _steps(process, where):
        around = _level(step, at, level, kind=None)
        yield around
        yield from _walk(_run(step, at), (*at, "run"), around)


def _level(declared: JSON, where: Where, outer: Level | None, *, kind: str | None) -> Level:
    own = {
        key: {name: (body, at) for name, body, at in requirements(declared, key, where)}
        for key in ("requirements", "hints")
    }
    return Level(
        kind=kind,
        declared=declared,
        where=where,
        requirements={**(outer.requirements if outer else {}), **own["requirements"]},
        hints={**(outer.hints if outer else {}), **own["hints"]},
    )


def _steps(workflow: JSON, where: Where) -> Iterator[tuple[JSON, Where]]:
    """The steps, listed or keyed by id, each with its place."""
    declared = workflow.get("steps")
    if not isinstance(declared, dict | list):
        refuse(InvalidProcessError, "A Workflow has 'steps', a list or an object.", (*where, "steps"))
    for key, step in declared.items() if isinstance(declared, dict) else enumerate(declared):
        if not isinstance(step, dict):
            refuse(InvalidProcessError, "A step is an object.", (*where, "steps", key))
        yield step, (*where, "steps", key)


def _run(step: JSON, where: Where) -> JSON:
    run = step.get("run")
    if isinstance(run, str):
        detail = f"Steps have to carry their tool inline; {run!r} is a reference."
        refuse(UnsafeReferenceError, detail, (*where, "run"))
    if not isinstance(run, dict):
        refuse(InvalidProcessError, "A step has its tool in 'run', an object.", (*where, "run"))
    return run


def requirements(declared: JSON, key: str, where: Where) -> Iterator[tuple[str, JSON, Where]]:
    """(class, body, place) of every requirement or hint, listed or keyed by class. Raises InvalidProcessError."""
    found = declared.get(key) or []
    if isinstance(found, dict):
        for name, body in found.items():
            if not isinstance(body, dict):
                refuse(InvalidProcessError, f"{name} is an object, {{}} where it says nothing.", (*where, key, name))
            yield name, body, (*where, key, name)
    elif isinstance(found, list):
        for index, body in enumerate(found):
            if not isinstance(body, dict) or not isinstance(body.get("class"), str):
                refuse(InvalidProcessError, f"Each of '{key}' is an object with a 'class'.", (*where, key, index))
            yield body["class"], body, (*where, key, index)
    else:
        refuse(InvalidProcessError, f"'{key}' is a list, or an object keyed by class.", (*where, key))


def check_class(process: JSON, where: Where) -> None:
    if process.get("class") not in CLASSES:
        found = process.get("class", "none" if "$graph" not in process else "$graph")
        detail = f"A process of class {', '.join(CLASSES[:-1])} or {CLASSES[-1]} is expected; this one has {found}."
        refuse(UnsupportedRequirementError, detail, (*where, "class"))
