"""What a route is: its path and handler, and what the API definition says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from registry.models import JSON, Scope

#: The forms of a document (server.forms).
DOCUMENT = ("application/json", "text/html")

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A query parameter or request header."""

    name: str
    description: str
    #: string, integer; of a list, of each item.
    type: str = "string"
    #: What JSON Schema says of its value beside the type.
    bounds: JSON = field(default_factory=dict)
    where: str = "query"
    #: A list: separated by commas, and given as often as one likes.
    many: bool = False


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method at one path. Endpoints of one path share its name."""

    path: str
    name: str
    handler: Handler
    summary: str
    #: What who asks has to be allowed; None: it is open to everybody.
    scope: Scope | None
    method: str = "GET"
    tag: str = "Common"
    #: Status → what it means; every answer but those that all endpoints have (openapi.document.EVERYWHERE).
    answers: dict[int, str]
    #: Status of success → what its JSON is, by its name in openapi.schemas.
    schemas: dict[int, str] = field(default_factory=dict)
    #: Media types of the successful answer.
    gives: tuple[str, ...] = DOCUMENT
    #: Media types of the request body.
    takes: tuple[str, ...] = ()
    #: Whether the body may be left out.
    takes_nothing: bool = False
    #: Media type of the request body → what it is, by its name in openapi.schemas; others are bytes.
    bodies: dict[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    #: Member of `subscriber` in the request body → what is sent there.
    callbacks: tuple[tuple[str, str], ...] = ()
    #: Whether the query is the handler's to read: its parameters are not the same for every process.
    reads_query: bool = False


LIMIT = Parameter(
    name="limit",
    type="integer",
    description="How many items a page has at the most; above the maximum it is lowered.",
    bounds={"minimum": 1, "default": 10},
)
CURSOR = Parameter(
    name="cursor",
    description="Where the page begins or ends; `next` and `prev` links have it.",
    bounds={"minLength": 1},
)
KEY = Parameter(
    name="Idempotency-Key",
    where="header",
    description="The same request again makes nothing new.",
    bounds={"minLength": 1, "maxLength": 255},
)
FORM = Parameter(
    name="f",
    description="cwl, or a picture as dot or svg; goes before Accept.",
    bounds={"enum": ["cwl", "dot", "svg"]},
)

NO_PROCESS = {404: "No such process"}
NO_JOB = {404: "No such job"}
#: Of what is a file, or may be one.
RANGES = {206: "A range of the file", 416: "The file has no such range"}
NO_FILE = {404: "No such job, or it has not come so far; the problem says so"}
