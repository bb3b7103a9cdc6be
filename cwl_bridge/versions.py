"""Processes of several CWL versions in one document → all of the newest of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge.policy import CWL_VERSIONS
from registry.models import JSON


def of_one_version(whole: JSON) -> JSON:
    """Processes of several versions in one document: the newest of them, in which the older ones mean what they did."""
    versions = set(_versions(whole))
    return _raised(whole, max(versions)) if len(versions) > 1 and versions <= set(CWL_VERSIONS) else whole


def apart(whole: JSON) -> list[JSON]:
    """Of processes of several versions each by itself, in its own, with tools of the same ports in its steps.

    What a version does not know would be valid in the newest one, which they become in the whole.
    """
    versions = set(_versions(whole))
    return list(_apart(whole, max(versions))) if len(versions) > 1 else []


def _apart(process: JSON, around: str) -> Iterator[JSON]:
    own = process.get("cwlVersion", around)
    steps = process.get("steps")
    found = {**process, "cwlVersion": own}
    if isinstance(steps, dict):
        found["steps"] = {name: _with_ports_only(each) for name, each in steps.items()}
    elif isinstance(steps, list):
        found["steps"] = list(map(_with_ports_only, steps))
    yield found
    for step in _steps_of(process):
        if isinstance(step.get("run"), dict):
            yield from _apart(step["run"], own)


def _with_ports_only(step: Any) -> Any:
    if not isinstance(step, dict):
        return step
    tool: JSON = {"class": "CommandLineTool", "baseCommand": "true"}
    for kind, given in (("inputs", step.get("in")), ("outputs", step.get("out"))):
        listed = (
            [each.get("id") if isinstance(each, dict) else each for each in given] if isinstance(given, list) else given
        )
        names = listed if isinstance(listed, list | dict) else []
        tool[kind] = {str(name).rpartition("/")[2]: {"type": "Any"} for name in names}
    return {**step, "run": tool}


def _versions(whole: JSON) -> Iterator[str]:
    version = whole.get("cwlVersion")
    if isinstance(version, str):
        yield version
    for step in _steps_of(whole):
        if isinstance(step.get("run"), dict):
            yield from _versions(step["run"])


def _raised(whole: JSON, newest: str, around: str = "") -> JSON:
    own = whole.get("cwlVersion", around)
    found = {**whole, "cwlVersion": newest}
    if own == "v1.0":
        # What v1.0 says by itself, and later versions only when they are asked.
        said: JSON = {
            "NetworkAccess": {"networkAccess": True},
            "LoadListingRequirement": {"loadListing": "deep_listing"},
        }
        hints = found.get("hints") or {}
        found["hints"] = (
            [*({"class": name, **body} for name, body in said.items()), *hints]
            if isinstance(hints, list)
            else {**said, **hints}
            if isinstance(hints, dict)
            else hints
        )
    steps = found.get("steps")
    if isinstance(steps, dict):
        found["steps"] = {name: _step_raised(each, newest, own) for name, each in steps.items()}
    elif isinstance(steps, list):
        found["steps"] = [_step_raised(each, newest, own) for each in steps]
    return found


def _step_raised(step: Any, newest: str, around: str) -> Any:
    if not isinstance(step, dict) or not isinstance(step.get("run"), dict):
        return step
    return {**step, "run": _raised(step["run"], newest, around)}


def _steps_of(whole: JSON) -> Iterator[JSON]:
    steps = whole.get("steps")
    for step in steps.values() if isinstance(steps, dict) else steps if isinstance(steps, list) else []:
        if isinstance(step, dict):
            yield step
