"""The images that a document names, and what the names stand for.

What a name stands for when a process is deployed is what all its jobs run (docs/decisions/0028).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from cwl_bridge import levels
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.errors import ContainerEngineError
from registry.models import JSON, Pin

T = TypeVar("T")


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


def found(names: Iterable[str], containers: ContainerEngine) -> dict[str, Pin]:
    """What those of the names stand for that are on this machine. Raises ContainerEngineError."""
    known = {name: containers.image(name) for name in sorted(set(names))}
    return {name: each for name, each in known.items() if each is not None}


def ran(used: Mapping[str, str], containers: ContainerEngine) -> dict[str, Pin]:
    """The same of images that have run, by their names and digests."""
    pins = {}
    for name, digest in used.items():
        try:
            pins[name] = containers.image(digest, name) or Pin(digest)
        except ContainerEngineError:
            pins[name] = Pin(digest)
    return pins


def of_run(parts: Mapping[str, tuple[Collection[str], Mapping[str, Pin]]]) -> dict[str, Pin]:
    """The pins of a run whose steps are processes, each with the names in its document and its pins. Pure.

    Processes that were deployed at different times may have different images by one name: then it is `step#name`.
    """
    shared: dict[str, set[Pin | None]] = {}
    for names, pins in parts.values():
        for name in names:
            shared.setdefault(name, set()).add(pins.get(name))
    return {
        name if len(shared[name]) == 1 else f"{step}#{name}": pins[name]
        for step, (names, pins) in parts.items()
        for name in names
        if name in pins
    }


def pin(images: Mapping[str, T], of: str, name: str) -> tuple[str, T | None]:
    """Under which name an image is known in a run, and what that stands for; None: it is not known. Pure.

    `of`: the step that runs in it, below the steps that it stands in.
    """
    own = f"{of.partition('/')[0]}#{name}"
    return (own, images[own]) if own in images else (name, images.get(name))
