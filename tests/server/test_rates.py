"""How often users, addresses, and strangers with tokens that are not good may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlsplit

import httpx
import pytest

from tests.live import Server, until
from tests.server.accounts import asking, client, made_at_once, problem

#: Few, so that one more comes to be allowed only after seconds.
EACH, BAD = 6, 3
_NUMBERS = count(1)


@dataclass
class Callers:
    """A server behind a proxy, which is whoever asks here; and somebody with a token."""

    server: Server
    token: str
    #: Of another.
    bob: list[str]

    def at(self, address: str, token: str | None = None) -> httpx.Client:
        found = client(self.server, token)
        found.headers["X-Forwarded-For"] = address
        return found


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    data = tmp_path_factory.mktemp("rates") / "data"
    token, bob = made_at_once(data, ["alice"])["alice"], [made_at_once(data, ["bob"])["bob"] for _ in range(2)]
    with asking(data, MAX_REQUESTS=str(EACH), MAX_BAD_TOKENS=str(BAD), PROXIES="127.0.0.0/8,::1") as server:
        yield Callers(server, token, bob)


def _address() -> str:
    return f"192.0.2.{next(_NUMBERS)}"


def test_one_address(callers: Callers) -> None:
    """As often as may be, HEAD and what is not there included; then it is told when, and who watches still sees."""
    address = _address()
    with callers.at(address) as http, callers.at(_address()) as other:
        assert [http.head("/" if number % 2 else "/none").status_code for number in range(EACH)] == [404, 200] * 3
        refused = http.get("/")
        assert problem(refused) == (429, "too-many-requests")
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert "Authorization" in refused.headers["vary"]
        assert refused.headers["content-security-policy"]
        assert http.head("/").status_code == 429
        assert http.get("/health").is_success
        until(lambda: http.get("/health/ready").is_success)
        assert http.options("/", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
        assert other.get("/").is_success
        # Who says who it is has what is its own.
        assert http.get("/usage", headers={"Authorization": f"Bearer {callers.token}"}).is_success


def test_addresses_of_one_network(callers: Callers) -> None:
    """Of IPv6 the last 64 bits are no other client."""
    for number in range(EACH):
        with callers.at(f"2001:db8::{number + 1:x}") as http:
            assert http.get("/").is_success
    with callers.at("2001:db8::ffff:ffff") as http, callers.at("2001:db8:0:1::1") as other:
        assert problem(http.get("/")) == (429, "too-many-requests")
        assert other.get("/").is_success


def test_who_guesses_tokens_shuts_out_nobody(callers: Callers) -> None:
    """It is slowed down by itself: those at its address with a token, or with none, go on."""
    address = _address()
    with callers.at(address) as http:
        guessed = [http.get("/jobs", headers={"Authorization": f"Bearer cwlp_{each}"}) for each in range(BAD + 1)]
        assert [each.status_code for each in guessed] == [401] * BAD + [429]
        assert "www-authenticate" not in guessed[-1].headers
        assert http.get("/").is_success
        assert http.get("/usage", headers={"Authorization": f"Bearer {callers.token}"}).is_success


def test_a_user_is_one_wherever_it_asks_from(callers: Callers) -> None:
    """With whatever token, and before any of a body is read."""
    for number in range(EACH):
        with callers.at(_address(), callers.bob[number % 2]) as http:
            assert http.get("/usage").status_code == 200, number
    place = urlsplit(callers.server.url)
    assert place.hostname
    with closing(HTTPConnection(place.hostname, place.port, timeout=10)) as connection:
        connection.putrequest("POST", "/processes")
        connection.putheader("Authorization", f"Bearer {callers.bob[0]}")
        connection.putheader("Content-Length", "60000000")
        connection.endheaders()
        with connection.getresponse() as answer:
            assert answer.status == 429
