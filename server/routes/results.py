"""Results of a job: as a whole, one by one, and what is inside one."""

from __future__ import annotations

import stat
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cwl_bridge import gathered, outputs
from cwl_bridge.errors import FieldError, pointer
from cwl_bridge.outputs import Stored
from registry.models import Job, JobStatus, Process, Scope
from server import archive, links, negotiate, problems, profiles, representations, results, services
from server.archive import ZIP
from server.endpoints import RANGES, Endpoint, Parameter
from server.members import Shown
from server.problems import ProblemError
from server.representations import MULTIPART, Shape
from server.results import RESULTS_PROFILE, Answer, Wanted
from server.submissions import MAX_ERRORS


async def job_results(request: Request) -> Response:
    services.hold(request, request.path_params["job_id"])
    job = await services.job(request)
    process = await services.of(request).processes.revision(job.revision)
    only = _only(request, process, job)
    failed = await _refuse_without_results(request, job)
    if failed:
        return failed
    found = await _answer(request, job, process, wanted(request), only)
    return await services.of(request).in_thread(found.stored)


async def job_result(request: Request) -> Response:
    """One output, an item of it, or a file in it."""
    with_services = services.of(request)
    services.hold(request, request.path_params["job_id"])
    job = await services.job(request)
    name, *below = request.path_params["path"].split("/")
    below = [each for each in below if each]
    process = await with_services.processes.revision(job.revision)
    _known(process, name)
    if job.batch is not None and below:
        # What one execution gives is there whatever becomes of the others.
        job, below = await _execution(request, job, below[0]), below[1:]
    path = "/".join([name, *below])
    failed = await _refuse_without_results(request, job)
    if failed:
        return failed
    found = await _answer(request, job, process, wanted(request))
    place = outputs.find(found.results[name], below) if name in found.results else None
    if place is None:
        raise ProblemError("result-not-available", f"The job has no result at '{path}'.")
    result, inside = place
    if isinstance(result, Stored) and inside:
        return await _inside(request, found, result, tuple(inside))
    return await services.of(request).in_thread(found.one, path, result)


async def executed(request: Request, job: Job, process: Process, said: Wanted) -> Response:
    """What a synchronous execution answers when its job was successful."""
    services.hold(request, job.id)
    found = await _answer(request, job, process, said)
    return await services.of(request).in_thread(found.execution)


def wanted(request: Request) -> Wanted:
    """What the headers and the query of a request say of results."""
    return Wanted(
        accept=accepted(request),
        returns=negotiate.preferences(request.headers.getlist("prefer")).returns,
        as_document=RESULTS_PROFILE in profiles.asked(request),
    )


def accepted(request: Request) -> str | None:
    """Several Accept headers are one (RFC 9110, 5.3)."""
    return ",".join(request.headers.getlist("accept")) or None


async def _execution(request: Request, batch: Job, index: str) -> Job:
    found = await services.of(request).batches.execution(batch.id, int(index)) if outputs.is_index(index) else None
    if found is None:
        raise ProblemError("result-not-available", f"The batch has no execution {index[:200]}.")
    return found


async def _answer(
    request: Request, job: Job, process: Process, said: Wanted, only: frozenset[str] | None = None
) -> Answer:
    """`only`: the outputs that are meant, of those that the job was asked for."""
    executions = await services.of(request).batches.executions(job)
    names = [name for name in process.description.outputs if job.request.wants(name) and (only is None or name in only)]
    given = gathered.results(process.description, job, executions)
    return Answer(
        shown=Shown(to=links.of(request), job_id=job.id, folders=services.of(request).retention.folder),
        request=job.request,
        results={name: given[name] for name in names if name in given},
        asked=len(names),
        wanted=said,
    )


def _only(request: Request, process: Process, job: Job) -> frozenset[str] | None:
    """The query parameter `outputs` (job-results-param-outputs)."""
    given = request.query_params.getlist("outputs")
    if not given:
        return None
    names = ",".join(given).split(",")
    if "" in names or len(set(names)) < len(names):
        detail = "The query parameter outputs: ids of outputs are expected, each once, with commas between them."
        raise ProblemError("invalid-query-parameter-value", detail)
    for name in names:
        _known(process, name)
        if not job.request.wants(name):
            raise ProblemError("result-not-available", f"The execution did not ask for the output '{name[:200]}'.")
    return frozenset(names)


def _known(process: Process, name: str) -> None:
    if name not in process.description.outputs:
        known = ", ".join(process.description.outputs) or "none"
        raise ProblemError("no-such-output", f"The process has no output '{name[:200]}'; its outputs are: {known}.")


async def _refuse_without_results(request: Request, job: Job) -> Response | None:
    """What a client gets in the place of results that are not there; None where they are."""
    if job.status is JobStatus.SUCCESSFUL:
        return None
    if job.outcome and job.outcome.failure:
        found = problems.of_failure(links.base(request), job.outcome.failure)
        errors = [
            FieldError(pointer("inputs", index), f"The job {each.id} is {each.status}: {_reason(each)}").member()
            for index, each in enumerate(await services.of(request).batches.executions(job))
            if each.status is not JobStatus.SUCCESSFUL
        ]
        return problems.response(request, {**found, "errors": errors[:MAX_ERRORS]} if errors else found)
    if job.status is JobStatus.DISMISSED:
        raise ProblemError("result-not-available", "The job was dismissed.")
    raise ProblemError("result-not-ready", f"The job is {job.status}; ask again when it is successful.")


def _reason(job: Job) -> str:
    return job.outcome.failure.message if job.outcome and job.outcome.failure else "a client wanted its end."


async def _inside(request: Request, found: Answer, result: Stored, inside: tuple[str, ...]) -> Response:
    """What stands at a path inside a directory: a file, or an index or zip of what is below."""
    place = found.shown.path(result).joinpath(*inside)
    try:
        mode = place.lstat().st_mode
    except (OSError, ValueError) as error:
        raise ProblemError("result-not-available", f"The directory has no '{'/'.join(inside)[:200]}'.") from error
    if not stat.S_ISDIR(mode):
        return results.file(place, place.name, outputs.file_type(place.name, []))
    form = representations.choose(found.wanted.accept, representations.DIRECTORY)
    if form is None:
        raise representations.not_acceptable(representations.DIRECTORY)
    with_services = services.of(request)
    if form.shape is Shape.ZIP:
        return await with_services.in_thread(_zipped, place)
    index = await with_services.in_thread(found.shown.index, result, inside)
    return found.page(index, place.name) if form == representations.PAGE else JSONResponse(index)


def _zipped(folder: Path) -> Response:
    below = ((f"{folder.name}/{each.relative_to(folder)}", each) for each in sorted(folder.rglob("*")))
    return archive.zipped(below, f"{folder.name}.zip")


_OUTPUTS = Parameter(name="outputs", many=True, description="Ids of outputs, with commas between them: only these.")
_PREFER = Parameter(name="Prefer", where="header", description="return=minimal, return=representation.")

ENDPOINTS = [
    Endpoint(
        path="/jobs/{job_id}/results",
        name="results",
        handler=job_results,
        summary="The results of a job",
        scope=Scope.READ,
        tag="Jobs",
        gives=(links.JSON, MULTIPART, ZIP, links.HTML, "*/*"),
        parameters=(_OUTPUTS, _PREFER),
        answers={
            200: "The results in the style of the request",
            204: "Links in the header",
            **RANGES,
            400: "The job failed, and why; or the process has no such output",
            404: "No such job, or no results (yet), or an output that the execution did not ask for",
            406: "No accepted form",
        },
        schemas={200: "executed"},
    ),
    Endpoint(
        path="/jobs/{job_id}/results/{path:path}",
        name="result",
        handler=job_result,
        summary="One result, an item of it, or a file in it",
        scope=Scope.READ,
        tag="Jobs",
        gives=(links.JSON, links.HTML, "*/*"),
        parameters=(_PREFER,),
        answers={
            200: "The value",
            **RANGES,
            400: "The process has no such output, or the job failed",
            404: "No such job, or no such result",
            406: "No accepted form",
        },
        schemas={200: "value"},
    ),
]
