"""Values that are made or kept elsewhere → what the runner makes ready: an order's `remote` or `collection`. Pure.

`{"process": URL, inputs, outputs}` is what a process of another server gives (21-009, remote-core-processes),
`{"collection": URL, bbox, datetime, limit, …}` what a collection has (21-009, collection-input and remote-collections).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from cwl_bridge import fileinputs, media, nested, passing, places, schema
from cwl_bridge.fileinputs import Errors, Files, Input
from cwl_bridge.ownresults import Taken
from cwl_bridge.schema import CwlType
from registry.models import JSON

REMOTE, COLLECTION = "remote", "collection"
#: Of what is `remote`: it stands for as many files as there are; what JSON Schema says of their number.
SEVERAL = "several"

#: What of a collection can be asked for; each goes to it by the same name.
_FILTERS = frozenset({"bbox", "datetime", "limit", "ids", "q", "crs"})
#: What is known of 2.0 besides, and is not offered.
_REFUSED = frozenset(
    {"filter", "filterCrs", "filterLang", "filter-lang", "filter-crs", "bboxCrs", "bbox-crs", "subset", "subsetCrs"}
    | {"geometry", "geometryCrs", "assets", "properties", "sortBy", "aliases", "passThroughParameters"}
)
_GEOJSON = "application/geo+json"


@dataclass(frozen=True)
class Elsewhere:
    """Where values may come from."""

    #: Hosts, each with or without a port.
    processes: tuple[str, ...] = ()
    #: What relative references begin at: the URL of the process that is executed.
    base: str = ""
    #: By href: the results of this server that the inputs name, or why they can't be had.
    results: Mapping[str, Taken | str] = field(default_factory=dict)

    def permits(self, url: str) -> bool:
        """Whether the operator names its host, or its host and port; `url` is one of http or https."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        return any(each.lower() in (host, f"{host}:{port}") for each in self.processes)


def is_collection(value: Any, described: JSON) -> bool:
    """Whether a value is to be what a collection has; an object whose schema has such a property is a value itself."""
    if not isinstance(value, dict) or not isinstance(value.get("collection"), str) or {"value", "href"} & set(value):
        return False
    return not any("collection" in each.get("properties", ()) for each in schema.branches(described))


def is_form(value: Any, described: JSON) -> bool:
    return nested.is_process(value, described) or is_collection(value, described)


class Forms:
    """Makes what the orders of one request have for them."""

    def __init__(self, errors: Errors, files: Files, allowed: Elsewhere) -> None:
        self._errors = errors
        self._files = files
        self._allowed = allowed

    def order(self, each: Input, described: JSON, cwl_type: CwlType, value: JSON, *path: str | int) -> Any:
        if "process" in value:
            return self._remote(each, described, cwl_type, value, *path)
        return self._collection(each, described, cwl_type, value, *path)

    def several(self, each: Input, described: JSON, items: CwlType, value: JSON, *path: str | int) -> list[JSON]:
        """Files or directories of a process elsewhere for an input of a list; `described`: that of the list."""
        found = self._remote(each, described["items"], items, value, *path)
        if found is None:
            return []
        limits = {key: each for key, each in described.items() if key in ("minItems", "maxItems")}
        return [{**found, REMOTE: {**found[REMOTE], SEVERAL: limits}}]

    def _remote(self, each: Input, described: JSON, cwl_type: CwlType, value: JSON, *path: str | int) -> Any:
        url = value["process"]
        if places.split(url, places.WEB) is None:
            self._errors.add("A process is named by its id, or by an absolute URL: http or https.", *path, "process")
            return None
        if not self._allowed.permits(url):
            host = urlsplit(url).netloc
            detail = f"Processes of {host} can't be asked: the setting process_allow does not name it."
            self._errors.add(detail, *path, "process")
            return None
        for name in nested.MODIFIERS:
            if value.get(name) is not None:
                self._errors.add(f"'{name}' is not offered here: values are taken as they are.", *path, name)
        asked = {"process": url, "inputs": value.get("inputs", {})}
        for name in ("inputs", "outputs"):
            if not isinstance(value.get(name, {}), dict):
                self._errors.add(f"'{name}' is an object keyed by id.", *path, name)
                return None
        if value.get("outputs"):
            asked["output"] = next(iter(value["outputs"]))
        kinds = schema.alternatives(cwl_type)
        if "File" in kinds:
            # What it is called is known when it is there.
            media_type = next(iter(schema.media_types(described)), None)
            name = f"{fileinputs.stem(each, path)}{media.extension(media_type)}"
            return {**self._files.file(each, name, media_type), REMOTE: asked}
        if "Directory" in kinds:
            return {"class": "Directory", "basename": fileinputs.stem(each, path), REMOTE: asked}
        text = "string" in kinds
        encode = "text" if schema.admits_text(described) and text else "json-text" if text else "json"
        wanted = {"schema": described, "type": cwl_type, "encode": encode, "input": each.name}
        return {"$reference": {"location": url, REMOTE: asked, **wanted}}

    def _collection(self, each: Input, described: JSON, cwl_type: CwlType, value: JSON, *path: str | int) -> Any:
        url = _joined(self._allowed.base, value["collection"]) if "/" in value["collection"] else ""
        if places.split(url, places.WEB) is None:
            words = "There are no collections here; one of another server is named by its URL: http or https."
            self._errors.add(words, *path, "collection")
            return None
        for name in value:
            if name not in _FILTERS and name != "collection":
                known = ", ".join(sorted(_FILTERS))
                said = "is not offered here" if name in _REFUSED else "is not known"
                self._errors.add(f"'{name}' {said}; what a collection can be asked for is {known}.", *path, name)
        asked: JSON = {"collection": url}
        for name in _FILTERS & set(value):
            found = _parameter(name, value[name])
            if found is None:
                self._errors.add(_EXPECTED[name], *path, name)
            else:
                asked[name] = found
        kinds = schema.alternatives(cwl_type)
        if "File" in kinds and passing.takes_geojson(described):
            name = f"{fileinputs.stem(each, path)}.geojson"
            return {**self._files.file(each, name, _GEOJSON), COLLECTION: asked}
        if "Directory" in kinds:
            return {"class": "Directory", "basename": fileinputs.stem(each, path), COLLECTION: asked}
        self._errors.add("A collection is a file of GeoJSON, or a Directory of STAC; this input takes neither.", *path)
        return None


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""


_EXPECTED = {
    "bbox": "A bbox is a list of 4 or 6 numbers.",
    "datetime": "'datetime' is a time or an interval of RFC 3339, a string.",
    "limit": "'limit' is a whole number from 1: of all items together.",
    "ids": "'ids' is a list of strings.",
    "q": "'q' is a list of strings.",
    "crs": "'crs' is a URI.",
}


def _parameter(name: str, value: Any) -> str | int | None:
    """As a query has it; None where it can't be that."""
    if name == "limit":
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
    if name == "bbox":
        box = value.get("bbox") if isinstance(value, dict) else value
        numbers = isinstance(box, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in box)
        return ",".join(map(str, box)) if isinstance(box, list) and numbers and len(box) in (4, 6) else None
    if name in ("ids", "q") and isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ",".join(value)
    return value if isinstance(value, str) and value and name != "ids" else None
