"""Tokens: made, looked up by their hash, revoked. The text of one is known to whoever got it, and is nowhere here."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from registry import audit
from registry.database import Database
from registry.models import Principal, Scope, Token, now

PREFIX = "cwlp"

#: Of whoever has a token, and so of whoever owns something.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}")


def digest(text: str) -> bytes:
    """What is kept of a token: it is random enough (256 bits) that no slow hash is needed."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()


class Tokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, scopes: Iterable[Scope], expires: datetime | None) -> tuple[Token, str]:
        """A new token of a name, which may have several: what is kept of it, and its text."""
        token_id = secrets.token_hex(4)
        text = f"{PREFIX}_{token_id}_{secrets.token_urlsafe(32)}"
        made = Token(
            id=token_id,
            principal=Principal(name=name, scopes=frozenset(scopes), token=token_id),
            created=now(),
            expires=expires,
        )
        async with self._database.transaction() as connection:
            await connection.execute(
                "insert into tokens (id, name, hash, scopes, created, expires) values (?, ?, ?, ?, ?, ?)",
                (
                    *(token_id, name, digest(text), " ".join(sorted(made.principal.scopes))),
                    *(made.created.isoformat(), expires and expires.isoformat()),
                ),
            )
            await audit.record(connection, "token add", f"{name} {token_id}")
        return made, text

    async def find(self, hashed: bytes) -> Token | None:
        """Also one that is revoked or has expired."""
        row = await self._database.fetch_one("select * from tokens where hash = ?", [hashed])
        return _token(row) if row else None

    async def all(self) -> list[Token]:
        """In the order in which they were made."""
        return [_token(row) for row in await self._database.fetch_all("select * from tokens order by created, id")]

    async def revoke(self, which: str) -> list[Token]:
        """All tokens of a name, or the one of an id; those that were good until now."""
        async with self._database.transaction() as connection:
            rows = await connection.execute_fetchall(
                "update tokens set revoked = ? where (id = ? or name = ?) and revoked is null returning *",
                (now().isoformat(), which, which),
            )
            for row in rows:
                await audit.record(connection, "token revoke", f"{row['name']} {row['id']}")
        return [_token(row) for row in rows]


def _token(row: aiosqlite.Row) -> Token:
    return Token(
        id=row["id"],
        principal=Principal(name=row["name"], scopes=frozenset(map(Scope, row["scopes"].split())), token=row["id"]),
        created=datetime.fromisoformat(row["created"]),
        expires=datetime.fromisoformat(row["expires"]) if row["expires"] else None,
        revoked=datetime.fromisoformat(row["revoked"]) if row["revoked"] else None,
    )
