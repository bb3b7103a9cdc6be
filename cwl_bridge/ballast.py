"""Room that is kept on the disk of the data folder: so that the end of a job can be recorded when the disk is full."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from registry.errors import StorageFullError

BALLAST_BYTES = 1 << 20

#: Until what has to be done is tried again: where there is room now, and after anything else.
ROOM_SECONDS, AGAIN_SECONDS = 0.01, 5.0

T = TypeVar("T")

_log = logging.getLogger("cwl_processes.ballast")


class Ballast:
    def __init__(self, data: Path, min_free: int) -> None:
        self._data = data
        self._file = data / "ballast"
        self._min_free = min_free

    @property
    def low(self) -> bool:
        """Whether there is too little room to take on more work."""
        return shutil.disk_usage(self._data).free < self._min_free

    def take(self) -> None:
        """Fills the ballast, where there is room for it."""
        if self._file.exists() or self.low:
            return
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
        except OSError:
            self._file.unlink()
        finally:
            os.close(descriptor)

    async def with_room(self, act: Callable[[], Awaitable[T]]) -> T:
        """What makes room in the end, such as removing a job, has to be possible on a full disk."""
        try:
            return await act()
        except StorageFullError:
            self.drop()
            return await act()

    async def until_done(self, act: Callable[[], Awaitable[T]]) -> T:
        """A database that is locked, a disk that is full: what has to be done is done when that is over."""
        while True:
            try:
                return await act()
            except StorageFullError:
                await asyncio.to_thread(self.drop)
                await asyncio.sleep(ROOM_SECONDS)
            except Exception:
                _log.exception("trying again in %s s", AGAIN_SECONDS)
                await asyncio.sleep(AGAIN_SECONDS)

    def drop(self) -> None:
        """Gives the room back to the database."""
        with suppress(FileNotFoundError):
            self._file.unlink()
            _log.warning("the disk of the data folder is full; the room kept for this is used")
