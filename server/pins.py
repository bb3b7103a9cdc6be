"""The images of processes, pinned: when they are deployed, or by the first job that finds what is not here then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cwl_bridge import images
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.errors import ContainerEngineError
from registry.models import Pin, Process
from server.services import Services


async def deployed(process: Process, with_services: Services) -> Process:
    """With what its names stand for at this moment. Without an engine that answers nothing is pinned yet."""
    try:
        return replace(process, images=await with_services.in_thread(_found, process, with_services.containers))
    except ContainerEngineError:
        return process


def _found(process: Process, containers: ContainerEngine) -> dict[str, Pin]:
    return images.found(images.references(process.cwl), containers) if containers.answers() else {}


async def of_job(parts: Mapping[str, Process], with_services: Services) -> dict[str, Pin]:
    """What the names in its document stand for in a new job. Raises ContainerEngineError.

    `parts`: the processes that it runs, by its steps where they are steps of one.
    """
    # Also where all of them are known: without an engine no work is taken on.
    await with_services.in_thread(with_services.containers.check)
    found = {step: await _of(process, with_services) for step, process in parts.items()}
    pins = images.of_run({step: (set(images.references(parts[step].cwl)), each) for step, each in found.items()})
    # That of the operator is no part of what was deployed.
    default = with_services.settings.default_container
    others = await with_services.in_thread(images.found, [default], with_services.containers) if default else {}
    return {**others, **pins}


async def _of(process: Process, with_services: Services) -> dict[str, Pin]:
    missing = set(images.references(process.cwl)) - set(process.images)
    found = await with_services.in_thread(images.found, missing, with_services.containers) if missing else {}
    if not process.mutable:
        # What comes with the server goes with it: nobody could deploy it again.
        return found
    return await with_services.processes.pin(process.revision, found) if found else process.images
