"""Results of a job: as a whole, one by one, and what is inside one."""

from __future__ import annotations

import asyncio
import stat

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cwl_bridge import outputs
from cwl_bridge.outputs import Stored
from registry.models import Job, JobStatus
from server import archive, links, negotiate, problems, results, services
from server.archive import ZIP
from server.endpoints import Endpoint
from server.members import Shown
from server.problems import ProblemError
from server.results import MULTIPART, Answer


async def job_results(request: Request) -> Response:
    services.hold(request, request.path_params["job_id"])
    job = await services.of(request).jobs.get(request.path_params["job_id"])
    failed = _refuse_without_results(request, job)
    return failed or await results_answer(request, job, stored=True)


async def job_result(request: Request) -> Response:
    """One output, an item of it, or a file in it."""
    with_services = services.of(request)
    services.hold(request, request.path_params["job_id"])
    job = await with_services.jobs.get(request.path_params["job_id"])
    name, *path = request.path_params["path"].split("/")
    process = await with_services.processes.revision(job.revision)
    if name not in process.description.outputs:
        known = ", ".join(process.description.outputs) or "none"
        raise ProblemError("no-such-output", f"The process has no output '{name}'; its outputs are: {known}.")
    failed = _refuse_without_results(request, job)
    if failed:
        return failed
    found = outputs.results(process.description, job)
    shown = Shown(to=links.of(request), job_id=job.id, folder=with_services.retention.folder(job.id))
    place = outputs.find(found[name], [each for each in path if each]) if name in found else None
    if place is None:
        raise ProblemError("result-not-available", f"The job has no result at '{request.path_params['path']}'.")
    result, inside = place
    if isinstance(result, Stored) and result.is_directory:
        return await _directory(request, shown, result, tuple(inside))
    return results.one(shown, result, request.headers.get("accept"))


async def results_answer(request: Request, job: Job, *, stored: bool) -> Response:
    """All results of a successful job in the style of its request."""
    with_services = services.of(request)
    services.hold(request, job.id)
    process = await with_services.processes.revision(job.revision)
    found = Answer(
        shown=Shown(to=links.of(request), job_id=job.id, folder=with_services.retention.folder(job.id)),
        request=job.request,
        results=outputs.results(process.description, job),
        asked=len([name for name in process.description.outputs if job.request.wants(name)]),
        accept=request.headers.get("accept"),
    )
    return await asyncio.to_thread(found.stored if stored else found.execution)


def _refuse_without_results(request: Request, job: Job) -> Response | None:
    """What a client gets in the place of results that are not there; None where they are."""
    if job.status is JobStatus.SUCCESSFUL:
        return None
    if job.outcome and job.outcome.failure:
        return problems.response(request, problems.of_failure(links.base(request), job.outcome.failure))
    if job.status is JobStatus.DISMISSED:
        raise ProblemError("result-not-available", "The job was dismissed.")
    raise ProblemError("result-not-ready", f"The job is {job.status}; ask again when it is successful.")


async def _directory(request: Request, shown: Shown, result: Stored, inside: tuple[str, ...]) -> Response:
    """What stands at a path inside a directory: a file, or an index or zip of what is below."""
    place = shown.path(result).joinpath(*inside)
    try:
        mode = place.lstat().st_mode
    except (OSError, ValueError) as error:
        raise ProblemError("result-not-available", f"The directory has no '{'/'.join(inside)[:200]}'.") from error
    if not stat.S_ISDIR(mode):
        return results.file(place, place.name, outputs.file_type(place.name, []))
    chosen = negotiate.choose(request.headers.get("accept"), [links.JSON, ZIP])
    if chosen is None:
        raise ProblemError("not-acceptable", f"A directory is available as {links.JSON} or {ZIP}.")
    if chosen == ZIP:
        below = ((f"{place.name}/{each.relative_to(place)}", each) for each in sorted(place.rglob("*")))
        return await archive.zipped(below, f"{place.name}.zip")
    return JSONResponse(shown.index(result, inside))


ENDPOINTS = [
    Endpoint(
        path="/jobs/{job_id}/results",
        name="results",
        handler=job_results,
        summary="The results of a job",
        tag="Jobs",
        gives=(links.JSON, MULTIPART, "*/*"),
        answers={
            200: "The results in the style of the request",
            204: "Links in the header",
            400: "The job failed; why",
            404: "No such job, or no results (yet)",
        },
        schemas={200: "executed"},
    ),
    Endpoint(
        path="/jobs/{job_id}/results/{path:path}",
        name="result",
        handler=job_result,
        summary="One result, an item of it, or a file in it",
        tag="Jobs",
        gives=(links.JSON, "*/*"),
        answers={
            200: "The value",
            206: "A range of the file",
            400: "The process has no such output, or the job failed",
            404: "No such job, or no such result",
        },
        schemas={200: "value"},
    ),
]
