"""What a job was given, did and gave → the metadata of an RO-Crate 1.1. Pure.

It is a Workflow Run Crate; where the steps of a workflow have run, a Provenance Run Crate (w3id.org/ro/wfrun, 0.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cwl_bridge import metadata
from cwl_bridge.cratedata import Graph, Ref, Values, conforms_to
from cwl_bridge.cratesteps import ACTIVE, COMPLETED, FAILED, Steps, image, time
from cwl_bridge.traces import Data, Trace
from registry.models import JSON, JobStatus

NAME = "ro-crate-metadata.json"

_CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
_CRATE = "https://w3id.org/ro/crate/1.1"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILE = "https://w3id.org/ro/wfrun/{}/0.5"
_CWL = "https://w3id.org/workflowhub/workflow-ro-crate#cwl"

#: What a process says of its licence; a crate has to say something.
_NO_LICENSE = "notspecified"

#: Beside the document and the data: name → what it is, media type.
_FILES = {
    "inputs.json": ("The CWL job order", "application/json"),
    "command.txt": ("The run as a line of cwltool", "text/plain"),
    "log.txt": ("The log", "text/plain"),
    "steps.jsonl": ("Which steps began and ended when", "application/jsonl"),
    "outcome.json": ("How the run ended", "application/json"),
}


def document(trace: Trace, job_url: str, files: Iterable[str], inside: Callable[[Data], bool]) -> JSON:
    """`files`: the names of what the crate holds. `inside`: whether it holds a File or Directory."""
    graph = Graph()
    held = set(files)
    values = Values(graph, inside)
    graph.add(
        NAME,
        "CreativeWork",
        about={"@id": "./"},
        conformsTo=[{"@id": _CRATE}, {"@id": _WORKFLOW_CRATE}],
    )
    root = graph.add("./", "Dataset")
    workflow, steps = _workflow(graph, trace, values)
    run = _run(graph, trace, values, workflow, job_url)
    engine = _engine(graph, trace, run, steps)
    profiles = ["process", "workflow", *(["provenance"] if steps.controls else [])]
    beside = [
        graph.add(name, "File", name=about, encodingFormat=kind)
        for name, (about, kind) in _FILES.items()
        if name in held
    ]
    process = trace.process
    title = process.description.about.get("title") or process.id
    graph.add(
        root["@id"],
        "Dataset",
        name=f"Run of {title}",
        description=process.description.about.get("description") or f"A run of the process {process.id}: {title}.",
        datePublished=time(trace.job.finished or trace.job.updated),
        license=_license(graph, process.cwl),
        identifier=job_url,
        conformsTo=[_profile(graph, name) for name in profiles] + [_workflow_profile(graph)],
        mainEntity=workflow,
        mentions=[run, engine, *steps.runs, *values.collections],
        hasPart=_unique([workflow, *beside, *values.parts]),
    )
    return {"@context": _CONTEXT, "@graph": graph.listed()}


def _workflow(graph: Graph, trace: Trace, values: Values) -> tuple[Ref, Steps]:
    """The document that ran."""
    process, whole = trace.process, trace.plan[""]
    language = graph.add(
        _CWL,
        "ComputerLanguage",
        name="Common Workflow Language",
        alternateName="CWL",
        identifier={"@id": "https://w3id.org/cwl/v1.2/"},
        url={"@id": "https://www.commonwl.org/"},
        version=process.cwl.get("cwlVersion"),
    )
    steps = Steps(graph, trace, language)
    kinds = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    inside: dict[str, Any] = {}
    if whole.is_workflow and trace.steps:
        kinds.append("HowTo")
        inside = steps.describe("")
    entity = graph.add(
        "process.cwl",
        kinds,
        conformsTo=conforms_to("ComputationalWorkflow"),
        name=process.description.about.get("title") or process.id,
        description=process.description.about.get("description"),
        version=process.description.version,
        identifier=process.id,
        sha256=process.digest,
        encodingFormat="application/cwl",
        programmingLanguage=language,
        input=values.parameters(whole, process.cwl, "inputs", trace.inputs or {}),
        output=values.parameters(whole, process.cwl, "outputs", trace.outputs),
        **inside,
    )
    return entity, steps


def _run(graph: Graph, trace: Trace, values: Values, workflow: Ref, job_url: str) -> Ref:
    job = trace.job
    failure = job.outcome.failure if job.outcome else None
    error = "The job was dismissed." if job.status is JobStatus.DISMISSED else failure.message if failure else None
    status = ACTIVE if not job.status.ended else COMPLETED if job.status is JobStatus.SUCCESSFUL else FAILED
    return graph.add(
        f"#{job.id}",
        "CreateAction",
        name=f"Run of {trace.process.id}",
        description=f"The job {job.id} of an OGC API - Processes server.",
        identifier=job_url,
        instrument=workflow,
        startTime=time(job.started),
        endTime=time(job.finished),
        actionStatus=status,
        error=error,
        object=values.given("inputs", trace.inputs or {}),
        result=values.given("outputs", trace.outputs),
        containerImage=image(graph, trace, ""),
    )


def _engine(graph: Graph, trace: Trace, run: Ref, steps: Steps) -> Ref:
    """That cwltool ran it, and its steps."""
    version = trace.software.get("cwltool")
    page = "https://pypi.org/project/cwltool/"
    about = {"name": f"cwltool {version}" if version else "cwltool", "softwareVersion": version, "url": page}
    engine = graph.add(f"{page}{version}/" if version else page, "SoftwareApplication", **about)
    job = trace.job
    return graph.add(
        "#engine",
        "OrganizeAction",
        name=f"Run of {about['name']}",
        instrument=engine,
        object=steps.controls,
        result=run,
        startTime=time(job.started),
        endTime=time(job.finished),
    )


def _profile(graph: Graph, name: str) -> Ref:
    return graph.add(_PROFILE.format(name), "CreativeWork", name=f"{name.title()} Run Crate", version="0.5")


def _workflow_profile(graph: Graph) -> Ref:
    return graph.add(_WORKFLOW_CRATE, "CreativeWork", name="Workflow RO-Crate", version="1.0")


def _license(graph: Graph, cwl: JSON) -> Any:
    """What the document says of itself (schema.org's term)."""
    role = f"{metadata.SCHEMA_ORG}license"
    said: JSON = next((each for each in metadata.about(cwl).get("metadata", []) if each.get("role") == role), {})
    if "href" in said:
        return graph.add(said["href"], "CreativeWork", name=said["href"])
    return str(said.get("value", _NO_LICENSE))


def _unique(refs: list[Ref]) -> list[Ref]:
    return list({each["@id"]: each for each in refs}.values())
