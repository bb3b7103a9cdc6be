"""Media types, endings and names of files."""

from __future__ import annotations

import pytest

from cwl_bridge import media
from tests.cwl_bridge.cases import case


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("image/tiff", "image/tiff"),
        ("image/tiff; application=geotiff", "image/tiff"),
        (" Text/Plain ;charset=utf-8", "text/plain"),
        ("", ""),
    ],
)
def test_essence(media_type: str, expected: str) -> None:
    """Parameters, case and blanks do not count when types are compared."""
    assert media.essence(media_type) == expected


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        *((each, True) for each in ("text/csv", "application/json", "application/geo+json", "application/gml+xml")),
        *((each, True) for each in ("application/xml", "application/yaml", "image/svg+xml", "TEXT/HTML;charset=a")),
        *((each, False) for each in ("image/png", "application/octet-stream", "application/pdf", "application/zip")),
    ],
)
def test_is_text(media_type: str, expected: bool) -> None:
    """Text, JSON, XML and YAML are written in JSON as they are; all else is base64."""
    assert media.is_text(media_type) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((each, "image/tiff") for each in ("a.tif", "a.tiff", "A.TIF", "a.b.tif")),
        *(("a.geojson", "application/geo+json"), ("a.json", "application/json"), ("a.csv", "text/csv")),
        *(("a.png", "image/png"), ("a.md", "text/markdown"), ("a.gpkg", "application/geopackage+sqlite3")),
        *(("a.tar.gz", "application/gzip"), ("a.gz", "application/gzip"), ("a.bz2", None), ("a", None), (".png", None)),
        *(("a.yaml", "application/yaml"), ("a.nc", "application/x-netcdf"), ("a.unknown", None)),
        case("a.yml", "application/yaml"),
    ],
)
def test_of_name(name: str, expected: str | None) -> None:
    """The ending of a file suggests its type; of a compressed one, how it is compressed."""
    assert media.of_name(name) == expected


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        *(
            (None, ""),
            ("application/octet-stream", ""),
            ("unknown/type", ""),
            ("image/tiff; application=geotiff", ".tif"),
        ),
        *(("image/jpeg", ".jpg"), ("text/plain", ".txt"), ("text/html", ".html"), ("application/json", ".json")),
        *(("application/geo+json", ".geojson"), ("application/gml+xml", ".gml"), ("IMAGE/PNG", ".png")),
        *(("text/csv", ".csv"), ("application/zip", ".zip"), ("text/xml", ".xml"), ("image/jp2", ".jp2")),
        case("application/xml", ".xml"),
        case("application/x-netcdf", ".nc"),
    ],
)
def test_extension(media_type: str | None, expected: str) -> None:
    """A file gets the ending that people use for its type."""
    assert media.extension(media_type) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(
            (each, True)
            for each in ("a", "a b.tif", "-a", ".a", "...", "ä", "🕺", "a\\b", "$(x)", "a" * 255, "ä" * 127)
        ),
        *((each, False) for each in ("", ".", "..", "a/b", "/a", "a/", "a\nb", "a\0b", "\x7f", "\udcff", "\u202e")),
        *((each, False) for each in ("a" * 256, "ä" * 128)),
    ],
)
def test_is_basename(name: str, expected: bool) -> None:
    """A name is one printable path segment of at most 255 bytes."""
    assert media.is_basename(name) is expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://a.b/c/d.tif", "d.tif"),
        ("https://a.b/c/d.tif?token=x/y#z", "d.tif"),
        ("https://a.b/c%20d.tif", "c d.tif"),
        ("https://a.b/%C3%A4.tif", "ä.tif"),
        ("https://a.b/a%2Fb.tif", "b.tif"),
        ("https://a.b/c/", "fallback"),
        ("https://a.b", "fallback"),
        ("https://a.b/..", "fallback"),
        ("https://a.b/%2e%2e", "fallback"),
        ("https://a.b/a%00b", "fallback"),
        ("https://a.b/a%0Ab", "fallback"),
        ("https://a.b/" + "a" * 256, "fallback"),
    ],
)
def test_basename_of(href: str, expected: str) -> None:
    """A file is named after the last segment of its URL where that is a name at all."""
    assert media.basename_of(href, "fallback") == expected
