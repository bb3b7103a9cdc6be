"""How values reach an input: the members of an input description that Part 1 has from 2.0 on. Pure."""

from __future__ import annotations

from cwl_bridge import levels, media, schema
from registry.models import JSON

#: What stands for GeoJSON in an input whose files may be anything, or JSON of any kind.
_GEOJSON = frozenset({"application/geo+json", "application/json", media.BINARY})


def members(described: JSON, *, network: bool) -> JSON:
    """`described`: the schema of the input. Every value may be an href; files are fetched before the tool runs.

    `network`: whether a tool of the process has network (`has_network`).
    """
    found: JSON = {"valuePassing": ["byValue", "byReference"]}
    one = described.get("items", {}) if described.get("type") == "array" else described
    if schema.is_file(one) or schema.is_directory(one):
        found["executionUnitRequirements"] = {"remote-access": network, "staging": "local-file"}
    if schema.is_directory(one):
        # Each item with its assets.
        found["dataAccessAPIs"] = ["stac-api"]
    elif takes_geojson(one):
        found["dataAccessAPIs"] = ["ogc-api-features", "ogc-api-records", "stac-api"]
    return found


def has_network(cwl: JSON) -> bool:
    """Whether a tool of a document may reach the network; where an expression decides, it may. That of v1.0 may always.

    CWL v1.2, NetworkAccess; what cwltool makes of a document of v1.0.
    """
    return any(level.kind == "CommandLineTool" and _may_reach_network(cwl, level) for level in levels.walk(cwl))


def _may_reach_network(cwl: JSON, level: levels.Level) -> bool:
    body, _ = level.in_force("NetworkAccess") or ({"networkAccess": cwl.get("cwlVersion") == "v1.0"}, ())
    return bool(body.get("networkAccess"))


def takes_geojson(described: JSON) -> bool:
    """Whether a file of this schema may be GeoJSON."""
    return schema.is_file(described) and not _GEOJSON.isdisjoint(map(media.essence, schema.media_types(described)))
