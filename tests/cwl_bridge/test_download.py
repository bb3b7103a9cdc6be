"""Transfers that break off, that never end, that are not what they should be; files of the operator."""

from __future__ import annotations

import hashlib
import io
import os
import time
from pathlib import Path

import pytest

from cwl_bridge import download, fetch
from cwl_bridge.addresses import Allowed
from cwl_bridge.checksums import Checksum, ChecksumError, of_cwl, of_multihash
from cwl_bridge.download import Client
from cwl_bridge.fetch import FetchError
from tests.cwl_bridge import web
from tests.cwl_bridge.web import Asked

MAX = 10_000_000
CONTENT = hashlib.shake_256(b"content").digest(300_000)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in a test."""
    monkeypatch.setattr(download, "RETRY_SECONDS", 0.001)


def _client(told: list[str] | None = None, folders: tuple[str, ...] = ()) -> Client:
    heard: list[str] = [] if told is None else told
    return Client(Allowed(("127.0.0.1",)), folders, heard.append)


def _fetched(page: web.Page, path: Path, max_bytes: int = MAX) -> list[str]:
    """The ranges that were asked for; the bytes are in `path`."""
    with web.serving({"/a": page}) as (url, asked):
        found = _client().to_file(f"{url}/a", path, max_bytes)
    assert found.size == path.stat().st_size
    return [each for _, each in asked]


def test_a_broken_transfer_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    """Nothing is sent twice to who has it already."""
    ranges = _fetched(web.broken(CONTENT, [100_000, 250_000], ['"1"']), tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == CONTENT
    assert ranges == ["", "bytes=100000-", "bytes=250000-"]


@pytest.mark.parametrize(
    ("etags", "ranges"),
    [([""], True), (['W/"1"'], True), (['"1"', '"2"'], True), (['"1"'], False)],
    ids=["nothing names it", "a weak name", "it has changed", "no ranges"],
)
def test_else_it_begins_anew(tmp_path: Path, etags: list[str], ranges: bool) -> None:
    """Parts of two different files never make one."""
    _fetched(web.broken(CONTENT, [100_000], etags, ranges=ranges), tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == CONTENT


def test_another_part_than_was_asked_for(tmp_path: Path) -> None:
    """A server that answers with any range at all is not believed."""

    def page(asked: Asked) -> None:
        if asked.headers.get("Range"):
            asked.answer(206, CONTENT[:7], content_range=f"bytes 0-6/{len(CONTENT)}")
        else:
            asked.answer(200, CONTENT[:1000], content_length=str(len(CONTENT)), etag='"1"')

    with pytest.raises(FetchError, match="another part"):
        _fetched(page, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [500, 502, 503, 504, 429])
def test_a_passing_error_is_tried_again(tmp_path: Path, code: int) -> None:
    """And the log says so."""
    answers = [web.status(code), web.status(code), web.body(b"x")]

    def page(asked: Asked) -> None:
        answers.pop(0)(asked)

    told: list[str] = []
    with web.serving({"/a": page}) as (url, _):
        assert _client(told).to_file(f"{url}/a", tmp_path / "a", MAX).size == 1
    assert len(told) == 2
    assert all(f"answered {code}" in each and "next attempt" in each for each in told)


@pytest.mark.usefixtures("garbage")
@pytest.mark.parametrize(("code", "attempts"), [(404, 1), (403, 1), (501, 1), (503, download.ATTEMPTS)])
def test_not_for_ever(tmp_path: Path, code: int, attempts: int) -> None:
    """What will not change is not tried again; what may change, a few times."""
    with web.serving({"/a": web.status(code)}) as (url, asked), pytest.raises(FetchError, match=f"answered {code}"):
        _client().to_file(f"{url}/a", tmp_path / "a", MAX)
    assert len(asked) == attempts
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_that_always_breaks_off(tmp_path: Path) -> None:
    """At the same place again and again: it fails, and nothing is left."""
    page = web.broken(CONTENT, [100] * 20, [""])
    words = "cut short: 100 of 300000 bytes"
    with web.serving({"/a": page}) as (url, asked), pytest.raises(FetchError, match=words):
        _client().to_file(f"{url}/a", tmp_path / "a", MAX)
    assert len(asked) == download.ATTEMPTS
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_that_gets_further_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """May break off more often than that."""
    monkeypatch.setattr(fetch, "CHUNK_BYTES", 1000)
    breaks = list(range(10_000, 200_000, 10_000))
    assert len(_fetched(web.broken(CONTENT, breaks, ['"1"']), tmp_path / "a")) == 20
    assert (tmp_path / "a").read_bytes() == CONTENT


def _endless(asked: Asked) -> None:
    asked.send_response(200)
    asked.end_headers()
    while True:
        asked.wfile.write(b"x" * 10_000)


def _promising(asked: Asked) -> None:
    asked.answer(200, b"x", content_length="99999999999")


def _dripping(asked: Asked) -> None:
    asked.send_response(200)
    asked.end_headers()
    for _ in range(100):
        asked.wfile.write(b"x")
        asked.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (_endless, "more than 1000000 bytes"),
        (_promising, "more than 1000000 bytes"),
        (_dripping, "less than 1024 bytes a second"),
        (web.redirect("/a"), "infinite loop"),
        (web.redirect("http://10.1.2.3/"), "private address"),
        (web.redirect("file:///etc/passwd"), "."),
    ],
    ids=["endless", "promising", "dripping", "loop", "private", "file"],
)
@pytest.mark.usefixtures("garbage")
def test_what_is_given_up(tmp_path: Path, page: web.Page, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, at once, and nothing is left behind."""
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.5)
    with web.serving({"/a": page}) as (url, asked), pytest.raises(FetchError, match=words):
        _client().to_file(f"{url}/a", tmp_path / "a", 1_000_000)
    assert {path for path, _ in asked} == {"/a"}
    assert list(tmp_path.iterdir()) == []


def test_a_silent_server_times_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt for itself."""
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(download, "ATTEMPTS", 2)

    def page(_: Asked) -> None:
        time.sleep(0.2)

    with web.serving({"/a": page}) as (url, asked), pytest.raises(FetchError, match="takes too long"):
        _client().to_file(f"{url}/a", tmp_path / "a", MAX)
    assert len(asked) == 2


def test_a_full_disk_is_no_fault_of_the_place() -> None:
    """It is not tried again, and stays what it is."""

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with web.serving({"/a": web.body(b"x")}) as (url, asked), pytest.raises(OSError, match="No space left"):
        _client()._to(f"{url}/a", Full(), MAX)
    assert len(asked) == 1


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What, and how much of how much."""
    monkeypatch.setattr(download, "PROGRESS_SECONDS", 0)
    told: list[str] = []
    with web.serving({"/a": web.body(CONTENT)}) as (url, _):
        _client(told).to_file(f"{url}/a", tmp_path / "a", MAX)
    assert told[-1] == f"{url}/a: 300000 of 300000 bytes"


SHA1, SHA256 = hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest(), hashlib.sha256(CONTENT).hexdigest()
MD5, SHA512 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest(), hashlib.sha512(CONTENT).hexdigest()


@pytest.mark.parametrize(
    "checksum",
    [
        *(of_cwl(f"sha1${SHA1}"), of_cwl(f"sha1${SHA1.upper()}"), of_cwl(f"sha256${SHA256}")),
        *(of_multihash(f"1114{SHA1}"), of_multihash(f"1220{SHA256}"), of_multihash(f"1340{SHA512}")),
        of_multihash(f"D50110{MD5}"),
    ],
)
def test_checksum(tmp_path: Path, checksum: Checksum | None) -> None:
    """What fits is taken, what does not fit is not, and nothing of it is left."""
    assert checksum is not None
    with web.serving({"/a": web.body(CONTENT), "/b": web.body(CONTENT[1:])}) as (url, _):
        _client().to_file(f"{url}/a", tmp_path / "a", MAX, checksum)
        with pytest.raises(ChecksumError, match=f"/b has the {checksum.algorithm}"):
            _client().to_file(f"{url}/b", tmp_path / "b", MAX, checksum)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("text", ["", "sha1$", "sha1$12", "crc$12", f"sha256${SHA1}", f"sha1:{SHA1}", None, 5])
def test_no_checksum_of_cwl(text: object) -> None:
    """Nothing is taken for a checksum that is none."""
    assert of_cwl(text) is None


@pytest.mark.parametrize("text", ["", "1220", f"1220{SHA1}", f"1114{SHA256}", "zz", SHA256, None, [], "9904abcdef01"])
def test_no_multihash(text: object) -> None:
    """Nor for a multihash, and algorithms that are not known are not guessed."""
    assert of_multihash(text) is None


def test_a_file_below_an_allowed_folder(tmp_path: Path) -> None:
    """Its bytes are copied: a tool that changes its input changes no file of the operator's."""
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "a b.tif").write_bytes(CONTENT)
    found = _client(folders=(str(folder),)).to_file(f"{folder.as_uri()}/a%20b.tif", tmp_path / "copy", MAX)

    assert (found.size, found.media_type) == (len(CONTENT), "image/tiff")
    assert (tmp_path / "copy").read_bytes() == CONTENT
    assert (tmp_path / "copy").stat().st_ino != (folder / "a b.tif").stat().st_ino


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("{}/../secret", "file_allow"),
        ("{}/%2e%2e/secret", "file_allow"),
        ("{}/link", "file_allow"),
        ("{}/links/secret", "file_allow"),
        ("{}-not/a", "file_allow"),
        ("file:///etc/passwd", "file_allow"),
        ("{}/none", "no file"),
        ("{}/pipe", "no file"),
        ("{}", "no file"),
        ("{}/large", "more than 1000 bytes"),
        ("{}/a?b", "file_allow|no absolute"),
    ],
)
def test_a_file_elsewhere(tmp_path: Path, href: str, words: str) -> None:
    """Neither dots nor links lead out of the folder, and only files are read."""
    folder, other = tmp_path / "open", tmp_path / "open-not"
    for each in (folder, other):
        each.mkdir()
        (each / "a").touch()
    (tmp_path / "secret").touch()
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "links").symlink_to(tmp_path)
    (folder / "large").write_bytes(b"x" * 1001)
    os.mkfifo(folder / "pipe")
    with pytest.raises(FetchError, match=words):
        _client(folders=(str(folder),)).to_file(href.format(folder.as_uri()), tmp_path / "copy", 1000)
    assert not (tmp_path / "copy").exists()
