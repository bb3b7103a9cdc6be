"""What a tool has written so far → within its limits, or what is too much."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cwl_bridge import growth

MOST = 1 << 20


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "scratch").mkdir()
    return tmp_path


def excess(work: Path) -> str | None:
    """Of a tool that this process is, too."""
    return growth.excess([str(work / "out"), str(work / "scratch")], [os.getpid()], MOST)


def test_all_folders_together(work: Path) -> None:
    half = b"x" * (MOST // 2)
    (work / "out" / "a" / "file").write_bytes(half)
    assert excess(work) is None

    (work / "scratch" / "file").write_bytes(half + b"x")
    assert excess(work) == f"files of more than {MOST} bytes together"


def test_holes_take_no_room(work: Path) -> None:
    """The survey counts them, once the tool has ended."""
    with (work / "out" / "sparse").open("wb") as file:
        file.truncate(MOST * 1000)

    assert excess(work) is None


def test_a_file_that_is_removed_and_open(work: Path) -> None:
    """It takes its room until it is closed, once, however often it is open."""
    path = work / "out" / "file"
    with path.open("wb") as file, path.open("rb"):
        file.write(b"x" * (MOST // 4 * 3))
        file.flush()
        path.unlink()
        assert excess(work) is None

        (work / "out" / "other").write_bytes(b"x" * (MOST // 2))
        assert excess(work) is not None
    assert excess(work) is None


def test_names_without_content(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "MAX_ENTRIES", 3)
    folders = [str(work / "out"), str(work / "scratch")]
    (work / "out" / "a" / "b").mkdir()
    (work / "scratch" / "empty").touch()
    assert growth.excess(folders, [], MOST) is None

    (work / "scratch" / "another").touch()
    assert growth.excess(folders, [], MOST) == "more than 3 files and folders"


def test_a_link_is_not_followed(work: Path) -> None:
    """Neither one in a folder, nor one that has taken the place of a folder."""
    outside = work / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"x" * MOST * 2)
    (work / "out" / "link").symlink_to(outside)
    (work / "scratch").rmdir()
    (work / "scratch").symlink_to(outside)

    assert excess(work) is None


def test_what_is_gone(work: Path) -> None:
    """A folder, or a process, that was there a moment ago."""
    assert growth.excess([str(work / "none")], [2**22 + 1], MOST) is None
