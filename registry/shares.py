"""With whom owners share their processes and jobs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum

import aiosqlite

from registry import audit
from registry.database import Database
from registry.models import Principal

#: Stands for everybody among grantees; no name.
ALL = "*"


class Kind(StrEnum):
    """What can be shared."""

    PROCESS = "process"
    JOB = "job"


async def granted(database: Database, kind: Kind, ids: Iterable[str], who: Principal) -> bool:
    """Whether one of them is shared with somebody."""
    row = await database.fetch_one(
        "select 1 from shares where kind = ? and id in (select value from json_each(?)) and grantee in (?, ?)",
        [kind, json.dumps(list(ids)), who.name, ALL],
    )
    return row is not None


class Shares:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, kind: Kind, shared: str) -> list[str]:
        """With whom it is shared, in the order of their names."""
        rows = await self._database.fetch_all(
            "select grantee from shares where kind = ? and id = ? order by grantee", [kind, shared]
        )
        return [row["grantee"] for row in rows]

    async def put(self, kind: Kind, shared: str, grantees: Iterable[str]) -> None:
        """Shares it with these and nobody else."""
        async with self._database.transaction() as connection:
            await replace(connection, kind, shared, grantees)
            await audit.record(connection, f"share {kind}", shared)


async def replace(connection: aiosqlite.Connection, kind: Kind, shared: str, grantees: Iterable[str]) -> None:
    """Shares it with these and nobody else."""
    await connection.execute("delete from shares where kind = ? and id = ?", (kind, shared))
    await connection.executemany(
        "insert into shares (kind, id, grantee) values (?, ?, ?)", [(kind, shared, each) for each in set(grantees)]
    )
