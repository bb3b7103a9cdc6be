"""What somebody has of what all share, and how much it may have."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from registry.models import Scope
from server import auth, links, render, services
from server.endpoints import Endpoint, Parameter
from server.routes.common import answer


async def usage(request: Request) -> Response:
    who = auth.principal(request)
    owner = request.query_params.get("owner", who.name)
    if owner != who.name and not who.is_admin:
        raise auth.insufficient(Scope.ADMIN, "Only an admin sees what others use.")
    quotas = services.of(request).quotas
    return answer(request, render.usage(links.of(request), owner, await quotas.used(owner), quotas.allowed))


ENDPOINTS = [
    Endpoint(
        path="/usage",
        name="usage",
        handler=usage,
        summary="What you have of what all share, and how much you may have",
        scope=Scope.READ,
        tag="Jobs",
        parameters=(Parameter(name="owner", description="Whose; another than oneself is for admins."),),
        answers={200: "Jobs that wait and run, CPU hours within a day, bytes that are kept"},
        schemas={200: "used"},
    ),
]
