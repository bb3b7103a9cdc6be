"""Tokens of an OpenID Connect issuer: JWTs (RFC 9068, RFC 7519) that are verified here, with the issuer's keys.

The issuer is asked for its keys, and for nothing else: where they are (Discovery, 4) and what they are (RFC 7517). It
is asked again after an hour, and where a token names a key that is not known, at most once a minute. While it does not
answer, its keys are good for a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

import jwt

from cwl_bridge.addresses import Allowed
from cwl_bridge.fetch import FetchError, to_bytes
from registry.models import Principal, Scope
from registry.shares import ALL
from server import hosts
from server.auth import invalid
from server.problems import ProblemError
from server.settings import Settings

_log = logging.getLogger("cwl_processes")

#: Signatures with a public key; the type that the key has to have (RFC 7518, 3.1 and 6.1; RFC 8037).
ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "ES384": "EC", "EdDSA": "OKP"}

LEEWAY_SECONDS = 30
FRESH_SECONDS, GOOD_SECONDS, AGAIN_SECONDS = 3600.0, 86_400.0, 60.0
PATIENCE_SECONDS = 10.0
MAX_BYTES = 1 << 20
MAX_NAME = 256
#: Tokens that have been found good, kept until they expire.
MAX_KNOWN = 10_000

_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Issuer:
    """What is taken from it, and how it calls things."""

    url: str
    audience: str
    #: The claims that have the name and the scopes.
    name: str
    scopes: str
    #: Beside the issuer's own host.
    fetch_allow: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Issuer:
        return cls(
            url=settings.oidc_issuer,
            audience=settings.oidc_audience,
            name=settings.oidc_name,
            scopes=settings.oidc_scopes,
            fetch_allow=settings.fetch_allow,
        )

    def keys(self) -> dict[str, jwt.PyJWK]:
        """By their ids. Raises FetchError, ValueError."""
        # The operator named the host: it may be a private one.
        allowed = Allowed((*self.fetch_allow, urlsplit(self.url).netloc))
        found = json.loads(to_bytes(self.url.rstrip("/") + _WELL_KNOWN, allowed, MAX_BYTES))
        place = found.get("jwks_uri") if isinstance(found, dict) else None
        if not isinstance(place, str) or found.get("issuer") != self.url:
            raise ValueError(f"{self.url} does not describe itself as an issuer with keys.")
        if not hosts.is_guarded(place):
            raise ValueError(f"{self.url} has its keys at {place[:200]}, which is not https.")
        given = json.loads(to_bytes(place, allowed, MAX_BYTES))
        listed = given.get("keys") if isinstance(given, dict) else None
        return {each.key_id or "": each for each in map(_key, listed if isinstance(listed, list) else []) if each}


def _key(given: Any) -> jwt.PyJWK | None:
    """One that verifies; issuers may have others."""
    if not isinstance(given, dict) or given.get("use", "sig") != "sig" or given.get("kty") not in ALGORITHMS.values():
        return None
    try:
        return jwt.PyJWK(given)
    except jwt.PyJWTError:
        return None


@dataclass
class Oidc:
    """The tokens of one issuer (auth=oidc)."""

    issuer: Issuer
    #: Threads that fetch.
    fetching: Executor
    asks: bool = True
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    #: When the keys came, and when they were asked for last; by the clock that never jumps.
    _came: float | None = None
    _asked: float | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _refresh: asyncio.Task[None] | None = None
    #: Hash of a token → whose it is, and when it expires.
    _known: dict[bytes, tuple[Principal, float]] = field(default_factory=dict)

    async def principal(self, token: str) -> Principal:
        hashed = hashlib.sha256(token.encode("latin-1")).digest()
        known = self._known.get(hashed)
        if known is not None and time.time() < known[1]:
            return known[0]
        self._known.pop(hashed, None)
        claims = await self._verified(token)
        found = _principal(claims, self.issuer)
        if len(self._known) >= MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[hashed] = found, float(claims["exp"])
        return found

    async def _verified(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            _refuse("it is no JWT")
        algorithm, key_id = header.get("alg"), header.get("kid", "")
        if algorithm not in ALGORITHMS:
            _refuse(f"its algorithm is {str(algorithm)[:20]!r}")
        key = await self._key(key_id)
        if key is None or key.key_type != ALGORITHMS[algorithm]:
            _refuse("its key is not known")
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=self.issuer.audience,
                issuer=self.issuer.url,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            invalid("The token has expired.")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            _refuse(str(error))

    async def _key(self, key_id: object) -> jwt.PyJWK | None:
        """Raises ProblemError where the issuer has to be asked and does not answer."""
        if not isinstance(key_id, str):
            return None
        if self._age() > FRESH_SECONDS and self._age() < GOOD_SECONDS and self._may_ask():
            # Nobody waits for it: the keys are still good.
            self._refresh = asyncio.create_task(self._ask(), name="keys of the issuer")
        if (key_id not in self._keys or self._age() > GOOD_SECONDS) and self._may_ask():
            await self._ask()
        if self._age() > GOOD_SECONDS:
            detail = "The issuer of the tokens does not answer; ask again in a moment."
            raise ProblemError("issuer-unavailable", detail)
        return self._keys.get(key_id)

    def _age(self) -> float:
        return GOOD_SECONDS * 2 if self._came is None else time.monotonic() - self._came

    def _may_ask(self) -> bool:
        return self._asked is None or time.monotonic() - self._asked > AGAIN_SECONDS or self._asking.locked()

    async def _ask(self) -> None:
        """Once for all who wait for it."""
        waited = self._asking.locked()
        async with self._asking:
            if waited:
                return
            self._asked = time.monotonic()
            loop = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    self._keys = await loop.run_in_executor(self.fetching, self.issuer.keys)
                self._came = time.monotonic()
            except (FetchError, ValueError, TimeoutError) as error:
                _log.warning("the keys of %s are not to be had: %s", self.issuer.url, error or "it is too slow")


def _principal(claims: Mapping[str, Any], issuer: Issuer) -> Principal:
    name, given = claims.get(issuer.name), claims.get(issuer.scopes, "")
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or name == ALL:
        _refuse(f"its claim {issuer.name} is no name")
    words = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    return Principal(
        name=name,
        scopes=frozenset(each for each in Scope if each in words),
        token=str(claims.get("jti", ""))[:MAX_NAME],
    )


def _refuse(why: str) -> NoReturn:
    """The reason is for the log: who has no good token learns nothing of what would be one."""
    _log.info("a token was refused: %s", why)
    invalid("The token is not valid.")
