"""Tokens of a real issuer, which people use elsewhere: what it makes is taken for what it is, and nothing else is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server import oidc
from server.problems import ProblemError
from tests import provider
from tests.live import Server, serving, shell_package
from tests.provider import AUDIENCE, ELSEWHERE, OPAQUE, Issuer, Key
from tests.server.accounts import client, problem

pytestmark = pytest.mark.skipif(bool(provider.MISSING), reason=provider.MISSING)

KEY = Key("first")
HOUR, DAY = 3600, 86_400


@dataclass
class World:
    issuer: Issuer
    server: Server

    def get(self, token: str, path: str = "/jobs") -> httpx.Response:
        return self.server.http.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("provider") / "data"
    with provider.issuing(KEY) as issuer:
        settings = {"AUTH": "oidc", "OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": AUDIENCE}
        with serving(data, SHUTDOWN="stop", **settings) as server:
            yield World(issuer, server)


@pytest.fixture
def restarted(world: World) -> Iterator[Issuer]:
    """One that is started anew, with other keys perhaps; the next test has it as it was."""
    yield world.issuer
    world.issuer.start(KEY)


def test_what_scopes_allow(world: World) -> None:
    """Each what it says: scopes are those of the audience."""
    body = {"process": "echo", "inputs": {"stringInput": "x"}}
    answered = {}
    for scope in ("read", "execute", "deploy"):
        with client(world.server, world.issuer.token("alice", scope)) as http:
            asked = [http.get("/jobs"), http.post("/jobs", json=body), http.post("/processes", json=_package(scope))]
        answered[scope] = [each.status_code for each in asked]

    assert answered == {"read": [200, 403, 403], "execute": [200, 201, 403], "deploy": [200, 403, 201]}


def _package(scope: str) -> object:
    return shell_package(f"of-{scope}", "true")


def test_what_belongs_to_whom(world: World) -> None:
    """A client of the issuer is a name here; others are others, and an admin sees what is theirs."""
    with client(world.server, world.issuer.token("alice", "execute")) as http:
        made = http.post("/jobs", json={"process": "echo", "inputs": {"stringInput": "x"}}).headers["location"]

    assert problem(world.get(world.issuer.token("bob", "read execute"), made)) == (404, "no-such-job")
    assert world.get(world.issuer.token("root", "admin"), made).is_success


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _tampered(issuer: Issuer) -> str:
    """Scopes that the issuer has not given."""
    header, payload, signature = issuer.token("alice", "read").split(".")
    claims = jwt.decode(f"{header}.{payload}.{signature}", options={"verify_signature": False})
    return f"{header}.{_part({**claims, 'scope': 'admin'})}.{signature}"


def _unsigned(issuer: Issuer) -> str:
    return f"{_part({'alg': 'none', 'typ': 'at+jwt', 'kid': KEY.id})}.{issuer.token('alice', 'read').split('.')[1]}."


def _signed_with_the_public_key(issuer: Issuer) -> str:
    said = f"{_part({'alg': 'HS256', 'kid': KEY.id})}.{issuer.token('alice', 'read').split('.')[1]}"
    secret = KEY.own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signature = hmac.digest(secret, said.encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _of_an_unknown_key(issuer: Issuer) -> str:
    claims = jwt.decode(issuer.token("alice", "read"), options={"verify_signature": False})
    return jwt.encode(claims, Key("x").own, "RS256", headers={"kid": "x"})


BAD: dict[str, Callable[[Issuer], str]] = {
    "wrong-audience": lambda issuer: issuer.token("alice", "read", ELSEWHERE),
    # Its key has the same id, and it says the same of everything else.
    "other-issuer": lambda issuer: issuer.token("alice", "read", url=issuer.stranger),
    "opaque": lambda issuer: issuer.token("alice", "read", OPAQUE),
    "tampered": _tampered,
    "unsigned": _unsigned,
    "public-key-as-a-secret": _signed_with_the_public_key,
    "unknown-key": _of_an_unknown_key,
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tokens(world: World, name: str) -> None:
    """401, and not a word of what is wrong."""
    answer = world.get(BAD[name](world.issuer))

    assert problem(answer) == (401, "invalid-token")
    assert answer.json()["detail"] == "The token is not valid."


def test_an_expired_token(world: World, restarted: Issuer) -> None:
    """Of an issuer whose clock is late by more than its tokens are good for."""
    restarted.start(KEY, behind=HOUR)

    answer = world.get(restarted.token("alice", "read"))

    assert problem(answer) == (401, "invalid-token")
    assert "expired" in answer.json()["detail"]


def test_an_issuer_that_is_away(world: World, restarted: Issuer) -> None:
    """What it has signed is good without it."""
    assert world.get(restarted.token("alice", "read")).is_success
    token = restarted.token("bob", "read")
    restarted.stop()

    assert world.get(token).is_success


class Clock(SimpleNamespace):
    """What `oidc` has for `time`: the clock that never jumps goes on when it is told to."""

    passed = 0.0

    def monotonic(self) -> float:
        return 1e6 + self.passed

    def time(self) -> float:
        return time.time()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(oidc, "time", found)
    return found


def test_keys(restarted: Issuer, clock: Clock) -> None:
    """They are asked for once; again for one that is not known, once a minute; and are good for a day without it."""
    asked = [_of_an_unknown_key(restarted) for _ in range(3)]
    first, once_more = (restarted.token("alice", "read") for _ in range(2))

    async def steps(executor: ThreadPoolExecutor) -> None:
        verifier = oidc.Oidc(oidc.Issuer(restarted.url, AUDIENCE, "sub", "scope"), executor)

        async def taken(token: str) -> bool | str:
            try:
                return (await verifier.principal(token)).name == "alice"
            except ProblemError as error:
                return error.name

        assert await taken(first) is True
        assert [await taken(each) for each in asked] == ["invalid-token"] * 3
        assert restarted.asked() == 1
        clock.passed += 61
        assert [await taken(each) for each in asked] == ["invalid-token"] * 3
        assert restarted.asked() == 2

        restarted.start(Key("second"))
        second = restarted.token("alice", "read")
        # The minute is not over.
        assert await taken(second) == "invalid-token"
        clock.passed += 61
        assert await taken(second) is True
        # What was found good is looked at once; the other is signed with a key that is gone.
        assert await taken(once_more) == "invalid-token"

        third = restarted.token("alice", "read")
        restarted.stop()
        clock.passed += DAY - 60
        assert await taken(third) is True
        clock.passed += 120
        assert await taken(_of_an_unknown_key_now()) == "issuer-unavailable"

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(steps(executor))


def _of_an_unknown_key_now() -> str:
    return jwt.encode({"exp": int(time.time()) + 60}, Key("x").own, "RS256", headers={"kid": "x"})
