"""The client commands. They speak to a server over HTTP as any other client does."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from cwl_bridge import deploy, document, parts, schema
from cwl_bridge.errors import BridgeError
from server import collecting, replay, transfer
from server.client import BAD_USE, DONE, FAILED, TIMEOUT_SECONDS, UNREACHABLE, Client, CommandError

_REMOTE = ("http://", "https://")

DEFAULT_SERVER = "http://127.0.0.1:8080"


def add_commands(commands: Any) -> None:
    """The subcommands, each with its function."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--server", default=os.environ.get("CWL_PROCESSES_URL", DEFAULT_SERVER), metavar="URL")
    shared.add_argument("--token", default=os.environ.get("CWL_PROCESSES_TOKEN"))
    shared.add_argument("--json", action="store_true", help="print JSON")

    def command(name: str, run: Callable[[Client, argparse.Namespace], int], meaning: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=meaning, parents=[shared])
        made.set_defaults(run=lambda arguments: _run(run, arguments))
        return made

    deploying = command("deploy", _deploy, "register a process")
    deploying.add_argument(
        "source", help="CWL document or application package: a file or a URL; #NAME, one of several processes"
    )
    deploying.add_argument("--id", help="the id of the process")
    deploying.add_argument("--replace", action="store_true", help="also where the id is taken")
    deploying.add_argument("--strict", action="store_true", help="not where it does not meet OGC 20-089r1")
    command("undeploy", _undeploy, "unregister a process").add_argument("id")
    command("processes", _processes, "list the processes")
    command("describe", _describe, "show the inputs and outputs of a process").add_argument("id")
    command("package", _deployed, "write what deployed a process, byte for byte").add_argument("id")
    running = command("run", _execute, "execute a process")
    running.add_argument("id")
    running.add_argument("inputs", nargs="?", type=Path, help="inputs as JSON or YAML; '-' reads them from here")
    running.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="one input")
    running.add_argument("--async", action="store_true", dest="detach", help="print the job's id and do not wait")
    running.add_argument("--outdir", type=Path, help="download the results into this folder")
    listing = command("jobs", _jobs, "list the jobs")
    listing.add_argument("--process", help="only of this process")
    listing.add_argument("--status", help="only with this status")
    listing.add_argument("--limit", default="100", help="at the most so many [100]")
    command("status", _status, "show the status of a job").add_argument("job")
    logging = command("log", _log, "show the log of a job")
    logging.add_argument("job")
    logging.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    resulting = command("results", _results, "show or download the results of a job")
    resulting.add_argument("job")
    resulting.add_argument("--outdir", type=Path, help="download them into this folder")
    replaying = command("replay", _replay, "run a job again with plain cwltool and compare the outputs")
    replaying.add_argument("job")
    replaying.add_argument("--outdir", type=Path, help="keep what cwltool gives in this folder")
    command("dismiss", _dismiss, "stop a job, or remove one that has ended").add_argument("job")


def _run(command: Callable[[Client, argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    try:
        return command(Client(arguments.server, arguments.token, as_json=arguments.json), arguments)
    except CommandError as error:
        print(f"cwl-processes: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"cwl-processes: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return BAD_USE
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        print(f"cwl-processes: {arguments.server} can't be reached: {error}", file=sys.stderr)
        return UNREACHABLE


def _deploy(client: Client, arguments: argparse.Namespace) -> int:
    body, media_type, own_id = _deployable(arguments.source, arguments.id)
    called = quote(arguments.source.partition("#")[0].rpartition("/")[2], safe="")
    headers = {"Content-Type": media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{called}"}
    headers |= {"Prefer": "handling=strict"} if arguments.strict else {}
    if arguments.replace:
        process_id = arguments.id or own_id
        if process_id is None:
            raise CommandError("--replace needs --id where the document has no id.", BAD_USE)
        known = client.ask("GET", "/processes", params={"limit": 1000}).json()["processes"]
        if any(each["id"] == process_id for each in known):
            client.ask("PUT", f"/processes/{_segment(process_id)}", content=body, headers=headers)
            client.show({"id": process_id}, lambda: iter([f"replaced {process_id}"]))
            return DONE
    summary = client.ask("POST", "/processes", content=body, headers=headers).json()
    client.show(summary, lambda: iter([f"deployed {summary['id']}"]))
    return DONE


def _deployable(source: str, process_id: str | None) -> tuple[bytes, str, str | None]:
    """The body to post, its media type, and the id that it declares."""
    place, _, entry = source.partition("#")
    if entry and place.startswith(_REMOTE):
        # The server fetches it, with what it refers to from there.
        described = {"processDescription": {"id": process_id}} if process_id else {}
        unit = {"href": source, "type": deploy.CWL}
        return _json({**described, "executionUnit": unit}), deploy.PACKAGE, entry
    if place.startswith(_REMOTE) or Path(source).exists() or source == "-":
        place, entry = source, ""
    sent = _source(place)
    read = _parsed(sent)
    if place != "-" and not place.startswith(_REMOTE) and isinstance(read, dict):
        body, media_type = _with_files(Path(place), read, entry or None, process_id)
        if media_type.startswith(parts.MULTIPART):
            own = _declared_id(sent, deploy.PACKAGE if "executionUnit" in read else deploy.CWL_YAML)
            return body, media_type, process_id or entry or own
    body, media_type = _package(sent, process_id)
    return body, media_type, _declared_id(body, media_type)


def _with_files(path: Path, read: dict[str, Any], entry: str | None, process_id: str | None) -> tuple[bytes, str]:
    """A document on disk with the local files that it names."""
    if "executionUnit" not in read:
        body, media_type = collecting.collected(path, entry)
        if not media_type.startswith(parts.MULTIPART):
            return body, media_type
        return collecting.collected(path, entry, process_id)
    unit = read["executionUnit"]
    href = unit.get("href") if isinstance(unit, dict) else None
    if not isinstance(href, str) or urlsplit(href).scheme:
        return b"", deploy.PACKAGE
    named, _, chosen = href.partition("#")
    described = _json({**read, "processDescription": _description(read)})
    package = _parsed(_package(described, process_id)[0])
    return collecting.collected(path.parent / unquote(named), entry or chosen or None, package=package)


def _source(source: str) -> bytes:
    if source.startswith(_REMOTE):
        try:
            answer = httpx.get(source, follow_redirects=True, timeout=TIMEOUT_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CommandError(f"{source} can't be fetched: {error}", BAD_USE) from error
        if answer.is_error:
            raise CommandError(f"{source} answered {answer.status_code}.", BAD_USE)
        return answer.content
    return _read(Path(source))


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", BAD_USE) from error


def _package(body: bytes, process_id: str | None) -> tuple[bytes, str]:
    """The body to post and its media type; an id of one's own makes a CWL document a package."""
    read = _parsed(body)
    if not isinstance(read, dict):
        raise CommandError("A CWL document or an application package is an object.", BAD_USE)
    if "executionUnit" not in read:
        if process_id is None:
            return body, deploy.CWL_YAML
        unit = {"value": read, "mediaType": deploy.CWL_JSON}
        return _json({"processDescription": {"id": process_id}, "executionUnit": unit}), deploy.PACKAGE
    if process_id is not None:
        described = _description(read)
        inner = described.get("process", described)
        inner["id"] = process_id
        return _json({**read, "processDescription": described}), deploy.PACKAGE
    return _json(read), deploy.PACKAGE


def _declared_id(body: bytes, media_type: str) -> str | None:
    read = _parsed(body)
    if media_type == deploy.PACKAGE:
        described = _description(read)
        own = described.get("process", described).get("id")
    else:
        own = read.get("id")
    return own.rpartition("#")[2] if isinstance(own, str) and own != "#main" else None


def _description(package: dict[str, Any]) -> dict[str, Any]:
    described = package.get("processDescription") or {}
    if not isinstance(described, dict) or not isinstance(described.get("process", {}), dict):
        raise CommandError("'processDescription' of the package is an object.", BAD_USE)
    return described


def _parsed(body: bytes) -> Any:
    try:
        return document.read_yaml(body)
    except BridgeError as error:
        raise CommandError(str(error), BAD_USE) from error


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _segment(given: str) -> str:
    """An id as one segment of a path."""
    if given in ("", ".", ".."):
        raise CommandError(f"{given!r} is no id.", BAD_USE)
    return quote(given, safe="")


def _undeploy(client: Client, arguments: argparse.Namespace) -> int:
    client.ask("DELETE", f"/processes/{_segment(arguments.id)}")
    client.show({"id": arguments.id}, lambda: iter([f"undeployed {arguments.id}"]))
    return DONE


def _processes(client: Client, _: argparse.Namespace) -> int:
    found: list[Any] = []
    following: str | None = "/processes?limit=1000"
    while following:
        page = client.ask("GET", following).json()
        found += page["processes"]
        following = next((each["href"] for each in page["links"] if each["rel"] == "next"), None)

    def lines() -> Iterator[str]:
        for each in found:
            yield f"{each['id']}  {each['version']}  {each.get('title', '')}".rstrip()

    client.show(found, lines)
    return DONE


def _describe(client: Client, arguments: argparse.Namespace) -> int:
    described = client.ask("GET", f"/processes/{_segment(arguments.id)}").json()

    def lines() -> Iterator[str]:
        yield f"{described['id']} {described['version']}: {described.get('title', '')}"
        for kind in ("inputs", "outputs"):
            yield f"{kind}:"
            for name, each in described[kind].items():
                need = "" if kind == "outputs" else "required" if each["minOccurs"] else "optional"
                yield f"  {name}  {_type_words(each)}  {need}  {each.get('title', '')}".rstrip()

    client.show(described, lines)
    return DONE


def _deployed(client: Client, arguments: argparse.Namespace) -> int:
    found = client.ask("GET", f"/processes/{_segment(arguments.id)}/package", headers={"Accept": "*/*"})
    sys.stdout.buffer.write(found.content)
    return DONE


def _type_words(parameter: dict[str, Any]) -> str:
    described = parameter["schema"]
    one = " or ".join(schema.media_types(described)) or "/".join(
        str(each.get("type", "any")) for each in schema.branches(described)
    )
    return one if parameter["maxOccurs"] == 1 else f"list of {one}"


def _execute(client: Client, arguments: argparse.Namespace) -> int:
    described = client.ask("GET", f"/processes/{_segment(arguments.id)}").json()
    given = _parsed(_read(arguments.inputs)) if arguments.inputs else {}
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
    path = f"/processes/{_segment(arguments.id)}/execution"
    job = client.ask("POST", path, json=body, headers={"Prefer": "respond-async"})
    if job.status_code != 201:
        raise CommandError("The process can only be executed synchronously; use its API.", BAD_USE)
    job_id = job.json()["jobID"]
    if arguments.detach:
        client.show(job.json(), lambda: iter([job_id]))
        return DONE
    _wait(client, job_id)
    return _show_results(client, job_id, arguments.outdir)


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


def _log(client: Client, arguments: argparse.Namespace) -> int:
    path = f"/jobs/{_segment(arguments.job)}/log"
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


def _jobs(client: Client, arguments: argparse.Namespace) -> int:
    query = {"limit": arguments.limit, "processID": arguments.process, "status": arguments.status}
    found = client.ask("GET", "/jobs", params={key: each for key, each in query.items() if each}).json()["jobs"]

    def lines() -> Iterator[str]:
        for each in found:
            yield f"{each['jobID']}  {each['status']:10}  {each['processID']}  {each['created']}"

    client.show(found, lines)
    return DONE


def _status(client: Client, arguments: argparse.Namespace) -> int:
    status = client.ask("GET", f"/jobs/{_segment(arguments.job)}").json()

    def lines() -> Iterator[str]:
        yield f"{status['jobID']}  {status['status']}  {status['processID']}"
        yield status["message"]
        yield from (f"  | {line}" for line in status.get("exception", {}).get("log", []))

    client.show(status, lines)
    return DONE


def _results(client: Client, arguments: argparse.Namespace) -> int:
    return _show_results(client, _segment(arguments.job), arguments.outdir)


def _show_results(client: Client, job_id: str, outdir: Path | None) -> int:
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


def _replay(client: Client, arguments: argparse.Namespace) -> int:
    return replay.run(client, f"/jobs/{_segment(arguments.job)}", arguments.outdir)


def _dismiss(client: Client, arguments: argparse.Namespace) -> int:
    status = client.ask("DELETE", f"/jobs/{_segment(arguments.job)}").json()
    client.show(status, lambda: iter([f"dismissed {status['jobID']}"]))
    return DONE
