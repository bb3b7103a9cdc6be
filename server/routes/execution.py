"""Executing a process: synchronously or asynchronously, as the process and the client's Prefer say."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from registry.models import Idempotency, Job, JobStatus, Process, Scope, new_job_id
from registry.subscriber import Event
from server import auth, kvp, links, negotiate, problems, render, representations, requests, services, submissions
from server.archive import ZIP
from server.endpoints import KEY, NO_PROCESS, RANGES, Endpoint, Parameter
from server.negotiate import Preferences
from server.representations import MULTIPART
from server.results import Wanted
from server.routes.common import answer_values
from server.routes.results import executed, wanted
from server.submissions import Check


@dataclass(frozen=True, kw_only=True)
class _Call:
    """An execution as a client asks for it, by POST or by GET."""

    #: The execute request (execute.yaml).
    sent: bytes
    preferences: Preferences
    wanted: Wanted


async def execute(request: Request) -> Response:
    sent = await requests.body(request, services.of(request).settings.max_body)
    preferences = negotiate.preferences(request.headers.getlist("prefer"))
    return await _executed(request, _Call(sent=sent, preferences=preferences, wanted=wanted(request)))


async def execute_by_query(request: Request) -> Response:
    """The query is an execute request (class kvp-execute); its answer is nobody else's."""
    if request.method == "HEAD":
        # It would make a job whose results nobody sees.
        raise HTTPException(405, headers={"Allow": "GET, POST"})
    process = await services.process(request)
    query = kvp.read(request.query_params.multi_items(), process.description)
    preferences = negotiate.preferences([*query.prefer, *request.headers.getlist("prefer")])
    said = replace(wanted(request), returns=preferences.returns)
    said = replace(said, accept=query.accept) if query.accept is not None else said
    call = _Call(sent=json.dumps(query.document).encode(), preferences=preferences, wanted=said)
    response = await _executed(request, call)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _executed(request: Request, call: _Call) -> Response:
    with_services = services.of(request)
    key = requests.idempotency(request, call.sent)
    job = await with_services.jobs.made_by(key, auth.principal(request).name) if key else None
    if job is None:
        with_services.take_on_work()
        if key is None:
            # With one, the same request may make the job meanwhile: the queue sees to that.
            await with_services.quotas.check(auth.principal(request).name, 1)
        job, process = await _submitted(request, call, key)
    else:
        process = await with_services.processes.revision(job.revision)
    # A process that is never asynchronous is waited for to its end.
    may_leave = "async-execute" in process.description.job_control_options
    waits = call.preferences.wait if may_leave else None
    synchronous = _is_synchronous(process, call.preferences)
    if synchronous:
        with with_services.draining.owing():
            job = await with_services.supervisor.wait(job.id, waits)
        if job.status.ended:
            return await _synchronous_answer(request, job, process, call.wanted, waits)
        await with_services.supervisor.show(job.id)
        job = await with_services.jobs.get(job.id)
    return await _accepted(request, job, [f"wait={waits}"] if synchronous else ["respond-async"], call.preferences)


async def validate(request: Request) -> Response:
    """Whether `execute` would take the same body; nothing is made, nothing fetched."""
    body = await requests.body(request, services.of(request).settings.max_body)
    sent = await requests.execute_request(request, body)
    process = await services.process(request)
    asked = requests.execute(request, sent, None)
    found = await Check(request=request, process=process, asked=asked, keep=False).of(sent.get("inputs", {}))
    return answer_values(request, render.job_order(found.order))


async def _submitted(request: Request, call: _Call, key: Idempotency | None) -> tuple[Job, Process]:
    """The new job, on disk, and what it runs; or those of the same request, sent at the same time."""
    with_services = services.of(request)
    sent = await requests.execute_request(request, call.sent)
    process = await services.process(request)
    asked = requests.execute(request, sent, call.preferences.returns)
    found = await Check(request=request, process=process, asked=asked, keep=True).of(sent.get("inputs", {}))
    synchronous = _is_synchronous(found.process, call.preferences)
    if synchronous:
        said = call.wanted
        representations.refuse_unacceptable(found.process.description, asked, said.accept, as_document=said.as_document)
    job = Job(
        id=new_job_id(),
        process_id=process.id,
        revision=found.process.revision,
        request=asked,
        owner=auth.principal(request).name,
        listed=not synchronous or with_services.settings.sync_jobs == "listed",
    )
    made = await submissions.submission(request, found, sent, job)
    standing = await with_services.supervisor.submit(made, key)
    job = made.job if standing == made.job.id else await with_services.jobs.get(standing)
    return job, await with_services.processes.revision(job.revision)


def _is_synchronous(process: Process, preferences: Preferences) -> bool:
    """The table of 18-062r2, 7.11.2.3: respond-async wins where both are possible, else synchronous."""
    options = process.description.job_control_options
    if "sync-execute" not in options:
        return False
    return "async-execute" not in options or not preferences.respond_async


async def _synchronous_answer(
    request: Request, job: Job, process: Process, said: Wanted, waited: int | None
) -> Response:
    to = links.of(request)
    if job.status is JobStatus.SUCCESSFUL:
        response = await executed(request, job, process, said)
    elif job.outcome and job.outcome.failure:
        response = problems.response(request, problems.of_failure(to.base, job.outcome.failure))
    else:
        detail = "The job was dismissed before it ended."
        response = problems.response(request, problems.document(to.base, "result-not-available", detail))
    if job.listed:
        response.headers.append("Link", f"<{to.url('job', job_id=job.id)}>; rel=monitor")
    if waited is not None:
        applied = [f"wait={waited}", response.headers.get("preference-applied")]
        response.headers["Preference-Applied"] = ", ".join(filter(None, applied))
    return response


async def _accepted(request: Request, job: Job, applied: list[str], preferences: Preferences) -> Response:
    """201; its body is JSON whatever is accepted: the job is made, and only its results are negotiated."""
    to = links.of(request)
    if not preferences.respond_async and "respond-async" in applied:
        applied = []
    if preferences.returns and job.request.response != "raw":
        # Its results will be so.
        applied = [*applied, f"return={preferences.returns}"]
    headers = {"Preference-Applied": ", ".join(applied)} if applied else {}
    document = render.status(to, job, await services.of(request).whole_standing(job))
    return JSONResponse(document, 201, headers={"Location": to.url("job", job_id=job.id), **headers})


PREFER = Parameter(
    name="Prefer", where="header", description="respond-async, wait=seconds, return=minimal, return=representation."
)
CALLBACKS = (
    (Event.SUCCESS, "The results document of the job"),
    (Event.IN_PROGRESS, "The status document of the job when it begins to run"),
    (Event.FAILED, "The status document of the job when it has failed or was dismissed"),
)
_IN_QUERY = (
    Parameter(name="response[f]", description="What Accept would be; goes before it."),
    Parameter(name="response[prefer]", description="What Prefer would be; goes before it."),
)
_EXECUTED = {
    200: "The results",
    201: "The job, accepted",
    204: "No output was asked for, or links to all of them in the header",
    400: "The inputs do not fit, or the job failed; why and where",
    403: "More is kept than may be",
    406: "The results have no accepted form; nothing was executed",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The Idempotency-Key was sent with another request, or the process needs more than the server has",
    424: "Of processes in one another, one gives what another does not take",
    503: "The server is being stopped, or its database is busy",
    507: "The disk of the server is full",
    **NO_PROCESS,
}

_EXECUTION = Endpoint(
    path="/processes/{process_id}/execution",
    name="execution",
    method="POST",
    handler=execute,
    summary="Execute a process",
    scope=Scope.EXECUTE,
    tag="Jobs",
    takes=(links.JSON,),
    gives=(links.JSON, MULTIPART, ZIP, links.HTML, "*/*"),
    parameters=(PREFER, KEY),
    callbacks=CALLBACKS,
    answers=_EXECUTED,
    schemas={200: "executed", 201: "statusInfo"},
    bodies={links.JSON: "execute"},
    takes_nothing=True,
)

_BY_QUERY = replace(
    _EXECUTION,
    method="GET",
    handler=execute_by_query,
    summary="Execute a process; the inputs and outputs are query parameters of their names",
    takes=(),
    parameters=(*_IN_QUERY, PREFER, KEY),
    reads_query=True,
    answers={**RANGES, **{status: said for status, said in _EXECUTED.items() if status not in (413, 415)}},
)
_ALIAS = replace(
    _EXECUTION,
    path="/{process_id}/execution",
    name="execution-alias",
    summary="Execute a process (another spelling of the same)",
)

ENDPOINTS = [
    _EXECUTION,
    _BY_QUERY,
    _ALIAS,
    replace(_BY_QUERY, path=_ALIAS.path, name=_ALIAS.name),
    Endpoint(
        path="/processes/{process_id}/validation",
        name="validation",
        method="POST",
        handler=validate,
        summary="Check an execute request; nothing is executed",
        scope=Scope.EXECUTE,
        tag="Processes",
        takes=(links.JSON,),
        answers={
            200: "The CWL job order that it would be",
            400: "The inputs do not fit; why and where",
            413: "The body is too large",
            415: "The body is not JSON",
            422: "The process needs more than the server has",
            **NO_PROCESS,
        },
        schemas={200: "jobOrder"},
        bodies={links.JSON: "execute"},
        takes_nothing=True,
    ),
]
