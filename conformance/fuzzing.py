"""The API definition against the server: `python -m conformance.fuzzing [--cases N] [--only REGEX] [more options]`.

schemathesis makes requests from the definition, right and wrong ones, and holds every answer to it: its status, its
media type, its headers and its schema. A server is started for it, with processes and jobs that half of the requests
are about. Operations come one after the other; the others follow where one is not as the definition says. With
`--stateful` they follow each other: what is deployed is executed, what is executed is looked at, dismissed, removed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from server.openapi.packages import PACKAGES
from tests.live import ROOT, Server, serving, shell_package
from tests.server.accounts import made

CONFIG = Path(__file__).with_name("schemathesis.toml")
CASES = 1000
#: A wait in an echo would only take time.
SETTINGS = {"SLOTS": "4", "JOB_TIMEOUT": "20"}
#: How many there are of what an operation removes.
SPARE = 20
#: The operations that execute them, and end with them.
_OF_SPARE = r"^execute\.spare-"

_FILE = {"schema": {"type": "string", "contentMediaType": "text/plain"}}
_FOLDER = {"schema": {"type": "string", "format": "directory"}}


def prepare(server: Server) -> dict[str, list[str]]:
    """What the requests are about, by the names that the configuration has for it."""
    folder = shell_package("folder", "mkdir tree && cp $2 tree/a", {"file": _FILE}, {"tree": _FOLDER})
    spares = [shell_package(f"spare-{n}", "true") for n in range(SPARE)]
    # The example of the definition replaces itself.
    packages = [folder, shell_package("fails", "exit 1"), PACKAGES["ogcapppkg"]["example"], *spares]
    for each in packages:
        assert server.deploy(each).status_code == 201  # noqa: S101
    echoed = {"stringInput": "x", "doubleInput": 0.5, "imageInput": {"value": "eA==", "encoding": "base64"}}
    jobs = [server.submit("echo", echoed), server.submit("folder", {"file": "x"}), server.submit("fails")]
    spare = [server.submit("fails") for _ in range(SPARE)]
    for job_id in (*jobs, *spare):
        server.wait(job_id)
    created = [server.http.post("/jobs", json={"process": "say"}).json()["id"] for _ in range(SPARE)]
    return {
        "processes": ["echo", "folder", "say"],
        "spare-processes": [f"spare-{n}" for n in range(SPARE)],
        "jobs": jobs,
        "spare-jobs": spare,
        "created-jobs": created,
        "results": ["stringInput", "imageInput", "tree", "tree/a"],
        "inputs": _places(server, jobs),
        "problems": ["not-found", "tool-failed"],
    }


def _places(server: Server, jobs: list[str]) -> list[str]:
    """Of the staged inputs, as the job orders name them."""
    orders = "".join(server.http.get(f"/jobs/{each}/inputs.json").text for each in jobs)
    return re.findall(r'/inputs/([^"]+)"', orders)


def run(server: Server, cases: int, there: dict[str, list[str]], *options: str) -> subprocess.CompletedProcess[str]:
    """Tests operations, all where the options name none, with about this many requests in each phase.

    Ends with 0 where all is as the definition says. `there`: as `prepare` gives it.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(CONFIG.read_text())
        for name, values in there.items():
            config.write(f"\n[dictionaries.{name}]\nvalues = {json.dumps(values)}\n")
        config.flush()
        return subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", config.name),
                *("run", f"{server.url}/api", "--max-examples", str(cases), "--no-color"),
                *("--exclude-operation-id-regex", _OF_SPARE, *options),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )


def sequences(
    server: Server, cases: int, there: dict[str, list[str]], *options: str
) -> subprocess.CompletedProcess[str]:
    """Tests sequences of requests, about so many, each request about what one before it has made (see `hooks`)."""
    token = server.http.headers.get("Authorization")
    known = ("--header", f"Authorization: {token}") if token else ()
    return run(server, cases, there, "--phases", "stateful", *known, *options)


def operations(server: Server, only: str) -> list[str]:
    paths: dict[str, dict[str, Any]] = server.http.get("/api").json()["paths"]
    found = [each["operationId"] for those in paths.values() for each in those.values()]
    return [each for each in found if re.fullmatch(only, each) and not re.match(_OF_SPARE, each)]


def _counted(said: str, pattern: str) -> str:
    found = re.search(rf"^ *({pattern})$", said, re.MULTILINE)
    return found[1] if found else ""


def _sequences(cases: int, options: list[str], *, accounts: bool) -> int:
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cwl-processes-")), "data")
        token = made(data, "alice", "read,execute,deploy") if accounts else ""
        server = stack.enter_context(serving(data, AUTH="token" if accounts else "none", **SETTINGS))
        if accounts:
            server.http.headers["Authorization"] = f"Bearer {token}"
        begun = time.monotonic()
        done = sequences(server, cases, prepare(server), *options)
        counts = [_counted(done.stdout, each) for each in (r"Scenarios: .*", r"API Links: .*", r"\d+ generated, .*")]
        print(", ".join(re.sub(r" +", " ", each) for each in counts), f"in {time.monotonic() - begun:.0f} s")
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.fuzzing", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=CASES, help="for each operation [%(default)s]")
    parser.add_argument(
        "--stateful", action="store_true", help="sequences of requests, as many as there would be cases"
    )
    parser.add_argument("--accounts", action="store_true", help="sequences on a server that asks for tokens")
    parser.add_argument("--only", default=".*", metavar="REGEX", help="operations, by their ids [%(default)s]")
    arguments, more = parser.parse_known_args()
    if arguments.stateful or arguments.accounts:
        return _sequences(arguments.cases, more, accounts=arguments.accounts)
    failed = []
    with (
        tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder,
        serving(Path(folder, "data"), **SETTINGS) as server,
    ):
        there = prepare(server)
        for operation in operations(server, arguments.only):
            begun = time.monotonic()
            done = run(server, arguments.cases, there, "--include-operation-id", operation, *more)
            said = _counted(done.stdout, r"\d+ generated, .*") or "nothing was tested"
            print(f"{operation}: {said}, in {time.monotonic() - begun:.0f} s", flush=True)
            if done.returncode != 0:
                failed.append(operation)
                print(done.stdout, done.stderr, flush=True)
    print(f"not as the definition says: {', '.join(failed)}" if failed else "all is as the definition says")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
