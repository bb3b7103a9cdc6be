"""Landing page, conformance, the API definition, problem types, health."""

from __future__ import annotations

from importlib import resources

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cwl_bridge.engines import LauncherError
from cwl_bridge.errors import ContainerEngineError
from registry.models import JSON
from server import cached, forms, links, problems, profiles, render, services
from server.endpoints import Endpoint
from server.problems import ProblemError


def answer(request: Request, document: JSON, status: int = 200, **headers: str) -> Response:
    """A document of the API in the form that the client wants; what is got leads to its other forms and its profile."""
    form = forms.chosen(request)
    if request.method in ("GET", "HEAD"):
        found = [
            *forms.linked(document, links.of(request), form),
            *profiles.of_document(request.state.endpoint.name),
        ]
        linked = forms.header(found)
        headers = {**({"Link": linked} if linked else {}), **headers}
        if "links" in document:
            document = {**document, "links": found}
    return forms.response(request, document, form, status, headers)


def answer_values(request: Request, document: JSON, status: int = 200, **headers: str) -> Response:
    """A document whose names are a process's own (its `links` may be an output), in the form that the client wants."""
    return forms.response(request, document, forms.chosen(request), status, headers)


async def landing_page(request: Request) -> Response:
    cached.keep(request)
    return answer(request, render.landing_page(links.of(request)))


async def conformance(request: Request) -> Response:
    cached.keep(request)
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
    containers = with_services.containers
    if not await with_services.in_thread(containers.answers):
        raise ContainerEngineError(f"{containers.title} does not answer; start it, jobs wait for it.")
    return PlainTextResponse("ready\n")


async def page_style(request: Request) -> Response:  # noqa: ARG001
    return PlainTextResponse(_STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


_STYLE = (resources.files("server") / "static" / "page.css").read_text()

ENDPOINTS = [
    Endpoint(
        path="/",
        name="landing-page",
        handler=landing_page,
        summary="Landing page",
        scope=None,
        answers={200: "Links to everything"},
        schemas={200: "landingPage"},
    ),
    Endpoint(
        path="/conformance",
        name="conformance",
        handler=conformance,
        summary="Conformance classes",
        scope=None,
        answers={200: "The classes that are met"},
        schemas={200: "confClasses"},
    ),
    Endpoint(
        path="/problems/{name}",
        name="problem",
        handler=problem,
        summary="What a problem type means",
        scope=None,
        answers={200: "Its title and status", 404: "No such type"},
        schemas={200: "problemType"},
    ),
    Endpoint(
        path="/static/page.css",
        name="page-style",
        handler=page_style,
        summary="How pages look",
        scope=None,
        answers={200: "The style of the pages"},
        gives=("text/css",),
    ),
    Endpoint(
        path="/health",
        name="health",
        handler=health,
        summary="Whether the server lives",
        scope=None,
        answers={200: "It does"},
        gives=("text/plain",),
    ),
    Endpoint(
        path="/health/ready",
        name="ready",
        handler=ready,
        summary="Whether jobs can run",
        scope=None,
        answers={
            200: "They can",
            503: "The container engine does not answer, or the server is starting or being stopped",
            507: "The disk of the server is full",
        },
        gives=("text/plain",),
    ),
]
