"""Directories by href, and STAC, as tools get them and leave them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.live import Server, serving, shell_tool, until

SAYS = 'for each in "$@"; do cd "$each"; find . -type f | sort | while read -r f; do echo "$f $(cat "$f")"; done; done'

#: Leaves a catalog as 20-089r1 wants it: everything relative.
MAKES = """mkdir -p out/scene && cd out
printf '{"type":"Catalog","stac_version":"1.0.0","id":"o","description":"o","links":[%s]}' \\
  '{"rel":"item","href":"./scene/scene.json"}' > catalog.json
printf '{"type":"Feature","stac_version":"1.0.0","id":"scene","geometry":null,"links":%s,"assets":%s}' \\
  '[{"rel":"root","href":"../catalog.json"}]' '{"red":{"href":"./red.tif","type":"image/tiff"}}' > scene/scene.json
printf red > scene/red.tif && cd .."""


@pytest.fixture
def says(server: Server) -> str:
    """A process that says what is in the directories that it is given."""
    bound = {"type": "Directory[]", "inputBinding": {"position": 1}}
    tool = shell_tool(SAYS, id="says", inputs={"d": bound}, outputs={"said": "stdout"}, stdout="said.txt")
    assert server.deploy(tool, "application/cwl+json").status_code in (201, 409)
    return "says"


@pytest.fixture
def made(server: Server) -> dict[str, Any]:
    """The results of a process that leaves a catalog, and a folder without one."""
    tool = shell_tool(
        f"{MAKES}\nmkdir none; echo '{{}}' > none/catalog.json",
        id="makes",
        outputs={
            "out": {"type": "Directory", "outputBinding": {"glob": "out"}},
            "none": {"type": "Directory", "outputBinding": {"glob": "none"}},
        },
    )
    assert server.deploy(tool, "application/cwl+json").status_code in (201, 409)
    found: dict[str, Any] = server.execute("makes", {}).json()
    return found


def _said(server: Server, directories: Any) -> list[str]:
    answer = server.execute("says", {"d": directories}, response="raw")
    assert answer.status_code == 200, answer.text
    return answer.text.splitlines()


def _catalog(folder: Path, url: str) -> str:
    """An item with an asset beside it."""
    (folder / "red.tif").write_text("red")
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "scene",
        "geometry": None,
        "properties": {},
        "links": [],
        "assets": {"red": {"href": "red.tif"}},
    }
    (folder / "item.json").write_text(json.dumps(item))
    return f"{url}/item.json"


@pytest.mark.usefixtures("says")
def test_directories_of_all_kinds(server: Server, files: tuple[Path, str]) -> None:
    """A page that lists a folder, a zip, a STAC item by reference, one by value."""
    folder, url = files
    (folder / "listed" / "below").mkdir(parents=True)
    (folder / "listed" / "below" / "a b.txt").write_text("1")
    with zipfile.ZipFile(folder / "zipped.zip", "w") as archive:
        archive.writestr("zipped/c.txt", "2")
    item: dict[str, Any] = {"href": _catalog(folder, url)}
    value = json.loads((folder / "item.json").read_text())
    value["assets"]["red"]["href"] = f"{url}/red.tif"

    said = _said(server, [{"href": f"{url}/listed/"}, {"href": f"{url}/zipped.zip", "type": "application/zip"}])
    assert said == ["./below/a b.txt 1", "./c.txt 2"]
    for each in (item, value, {"value": value, "mediaType": "application/geo+json"}):
        said = _said(server, [each])
        assert [line.partition(" ")[0] for line in said if line.startswith("./")] == [
            "./catalog.json",
            "./scene/red.tif",
            "./scene/scene.json",
        ]
        assert "./scene/red.tif red" in said
        assert any('"href": "./red.tif"' in line for line in said)


def test_a_catalog_is_recognised_and_its_links_work(server: Server, made: dict[str, Any]) -> None:
    """From the results to the catalog, its item and the asset, by nothing but links."""
    link = made["out"]
    assert link["stac"] == {
        "href": f"{link['href']}/catalog.json",
        "rel": "stac",
        "type": "application/json",
        "title": "STAC catalog",
    }
    assert "stac" not in made["none"]
    index = server.http.get(link["href"]).json()["links"]
    assert [each["href"] for each in index if each["rel"] == "stac"] == [link["stac"]["href"]]

    catalog = server.http.get(link["stac"]["href"])
    place = urljoin(str(catalog.url), catalog.json()["links"][0]["href"])
    item = server.http.get(place)
    root = server.http.get(urljoin(place, item.json()["links"][0]["href"]))
    asset = server.http.get(urljoin(place, item.json()["assets"]["red"]["href"]))

    assert root.content == catalog.content
    assert catalog.headers["content-type"] == item.headers["content-type"] == "application/json"
    assert (asset.text, asset.headers["content-type"]) == ("red", "image/tiff")


@pytest.mark.usefixtures("says")
def test_results_of_one_job_are_inputs_of_the_next(server: Server, made: dict[str, Any]) -> None:
    """By the link itself: as an index, or through the catalog."""
    link = made["out"]
    said = _said(server, [{"href": link["href"], "type": link["type"]}])
    assert [line.partition(" ")[0] for line in said] == ["./catalog.json", "./scene/red.tif", "./scene/scene.json"]

    said = _said(server, [{"href": link["stac"]["href"]}])
    assert "./scene/red.tif red" in said


@pytest.mark.usefixtures("says")
def test_what_is_fetched_is_told(server: Server, files: tuple[Path, str]) -> None:
    """In the log, while the job goes on and afterwards."""
    href = _catalog(*files)
    job = server.submit("says", {"d": [{"href": href}]})
    until(lambda: server.status(job)["status"] == "successful")
    log = server.http.get(f"/jobs/{job}/log", headers={"Accept": "text/plain"}).text

    assert f"fetching {href}" in log
    assert f"fetched {href}: 3 bytes in 2 files in " in log
    assert "inputs are ready: 3 bytes fetched in " in log


@pytest.mark.usefixtures("says")
def test_nothing_is_left_of_inputs_that_can_not_be_had(server: Server, files: tuple[Path, str]) -> None:
    """One is there, the other is not: the job fails, and its folder holds neither."""
    folder, url = files
    (folder / "here").mkdir()
    (folder / "here" / "a").write_text("1")
    job = server.submit("says", {"d": [{"href": f"{url}/here/"}, {"href": f"{url}/none/"}]})
    until(lambda: server.status(job)["status"] == "failed")

    problem = server.status(job)["exception"]
    assert problem["type"].endswith("/problems/fetch-failed")
    assert f"{url}/none/ answered 404" in problem["detail"]
    assert not (server.data / "jobs" / job / "inputs").exists()


def test_a_checksum_is_checked(server: Server, files: tuple[Path, str]) -> None:
    """What is not what it should be fails as just that."""
    folder, url = files
    (folder / "a").write_text("1")
    tool = shell_tool("true", id="takes", inputs={"f": "File"})
    assert server.deploy(tool, "application/cwl+json").status_code == 201
    good = {"class": "File", "location": f"{url}/a", "checksum": "sha1$356a192b7913b04c54574d18c28d46e6395428ab"}

    assert server.execute("takes", {"f": good}).status_code in (200, 204)
    bad = server.execute("takes", {"f": {**good, "checksum": f"sha1${'0' * 40}"}})
    assert bad.json()["type"].endswith("/problems/checksum-mismatch")


def test_local_files_where_the_operator_allows_them(tmp_path: Path) -> None:
    """Files and folders below the folders that the setting names, and no others."""
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "a").write_text("1")
    (folder / "out").symlink_to("/etc")
    inputs = {"d": {"type": "Directory?", "inputBinding": {}}, "f": {"type": "File?", "inputBinding": {}}}
    script = 'cat "$1/a" 2>/dev/null || cat "$1"'
    tool = shell_tool(script, id="local", inputs=inputs, outputs={"said": "stdout"}, stdout="said.txt")
    with serving(tmp_path / "data", FILE_ALLOW=str(folder)) as server:
        assert server.deploy(tool, "application/cwl+json").status_code == 201
        assert server.execute("local", {"d": {"href": folder.as_uri()}}, response="raw").status_code == 400
        (folder / "out").unlink()
        assert server.execute("local", {"d": {"href": folder.as_uri()}}, response="raw").text == "1"
        assert server.execute("local", {"f": {"href": f"{folder.as_uri()}/a"}}, response="raw").text == "1"
        beyond = server.execute("local", {"f": {"href": f"{folder.as_uri()}/../data/lock"}})
        assert beyond.json()["errors"][0]["pointer"] == "/inputs/f/href"


def test_local_files_are_refused_before_there_is_a_job(server: Server) -> None:
    """Where the operator allows none."""
    answer = server.execute("takes", {"f": {"href": "file:///etc/passwd"}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/inputs/f/href")
