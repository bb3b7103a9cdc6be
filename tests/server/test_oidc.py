"""Tokens that no real issuer would make (see test_provider for those that it does), and one that does not answer."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

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


BAD: dict[str, Any] = {
    "no-audience": lambda issuer: issuer.token(aud=None),
    "wrong-issuer": lambda issuer: issuer.token(iss="https://other.example"),
    "no-expiry": lambda issuer: issuer.token(exp=None),
    "not-yet": lambda issuer: issuer.token(nbf=int(time.time()) + 3600),
    "no-name": lambda issuer: issuer.token(sub=None),
    "name-for-all": lambda issuer: issuer.token(sub="*"),
    "symmetric-key": lambda issuer: jwt.encode(
        {"iss": issuer.url, "aud": AUDIENCE, "sub": "root", "exp": int(time.time()) + 60, "scope": "admin"},
        "secret" * 6,
        "HS256",
        headers={"kid": "symmetric"},
    ),
    "key-of-another-type": lambda issuer: issuer.token("curve", key=issuer.keys["first"]),
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


def test_tokens_without_scopes(world: World) -> None:
    """Scopes of others are none here."""
    assert problem(world.get(world.issuer.token(scope="openid email")))[0] == 401
    assert world.get(world.issuer.token(scope="openid email"), "/").is_success


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
