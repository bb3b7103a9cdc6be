"""SQLite: opened, migrated, written to under one lock through one connection, read through another."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import aiosqlite

from registry.errors import DatabaseBusyError, DatabaseTooNewError, DatabaseTooOldError, StorageFullError

#: How long a writer waits for other programs. For those of this one it waits as long as they get their turns.
BUSY_SECONDS = 10.0


#: A quota says that a write failed, not that the disk is full.
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


class Database:
    """Shared by coroutines. Reads are single statements; writes go through `transaction`.

    Every method raises DatabaseBusyError where another program keeps the database locked.
    """

    def __init__(
        self, connection: aiosqlite.Connection, reader: aiosqlite.Connection, watcher: sqlite3.Connection
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._watcher = watcher
        #: What the watcher saw in this turn of the event loop.
        self._seen: int | None = None
        self._lock = asyncio.Lock()
        #: Until when those wait that want to write.
        self._patience: set[asyncio.Timeout] = set()
        self._went_on = 0.0

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, *, migrate: bool = True) -> AsyncIterator[Database]:
        """Opens or creates the file and brings it to the newest schema.

        `migrate` false: somebody else works with it. Raises DatabaseTooOldError where it has another schema.
        """
        async with aiosqlite.connect(path, isolation_level=None) as connection:
            await connection.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000:.0f}")
            await connection.execute("pragma journal_mode = wal")
            # An accepted job is a promise: it has to survive a power cut.
            await connection.execute("pragma synchronous = full")
            await connection.execute("pragma foreign_keys = on")
            # A writer that waits for another program keeps nobody from reading.
            async with aiosqlite.connect(path, isolation_level=None) as reader:
                reader.row_factory = connection.row_factory = aiosqlite.Row
                await reader.execute("pragma query_only = on")
                await reader.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000:.0f}")
                # Asked in the event loop, it waits for nobody.
                with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as watcher:
                    database = cls(connection, reader, watcher)
                    await database._migrate(allowed=migrate)
                    yield database

    def version(self) -> int | None:
        """Another number after every commit, whoever made it; None where that can't be told now.

        The database is looked at once in each turn of the event loop: a request that was sent after a commit is read
        in a later one.
        """
        if self._seen is None:
            try:
                ((self._seen,),) = self._watcher.execute("pragma data_version")
            except sqlite3.OperationalError:
                return None
            asyncio.get_running_loop().call_soon(self._look_again)
        return self._seen

    def _look_again(self) -> None:
        self._seen = None

    async def secret(self, name: str) -> bytes:
        """Made with the database, and never told."""
        row = await self.fetch_one("select value from secrets where name = ?", [name])
        assert row is not None  # noqa: S101 - a migration has made it
        return bytes(row["value"])

    async def fetch_one(self, sql: str, parameters: Iterable[Any] = ()) -> aiosqlite.Row | None:
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def fetch_all(self, sql: str, parameters: Iterable[Any] = ()) -> list[aiosqlite.Row]:
        with _told_apart():
            # In one go: while a statement is open, all others of its connection see what it saw when it began.
            return list(await self._reader.execute_fetchall(sql, tuple(parameters)))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[aiosqlite.Connection]:
        """For what is looked up in transactions as well."""
        with _told_apart():
            yield self._reader

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Raises StorageFullError where the disk is full; nothing is written then."""
        # Coroutines share the connection: without the lock, the statement of another one
        # would land inside this transaction and vanish with its rollback.
        async with self._turn():
            with _told_apart():
                try:
                    # Inside: a coroutine that is cancelled here has begun all the same.
                    await self._connection.execute("begin immediate")
                    self._go_on()
                    yield self._connection
                    await self._connection.commit()
                except BaseException:
                    await self._connection.rollback()
                    raise
                self._go_on()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(BUSY_SECONDS) as patience:
                self._patience.add(patience)
                try:
                    await self._lock.acquire()
                finally:
                    self._patience.discard(patience)
        except TimeoutError:
            raise DatabaseBusyError("The database is busy; ask again in a moment.") from None
        try:
            yield
        finally:
            self._lock.release()

    def _go_on(self) -> None:
        """No other program keeps the database locked: who waits for a turn has all its time again."""
        now = asyncio.get_running_loop().time()
        if now < self._went_on + BUSY_SECONDS / 20:
            # Many may wait, and be told of each of many.
            return
        self._went_on = now
        for each in self._patience:
            if not each.expired():
                each.reschedule(now + BUSY_SECONDS)

    async def _migrate(self, *, allowed: bool) -> None:
        scripts = _migrations()
        row = await self.fetch_one("pragma user_version")
        version = row[0] if row else 0
        if version > len(scripts):
            raise DatabaseTooNewError(
                f"The database has schema {version}; this program knows only up to {len(scripts)}. "
                "Use the version of cwl-processes that wrote it, or a later one."
            )
        if version < len(scripts) and not allowed:
            raise DatabaseTooOldError("A server of an earlier version works on the data folder; stop it first.")
        for number in range(version + 1, len(scripts) + 1):
            # `executescript` commits whatever is open, so the script carries its own transaction.
            await self._connection.executescript(
                f"begin immediate;\n{scripts[number - 1]}\npragma user_version = {number};\ncommit;"
            )


@contextmanager
def _told_apart() -> Iterator[None]:
    """What a client can do something about, or wait for."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0)
        # The low byte is the kind, the others its circumstances.
        if code & 0xFF == sqlite3.SQLITE_BUSY:
            raise DatabaseBusyError("The database is busy; ask again in a moment.") from error
        if code in _FULL:
            raise StorageFullError("The disk that the database lies on is full.") from error
        raise


def _migrations() -> list[str]:
    """The scripts NNNN_name.sql, in order; their numbers have no gaps."""
    folder = resources.files("registry") / "migrations"
    named = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    for expected, each in enumerate(named, start=1):
        if not re.match(rf"{expected:04}_", each.name):
            raise AssertionError(f"migration {each.name} should have number {expected:04}")
    return [each.read_text(encoding="utf-8") for each in named]
