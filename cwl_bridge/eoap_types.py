"""The types that Earth-observation packages import from eoap/schemas, as data, so that no network is needed.

`double[][]` is an array of arrays, `?` what may be null, `file#Name` a type of another file; a name with a capital
letter is one of the same file. Where those files contradict GeoJSON (the coordinates of a LineString and, in stac, a
Polygon) or STAC (versions, summaries, providers), these follow GeoJSON and STAC: they take what those files take, or
what no valid object could have fitted.
"""

from __future__ import annotations

#: The strings of string_format.yaml, each a record of one `value`, with JSON Schema's `format`.
STRINGS = {
    "Date": "date",
    "DateTime": "date-time",
    "Duration": "duration",
    "Email": "email",
    "Hostname": "hostname",
    "IDNEmail": "idn-email",
    "IDNHostname": "idn-hostname",
    "IPv4": "ipv4",
    "IPv6": "ipv6",
    "IRI": "iri",
    "IRIReference": "iri-reference",
    "JsonPointer": "json-pointer",
    "Password": "password",
    "RelativeJsonPointer": "relative-json-pointer",
    "UUID": "uuid",
    "URI": "uri",
    "URIReference": "uri-reference",
    "URITemplate": "uri-template",
    "Time": "time",
}

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"

#: A record: its fields. An enum: its symbols.
Type = dict[str, str | list[str]] | list[str]

_COORDINATES = {
    "Point": "double[]",
    "LineString": "double[][]",
    "Polygon": "double[][][]",
    "MultiPoint": "double[][]",
    "MultiLineString": "double[][][]",
    "MultiPolygon": "double[][][][]",
}
_GEOMETRIES = list(_COORDINATES)


def _geometry(name: str, coordinates: str) -> dict[str, Type]:
    record: Type = {"type": f"{name}Type", "coordinates": coordinates, "bbox": "double[]"}
    return {f"{name}Type": [name], name: record}


_ALL_GEOMETRIES: dict[str, Type] = {
    key: each for name, coordinates in _COORDINATES.items() for key, each in _geometry(name, coordinates).items()
}
_COLLECTED: dict[str, Type] = {
    "GeometryCollectionType": ["GeometryCollection"],
    "GeometryCollection": {
        "type": "GeometryCollectionType",
        "geometries": "(" + "|".join(_GEOMETRIES) + ")[]",
        "bbox": "double[]",
    },
}
_BASICS = {"title": "string?", "description": "string?"}
_TIMES = {
    "datetime": "string?",
    "start_datetime": "string?",
    "end_datetime": "string?",
    "created": "string?",
    "updated": "string?",
}
_COMMON = {**_BASICS, **_TIMES, "license": "string?", "providers": "Provider[]?"}

FILES: dict[str, dict[str, Type]] = {
    "string_format": {name: {"value": "string"} for name in STRINGS},
    "ogc": {"CRS": [CRS84, CRS84H], "BBox": {"bbox": "double[]", "crs": "CRS"}},
    "geojson": {
        **_ALL_GEOMETRIES,
        "FeatureType": ["Feature"],
        "Feature": {"type": "FeatureType", "id": "string", "geometry": _GEOMETRIES, "bbox": "double[]"},
        **_COLLECTED,
        "Link": {
            "href": "string",
            "rel": "string",
            "type": "string",
            "hreflang": "string",
            "title": "string",
            "length": "int",
        },
        "FeatureCollectionType": ["FeatureCollection"],
        "FeatureCollection": {
            "type": "FeatureCollectionType",
            "features": "Feature[]",
            "links": "Link[]",
            "timeStamp": "string",
            "numberMatched": "int",
            "numberReturned": "int",
        },
    },
    "stac": {
        "StacVersion": ["1.0.0", "1.1.0"],
        "Link": {"href": "string", "rel": "string", "title": "string?", "type": "string?"},
        "Catalog": {
            "description": "string",
            "id": "string",
            "links": "Link[]",
            "stac_extensions": "string[]?",
            "stac_version": "StacVersion",
            "title": "string?",
            "type": "string",
        },
        "BasicDescriptiveFields": {**_BASICS},
        "DateTime": {**_TIMES},
        "Instrument": {
            "constellation": "string?",
            "gsd": "double?",
            "instruments": "string[]",
            "mission": "string?",
            "platform": "string?",
        },
        "Licensing": {"license": "string?"},
        "OrganizationRole": ["producer", "licensor", "processor", "host"],
        "Provider": {"description": "string?", "name": "string", "roles": "OrganizationRole[]?", "url": "string?"},
        "Providers": {"providers": "Provider[]?"},
        **_ALL_GEOMETRIES,
        "FeatureType": ["Feature"],
        "Feature": {"type": "FeatureType", "id": "string", "geometry": ["null", *_GEOMETRIES], "bbox": "double[]"},
        **_COLLECTED,
        "CommonMetadata": {**_COMMON},
        "Asset": {"href": "string", **_COMMON, "type": "string?", "roles": "string[]?"},
        "Item": {
            "type": "FeatureType",
            "id": "string",
            "geometry": ["null", *_GEOMETRIES],
            "bbox": "double[]",
            "stac_version": "StacVersion",
            "stac_extensions": "string[]?",
            "links": "Link[]",
            "properties": "CommonMetadata",
        },
        "CollectionType": ["Collection"],
        "Spatial": {"bbox": "double[][]"},
        "Temporal": {"interval": "(null|string)[][]"},
        "Extents": {"spatial": "Spatial", "temporal": "Temporal"},
        "Range": {"minimum": ["double", "string"], "maximum": ["double", "string"]},
        "Collection": {
            "stac_version": "StacVersion",
            "stac_extensions": "string[]?",
            "type": "CollectionType",
            "title": "string?",
            "keywords": "string[]?",
            "license": "string",
            "providers": "Provider[]?",
            "links": "Link[]",
            "summaries": "Any?",
        },
    },
    "experimental/api-endpoint": {
        "KeyValuePair": {"key": "string", "value": "string"},
        "APIEndpoint": {"url": "string_format#URI", "headers": "KeyValuePair[]?"},
    },
    "experimental/discovery": {
        "DatetimeInterval": {"start": "string_format#DateTime", "end": "string_format#DateTime"},
        "Fields": {"include": "string[]?", "exclude": "string[]?"},
        "FilterLang": ["cql2-text", "cql2-json"],
        "Direction": ["asc", "desc"],
        "SortBy": {"field": "string", "direction": "Direction"},
        "STACSearchSettings": {
            "bbox": "double[]?",
            "datetime": "string_format#DateTime?",
            "datetime-interval": "DatetimeInterval?",
            "intersects": ["null", *(f"geojson#{name}" for name in (*_GEOMETRIES, "GeometryCollection"))],
            "collections": "string[]?",
            "ids": "string[]?",
            "limit": "int?",
            "max-items": "int?",
            "fields": "Fields?",
            "filter": "Any?",
            "filter-lang": "FilterLang?",
            "filter-crs": "string_format#URI[]?",
            "sortby": "SortBy[]?",
        },
        "STACAPI": {
            "api_endpoint": "experimental/api-endpoint#APIEndpoint",
            "search_request": "STACSearchSettings",
        },
    },
    "experimental/process": {
        "Bands": [
            "crs_coastal_aerosol",
            "blue",
            "green",
            "red",
            "nir08",
            "swir1",
            "swir2",
            "panchromatic",
            "cirrus",
            "tirs1",
            "tirs2",
        ],
        "OGCExecuteProcessSettings": {"process_id": "string", "inputs": "Any", "properties": "Any[]?"},
        "OCGProcesses": {
            "api_endpoint": "experimental/api-endpoint#APIEndpoint",
            "execute_request": "OGCExecuteProcessSettings",
        },
    },
}
