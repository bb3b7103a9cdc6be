"""Jobs: list, status, dismissal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from registry.errors import JobNotFoundError
from registry.models import JobFilter, JobId, JobStatus, Scope
from server import auth, cached, filters, links, render, services
from server.endpoints import CURSOR, LIMIT, NO_JOB, Endpoint, Parameter
from server.problems import ProblemError
from server.routes.common import answer
from server.services import Standing


async def list_jobs(request: Request) -> Response:
    query = request.query_params
    which, limit = filters.job_filter(query, auth.principal(request)), filters.limit(query)
    with_services = services.of(request)
    if which.parent is not None:
        which = await _of_batch(request, which, which.parent)
    listing = filters.listing(which)
    found = await with_services.jobs.page(which, limit, with_services.cursors.place(query.get("cursor"), listing))
    cursors = with_services.cursors.beside(found, listing)
    standing = await with_services.standings(found.items)
    # With durations, a job that runs now may be on the page a moment later.
    if not which.timed and not any(each.status is JobStatus.RUNNING for each in found.items):
        cached.keep(request)
    return answer(request, render.job_list(links.of(request), list(zip(found.items, standing, strict=True)), cursors))


async def _of_batch(request: Request, which: JobFilter, batch_id: JobId) -> JobFilter:
    """Whoever may see a batch may see its executions."""
    with suppress(JobNotFoundError):
        batch = await services.of(request).jobs.visible(batch_id, auth.principal(request))
        return replace(which, owner=batch.owner)
    return which


async def job_status(request: Request) -> Response:
    with_services = services.of(request)
    job = await services.job(request)
    if job.status is not JobStatus.RUNNING:
        cached.keep(request)
    return answer(request, render.status(links.of(request), job, await with_services.whole_standing(job)))


async def dismiss_job(request: Request) -> Response:
    """Ends a job that has not ended and keeps its record; removes one that has (2.0, job-dismiss-status)."""
    with_services = services.of(request)
    job = await services.own_job(request)
    if job.status.ended and job.parent is not None:
        raise ProblemError("locked", f"The job goes with the batch that it is of: {job.parent}.")
    if job.status.ended:
        await with_services.ballast.with_room(partial(with_services.callbacks.write_down, job.id))
        await with_services.retention.forget(job.id)
        job, standing = job.evolve(status=JobStatus.DISMISSED, outcome=None), Standing()
    else:
        await with_services.supervisor.dismiss(job.id)
        job = await with_services.jobs.get(job.id)
        standing = await with_services.whole_standing(job)
    return answer(request, render.status(links.of(request), job, standing))


#: RFC 3339, as far as a pattern can say it.
_MOMENT = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)

_JOB_FILTERS = (
    Parameter(name="type", many=True, description="Kinds of job, separated by commas."),
    Parameter(name="processID", many=True, description="Ids or URLs of processes, separated by commas."),
    Parameter(
        name="status",
        many=True,
        description="Statuses, separated by commas.",
        bounds={"enum": [str(each) for each in JobStatus]},
    ),
    Parameter(
        name="datetime",
        description="When created: an RFC 3339 date-time, or an interval with '/' that ends after it begins.",
        bounds={"pattern": rf"^({_MOMENT}(/({_MOMENT}|\.\.)?)?|(\.\.)?/{_MOMENT})$"},
    ),
    Parameter(name="owner", description="Whose jobs; the scope admin is needed for those of others."),
    Parameter(name="parent", description="The id of a batch: its executions, which are in no other list."),
    Parameter(name="minDuration", type="integer", description="Seconds at the least.", bounds={"minimum": 0}),
    Parameter(name="maxDuration", type="integer", description="Seconds at the most.", bounds={"minimum": 0}),
)

ENDPOINTS = [
    Endpoint(
        path="/jobs",
        name="jobs",
        handler=list_jobs,
        summary="List jobs",
        scope=Scope.READ,
        tag="Jobs",
        parameters=(LIMIT, CURSOR, *_JOB_FILTERS),
        answers={200: "Status documents, newest first", 400: "A query parameter can't be used"},
        schemas={200: "jobList"},
    ),
    Endpoint(
        path="/jobs/{job_id}",
        name="job",
        handler=job_status,
        summary="The status of a job",
        scope=Scope.READ,
        tag="Jobs",
        answers={200: "The status document", **NO_JOB},
        schemas={200: "statusInfo"},
    ),
    Endpoint(
        path="/jobs/{job_id}",
        name="job",
        method="DELETE",
        handler=dismiss_job,
        summary="Dismiss a job, or remove one that has ended",
        scope=Scope.EXECUTE,
        tag="Jobs",
        answers={200: "The status document, dismissed", 423: "The job goes with the batch that it is of", **NO_JOB},
        schemas={200: "statusInfo"},
    ),
]
