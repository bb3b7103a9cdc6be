"""Zips, as they are sent and as nobody should send them."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cwl_bridge import archive
from cwl_bridge.fetch import FetchError

MAX = 1_000_000


def _zip(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def _special(name: str, kind: int, content: bytes = b"/etc/passwd") -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info, content


def _tree(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def test_files_and_folders(tmp_path: Path) -> None:
    """With or without entries of their own for the folders; modes are the server's."""
    made = _zip(tmp_path / "z", ("a b.txt", b"1"), ("d/", b""), ("d/e/ü.bin", b"22"), _special("x", stat.S_IFREG, b"3"))
    assert archive.unpack(made, tmp_path / "out", "z", MAX, 10) == (4, 3)
    assert _tree(tmp_path / "out") == ["a b.txt", "d", "d/e", "d/e/ü.bin", "x"]
    assert (tmp_path / "out" / "d" / "e" / "ü.bin").read_bytes() == b"22"
    assert not os.access(tmp_path / "out" / "x", os.X_OK) or not (tmp_path / "out" / "x").stat().st_mode & 0o111


def test_one_folder_of_the_same_name(tmp_path: Path) -> None:
    """Is the folder itself; one of another name, or with something beside it, lies in it."""
    same = _zip(tmp_path / "1", ("out/", b""), ("out/a", b"1"), ("out/out/b", b"2"))
    other = _zip(tmp_path / "2", ("in/a", b"1"))
    beside = _zip(tmp_path / "3", ("out/a", b"1"), ("b", b"2"))
    file = _zip(tmp_path / "4", ("out", b"1"))
    for name, made, expected in (
        ("same", same, ["a", "out", "out/b"]),
        ("other", other, ["in", "in/a"]),
        ("beside", beside, ["b", "out", "out/a"]),
        ("file", file, ["out"]),
    ):
        (tmp_path / name).mkdir()
        archive.unpack(made, tmp_path / name / "out", "z", MAX, 10)
        assert _tree(tmp_path / name / "out") == expected


def test_an_empty_zip_is_an_empty_folder(tmp_path: Path) -> None:
    """And is seen to be a zip."""
    made = _zip(tmp_path / "z")
    assert archive.is_zip(made.read_bytes()[:4])
    assert archive.unpack(made, tmp_path / "out", "z", MAX, 10) == (0, 0)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        *("../a", "/etc/a", "d/../../a", "d//a", "./a", "..", "d/./a", "a\n", "x" * 300, "d/" * 70 + "a"),
        *("a\x1b[1m", "//a"),
    ],
)
def test_names_that_climb(tmp_path: Path, name: str) -> None:
    """Nothing is written outside the folder, or anywhere at all."""
    made = _zip(tmp_path / "z", ("fine", b"1"), (name, b"2"))
    with pytest.raises(FetchError, match="lies in no folder"):
        archive.unpack(made, tmp_path / "out", "z", MAX, 10)
    assert [each.name for each in tmp_path.iterdir()] == ["z"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_members_that_are_no_files(tmp_path: Path, kind: int) -> None:
    """Links, pipes and devices are refused, whatever they are called."""
    made = _zip(tmp_path / "z", ("d/a", b"1"), _special("link", kind))
    with pytest.raises(FetchError, match="neither file nor folder: 'link'"):
        archive.unpack(made, tmp_path / "out", "z", MAX, 10)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a/", "a")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(tmp_path: Path, names: tuple[str, str]) -> None:
    """The second never takes the place of the first."""
    made = _zip(tmp_path / "z", *((name, b"") for name in names))
    with pytest.raises(FetchError, match="two members of one name"):
        archive.unpack(made, tmp_path / "out", "z", MAX, 10)


def test_bombs(tmp_path: Path) -> None:
    """What counts is what is unpacked, whatever the archive says of itself."""
    large = _zip(tmp_path / "large", ("a", b"\0" * (MAX + 1)))
    lying = _zip(tmp_path / "lying", ("a", b"\0" * (MAX + 1)))
    size = (MAX + 1).to_bytes(4, "little")
    lying.write_bytes(lying.read_bytes().replace(size, (5).to_bytes(4, "little")))
    many = _zip(tmp_path / "many", *((str(each), b"") for each in range(11)))
    assert large.stat().st_size < 10_000
    for made, words in ((large, "more than 1000000 bytes"), (lying, r"\."), (many, "more than 10 members")):
        with pytest.raises(FetchError, match=words):
            archive.unpack(made, tmp_path / f"out-{made.name}", "z", MAX, 10)
        assert sum(each.stat().st_size for each in tmp_path.glob(f"out-{made.name}/*")) <= MAX


def test_a_list_of_members_that_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not read."""
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", 100_000)
    made = _zip(tmp_path / "z", *((f"{each:0>200}", b"") for each in range(500)))
    with pytest.raises(FetchError, match="list of members"):
        archive.unpack(made, tmp_path / "out", "z", MAX, 1000)


def _encrypted(made: bytes) -> bytes:
    found = bytearray(made)
    found[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(found)


def _damaged(made: bytes) -> bytes:
    found = bytearray(made)
    found[40] ^= 0xFF
    return bytes(found)


@pytest.mark.parametrize(
    "change", [_encrypted, _damaged, lambda made: made[:-30], lambda made: made[:10], lambda _: b"PK\x03\x04"]
)
def test_what_can_not_be_unpacked(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """Encrypted, damaged, cut short: an error in words."""
    made = _zip(tmp_path / "z", ("a", os.urandom(1000)))
    made.write_bytes(change(made.read_bytes()))
    with pytest.raises(FetchError, match=r"^z (is no zip|has a member that is encrypted)"):
        archive.unpack(made, tmp_path / "out", "z", MAX, 10)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_whose_memory_nobody_knows(tmp_path: Path, method: int) -> None:
    """Are refused."""
    with pytest.raises(FetchError, match="packed otherwise"):
        archive.unpack(_zip(tmp_path / "z", ("a", b"x" * 99), method=method), tmp_path / "out", "z", MAX, 10)


def test_what_is_a_zip() -> None:
    """By its first bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as made:
        made.writestr("a", "b")
    assert archive.is_zip(memory.getvalue()[:4])
    assert not archive.is_zip(b"PK")
    assert not archive.is_zip(b"<htm")
