"""An OpenID Connect issuer on the loopback, which also makes tokens that a real one (`provider`) would not."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "https://processes.example.org"


@dataclass
class Issuer:
    url: str = ""
    keys: dict[str, Any] = field(default_factory=dict)
    answers: bool = True

    def rotate(self, key_id: str) -> None:
        """A new key in the place of all others."""
        self.keys = {key_id: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def token(self, key_id: str | None = None, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """Of alice, good for a minute, unless claims say otherwise; a claim that is None is left out."""
        key_id = key_id or next(iter(self.keys))
        said = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "alice",
            "scope": "openid read execute",
            "exp": int(time.time()) + 60,
            **claims,
        }
        given = {name: each for name, each in said.items() if each is not None}
        return jwt.encode(given, key or self.keys[key_id], algorithm, headers={"kid": key_id})

    def _jwks(self) -> dict[str, Any]:
        listed: list[dict[str, Any]] = [{"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric"}, {"kty": "none"}]
        for key_id, each in self.keys.items():
            is_rsa = isinstance(each, rsa.RSAPrivateKey)
            kind = jwt.algorithms.RSAAlgorithm if is_rsa else jwt.algorithms.ECAlgorithm
            listed.append({**json.loads(kind.to_jwk(each.public_key())), "kid": key_id, "use": "sig"})
        return {"keys": listed}


@contextmanager
def issuing() -> Iterator[Issuer]:
    issuer = Issuer()
    issuer.rotate("first")
    issuer.keys["curve"] = ec.generate_private_key(ec.SECP256R1())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = {
                "/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
                "/keys": issuer._jwks(),
            }[self.path]
            body = json.dumps(found).encode()
            self.send_response(200 if issuer.answers else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        issuer.url = f"http://127.0.0.1:{httpd.server_port}"
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield issuer
        httpd.shutdown()
        thread.join()
