"""Landing page, conformance, the API definition, problem types, health."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cwl_bridge import containers
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.launcher import LauncherError
from registry.models import JSON
from server import links, negotiate, problems, render, services
from server.endpoints import Endpoint
from server.problems import ProblemError


def answer(request: Request, document: JSON, status: int = 200, **headers: str) -> Response:
    """A document of the API in the form that the client accepts; there is one so far."""
    form = request.query_params.get("f")
    if form not in (None, "json"):
        raise ProblemError("invalid-query-parameter-value", f"The query parameter f: json is expected, not {form!r}.")
    if form is None and negotiate.choose(request.headers.get("accept"), [links.JSON]) is None:
        raise ProblemError("not-acceptable", f"This is available as {links.JSON} only.")
    return JSONResponse(document, status_code=status, headers=headers)


async def landing_page(request: Request) -> Response:
    return answer(request, render.landing_page(links.of(request)))


async def conformance(request: Request) -> Response:
    return answer(request, render.conforms_to())


async def problem(request: Request) -> Response:
    """What a problem type of this server means: its URI leads here."""
    name = request.path_params["name"]
    kind = problems.TYPES.get(name)
    if kind is None or kind.prefix:
        raise ProblemError("not-found", f"There is no problem type '{name}'.")
    return answer(request, {"name": name, "title": kind.title, "status": kind.status})


async def health(request: Request) -> Response:  # noqa: ARG001
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    with_services = services.of(request)
    with_services.take_on_work()
    await with_services.jobs.check()
    if not with_services.engine.ready:
        raise LauncherError("The process that starts runs is not ready yet.")
    if not await asyncio.to_thread(containers.answers):
        raise ContainerEngineError("The container engine does not answer; start it, jobs wait for it.")
    return PlainTextResponse("ready\n")


ENDPOINTS = [
    Endpoint(
        path="/",
        name="landing-page",
        handler=landing_page,
        summary="Landing page",
        answers={200: "Links to everything"},
        schemas={200: "landingPage"},
    ),
    Endpoint(
        path="/conformance",
        name="conformance",
        handler=conformance,
        summary="Conformance classes",
        answers={200: "The classes that are met"},
        schemas={200: "confClasses"},
    ),
    Endpoint(
        path="/problems/{name}",
        name="problem",
        handler=problem,
        summary="What a problem type means",
        answers={200: "Its title and status", 404: "No such type"},
        schemas={200: "problemType"},
    ),
    Endpoint(
        path="/health",
        name="health",
        handler=health,
        summary="Whether the server lives",
        answers={200: "It does"},
        gives=("text/plain",),
    ),
    Endpoint(
        path="/health/ready",
        name="ready",
        handler=ready,
        summary="Whether jobs can run",
        answers={
            200: "They can",
            503: "The container engine does not answer, or the server is starting or being stopped",
            507: "The disk of the server is full",
        },
        gives=("text/plain",),
    ),
]
