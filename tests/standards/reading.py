"""What a client reads from answers: links, headers, multipart bodies."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.live import JOB_SECONDS, Server

X1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
X2 = "http://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]+))?)*)\s*(?:,|$)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s",;]+))')


@dataclass(frozen=True)
class Link:
    """One link of a Link header (RFC 8288)."""

    href: str
    parameters: dict[str, str]

    @property
    def rel(self) -> str:
        return self.parameters["rel"]


@dataclass(frozen=True)
class Part:
    """One part of a multipart body."""

    headers: dict[str, str]
    content: bytes

    @property
    def kind(self) -> str:
        return essence(self.headers.get("content-type", ""))


def essence(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def kind(answer: httpx.Response) -> str:
    return essence(answer.headers.get("content-type", ""))


def send(
    server: Server, method: str, path: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
) -> httpx.Response:
    """The answer to exactly these headers: httpx would add some of its own and refuse blanks at their end."""
    url = httpx.URL(server.url).join(path)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=JOB_SECONDS)
    try:
        connection.request(method, url.raw_path.decode(), body=content, headers=dict(headers or {}))
        found = connection.getresponse()
        return httpx.Response(
            found.status,
            headers=found.getheaders(),
            content=found.read(),
            extensions={"http_version": b"HTTP/1.%d" % (found.version - 10)},
        )
    finally:
        connection.close()


def link_headers(answer: httpx.Response) -> list[Link]:
    """Every link of every Link header; fails on one that can't be read to its end."""
    found = []
    for value in answer.headers.get_list("link"):
        position = 0
        while position < len(value):
            match = _LINK.match(value, position)
            assert match, value
            parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(match[2])}
            found.append(Link(match[1], parameters))
            position = match.end() + len(value[match.end() :]) - len(value[match.end() :].lstrip())
    return found


def parts(answer: httpx.Response) -> dict[str, Part]:
    """The parts of a multipart/related answer by their Content-ID, read as RFC 2046 says and no looser."""
    assert kind(answer) == "multipart/related", answer.headers
    boundary = re.search(r';\s*boundary=(?:"([^"]+)"|([^\s;"]+))', answer.headers["content-type"])
    assert boundary, answer.headers
    delimiter = b"--" + (boundary[1] or boundary[2]).encode()
    assert answer.content.startswith(delimiter + b"\r\n")
    assert answer.content.endswith(b"\r\n" + delimiter + b"--\r\n")
    found: dict[str, Part] = {}
    for each in (b"\r\n" + answer.content).split(b"\r\n" + delimiter)[1:-1]:
        head, blank, content = each.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        assert blank, each
        lines = [line.partition(":") for line in head.decode().split("\r\n")]
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        assert headers["content-id"] not in found
        found[headers["content-id"]] = Part(headers, content)
    return found


def nulls(document: Any, where: str = "$") -> Iterator[str]:
    """The places of every null."""
    if document is None:
        yield where
    for key, each in members(document):
        yield from nulls(each, f"{where}.{key}")


def links(document: Any) -> Iterator[dict[str, Any]]:
    """Every link object anywhere in a document."""
    for key, each in members(document):
        if key == "links":
            yield from each
        else:
            yield from links(each)


def members(document: Any) -> list[tuple[Any, Any]]:
    if isinstance(document, dict):
        return list(document.items())
    return list(enumerate(document)) if isinstance(document, list) else []


def rels(document: dict[str, Any]) -> dict[str, str]:
    """rel → href of a document's own links."""
    return {each["rel"]: each["href"] for each in document["links"]}


def pages(server: Server, path: str, rel: str = "next") -> Iterator[dict[str, Any]]:
    """Every page from this one on, by its `next` links, or by others."""
    url: str | None = path
    while url:
        page: dict[str, Any] = server.http.get(url).raise_for_status().json()
        yield page
        url = rels(page).get(rel)
