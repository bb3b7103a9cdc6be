"""The API definition: of everything, and of one process; in OpenAPI 3.0 and 3.1, and as a page."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cwl_bridge import media
from registry.models import Scope
from server import auth, links, negotiate, services
from server.endpoints import NO_PROCESS, Endpoint, Parameter
from server.openapi import page
from server.problems import ProblemError

#: Values of the query parameter f → what is given.
_FORMS = {"json": links.OPENAPI, "oas30": links.OPENAPI, "oas31": links.OPENAPI_3_1, "html": links.HTML}
_OFFERED = [links.OPENAPI, links.JSON, links.HTML]
_VERSIONS = {links.OPENAPI: "3.0", links.JSON: "3.0", links.OPENAPI_3_1: "3.1"}


async def api(request: Request) -> Response:
    form = _form(request)
    definitions, who = services.of(request).definitions, auth.principal(request)
    if form == links.HTML:
        to = links.of(request)
        listed = [
            (title, to.url("process-api", process_id=process_id) + "?f=html")
            for process_id, title in await definitions.listed(who)
        ]
        return _page(await services.of(request).in_thread(page.of, definitions.routes, listed))
    return Response(await definitions.text(links.base(request), _VERSIONS[form], who), media_type=form)


async def process_api(request: Request) -> Response:
    form = _form(request)
    process = await services.process(request)
    version = _VERSIONS.get(form, "3.0")
    definition = services.of(request).definitions.of_one(process.description, links.base(request), version)
    if form == links.HTML:
        return _page(page.of(definition, []))
    return Response(json.dumps(definition), media_type=form)


def _page(text: str) -> Response:
    return HTMLResponse(text, headers={"Content-Security-Policy": page.POLICY})


def _form(request: Request) -> str:
    asked = request.query_params.get("f")
    if asked is not None and asked not in _FORMS:
        detail = f"The query parameter f: {', '.join(_FORMS)} are possible, not {asked!r}."
        raise ProblemError("invalid-query-parameter-value", detail)
    if asked:
        return _FORMS[asked]
    accept = ",".join(request.headers.getlist("accept"))
    chosen = negotiate.choose(accept, _OFFERED)
    if chosen is None:
        raise ProblemError("not-acceptable", f"An API definition is available as {', '.join(_OFFERED)}.")
    return links.OPENAPI_3_1 if chosen == links.OPENAPI and _wants_3_1(accept) else chosen


def _wants_3_1(accept: str) -> bool:
    """Whether 3.1 is the first version that is named."""
    for each in accept.split(","):
        version = "".join(each.lower().split()).partition(";version=")[2].strip('"')
        if media.essence(each) == media.essence(links.OPENAPI) and version:
            return version.startswith("3.1")
    return False


_FORM = Parameter(
    name="f",
    description="json and oas30 are OpenAPI 3.0, oas31 is OpenAPI 3.1; goes before Accept.",
    bounds={"enum": list(_FORMS)},
)
_GIVES = (links.OPENAPI, links.OPENAPI_3_1, links.JSON, links.HTML)

ENDPOINTS = [
    Endpoint(
        path="/api",
        name="api",
        handler=api,
        summary="API definition",
        scope=None,
        answers={200: "This definition", 400: "f can't be used"},
        gives=_GIVES,
        schemas={200: "definition"},
        parameters=(_FORM,),
    ),
    Endpoint(
        path="/processes/{process_id}/api",
        name="process-api",
        handler=process_api,
        summary="The API definition for one process",
        scope=Scope.READ,
        tag="Processes",
        answers={200: "What its clients need", 400: "f can't be used", **NO_PROCESS},
        gives=_GIVES,
        schemas={200: "definition"},
        parameters=(_FORM,),
    ),
]
