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
