"""Profiles as clients ask for them, in each of the ways that there are."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from server import profiles

BASE = "https://www.opengis.net/def/profile/OGC/0/"
RESULTS = BASE + "ogc-results"


def request(query: str = "", **headers: str | list[str]) -> Request:
    """One request; a list is the same header several times."""
    given = [
        (name.replace("_", "-").encode(), each.encode())
        for name, values in headers.items()
        for each in ([values] if isinstance(values, str) else values)
    ]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": given})


@pytest.mark.requirement("/req/query-param-profile/definition")
@pytest.mark.parametrize(
    "query",
    [
        "profile=ogc-results",
        "profile=%5Bogc-profile:ogc-results%5D",
        f"profile={RESULTS}",
        f"profile={RESULTS.replace('https', 'http')}",
        "profile=%20ogc-results%20",
        "profile=,ogc-results,",
    ],
)
def test_forms_of_the_parameter(query: str) -> None:
    """A URI, a safe CURIE, and an id are the same profile."""
    assert profiles.asked(request(query)) == {RESULTS}


@pytest.mark.parametrize(
    "asked",
    [
        request(accept_profile=f"<{RESULTS}>"),
        request(accept_profile=["<urn:other>;q=0.5", f"<{RESULTS}>"]),
        request(prefer=f'profile="{RESULTS}"'),
        request(prefer=["respond-async", "wait=5, profile=ogc-results"]),
        request(accept=f'application/json;profile="{RESULTS}"'),
        request(accept=f'text/html, application/json; q=0.5; profile="urn:other {RESULTS}"'),
        request(link=f'<{RESULTS}>; rel="profile"'),
        request(link=f'<urn:a>; rel="item", <{RESULTS}>; type="text/html"; rel=profile'),
    ],
)
def test_headers(asked: Request) -> None:
    """Headers say it as well, among other things."""
    assert RESULTS in profiles.asked(asked)


def test_several_profiles() -> None:
    """A list, and the same parameter again."""
    found = profiles.asked(request("profile=a,urn:b&profile=https://example.org/c"))

    assert found == {BASE + "a", "urn:b", "https://example.org/c"}


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request("profile="),
        request("profile=,,"),
        request("f=ogc-results"),
        request(prefer="respond-async, noprofile=x"),
        request(accept="application/json"),
        request(link=f'<{RESULTS}>; rel="alternate"'),
    ],
)
def test_nothing_is_asked_for(asked: Request) -> None:
    """What is no profile is none, and no error."""
    assert profiles.asked(asked) == frozenset()


@pytest.mark.parametrize("header", ["accept", "prefer", "link", "accept_profile"])
@pytest.mark.parametrize("piece", ["<", "<>", ";", "; ", ';profile="', "; rel=", "<a>;", ","])
def test_headers_that_are_long(header: str, piece: str) -> None:
    """They are read in no time that is worth mentioning: a regular expression may take for ever."""
    assert len(profiles.asked(request(**{header: piece * (60_000 // len(piece))}))) <= 60_000
