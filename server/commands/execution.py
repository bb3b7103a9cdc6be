"""The command that executes a process, and waits for its end."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cwl_bridge import schema
from server import transfer
from server.client import BAD_USE, DONE, Client, CommandError
from server.commands import jobs
from server.commands.common import parsed, read, segment


def execute(client: Client, arguments: argparse.Namespace) -> int:
    described = client.ask("GET", f"/processes/{segment(arguments.id)}").json()
    given = parsed(read(arguments.inputs)) if arguments.inputs else {}
    if not isinstance(given, dict):
        raise CommandError("Inputs are an object: one member for each input.", BAD_USE)
    # A whole execute request is taken as well as its inputs alone.
    request = (
        given if isinstance(given.get("inputs"), dict) and "inputs" not in described["inputs"] else {"inputs": given}
    )
    base = arguments.inputs.parent if arguments.inputs else Path()
    inputs = {
        name: transfer.with_files(value, described["inputs"].get(name), base)
        for name, value in request["inputs"].items()
    }
    inputs |= _from_options(arguments.input, described["inputs"])
    # Results come as one document, whatever the request was written for.
    body = {
        "inputs": inputs,
        **({"outputs": {name: {} for name in request["outputs"]}} if "outputs" in request else {}),
    }
    path = f"/processes/{segment(arguments.id)}/execution"
    job = client.ask("POST", path, json=body, headers={"Prefer": "respond-async"})
    if job.status_code != 201:
        raise CommandError("The process can only be executed synchronously; use its API.", BAD_USE)
    job_id = job.json()["jobID"]
    if arguments.detach:
        client.show(job.json(), lambda: iter([job_id]))
        return DONE
    _wait(client, job_id)
    return jobs.show_results(client, job_id, arguments.outdir)


def _from_options(options: list[str], declared: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise CommandError(f"-i {option}: NAME=VALUE is expected.", BAD_USE)
        described = declared.get(name, {}).get("schema", {})
        value = text if schema.admits_text(described) else _value(text)
        found[name] = transfer.with_files(value, declared.get(name), Path())
        if found[name] == text and schema.is_file(described) and urlsplit(text).scheme not in ("http", "https"):
            raise CommandError(f"-i {option}: there is no file {text!r}.", BAD_USE)
        if isinstance(found[name], str) and schema.is_file(described):
            found[name] = {"href": text}
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _wait(client: Client, job_id: str) -> None:
    """Until the job has ended, saying each change of its status and each step."""
    said = None
    for event, data in client.events(f"/jobs/{job_id}/log"):
        told = json.loads(data) if event in ("status", "step") else {}
        if event == "step":
            print(f"  {told['done']}/{told['known']} {told['step']} {told['event']}", file=sys.stderr)
        if event == "status" and told["status"] != said:
            said = told["status"]
            print(f"job {job_id}: {said}", file=sys.stderr)
