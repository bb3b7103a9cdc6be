"""A CWL runner for cwltest that runs nothing: `python -m conformance.adapter [--outdir FOLDER] TOOL [ORDER]`.

It deploys the tool to the server that CWL_PROCESSES_URL names, executes it there, and writes the results as CWL's
output object. Files travel within the requests, folders are named by file: URLs, which the server allows for this; the
results are downloaded from their links.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import yaml

from cwl_bridge import describe, overrides, recordfields, secondary
from server import collecting, transfer
from server.client import Client, CommandError
from server.collecting import NotCollectedError

DONE, FAILED = 0, 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--outdir", type=Path, default=Path())
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--version", action="version", version="cwl-processes, over HTTP")
    parser.add_argument("tool")
    parser.add_argument("order", nargs="?", type=Path)
    arguments = parser.parse_args()
    client = Client(os.environ["CWL_PROCESSES_URL"], None, as_json=True)
    try:
        results = _run(client, arguments.tool, arguments.order)
        outdir = arguments.outdir.resolve()
        print(json.dumps({name: _output(client, each, outdir / name) for name, each in results.items()}, indent=2))
    except (CommandError, NotCollectedError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return FAILED
    return DONE


def _run(client: Client, tool: str, order: Path | None) -> dict[str, Any]:
    """The results document."""
    path, _, entry = tool.partition("#")
    process_id = f"conformance-{uuid.uuid4()}"
    document = Path(unquote(path.removeprefix("file://")))
    made = collecting.collected(document, entry or None, {"processDescription": {"id": process_id}})
    client.ask("POST", "/processes", content=made.body, headers={"Content-Type": made.media_type})
    here = f"/processes/{process_id}"
    try:
        process = yaml.safe_load(client.ask("GET", f"{here}/process.cwl").content)
        request = {"inputs": _inputs(order, process, _prefixes(document))}
        job = client.ask("POST", f"{here}/execution", json=request, headers={"Prefer": "respond-async"}).json()["jobID"]
        for _ in client.events(f"/jobs/{job}/log"):
            pass
        found: dict[str, Any] = client.ask("GET", f"/jobs/{job}/results").json()
        return found
    finally:
        client.ask("DELETE", here)


def _prefixes(path: Path) -> dict[str, str]:
    """Those of a document count in its orders as well."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: dict[str, str] = read.get("$namespaces", {})
    return found


def _inputs(order: Path | None, process: dict[str, Any], prefixes: dict[str, str]) -> dict[str, Any]:
    if order is None:
        return {}
    given = yaml.safe_load(order.read_text(encoding="utf-8")) or {}
    given = _spelled_out(given, {**prefixes, **given.get("$namespaces", {})})
    # What a process does not declare counts for nothing in CWL; the server refuses it.
    base = order.resolve().parent
    ports, types = describe.ports(process, "inputs"), recordfields.types(process)
    found = {name: _with_siblings(given[name], port, types, base) for name, port in ports.items() if name in given}
    more = {overrides.NAME: given[overrides.NAME]} if overrides.NAME in given else {}
    return {**{name: _input(each, base) for name, each in found.items()}, **more}


def _with_siblings(value: Any, port: Any, types: dict[str, Any], base: Path) -> Any:
    """With the secondary files that lie beside a file: a server does not see the client's folders."""
    if isinstance(value, list):
        return [_with_siblings(each, port, types, base) for each in value]
    if not isinstance(value, dict):
        return value
    patterns = port.get("secondaryFiles", []) if isinstance(port, dict) else []
    if value.get("class") == "File" and "secondaryFiles" not in value and "contents" not in value:
        path = base / (value["path"] if "path" in value else unquote(value["location"]))
        beside = [path.with_name(each.applied(path.name)) for each in secondary.patterns(patterns, "v1.2")]
        found = [each for each in beside if each.exists()]
        kinds = {each: "Directory" if each.is_dir() else "File" for each in found}
        return {**value, "secondaryFiles": [{"class": kinds[each], "path": str(each)} for each in found]}
    fields = recordfields.fields(port, types)
    return {name: _with_siblings(each, fields.get(name), types, base) for name, each in value.items()}


def _spelled_out(value: Any, prefixes: dict[str, str]) -> Any:
    """Formats without their prefixes."""
    if isinstance(value, list):
        return [_spelled_out(each, prefixes) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _spelled_out(each, prefixes) for name, each in value.items()}
    prefix, colon, rest = str(found.get("format", "")).partition(":")
    return {**found, "format": prefixes[prefix] + rest} if colon and prefix in prefixes else found


def _input(value: Any, base: Path) -> Any:
    """As an execute request has it: files by value, an object under `value`."""
    sent = _with_files(value, base)
    return {"value": sent} if isinstance(sent, dict) else sent


def _with_files(value: Any, base: Path) -> Any:
    if isinstance(value, list):
        return [_with_files(each, base) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("class") == "Directory" and "listing" not in value:
        # By reference: a Directory by value is a listing, which tools would see.
        path = base / (value["path"] if "path" in value else unquote(value["location"].removeprefix("file://")))
        members = {name: each for name, each in value.items() if name != "path"}
        return {"basename": path.name, **members, "location": path.resolve().as_uri()}
    if value.get("class") in ("File", "Directory"):
        return transfer.with_files(value, None, base)
    return {name: _with_files(each, base) for name, each in value.items()}


def _output(client: Client, value: Any, folder: Path) -> Any:
    """A result as CWL has it, its files downloaded."""
    if isinstance(value, list):
        return [_output(client, each, folder / str(index)) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "href" in value and "class" not in value:
        kind = "Directory" if value.get("type") == "application/directory" else "File"
        more = {"format": value["format"]} if "format" in value else {}
        return {**_local(transfer.downloaded(client, value, folder), kind), **more}
    if set(value) == {"value"}:
        return _output(client, value["value"], folder)
    if value.get("class") in ("File", "Directory"):
        return _object(client, value, folder)
    return {name: _output(client, each, folder / name) for name, each in value.items()}


def _object(client: Client, value: dict[str, Any], folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / value["basename"]
    more = {"format": value["format"]} if "format" in value else {}
    if value.get("secondaryFiles"):
        more["secondaryFiles"] = [_object(client, each, folder) for each in value["secondaryFiles"]]
    if value["class"] == "Directory":
        path.mkdir()
        return {**_local(path, "Directory"), "listing": [_object(client, each, path) for each in value["listing"]]}
    client.download(value["location"], path)
    return {**_local(path, "File"), **more}


def _local(path: Path | str, kind: str) -> dict[str, Any]:
    path = Path(path)
    found: dict[str, Any] = {"class": kind, "location": path.as_uri(), "path": str(path), "basename": path.name}
    if kind == "Directory":
        below = sorted(path.iterdir())
        return {**found, "listing": [_local(each, "Directory" if each.is_dir() else "File") for each in below]}
    content = path.read_bytes()
    return {**found, "size": len(content), "checksum": "sha1$" + hashlib.sha1(content).hexdigest()}  # noqa: S324


if __name__ == "__main__":
    sys.exit(main())
