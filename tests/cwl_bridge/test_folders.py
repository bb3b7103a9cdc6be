"""Directories by href: zips, pages that list them, folders, STAC."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from cwl_bridge import download, folders
from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.staging import Stager, StagingError
from tests.cwl_bridge import web

MAX = 100_000


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in a test."""
    monkeypatch.setattr(download, "RETRY_SECONDS", 0.001)


def _stage(tmp_path: Path, told: list[str] | None = None, **directory: Any) -> Path:
    """The folder that a Directory is staged as."""
    client = Client(Allowed(("127.0.0.1",)), (str(tmp_path / "open"),), ([] if told is None else told).append)
    given = {"class": "Directory", "basename": "d", **directory}
    found = Stager(tmp_path / "inputs", client, MAX).order({"x": given})["x"]
    assert set(found) == {"class", "location", "basename"}
    path = Path(unquote(urlsplit(found["location"]).path))
    assert path.name == "d"
    assert [each.name for each in path.parent.iterdir()] == ["d"]
    return path


def _tree(folder: Path) -> dict[str, str]:
    """path → content of every file, and of every folder."""
    return {
        str(each.relative_to(folder)) + ("/" if each.is_dir() else ""): "" if each.is_dir() else each.read_text()
        for each in sorted(folder.rglob("*"))
    }


def _zipped(**members: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return memory.getvalue()


@pytest.mark.parametrize("media_type", ["application/zip", "application/octet-stream", "text/html"])
def test_a_zip(tmp_path: Path, media_type: str) -> None:
    """Whatever it is called: a zip shows that it is one."""
    told: list[str] = []
    with web.serving({"/a": web.body(_zipped(**{"a": "1", "b/c": "2"}), media_type)}) as (url, _):
        found = _stage(tmp_path, told, location=f"{url}/a", mediaType="application/zip")
    assert _tree(found) == {"a": "1", "b/": "", "b/c": "2"}
    assert told[0] == f"fetching {url}/a"
    assert told[1].startswith(f"fetched {url}/a: 2 bytes in 2 files in ")
    assert told[2].startswith("inputs are ready: 2 bytes fetched in ")


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that a web server lists, and its URL."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    folder = tmp_path / "served"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_folder_that_a_web_server_lists(tmp_path: Path, listed: tuple[Path, str], slash: str) -> None:
    """All that is below it, by the names that it has there."""
    folder, url = listed
    (folder / "d" / "e f" / "g").mkdir(parents=True)
    (folder / "d" / "empty").mkdir()
    for name in ("a #1 &amp; ü.txt", "e f/b?c.txt", "e f/g/c%20.txt"):
        (folder / "d" / name).write_text(name)
    (folder / "beside").write_text("no")
    assert _tree(_stage(tmp_path, location=f"{url}/d{slash}")) == {
        "a #1 &amp; ü.txt": "a #1 &amp; ü.txt",
        "e f/": "",
        "e f/b?c.txt": "e f/b?c.txt",
        "e f/g/": "",
        "e f/g/c%20.txt": "e f/g/c%20.txt",
        "empty/": "",
    }


APACHE = """<html><head><title>Index of /d</title></head><body><h1>Index of /d</h1><table><tr>
<th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><img src="/icons/back.gif"></td><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="a.txt"><img src="/icons/text.gif"></a></td><td><A HREF='a.txt'>a.txt</A></td></tr>
<tr><td><a class=x href=sub/>sub/</a></td></tr>
<tr><td><a href="https://httpd.example.org/">Apache</a><a href="../d/../etc/">x</a><a href="mailto:a@b">m</a>
<a href="javascript:alert(1)">s</a><a name="top">t</a><a href="http://[bad/">b</a><a href="#top">u</a>
<a href="./">here</a><a href="%2e%2e/secret">y</a><a href="b%2fc">z</a></td></tr></table></body></html>"""
NGINX = """<html>\r\n<head><title>Index of /d/sub/</title></head>\r\n<body>\r\n<h1>Index of /d/sub/</h1><hr><pre>
<a href="../">../</a>\r\n
<a href="b%20%26.txt">b &amp;.txt</a>   22-Nov-2026 10:00    1\r\n</pre><hr></body>\r\n</html>"""


def test_pages_of_the_usual_servers(tmp_path: Path) -> None:
    """Links that sort the page, or lead up or away, are left alone."""
    pages = {"/d/": web.page(APACHE), "/d/a.txt": web.body("1"), "/d/sub/": web.page(NGINX)}
    with web.serving({**pages, "/d/sub/b%20%26.txt": web.body("2")}) as (url, asked):
        assert _tree(_stage(tmp_path, location=f"{url}/d/")) == {"a.txt": "1", "sub/": "", "sub/b &.txt": "2"}
    assert len(asked) == 4


def test_an_index_of_links(tmp_path: Path) -> None:
    """As this server shows a Directory: absolute links, and folders with a slash."""
    pages: dict[str, web.Page] = {"/d/a.json": web.data({"links": []}), "/d/b/c": web.body("2")}
    with web.serving(pages) as (url, _):
        links = [
            {"href": f"{url}/d", "rel": "self", "type": "application/json"},
            {"href": f"{url}/d/a.json", "rel": "item", "type": "application/json", "length": 1},
            {"href": f"{url}/d/b/", "rel": "item"},
        ]
        pages["/d"] = web.data({"title": "d", "links": links})
        pages["/d/b/"] = web.data({"links": [{"href": "c", "rel": "item"}]})
        found = _stage(tmp_path, location=f"{url}/d")
    assert _tree(found) == {"a.json": '{"links": []}', "b/": "", "b/c": "2"}


def test_a_list_of_links(tmp_path: Path) -> None:
    """Objects or strings, also of what lies deeper."""
    pages = {"/d/": web.data(["a", {"href": "b/c", "type": "text/plain"}]), "/d/a": web.body("1")}
    with web.serving({**pages, "/d/b/c": web.body("2")}) as (url, _):
        assert _tree(_stage(tmp_path, location=f"{url}/d/")) == {"a": "1", "b/": "", "b/c": "2"}


def test_a_folder_of_the_operator(tmp_path: Path) -> None:
    """Copied, with what its links lead to as long as that may be named as well."""
    folder = tmp_path / "open" / "data"
    (folder / "b c").mkdir(parents=True)
    (folder / "a").write_text("1")
    (folder / "b c" / "link").symlink_to(folder / "a")
    assert _tree(_stage(tmp_path, location=folder.as_uri())) == {"a": "1", "b c/": "", "b c/link": "1"}


def _item(name: str, **assets: Any) -> dict[str, Any]:
    listed = {key: each if isinstance(each, dict) else {"href": each} for key, each in assets.items()}
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": None,
        "properties": {"datetime": "2026-01-01T00:00:00Z"},
        "links": [{"rel": "root", "href": "../root.json"}, {"rel": "license", "href": "../license.txt"}],
        "assets": listed,
    }


def _links(*listed: tuple[str, str]) -> list[dict[str, str]]:
    return [{"rel": rel, "href": href} for rel, href in listed]


def _catalog(folder: Path) -> list[tuple[dict[str, Any], Path]]:
    """Every item, with its folder, as a reader of the catalog finds them: by relative links that lead somewhere."""
    found = []
    catalog = json.loads((folder / "catalog.json").read_text())
    assert (catalog["type"], catalog["id"]) == ("Catalog", "d")
    for link in catalog["links"]:
        assert (folder / unquote(link["href"])).is_file()
        if link["rel"] == "item":
            path = folder / unquote(link["href"])
            item = json.loads(path.read_text())
            assert {each["href"] for each in item["links"] if each["rel"] in ("root", "parent")} == {"../catalog.json"}
            for asset in item["assets"].values():
                assert (path.parent / unquote(asset["href"])).is_file()
            found.append((item, path.parent))
    return found


def test_an_item(tmp_path: Path) -> None:
    """In a folder of its own with its assets beside it; relative hrefs begin at the item's place."""
    checksum = "1220" + hashlib.sha256(b"red").hexdigest()
    with web.serving({"/a/blue%201.tif": web.body("blue")}) as (url, _):
        red = {"href": "../b/red.tif", "title": "R", "file:checksum": checksum}
        item = _item("scene 1", red=red, blue=f"{url}/a/blue%201.tif")
        with web.serving({"/b/red.tif": web.body("red"), "/a/item.json": web.data(item)}) as (own, _):
            found = _stage(tmp_path, location=f"{own}/a/item.json")
    [(staged, folder)] = _catalog(found)
    assert _tree(folder).keys() == {"blue 1.tif", "red.tif", "scene 1.json"}
    assert (folder / "red.tif").read_text() == "red"
    assert staged["assets"]["red"] == {"href": "./red.tif", "title": "R", "file:checksum": checksum}
    assert staged["assets"]["blue"]["href"] == "./blue%201.tif"
    assert {"rel": "license", "href": f"{own}/license.txt"} in staged["links"]
    assert (staged["properties"], staged["stac_version"]) == (item["properties"], "1.1.0")


def test_items_of_one_document(tmp_path: Path) -> None:
    """The same id, the same name of a file, a name that climbs, none at all: each finds a place."""
    with web.serving({"/1/a.tif": web.body("1"), "/2/a.tif": web.body("2"), "/": web.body("3")}) as (url, _):
        features = [
            _item("i", a=f"{url}/1/a.tif", b=f"{url}/2/a.tif"),
            _item("i", c={"href": f"{url}/", "type": "image/tiff"}),
            _item("../../etc", **{"../x": f"{url}/1/a.tif", "y": f"{url}/2/a.tif", "z": f"{url}/"}),
            {"type": "Feature", "geometry": None, "properties": {}},
        ]
        found = _stage(tmp_path, stac={"type": "FeatureCollection", "features": features})
    assert [(folder.name, sorted(_tree(folder))) for _, folder in _catalog(found)] == [
        ("i", ["a.tif", "b-a.tif", "i.json"]),
        ("i-2", ["c.tif", "i-2.json"]),
        ("item", ["a.tif", "item.json", "y-a.tif", "z"]),
        ("item-2", ["item-2.json"]),
    ]


def test_a_catalog(tmp_path: Path) -> None:
    """Its children and theirs, each item once, also where documents link to each other."""
    root = {"stac_version": "1.0.0", "type": "Catalog", "id": "r"}
    child = {"stac_version": "1.0.0", "type": "Collection", "id": "c"}
    pages = {
        "/catalog.json": web.data({**root, "links": _links(("item", "./1.json"), ("child", "c/collection.json"))}),
        "/c/collection.json": web.data(
            {**child, "links": _links(("item", "../1.json"), ("item", "2.json"), ("child", "../catalog.json"))}
        ),
        "/1.json": web.data(_item("1", a="a")),
        "/c/2.json": web.data(_item("2", a="a")),
        "/a": web.body("1"),
        "/c/a": web.body("2"),
    }
    with web.serving(pages) as (url, _):
        found = _catalog(_stage(tmp_path, location=f"{url}/catalog.json"))
    assert [(item["id"], (folder / "a").read_text()) for item, folder in found] == [("1", "1"), ("2", "2")]


def test_a_collection_of_an_api(tmp_path: Path) -> None:
    """Its items stand on pages of their own."""
    pages = {
        "/c": web.data({"type": "Collection", "id": "c", "links": _links(("items", "c/items"))}),
        "/c/items": web.data(
            {"type": "FeatureCollection", "features": [_item("1")], "links": _links(("next", "items?page=2"))}
        ),
        "/c/items?page=2": web.data({"type": "FeatureCollection", "features": [_item("2")], "links": []}),
    }
    with web.serving(pages) as (url, _):
        found = _catalog(_stage(tmp_path, location=f"{url}/c"))
    assert [item["id"] for item, _ in found] == ["1", "2"]


def test_an_item_of_the_operator(tmp_path: Path) -> None:
    """A local document may name local files."""
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "a.tif").write_text("1")
    (folder / "i.json").write_text(json.dumps(_item("i", a="./a.tif")))
    [(_, staged)] = _catalog(_stage(tmp_path, location=(folder / "i.json").as_uri()))
    assert (staged / "a.tif").read_text() == "1"


def test_an_item_by_value_that_says_where_it_is(tmp_path: Path) -> None:
    """Its relative hrefs begin there."""
    with web.serving({"/a/b.tif": web.body("1")}) as (url, _):
        item = {**_item("i", a="b.tif"), "links": _links(("self", f"{url}/a/i.json"))}
        [(_, folder)] = _catalog(_stage(tmp_path, stac=item))
    assert (folder / "b.tif").read_text() == "1"


def _deep() -> dict[str, web.Page]:
    """A folder that has itself as a member, as a link on a disk may make it."""

    class Every(dict[str, web.Page]):
        def get(self, *_: object) -> web.Page:
            return web.page('<a href="d/">d</a>')

    return Every()


ALPHABET = "abcdefghijklmnopqrstuvwxyz"
HOSTILE: list[tuple[dict[str, web.Page], str]] = [
    (_deep(), "leads into itself"),
    ({"/d/": web.status(404)}, "answered 404"),
    ({"/d/": web.body("a,b", "text/csv")}, "gives text/csv, which is neither"),
    ({"/d/": web.body(b"\x00\xff" * 99)}, "neither"),
    ({"/d/": web.body("")}, "neither"),
    ({"/d/": web.body("{", "application/json")}, "no JSON"),
    ({"/d/": web.body("[" * 50_000, "application/json")}, "no JSON"),
    ({"/d/": web.data({"a": 1})}, "lists no links"),
    ({"/d/": web.data(["http://example.org/a"])}, "does not lie below"),
    ({"/d/": web.data(["../a"])}, "does not lie below"),
    ({"/d/": web.data(["%2e%2e/a"])}, "does not lie below"),
    ({"/d/": web.data([{"rel": "item"}])}, "does not lie below"),
    ({"/d/": web.data(["a", "a/b"]), "/d/a": web.body("1"), "/d/a/b": web.body("1")}, "name of another member"),
    ({"/d/": web.data(["a" * 250 + "/" + "/".join(["b" * 250] * 20)])}, "names that are too long"),
    ({"/d/": web.body(_zipped(**{"/".join(["b" * 250] * 20): "1"}))}, "names that are too long"),
    ({"/d/": web.data(["a", "b"]), "/d/a": web.body("1")}, "/d/b answered 404"),
    ({"/d/": web.data(["a", "b"]), "/d/a": web.body("x" * 60_000), "/d/b": web.body("x" * 40_001)}, "more than 40000"),
    ({"/d/": web.data(list(ALPHABET)), **{f"/d/{e}": web.body("") for e in ALPHABET}}, "20 files"),
    ({"/d/": web.redirect("/d/")}, "infinite loop"),
    ({"/d/": web.redirect("http://10.1.2.3/")}, "private address"),
    ({"/d/": web.page('<a href="a">'), "/d/a": web.redirect("http://169.254.169.254/")}, "private address"),
    ({"/d/": web.body(b"PK\x03\x04" * 9)}, "no zip"),
    ({"/d/": web.body(_zipped(**{"fine": "1", "../a": "2"}))}, "lies in no folder"),
    ({"/d/": web.body(_zipped(a="0" * 200_000))}, "more than 100000 bytes, unpacked"),
    ({"/d/": web.data(_item("i", a="a"))}, "/d/a answered 404"),
    ({"/d/": web.data(_item("i", a="ftp://example.org/a"))}, "no place that can be fetched"),
    ({"/d/": web.data(_item("i", a="http://[bad/"))}, "no place that can be fetched"),
    ({"/d/": web.data(_item("i", a="file:///etc/passwd"))}, "only a local one may name"),
    ({"/d/": web.data(_item("i", a="FILE:///etc/passwd"))}, "only a local one may name"),
    ({"/d/": web.data(_item("i", a="http://10.1.2.3/a"))}, "private address"),
    ({"/d/": web.data(_item("i", a={"title": "no href"}))}, "has no href"),
    ({"/d/": web.data({"type": "FeatureCollection", "features": 5})}, "list of features"),
    ({"/d/": web.data({"type": "FeatureCollection", "features": [_item(str(n)) for n in range(30)]})}, "20 files"),
    (
        {"/d/": web.data({"type": "Collection", "links": _links(("item", "a"))}), "/d/a": web.data({})},
        "no STAC document",
    ),
    ({"/d/": web.data({"type": "Collection", "links": _links(("child", "file:///etc/a"))})}, "only a local one"),
    ({"/d/": web.body('{"type": "Feature", "id": "i", "x": "\\ud83d"}')}, "can't be written"),
]


@pytest.mark.usefixtures("garbage")
@pytest.mark.parametrize(("pages", "words"), HOSTILE, ids=[words for _, words in HOSTILE])
def test_what_is_refused(
    tmp_path: Path, pages: dict[str, web.Page], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message that says what is wrong; nothing lies outside the folder of the inputs."""
    monkeypatch.setattr(folders, "MAX_FILES", 20)
    monkeypatch.setattr(folders, "MAX_DEPTH", 8)
    with web.serving(pages) as (url, _), pytest.raises(StagingError, match=words) as caught:
        _stage(tmp_path, location=f"{url}/d/")
    assert caught.value.reason == "fetch-failed"
    assert [each.name for each in tmp_path.iterdir()] == ["inputs"]


@pytest.mark.parametrize("href", ["file:///etc", "{}/../", "{}/links"])
def test_a_folder_elsewhere(tmp_path: Path, href: str) -> None:
    """Only below what the operator allows, links within it included."""
    folder = tmp_path / "open"
    folder.mkdir()
    (tmp_path / "secret").write_text("1")
    (folder / "links").mkdir()
    (folder / "links" / "secret").symlink_to(tmp_path / "secret")
    with pytest.raises(StagingError, match="file_allow"):
        _stage(tmp_path, location=href.format(folder.as_uri()))


def test_an_item_by_value_names_nothing_local(tmp_path: Path) -> None:
    """Nor anything relative to nowhere."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "a").write_text("1")
    for href, words in (((tmp_path / "open" / "a").as_uri(), "only a local one"), ("a.tif", "no place")):
        with pytest.raises(StagingError, match=words):
            _stage(tmp_path / words[:4], stac=_item("i", a=href))


def test_an_asset_with_another_checksum(tmp_path: Path) -> None:
    """Fails as what it is."""
    with web.serving({"/a": web.body("1")}) as (url, _):
        asset = {"href": f"{url}/a", "file:checksum": "1220" + "00" * 32}
        with pytest.raises(StagingError, match="has the sha256") as caught:
            _stage(tmp_path, stac=_item("i", a=asset))
    assert caught.value.reason == "checksum-mismatch"
