"""From endpoints to what answers a request: one route for each path, and what holds for every one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from server import auth, browser, queries
from server.endpoints import Endpoint, Handler


def routes(endpoints: Iterable[Endpoint]) -> Iterator[Route]:
    """One Route for each path: Starlette answers 405 where none of its methods fits."""
    by_path: dict[str, list[Endpoint]] = {}
    for each in endpoints:
        by_path.setdefault(each.path, []).append(each)
    for path, those in by_path.items():
        by_method = {each.method: each for each in those}
        yield Route(path, _by_method(by_method), name=those[0].name, methods=[*by_method, "OPTIONS"])


def _by_method(endpoints: dict[str, Endpoint]) -> Handler:
    allowed = ", ".join([*endpoints, *(["HEAD"] if "GET" in endpoints else []), "OPTIONS"])

    async def handle(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        endpoint = endpoints["GET" if request.method == "HEAD" else request.method]
        auth.check(request, endpoint.scope)
        browser.check_origin(request, endpoint.scope, request.app.state.settings)
        if request.url.query:
            queries.check(endpoint, (name for name, _ in request.query_params.multi_items()))
        request.state.endpoint = endpoint
        response = await endpoint.handler(request)
        # Whatever form it has now, it may have others.
        response.headers.add_vary_header("Accept")
        return response

    return handle


class Holding:
    """What a request holds on to, it lets go when it has been answered (see services.hold)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with ExitStack() as held:
            if scope["type"] == "http":
                scope["state"]["held"] = held
            await self._app(scope, receive, send)
