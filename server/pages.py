"""JSON documents → HTML 5: all that they say, every link an <a>, no script. Pure.

One plain page for every document. A page of its own for one kind of document goes into `RENDERERS`, under the name of
its route.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from registry.models import JSON
from server.links import Links

HTML = "text/html"

#: A page loads nothing but its own style, sends nothing, and stands in no frame.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

#: What makes the <main> of a page: the document, and where things are.
Renderer = Callable[[JSON, Links], str]
#: By the name of the route; every other document is shown by `plain`.
RENDERERS: dict[str, Renderer] = {}

#: Deeper parts are shown as JSON.
MAX_DEPTH = 64

_URL = re.compile(r"https?://[^\s<>\"]+")
_LINK = ("href", "title", "rel", "type")

_PLACES = (
    ("landing-page", "Landing page"),
    ("processes", "Processes"),
    ("jobs", "Jobs"),
    ("conformance", "Conformance"),
    ("api", "API definition"),
)


def page(document: JSON, title: str, to: Links, route: str = "") -> str:
    """A whole page; `route`: the name of the route that the document is from."""
    heading = document.get("title") or document.get("id") or title
    return _page(heading if isinstance(heading, str) else title, title, to, RENDERERS.get(route, plain)(document, to))


def value_page(value: Any, heading: str, to: Links) -> str:
    """A page of any value: what its members are called says nothing of it."""
    return _page(heading, "Results", to, "".join(_shown(value, 0)))


def _page(heading: str, title: str, to: Links, main: str) -> str:
    name = escape(heading)
    places = "".join(f'<li><a href="{escape(to.url(place))}">{label}</a></li>' for place, label in _PLACES)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name} - {escape(title)}</title>\n"
        f'<link rel="stylesheet" href="{escape(to.url("page-style"))}">\n</head>\n<body>\n'
        '<a class="skip" href="#main">To the content</a>\n'
        f'<nav aria-label="This server"><ul>{places}</ul></nav>\n'
        f'<main id="main">\n<h1>{name}</h1>\n{main}\n</main>\n</body>\n</html>\n'
    )


def plain(document: JSON, to: Links) -> str:  # noqa: ARG001
    """Any document, member by member."""
    return "".join(_shown(document, 0))


def _shown(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        yield f"<pre>{escape(json.dumps(value, ensure_ascii=False))}</pre>"
    elif isinstance(value, dict):
        yield from _link(value, depth) if _is_link(value) else _members(value, depth)
    elif isinstance(value, list):
        yield "<ol>"
        for each in value:
            yield "<li>"
            yield from _shown(each, depth + 1)
            yield "</li>"
        yield "</ol>"
    else:
        yield _scalar(value)


def _members(value: JSON, depth: int) -> Iterator[str]:
    yield "<dl>"
    for name, each in value.items():
        yield f"<dt>{escape(name)}</dt><dd>"
        yield from _shown(each, depth + 1)
        yield "</dd>"
    yield "</dl>"


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return escape(json.dumps(value))
    if _URL.fullmatch(value):
        return f'<a href="{escape(value)}">{escape(value)}</a>'
    return f"<pre>{escape(value)}</pre>" if "\n" in value else escape(value)


def _is_link(value: JSON) -> bool:
    """A place that a browser can go to; one of another scheme is a text like any other."""
    href = value.get("href")
    return isinstance(href, str) and _URL.fullmatch(href) is not None


def _link(value: JSON, depth: int) -> Iterator[str]:
    rel, kind = (each if isinstance(each, str) else "" for each in (value.get("rel"), value.get("type")))
    text = value.get("title")
    shown = text if isinstance(text, str) and text else value["href"]
    # To execute is nothing for who only looks for pages.
    attributes = f' rel="{escape(rel)}{" nofollow" if rel.endswith("/execute") else ""}"' if rel else ""
    attributes += f' type="{escape(kind)}"' if kind else ""
    yield f'<a href="{escape(value["href"])}"{attributes}>{escape(shown)}</a>'
    said = ", ".join(each for each in (rel, kind) if each)
    yield f" <small>{escape(said)}</small>" if said else ""
    rest = {name: each for name, each in value.items() if name not in _LINK or not isinstance(each, str)}
    if rest:
        yield from _members(rest, depth)
