"""What a route is: its path and handler, and what the API definition says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A query parameter or request header."""

    name: str
    description: str
    #: string, integer.
    type: str = "string"
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
    method: str = "GET"
    tag: str = "Common"
    #: Status → what it means; every answer but 500 and 405, which all have.
    answers: dict[int, str]
    #: Media types of the successful answer.
    gives: tuple[str, ...] = ("application/json",)
    #: Media types of the request body.
    takes: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()


LIMIT = Parameter(name="limit", type="integer", description="How many items a page has at the most.")
CURSOR = Parameter(name="cursor", description="Where the page begins or ends; `next` and `prev` links have it.")
KEY = Parameter(name="Idempotency-Key", where="header", description="The same request again makes nothing new.")
FORM = Parameter(name="f", description="cwl, or a picture as dot or svg.")

NO_PROCESS = {404: "No such process"}
NO_JOB = {404: "No such job"}
NO_FILE = {404: "No such job, or it has not come so far; the problem says so"}
