"""A job, its process and the operator's settings → run.json: all that a runner is told. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version

from cwl_bridge import describe, schema, secrecy
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.policy import Policy
from registry.models import JSON, Job, Needs, Process, pins_to_json

#: What runs the job, with its versions: a job outlives the installation that ran it.
SOFTWARE = {name: version(name) for name in ("cwl-processes", "cwltool")}


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What the operator sets for every run."""

    #: Jobs at once.
    slots: int
    #: What they may reserve together.
    machine: Needs
    policy: Policy
    container: ContainerLimits
    #: The container engine (see `runtimes`).
    runtime: str
    fetch_allow: tuple[str, ...]
    #: Folders below which a file: URL may lead.
    file_allow: tuple[str, ...]
    #: Patterns of what may be read from object stores.
    store_allow: tuple[str, ...]
    #: Bytes of one fetched input.
    max_input: int
    #: Bytes that one tool may leave.
    max_output: int
    #: Bytes of one log.
    max_log: int
    #: Seconds of one run; 0: without a limit.
    job_timeout: int


def run(job: Job, process: Process, order: JSON, results: JSON, settings: RunSettings) -> JSON:
    """`results`: of other jobs, for hrefs in the order (see `ownresults`)."""
    return {
        "job": job.id,
        "software": SOFTWARE,
        "order": {name: each for name, each in order.items() if name != secrecy.MEMBER},
        "secrets": order.get(secrecy.MEMBER),
        "results": results,
        "outputs": [name for name in process.description.outputs if job.request.wants(name)],
        "literals": literals(process),
        "images": pins_to_json({**process.images, **job.images}),
        "machine": asdict(settings.machine),
        "fetch_allow": list(settings.fetch_allow),
        "file_allow": list(settings.file_allow),
        "store_allow": list(settings.store_allow),
        "max_input": settings.max_input,
        "max_output": settings.max_output,
        "max_log": settings.max_log,
        "policy": asdict(settings.policy),
        "container": asdict(settings.container),
        "runtime": settings.runtime,
    }


def literals(process: Process) -> dict[str, JSON]:
    """The outputs whose file holds a JSON value (see `wrap`), with their schemas."""
    names = describe.named_types(process.cwl)
    ports = describe.ports(process.cwl, "outputs")
    return {
        name: parameter.schema
        for name, parameter in process.description.outputs.items()
        if schema.alternatives(schema.normalise(ports[name]["type"], names)) == ["File", "Any"]
    }
