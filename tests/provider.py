"""A real OpenID Connect issuer on the loopback, npm's oidc-provider (see scripts/issuer), and a stranger beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.live import ROOT

AUDIENCE = "https://processes.example.org"
#: Audiences of whose tokens the server may take none: of others, and without a form that it could read.
ELSEWHERE = "https://elsewhere.example.org"
OPAQUE = "https://opaque.example.org"

_MODULE = ROOT / ".issuer" / "node_modules" / "oidc-provider" / "lib" / "index.js"
_PROGRAM = ROOT / "tests" / "data" / "provider" / "provider.mjs"
_SCOPES = "read execute deploy admin"
_SECRET = "of-a-client-that-only-tests-have"  # noqa: S105

#: Why there is none; empty: there is.
MISSING = "" if _MODULE.is_file() and shutil.which("node") else "there is no issuer; scripts/issuer installs it"


class Key:
    """One that signs, and has an id."""

    def __init__(self, key_id: str) -> None:
        self.id = key_id
        self.own = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwks(self) -> dict[str, Any]:
        own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.own))
        del own["key_ops"]
        return {"keys": [{**own, "kid": self.id, "use": "sig", "alg": "RS256"}]}


class Issuer:
    """Both issuers, in one process of node; it is started anew to change its keys or its clock."""

    def __init__(self) -> None:
        self.url = self.stranger = ""
        self._ports = [0, 0]
        self._process: subprocess.Popen[str] | None = None

    def start(self, key: Key, behind: int = 0) -> None:
        """`behind`: seconds that its clock is late."""
        self.stop()
        clients = [{"client_id": each, "client_secret": _SECRET} for each in ("alice", "bob", "root")]
        signed = {
            "scope": _SCOPES,
            "accessTokenFormat": "jwt",
            "jwt": {"sign": {"alg": "RS256"}},
            "accessTokenTTL": 600,
        }
        resources = {
            AUDIENCE: signed,
            ELSEWHERE: signed,
            OPAQUE: {"scope": _SCOPES, "accessTokenFormat": "opaque"},
        }
        said = {
            "ports": self._ports,
            "keys": [key.jwks(), Key(key.id).jwks()],
            "clients": clients,
            "resources": resources,
            "behind": behind,
        }
        self._process = subprocess.Popen(
            ["node", str(_PROGRAM), _MODULE.as_uri()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()
        self.url, self.stranger = json.loads(self._process.stdout.readline())
        # It is the same issuer again only under the same URL.
        self._ports = [int(each.rpartition(":")[2]) for each in (self.url, self.stranger)]

    def stop(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=10)
            self._process = None

    def token(self, name: str, scope: str, audience: str = AUDIENCE, url: str = "") -> str:
        """Of a client, for itself (RFC 6749, 4.4) and for one audience (RFC 8707)."""
        answer = httpx.post(
            f"{url or self.url}/token",
            auth=(name, _SECRET),
            data={"grant_type": "client_credentials", "scope": scope, "resource": audience},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def asked(self) -> int:
        """How often since it was started its keys were asked for."""
        return int(httpx.get(f"{self.url}/asked").text)


@contextmanager
def issuing(key: Key) -> Iterator[Issuer]:
    issuer = Issuer()
    try:
        issuer.start(key)
        yield issuer
    finally:
        issuer.stop()
