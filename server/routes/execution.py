"""Executing a process: synchronously or asynchronously, as the process and the client's Prefer say."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import images, inputs, resources
from cwl_bridge.errors import BridgeError, FieldError, InvalidInputsError
from registry.models import JSON, ExecuteRequest, Idempotency, Job, JobStatus, Process, new_job_id
from server import chains, links, negotiate, problems, render, requests, services
from server.endpoints import KEY, NO_PROCESS, Endpoint, Parameter
from server.negotiate import Preferences
from server.results import MULTIPART
from server.routes.common import answer
from server.routes.results import results_answer
from server.settings import Settings


async def execute(request: Request) -> Response:
    with_services = services.of(request)
    sent = await requests.body(request, with_services.settings.max_body)
    preferences = negotiate.preferences(request.headers.getlist("prefer"))
    key = requests.idempotency(request, sent)
    job = await with_services.jobs.made_by(key) if key else None
    if job is None:
        with_services.take_on_work()
        job = await _submitted(request, sent, preferences, key)
    process = await with_services.processes.revision(job.revision)
    synchronous = _is_synchronous(process, preferences)
    if synchronous:
        # A process that is never asynchronous is waited for to its end.
        may_leave = "async-execute" in process.description.job_control_options
        with with_services.draining.owing():
            job = await with_services.supervisor.wait(job.id, preferences.wait if may_leave else None)
        if job.status.ended:
            return await _synchronous_answer(request, job, preferences)
        await with_services.supervisor.show(job.id)
        job = await with_services.jobs.get(job.id)
    return _accepted(request, job, applied=_applied_when_accepted(preferences, synchronous=synchronous))


async def validate(request: Request) -> Response:
    """Whether `execute` would take the same body; nothing is made, nothing fetched."""
    sent = await requests.body(request, services.of(request).settings.max_body)
    _, order, _ = await _checked(request, sent, None)
    return answer(request, render.job_order(order))


async def _submitted(request: Request, sent: bytes, preferences: Preferences, key: Idempotency | None) -> Job:
    """The new job, on disk; or that of the same request, sent at the same time."""
    with_services = services.of(request)
    process, order, asked = await _checked(request, sent, preferences.returns, keep=True)
    job = Job(
        id=new_job_id(),
        process_id=process.id,
        revision=process.revision,
        request=asked,
        needs=resources.needs(process.cwl),
        images=await asyncio.to_thread(images.pinned, process.cwl, with_services.settings.policy),
        listed=not _is_synchronous(process, preferences) or with_services.settings.sync_jobs == "listed",
    )
    return await with_services.jobs.get(await with_services.supervisor.submit(job, order, key))


async def _checked(
    request: Request, sent: bytes, returns: str | None, *, keep: bool = False
) -> tuple[Process, JSON, ExecuteRequest]:
    """What runs, the job order for it and what is asked for; raises where they do not fit each other.

    Where processes are among the inputs, what runs is a workflow. `keep`: whether there will be a job for it.
    """
    with_services = services.of(request)
    process = await with_services.processes.get(request.path_params["process_id"])
    given, asked = requests.execute(request, sent, returns)
    chain = await chains.chained(process, given, with_services, links.processes(request))
    if chain is not None:
        process, given = await chains.made(chain, with_services), chain.given
    try:
        order = _order(process, given, asked, with_services.settings, links.processes(request))
    except InvalidInputsError as error:
        error.errors = chain.of_request(error.errors) if chain else error.errors
        raise
    resources.check(process.cwl, with_services.settings.machine)
    if chain is not None and keep:
        process = await chains.kept(process, chain, with_services)
    return process, order, asked


def _order(process: Process, given: JSON, asked: ExecuteRequest, settings: Settings, processes_url: str) -> JSON:
    """Everything that is wrong with inputs and outputs, at once."""
    errors: list[FieldError] = inputs.check_outputs(process, asked.outputs)
    try:
        elsewhere = replace(settings.elsewhere, base=f"{processes_url}{process.id}")
        order = inputs.order(process, given, settings.file_allow, elsewhere)
    except BridgeError as error:
        errors = error.errors + errors
    if errors:
        raise InvalidInputsError("The execute request does not fit the process.", errors)
    return order


def _is_synchronous(process: Process, preferences: Preferences) -> bool:
    """The table of 18-062r2, 7.11.2.3: respond-async wins where both are possible, else synchronous."""
    options = process.description.job_control_options
    if "sync-execute" not in options:
        return False
    return "async-execute" not in options or not preferences.respond_async


async def _synchronous_answer(request: Request, job: Job, preferences: Preferences) -> Response:
    to = links.of(request)
    if job.status is JobStatus.SUCCESSFUL:
        response = await results_answer(request, job, stored=False)
    elif job.outcome and job.outcome.failure:
        response = problems.response(request, problems.of_failure(to.base, job.outcome.failure))
    else:
        detail = "The job was dismissed before it ended."
        response = problems.response(request, problems.document(to.base, "result-not-available", detail))
    if job.listed:
        response.headers.append("Link", f"<{to.url('job', job_id=job.id)}>; rel=monitor")
    applied = [f"wait={preferences.wait}"] if preferences.wait is not None else []
    applied += [f"return={preferences.returns}"] if preferences.returns else []
    if applied:
        response.headers["Preference-Applied"] = ", ".join(applied)
    return response


def _applied_when_accepted(preferences: Preferences, *, synchronous: bool) -> str | None:
    if synchronous:
        return f"wait={preferences.wait}"
    return "respond-async" if preferences.respond_async else None


def _accepted(request: Request, job: Job, applied: str | None) -> Response:
    to = links.of(request)
    headers = {"Preference-Applied": applied} if applied else {}
    standing = services.of(request).standing(job)
    return answer(request, render.status(to, job, standing), 201, Location=to.url("job", job_id=job.id), **headers)


_PREFER = Parameter(name="Prefer", where="header", description="respond-async, wait=seconds, return=representation.")
_EXECUTED = {
    200: "The results",
    201: "The job, accepted",
    204: "No output was asked for, or links to all of them in the header",
    400: "The inputs do not fit, or the job failed; why and where",
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
    tag="Jobs",
    takes=(links.JSON,),
    gives=(links.JSON, MULTIPART, "*/*"),
    parameters=(_PREFER, KEY),
    answers=_EXECUTED,
)

ENDPOINTS = [
    _EXECUTION,
    replace(
        _EXECUTION,
        path="/{process_id}/execution",
        name="execution-alias",
        summary="Execute a process (another spelling of the same)",
    ),
    Endpoint(
        path="/processes/{process_id}/validation",
        name="validation",
        method="POST",
        handler=validate,
        summary="Check an execute request; nothing is executed",
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
    ),
]
