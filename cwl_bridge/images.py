"""The images of a document, pinned: what a name stands for when a job is submitted is what the job runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge import containers
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.policy import Policy
from registry.models import JSON


def references(cwl: Any) -> Iterator[str]:
    """Every image that a document names, however deep. Pure."""
    stack = [cwl]
    while stack:
        each = stack.pop()
        if isinstance(each, list):
            stack.extend(each)
        elif isinstance(each, dict):
            stack.extend(each.values())
            named = each.get("dockerPull") or each.get("dockerImageId")
            if isinstance(named, str):
                yield named


def pinned(cwl: JSON, allowed: Policy) -> dict[str, str]:
    """Reference → digest, of the images that are on this machine; the others are pulled when the job runs."""
    named = {*references(cwl), *([allowed.default_container] if allowed.default_container else [])}
    found: dict[str, str] = {}
    try:
        for reference in sorted(named):
            digest = containers.image_id(reference)
            if digest is not None:
                found[reference] = digest
    except ContainerEngineError:
        # The job waits until the engine answers.
        return {}
    return found
