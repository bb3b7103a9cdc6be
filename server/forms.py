"""The forms of a document, JSON and HTML: which one a client wants, how they lead to each other, and the answer."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from registry.models import JSON
from server import links, negotiate, pages
from server.links import Links, link
from server.problems import ProblemError

#: Values of the query parameter f; where nothing is asked for, the first.
FORMS = {"json": links.JSON, "html": pages.HTML}
_NAMES = {"json": "As JSON", "html": "As HTML"}

#: Relations of links that a document may have many of; a header has the others.
_MANY = frozenset({"related", "item"})
#: Characters of a URL in a header: clients read so much of one and no more. A longer one is in the document alone.
_LONGEST = 2048


def chosen(request: Request) -> str:
    """json or html: as f says, else as Accept does. Raises ProblemError."""
    asked = request.query_params.get("f")
    if asked is not None:
        if asked not in FORMS:
            detail = f"The query parameter f: {' or '.join(FORMS)} is expected, not {asked[:40]!r}."
            raise ProblemError("invalid-query-parameter-value", detail)
        return asked
    accept = request.headers.get("accept")
    if negotiate.likes_html(accept):
        return "html"
    found = negotiate.choose(accept, list(FORMS.values()))
    if found is None:
        raise ProblemError("not-acceptable", f"This is available as {' and '.join(FORMS.values())}.")
    return next(name for name, media_type in FORMS.items() if media_type == found)


def linked(document: JSON, to: Links, form: str) -> list[dict[str, Any]]:
    """The links of a document in one form: to itself, to its other forms, and those that it has."""
    given = document.get("links", [])
    here = next((each for each in given if each["rel"] == "self"), None)
    itself = {**(here or link(to.here(), "self", "This document")), "type": FORMS[form]}
    others = [link(to.here(f=each), "alternate", _NAMES[each], FORMS[each]) for each in FORMS if each != form]
    return [itself, *others, *(each for each in given if each is not here)]


def header(found: list[dict[str, Any]]) -> str:
    """A Link header (RFC 8288) of them."""
    shown = [
        each for each in found if each["rel"] not in _MANY and each["href"].isascii() and len(each["href"]) <= _LONGEST
    ]
    return ", ".join(
        f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"].replace(chr(34), "")}"' for each in shown
    )


def response(request: Request, document: JSON, form: str, status: int, headers: dict[str, str]) -> Response:
    """A document in the form that was chosen."""
    if form == "json":
        return JSONResponse(document, status_code=status, headers=headers)
    endpoint = request.state.endpoint
    text = pages.page(document, endpoint.summary, links.of(request), endpoint.name)
    content = text.encode(errors="replace")
    return Response(content, status_code=status, headers={**headers, **pages.HEADERS}, media_type=pages.HTML)
