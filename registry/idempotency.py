"""Requests that may be sent again: a key stands for what the first request with it has made.

Looked up and kept in the transaction that makes it, so that a crash leaves both or neither.
"""

from __future__ import annotations

from datetime import timedelta

import aiosqlite

from registry.database import Database
from registry.errors import IdempotencyConflictError
from registry.models import Idempotency, now

KEPT = timedelta(hours=48)


async def find(connection: aiosqlite.Connection, owner: str, asked: Idempotency) -> aiosqlite.Row | None:
    """`job_id` and `revision` of what the key stands for. Raises IdempotencyConflictError."""
    rows = list(
        await connection.execute_fetchall(
            "select fingerprint, job_id, revision from idempotency where owner = ? and key = ?", (owner, asked.key)
        )
    )
    if rows and rows[0]["fingerprint"] != asked.fingerprint:
        raise IdempotencyConflictError("This Idempotency-Key was sent before, with another request.")
    return rows[0] if rows else None


async def keep(
    connection: aiosqlite.Connection,
    owner: str,
    asked: Idempotency,
    *,
    job_id: str | None = None,
    revision: int | None = None,
) -> None:
    await connection.execute(
        "insert into idempotency (owner, key, fingerprint, job_id, revision, created) values (?, ?, ?, ?, ?, ?)",
        (owner, asked.key, asked.fingerprint, job_id, revision, now().isoformat()),
    )


async def forget_old(database: Database) -> None:
    """Drops the keys that nobody can expect to be kept any more."""
    async with database.transaction() as connection:
        await connection.execute("delete from idempotency where created < ?", ((now() - KEPT).isoformat(),))
