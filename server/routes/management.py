"""Jobs that are made first and started later, alone or as a batch, and what made them (24-051)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cwl_bridge import nested, secrecy
from cwl_bridge.errors import FieldError, InvalidInputsError
from cwl_bridge.secretfiles import Given
from registry.errors import ProcessNotFoundError
from registry.models import JSON, Job, JobStatus, Scope, Submission, new_job_id
from server import auth, links, negotiate, render, requests, services, submissions
from server.endpoints import KEY, NO_JOB, Endpoint
from server.problems import ProblemError
from server.routes.common import answer, answer_values
from server.routes.execution import CALLBACKS, PREFER
from server.submissions import Check

_IS = {JobStatus.ACCEPTED: "waits for its turn", JobStatus.RUNNING: "is running"}


async def create_job(request: Request) -> Response:
    with_services = services.of(request)
    body = await requests.body(request, with_services.settings.max_body)
    key = requests.idempotency(request, body)
    job = await with_services.jobs.made_by(key, auth.principal(request).name) if key else None
    if job is None:
        with_services.take_on_work()
        sent = await requests.job_request(request, body, "unsupported-job-type")
        if key is None:
            # A batch that will be refused is not checked, execution by execution, before it is.
            given = sent.get("inputs")
            more = len(given) if isinstance(given, list) else 1
            await with_services.quotas.check(auth.principal(request).name, more or 1)
        made = await _submission(request, sent, _process_id(request, sent), None)
        job = await with_services.jobs.get(await with_services.supervisor.submit(made, key))
    document = await _status(request, job)
    return JSONResponse(document, 201, headers={"Location": links.of(request).url("job", job_id=job.id)})


async def update_job(request: Request) -> Response:
    """The members of the body take the place of those of the definition; null takes one away."""
    with_services = services.of(request)
    body = await requests.body(request, with_services.settings.max_body)
    if not body.strip():
        raise InvalidInputsError("There is nothing to change.", [FieldError("", "An object is expected.")])
    with_services.take_on_work()
    while True:
        job = await services.own_job(request)
        known = await with_services.queue.definition(job.id)
        if job.status is not JobStatus.CREATED or known is None:
            raise _locked(job)
        changes = await requests.job_request(request, body, "unsupported-media-type")
        secrets, given = await with_services.secret_files.given(job.id)
        if await with_services.queue.definition(job.id) != known:
            # Another change came in between: what is given has other places.
            continue
        given = [] if "inputs" in changes else given
        whole = secrecy.with_values(known, given)
        sent = {name: each for name, each in {**whole, **changes}.items() if each is not None}
        process_id = _process_id(request, sent) if "process" in changes else job.process_id
        made = await _submission(request, sent, process_id, job)
        _check_still_secret(made, given)
        # Another change may have come meanwhile; this one is of what there is then.
        if await with_services.supervisor.replace(made, known, secrets):
            return answer(request, await _status(request, await with_services.jobs.get(job.id)))


def _check_still_secret(made: Submission, given: list[Given]) -> None:
    """Whether the process that a job is of by now keeps as a secret what was given as one."""
    kept = made.secrets.content["given"] if made.secrets else []
    if not {place for place, _ in given} <= {place for place, _ in kept}:
        detail = "Some inputs were given as secrets, which they are no longer; give the inputs again."
        raise InvalidInputsError(detail, [FieldError("/inputs", detail)])


async def start_job(request: Request) -> Response:
    with_services = services.of(request)
    body = await requests.body(request, with_services.settings.max_body)
    if body.strip() and await requests.execute_request(request, body):
        detail = "What starts a job has an empty body, or {}; PATCH changes what it will do."
        raise InvalidInputsError(detail, [FieldError("", detail)])
    job = await services.own_job(request)
    with_services.take_on_work()
    released = await with_services.supervisor.release(job.id)
    job = await services.job(request)
    if not released:
        raise _locked(job)
    return answer(request, await _status(request, job))


async def definition(request: Request) -> Response:
    """As it was sent or last changed, with the process that the path of an execution names."""
    job, sent = await _found(request)
    named = {"process": links.of(request).url("process", process_id=job.process_id)}
    return answer_values(request, named | sent)


async def job_inputs(request: Request) -> Response:
    """inputs.yaml: what a job was given and asked for."""
    job, sent = await _found(request)
    process = await services.of(request).processes.revision(job.revision)
    asked = sent.get("outputs")
    outputs = asked if asked is not None else {name: {} for name in process.description.outputs}
    to = links.of(request)
    found = [
        links.link(to.url("inputs", job_id=job.id), "self", "This document"),
        links.link(to.url("job", job_id=job.id), "up", "The job"),
        links.link(to.url("definition", job_id=job.id), "related", "The execute request"),
    ]
    return answer(request, {"inputs": sent.get("inputs", {}), "outputs": outputs, "links": found})


async def _found(request: Request) -> tuple[Job, JSON]:
    """A job and the execute request for it; that of an execution is the batch's, with inputs of its own."""
    with_services = services.of(request)
    job = await services.job(request)
    sent = await with_services.queue.definition(job.parent or job.id)
    if sent is None:
        raise ProblemError("not-found", "The job was made before execute requests were kept.")
    if job.parent is None:
        return job, sent
    index = await with_services.batches.index(job)
    # A change of the batch may have replaced its executions meanwhile.
    await with_services.jobs.get(job.id)
    return job, {**sent, "inputs": sent["inputs"][index]}


def _process_id(request: Request, sent: JSON) -> str:
    named = sent.get("process")
    if not isinstance(named, str):
        detail = "'process' is the URL, or the id, of the process to execute."
        raise InvalidInputsError("The execute request can't be read.", [FieldError("/process", detail)])
    process_id = nested.local_id(named, links.processes(request))
    if process_id is None:
        raise ProcessNotFoundError(f"A job executes a process of this server, not '{named[:200]}'.")
    return process_id


async def _submission(request: Request, sent: JSON, process_id: str, before: Job | None) -> Submission:
    """A job that is not started, or a batch of them. `before`: the one that it takes the place of."""
    who = auth.principal(request)
    process = await services.of(request).processes.visible(process_id, who)
    returns = negotiate.preferences(request.headers.getlist("prefer")).returns
    returns = returns or (before.request.returns if before else None)
    asked = requests.execute(request, sent, returns, several=True)
    job = Job(
        id=before.id if before else new_job_id(),
        process_id=process.id,
        revision=process.revision,
        request=asked,
        owner=before.owner if before else who.name,
        status=JobStatus.CREATED,
    )
    given = sent.get("inputs", {})
    if isinstance(given, list):
        return await submissions.batch(request, process, sent, job)
    found = await Check(request=request, process=process, asked=asked, keep=True).of(given)
    return await submissions.submission(request, found, sent, job)


def _locked(job: Job) -> ProblemError:
    if job.parent is not None:
        return ProblemError("locked", f"The job goes with the batch that it is of: {job.parent}.")
    state = _IS.get(job.status, "has ended")
    return ProblemError("locked", f"Only a job that is created can be changed or started; this one {state}.")


async def _status(request: Request, job: Job) -> JSON:
    return render.status(links.of(request), job, await services.of(request).whole_standing(job))


_NOT_MADE = {
    400: "The inputs do not fit; why and where",
    403: "More is kept, or asked for, than may be",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The Content-Schema is another, or the process needs more than the server has",
    424: "Of processes in one another, one gives what another does not take",
    503: "The server is being stopped, or its database is busy",
    507: "The disk of the server is full",
}

ENDPOINTS = [
    Endpoint(
        path="/jobs",
        name="jobs",
        method="POST",
        handler=create_job,
        summary="Make a job, to be started later; a list of inputs makes a batch",
        scope=Scope.EXECUTE,
        tag="Jobs",
        takes=requests.JOB_TYPES,
        gives=(links.JSON,),
        parameters=(PREFER, KEY),
        callbacks=CALLBACKS,
        answers={201: "The job, created", 404: "No such process", **_NOT_MADE},
        schemas={201: "statusInfo"},
        bodies=dict.fromkeys(requests.JOB_TYPES, "job"),
    ),
    Endpoint(
        path="/jobs/{job_id}",
        name="job",
        method="PATCH",
        handler=update_job,
        summary="Change a job that is not started; members that are given take the place of those that were",
        scope=Scope.EXECUTE,
        tag="Jobs",
        takes=requests.JOB_TYPES,
        parameters=(PREFER,),
        answers={
            200: "The status document",
            404: "No such job, or no such process",
            423: "The job is started",
            **_NOT_MADE,
        },
        schemas={200: "statusInfo"},
        bodies=dict.fromkeys(requests.JOB_TYPES, "jobChange"),
    ),
    Endpoint(
        path="/jobs/{job_id}/results",
        name="results",
        method="POST",
        handler=start_job,
        summary="Start a job that was created",
        scope=Scope.EXECUTE,
        tag="Jobs",
        takes=(links.JSON,),
        takes_nothing=True,
        answers={
            200: "The status document, accepted",
            400: "The body is more than {}",
            413: "The body is too large",
            415: "The body is not JSON",
            423: "The job is started",
            503: "The server is being stopped, or its database is busy",
            507: "The disk of the server is full",
            **NO_JOB,
        },
        schemas={200: "statusInfo"},
        bodies={links.JSON: "nothing"},
    ),
    Endpoint(
        path="/jobs/{job_id}/definition",
        name="definition",
        handler=definition,
        summary="The execute request that made a job",
        scope=Scope.READ,
        tag="Jobs",
        answers={200: "What makes the same job again", **NO_JOB},
        schemas={200: "job"},
    ),
    Endpoint(
        path="/jobs/{job_id}/inputs",
        name="inputs",
        handler=job_inputs,
        summary="What a job was given, and asked for",
        scope=Scope.READ,
        tag="Jobs",
        answers={200: "Inputs and outputs as the client gave them", **NO_JOB},
        schemas={200: "inputs"},
    ),
]
