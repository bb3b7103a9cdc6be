"""SHA-256 of the files of ended jobs: each file is read once, however often and by however many it is asked for.

What lies in inputs/ and outputs/ of an ended job never changes, so its digests are kept beside them in digests.json.
Of one job no more is read than is read in seconds: a tool makes a file of any size at once, by holes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import stat
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from cwl_bridge import jobfolder
from cwl_bridge.jobfolder import JobFolder

#: Jobs whose files are read at once: more would only share the same disk.
THREADS = 2

#: Bytes that are read of one job, its smallest files first: what is larger than the rest of them has no digest.
MAX_BYTES = 1 << 30

_CHUNK_BYTES = 1 << 20

_log = logging.getLogger("cwl_processes.digests")


class Digests:
    """Reads in threads of its own: what takes long keeps nobody else waiting."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="digest")
        self._asked: dict[Path, asyncio.Future[dict[str, str]]] = {}
        self._closed = Event()

    async def of(self, folder: JobFolder) -> dict[str, str]:
        """Path below the folder of an ended job → digest, in hexadecimal, of the files that MAX_BYTES are enough for.

        Who goes away before the end leaves the reading to the next who asks. Raises OSError.
        """
        reading = self._asked.get(folder.path)
        if reading is None:
            loop = asyncio.get_running_loop()
            reading = loop.run_in_executor(self._threads, _kept, folder, self._closed)
            self._asked[folder.path] = reading
            reading.add_done_callback(lambda done: self._ended(folder.path, done))
        return await asyncio.shield(reading)

    def _ended(self, path: Path, reading: asyncio.Future[dict[str, str]]) -> None:
        del self._asked[path]
        # Nobody may be waiting any more.
        if not reading.cancelled() and reading.exception():
            _log.info("the files of %s can't be read: %s", path.name, reading.exception())

    def close(self) -> None:
        """Ends what is being read."""
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _kept(folder: JobFolder, closed: Event) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(folder.digests.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = {str(each.relative_to(folder.path)): _digest(each, closed) for each in _read(folder)}
        _keep(folder, found)
    return found


def _keep(folder: JobFolder, found: dict[str, str]) -> None:
    if not found:
        return
    try:
        jobfolder.write_json(folder.digests, found)
    except (OSError, UnicodeEncodeError) as error:
        # A full disk, or names that are no text: then they are read again.
        _log.info("the digests of %s can't be kept: %s", folder.path.name, error)


def _read(folder: JobFolder) -> Iterator[Path]:
    """The same files whenever it is asked."""
    left = MAX_BYTES
    for size, path in sorted(_files(folder)):
        left -= size
        if left < 0:
            return
        yield path


def _files(folder: JobFolder) -> Iterator[tuple[int, Path]]:
    for top in (folder.inputs, folder.outputs):
        for parent, _, names in os.walk(top):
            for path in (Path(parent, name) for name in names):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode):
                    yield found.st_size, path


def _digest(path: Path, closed: Event) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if closed.is_set():
                raise CancelledError
            found.update(chunk)
    return found.hexdigest()
