"""The folder of a job, file by file and as a bundle."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import outputs
from cwl_bridge.jobfolder import JobFolder, file_below
from registry.models import JSON, Job, JobStatus, Scope
from server import archive, jobfiles, links, results, services
from server.endpoints import FORM, NO_FILE, RANGES, Endpoint, Parameter
from server.jobfiles import Place
from server.links import Links
from server.members import Shown
from server.problems import ProblemError
from server.routes import documents, logs, provenance

#: Values of the query parameter f.
BUNDLES = ("zip", "ro-crate")


async def _found(request: Request) -> tuple[Job, JobFolder]:
    with_services = services.of(request)
    services.hold(request, request.path_params["job_id"])
    job = await services.job(request)
    return job, with_services.retention.folder(job.id)


def _need(job: Job, path: Path) -> None:
    """Raises ProblemError where the job has not written the file, or never will."""
    if not path.exists():
        raise _missing(job, path.name)


def _missing(job: Job, name: str) -> ProblemError:
    if job.batch is not None:
        return ProblemError("not-found", f"A batch runs nothing itself; its executions have a {name} each.")
    if job.status.ended:
        return ProblemError("not-found", f"The job ended before it had a file {name}.")
    state = "is running" if job.status is JobStatus.RUNNING else "has not begun"
    return ProblemError("file-not-ready", f"The job {state} and has no {name} yet; ask again.")


async def process_cwl(request: Request) -> Response:
    job, folder = await _found(request)
    _need(job, folder.process)
    process = await services.of(request).processes.revision(job.revision)
    return await documents.cwl_document(request, folder.process, process.cwl)


async def inputs(request: Request) -> Response:
    """The job order; its files are where `staged_input` gives them."""
    job, folder = await _found(request)
    _need(job, folder.order)
    order = await services.of(request).in_thread(jobfiles.order, folder, _url(links.of(request), job), listed=True)
    return Response(jobfiles.text(order), media_type=links.JSON)


def _url(to: Links, job: Job) -> Place:
    return lambda path: to.url("job-input", job_id=job.id, place=path)


async def staged_input(request: Request) -> Response:
    _, folder = await _found(request)
    path = folder.staged(request.path_params["place"])
    if path is None:
        raise ProblemError("not-found", f"The job has no input at '{request.path_params['place'][:200]}'.")
    return results.file(path, path.name, outputs.file_type(path.name, []))


async def process_file(request: Request) -> Response:
    """A file that the document names."""
    _, folder = await _found(request)
    place = "{digest}/{basename}".format(**request.path_params)
    path = file_below(folder.kept, place)
    if path is None:
        raise ProblemError("not-found", f"The document of the job names no file '{place[:200]}'.")
    return results.file(path, path.name, outputs.file_type(path.name, []))


async def command(request: Request) -> Response:
    job, folder = await _found(request)
    _need(job, folder.command)
    to = links.of(request)
    line = jobfiles.command(folder, *(to.url(each, job_id=job.id) for each in ("job-process-cwl", "job-inputs")))
    return Response(line, media_type=logs.TEXT)


async def log(request: Request) -> Response:
    job, folder = await _found(request)
    _need(job, folder.log)
    return logs.text(folder.log, None, ended=job.status.ended)


async def outcome(request: Request) -> Response:
    job, _ = await _found(request)
    ended = await _outcome(request, job)
    if ended is None:
        raise _missing(job, "outcome.json")
    return Response(jobfiles.text(ended), media_type=links.JSON)


async def _outcome(request: Request, job: Job) -> JSON | None:
    process = await services.of(request).processes.revision(job.revision)
    shown = Shown(to=links.of(request), job_id=job.id, folders=services.of(request).retention.folder)
    return await services.of(request).in_thread(jobfiles.outcome, shown, process.description, job)


async def bundle(request: Request) -> Response:
    form = request.query_params.get("f", "zip")
    if form not in BUNDLES:
        detail = f"The query parameter f: {', '.join(BUNDLES)} are possible, not {form!r}."
        raise ProblemError("invalid-query-parameter-value", detail)
    job, folder = await _found(request)
    _need(job, folder.process)
    ended = await _outcome(request, job)
    to = links.of(request)
    if form == "zip":
        return await services.of(request).in_thread(
            archive.zipped, jobfiles.bundle(folder, _url(to, job), ended), f"{job.id}.zip"
        )
    traced = await provenance.trace(request, job)
    entries = jobfiles.crate(folder, _url(to, job), ended, traced, to.url("job", job_id=job.id))
    return await services.of(request).in_thread(archive.zipped, entries, f"{job.id}.crate.zip")


_BUNDLE_FORM = Parameter(
    name="f", description="zip, or ro-crate for a Workflow Run RO-Crate.", bounds={"enum": list(BUNDLES)}
)

ENDPOINTS = [
    Endpoint(
        path="/jobs/{job_id}/process.cwl",
        name="job-process-cwl",
        handler=process_cwl,
        summary="The CWL document of a job",
        scope=Scope.READ,
        tag="Jobs",
        gives=(*documents.TEXTS, documents.DOT, documents.SVG),
        parameters=(FORM,),
        schemas={200: "cwl"},
        answers={
            200: "A document for cwltool, or a picture of it",
            **RANGES,
            400: "f can't be used",
            **NO_FILE,
        },
    ),
    Endpoint(
        path="/jobs/{job_id}/files/{digest}/{basename}",
        name="job-file",
        handler=process_file,
        summary="A file that the CWL document of a job names",
        scope=Scope.READ,
        tag="Jobs",
        gives=("*/*",),
        answers={200: "The file", **RANGES, 404: "No such job, or no such file"},
    ),
    Endpoint(
        path="/jobs/{job_id}/inputs.json",
        name="job-inputs",
        handler=inputs,
        summary="The CWL job order of a job",
        scope=Scope.READ,
        tag="Jobs",
        gives=(links.JSON,),
        answers={200: "A job order for cwltool; its files are URLs of this server", **NO_FILE},
        schemas={200: "jobOrder"},
    ),
    Endpoint(
        path="/jobs/{job_id}/inputs/{place:path}",
        name="job-input",
        handler=staged_input,
        summary="One file that a job was given",
        scope=Scope.READ,
        tag="Jobs",
        gives=(links.JSON, "*/*"),
        answers={200: "The file", **RANGES, 404: "No such job, or no such input"},
        schemas={200: "value"},
    ),
    Endpoint(
        path="/jobs/{job_id}/command.txt",
        name="job-command",
        handler=command,
        summary="A job as a line of plain cwltool",
        scope=Scope.READ,
        tag="Jobs",
        gives=("text/plain",),
        answers={200: "It works wherever this server can be reached", **NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/log.txt",
        name="job-log",
        handler=log,
        summary="The log of a job as a file",
        scope=Scope.READ,
        tag="Jobs",
        gives=("text/plain",),
        answers={200: "The log, as far as it is", **RANGES, **NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/outcome.json",
        name="job-outcome",
        handler=outcome,
        summary="How a run ended",
        scope=Scope.READ,
        tag="Jobs",
        gives=(links.JSON,),
        answers={200: "The CWL output object, with URLs of results, or the failure; and what was used", **NO_FILE},
        schemas={200: "outcome"},
    ),
    Endpoint(
        path="/jobs/{job_id}/bundle",
        name="bundle",
        handler=bundle,
        summary="Everything that repeats a job, in one file",
        scope=Scope.READ,
        tag="Jobs",
        gives=(archive.ZIP,),
        parameters=(_BUNDLE_FORM,),
        answers={
            200: "Document, inputs, command, log, steps and outcome, as far as there are any; outputs in an RO-Crate",
            400: "f can't be used",
            **NO_FILE,
        },
    ),
]
