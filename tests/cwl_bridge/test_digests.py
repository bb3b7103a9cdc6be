"""Digests of the files of a job: right, read once, kept, and given up when the server stops."""

from __future__ import annotations

import asyncio
import hashlib
import json
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from cwl_bridge.digests import Digests
from cwl_bridge.jobfolder import JobFolder

CONTENT = {"inputs/1/a b.txt": b"a", "outputs/out/tree/deep/b": b"b" * 3_000_000, "outputs/out/empty": b""}


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    found = JobFolder(tmp_path / "job")
    for name, content in CONTENT.items():
        path = found.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (found.path / "outputs" / "link").symlink_to("/etc/hostname")
    return found


def test_all_that_ask_get_them_from_one_reading(folder: JobFolder) -> None:
    """At once, and later when nothing can be read any more; a link is none of the job's files."""

    async def look() -> None:
        digests = Digests()
        found = await asyncio.gather(*(digests.of(folder) for _ in range(5)))
        for each in CONTENT:
            (folder.path / each).unlink()
        later = await Digests().of(folder)

        expected = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
        assert all(each is found[0] for each in found)
        assert found[0] == later == json.loads(folder.digests.read_text()) == expected
        digests.close()

    asyncio.run(look())


def test_who_goes_away_leaves_the_reading_to_the_next(folder: JobFolder) -> None:
    """It is not begun anew."""

    async def look() -> None:
        digests = Digests()
        first = asyncio.create_task(digests.of(folder))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first

        assert set(await digests.of(folder)) == set(CONTENT)
        digests.close()

    asyncio.run(look())


def test_a_server_that_stops_waits_for_no_reading(folder: JobFolder) -> None:
    """What is not read is not kept."""

    async def look() -> None:
        digests = Digests()
        digests.close()

        with pytest.raises((RuntimeError, CancelledError, asyncio.CancelledError)):
            await digests.of(folder)
        assert not folder.digests.exists()

    asyncio.run(look())


def test_no_more_is_read_than_is_read_in_seconds(folder: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest first; what is larger than the rest has no digest, also when it is asked again."""
    monkeypatch.setattr("cwl_bridge.digests.MAX_BYTES", 2_999_999)

    async def look() -> None:
        digests = Digests()
        first = await digests.of(folder)

        assert set(first) == {"inputs/1/a b.txt", "outputs/out/empty"}
        assert await digests.of(folder) == first
        digests.close()

    asyncio.run(look())


def test_a_job_without_files(tmp_path: Path) -> None:
    """Dismissed before it began."""

    async def look() -> None:
        digests = Digests()

        assert await digests.of(JobFolder(tmp_path / "none")) == {}
        digests.close()

    asyncio.run(look())
