"""Where things are: the only maker of URLs, from the names of the routes."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request

JSON = "application/json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
#: PROV-AQ, 3.1; neither OGC nor IANA has a relation for it.
HAS_PROVENANCE = "http://www.w3.org/ns/prov#has_provenance"


def base(request: Request) -> str:
    """The URL of the landing page without its slash: the setting public_url, or what the client used."""
    configured: str = request.app.state.settings.public_url
    return (configured or str(request.base_url)).rstrip("/")


class Links:
    """URLs and link objects as one request sees them."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.base = base(request)

    def url(self, name: str, **parameters: str) -> str:
        """The absolute URL of a route; each parameter one or more path segments."""
        escaped = {key: quoted(each) for key, each in parameters.items()}
        return self.base + str(self._request.app.url_path_for(name, **escaped))

    def here(self, **query: str | None) -> str:
        """This very resource, some of its query changed; None leaves a parameter out."""
        kept = [(key, each) for key, each in self._request.query_params.multi_items() if key not in query]
        kept += [(key, each) for key, each in query.items() if each is not None]
        path = self._request.url.path.removeprefix(self._request.scope.get("root_path", ""))
        return self.base + quote(path) + (f"?{urlencode(kept)}" if kept else "")


def quoted(path: str) -> str:
    """One or more path segments, percent-encoded."""
    return quote(path, safe="/")


def link(href: str, rel: str, title: str, media_type: str = JSON) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, "title": title}
