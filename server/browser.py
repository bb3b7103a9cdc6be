"""What keeps pages of other sites from acting through the browser of whoever reaches this server.

Without tokens the network is all that lets somebody in, and a browser on it goes wherever a page sends it. So the name
by which such a server is called has to be its own (else a name of somebody else's, which leads here, makes their page
one of this site), and no page of another site changes anything. With tokens neither is needed: no browser adds one by
itself.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import models
from server import hosts
from server.problems import ProblemError
from server.settings import Settings

#: Whatever a browser makes of an answer, it is no page that can do anything, and no part of another site's.
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)

#: Where a browser says that a request comes from, beside the site itself (Fetch Metadata).
_ELSEWHERE = ("cross-site", "same-site")


class Safe:
    """Says so with every answer; pages say themselves what they may do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in HEADERS if each[0] not in given)]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def cors_origins(settings: Settings) -> tuple[str, ...]:
    """The sites whose pages may use the server: where tokens are asked for all, unless it is said otherwise."""
    return settings.cors_origins or (() if settings.auth == "none" else ("*",))


def check_host(scope: Scope, settings: Settings) -> None:
    """Whether a request to a server that asks nobody calls it by a name of its own. Raises ProblemError."""
    if settings.auth != "none" or settings.allow_anonymous == "yes":
        return
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    name = hosts.of_url(f"//{host}")
    # A name without a dot is none that somebody elsewhere could have, and an address leads where it says.
    is_plain = "." not in name or hosts.is_address(name) or name.endswith(".localhost")
    if not is_plain and name not in (settings.host, hosts.of_url(settings.public_url)):
        detail = (
            f"This server is not known as {name[:80]!r}. Is it behind a proxy, the setting public_url says its URL."
        )
        raise ProblemError("misdirected", detail)


def check_origin(request: Request, scope: models.Scope | None, settings: Settings) -> None:
    """Whether a request that changes something comes from no page of another site. Raises ProblemError."""
    if settings.auth != "none" or scope in (None, models.Scope.READ):
        return
    origin = request.headers.get("origin")
    if origin is None:
        elsewhere = request.headers.get("sec-fetch-site", "") in _ELSEWHERE
    else:
        own = (request.headers.get("host", ""), urlsplit(settings.public_url).netloc)
        elsewhere = not origin.partition("://")[2] or origin.partition("://")[2] not in own
    allowed = cors_origins(settings)
    if elsewhere and "*" not in allowed and origin not in allowed:
        detail = f"A page of {(origin or 'another site')[:80]} wants this; the setting cors_origins says who may."
        raise ProblemError("cross-site", detail)
