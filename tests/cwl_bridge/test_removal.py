"""Folders as tools may have left them → gone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge import removal


def deepen(folder: Path, depth: int) -> None:
    """Makes so many folders in one another, which no path could name."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deeper", dir_fd=descriptor)
        inner = os.open("deeper", os.O_RDONLY, dir_fd=descriptor)
        os.close(os.open("file", os.O_CREAT, 0, dir_fd=inner))
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)


@pytest.fixture
def top(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "top"
    found.mkdir()
    yield found
    removal.remove(found)


def test_a_deep_folder(top: Path) -> None:
    """Deeper than any path is long, and than Python calls itself."""
    deepen(top, 1500)
    removal.remove(top)
    assert not top.exists()


def test_a_closed_folder(top: Path) -> None:
    """A thousand files, and modes that shut everybody out."""
    for number in range(10):
        inner = top / "a" / str(number)
        (inner / "b").mkdir(parents=True)
        for each in range(100):
            (inner / str(each)).touch(0)
        (inner / "b").chmod(0)
        inner.chmod(0)
    removal.remove(top)
    assert not top.exists()


def test_what_links_lead_to_stays(top: Path, tmp_path: Path) -> None:
    """Links go, and loops of them."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (top / "a").mkdir()
    (top / "a" / "out").symlink_to(tmp_path / "kept")
    (top / "a" / "round").symlink_to(top)
    removal.remove(top)
    assert not top.exists()
    assert (tmp_path / "kept" / "file").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can be somebody else")
def test_what_belongs_to_others() -> None:
    """It is told, when all the rest is gone."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder, "top")
        for name in ("a", "theirs", "z"):
            (top / name / "inner").mkdir(parents=True)
            (top / name / "inner" / "file").touch()
        for each in (Path(folder), top, *(top / name / more for name in "az" for more in ("", "inner", "inner/file"))):
            os.chown(each, 65534, 65534)
        os.seteuid(65534)
        try:
            with pytest.raises(PermissionError):
                removal.remove(top)
        finally:
            os.seteuid(0)
        assert [each.name for each in top.iterdir()] == ["theirs"]
        assert (top / "theirs" / "inner" / "file").exists()
