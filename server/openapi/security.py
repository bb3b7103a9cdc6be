"""What the API definition says of tokens. Pure."""

from __future__ import annotations

from dataclasses import replace

from registry.models import JSON, Scope
from server.endpoints import Endpoint

#: Answers that every operation has where tokens are asked for.
_ANSWERS = {401: "There is no token, or it is not good", 403: "The token does not allow this"}

_BEARER: JSON = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of this server. Scopes: read, execute, deploy; admin is all of them.",
}


def secured(endpoint: Endpoint) -> Endpoint:
    """As it is where tokens are asked for."""
    answers = dict(endpoint.answers)
    if 403 in answers:
        answers[403] = f"{answers[403]}; or the token does not allow this"
    return replace(endpoint, answers={**_ANSWERS, **answers})


def unsecured(endpoint: Endpoint) -> Endpoint:
    """As it is where nobody is asked."""
    return replace(endpoint, scope=None)


def components(endpoints: list[Endpoint]) -> JSON:
    """For the components of a definition."""
    return {"securitySchemes": {"bearer": _BEARER}} if any(each.scope for each in endpoints) else {}


def of(scope: Scope | None) -> JSON:
    """For an operation: what who calls it needs."""
    return {"security": [{"bearer": []}]} if scope else {}
