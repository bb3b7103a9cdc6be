"""The images of a document, pinned: what a name stands for when a job is submitted is what the job runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cwl_bridge import levels
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.policy import Policy
from registry.models import JSON


def references(cwl: JSON) -> Iterator[str]:
    """The image of every tool in a document that names one. Pure."""
    for level in levels.walk(cwl):
        found = level.in_force("DockerRequirement") if level.kind == "CommandLineTool" else None
        if found is not None:
            body, _ = found
            yield str(body.get("dockerPull") or body["dockerImageId"])


def registry(reference: str) -> tuple[str, int] | None:
    """Host and port of the registry that a reference names; None: the engine's own choice. Pure."""
    first, slash, _ = reference.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        return None
    host, _, port = first.rpartition(":") if re.search(r":[0-9]+\Z", first) else (first, "", "443")
    return host.strip("[]"), int(port)


def pinned(cwl: JSON, allowed: Policy, containers: ContainerEngine) -> dict[str, str]:
    """Reference → digest, of the images that are on this machine; the others are pulled when the job runs.

    Raises ContainerEngineError.
    """
    named = {*references(cwl), *([allowed.default_container] if allowed.default_container else [])}
    digests = {reference: containers.image_id(reference) for reference in sorted(named)}
    return {reference: digest for reference, digest in digests.items() if digest is not None}
