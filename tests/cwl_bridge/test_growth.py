"""What a tool has written so far → within its limits, or what is too much."""

from __future__ import annotations

import ctypes
import os
import threading
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


def test_a_file_with_several_names_takes_its_room_once(work: Path) -> None:
    path = work / "out" / "file"
    path.write_bytes(b"x" * (MOST // 4 * 3))
    (work / "out" / "again").hardlink_to(path)
    (work / "scratch" / "again").hardlink_to(path)
    assert excess(work) is None

    (work / "out" / "other").write_bytes(b"x" * (MOST // 2))
    assert excess(work) is not None


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


def test_a_file_that_is_removed_and_only_mapped(work: Path) -> None:
    """What is written into its pages goes to the disk; it needs no descriptor for that."""
    if os.geteuid() != 0:
        pytest.skip("only root may look")
    path = work / "out" / "file"
    path.write_bytes(b"x" * MOST * 2)
    system = ctypes.CDLL(None, use_errno=True)
    system.mmap.restype = ctypes.c_void_p
    with path.open("r+b") as file:
        mapped = ctypes.c_void_p(system.mmap(None, ctypes.c_size_t(MOST), 3, 1, file.fileno(), ctypes.c_long(0)))
    try:
        path.unlink()
        assert excess(work) is not None
    finally:
        system.munmap(mapped, ctypes.c_size_t(MOST))
    assert excess(work) is None


def test_a_file_that_is_removed_and_open_in_one_thread(work: Path) -> None:
    """A thread can part with the descriptors of its process."""
    opened, looked = threading.Event(), threading.Event()

    def write() -> None:
        assert ctypes.CDLL(None).unshare(0x400) == 0, "CLONE_FILES"
        path = work / "out" / "file"
        with path.open("wb") as file:
            file.write(b"x" * MOST * 2)
            file.flush()
            path.unlink()
            opened.set()
            looked.wait()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert opened.wait(10)
        assert excess(work) is not None
    finally:
        looked.set()
        thread.join()


def test_folders_deeper_than_a_path_leads(work: Path) -> None:
    """A tool goes down step by step, and writes there."""
    above = os.open(work / "scratch", os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=above)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    with open(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=above), "wb") as file:  # noqa: PTH123
        file.write(b"x" * MOST * 2)
    os.close(above)

    assert excess(work) == "paths of more than 2048 bytes"


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
