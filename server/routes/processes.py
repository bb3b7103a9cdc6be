"""Processes: list, deploy, describe, replace, undeploy, and the documents behind them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import best_practice, deploy, fetch, kept, launcher, media, outputs
from cwl_bridge.deploy import Package
from cwl_bridge.errors import FieldError, InvalidProcessError, TooComplexError
from cwl_bridge.packagefiles import Files, MissingError
from registry.errors import ProcessNotFoundError
from registry.models import Process
from server import render, requests, results, services
from server.links import Links
from server.problems import ProblemError
from server.routes.common import answer
from server.routes.documents import cwl_document
from server.services import Services

#: Documents outside a package: URLs and registered processes.
MAX_FETCHES = 100


async def list_processes(request: Request) -> Response:
    query = request.query_params
    found, more = await services.of(request).processes.summaries(requests.limit(query), requests.cursor(query))
    following = found[-1][0] if more else None
    return answer(request, render.process_list(Links(request), [summary for _, summary in found], following))


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
    to = Links(request)
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
    """What the body describes, validated by cwltool; it is on disk when this returns.

    `process_id`: of the process that it is to replace; without, it has to be a new one.
    """
    with_services = services.of(request)
    # In a thread: a large document takes its time.
    package = await asyncio.to_thread(deploy.read, sent, media_type, request.query_params.get("w"))
    package = await _with_formats(await _whole(package, with_services), with_services)
    draft = await asyncio.to_thread(deploy.draft, package, with_services.settings.policy, process_id)
    draft.check_fits(with_services.settings.machine)
    async with with_services.validations:
        for text in (*draft.apart, draft.text):
            await launcher.validate(with_services.engine, text)
    process = await asyncio.to_thread(deploy.process, draft, process_id)
    if process_id is None:
        await with_services.processes.check_free(process.id)
    await asyncio.to_thread(with_services.documents.keep, process.digest, draft.text, draft.files)
    return process


async def _whole(package: Package, with_services: Services) -> Package:
    """With everything that it refers to in its place; what that is at this moment is what is registered."""
    for _ in range(MAX_FETCHES):
        try:
            return await asyncio.to_thread(package.resolved)
        except MissingError as missing:
            if missing.is_url:
                await _fetch(missing, package.files, with_services)
            elif not await _register(missing.names, package.files, with_services):
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
    """A document or file by its URL. All that is fetched for a package is as large as its body may be."""
    settings, href = with_services.settings, missing.reference
    allowed = fetch.Allowed(settings.fetch_allow)
    left = settings.max_body - sum(len(body) for key, body in files.bodies.items() if media.split_url(key))
    loop = asyncio.get_running_loop()
    try:
        files.bodies[href] = await loop.run_in_executor(with_services.fetching, fetch.to_bytes, href, allowed, left)
    except fetch.FetchError as error:
        if not missing.optional:
            raise ProblemError("fetch-failed", str(error)) from error
        files.absent.add(href)


async def _register(names: tuple[str, ...], files: Files, with_services: Services) -> bool:
    """The first of these processes that there is, with the files that it has; whether there is any."""
    for name in names:
        with suppress(ProcessNotFoundError):
            process = await with_services.processes.get(name)
            for content, basename in kept.references(process.cwl):
                path = with_services.documents.file(process.cwl, content, basename)
                if path is not None:
                    files.kept[content] = await asyncio.to_thread(path.read_bytes)
            files.registered[name] = process.cwl
            return True
    return False


def _media_type(request: Request) -> str:
    given = request.headers.get("content-type", "")
    if media.essence(given) not in deploy.MEDIA_TYPES:
        expected = ", ".join(deploy.MEDIA_TYPES)
        raise ProblemError("unsupported-media-type", f"Content-Type has to be one of {expected}, not '{given}'.")
    return given


async def describe_process(request: Request) -> Response:
    process = await services.of(request).processes.get(request.path_params["process_id"])
    return answer(request, render.description(Links(request), process))


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
    return await cwl_document(request, services.of(request).documents.text(process.digest), process.cwl)


async def process_file(request: Request) -> Response:
    """A file that the document names."""
    parameters = request.path_params
    process = await services.of(request).processes.get(parameters["process_id"])
    path = services.of(request).documents.file(process.cwl, parameters["digest"], parameters["basename"])
    if path is None:
        raise ProblemError("not-found", f"The document of '{process.id}' names no such file.")
    return results.file(path, path.name, outputs.file_type(path.name, []))
