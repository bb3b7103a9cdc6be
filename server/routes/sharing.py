"""With whom owners share their processes and jobs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge.errors import FieldError, InvalidInputsError, pointer
from registry import shares
from registry.models import JSON, Scope
from registry.shares import Kind
from server import auth, links, requests, services
from server.endpoints import NO_JOB, NO_PROCESS, Endpoint
from server.problems import ProblemError
from server.routes.common import answer

EVERYONE = "everyone"
MAX_GRANTEES, MAX_NAME = 1000, 256


async def process_sharing(request: Request) -> Response:
    return answer(request, await _shown(request, Kind.PROCESS, await _own_process(request)))


async def share_process(request: Request) -> Response:
    await _share(request, Kind.PROCESS, await _own_process(request))
    return Response(status_code=204)


async def job_sharing(request: Request) -> Response:
    return answer(request, await _shown(request, Kind.JOB, (await services.own_job(request)).id))


async def share_job(request: Request) -> Response:
    await _share(request, Kind.JOB, (await services.own_job(request)).id)
    return Response(status_code=204)


async def _own_process(request: Request) -> str:
    process = await services.process(request)
    if not auth.principal(request).owns(process.owner):
        raise ProblemError("not-owner", "The process belongs to somebody else.")
    return process.id


async def _shown(request: Request, kind: Kind, shared: str) -> JSON:
    grantees = await services.of(request).shares.of(kind, shared)
    return {"with": EVERYONE if shares.ALL in grantees else grantees}


async def _share(request: Request, kind: Kind, shared: str) -> None:
    sent = await requests.json_object(request, await requests.body(request, services.of(request).settings.max_body))
    await services.of(request).shares.put(kind, shared, _grantees(sent.get("with")))


def _grantees(given: object) -> list[str]:
    if given == EVERYONE:
        return [shares.ALL]
    if not isinstance(given, list) or len(given) > MAX_GRANTEES:
        detail = f"'with' is a list of at most {MAX_GRANTEES} names, or {EVERYONE!r}."
        raise InvalidInputsError("The body can't be read.", [FieldError("/with", detail)])
    wrong = [
        FieldError(pointer("with", index), "A name is expected.")
        for index, each in enumerate(given)
        if not isinstance(each, str) or not 0 < len(each) <= MAX_NAME or each == shares.ALL
    ]
    if wrong:
        raise InvalidInputsError("The body can't be read.", wrong)
    return given


_SHOWN = {200: "With whom it is shared", 403: "It belongs to somebody else"}
_SHARED = {
    204: "Shared with those, and with nobody else",
    400: "The body can't be read",
    403: "It belongs to somebody else",
    413: "The body is too large",
}

ENDPOINTS = [
    Endpoint(
        path="/processes/{process_id}/sharing",
        name="process-sharing",
        handler=process_sharing,
        summary="With whom a process is shared",
        scope=Scope.READ,
        tag="Processes",
        answers={**_SHOWN, **NO_PROCESS},
        schemas={200: "sharing"},
    ),
    Endpoint(
        path="/processes/{process_id}/sharing",
        name="process-sharing",
        method="PUT",
        handler=share_process,
        summary="Share a process: others may see and execute it",
        scope=Scope.DEPLOY,
        tag="Processes",
        takes=(links.JSON,),
        answers={**_SHARED, **NO_PROCESS},
        bodies={links.JSON: "sharing"},
    ),
    Endpoint(
        path="/jobs/{job_id}/sharing",
        name="job-sharing",
        handler=job_sharing,
        summary="With whom a job is shared",
        scope=Scope.READ,
        tag="Jobs",
        answers={**_SHOWN, **NO_JOB},
        schemas={200: "sharing"},
    ),
    Endpoint(
        path="/jobs/{job_id}/sharing",
        name="job-sharing",
        method="PUT",
        handler=share_job,
        summary="Share a job: others may see it and its results",
        scope=Scope.EXECUTE,
        tag="Jobs",
        takes=(links.JSON,),
        answers={**_SHARED, **NO_JOB},
        bodies={links.JSON: "sharing"},
    ),
]
