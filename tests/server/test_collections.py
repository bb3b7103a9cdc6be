"""Collections in the place of inputs: a small server of Features, of STAC and of files, and a real one of ours."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live import SHELL, Server, shell_tool

pytestmark = pytest.mark.requirement(
    "/req/collection-input/collection-access",
    "/req/collection-input/referenced-collection",
    "/req/remote-collections/collection-access",
    "/req/remote-collections/referenced-collection",
)

GEOJSON = "https://www.iana.org/assignments/media-types/application/geo+json"
COUNT = "features"


class _Source(http.server.BaseHTTPRequestHandler):
    """Ten features in pages of at most four; what was asked is kept."""

    asked: list[str] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append(self.path)
        documents = _documents()
        if parts.path == "/collections/lakes/items":
            self._page({name: each[0] for name, each in parse_qs(parts.query).items()})
        elif parts.path in documents:
            self._answer(documents[parts.path])
        elif parts.path in ("/collections/text", "/asset.txt"):
            self._send(b"pixels", "text/plain")
        else:
            self.send_error(404)

    def _page(self, query: dict[str, str]) -> None:
        begin = int(query.get("offset", "0"))
        end = min(10, begin + min(4, int(query["limit"])))
        page: dict[str, Any] = {"type": "FeatureCollection", "features": [feature(n) for n in range(begin, end)]}
        if end < 10:
            page["links"] = [{"rel": "next", "href": f"?limit={query['limit']}&offset={end}"}]
        self._answer(page)

    def _answer(self, body: Any) -> None:
        self._send(json.dumps(body).encode(), "application/geo+json")

    def _send(self, content: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _documents() -> dict[str, Any]:
    """What is the same for everybody, by its path."""

    def collection(*hrefs: str) -> dict[str, Any]:
        return {"type": "Collection", "links": [{"rel": "items", "href": each} for each in hrefs]}

    def page(*items: dict[str, Any], following: str | None = None) -> dict[str, Any]:
        links = [{"rel": "next", "href": following}] if following else []
        return {"type": "FeatureCollection", "features": list(items), "links": links}

    by_post = {"rel": "items", "href": "/collections/lakes/items?f=html", "method": "POST"}
    return {
        "/collections/lakes": {"id": "lakes", "links": [by_post, *collection("lakes/items?f=json")["links"]]},
        "/collections/private": collection("http://127.0.0.2:9/items"),
        "/collections/local": collection("file:///etc/passwd"),
        "/collections/none": {"id": "none"},
        "/collections/circle": page(following="/collections/circle"),
        "/collections/leads-away": page(feature(1), following="http://127.0.0.2:9/"),
        "/collections/scenes": collection("scenes/items"),
        "/collections/scenes/items": page(scene(1), scene(2), scene(3)),
        "/scenes.json": page(scene(1), scene(2)),
    }


def feature(number: int) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [number, 0]}
    return {"type": "Feature", "id": number, "geometry": point, "properties": {"name": f"Ö{number}"}}


def scene(number: int) -> dict[str, Any]:
    assets = {"data": {"href": "/asset.txt"}}
    links = [{"rel": "self", "href": f"{_Scenes.url}/collections/scenes/items/{number}"}]
    return {**feature(number), "id": f"s{number}", "stac_version": "1.0.0", "assets": assets, "links": links}


class _Scenes:
    url = ""


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Source) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        _Scenes.url = f"http://127.0.0.1:{httpd.server_port}"
        yield _Scenes.url
        httpd.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def taking(server: Server) -> Server:
    """It has processes that take GeoJSON, STAC and a text."""
    inputs = {"f": {"type": "File", "format": GEOJSON, "inputBinding": {}}}
    tools = [
        shell_tool('cat "$1"', id=COUNT, inputs=inputs, outputs={"copy": "stdout"}, stdout="copy.json"),
        shell_tool(
            'cd "$1" && find . -type f | sort',
            id="staged",
            inputs={"d": {"type": "Directory", "inputBinding": {}}},
            outputs={"names": "stdout"},
            stdout="names.txt",
        ),
        {
            **shell_tool("true", id="takes-png"),
            "requirements": [SHELL],
            "inputs": {
                "f": {"type": "File", "format": GEOJSON.replace("application/geo+json", "image/png")},
                "n": "int?",
            },
        },
    ]
    for each in tools:
        assert server.deploy(each, "application/cwl+json").status_code in (201, 409)
    return server


def ids(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["type"] == "FeatureCollection"
    return [each["id"] for each in found["features"]]


def test_all_pages(taking: Server, source: str) -> None:
    """The description leads to the items, each page to the next: one file of GeoJSON."""
    answer = taking.execute(COUNT, {"f": {"collection": f"{source}/collections/lakes"}})

    assert ids(answer) == list(range(10))
    assert answer.json()["features"][3] == feature(3)


def test_where_the_features_came_from(taking: Server, source: str) -> None:
    """The job's folder has the file as it was; its provenance has its digest."""
    job_id = taking.submit(COUNT, {"f": {"collection": f"{source}/collections/lakes", "limit": 1}})

    assert taking.wait(job_id)["status"] == "successful"
    given = taking.http.get(f"/jobs/{job_id}/inputs.json").json()["f"]
    assert taking.http.get(given["location"]).json()["features"] == [feature(0)]
    assert taking.http.get(f"/jobs/{job_id}/prov").status_code == 200
    assert f"{source}/collections/lakes" in taking.http.get(f"/jobs/{job_id}/log").text


def test_a_relative_reference(taking: Server) -> None:
    """It begins at the process: this server has no collections, and what is at a path of it is none."""
    answer = taking.execute(COUNT, {"f": {"collection": "../collections/lakes"}})

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "fetch-failed")
    assert f"{taking.url}/collections/lakes answered 404" in answer.json()["detail"]


def test_some_of_them(taking: Server, source: str) -> None:
    """`limit` counts all items together; what narrows a collection goes to it by its own name."""
    value = {
        "collection": f"{source}/collections/lakes",
        "limit": 6,
        "bbox": [1, 2.5, 3, 4],
        "datetime": "2026-01-01T00:00:00Z/..",
        "ids": ["a", "b"],
    }
    _Source.asked.clear()

    assert ids(taking.execute(COUNT, {"f": value})) == list(range(6))
    first = next(each for each in _Source.asked if "items" in each)
    assert parse_qs(urlsplit(first).query) == {
        "f": ["json"],
        "bbox": ["1,2.5,3,4"],
        "datetime": ["2026-01-01T00:00:00Z/.."],
        "ids": ["a,b"],
        "limit": ["6"],
    }


def test_a_file_of_features(taking: Server, source: str) -> None:
    """A FeatureCollection is a collection itself, a STAC ItemCollection as well; nothing can be asked of it."""
    assert ids(taking.execute(COUNT, {"f": {"collection": f"{source}/scenes.json"}})) == ["s1", "s2"]
    assert ids(taking.execute(COUNT, {"f": {"collection": f"{source}/scenes.json", "limit": 1}})) == ["s1"]
    asked = taking.execute(COUNT, {"f": {"collection": f"{source}/scenes.json", "bbox": [0, 0, 1, 1]}})
    assert (asked.status_code, "can't be asked for bbox" in asked.json()["detail"]) == (400, True)


def test_items_with_their_assets(taking: Server, source: str) -> None:
    """A Directory has STAC items, staged as by reference."""
    answer = taking.execute("staged", {"d": {"collection": f"{source}/collections/scenes", "limit": 2}})

    assert answer.text.split() == [
        "./catalog.json",
        "./s1/asset.txt",
        "./s1/s1.json",
        "./s2/asset.txt",
        "./s2/s2.json",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("private", "which the setting fetch_allow does not name"),
        ("leads-away", "which the setting fetch_allow does not name"),
        ("local", "which only a local one may name"),
        ("none", "is no collection with a link to its items"),
        ("text", "gives no JSON"),
        ("missing", "answered 404"),
    ],
)
def test_sources_that_fail(taking: Server, source: str, name: str, words: str) -> None:
    """Every request, also that of a `next` link, goes only where hrefs may lead."""
    answer = taking.execute(COUNT, {"f": {"collection": f"{source}/collections/{name}"}})

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "fetch-failed")
    assert words in answer.json()["detail"]


def test_a_page_that_leads_to_itself(taking: Server, source: str) -> None:
    """It is read once."""
    assert ids(taking.execute(COUNT, {"f": {"collection": f"{source}/collections/circle"}})) == []


@pytest.mark.parametrize(
    ("process_id", "value", "pointer", "words"),
    [
        (COUNT, {"collection": "lakes"}, "/inputs/f/collection", "There are no collections here"),
        (COUNT, {"collection": "file:///etc/passwd"}, "/inputs/f/collection", "There are no collections here"),
        (COUNT, {"collection": "http://h/c", "filter": "a=1"}, "/inputs/f/filter", "'filter' is not offered here"),
        (COUNT, {"collection": "http://h/c", "colour": 1}, "/inputs/f/colour", "'colour' is not known"),
        (COUNT, {"collection": "http://h/c", "limit": 0}, "/inputs/f/limit", "a whole number from 1"),
        (COUNT, {"collection": "http://h/c", "bbox": [1, 2]}, "/inputs/f/bbox", "a list of 4 or 6 numbers"),
        (COUNT, {"collection": "http://h/c", "ids": []}, "/inputs/f/ids", "a list of strings"),
        (COUNT, {"collection": "http://h/c", "datetime": 5}, "/inputs/f/datetime", "RFC 3339"),
        ("takes-png", {"collection": "http://h/c"}, "/inputs/f", "this input takes neither"),
    ],
)
def test_refused(taking: Server, process_id: str, value: dict[str, Any], pointer: str, words: str) -> None:
    """Before there is a job."""
    answer = taking.execute(process_id, {"f": value})

    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert words in answer.json()["errors"][0]["detail"]


@pytest.mark.requirement(
    "/req/ogc-process-description/value-passing",
    "/req/ogc-process-description/data-access-apis",
    "/req/ogc-process-description/execution-unit-requirements",
)
def test_what_descriptions_say(taking: Server) -> None:
    """Which inputs take collections, of what; that values may come either way, and files are there when a tool runs."""
    inputs = {
        process_id: taking.http.get(f"/processes/{process_id}").json()["inputs"]
        for process_id in (COUNT, "staged", "takes-png")
    }
    staged = {"remote-access": False, "staging": "local-file"}

    assert inputs[COUNT]["f"]["dataAccessAPIs"] == ["ogc-api-features", "ogc-api-records", "stac-api"]
    assert inputs["staged"]["d"]["dataAccessAPIs"] == ["stac-api"]
    assert "dataAccessAPIs" not in inputs["takes-png"]["f"]
    assert inputs["takes-png"]["f"]["executionUnitRequirements"] == staged
    assert "executionUnitRequirements" not in inputs["takes-png"]["n"]
    assert all(
        each["valuePassing"] == ["byValue", "byReference"] for those in inputs.values() for each in those.values()
    )
