"""One SQLite connection: opened, migrated, and written to under one lock."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import aiosqlite

from registry.errors import DatabaseTooNewError

BUSY_TIMEOUT_MS = 10_000


class Database:
    """A connection shared by coroutines. Reads are single statements; writes go through `transaction`."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Database]:
        """Opens or creates the file and brings it to the newest schema."""
        async with aiosqlite.connect(path, isolation_level=None) as connection:
            connection.row_factory = aiosqlite.Row
            await connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
            await connection.execute("pragma journal_mode = wal")
            # An accepted job is a promise: it has to survive a power cut.
            await connection.execute("pragma synchronous = full")
            await connection.execute("pragma foreign_keys = on")
            database = cls(connection)
            await database._migrate()
            yield database

    async def fetch_one(self, sql: str, parameters: Iterable[Any] = ()) -> aiosqlite.Row | None:
        async with self._connection.execute(sql, tuple(parameters)) as cursor:
            return await cursor.fetchone()

    async def fetch_all(self, sql: str, parameters: Iterable[Any] = ()) -> list[aiosqlite.Row]:
        async with self._connection.execute(sql, tuple(parameters)) as cursor:
            return list(await cursor.fetchall())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        # Coroutines share the connection: without the lock, the statement of another one
        # would land inside this transaction and vanish with its rollback.
        async with self._lock:
            try:
                # Inside: a coroutine that is cancelled here has begun all the same.
                await self._connection.execute("begin immediate")
                yield self._connection
            except BaseException:
                await self._connection.rollback()
                raise
            await self._connection.commit()

    async def _migrate(self) -> None:
        scripts = _migrations()
        row = await self.fetch_one("pragma user_version")
        version = row[0] if row else 0
        if version > len(scripts):
            raise DatabaseTooNewError(
                f"The database has schema {version}; this program knows only up to {len(scripts)}. "
                "Use the version of cwl-processes that wrote it, or a later one."
            )
        for number in range(version + 1, len(scripts) + 1):
            # `executescript` commits whatever is open, so the script carries its own transaction.
            await self._connection.executescript(
                f"begin immediate;\n{scripts[number - 1]}\npragma user_version = {number};\ncommit;"
            )


def _migrations() -> list[str]:
    """The scripts NNNN_name.sql, in order; their numbers have no gaps."""
    folder = resources.files("registry") / "migrations"
    named = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    for expected, each in enumerate(named, start=1):
        if not re.match(rf"{expected:04}_", each.name):
            raise AssertionError(f"migration {each.name} should have number {expected:04}")
    return [each.read_text(encoding="utf-8") for each in named]
