"""The data folder: made where it is missing, and worked on by one server at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import SettingsError


class InUseError(SettingsError):
    """Another program works on the folder."""


@contextmanager
def held(data: Path) -> Iterator[None]:
    """For as long as it lasts, nobody else is let in. Raises SettingsError, InUseError."""
    try:
        for each in ("processes", "jobs"):
            (data / each).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"data: {error}") from error
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(f"Another server works on {data}; stop it first, or choose another --data.") from None
        yield
