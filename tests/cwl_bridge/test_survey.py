"""What a tool has left → fit to be read, or too much."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge import removal, survey
from cwl_bridge.survey import TooMuchError
from tests.cwl_bridge.test_removal import deepen

MOST = 1 << 20


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "left"
    found.mkdir()
    yield found
    removal.remove(found)


def test_an_ordinary_folder(left: Path) -> None:
    """Nothing is changed in it."""
    (left / "a" / "b").mkdir(parents=True)
    (left / "a" / "b" / "file").write_bytes(b"x" * 1000)
    (left / "link").symlink_to("a/b/file")
    assert survey.look(str(left), 1000) == []
    assert sorted(str(each.relative_to(left)) for each in left.rglob("*")) == ["a", "a/b", "a/b/file", "link"]


def test_what_nobody_may_open(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes and sockets are removed and named, however deep."""
    inner = left / "a"
    inner.mkdir()
    os.mkfifo(inner / "pipe")
    monkeypatch.chdir(inner)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    assert sorted(survey.look(str(left), MOST)) == ["pipe", "socket"]
    assert list(inner.iterdir()) == []


def test_modes(left: Path) -> None:
    """Their owner may read everything afterwards; what others may is as it was."""
    (left / "a").mkdir()
    (left / "a" / "file").touch()
    (left / "a" / "file").chmod(0o044)
    (left / "a").chmod(0)
    left.chmod(0)
    survey.look(str(left), MOST)
    assert stat.S_IMODE((left / "a" / "file").stat().st_mode) == 0o644
    assert stat.S_IMODE((left / "a").stat().st_mode) == 0o700


def test_links_are_not_followed(left: Path, tmp_path: Path) -> None:
    """What they lead to is neither counted nor changed."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"x" * 5000)
    outside.chmod(0)
    (left / "file").symlink_to(outside)
    (left / "round").symlink_to(left)
    assert survey.look(str(left), 1000) == []
    assert stat.S_IMODE(outside.stat().st_mode) == 0


def test_bytes(left: Path) -> None:
    """A file counts as what it shows, holes and all."""
    (left / "a").mkdir()
    for name in ("a/sparse", "b"):
        with (left / name).open("wb") as file:
            file.truncate(MOST // 2 + 1)
    with pytest.raises(TooMuchError, match=f"more than {MOST} bytes"):
        survey.look(str(left), MOST)


@pytest.mark.parametrize("depth", [survey.MAX_DEPTH + 1, 1500])
def test_depth(left: Path, depth: int) -> None:
    """Deeper than any path is long as well."""
    deepen(left, depth)
    with pytest.raises(TooMuchError, match="folders in one another, more than 64"):
        survey.look(str(left), MOST)


def test_long_paths(left: Path) -> None:
    """Few folders, but of long names."""
    (left / Path(*["n" * 250] * 9)).mkdir(parents=True)
    with pytest.raises(TooMuchError, match="paths of more than"):
        survey.look(str(left), MOST)


def test_entries(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, folders and links count alike."""
    monkeypatch.setattr(survey, "MAX_ENTRIES", 3)
    (left / "a").mkdir()
    (left / "a" / "file").touch()
    (left / "a" / "link").symlink_to("file")
    survey.look(str(left), MOST)
    (left / "b").touch()
    with pytest.raises(TooMuchError, match="more than 3 files and folders"):
        survey.look(str(left), MOST)
