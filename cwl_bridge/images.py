"""The images of a document, pinned: what a name stands for when a job is submitted is what the job runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge import containers
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
    """Reference → digest, of the images that are on this machine; the others are pulled when the job runs.

    Raises ContainerEngineError.
    """
    named = {*references(cwl), *([allowed.default_container] if allowed.default_container else [])}
    digests = {reference: containers.image_id(reference) for reference in sorted(named)}
    return {reference: digest for reference, digest in digests.items() if digest is not None}
