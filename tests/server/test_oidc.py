"""Tokens of an issuer, which runs here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from server.settings import SettingsError, load
from tests.issuer import AUDIENCE, Issuer, issuing
from tests.live import Server, serving
from tests.server.accounts import problem


@dataclass
class World:
    issuer: Issuer
    server: Server

    def get(self, token: str, path: str = "/jobs") -> httpx.Response:
        return self.server.http.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("oidc") / "data"
    with issuing() as issuer, serving(data, AUTH="oidc", OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=AUDIENCE) as server:
        yield World(issuer, server)


@pytest.mark.parametrize(
    ("key_id", "algorithm", "claims"),
    [
        ("first", "RS256", {}),
        ("first", "PS256", {}),
        ("curve", "ES256", {}),
        ("first", "RS256", {"aud": ["other", AUDIENCE]}),
        ("first", "RS256", {"scope": ["read", "execute"]}),
        # Clocks may differ by so much.
        ("first", "RS256", {"exp": -10}),
    ],
)
def test_good_tokens(world: World, key_id: str, algorithm: str, claims: dict[str, Any]) -> None:
    """They may do what their scopes say, and no more; their name is the owner."""
    timed = {"exp": int(time.time()) + claims["exp"]} if "exp" in claims else {}
    token = world.issuer.token(key_id, algorithm=algorithm, **{**claims, **timed})
    headers = {"Authorization": f"Bearer {token}"}

    body = {"process": "echo", "inputs": {"stringInput": "x"}}
    made = world.server.http.post("/jobs", json=body, headers=headers)

    assert made.status_code == 201, made.text
    assert problem(world.server.http.delete("/processes/echo", headers=headers)) == (403, "insufficient-scope")
    assert world.get(token, made.headers["location"]).is_success
    other = world.issuer.token(sub="bob")
    assert problem(world.get(other, made.headers["location"])) == (404, "no-such-job")


def _with_header(issuer: Issuer, header: dict[str, str]) -> str:
    """A good token but for its header."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{issuer.token().partition('.')[2]}"


def _signed_by_another(issuer: Issuer) -> str:
    return issuer.token(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _with_the_public_key_as_a_secret(issuer: Issuer) -> str:
    """What a verifier takes that lets the token say how it is signed."""
    said = _with_header(issuer, {"alg": "HS256", "kid": "first"}).rpartition(".")[0].encode()
    sign = base64.urlsafe_b64encode(hmac.digest(issuer.public("first"), said, hashlib.sha256)).rstrip(b"=")
    return (said + b"." + sign).decode()


def _with_other_claims(issuer: Issuer) -> str:
    header, _, signature = issuer.token().split(".")
    payload = issuer.token(sub="root", scope="admin").split(".")[1]
    return f"{header}.{payload}.{signature}"


BAD: dict[str, Any] = {
    "wrong-audience": lambda issuer: issuer.token(aud="https://other.example"),
    "no-audience": lambda issuer: issuer.token(aud=None),
    "wrong-issuer": lambda issuer: issuer.token(iss="https://other.example"),
    "no-expiry": lambda issuer: issuer.token(exp=None),
    "not-yet": lambda issuer: issuer.token(nbf=int(time.time()) + 3600),
    "no-name": lambda issuer: issuer.token(sub=None),
    "name-for-all": lambda issuer: issuer.token(sub="*"),
    "no-algorithm": lambda issuer: _with_header(issuer, {"alg": "none", "kid": "first"}),
    "no-signature": lambda issuer: _with_header(issuer, {"alg": "none"}).rpartition(".")[0] + ".",
    "another-key": _signed_by_another,
    "public-key-as-a-secret": _with_the_public_key_as_a_secret,
    "symmetric-key": lambda issuer: jwt.encode(
        {"iss": issuer.url, "aud": AUDIENCE, "sub": "root", "exp": int(time.time()) + 60, "scope": "admin"},
        "secret" * 6,
        "HS256",
        headers={"kid": "symmetric"},
    ),
    "key-of-another-type": lambda issuer: issuer.token("curve", key=issuer.keys["first"]),
    "other-claims": _with_other_claims,
    "unknown-key": lambda issuer: _with_header(issuer, {"alg": "RS256", "kid": "x"}),
    "no-key": lambda issuer: _with_header(issuer, {"alg": "RS256"}),
    "key-in-the-header": lambda issuer: _with_header(issuer, {"alg": "RS256", "kid": "x", "jku": f"{issuer.url}/keys"}),
    "no-jwt": lambda _: "a.b.c",
    "own-token": lambda _: "cwlp_00000000_x",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tokens(world: World, name: str) -> None:
    """401, and not a word of what is wrong but in the log."""
    answer = world.get(BAD[name](world.issuer))

    assert problem(answer) == (401, "invalid-token")
    assert answer.json()["detail"] == "The token is not valid."


def test_an_expired_token(world: World) -> None:
    """Its client is told: it can get another one."""
    answer = world.get(world.issuer.token(exp=int(time.time()) - 3600))

    assert problem(answer) == (401, "invalid-token")
    assert "expired" in answer.json()["detail"]


def test_tokens_without_scopes(world: World) -> None:
    """Scopes of others are none here."""
    assert problem(world.get(world.issuer.token(scope="openid email")))[0] == 401
    assert world.get(world.issuer.token(scope="openid email"), "/").is_success


def test_keys_are_asked_for_once(tmp_path: Path) -> None:
    """Unknown keys make it ask again, at most once a minute; while the issuer is away its keys are good."""
    with issuing() as issuer:
        settings = {"AUTH": "oidc", "OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": AUDIENCE}
        with serving(tmp_path / "data", **settings) as server:
            world = World(issuer, server)
            assert [world.get(issuer.token()).status_code for _ in range(3)] == [200] * 3
            before, asked = issuer.token(), issuer.asked
            issuer.answers = False
            assert world.get(issuer.token(jti="another")).is_success
            issuer.rotate("second")
            assert [problem(world.get(issuer.token()))[0] for _ in range(20)] == [401] * 20
            assert world.get(before).is_success
            assert issuer.asked == asked == 1


def test_an_issuer_that_is_away_from_the_beginning(tmp_path: Path) -> None:
    """503 where a token has to be looked at; what is open is answered."""
    with issuing() as issuer:
        issuer.answers = False
        settings = {"AUTH": "oidc", "OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": AUDIENCE}
        with serving(tmp_path / "data", **settings) as server:
            answer = World(issuer, server).get(issuer.token())
            assert problem(answer) == (503, "issuer-unavailable")
            assert "retry-after" in answer.headers
            assert server.http.get("/").is_success


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OIDC_ISSUER": "https://issuer.example"},
        {"OIDC_AUDIENCE": "x"},
        {"OIDC_ISSUER": "http://issuer.example", "OIDC_AUDIENCE": "x"},
        {"OIDC_ISSUER": "issuer.example", "OIDC_AUDIENCE": "x"},
    ],
)
def test_what_is_needed(environ: dict[str, str]) -> None:
    """An issuer that nobody can pretend to be, and an audience."""
    given = {f"CWL_PROCESSES_{name}": each for name, each in environ.items()}

    with pytest.raises(SettingsError, match="oidc_issuer"):
        load({}, {**given, "CWL_PROCESSES_AUTH": "oidc"}, None)
