"""The commands about tokens. They work on the data folder itself: who can write there needs no token."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from registry import audit
from registry.audit import Actor
from registry.database import Database
from registry.errors import RegistryError
from registry.models import Principal, Scope, Token, now
from registry.tokens import NAME, Tokens
from server import datafolder, settings
from server.client import BAD_USE, DONE
from server.datafolder import InUseError
from server.settings import Settings

_DAYS = re.compile(r"([0-9]{1,5})d")


def run(arguments: argparse.Namespace) -> int:
    """Raises SettingsError."""
    chosen = settings.load({"data": arguments.data}, os.environ, arguments.config)
    do: Callable[[Tokens, argparse.Namespace], Awaitable[int]] = _ACTS[arguments.act]
    try:
        return asyncio.run(_done(chosen, do, arguments))
    except (RegistryError, ValueError) as error:
        print(f"cwl-processes: {error}", file=sys.stderr)
        return BAD_USE


async def _done(
    chosen: Settings, do: Callable[[Tokens, argparse.Namespace], Awaitable[int]], arguments: argparse.Namespace
) -> int:
    # Who can write the data folder is who the operating system says; it has no account here.
    audit.ACTOR.set(Actor(principal=Principal(name=f"uid:{os.getuid()}")))
    async with _opened(chosen.data) as database:
        return await do(Tokens(database), arguments)


@asynccontextmanager
async def _opened(data: Path) -> AsyncIterator[Database]:
    """The database of a folder, also while a server works on it; only without one it may be of an older version."""
    with ExitStack() as held:
        try:
            held.enter_context(datafolder.held(data))
            alone = True
        except InUseError:
            alone = False
        async with Database.open(data / "registry.sqlite3", migrate=alone) as database:
            yield database


async def add(tokens: Tokens, arguments: argparse.Namespace) -> int:
    """The token alone goes to standard output, so that a shell can take it."""
    if not NAME.fullmatch(arguments.name):
        raise ValueError(
            f"A name has letters, digits and ._@+- and begins with one of the first two: {arguments.name!r}."
        )
    made, text = await tokens.add(arguments.name, _scopes(arguments.scopes), _expires(arguments.expires))
    if arguments.json:
        print(json.dumps({**_shown(made), "token": text}, indent=2))
        return DONE
    print(text)
    print(f"{_line(made)}; it is shown this once.", file=sys.stderr)
    return DONE


async def listed(tokens: Tokens, arguments: argparse.Namespace) -> int:
    found = await tokens.all()
    if arguments.json:
        print(json.dumps([_shown(each) for each in found], indent=2))
        return DONE
    for each in found:
        print(_line(each))
    return DONE


async def revoke(tokens: Tokens, arguments: argparse.Namespace) -> int:
    found = await tokens.revoke(arguments.which)
    if arguments.json:
        print(json.dumps([_shown(each) for each in found], indent=2))
    for each in [] if arguments.json else found:
        print(_line(each))
    if not found:
        print(f"cwl-processes: There is no good token with the name or id {arguments.which!r}.", file=sys.stderr)
    return DONE if found else BAD_USE


_ACTS: dict[str, Callable[[Tokens, argparse.Namespace], Awaitable[int]]] = {
    "add": add,
    "list": listed,
    "revoke": revoke,
}


def _scopes(given: str) -> list[Scope]:
    names = [each for each in re.split(r"[,\s]+", given) if each]
    unknown = [each for each in names if each not in list(Scope)]
    if unknown or not names:
        raise ValueError(f"Scopes are {', '.join(Scope)}, with commas between them, not {given!r}.")
    return [Scope(each) for each in names]


def _expires(given: str) -> datetime | None:
    if given == "never":
        return None
    found = _DAYS.fullmatch(given)
    if found is None:
        raise ValueError(f"A token expires in so many days, such as 365d, or never, not {given!r}.")
    return now() + timedelta(days=int(found[1]))


def _line(token: Token) -> str:
    state = f"revoked {token.revoked.isoformat()}" if token.revoked else f"expires {_moment(token.expires) or 'never'}"
    return f"{token.id}  {token.principal.name}  {','.join(sorted(token.principal.scopes))}  {state}"


def _shown(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.principal.name,
        "scopes": sorted(token.principal.scopes),
        "created": token.created.isoformat(),
        "expires": _moment(token.expires),
        "revoked": _moment(token.revoked),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
