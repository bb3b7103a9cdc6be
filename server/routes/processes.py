"""Processes: list, deploy, describe, replace, undeploy, and the documents behind them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import best_practice, deploy, fetch, launcher, media
from cwl_bridge.deploy import Package
from cwl_bridge.errors import FieldError, InvalidProcessError, TooComplexError
from cwl_bridge.jobfolder import write_text
from cwl_bridge.packagefiles import MissingError
from registry.errors import ProcessNotFoundError
from registry.models import Process
from server import cached, filters, links, render, requests, services
from server.endpoints import CURSOR, FORM, KEY, LIMIT, NO_PROCESS, Endpoint, Parameter
from server.problems import ProblemError
from server.routes import documents
from server.routes.common import answer
from server.services import Services

#: Documents outside a package: URLs and registered processes.
MAX_FETCHES = 100


async def list_processes(request: Request) -> Response:
    query = request.query_params
    with_services = services.of(request)
    start = with_services.cursors.place(query.get("cursor"), "processes")
    found = await with_services.processes.summaries(filters.limit(query), start)
    cursors = with_services.cursors.beside(found, "processes")
    cached.keep(request)
    return answer(request, render.process_list(links.of(request), found.items, cursors))


async def deploy_process(request: Request) -> Response:
    with_services = services.of(request)
    media_type = _media_type(request)
    sent = await requests.body(request, with_services.settings.max_body)
    key = requests.idempotency(request, sent)
    revision = await with_services.processes.made_by(key) if key else None
    if revision is None:
        with_services.take_on_work()
        process = await _validated(request, sent, media_type, None)
        revision = await with_services.processes.add(process, asked=key)
    process = await with_services.processes.revision(revision)
    to = links.of(request)
    # What describes a plain image is no document of its author's.
    unmet = [] if process.media_type == deploy.PACKAGE else best_practice.warnings(process.cwl)
    return answer(request, render.deployed(to, process, unmet), 201, Location=to.url("process", process_id=process.id))


async def replace_process(request: Request) -> Response:
    with_services = services.of(request)
    with_services.take_on_work()
    # In this order: a body of the wrong type is 415 also where there is no such process.
    media_type = _media_type(request)
    process_id = request.path_params["process_id"]
    await with_services.processes.get(process_id)
    sent = await requests.body(request, with_services.settings.max_body)
    process = await _validated(request, sent, media_type, process_id)
    if process.media_type == deploy.PACKAGE and process.id != process_id:
        detail = f"The body describes '{process.id}', the path names '{process_id}'."
        raise InvalidProcessError(detail, [FieldError("/processDescription/id", detail)])
    await with_services.processes.replace(deploy.rename(process, process_id))
    return Response(status_code=204)


async def _validated(request: Request, sent: bytes, media_type: str, process_id: str | None) -> Process:
    """What the body describes, validated by cwltool; its text is on disk when this returns."""
    with_services = services.of(request)
    # In a thread: a large document takes its time.
    package = await asyncio.to_thread(deploy.read, sent, media_type, request.query_params.get("w"))
    package = await _whole(package, with_services)
    draft = await asyncio.to_thread(deploy.draft, package, with_services.settings.policy, process_id)
    draft.check_fits(with_services.settings.machine)
    async with with_services.validations:
        await launcher.validate(with_services.engine, draft.text)
    process = await asyncio.to_thread(deploy.process, draft, process_id)
    await asyncio.to_thread(write_text, with_services.process_file(process.digest), draft.text, durable=True)
    return process


async def _whole(package: Package, with_services: Services) -> Package:
    """With everything that it refers to in its place; what that is at this moment is what is registered."""
    for _ in range(MAX_FETCHES):
        try:
            return await asyncio.to_thread(package.resolved)
        except MissingError as missing:
            if missing.is_url:
                package.files.bodies[missing.reference] = await _fetched(missing.reference, with_services)
                continue
            for name in missing.names:
                with suppress(ProcessNotFoundError):
                    package.files.registered[name] = (await with_services.processes.get(name)).cwl
                    break
            else:
                raise missing.error from missing
    raise TooComplexError(f"A package refers to at most {MAX_FETCHES} documents outside it.")


async def _fetched(href: str, with_services: Services) -> bytes:
    """A document by its URL."""
    settings = with_services.settings
    allowed = fetch.Allowed(settings.fetch_allow)
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(with_services.fetching, fetch.to_bytes, href, allowed, settings.max_body)
    except fetch.FetchError as error:
        raise ProblemError("fetch-failed", str(error)) from error


def _media_type(request: Request) -> str:
    given = request.headers.get("content-type", "")
    if media.essence(given) not in deploy.MEDIA_TYPES:
        expected = ", ".join(deploy.MEDIA_TYPES)
        raise ProblemError("unsupported-media-type", f"Content-Type has to be one of {expected}, not '{given}'.")
    return given


async def describe_process(request: Request) -> Response:
    process = await services.of(request).processes.get(request.path_params["process_id"])
    cached.keep(request)
    return answer(request, render.description(links.of(request), process))


async def undeploy_process(request: Request) -> Response:
    await services.of(request).processes.remove(request.path_params["process_id"])
    return Response(status_code=204)


async def package(request: Request) -> Response:
    """Byte for byte what deployed the process."""
    process = await services.of(request).processes.get(request.path_params["process_id"])
    if not process.mutable:
        raise ProblemError("immutable-process", f"The process '{process.id}' is built in: nobody deployed it.")
    return Response(process.package, media_type=process.media_type)


async def process_cwl(request: Request) -> Response:
    """The document that runs: `cwltool` takes this URL."""
    process = await services.of(request).processes.get(request.path_params["process_id"])
    return await documents.cwl_document(request, services.of(request).process_file(process.digest), process.cwl)


_ENTRY = Parameter(name="w", description="Of several processes in the body, the id of the one that is meant.")
_DEPLOYED = {
    400: "The body can't be read",
    403: "The process is built in",
    413: "The body is too large",
    415: "The media type is not supported",
    422: "The process can't be registered; why and where",
    503: "The server is being stopped, or its database is busy",
    507: "The disk of the server is full",
}

ENDPOINTS = [
    Endpoint(
        path="/processes",
        name="processes",
        handler=list_processes,
        summary="List processes",
        tag="Processes",
        parameters=(LIMIT, CURSOR),
        answers={200: "Summaries", 400: "A query parameter can't be used"},
    ),
    Endpoint(
        path="/processes",
        name="processes",
        method="POST",
        handler=deploy_process,
        summary="Register a process",
        tag="Processes",
        takes=deploy.MEDIA_TYPES,
        parameters=(_ENTRY, KEY),
        answers={201: "The summary of the new process", 409: "The id is taken", **_DEPLOYED},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        handler=describe_process,
        summary="Describe a process",
        tag="Processes",
        answers={200: "The description", **NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        method="PUT",
        handler=replace_process,
        summary="Replace a process",
        tag="Processes",
        parameters=(_ENTRY,),
        takes=deploy.MEDIA_TYPES,
        answers={204: "Replaced", **_DEPLOYED, **NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        method="DELETE",
        handler=undeploy_process,
        summary="Unregister a process",
        tag="Processes",
        answers={204: "Gone; its jobs stay", 403: "The process is built in", **NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/package",
        name="package",
        handler=package,
        summary="What deployed a process, byte for byte",
        tag="Processes",
        gives=tuple(each for each in deploy.MEDIA_TYPES if each != links.JSON),
        answers={200: "The body", 403: "The process is built in", **NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/process.cwl",
        name="process-cwl",
        handler=process_cwl,
        summary="The CWL document that runs",
        tag="Processes",
        gives=(*documents.TEXTS, documents.DOT, documents.SVG),
        parameters=(FORM,),
        answers={200: "A document for cwltool, or a picture of it", 400: "f can't be used", **NO_PROCESS},
    ),
]
