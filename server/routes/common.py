"""Landing page, conformance, the API definition, problem types, health."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cwl_bridge import containers
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.launcher import LauncherError
from registry.models import JSON
from server import links, negotiate, openapi, problems, render, services
from server.links import Links
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
    return answer(request, render.landing_page(Links(request)))


async def conformance(request: Request) -> Response:
    return answer(request, render.conformance())


async def api(request: Request) -> Response:
    definition = openapi.document(request.app.state.endpoints, links.base(request))
    return JSONResponse(definition, media_type=links.OPENAPI)


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
