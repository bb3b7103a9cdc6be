"""Who a request comes from, and whether it may do what it asks for: bearer tokens (RFC 6750)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import audit, models, tokens
from registry.audit import Actor
from registry.errors import RegistryError
from registry.models import ANONYMOUS, EVERYBODY, Principal, Token, now
from server import browser, parties, problems
from server.parties import PARTY
from server.problems import ProblemError
from server.rates import Rate

_REALM = 'Bearer realm="cwl-processes"'
#: Of a token; longer than any that is one.
_LONGEST = 8 << 10

_PRINCIPAL = "principal"

#: Who looks after the server asks as often as it likes, from wherever: the same for everybody, and cheap.
_UNCOUNTED = frozenset({"/health", "/health/ready"})


class Authenticator(Protocol):
    """Who has a token. Where `asks` is false everybody is alike, and headers are not looked at."""

    asks: bool

    async def principal(self, token: str) -> Principal:
        """Raises ProblemError where the token is not good, or not any more."""


class Nobody:
    """Asks nobody (auth=none)."""

    asks = False

    async def principal(self, token: str) -> Principal:  # noqa: ARG002
        return EVERYBODY


class Tokens:
    """The tokens of the database (auth=token): each is looked up once after every commit, and kept in memory.

    `version`: of the database (Database.version). Who revokes a token commits.
    """

    asks = True

    def __init__(self, kept: tokens.Tokens, version: Callable[[], int | None]) -> None:
        self._kept = kept
        self._version = version
        self._seen: int | None = None
        self._known: dict[bytes, Token] = {}

    async def principal(self, token: str) -> Principal:
        hashed = tokens.digest(token)
        version = self._version()
        if version is None or version != self._seen:
            self._known.clear()
            self._seen = version
        found = self._known.get(hashed)
        if found is None:
            found = await self._kept.find(hashed)
            if found is not None and version is not None and version == self._seen:
                self._known[hashed] = found
        if found is None or found.revoked is not None:
            invalid("The token is not valid.")
        if found.expires is not None and found.expires <= now():
            invalid("The token has expired.")
        return found.principal


def invalid(detail: str) -> NoReturn:
    """The token that came is not taken; why is said no further (RFC 6750, 3.1)."""
    challenge = f'{_REALM}, error="invalid_token", error_description="{detail}"'
    raise ProblemError("invalid-token", detail, None, **{"WWW-Authenticate": challenge})


def principal(request: Request) -> Principal:
    """Who a request comes from."""
    found: Principal = request.scope["state"][_PRINCIPAL]
    return found


async def check_again(request: Request, authenticator: Authenticator) -> None:
    """Whether the token of a request that lasts is still good. Raises ProblemError."""
    if authenticator.asks:
        await _identified(request.scope, authenticator)


def check(request: Request, scope: models.Scope | None) -> None:
    """Whether who asks may. `scope`: what is needed; None: nothing, whoever it is."""
    if scope is None:
        return
    who = principal(request)
    if not who.scopes:
        detail = f"This needs a token with the scope {scope}: Authorization: Bearer …."
        raise ProblemError("authentication-required", detail, None, **{"WWW-Authenticate": _REALM})
    if not who.may(scope):
        raise insufficient(scope, f"This needs the scope {scope}; the token has {', '.join(sorted(who.scopes))}.")


def insufficient(scope: models.Scope, detail: str) -> ProblemError:
    challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
    return ProblemError("insufficient-scope", detail, None, **{"WWW-Authenticate": challenge})


class Authentication:
    """Outside of all that answers: a token that is not good is refused everywhere, also where none is needed, and so is
    who asks too often, before anything is read.

    What is answered is for nobody else, where somebody is asked.
    """

    def __init__(self, app: ASGIApp, each_minute: int, bad_tokens: int) -> None:
        """`each_minute`, `bad_tokens`: requests of one party; 0: any number."""
        self._app = app
        # Apart: no flood of addresses makes users forgotten, and nobody uses up what somebody with a token has.
        self._users, self._addresses, self._bad = Rate(each_minute), Rate(each_minute), Rate(bad_tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        address = client[0] if client else ""
        authenticator: Authenticator = scope["state"]["services"].authenticator
        if not authenticator.asks:
            scope["state"][_PRINCIPAL] = EVERYBODY
            await self._unasked(scope, receive, send, address)
            return

        async def apart(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Not in place: an answer from memory is sent again.
                message = {**message, "headers": list(message["headers"])}
                _keep_apart(MutableHeaders(raw=message["headers"]))
            await send(message)

        try:
            who = scope["state"][_PRINCIPAL] = await self._identified(scope, authenticator, address)
        except (ProblemError, RegistryError) as error:
            refused = await problems.on_known_error(Request(scope), error)
            await browser.Safe(refused)(scope, receive, apart)
            return
        audit.ACTOR.set(Actor(principal=who, address=address))
        await self._app(scope, receive, apart)

    async def _identified(self, scope: Scope, authenticator: Authenticator, address: str) -> Principal:
        """Raises ProblemError, RegistryError."""
        try:
            who = await _identified(scope, authenticator)
        except ProblemError as error:
            # Each is looked up all the same: a good one behind the same address is never shut out.
            if error.name == "invalid-token":
                _count(self._bad, parties.of_address(address), scope, "with tokens that are not good")
            raise
        if who.name:
            PARTY.set(parties.of_user(who.name))
            _count(self._users, PARTY.get(), scope)
        else:
            PARTY.set(parties.of_address(address))
            _count(self._addresses, PARTY.get(), scope)
        return who

    async def _unasked(self, scope: Scope, receive: Receive, send: Send, address: str) -> None:
        PARTY.set(parties.of_address(address))
        try:
            _count(self._addresses, PARTY.get(), scope)
            browser.check_host(scope, scope["app"].state.settings)
        except ProblemError as error:
            refused = await problems.on_known_error(Request(scope), error)
            await browser.Safe(refused)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _count(rate: Rate, party: str, scope: Scope, which: str = "of yours") -> None:
    """Raises ProblemError where there were too many."""
    seconds = 0 if scope["path"] in _UNCOUNTED else rate.take(party)
    if seconds:
        detail = f"{rate.each_minute} requests a minute {which} are answered; there is room again in {seconds} seconds."
        raise ProblemError("too-many-requests", detail, None, **{"Retry-After": str(seconds)})


def _keep_apart(headers: MutableHeaders) -> None:
    headers.add_vary_header("Authorization")
    if headers.get("cache-control", "no-cache") == "no-cache":
        headers["cache-control"] = "private, no-cache"


async def _identified(scope: Scope, authenticator: Authenticator) -> Principal:
    """Raises ProblemError, RegistryError."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if not given:
        return ANONYMOUS
    kind, _, token = given[0].decode("latin-1").strip().partition(" ")
    token = token.strip()
    if len(given) > 1 or kind.lower() != "bearer" or not 0 < len(token) <= _LONGEST:
        invalid("A request has one header Authorization, with Bearer and a token.")
    return await authenticator.principal(token)
