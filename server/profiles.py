"""Profiles (RFC 6906): what a document keeps to beyond its media type, and what a client asks for.

A document has one profile at the most, that of its kind, and always says so; results alone have a choice (`asked`).
A profile that is not known is no error (18-062r3, query-param-profile).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.requests import Request

from server.links import link

BASE = "https://www.opengis.net/def/profile/OGC/0/"

#: By the name of the route.
_OF_DOCUMENTS = {
    "processes": ("ogc-process-list", "List of processes"),
    "process": ("ogc-process-description", "OGC process description"),
    "jobs": ("jobs-list", "List of jobs"),
    "job": ("job-description", "Status of a job"),
}

_CURIE = re.compile(r"\[ogc-profile:([\w.-]+)\]")
_ID = re.compile(r"[\w.-]+")
_PARAMETER = re.compile(r""";\s*profile\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)
_PREFERENCE = re.compile(r"""(?:^|[,;])\s*profile\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)
_ACCEPTED = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"""<([^<>]*)>[^<]*;\s*rel\s*=\s*(?:"profile"|profile\b)""", re.IGNORECASE)


def of_document(route: str) -> list[dict[str, str]]:
    """The link to the profile of a route's document, where there is one."""
    if route not in _OF_DOCUMENTS:
        return []
    name, title = _OF_DOCUMENTS[route]
    return [link(BASE + name, "profile", title, "text/html")]


def asked(request: Request) -> frozenset[str]:
    """The URIs of the profiles that a client asks for, in each of the ways that there are.

    The parameter `profile` (a URI, `[ogc-profile:x]` or `x`, separated by commas), Accept-Profile, `Prefer: profile=`,
    a parameter of a media type in Accept, and a request's `Link` with rel=profile.
    """
    return frozenset(each for given in _given(request) if (each := _uri(given)))


def _given(request: Request) -> Iterator[str]:
    for listed in request.query_params.getlist("profile"):
        yield from listed.split(",")
    headers = request.headers
    yield from _ACCEPTED.findall(",".join(headers.getlist("accept-profile")))
    yield from _LINK.findall(",".join(headers.getlist("link")))
    for pattern, header in ((_PARAMETER, "accept"), (_PREFERENCE, "prefer")):
        for quoted, bare in pattern.findall(",".join(headers.getlist(header))):
            # One parameter may have several URIs, with blanks between them.
            yield from (quoted or bare).split()


def _uri(given: str) -> str:
    text = given.strip()
    short = _CURIE.fullmatch(text)
    if short or _ID.fullmatch(text):
        return BASE + (short[1] if short else text)
    # OGC's texts have both schemes.
    return re.sub(r"^http://www\.opengis\.net/def/profile/", "https://www.opengis.net/def/profile/", text)
