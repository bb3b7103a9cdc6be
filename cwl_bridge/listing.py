"""A page that lists a folder → what lies below it: HTML as web servers write it, or JSON. Pure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from cwl_bridge import media, places
from cwl_bridge.fetch import FetchError

#: No part of it goes on behind a bracket: a page is looked through once, however it was made.
_ANCHOR = re.compile(r"""<a\s[^<>]{0,1000}?href\s*=\s*(?:"([^"<>]{0,8192})"|'([^'<>]{0,8192})'|([^\s"'<>]+))""", re.I)
#: Links of a JSON index that lead away from what it lists.
_ELSEWHERE = frozenset({"self", "parent", "root", "up", "collection", "alternate", "next", "prev", "first", "last"})


@dataclass(frozen=True)
class Entry:
    """Something below a folder."""

    #: Its names, one below the other.
    path: tuple[str, ...]
    href: str
    is_folder: bool


def of_html(page: str, url: str) -> list[Entry]:
    """The links that lead further down; a page has others too, of its sorting and of its site."""
    hrefs = (html.unescape(next(filter(None, each), "")) for each in _ANCHOR.findall(page))
    return _unique(entry for href in hrefs if (entry := _below(url, href)))


def of_json(value: Any, url: str) -> list[Entry]:
    """`{"links": […]}` or a list of links, each an object with `href` or a string. Raises FetchError."""
    links = value.get("links") if isinstance(value, dict) else value
    if not isinstance(links, list):
        raise FetchError(f"{url} gives JSON that lists no links.")
    found = []
    for each in links:
        href = each.get("href") if isinstance(each, dict) else each
        if isinstance(each, dict) and each.get("rel", "item") in _ELSEWHERE:
            continue
        entry = _below(url, href) if isinstance(href, str) else None
        if entry is None:
            raise FetchError(f"{url} lists what does not lie below it: {str(href)[:200]!r}.")
        found.append(entry)
    return _unique(found)


def _unique(entries: Any) -> list[Entry]:
    """An icon and a name may link to the same place."""
    return list({each.path: each for each in entries}.values())


def _below(url: str, href: str) -> Entry | None:
    try:
        target, here = urlsplit(places.join(url, href.strip())), urlsplit(url)
    except ValueError:
        return None
    folder = here.path if here.path.endswith("/") else f"{here.path}/"
    if (target.scheme, target.netloc) != (here.scheme, here.netloc) or not target.path.startswith(folder):
        return None
    path = tuple(map(unquote, target.path.removeprefix(folder).removesuffix("/").split("/")))
    # A query sorts the same page otherwise.
    if target.query or not all(map(media.is_basename, path)):
        return None
    return Entry(path, target._replace(fragment="").geturl(), target.path.endswith("/"))
