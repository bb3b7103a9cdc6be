"""What an href may name, by its form."""

from __future__ import annotations

import pytest

from cwl_bridge import places


@pytest.mark.parametrize(
    "href",
    [
        *("http://example.org", "HTTPS://example.org:8443/a?b#c", "s3://bucket/a%20b", "S3://a.b-c_d/e", "gs://b/k"),
        *("az://container/k", "file:///data/a", "file://localhost/data/sub/b%20c", "file:///data"),
    ],
)
def test_places(href: str) -> None:
    """Web, stores, and local files below an allowed folder."""
    assert places.can_be_fetched(href, ("/data", "/more/"))


@pytest.mark.parametrize(
    "href",
    [
        *(
            "",
            "a",
            "/data/a",
            "ftp://example.org/a",
            "data:,a",
            "http://",
            "http://[bad/",
            "http://a:0/",
            "http://a:x/",
        ),
        *("s3:///a", "s3://b:80/a", "s3://u@b/a", "s3://b/a?c", "s3://b/a#c", "s3://b c/a", "s3:b/a", "az://b$/a"),
        *("file:///etc/a", "file:///data/../etc/a", "file:///data/%2e%2e/etc/a", "file://host/data/a", "file:data/a"),
        *(
            "file:///database/a",
            "file:///data/a?b",
            "file:///data/a%00b",
            "file:",
            "file:////etc",
            f"s3://b/{'a' * 9000}",
        ),
        *(None, 5, ["http://example.org"]),
    ],
)
def test_no_places(href: object) -> None:
    """Everything else."""
    assert not places.can_be_fetched(href, ("/data", "/more/"))
    assert not places.can_be_fetched("file:///data/a", ())


@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        ("http://a/b/c", "../d", "http://a/d"),
        ("s3://b/c/item.json", "./a.tif", "s3://b/c/a.tif"),
        ("s3://b/c/item.json", "../../../a.tif", "s3://b/a.tif"),
        ("s3://b/c/item.json", "/a.tif", "s3://b/a.tif"),
        ("s3://b/c/item.json", "http://e/a.tif", "http://e/a.tif"),
        ("s3://b/c/item.json", "gs://e/a.tif", "gs://e/a.tif"),
        ("http://a/b", "s3://c/d", "s3://c/d"),
        ("file:///data/i.json", "a b.tif", "file:///data/a b.tif"),
        ("file:///data/i.json", "../../etc", "file:///etc"),
    ],
)
def test_join(base: str, href: str, expected: str) -> None:
    """Relative references in a bucket mean what they mean on the web."""
    assert places.join(base, href) == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [("http://a/b/c%20d", "c d"), ("http://a/b/", "b"), ("http://a/", ""), ("s3://a/b//", "b"), ("nothing", "")],
)
def test_last_segment(href: str, expected: str) -> None:
    """Of files and folders."""
    assert places.last_segment(href) == expected
