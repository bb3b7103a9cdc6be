"""The provenance of a job in the forms of W3C PROV (24-051, class "provenance")."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import provenance, traces
from cwl_bridge.traces import Trace
from registry.models import Job, Scope
from server import links, negotiate, services
from server.endpoints import NO_JOB, Endpoint, Parameter
from server.links import Links
from server.problems import ProblemError

#: Values of the query parameter f; the first is what is given where nothing is asked for.
FORMS = {
    "json": links.JSON,
    "jsonld": "application/ld+json",
    "turtle": "text/turtle",
    "provn": "text/provenance-notation",
    "nt": "application/n-triples",
}


@dataclass(frozen=True)
class JobUrls:
    """Where one client finds what belongs to one job (traces.Urls)."""

    to: Links
    job: Job

    def input(self, path: str) -> str:
        return self.to.url("job-input", job_id=self.job.id, place=path)

    def result(self, *segments: str) -> str:
        return self.to.url("result", job_id=self.job.id, path="/".join(segments))


async def trace(request: Request, job: Job) -> Trace:
    """What is known of a job; who calls holds its folder. The digests of files only where it has ended."""
    with_services = services.of(request)
    folder = with_services.retention.folder(job.id)
    process = await with_services.processes.revision(job.revision)
    digests: dict[str, str] = {}
    if job.status.ended:
        async with with_services.digesting:
            digests = await with_services.digests.of(folder)
    return await with_services.in_thread(traces.read, job, process, folder, JobUrls(links.of(request), job), digests)


async def prov(request: Request) -> Response:
    services.hold(request, request.path_params["job_id"])
    form = _form(request)
    job = await services.job(request)
    traced = await trace(request, job)
    async with services.of(request).tracing:
        written = await asyncio.to_thread(_written, traced, links.of(request), form)
    # A character of PROV-N, of Turtle or of JSON is one of UTF-8, whatever else is assumed of text.
    kind = f"{form}; charset=utf-8" if form.startswith("text/") else form
    return Response(written, media_type=kind)


def _form(request: Request) -> str:
    asked = request.query_params.get("f")
    if asked is not None and asked not in FORMS:
        detail = f"The query parameter f: {', '.join(FORMS)} are possible, not {asked!r}."
        raise ProblemError("invalid-query-parameter-value", detail)
    offered = list(FORMS.values())
    chosen = FORMS[asked] if asked else negotiate.choose(request.headers.get("accept"), offered)
    if chosen is None:
        raise ProblemError("not-acceptable", f"Provenance is available as {', '.join(offered)}.")
    return chosen


def _written(found: Trace, to: Links, form: str) -> bytes:
    job = {"job_id": found.job.id}
    at = provenance.Addresses(
        server=to.base,
        job=to.url("job", **job),
        process=to.url("process", process_id=found.process.id),
        document=to.url("job-process-cwl", **job),
        order=to.url("job-inputs", **job),
        inputs=to.url("job-input", **job, place=""),
        results=to.url("result", **job, path=""),
    )
    return provenance.text(found, at, form)


ENDPOINTS = [
    Endpoint(
        path="/jobs/{job_id}/prov",
        name="prov",
        handler=prov,
        summary="The provenance of a job, also while it runs",
        scope=Scope.READ,
        tag="Jobs",
        gives=tuple(FORMS.values()),
        parameters=(
            Parameter(name="f", description=f"{', '.join(FORMS)}; goes before Accept.", bounds={"enum": list(FORMS)}),
        ),
        answers={
            200: "W3C PROV: what the job was given, did and gave, as far as it is known",
            400: "f can't be used",
            406: "No accepted form",
            **NO_JOB,
        },
        schemas={200: "prov"},
    ),
]
