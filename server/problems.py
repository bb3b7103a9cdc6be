"""What goes wrong → RFC 9457 problem documents: one table of types, one table of exceptions."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cwl_bridge import errors as bridge
from cwl_bridge import nested
from cwl_bridge.best_practice import BestPracticeError
from cwl_bridge.engines import LauncherError
from cwl_bridge.errors import FieldError
from registry import errors as registry
from registry.models import Failure
from server import links, negotiate, pages

_log = logging.getLogger("cwl_processes")

X1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
X2 = "http://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/"
X3 = "https://www.opengis.net/def/exceptions/ogcapi-processes-3/0.0/"
X4 = "http://www.opengis.net/def/exceptions/ogcapi-processes-4/1.0/"

PROBLEM = "application/problem+json"

RETRY_SECONDS = 5


@dataclass(frozen=True)
class Type:
    """One kind of problem; `prefix` empty: described by this server at /problems/{name}."""

    status: int
    title: str
    prefix: str = ""
    #: What the URI ends in, where that is not the name.
    ending: str = ""


#: By name. The types of OGC keep OGC's URIs; no name is invented under its domain.
TYPES: dict[str, Type] = {
    "no-such-process": Type(404, "No such process", X1),
    "no-such-job": Type(404, "No such job", X1),
    "result-not-ready": Type(404, "The job has not ended", X1),
    "result-not-available": Type(404, "The job has no such result", X1),
    "no-such-output": Type(400, "The process has no such output", X1),
    "invalid-query-parameter-value": Type(400, "A query parameter can't be used", X1),
    "duplicated-process": Type(409, "The process exists already", X2),
    "immutable-process": Type(403, "The process can't be changed", X2),
    "workflow-error": Type(422, "Processes in one another make no workflow", X3),
    "workflow-mismatch": Type(424, "A process gives what another does not take", X3, "workflow-error"),
    "workflow-not-found": Type(400, "The body has no such process", X2),
    "unsupported-media-type": Type(415, "The media type of the body is not supported", X2),
    "unsupported-job-type": Type(415, "The media type of the job is not supported", X4, "unsupported-media-type"),
    "unsupported-schema": Type(422, "The schema of the job is not supported", X4),
    "locked": Type(423, "The job can't be changed any more", X4),
    "invalid-document": Type(400, "The body can't be read"),
    "document-too-large": Type(413, "The body is too large"),
    "document-too-complex": Type(422, "The body is too complex"),
    "invalid-process": Type(422, "The process can't be registered"),
    "best-practice-unmet": Type(422, "The process does not meet OGC's best practice for packages"),
    "unsupported-requirement": Type(422, "The process asks for what this server does not offer"),
    "unsafe-reference": Type(422, "The process refers to places outside itself"),
    "no-container": Type(422, "The process names no container image"),
    "invalid-image-reference": Type(422, "The container image can't be used"),
    "invalid-input": Type(400, "The inputs do not fit the process"),
    "authentication-required": Type(401, "A token is needed"),
    "invalid-token": Type(401, "The token is not good, or not any more"),
    "insufficient-scope": Type(403, "The token does not allow this"),
    "cross-site": Type(403, "A page of another site can't do this"),
    "misdirected": Type(421, "This server has another name"),
    "not-owner": Type(403, "It belongs to somebody else"),
    "unsupported-content-type": Type(415, "The body has to be JSON"),
    "too-many-requests": Type(429, "Too much is asked for at once"),
    "quota-exceeded": Type(403, "More is kept, or asked for, than one user may have"),
    "not-acceptable": Type(406, "The answer is not available in an accepted form"),
    "not-found": Type(404, "There is nothing at this path"),
    "method-not-allowed": Type(405, "The method is not allowed here"),
    "bad-request": Type(400, "The request can't be understood"),
    "unsupported-content-coding": Type(415, "The body is coded in a way that is not read"),
    "request-timeout": Type(408, "The request did not come in time"),
    "range-not-satisfiable": Type(416, "The file has no such range"),
    "header-too-large": Type(431, "The headers are too large"),
    "engine-unavailable": Type(503, "The container engine does not answer"),
    "file-not-ready": Type(404, "The job has not written the file yet"),
    "resources-exceed-server": Type(422, "The process needs more than this server has"),
    "idempotency-conflict": Type(422, "The Idempotency-Key was sent with another request"),
    "database-busy": Type(503, "The database is busy"),
    "launcher-unavailable": Type(503, "No process can be started"),
    "issuer-unavailable": Type(503, "The issuer of tokens does not answer"),
    "draining": Type(503, "The server is being stopped"),
    "insufficient-storage": Type(507, "The disk of the server is full"),
    "internal-error": Type(500, "The server failed"),
    # Why a job failed.
    "tool-failed": Type(400, "The tool ended with an error"),
    "container-refused": Type(400, "The container engine does not start the container"),
    "killed": Type(400, "The tool was killed from outside"),
    "out-of-memory": Type(400, "The tool needed more memory than it may have"),
    "time-limit": Type(400, "The tool ran longer than its limit"),
    "expression-error": Type(400, "An expression can't be evaluated"),
    "output-missing": Type(400, "The tool left out an output"),
    "output-invalid": Type(400, "An output can't be taken"),
    "output-outside": Type(400, "An output lies outside the job's folder"),
    "scatter-too-wide": Type(400, "A step is scattered over too many parts"),
    "output-limit": Type(400, "The tool wrote more than it may"),
    "file-outside": Type(400, "A File or Directory lies outside the job"),
    "image-unavailable": Type(400, "The container image is not available"),
    "fetch-failed": Type(400, "What an href names can't be fetched"),
    "remote-failed": Type(400, "A process of another server gives no result"),
    "checksum-mismatch": Type(400, "What an href gives has another checksum"),
    "run-refused": Type(400, "cwltool refused the run"),
    "execution-failed": Type(400, "Executions of the batch were not successful"),
    "no-space": Type(507, "The disk was full while the job ran"),
    "server-stopped": Type(500, "The server was stopped while the job ran"),
    "secrets-lost": Type(500, "The secrets of the job are not there any more"),
    "runner-lost": Type(500, "The run was ended from outside"),
    "runner-error": Type(500, "The run could not be carried out"),
}


class ProblemError(Exception):
    """A problem that arises in the server itself, by its name in `TYPES`."""

    def __init__(self, name: str, detail: str, errors: list[FieldError] | None = None, **headers: str) -> None:
        super().__init__(detail)
        self.name = name
        self.errors = errors or []
        self.headers = headers


#: Exceptions of the packages below → the name of their problem type.
_NAMES: dict[type[Exception], str] = {
    registry.ProcessNotFoundError: "no-such-process",
    registry.JobNotFoundError: "no-such-job",
    registry.ProcessExistsError: "duplicated-process",
    registry.ProcessImmutableError: "immutable-process",
    bridge.InvalidDocumentError: "invalid-document",
    bridge.TooComplexError: "document-too-complex",
    bridge.TooLargeError: "document-too-large",
    bridge.InvalidProcessError: "invalid-process",
    nested.WorkflowError: "workflow-error",
    nested.MismatchError: "workflow-mismatch",
    bridge.WorkflowNotFoundError: "workflow-not-found",
    BestPracticeError: "best-practice-unmet",
    bridge.UnsupportedRequirementError: "unsupported-requirement",
    bridge.UnsafeReferenceError: "unsafe-reference",
    bridge.NoContainerError: "no-container",
    bridge.InvalidImageError: "invalid-image-reference",
    bridge.InvalidInputsError: "invalid-input",
    bridge.ContainerEngineError: "engine-unavailable",
    bridge.ResourcesExceedError: "resources-exceed-server",
    registry.IdempotencyConflictError: "idempotency-conflict",
    registry.DatabaseBusyError: "database-busy",
    registry.StorageFullError: "insufficient-storage",
    registry.QuotaExceededError: "quota-exceeded",
    registry.TooManyRequestsError: "too-many-requests",
    LauncherError: "launcher-unavailable",
}

_HTTP_NAMES = {404: "not-found", 405: "method-not-allowed"}


def document(base: str, name: str, detail: str, errors: list[FieldError] | None = None) -> dict[str, Any]:
    """A problem without its `instance`."""
    kind = TYPES[name]
    found = {"type": _uri(base, name), "title": kind.title, "status": kind.status, "detail": detail}
    return {**found, "errors": [each.member() for each in errors]} if errors else found


def of_failure(base: str, failure: Failure) -> dict[str, Any]:
    """A failed job's problem: the reason, and the step, exit code and last lines where there are any."""
    found = document(base, failure.reason, failure.message)
    extra = {"step": failure.step, "exitCode": failure.exit_code, "log": list(failure.log) or None}
    return {**found, **{key: each for key, each in extra.items() if each is not None}}


def response(request: Request, problem: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    accept = request.headers.get("accept")
    if negotiate.likes_html(accept, PROBLEM):
        shown = {**problem, "instance": request.url.path}
        text = pages.page(shown, "Problem", links.of(request)).encode(errors="replace")
        given = {"Vary": "Accept", **(headers or {}), **pages.HEADERS}
        return Response(text, status_code=problem["status"], headers=given, media_type=pages.HTML)
    # application/json where it is asked for by name: the official test suite takes nothing else there.
    liked = negotiate.quality_by_name(accept, links.JSON)
    plain = liked > 0 and liked >= negotiate.quality_by_name(accept, PROBLEM)
    return JSONResponse(
        {**problem, "instance": request.url.path},
        status_code=problem["status"],
        headers={"Vary": "Accept", **(headers or {})},
        media_type=links.JSON if plain else PROBLEM,
    )


def _uri(base: str, name: str) -> str:
    prefix = TYPES[name].prefix
    return prefix + (TYPES[name].ending or name) if prefix else f"{base}/problems/{name}"


async def on_known_error(request: Request, error: Exception) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, ProblemError):
        name, headers = error.name, error.headers
    else:
        name = next(_NAMES[kind] for kind in type(error).__mro__ if kind in _NAMES)
    if isinstance(error, registry.TooManyRequestsError):
        headers = {"Retry-After": str(error.retry_after)}
    if TYPES[name].status in (503, 507):
        headers = {**headers, "Retry-After": str(RETRY_SECONDS)}
    errors = error.errors if isinstance(error, bridge.BridgeError | ProblemError) else None
    return response(request, document(links.base(request), name, str(error), errors), headers)


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    name = _HTTP_NAMES.get(error.status_code, "bad-request")
    detail = {
        "not-found": f"There is nothing at {request.url.path}{_without_slash(request)}; "
        f"the landing page is {links.base(request)}/.",
        "method-not-allowed": f"{request.method} is not allowed at {request.url.path}.",
    }.get(name, error.detail)
    return response(request, document(links.base(request), name, detail), dict(error.headers or {}))


def _without_slash(request: Request) -> str:
    """No redirection: a Location would be all that an answer has of a Host that may be anybody's."""
    path = request.url.path
    return f", but there may be at {path.rstrip('/')}" if path.rstrip("/") and path.endswith("/") else ""


async def on_os_error(request: Request, error: Exception) -> Response:
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return await on_known_error(request, ProblemError("insufficient-storage", "The disk of the server is full."))
    return await on_unknown_error(request, error)


async def on_unknown_error(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "The server failed; its log says why."
    return response(request, document(links.base(request), "internal-error", detail))


HANDLERS: dict[Any, Any] = {
    **dict.fromkeys([ProblemError, *_NAMES], on_known_error),
    HTTPException: on_http_error,
    OSError: on_os_error,
    Exception: on_unknown_error,
}
