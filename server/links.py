"""Where things are: the only maker of URLs, from the names of the routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request

from server.endpoints import Endpoint

JSON = "application/json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
OPENAPI_3_1 = "application/vnd.oai.openapi+json;version=3.1"
HTML = "text/html"

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
#: PROV-AQ, 3.1; neither OGC nor IANA has a relation for it.
HAS_PROVENANCE = "http://www.w3.org/ns/prov#has_provenance"


def base(request: Request) -> str:
    """The URL of the landing page without its slash: the setting public_url, or what the client used."""
    configured: str = request.app.state.settings.public_url
    return (configured or str(request.base_url)).rstrip("/")


def processes(request: Request) -> str:
    """Below it are the processes of this server, each by its id."""
    return f"{base(request)}/processes/"


def paths(endpoints: Iterable[Endpoint]) -> dict[str, str]:
    """The paths of routes by their names, with {parameters} to put in."""
    return {each.name: re.sub(r"\{(\w+):path\}", r"{\1}", each.path) for each in endpoints}


class Links:
    """URLs and link objects below one base."""

    def __init__(self, base: str, paths: Mapping[str, str], path: str = "", query: str = "") -> None:
        self.base = base
        self._paths = paths
        self._path = path
        self._query = query

    def url(self, name: str, **parameters: str) -> str:
        """The absolute URL of a route; each parameter one or more path segments."""
        return self.base + self._paths[name].format(**{key: quoted(each) for key, each in parameters.items()})

    def here(self, **query: str | None) -> str:
        """The resource of the request, some of its query changed; None leaves a parameter out."""
        given = parse_qsl(self._query, keep_blank_values=True)
        kept = [(key, each) for key, each in given if key not in query]
        kept += [(key, each) for key, each in query.items() if each is not None]
        return self.base + quote(self._path) + (f"?{urlencode(kept)}" if kept else "")


def of(request: Request) -> Links:
    """As the client of a request sees them."""
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return Links(base(request), request.app.state.paths, path, request.scope["query_string"].decode())


def quoted(path: str) -> str:
    """One or more path segments, percent-encoded."""
    return quote(path, safe="/")


def link(href: str, rel: str, title: str, media_type: str = JSON) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, "title": title}
