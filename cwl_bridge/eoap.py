"""The named types of Earth-observation packages: what they look like to clients, and how their values pass. Pure.

A client sends a date, a bounding box, a GeoJSON or STAC object as OGC and GeoJSON write it; the CWL types are records
that want a `value` around a text, a short name of a reference system, or members that GeoJSON lets one leave out.
"""

from __future__ import annotations

import re
from typing import Any

from cwl_bridge.eoap_types import CRS84, CRS84H, FILES, STRINGS, Type
from registry.models import JSON

_MAIN = "https://raw.githubusercontent.com/eoap/schemas/main/"
_FILE = "|".join(FILES)
_ADDRESS = re.compile(
    r"https://(?:raw\.githubusercontent\.com/eoap/schemas/(?:refs/(?:heads|tags)/)?[^/?#]+"
    r"|github\.com/eoap/schemas/(?:raw|blob)/(?:refs/(?:heads|tags)/)?[^/?#]+"
    rf"|eoap\.github\.io/schemas)/({_FILE})\.ya?ml\Z"
)
#: `…/ogc.yaml#BBox`, and what packing makes of it, `#ogc.yaml/BBox`.
_NAME = re.compile(rf"(?:.*[/#])?({_FILE})\.ya?ml[#/]([A-Za-z0-9]+)\Z")

_GEOMETRY = "geojson-geometry"
#: Of GeoJSON and STAC: `format` in a schema, and the members that a client has to send; the others are made.
_OBJECTS: dict[tuple[str, str], tuple[str | None, tuple[str, ...]]] = {
    **{
        (file, name): (_GEOMETRY, ("type", "coordinates"))
        for file in ("geojson", "stac")
        for name in ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
    },
    ("geojson", "GeometryCollection"): (_GEOMETRY, ("type", "geometries")),
    ("stac", "GeometryCollection"): (_GEOMETRY, ("type", "geometries")),
    ("geojson", "Feature"): ("geojson-feature", ("type", "geometry")),
    ("stac", "Feature"): ("geojson-feature", ("type", "geometry")),
    ("geojson", "FeatureCollection"): ("geojson-feature-collection", ("type", "features")),
    ("geojson", "Link"): (None, ("href",)),
    ("stac", "Item"): ("stac-item", ("type", "id", "stac_version", "properties")),
    ("stac", "Collection"): ("stac-collection", ("type", "stac_version", "license")),
    ("stac", "Catalog"): ("stac-catalog", ("type", "id", "description", "stac_version")),
}

_BBOX: JSON = {
    "allOf": [
        {"format": "ogc-bbox"},
        {
            "type": "object",
            "required": ["bbox"],
            "properties": {
                "bbox": {
                    "type": "array",
                    "items": {"type": "number"},
                    "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                },
                "crs": {"type": "string", "enum": [CRS84, CRS84H], "default": CRS84},
            },
        },
    ]
}


def types(url: str) -> list[JSON] | None:
    """What a SchemaDefRequirement imports from a known address, every name absolute; None: it is not known."""
    match = _ADDRESS.match(url)
    if match is None:
        return None
    return [_declared(each, name, url) for name, each in FILES[match[1]].items()]


def _declared(spelled: Type, name: str, url: str) -> JSON:
    if isinstance(spelled, list):
        return {"type": "enum", "name": f"{url}#{name}", "symbols": spelled}
    fields = [{"name": field, "type": _type(each, url)} for field, each in spelled.items()]
    return {"type": "record", "name": f"{url}#{name}", "fields": fields}


def _type(spelled: str | list[str], url: str) -> Any:
    if isinstance(spelled, list):
        return [_type(each, url) for each in spelled]
    if spelled.endswith("?"):
        return ["null", _type(spelled[:-1], url)]
    if spelled.endswith("[]"):
        return {"type": "array", "items": _type(spelled[:-2], url)}
    if spelled.startswith("("):
        return _type(spelled[1:-1].split("|"), url)
    file, hash_sign, name = spelled.rpartition("#")
    if hash_sign:
        return f"{_MAIN}{file}.yaml#{name}"
    return f"{url}#{spelled}" if spelled[0].isupper() and spelled != "Any" else spelled


def _known(record: Any) -> tuple[str, str] | None:
    """(file, name) of a normalised CWL type that is one of these; what only has such a name is not."""
    if not isinstance(record, dict) or record.get("type") != "record":
        return None
    match = _NAME.match(str(record.get("name")))
    declared = FILES[match[1]].get(match[2]) if match else None
    fields = record["fields"]
    if match is None or not isinstance(declared, dict) or not declared.keys() >= fields.keys():
        return None
    if match[1] == "string_format" and fields != {"value": "string"}:
        return None
    return match[1], match[2]


def is_text(record: JSON) -> bool:
    """Whether a client sends a text for this normalised type."""
    known = _known(record)
    return known is not None and known[0] == "string_format"


def schema(record: JSON, usual: JSON) -> JSON:
    """The JSON Schema of a normalised record, in the subset of 18-062r2. `usual`: that of any such record."""
    known = _known(record)
    if known is None:
        return usual
    file, name = known
    if file == "string_format":
        return {"type": "string", "format": STRINGS[name]}
    if known == ("ogc", "BBox"):
        return _BBOX
    if known not in _OBJECTS:
        return usual
    meaning, needed = _OBJECTS[known]
    required = [each for each in needed if each in usual["properties"]]
    found = {key: each for key, each in usual.items() if key != "required"}
    if name == "Feature" and "id" in found["properties"]:
        # GeoJSON has numbers as well.
        found["properties"] = {**found["properties"], "id": {"oneOf": [{"type": "string"}, {"type": "number"}]}}
    return {**found, **({"format": meaning} if meaning else {}), **({"required": required} if required else {})}


def to_client(described: JSON, value: Any) -> Any:
    """A value as CWL has it in the form that its published schema describes."""
    if isinstance(value, list) and isinstance(described.get("items"), dict):
        return [to_client(described["items"], each) for each in value]
    if not isinstance(value, dict):
        return value
    if described.get("type") == "string" and list(value) == ["value"] and isinstance(value["value"], str):
        return value["value"]
    if described.get("allOf", [None])[0] == {"format": "ogc-bbox"} and isinstance(value.get("crs"), str):
        spelled = {"CRS84": CRS84, "CRS84h": CRS84H}
        return {**value, "crs": spelled.get(value["crs"], value["crs"])}
    properties = described.get("properties", {})
    return {key: to_client(properties.get(key, {}), each) for key, each in value.items()}


def to_cwl(record: JSON, value: Any) -> Any:
    """A checked value as a normalised record wants it, its members not looked at yet."""
    known = _known(record)
    if known is None:
        return value
    if known[0] == "string_format":
        return {"value": value} if isinstance(value, str) else value
    if not isinstance(value, dict):
        return value
    if known == ("ogc", "BBox"):
        return {**value, "crs": str(value.get("crs") or CRS84).rpartition("/")[2]}
    if known not in _OBJECTS:
        return value
    found = dict(value)
    for name, each in record["fields"].items():
        is_optional = isinstance(each, list) and "null" in each
        if found.get(name) is None and not is_optional:
            found[name] = _made(name, each, value)
    if isinstance(found.get("id"), int | float):
        found["id"] = str(found["id"])
    return found


def _made(name: str, cwl_type: Any, value: JSON) -> Any:
    """What a member stands for that was left out."""
    if name == "bbox":
        return _bounds(value)
    if name in ("numberMatched", "numberReturned"):
        return len(value.get("features") or [])
    if isinstance(cwl_type, dict):
        return [] if cwl_type["type"] == "array" else None
    return {"string": "", "int": 0}.get(cwl_type) if isinstance(cwl_type, str) else None


def _bounds(value: JSON) -> list[float]:
    """The bounding box of a geometry or of what has one; empty where there is none."""
    positions = list(_positions(value))
    if not positions:
        return []
    size = min(3, *map(len, positions)) if len(positions) > 1 else min(3, len(positions[0]))
    axes = [[each[axis] for each in positions] for axis in range(size)]
    return [*map(min, axes), *map(max, axes)]


def _positions(value: Any) -> list[list[float]]:
    if isinstance(value, dict):
        inner = (value.get(key) for key in ("coordinates", "geometry", "geometries", "features"))
        return [position for each in inner if each is not None for position in _positions(each)]
    if not isinstance(value, list):
        return []
    if value and all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        return [value] if len(value) > 1 else []
    return [position for each in value for position in _positions(each)]
