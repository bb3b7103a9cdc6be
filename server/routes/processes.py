"""Processes: list, deploy, describe, replace, undeploy, and the documents behind them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import best_practice, deploy, fetch, launcher, media, outputs
from cwl_bridge.addresses import Allowed
from cwl_bridge.errors import FieldError, InvalidProcessError, TooComplexError
from cwl_bridge.package import Package
from cwl_bridge.packagefiles import Files, MissingError
from registry import shares
from registry.errors import ProcessNotFoundError
from registry.models import Idempotency, Principal, Process, Scope
from server import auth, cached, chains, filters, links, negotiate, pins, render, requests, results, services
from server.endpoints import CURSOR, FORM, KEY, LIMIT, NO_PROCESS, RANGES, Endpoint, Parameter
from server.problems import ProblemError
from server.routes import documents
from server.routes.common import answer
from server.services import Services

#: Documents outside a package: URLs and registered processes.
MAX_FETCHES = 100


async def list_processes(request: Request) -> Response:
    query = request.query_params
    with_services = services.of(request)
    who = auth.principal(request)
    listing = f"processes {who.name}"
    start = with_services.cursors.place(query.get("cursor"), listing)
    found = await with_services.processes.summaries(filters.limit(query), start, who)
    cursors = with_services.cursors.beside(found, listing)
    cached.keep(request)
    return answer(request, render.process_list(links.of(request), found.items, cursors))


async def deploy_process(request: Request) -> Response:
    with_services = services.of(request)
    media_type = _media_type(request)
    sent = await requests.body(request, with_services.settings.max_body)
    key = requests.idempotency(request, sent)
    owner = auth.principal(request).name
    revision = await with_services.processes.made_by(key, owner) if key else None
    if revision is None:
        with_services.take_on_work()
        process, unmet = await _validated(request, sent, media_type, None, key)
        grantees = [shares.ALL] if with_services.settings.share_processes == "everyone" else []
        revision = await with_services.processes.add(replace(process, owner=owner), key, grantees)
        process = await with_services.processes.revision(revision)
    else:
        process = await with_services.processes.revision(revision)
        unmet = await with_services.in_thread(_unmet_before, process)
    to = links.of(request)
    headers = {"Location": to.url("process", process_id=process.id), **_applied(request)}
    return answer(request, render.deployed(to, process, unmet), 201, **headers)


async def replace_process(request: Request) -> Response:
    with_services = services.of(request)
    with_services.take_on_work()
    # In this order: a body of the wrong type is 415 also where there is no such process.
    media_type = _media_type(request)
    process_id = request.path_params["process_id"]
    who = auth.principal(request)
    await with_services.processes.check_mutable(process_id, who)
    sent = await requests.body(request, with_services.settings.max_body)
    process, _ = await _validated(request, sent, media_type, process_id)
    await with_services.processes.replace(process, who)
    return Response(status_code=204, headers=_applied(request))


async def _validated(
    request: Request, sent: bytes, media_type: str, process_id: str | None, key: Idempotency | None = None
) -> tuple[Process, list[FieldError]]:
    """What the body describes, validated by cwltool, and what best practice has otherwise; it is on disk when this
    returns.

    `process_id`: of the process that it is to replace; without, it has to be a new one.
    """
    with_services, who = services.of(request), auth.principal(request)
    # In a thread: a large document takes its time.
    entry = request.query_params.get("w")
    package = await with_services.in_thread(
        deploy.read, sent, media_type, entry, _base(request), requests.file_name(request)
    )
    if package.request is not None:
        package = await chains.deployed(package, with_services, links.processes(request), who)
    package = await _with_formats(await _whole(package, with_services, who), with_services)
    draft = await with_services.in_thread(deploy.draft, package, with_services.settings.policy, process_id)
    await with_services.in_thread(draft.check_fits, with_services.settings.machine)
    async with with_services.validations:
        try:
            for text in (*draft.apart, draft.text):
                await launcher.validate(with_services.engine, text)
        except InvalidProcessError as error:
            await with_services.in_thread(draft.place, error)
            raise
    process = await with_services.in_thread(deploy.process, draft, process_id)
    if process_id is not None:
        deploy.check_agrees(package, process, process_id)
        process = deploy.rename(process, process_id)
    else:
        await with_services.processes.check_free(process.id, who.name, key)
    unmet = await with_services.in_thread(deploy.unmet, package, process.cwl)
    if _handling(request) == "strict":
        best_practice.check(unmet)
    await with_services.in_thread(with_services.documents.keep, process.digest, draft.text, draft.files)
    return await pins.deployed(process, with_services), unmet


def _unmet_before(process: Process) -> list[FieldError]:
    """Of a process that is registered already."""
    return deploy.unmet(deploy.read(process.package, process.media_type), process.cwl)


def _handling(request: Request) -> str:
    """What becomes of a process that does not meet best practice; the operator's word is the last."""
    asked = negotiate.preferences(request.headers.getlist("prefer")).handling
    return "strict" if "strict" in (asked, services.of(request).settings.best_practice) else "lenient"


def _applied(request: Request) -> dict[str, str]:
    """RFC 7240, section 3: of what was asked for, what was done."""
    asked = negotiate.preferences(request.headers.getlist("prefer")).handling
    return {"Preference-Applied": f"handling={asked}"} if asked == _handling(request) else {}


async def _whole(package: Package, with_services: Services, who: Principal) -> Package:
    """With everything that it refers to in its place; what that is at this moment is what is registered."""
    for _ in range(MAX_FETCHES):
        try:
            return await with_services.in_thread(package.resolved)
        except MissingError as missing:
            if missing.is_url:
                await _fetch(missing, package.files, with_services)
            elif not await _register(missing.names, package.files, with_services, who):
                raise missing.error from missing
    raise TooComplexError(f"A package refers to at most {MAX_FETCHES} documents outside it.")


async def _with_formats(package: Package, with_services: Services) -> Package:
    """With what its ontologies say of formats in their place."""
    if package.is_image or not package.ontologies:
        return package
    found = set[str]()
    for each in package.ontologies:
        async with with_services.validations:
            found |= set(await launcher.reduce(with_services.engine, each))
    return package.with_ontology(sorted(found))


async def _fetch(missing: MissingError, files: Files, with_services: Services) -> None:
    """A document or file by its URL; where it can't be had, the error is that of the reference to it.

    All that is fetched for a package is as large as its body may be.
    """
    settings, href = with_services.settings, missing.reference
    allowed = Allowed(settings.fetch_allow)
    left = settings.max_body - sum(len(body) for key, body in files.bodies.items() if media.split_url(key))
    loop = asyncio.get_running_loop()
    try:
        async with with_services.fetches:
            files.bodies[href] = await loop.run_in_executor(with_services.fetching, fetch.to_bytes, href, allowed, left)
    except fetch.FetchError as error:
        if not missing.optional:
            errors = [replace(each, detail=str(error)) for each in missing.error.errors]
            raise ProblemError("fetch-failed", str(error), errors) from error
        files.absent.add(href)


async def _register(names: tuple[str, ...], files: Files, with_services: Services, who: Principal) -> bool:
    """The first of these processes that somebody sees, with the files that it has; whether there is any."""
    for name in names:
        with suppress(ProcessNotFoundError):
            process = await with_services.processes.visible(name, who)
            files.kept |= await with_services.in_thread(with_services.documents.contents, process.cwl)
            files.registered[name] = process.cwl
            return True
    return False


def _base(request: Request) -> str:
    """The URL that the client says the body has (RFC 9110, 8.7; RFC 2557, 5)."""
    given = request.headers.get("content-location", "")
    return given if media.split_url(given) else ""


def _media_type(request: Request) -> str:
    given = request.headers.get("content-type", "")
    if media.essence(given) not in deploy.MEDIA_TYPES:
        expected = ", ".join(deploy.MEDIA_TYPES)
        raise ProblemError("unsupported-media-type", f"Content-Type has to be one of {expected}, not '{given}'.")
    return given


async def describe_process(request: Request) -> Response:
    process = await services.process(request)
    cached.keep(request)
    return answer(request, render.description(links.of(request), process))


async def undeploy_process(request: Request) -> Response:
    await services.of(request).processes.remove(request.path_params["process_id"], auth.principal(request))
    return Response(status_code=204)


async def package(request: Request) -> Response:
    """Byte for byte what deployed the process."""
    process = await services.process(request)
    if not process.mutable:
        raise ProblemError("immutable-process", f"The process '{process.id}' is built in: nobody deployed it.")
    return Response(process.package, media_type=process.media_type)


async def process_cwl(request: Request) -> Response:
    """The document that runs: `cwltool` takes this URL."""
    process = await services.process(request)
    return await documents.cwl_document(request, services.of(request).documents.text(process.digest), process.cwl)


async def process_file(request: Request) -> Response:
    """A file that the document names."""
    parameters = request.path_params
    process = await services.process(request)
    path = services.of(request).documents.file(process.cwl, parameters["digest"], parameters["basename"])
    if path is None:
        raise ProblemError("not-found", f"The document of '{process.id}' names no such file.")
    return results.file(path, path.name, outputs.file_type(path.name, []))


_HANDLING = Parameter(
    name="Prefer", where="header", description="handling=strict: refuse CWL that does not meet OGC 20-089r1."
)
_ENTRY = Parameter(
    name="w",
    description="Of several processes in the body, the id of the one that is meant.",
)
#: What a body is in each media type; the others are archives.
_PACKAGES = {
    deploy.PACKAGE: "ogcapppkg",
    deploy.CWL: "cwl",
    deploy.CWL_JSON: "cwl",
    deploy.CWL_YAML: "cwl",
    links.JSON: "ogcapppkg",
}
_DEPLOYED = {
    400: "The body can't be read",
    403: "The process is built in",
    413: "The body is too large",
    415: "The media type is not supported",
    422: "The process can't be registered; why and where",
    424: "Of processes in one another, one gives what another does not take",
    503: "The server is being stopped, or its database is busy",
    507: "The disk of the server is full",
}

ENDPOINTS = [
    Endpoint(
        path="/processes",
        name="processes",
        handler=list_processes,
        summary="List processes",
        scope=Scope.READ,
        tag="Processes",
        parameters=(LIMIT, CURSOR),
        answers={200: "Summaries", 400: "A query parameter can't be used"},
        schemas={200: "processList"},
    ),
    Endpoint(
        path="/processes",
        name="processes",
        method="POST",
        handler=deploy_process,
        summary="Register a process",
        scope=Scope.DEPLOY,
        tag="Processes",
        takes=deploy.MEDIA_TYPES,
        parameters=(_ENTRY, _HANDLING, KEY),
        answers={201: "The summary of the new process", 409: "The id is taken", **_DEPLOYED},
        schemas={201: "deployed"},
        bodies=_PACKAGES,
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        handler=describe_process,
        summary="Describe a process",
        scope=Scope.READ,
        tag="Processes",
        answers={200: "The description", **NO_PROCESS},
        schemas={200: "process"},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        method="PUT",
        handler=replace_process,
        summary="Replace a process",
        scope=Scope.DEPLOY,
        tag="Processes",
        parameters=(_ENTRY, _HANDLING),
        takes=deploy.MEDIA_TYPES,
        answers={204: "Replaced", **_DEPLOYED, **NO_PROCESS},
        bodies=_PACKAGES,
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        method="DELETE",
        handler=undeploy_process,
        summary="Unregister a process",
        scope=Scope.DEPLOY,
        tag="Processes",
        answers={204: "Gone; its jobs stay", 403: "The process is built in", **NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/package",
        name="package",
        handler=package,
        summary="What deployed a process, byte for byte",
        scope=Scope.READ,
        tag="Processes",
        gives=tuple(each for each in deploy.MEDIA_TYPES if each != links.JSON),
        answers={200: "The body", 403: "The process is built in", **NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/process.cwl",
        name="process-cwl",
        handler=process_cwl,
        summary="The CWL document that runs",
        scope=Scope.READ,
        tag="Processes",
        gives=(*documents.TEXTS, documents.DOT, documents.SVG),
        parameters=(FORM,),
        schemas={200: "cwl"},
        answers={
            200: "A document for cwltool, or a picture of it",
            **RANGES,
            400: "f can't be used",
            **NO_PROCESS,
        },
    ),
    Endpoint(
        path="/processes/{process_id}/files/{digest}/{basename}",
        name="process-file",
        handler=process_file,
        summary="A file that the CWL document names",
        scope=Scope.READ,
        tag="Processes",
        gives=("*/*",),
        answers={200: "The file", **RANGES, 404: "No such process, or no such file"},
    ),
]
