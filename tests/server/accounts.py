"""A server that asks for tokens, and clients that have some."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import httpx

from registry.database import Database
from registry.models import Scope
from registry.tokens import Tokens
from server.__main__ import parser
from server.client import DONE
from tests.live import JOB_SECONDS, Server, environment, serving, until

ASYNC = {"Prefer": "respond-async"}


def token(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`cwl-processes token`, on a data folder."""
    return subprocess.run(
        [sys.executable, "-m", "server", "token", *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )


def made(data: Path, name: str, scopes: str = "read,execute,deploy", expires: str = "365d") -> str:
    """The text of a new token, made by the same command without a program of its own."""
    command = ["token", "add", name, "--scopes", scopes, "--expires", expires, "--data", str(data)]
    arguments = parser().parse_args(command)
    with redirect_stdout(StringIO()) as said:
        assert arguments.run(arguments) == DONE
    return said.getvalue().strip()


def made_at_once(data: Path, names: Iterable[str]) -> dict[str, str]:
    """New tokens of some names, without a program for each."""
    data.mkdir(parents=True, exist_ok=True)

    async def add() -> dict[str, str]:
        async with Database.open(data / "registry.sqlite3") as database:
            known = Tokens(database)
            scopes = [Scope.READ, Scope.EXECUTE, Scope.DEPLOY]
            return {name: (await known.add(name, scopes, None))[1] for name in names}

    return asyncio.run(add())


def token_id(text: str) -> str:
    return text.split("_")[1]


@contextmanager
def asking(data: Path, **settings: str) -> Iterator[Server]:
    """A server with tokens."""
    with serving(data, AUTH="token", SHUTDOWN="stop", **settings) as server:
        yield server


def client(server: Server, text: str | None) -> httpx.Client:
    """One that sends a token, or none."""
    headers = {} if text is None else {"Authorization": f"Bearer {text}"}
    return httpx.Client(base_url=server.url, timeout=JOB_SECONDS, headers=headers)


def ended(http: httpx.Client, process_id: str, **inputs: object) -> str:
    """The id of a job that has ended."""
    answer = http.post(f"/processes/{process_id}/execution", json={"inputs": inputs}, headers=ASYNC)
    assert answer.status_code == 201, answer.text
    job_id = str(answer.json()["jobID"])
    until(lambda: http.get(f"/jobs/{job_id}").json()["status"] in ("successful", "failed"))
    return job_id


def created(http: httpx.Client, process_id: str, inputs: object = None) -> str:
    """The id of a job that was made, and not started."""
    answer = http.post("/jobs", json={"process": process_id, "inputs": inputs or {}})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["jobID"])


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the name of the problem."""
    return answer.status_code, json.loads(answer.content)["type"].rpartition("/")[2]
