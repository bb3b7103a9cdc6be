"""Registered processes: every revision is kept, one per id is current."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import aiosqlite

from registry import audit, idempotency, pages, shares
from registry.database import Database
from registry.errors import ProcessExistsError, ProcessImmutableError, ProcessNotFoundError
from registry.models import (
    EVERYBODY,
    JSON,
    Idempotency,
    Pin,
    Principal,
    Process,
    ProcessDescription,
    now,
    pins_from_json,
    pins_to_json,
)
from registry.pages import Page, Place
from registry.shares import Kind

_COLUMNS = "revision, description, cwl, digest, package, media_type, mutable, owner, images, created"

#: The current processes that somebody sees who is no admin: its own, those of nobody, those that are shared with it.
#: Parameters: its name, twice.
_SEEN = """
    select revision from processes indexed by processes_owned where removed is null and owner in (?, '')
    union
    select revision from shares join processes on processes.id = shares.id and processes.removed is null
        where shares.kind = 'process' and shares.grantee in (?, '*')"""


class Processes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, process: Process, asked: Idempotency | None = None, grantees: Iterable[str] = ()) -> int:
        """Registers a new id, shared with some from the beginning.

        Raises ProcessExistsError or ProcessImmutableError where the id is taken.

        The revision that stands: where a request with this key came before, that of the first.
        """
        async with self._database.transaction() as connection:
            found = await idempotency.find(connection, process.owner, asked) if asked else None
            if found is not None:
                return int(found["revision"])
            await _check_free(connection, process.id)
            revision = await _insert(connection, process)
            await shares.replace(connection, Kind.PROCESS, process.id, grantees)
            await audit.record(connection, "deploy", process.id)
            if asked is not None:
                await idempotency.keep(connection, process.owner, asked, revision=revision)
        return revision

    async def add_unlisted(self, process: Process) -> int:
        """A revision that no id leads to: that of one execution, or of each that runs the same."""
        description = json.dumps(process.description.to_json())
        async with self._database.transaction() as connection:
            async with connection.execute(
                "select revision from processes where id = ? and digest = ? and description = ? and removed = created",
                (process.id, process.digest, description),
            ) as cursor:
                row = await cursor.fetchone()
            if row is not None:
                return int(row["revision"])
            return await _insert(connection, process, listed=False)

    async def check_free(self, process_id: str, owner: str = "", asked: Idempotency | None = None) -> None:
        """Whether `add` would take it now, before anything is written elsewhere. Raises as that does."""
        async with self._database.reading() as connection:
            try:
                await _check_free(connection, process_id)
            except (ProcessExistsError, ProcessImmutableError):
                # In this order: the process and the key came together.
                if asked is None or await idempotency.find(connection, owner, asked) is None:
                    raise

    async def made_by(self, key: Idempotency, owner: str = "") -> int | None:
        """The revision that the first request with this key made. Raises IdempotencyConflictError."""
        async with self._database.reading() as connection:
            found = await idempotency.find(connection, owner, key)
        return int(found["revision"]) if found else None

    async def replace(self, process: Process, who: Principal = EVERYBODY) -> None:
        """Puts a new revision in the place of the current one, whose owner stays; jobs keep the revision they have."""
        await self.visible(process.id, who)
        async with self._database.transaction() as connection:
            owner = await _retire(connection, process.id, who)
            await _insert(connection, replace(process, owner=owner))
            await audit.record(connection, "replace", process.id)

    async def pin(self, revision: int, images: Mapping[str, Pin]) -> dict[str, Pin]:
        """Pins what names stand for that are not pinned yet; gives what all names stand for then.

        Not for what comes with the server, nor for what no id leads to: its parts have pins of their own.
        """
        async with self._database.transaction() as connection:
            # The second goes over the first: a name that is pinned stays so.
            cursor = await connection.execute(
                "update processes set images = json_patch(?, images)"
                " where revision = ? and mutable and removed is not created returning images",
                (json.dumps(pins_to_json(images)), revision),
            )
            row = await cursor.fetchone()
        return pins_from_json(json.loads(row["images"])) if row else {}

    async def remove(self, process_id: str, who: Principal = EVERYBODY) -> None:
        """Undeploys; the revision stays for the jobs that ran it."""
        await self.visible(process_id, who)
        async with self._database.transaction() as connection:
            await _retire(connection, process_id, who)
            await shares.replace(connection, Kind.PROCESS, process_id, ())
            await audit.record(connection, "undeploy", process_id)

    async def ensure_built_in(self, process: Process) -> None:
        """Makes a built-in process current, whatever stood under its id before."""
        current = await self._database.fetch_one(
            "select digest, description, mutable from processes where id = ? and removed is null",
            [process.id],
        )
        description = json.dumps(process.description.to_json())
        if current and tuple(current) == (process.digest, description, process.mutable):
            return
        async with self._database.transaction() as connection:
            await connection.execute(
                "update processes set removed = ? where id = ? and removed is null",
                (now().isoformat(), process.id),
            )
            await _insert(connection, process)

    async def get(self, process_id: str) -> Process:
        row = await self._database.fetch_one(
            f"select {_COLUMNS} from processes where id = ? and removed is null",  # noqa: S608
            [process_id],
        )
        if row is None:
            raise _unknown(process_id)
        return _process(row)

    async def visible(self, process_id: str, who: Principal) -> Process:
        """To its owner, to those with whom it is shared, to admins; that of nobody to everybody.

        Raises ProcessNotFoundError for the others: nobody learns of a process that is not theirs.
        """
        process = await self.get(process_id)
        if process.owner == "" or who.owns(process.owner):
            return process
        if not await shares.granted(self._database, Kind.PROCESS, [process_id], who):
            raise _unknown(process_id)
        return process

    async def check_mutable(self, process_id: str, who: Principal) -> None:
        """Raises ProcessNotFoundError or ProcessImmutableError, before anything is done for its replacement."""
        process = await self.visible(process_id, who)
        _check_mutable(process_id, process.mutable, process.owner, who)

    async def revision(self, revision: int) -> Process:
        """A revision that a job refers to, current or not."""
        row = await self._database.fetch_one(
            f"select {_COLUMNS} from processes where revision = ?",  # noqa: S608
            [revision],
        )
        if row is None:
            raise ProcessNotFoundError(f"There is no revision {revision} of any process.")
        return _process(row)

    async def documents(self) -> list[tuple[str, JSON]]:
        """Digest and CWL of every revision."""
        rows = await self._database.fetch_all("select digest, cwl from processes")
        return [(row["digest"], json.loads(row["cwl"])) for row in rows]

    async def current(self, who: Principal = EVERYBODY) -> list[int]:
        """The revisions of the processes registered now that somebody sees, in the order of `summaries`."""
        statement = "select revision from processes where removed is null" if who.is_admin else _SEEN
        rows = await self._database.fetch_all(f"{statement} order by revision", _named(who))
        return [row["revision"] for row in rows]

    async def descriptions(self, revisions: list[int]) -> dict[int, ProcessDescription]:
        """By revision; at most as many as SQLite takes parameters in one statement."""
        rows = await self._database.fetch_all(
            f"select revision, description from processes where revision in ({','.join('?' * len(revisions))})",  # noqa: S608
            revisions,
        )
        return {row["revision"]: ProcessDescription.from_json(json.loads(row["description"])) for row in rows}

    async def summaries(self, limit: int, start: Place | None = None, who: Principal = EVERYBODY) -> Page[JSON]:
        """Summaries with `mutable` of the current processes that somebody sees, newest last."""
        seen = "" if who.is_admin else f"and revision in ({_SEEN})"

        async def walk(place: Place | None, most: int) -> list[aiosqlite.Row]:
            beyond, order = ("<", "desc") if place and place.backward else (">", "asc")
            return await self._database.fetch_all(
                # Inputs and outputs may be large; a summary has none of them (ProcessDescription.summary).
                "select revision, json_remove(description, '$.inputs', '$.outputs') as summary, mutable from processes"  # noqa: S608
                f" where removed is null {seen} and revision {beyond} ? order by revision {order} limit ?",
                [*_named(who), place.number if place else 0, most],
            )

        found = await pages.page(walk, lambda row: Place(number=row["revision"]), limit, start)
        summaries = [{**json.loads(row["summary"]), "mutable": bool(row["mutable"])} for row in found.items]
        return Page(summaries, found.previous, found.following)


async def _check_free(connection: aiosqlite.Connection, process_id: str) -> None:
    mutable = await _mutable(connection, process_id)
    if mutable is None:
        return
    if not mutable:
        raise _immutable(process_id)
    raise ProcessExistsError(
        f"A process with the id '{process_id}' is registered already. "
        "Replace it with PUT, undeploy it, or choose another id."
    )


def _named(who: Principal) -> list[str]:
    """The parameters of _SEEN."""
    return [] if who.is_admin else [who.name, who.name]


async def _mutable(connection: aiosqlite.Connection, process_id: str) -> bool | None:
    """Whether the current process of this id may be changed; None where there is none."""
    async with connection.execute(
        "select mutable from processes where id = ? and removed is null", (process_id,)
    ) as cursor:
        row = await cursor.fetchone()
    return None if row is None else bool(row["mutable"])


async def _retire(connection: aiosqlite.Connection, process_id: str, who: Principal) -> str:
    """Whose it was."""
    async with connection.execute(
        "select mutable, owner from processes where id = ? and removed is null", (process_id,)
    ) as cursor:
        row = await cursor.fetchone()
    if row is None:
        raise _unknown(process_id)
    _check_mutable(process_id, bool(row["mutable"]), row["owner"], who)
    await connection.execute(
        "update processes set removed = ? where id = ? and removed is null", (now().isoformat(), process_id)
    )
    return str(row["owner"])


def _check_mutable(process_id: str, mutable: bool, owner: str, who: Principal) -> None:
    if not mutable:
        raise _immutable(process_id)
    if not who.owns(owner):
        raise _anothers(process_id)


async def _insert(connection: aiosqlite.Connection, process: Process, *, listed: bool = True) -> int:
    """The revision that it got. One that is not listed was removed when it was made."""
    cursor = await connection.execute(
        "insert into processes (id, description, cwl, digest, package, media_type, mutable, owner, images,"
        " created, removed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            process.id,
            json.dumps(process.description.to_json()),
            json.dumps(process.cwl),
            process.digest,
            process.package,
            process.media_type,
            process.mutable,
            process.owner,
            json.dumps(pins_to_json(process.images)),
            process.created.isoformat(),
            None if listed else process.created.isoformat(),
        ),
    )
    assert cursor.lastrowid is not None  # noqa: S101 - a row was inserted
    return cursor.lastrowid


def _process(row: aiosqlite.Row) -> Process:
    return Process(
        description=ProcessDescription.from_json(json.loads(row["description"])),
        cwl=json.loads(row["cwl"]),
        digest=row["digest"],
        package=row["package"],
        media_type=row["media_type"],
        mutable=bool(row["mutable"]),
        owner=row["owner"],
        images=pins_from_json(json.loads(row["images"])),
        created=datetime.fromisoformat(row["created"]),
        revision=row["revision"],
    )


def _unknown(process_id: str) -> ProcessNotFoundError:
    return ProcessNotFoundError(f"There is no process with the id '{process_id}'.")


def _anothers(process_id: str) -> ProcessImmutableError:
    return ProcessImmutableError(
        f"The process '{process_id}' belongs to somebody else: who registered it can change it."
    )


def _immutable(process_id: str) -> ProcessImmutableError:
    return ProcessImmutableError(f"The process '{process_id}' is built in: it can't be replaced or undeployed.")
