"""URLs of results, in all spellings, and the files that they lead to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cwl_bridge import ownresults
from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.fetch import FetchError
from cwl_bridge.folders import Folder
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.resultfiles import Results
from registry.models import Outcome

BASE = "http://example.com/ogc"
URL = f"{BASE}/jobs/1/results"
GIVEN = {
    "http://example.com:80/ogc/jobs/1/results/tree": {"job": "1", "path": "outputs/tree/t"},
    "http://example.com:80/ogc/jobs/1/results/text": {"text": "ä"},
}


@pytest.mark.parametrize(
    ("href", "found"),
    [
        (f"{URL}/out", ("1", ["out"], False)),
        (f"{URL}/out/0//a%20b/", ("1", ["out", "0", "a b"], False)),
        ("HTTP://EXAMPLE.com:80/ogc/j%6fbs/1/results/out", ("1", ["out"], False)),
        (f"{URL}/a%2Fb#c?d", ("1", ["a", "b"], False)),
        (f"{URL}/out?f=html#x", ("1", ["out"], True)),
        (f"{URL}/out?", ("1", ["out"], True)),
        (URL, None),
        (f"{URL}/", None),
        (f"{BASE}/jobs/1/results/%2e%2e/out", None),
        (f"{BASE}/jobs/1/log", None),
        (f"{BASE}/JOBS/1/results/out", None),
        ("http://example.com/jobs/1/results/out", None),
        ("http://example.com:8080/ogc/jobs/1/results/out", None),
        ("https://example.com/ogc/jobs/1/results/out", None),
        ("http://me@example.com/ogc/jobs/1/results/out", None),
        ("http://example.com.evil/ogc/jobs/1/results/out", None),
        ("http://[example.com/ogc/jobs/1/results/out", None),
        ("/jobs/1/results/out", None),
        (f"{URL}/{'x' * 9000}", None),
    ],
)
def test_named(href: str, found: tuple[str, list[str], bool] | None) -> None:
    assert ownresults.named(BASE, href) == found


@pytest.mark.parametrize("base", ["", "http://", "http://[", "nonsense", "http://example.com:99999"])
def test_a_base_that_is_none(base: str) -> None:
    """A client may send any Host."""
    assert ownresults.named(base, f"{base}/jobs/1/results/out") is None


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    folder = JobFolder(tmp_path / "jobs" / "1")
    tree = folder.outputs / "tree" / "t"
    (tree / "inner").mkdir(parents=True)
    (tree / "a").write_text("a")
    (tree / "same").symlink_to("a")
    (tree / "inner" / "host").symlink_to("/etc/passwd")
    (tree / "run").symlink_to("../../../run.json")
    folder.run.write_text("{}")
    folder.write_outcome(Outcome())
    return folder.path.parent


def test_what_is_found(jobs: Path) -> None:
    results = Results(jobs, GIVEN)
    tree = jobs / "1" / "outputs" / "tree" / "t"
    assert results.find(f"{URL}/tree") == tree
    assert results.find(f"{URL}/tree/inner/") == tree / "inner"
    assert results.find(f"{URL}/tree/same") == tree / "a"
    assert results.find(f"{URL}/text") == "ä".encode()
    assert results.find("http://example.com/ogc/jobs/2/results/tree") is None
    assert results.find("file:///etc/passwd") is None
    assert Results().find(f"{URL}/tree") is None


@pytest.mark.parametrize(
    "below", ["tree/inner/host", "tree/run", "tree/%00", "text/0", "other", "tre", "tree/run/x", "tree/nothing"]
)
def test_what_leads_out(jobs: Path, below: str) -> None:
    """By links that a tool has left, by what is no name, beside what was given; nothing is sent anywhere for it."""
    client = Client(Allowed(()), results=Results(jobs, GIVEN))
    with pytest.raises(FetchError):
        client.to_bytes(f"{URL}/{below}", 1000)


def test_a_folder_with_links_that_lead_out(jobs: Path, tmp_path: Path) -> None:
    client = Client(Allowed(()), results=Results(jobs, GIVEN))
    with pytest.raises(FetchError, match="leads out"):
        Folder(client, tmp_path / "copy", 1000).fetch(f"{URL}/tree", None)


def test_too_much(jobs: Path) -> None:
    client = Client(Allowed(()), results=Results(jobs, GIVEN))
    for name in ("text", "tree/a"):
        with pytest.raises(FetchError, match="more than 0 bytes"):
            client.to_bytes(f"{URL}/{name}", 0)


def test_a_job_that_is_removed_meanwhile(jobs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a directory is not taken for all of it: the outcome goes before it."""
    tree = jobs / "1" / "outputs" / "tree" / "t"
    for each in ("run", "inner/host"):
        (tree / each).unlink()
    client = Client(Allowed(()), results=Results(jobs, GIVEN))
    to_file: Callable[..., object] = client.to_file

    def removing(*arguments: object) -> object:
        found = to_file(*arguments)
        JobFolder(jobs / "1").remove()
        return found

    monkeypatch.setattr(client, "to_file", removing)
    with pytest.raises(FetchError, match="not there any more"):
        Folder(client, tmp_path / "copy", 1000).fetch(f"{URL}/tree", None)


def test_the_outcome_goes_first(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder can be removed only in part, it has not ended any more."""
    folder = JobFolder(jobs / "1")
    assert json.loads((folder.path / "outcome.json").read_text()) is not None
    (folder.outputs / "tree").chmod(0o700)
    monkeypatch.setattr(Path, "rmdir", lambda _: (_ for _ in ()).throw(OSError("busy")))
    with pytest.raises(OSError, match="busy"):
        folder.remove()
    assert folder.outputs.exists()
    assert not folder.has_ended()
