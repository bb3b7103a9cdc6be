"""The commands about jobs: list, status, log, results, replay, dismiss."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from server import replay, transfer
from server.client import BAD_USE, DONE, FAILED, Client, CommandError
from server.commands.common import segment


def log(client: Client, arguments: argparse.Namespace) -> int:
    path = f"/jobs/{segment(arguments.job)}/log"
    if not arguments.follow:
        sys.stdout.write(client.ask("GET", path, headers={"Accept": "text/plain"}).text)
        return DONE
    status = ""
    for event, data in client.events(path):
        if event == "log":
            print(data, flush=True)
        if event == "status":
            status = json.loads(data)["status"]
    return FAILED if status in ("failed", "dismissed") else DONE


def listed(client: Client, arguments: argparse.Namespace) -> int:
    query = {"limit": arguments.limit, "processID": arguments.process, "status": arguments.status}
    found = client.ask("GET", "/jobs", params={key: each for key, each in query.items() if each}).json()["jobs"]

    def lines() -> Iterator[str]:
        for each in found:
            yield f"{each['jobID']}  {each['status']:10}  {each['processID']}  {each['created']}"

    client.show(found, lines)
    return DONE


def status(client: Client, arguments: argparse.Namespace) -> int:
    found = client.ask("GET", f"/jobs/{segment(arguments.job)}").json()

    def lines() -> Iterator[str]:
        yield f"{found['jobID']}  {found['status']}  {found['processID']}"
        yield found["message"]
        yield from (f"  | {line}" for line in found.get("exception", {}).get("log", []))

    client.show(found, lines)
    return DONE


def results(client: Client, arguments: argparse.Namespace) -> int:
    return show_results(client, segment(arguments.job), arguments.outdir)


def show_results(client: Client, job_id: str, outdir: Path | None) -> int:
    status = client.ask("GET", f"/jobs/{job_id}").json()
    if status["status"] in ("failed", "dismissed"):
        log = "".join(f"\n  | {line}" for line in status.get("exception", {}).get("log", []))
        raise CommandError(f"job {status['jobID']} {status['status']}: {status['message']}{log}", FAILED)
    answer = client.ask("GET", f"/jobs/{job_id}/results")
    if not answer.headers.get("content-type", "").startswith("application/json"):
        raise CommandError("The job was submitted for raw results; fetch them from its results link.", BAD_USE)
    found = answer.json()
    if outdir is not None and isinstance(found, dict):
        outdir.mkdir(parents=True, exist_ok=True)
        found = {name: transfer.downloaded(client, value, outdir / name) for name, value in found.items()}
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return DONE


def replayed(client: Client, arguments: argparse.Namespace) -> int:
    return replay.run(client, f"/jobs/{segment(arguments.job)}", arguments.outdir, arguments.secret)


def dismiss(client: Client, arguments: argparse.Namespace) -> int:
    status = client.ask("DELETE", f"/jobs/{segment(arguments.job)}").json()
    client.show(status, lambda: iter([f"dismissed {status['jobID']}"]))
    return DONE
