"""Who did what: a row for each act of a user, in the transaction of the act, so that neither is without the other.

Who acts is a variable of the context: what makes a change is called by requests, which have somebody, and by the
supervisor, which acts for nobody, and looks the same for both.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

import aiosqlite

from registry.database import Database
from registry.models import Principal, now

KEPT = timedelta(days=400)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A principal, and where it is."""

    principal: Principal
    #: Empty: at the machine itself.
    address: str = ""


#: Whose acts are recorded; None: nobody's.
ACTOR: ContextVar[Actor | None] = ContextVar("actor", default=None)


async def record(connection: aiosqlite.Connection, act: str, target: str) -> None:
    """`act`: a verb of the command line or of the API; `target`: an id or a name."""
    actor = ACTOR.get()
    if actor is None:
        return
    await connection.execute(
        "insert into audit (time, actor, token, address, act, target) values (?, ?, ?, ?, ?, ?)",
        (now().isoformat(), actor.principal.name, actor.principal.token, actor.address, act, target),
    )


async def forget_old(database: Database) -> None:
    """Drops what is older than is kept."""
    async with database.transaction() as connection:
        await connection.execute("delete from audit where time < ?", ((now() - KEPT).isoformat(),))
