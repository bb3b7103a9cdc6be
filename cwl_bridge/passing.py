"""How values reach an input: the members of an input description that Part 1 has from 2.0 on. Pure."""

from __future__ import annotations

from cwl_bridge import media, schema
from registry.models import JSON

#: What stands for GeoJSON in an input whose files may be anything, or JSON of any kind.
_GEOJSON = frozenset({"application/geo+json", "application/json", media.BINARY})


def members(described: JSON) -> JSON:
    """`described`: the schema of the input. Every value may be an href; files are fetched before the tool runs."""
    found: JSON = {"valuePassing": ["byValue", "byReference"]}
    one = described.get("items", {}) if described.get("type") == "array" else described
    if schema.is_file(one) or schema.is_directory(one):
        found["executionUnitRequirements"] = {"remote-access": False, "staging": "local-file"}
    if schema.is_directory(one):
        # Each item with its assets.
        found["dataAccessAPIs"] = ["stac-api"]
    elif takes_geojson(one):
        found["dataAccessAPIs"] = ["ogc-api-features", "ogc-api-records", "stac-api"]
    return found


def takes_geojson(described: JSON) -> bool:
    """Whether a file of this schema may be GeoJSON."""
    return schema.is_file(described) and not _GEOJSON.isdisjoint(map(media.essence, schema.media_types(described)))
