"""What a collection elsewhere has → one GeoJSON FeatureCollection: OGC API Features and Records, STAC, plain files.

The description of a collection leads to its `items`, each page of them to the `next`; a FeatureCollection is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cwl_bridge import stac
from cwl_bridge.download import Client
from cwl_bridge.fetch import FetchError
from registry.models import JSON

#: Of one collection: items, and pages that they come in.
MAX_ITEMS = 100_000
MAX_PAGES = 10_000
MAX_PAGE_BYTES = 64 * 1024 * 1024
#: Items that are asked for at once; a source may give fewer.
PAGE_ITEMS = 1000


def write(client: Client, asked: JSON, path: Path, max_bytes: int) -> int:
    """The features that are asked for, as a file; its size in bytes. Raises FetchError."""
    size = 0
    with path.open("w", encoding="utf-8") as file:
        size += file.write('{"type": "FeatureCollection", "features": [')
        for index, item in enumerate(features(client, asked)):
            # In ASCII: a character is a byte.
            size += file.write(("," if index else "") + "\n" + json.dumps(item))
            if size > max_bytes:
                raise FetchError(f"{asked['collection']} has more than {max_bytes} bytes.")
        size += file.write("\n]}\n")
    return size


def features(client: Client, asked: JSON) -> Iterator[JSON]:
    """As many as there are, or as are asked for. Raises FetchError."""
    source: str = asked["collection"]
    most = asked.get("limit", MAX_ITEMS)
    count = 0
    for page in _pages(client, asked, min(most, PAGE_ITEMS)):
        for item in stac.items(page) or []:
            if count == most and "limit" in asked:
                return
            if count == MAX_ITEMS:
                raise FetchError(f"{source} has more than {MAX_ITEMS} items; ask for fewer with 'limit' or 'bbox'.")
            count += 1
            yield item
        if count >= most and "limit" in asked:
            return


def _pages(client: Client, asked: JSON, size: int) -> Iterator[JSON]:
    source: str = asked["collection"]
    page, url = _document(client, source)
    parameters = {name: str(each) for name, each in asked.items() if name not in ("collection", "limit")}
    if page.get("type") != "FeatureCollection":
        places = stac.links(page, url, "items")
        if not places:
            raise FetchError(f"{source} is no collection with a link to its items, and no FeatureCollection.")
        page, url = _document(client, _with(places[0], {**parameters, "limit": str(size)}))
    elif parameters:
        names = ", ".join(parameters)
        raise FetchError(f"{source} is a file of features: it can't be asked for {names}.")
    seen = {url}
    for _ in range(MAX_PAGES):
        if page.get("type") != "FeatureCollection":
            raise FetchError(f"{url} is no page of features.")
        yield page
        following = [each for each in stac.links(page, url, "next") if each not in seen]
        if not following:
            return
        seen.add(following[0])
        page, url = _document(client, following[0])
    raise FetchError(f"{source} has more than {MAX_PAGES} pages.")


def _document(client: Client, url: str) -> tuple[JSON, str]:
    body, fetched = client.to_bytes(url, MAX_PAGE_BYTES)
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{url} gives no JSON that can be read.") from error
    if not isinstance(found, dict):
        raise FetchError(f"{url} gives no JSON object.")
    return found, fetched.url


def _with(url: str, parameters: dict[str, str]) -> str:
    """A URL with these in its query, in the place of its own of the same names."""
    parts = urlsplit(url)
    own = [(name, each) for name, each in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*own, *parameters.items()], safe=",:/")))
