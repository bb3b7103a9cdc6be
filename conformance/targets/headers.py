"""What the head of a request says: which answer is wanted, whether there is a newer one, who asks, where in a list."""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import time
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.types import Message

from conformance.targets.changes import Changes
from conformance.targets.target import Target, now, ours
from cwl_bridge import media
from registry.models import EVERYBODY, Principal, Scope
from registry.pages import Place
from server import auth, browser, conditional, filters, forms, negotiate, oidc, problems, profiles, representations
from server import requests as reading
from server.cursors import Cursors
from server.oidc import Issuer, Oidc
from server.problems import ProblemError
from server.ranges import File
from server.settings import load

_SETTINGS = load({}, {}, None)
_APP = SimpleNamespace(state=SimpleNamespace(settings=_SETTINGS))
_FORMS = [representations.DOCUMENT, representations.SEVERAL, representations.DIRECTORY, representations.RAW]
_METHODS = ("GET", "POST", "PUT")


#: Of what a head is read with.
_SERVICES = SimpleNamespace(fingerprint_key=b"key")


def _request(data: bytes) -> Request:
    """The first line is a query, the others are headers."""
    query, *lines = data.split(b"\n")
    # The parser of requests lets nothing else through.
    query = bytes(each for each in query if each < 0x80)
    headers = [(name.lower(), value.strip()) for name, _, value in (each.partition(b":") for each in lines)]
    scope = {
        "type": "http",
        "path": "/jobs",
        "root_path": "",
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "method": _METHODS[len(data) % 3],
        "query_string": query,
        "headers": headers,
        "app": _APP,
        "state": {"services": _SERVICES},
    }
    return Request(scope)


def _negotiated(data: bytes) -> None:
    """What is chosen is one of what is offered, and is liked."""
    request = _request(data)
    accept = request.headers.get("accept")
    wanted = negotiate.preferences(request.headers.getlist("prefer"))
    assert wanted.wait is None or 0 <= wanted.wait <= negotiate.MAX_WAIT_SECONDS
    for offered in _FORMS:
        names = [each.media_type for each in offered]
        found = negotiate.choose(accept, names)
        assert found is None or found in names
        chosen = representations.choose(accept, offered)
        assert chosen is None or chosen in offered
    for each in ("text/html", "application/json"):
        assert 0 <= negotiate.quality_by_name(accept, each) <= 1
    form = ours(lambda: forms.chosen(request))
    assert form in (None, *forms.FORMS)
    assert all(isinstance(each, str) for each in profiles.asked(request))


def _said(data: bytes) -> None:
    """What else is read of a head, before and with its body."""
    request = _request(data)
    name = reading.file_name(request)
    media.is_basename(name)
    ours(lambda: now(reading.job_request(request, b"{}", "unsupported-job-type")))
    ours(lambda: now(reading.execute_request(request, b"{}")))
    ours(lambda: reading.idempotency(request, b""))
    ours(lambda: browser.check_host(request.scope, _SETTINGS))
    ours(lambda: browser.check_origin(request, None, _SETTINGS))
    ours(lambda: browser.check_origin(request, Scope.EXECUTE, _SETTINGS))
    kind = request.headers.get("content-type", "")
    if media.is_media_type(kind):
        assert "\n" not in kind
        assert "\r" not in kind
        assert media.extension(kind) == "" or media.extension(kind).startswith(".")
    media.is_text(kind)
    href = request.headers.get("content-location", "")
    assert media.is_basename(media.basename_of(href, "fallback"))
    media.of_name(href)
    for error in (ProblemError("bad-request", "x"), ProblemError("draining", kind)):
        assert now(problems.on_known_error(request, error)).status_code in (400, 503)


def _conditions(data: bytes) -> None:
    """A tag or a date of another document is none of this one."""
    body, _, lines = data.partition(b"\n")
    asked = [(name.lower(), value) for name, _, value in (each.partition(b":") for each in lines.split(b"\n"))]
    answered = conditional.tagged([(b"last-modified", b"Mon, 23 Nov 2026 10:00:00 GMT")], body)
    has_it = conditional.unchanged(asked, answered)
    tags = b",".join(value for name, value in asked if name == b"if-none-match")
    if has_it and tags:
        assert conditional.etag(body) in tags or b"*" in tags
    assert conditional.unchanged([(b"if-none-match", conditional.etag(body))], answered)
    assert not conditional.unchanged([(b"if-none-match", conditional.etag(body + b"x"))], answered)


_CONTENT = bytes(range(256)) * 4


@cache
def _file() -> Path:
    """Left to whoever cleans temporary folders, as its process has many lives."""
    with tempfile.NamedTemporaryFile(prefix="cwl-processes-fuzzing-", delete=False) as file:
        file.write(_CONTENT)
    return Path(file.name)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _ranges(data: bytes) -> None:
    """Parts of a file are its parts."""
    range_, _, if_range = data.partition(b"\n")
    headers = [(b"range", range_), *([(b"if-range", if_range)] if if_range else [])]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": headers, "extensions": {}}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        # Whoever asks waits for its answer.
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    def ask() -> bool:
        _loop().run_until_complete(File(_file())(scope, receive, send))
        return True

    if ours(ask) is None:
        return
    start, *parts = sent
    body = b"".join(each["body"] for each in parts)
    given = dict(start["headers"])
    assert int(given[b"content-length"]) == len(body)
    if start["status"] == 200:
        assert body == _CONTENT
    else:
        assert start["status"] == 206
        place = given.get(b"content-range")
        if place is not None:
            first, last = place.decode().removeprefix("bytes ").partition("/")[0].split("-")
            assert body == _CONTENT[int(first) : int(last) + 1] != b""


_KEY = b"k" * 32


def _cursors(data: bytes) -> None:
    """A text stands for a place only where it was made for it."""
    text, _, listing = data.decode("latin-1").partition("\n")
    cursors = Cursors(_KEY)
    place = ours(lambda: cursors.place(text, listing))
    if place is not None:
        assert cursors.text(place, listing) == text
    made = Place(key=text, number=len(data) - 9, backward=len(data) % 2 == 0)
    if len(text) < 40:
        assert cursors.place(cursors.text(made, listing), listing) == made
        assert ours(lambda: cursors.place(cursors.text(made, listing), f"{listing}x")) is None


def _lists(data: bytes) -> None:
    """What a query asks of a list."""
    query = QueryParams(data)
    limit = ours(lambda: filters.limit(query))
    assert limit is None or 1 <= limit <= filters.MAX_LIMIT
    offset = ours(lambda: filters.offset(query))
    assert offset is None or 0 <= offset < 2**63
    for who in (EVERYBODY, Principal(name="a", scopes=frozenset({Scope.READ}))):
        found = ours(lambda who=who: filters.job_filter(query, who))  # type: ignore[misc]
        if found is not None:
            assert found.owner == who.name or who.is_admin
            assert found.created_from is None or found.created_to is None or found.created_from <= found.created_to
            filters.listing(found).encode(errors="surrogatepass")


_ISSUER = Issuer("https://issuer.example", "https://processes.example", "sub", "scope")


@cache
def _signer() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def _oidc() -> Oidc:
    """One that has the key of the issuer, and never asks again."""
    found = Oidc(_ISSUER, cast(Any, None))
    given = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_signer().public_key()))
    found._keys = {"k": jwt.PyJWK({**given, "alg": "ES256"})}
    found._came = time.monotonic()
    found._asked = math.inf
    return found


def _claims() -> dict[str, Any]:
    named = {"sub": "alice", "scope": "read execute", "jti": "1"}
    return {"iss": _ISSUER.url, "aud": _ISSUER.audience, "exp": int(time.time()) + 10**6, **named}


def _identified(authorization: bytes) -> Principal | None:
    authenticator = _oidc()
    authenticator._came = time.monotonic()
    scope: dict[str, Any] = {"headers": [(b"authorization", authorization)]}
    return ours(lambda: now(auth._identified(scope, authenticator)))


def _tokens(data: bytes) -> None:
    """Nobody makes a token without the key: a good one has the claims that were signed."""
    found = _identified(data)
    if found is not None:
        assert found.name == "alice"
        assert not found.is_admin


def _signed(data: bytes) -> None:
    """Whatever an issuer signs: it is for this server and of this issuer, has not expired, and says a name."""
    changes = Changes(data, ["exp", "nbf", "iat", "aud", "iss", "sub", "scope", "admin", "*", _ISSUER.audience])
    claims = changes.changed(_claims())
    more = changes.changed({"kid": "k", "typ": "at+jwt"})
    if not isinstance(claims, dict) or not isinstance(more, dict):
        return
    header = {**more, "alg": "ES256"}
    parts = [_part(header), _part(claims)]
    algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    signature = algorithm.sign(".".join(parts).encode(), _signer())
    parts.append(jwt.utils.base64url_encode(signature).decode())
    found = _identified(b"Bearer " + ".".join(parts).encode())
    if found is not None:
        assert claims["iss"] == _ISSUER.url
        assert _ISSUER.audience in (claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]])
        assert float(claims["exp"]) > time.time() - 2 * oidc.LEEWAY_SECONDS
        assert claims["sub"] == found.name not in ("", "*")


def _part(value: Any) -> str:
    return jwt.utils.base64url_encode(json.dumps(value).encode()).decode()


def _good() -> bytes:
    return b"Bearer " + jwt.encode(_claims(), _signer(), "ES256", headers={"kid": "k"}).encode()


TARGETS = (
    Target(
        name="negotiation",
        check=_negotiated,
        seeds=lambda: (
            b"f=html&profile=x\nAccept: text/html;q=0.8, application/json;q=.5, */*;q=0.1",
            b'\nPrefer: respond-async, wait=10; return="minimal", handling=strict, profile="a b"',
            b'\nAccept: *\nAccept-Profile: <https://a>\nLink: <https://a>; rel="profile"',
        ),
        words=(b"Accept: ", b"Prefer: ", b";q=", b"text/*", b"*/*", b"multipart/related", b"application/zip", b"wait="),
    ),
    Target(
        name="head",
        check=_said,
        seeds=lambda: (
            b"\nContent-Type: application/ogcapi-processes+json; charset=utf-8\nContent-Schema: <execute.yaml>",
            b"\nContent-Disposition: attachment; filename*=UTF-8''%e2%82%ac.cwl; filename=a.cwl\nHost: localhost:80",
            b"\nOrigin: https://a.example\nIdempotency-Key: k\nContent-Location: https://a/b%20c.tif",
        ),
        words=(b"filename*0*=", b"filename=", b"=?utf-8?q?", b"?=", b"Host: [::1]", b"Sec-Fetch-Site: cross-site"),
    ),
    Target(
        name="conditions",
        check=_conditions,
        seeds=lambda: (
            b'body\nIf-None-Match: W/"a", "b", *\nIf-Modified-Since: Mon, 23 Nov 2026 10:00:00 GMT',
            b"\nif-modified-since:Monday, 23-Nov-26 10:00:00 +9999",
        ),
        words=(b"if-none-match:", b"if-modified-since:", b"GMT", b"+0000"),
    ),
    Target(
        name="ranges",
        check=_ranges,
        seeds=lambda: (b"bytes=0-0", b"bytes=5-,-3, 7-9", b"bytes=1-2\nMon, 23 Nov 2026 10:00:00 GMT"),
        words=(b"bytes=", b"-", b","),
        slow=True,
    ),
    Target(
        name="cursors",
        check=_cursors,
        seeds=lambda: (Cursors(_KEY).text(Place(key="a", number=1), "l").encode() + b"\nl",),
    ),
    Target(
        name="lists",
        check=_lists,
        seeds=lambda: (
            b"limit=10&offset=5&status=running,failed&type=process&datetime=2026-11-23T10:00:60Z/..",
            b"processID=a&processID=https://h/processes/b&minDuration=1&maxDuration=2&parent=x&owner=a&datetime=2026-11-23",
        ),
        words=(b"datetime=", b"0001-01-01", b"9999-12-31T23:59:60-23:59", b"/", b"%2B"),
    ),
    Target(
        name="tokens",
        check=_tokens,
        seeds=lambda: (_good(), _good().replace(b"Bearer", b"bearer "), b"Bearer cwlp_00000000_x", b"Basic YTpi"),
        words=(b"Bearer ", b".", b"eyJhbGciOiJub25lIn0", b"eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ"),
    ),
    Target(name="claims", check=_signed),
)
