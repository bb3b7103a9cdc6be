"""Limits of what is taken of a collection; what it gives otherwise is in tests/server/test_collections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cwl_bridge import features
from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.fetch import FetchError

CLIENT = Client(Allowed(("127.0.0.1",)))


@pytest.fixture
def collection(files: tuple[Path, str]) -> str:
    """Three pages of one feature each."""
    folder, url = files
    for number in range(3):
        links = [{"rel": "next", "href": f"{number + 1}.json"}] if number < 2 else []
        item = {"type": "Feature", "id": number, "geometry": None, "properties": {}}
        page = {"type": "FeatureCollection", "features": [item], "links": links}
        (folder / f"{number}.json").write_text(json.dumps(page))
    return f"{url}/0.json"


def test_bytes(collection: str, tmp_path: Path) -> None:
    """Of the file that is written; with room enough its size is said."""
    size = features.write(CLIENT, {"collection": collection}, tmp_path / "all.json", 1000)

    assert size == (tmp_path / "all.json").stat().st_size
    assert [each["id"] for each in json.loads((tmp_path / "all.json").read_text())["features"]] == [0, 1, 2]
    with pytest.raises(FetchError, match="has more than 100 bytes"):
        features.write(CLIENT, {"collection": collection}, tmp_path / "some.json", 100)


@pytest.mark.parametrize(("name", "words"), [("MAX_ITEMS", "more than 2 items"), ("MAX_PAGES", "more than 2 pages")])
def test_items_and_pages(monkeypatch: pytest.MonkeyPatch, collection: str, name: str, words: str) -> None:
    """Also where a source goes on for ever."""
    monkeypatch.setattr(features, name, 2)

    with pytest.raises(FetchError, match=words):
        list(features.features(CLIENT, {"collection": collection}))


def test_fewer_are_asked_for(monkeypatch: pytest.MonkeyPatch, collection: str) -> None:
    """Then what else there is does not count."""
    monkeypatch.setattr(features, "MAX_ITEMS", 2)

    assert len(list(features.features(CLIENT, {"collection": collection, "limit": 2}))) == 2
