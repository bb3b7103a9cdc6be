"""STAC documents: what they are, what they link to, and how they read as a catalog of local files. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge import places
from cwl_bridge.fetch import FetchError
from registry.models import JSON

CATALOG = "catalog.json"
CATALOG_TYPE = "application/json"
ITEM_TYPE = "application/geo+json"

_FEATURES = ("Feature", "FeatureCollection")
#: Of an item's links, those that the catalog around it decides about.
_PLACED = ("self", "root", "parent")


def is_stac(document: Any) -> bool:
    """An item or several, also as plain GeoJSON; a collection or catalog."""
    if not isinstance(document, dict):
        return False
    return document.get("type") in _FEATURES or is_catalog(document) or document.get("type") == "Collection"


def is_catalog(document: Any) -> bool:
    """`type` is younger than STAC."""
    if not isinstance(document, dict) or document.get("type", "Catalog") != "Catalog":
        return False
    return isinstance(document.get("stac_version"), str) and isinstance(document.get("links"), list)


def items(document: JSON) -> list[JSON] | None:
    """The items in the document itself; None for a catalog or collection. Raises FetchError."""
    if document.get("type") == "Feature":
        return [document]
    if document.get("type") != "FeatureCollection":
        return None
    found = document.get("features")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise FetchError("A FeatureCollection has a list of features.")
    return found


def links(document: JSON, base: str | None, *relations: str) -> list[str]:
    """Where the links of these relations lead, those that a GET follows."""
    listed = document.get("links")
    return [
        absolute(base, each["href"])
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
        and each.get("rel") in relations
        and isinstance(each.get("href"), str)
        and each.get("method", "GET") == "GET"
    ]


def absolute(base: str | None, href: str) -> str:
    """Raises FetchError where a document without a place of its own says where something lies relative to it."""
    if places.split(href) is not None:
        # What came from elsewhere names nothing of this machine.
        if places.is_local(href) and not (base and places.is_local(base)):
            raise FetchError(f"A document names {href[:200]!r}, which only a local one may name.")
        return href
    try:
        found = places.join(base, href) if base else href
    except ValueError:
        found = href
    if places.split(found) is None:
        raise FetchError(f"{href[:200]!r} in a document is no place that can be fetched.")
    return found


def assets(item: JSON) -> Iterator[tuple[str, JSON]]:
    """Raises FetchError."""
    listed = item.get("assets")
    for key, asset in (listed if isinstance(listed, dict) else {}).items():
        if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
            raise FetchError(f"The asset {key[:200]!r} of an item has no href.")
        yield key, asset


def localised(item: JSON, base: str | None, hrefs: dict[str, str]) -> JSON:
    """The item as it lies in a folder of the catalog. `hrefs`: key of an asset → where it lies."""
    placed: list[JSON] = [{"rel": each, "href": f"../{CATALOG}", "type": CATALOG_TYPE} for each in ("root", "parent")]
    listed = item.get("links")
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and each.get("rel") not in _PLACED and isinstance(each.get("href"), str):
            try:
                placed.append({**each, "href": places.join(base, each["href"]) if base else each["href"]})
            except ValueError:
                continue
    rewritten = {key: {**asset, "href": hrefs[key]} for key, asset in assets(item)}
    return {**item, "assets": rewritten, "links": placed}


def catalog(name: str, staged: list[str], version: str) -> JSON:
    """`staged`: the items, each where it lies below the catalog."""
    return {
        "type": "Catalog",
        "stac_version": version,
        "id": name,
        "description": "Items with their assets, fetched for one execution.",
        "links": [
            {"rel": "root", "href": f"./{CATALOG}", "type": CATALOG_TYPE},
            *({"rel": "item", "href": each, "type": ITEM_TYPE} for each in staged),
        ],
    }
