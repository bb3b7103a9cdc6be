"""Opening, migrating and writing, on real files."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from registry.database import Database
from registry.errors import DatabaseBusyError, DatabaseTooNewError
from tests.registry.samples import make_process, opened


async def _notes(database: Database) -> list[str]:
    return [row["text"] for row in await database.fetch_all("select text from notes order by text")]


async def _make_notes(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("create table notes (text text)")


def test_open_creates_the_file(tmp_path: Path) -> None:
    """A database that is not there is made, with the tables of the newest schema."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            rows = await registry.database.fetch_all("select name from sqlite_schema where type = 'table'")
        assert {"processes", "jobs"} <= {row["name"] for row in rows}

    asyncio.run(scenario())
    assert (tmp_path / "registry.sqlite3").exists()


def test_open_twice_keeps_everything(tmp_path: Path) -> None:
    """A second start migrates nothing and finds what the first one wrote."""

    async def scenario() -> None:
        versions = []
        for _ in range(2):
            async with opened(tmp_path) as registry:
                row = await registry.database.fetch_one("pragma user_version")
                assert row is not None
                versions.append(row[0])
                if len(versions) == 1:
                    await registry.processes.add(make_process("kept"))
                assert (await registry.processes.get("kept")).id == "kept"
        assert versions[0] == versions[1] > 0

    asyncio.run(scenario())


def test_later_schema_is_refused(tmp_path: Path) -> None:
    """A database that a later version wrote is refused with both schema numbers, and stays as it was."""

    async def scenario() -> None:
        async with opened(tmp_path):
            pass
        path = tmp_path / "registry.sqlite3"
        with sqlite3.connect(path) as connection:
            connection.execute("pragma user_version = 99")
        connection.close()
        with pytest.raises(DatabaseTooNewError, match=r"schema 99; this program knows only up to \d+\."):
            async with opened(tmp_path):
                pass
        connection = sqlite3.connect(path)
        assert connection.execute("pragma user_version").fetchone() == (99,)
        connection.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)]
)
def test_connection_is_durable(tmp_path: Path, pragma: str, expected: object) -> None:
    """What is committed survives a power cut, and another writer is waited for."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            async with registry.database.transaction() as connection, connection.execute(f"pragma {pragma}") as cursor:
                row = await cursor.fetchone()
            assert row is not None
            assert row[0] == expected

    asyncio.run(scenario())


def test_rollback_leaves_the_statements_of_others(tmp_path: Path) -> None:
    """A transaction that fails takes only its own statements with it, whatever other coroutines write meanwhile."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            database = registry.database
            await _make_notes(database)
            other_is_trying = asyncio.Event()

            async def fails() -> None:
                async with database.transaction() as connection:
                    await connection.execute("insert into notes values ('lost')")
                    await other_is_trying.wait()
                    await connection.execute("insert into notes values ('lost too')")
                    raise LookupError

            async def succeeds() -> None:
                other_is_trying.set()
                async with database.transaction() as connection:
                    await connection.execute("insert into notes values ('kept')")

            ended = await asyncio.gather(fails(), succeeds(), return_exceptions=True)
            assert [type(each) for each in ended] == [LookupError, type(None)]
            assert await _notes(database) == ["kept"]

    asyncio.run(scenario())


def test_failed_statement_rolls_back_and_leaves_the_connection_usable(tmp_path: Path) -> None:
    """After an SQL error the transaction is gone and the next one works."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            await _make_notes(registry.database)
            with pytest.raises(sqlite3.OperationalError):
                async with registry.database.transaction() as connection:
                    await connection.execute("insert into notes values ('lost')")
                    await connection.execute("insert into nowhere values (1)")
            async with registry.database.transaction() as connection:
                await connection.execute("insert into notes values ('kept')")
            assert await _notes(registry.database) == ["kept"]

    asyncio.run(scenario())


def test_cancelled_inside_a_transaction(tmp_path: Path) -> None:
    """A coroutine that is cancelled inside its transaction leaves nothing, and the next transaction works."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            await _make_notes(registry.database)
            inside = asyncio.Event()

            async def waits() -> None:
                async with registry.database.transaction() as connection:
                    await connection.execute("insert into notes values ('lost')")
                    inside.set()
                    await asyncio.Event().wait()

            task = asyncio.create_task(waits())
            await inside.wait()
            task.cancel()
            await asyncio.wait([task])
            async with registry.database.transaction() as connection:
                await connection.execute("insert into notes values ('kept')")
            assert await _notes(registry.database) == ["kept"]

    asyncio.run(scenario())


def test_cancelled_while_a_transaction_begins(tmp_path: Path) -> None:
    """A coroutine that is cancelled while its transaction begins does not leave it open for ever."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            await _make_notes(registry.database)
            started = asyncio.Event()

            async def begins() -> None:
                started.set()
                async with registry.database.transaction():
                    pass

            task = asyncio.create_task(begins())
            # Woken when the task waits for the first time: for its `begin`.
            await started.wait()
            task.cancel()
            await asyncio.wait([task])
            async with registry.database.transaction() as connection:
                await connection.execute("insert into notes values ('kept')")
            assert await _notes(registry.database) == ["kept"]

    asyncio.run(scenario())


def test_writers_wait_as_long_as_they_get_their_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many write before them; but for another program only its time, and all of them together."""
    monkeypatch.setattr("registry.database.BUSY_SECONDS", 0.5)

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            database = registry.database
            await _make_notes(database)

            async def writes() -> None:
                async with database.transaction() as connection:
                    await connection.execute("insert into notes values ('kept')")
                    # As long as a busy disk may take.
                    await asyncio.sleep(0.1)

            await asyncio.gather(*(writes() for _ in range(12)))
            assert len(await _notes(database)) == 12

            with closing(sqlite3.connect(tmp_path / "registry.sqlite3", isolation_level=None)) as other:
                other.execute("begin immediate")
                begun = asyncio.get_running_loop().time()
                ended = await asyncio.gather(*(writes() for _ in range(20)), return_exceptions=True)
                assert {type(each) for each in ended} == {DatabaseBusyError}
                # Not one after the other; the first may wait its own time for the other program.
                assert asyncio.get_running_loop().time() - begun < 10 * 0.5
                other.execute("rollback")
            await writes()
            assert len(await _notes(database)) == 13

    asyncio.run(scenario())


def test_foreign_keys_hold(tmp_path: Path) -> None:
    """A job of a revision that does not exist can't be written."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            with pytest.raises(sqlite3.IntegrityError):
                await registry.submitted(make_process("nowhere", revision=7))

    asyncio.run(scenario())


def test_a_read_sees_what_was_committed_before_it(tmp_path: Path) -> None:
    """However many read at the same time, whose statements began earlier."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            process = await registry.added(make_process("one"))
            first = await registry.submitted(process)
            done = asyncio.Event()

            async def read() -> None:
                while not done.is_set():
                    await registry.jobs.get(first.id)

            readers = [asyncio.create_task(read()) for _ in range(20)]
            try:
                for _ in range(100):
                    # Submits a job and gets it.
                    await registry.submitted(process)
            finally:
                done.set()
                await asyncio.gather(*readers)

    asyncio.run(scenario())
