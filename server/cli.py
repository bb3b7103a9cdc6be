"""The client commands. They speak to a server over HTTP as any other client does."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from cwl_bridge import deploy, document, media, outputs, schema
from cwl_bridge.errors import BridgeError

DONE, FAILED, BAD_USE, UNREACHABLE = 0, 1, 2, 3

DEFAULT_SERVER = "http://127.0.0.1:8080"
TIMEOUT_SECONDS = 60.0
#: Between two looks at a running job: from quick to patient.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.1, 2.0

_ENDED = ("successful", "failed", "dismissed")


class CommandError(Exception):
    """Ends the command with a message and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Client:
    """A server, and how its answers are shown."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._http = httpx.Client(base_url=arguments.server, timeout=TIMEOUT_SECONDS, headers=_headers(arguments))
        self._as_json: bool = arguments.json

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self._http.request(method, path, **options)
        if answer.is_error:
            raise CommandError(_problem(answer), BAD_USE)
        return answer

    def download(self, url: str, path: Path) -> None:
        with self._http.stream("GET", url) as answer:
            if answer.is_error:
                answer.read()
                raise CommandError(_problem(answer), FAILED)
            with path.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)

    def show(self, value: Any, lines: Callable[[], Iterator[str]]) -> None:
        if self._as_json:
            print(json.dumps(value, indent=2, ensure_ascii=False))
        else:
            for line in lines():
                print(line)


def _headers(arguments: argparse.Namespace) -> dict[str, str]:
    accept = {"Accept": "application/json"}
    return {**accept, "Authorization": f"Bearer {arguments.token}"} if arguments.token else accept


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        lines = [f"{problem['title']}: {problem.get('detail', '')}"]
        lines += [f"  {each['pointer']}: {each['detail']}" for each in problem.get("errors", [])]
        lines += [f"  | {line}" for line in problem.get("log", [])]
        return "\n".join(lines)
    except (ValueError, KeyError, TypeError):
        return f"{answer.request.url} answered {answer.status_code}"


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
    deploying.add_argument("source", help="CWL document or application package: a file or a URL")
    deploying.add_argument("--id", help="the id of the process")
    deploying.add_argument("--replace", action="store_true", help="also where the id is taken")
    command("undeploy", _undeploy, "unregister a process").add_argument("id")
    command("processes", _processes, "list the processes")
    command("describe", _describe, "show the inputs and outputs of a process").add_argument("id")
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
    resulting = command("results", _results, "show or download the results of a job")
    resulting.add_argument("job")
    resulting.add_argument("--outdir", type=Path, help="download them into this folder")
    command("dismiss", _dismiss, "stop a job, or remove one that has ended").add_argument("job")


def _run(command: Callable[[Client, argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    try:
        return command(Client(arguments), arguments)
    except CommandError as error:
        print(f"cwl-processes: {error}", file=sys.stderr)
        return error.code
    except (httpx.TransportError, httpx.InvalidURL) as error:
        print(f"cwl-processes: {arguments.server} can't be reached: {error}", file=sys.stderr)
        return UNREACHABLE


def _deploy(client: Client, arguments: argparse.Namespace) -> int:
    body, media_type = _package(_source(arguments.source), arguments.id)
    headers = {"Content-Type": media_type}
    if arguments.replace:
        process_id = arguments.id or _declared_id(body, media_type)
        if process_id is None:
            raise CommandError("--replace needs --id where the document has no id.", BAD_USE)
        known = client.ask("GET", "/processes", params={"limit": 1000}).json()["processes"]
        if any(each["id"] == process_id for each in known):
            client.ask("PUT", f"/processes/{quote(process_id)}", content=body, headers=headers)
            client.show({"id": process_id}, lambda: iter([f"replaced {process_id}"]))
            return DONE
    summary = client.ask("POST", "/processes", content=body, headers=headers).json()
    client.show(summary, lambda: iter([f"deployed {summary['id']}"]))
    return DONE


def _source(source: str) -> bytes:
    if urlsplit(source).scheme in ("http", "https"):
        answer = httpx.get(source, follow_redirects=True, timeout=TIMEOUT_SECONDS)
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
        described = read.get("processDescription") or {}
        inner = described["process"] if isinstance(described.get("process"), dict) else described
        inner["id"] = process_id
        return _json({**read, "processDescription": described}), deploy.PACKAGE
    return _json(read), deploy.PACKAGE


def _declared_id(body: bytes, media_type: str) -> str | None:
    read = _parsed(body)
    if media_type == deploy.PACKAGE:
        described = read.get("processDescription") or {}
        own = described.get("process", described).get("id")
    else:
        own = read.get("id")
    return own.rpartition("#")[2] if isinstance(own, str) else None


def _parsed(body: bytes) -> Any:
    try:
        return document.read_yaml(body)
    except BridgeError as error:
        raise CommandError(str(error), BAD_USE) from error


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _undeploy(client: Client, arguments: argparse.Namespace) -> int:
    client.ask("DELETE", f"/processes/{quote(arguments.id)}")
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
    described = client.ask("GET", f"/processes/{quote(arguments.id)}").json()

    def lines() -> Iterator[str]:
        yield f"{described['id']} {described['version']}: {described.get('title', '')}"
        for kind in ("inputs", "outputs"):
            yield f"{kind}:"
            for name, each in described[kind].items():
                need = "" if kind == "outputs" else "required" if each["minOccurs"] else "optional"
                yield f"  {name}  {_type_words(each)}  {need}  {each.get('title', '')}".rstrip()

    client.show(described, lines)
    return DONE


def _type_words(parameter: dict[str, Any]) -> str:
    described = parameter["schema"]
    one = " or ".join(schema.media_types(described)) or "/".join(
        str(each.get("type", "any")) for each in schema.branches(described)
    )
    return one if parameter["maxOccurs"] == 1 else f"list of {one}"


def _execute(client: Client, arguments: argparse.Namespace) -> int:
    described = client.ask("GET", f"/processes/{quote(arguments.id)}").json()
    given = _parsed(_read(arguments.inputs)) if arguments.inputs else {}
    if not isinstance(given, dict):
        raise CommandError("Inputs are an object: one member for each input.", BAD_USE)
    # A whole execute request is taken as well as its inputs alone.
    request = (
        given if isinstance(given.get("inputs"), dict) and "inputs" not in described["inputs"] else {"inputs": given}
    )
    inputs = {**request["inputs"], **_from_options(arguments.input, described["inputs"])}
    base = arguments.inputs.parent if arguments.inputs else Path()
    inputs = {name: _with_files(value, described["inputs"].get(name), base) for name, value in inputs.items()}
    # Results come as one document, whatever the request was written for.
    body = {
        "inputs": inputs,
        **({"outputs": {name: {} for name in request["outputs"]}} if "outputs" in request else {}),
    }
    path = f"/processes/{quote(arguments.id)}/execution"
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
        found[name] = text if schema.admits_text(declared.get(name, {}).get("schema", {})) else _value(text)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _with_files(value: Any, parameter: dict[str, Any] | None, base: Path) -> Any:
    """Local files that an input names are sent with the request."""
    if isinstance(value, list):
        return [_with_files(each, parameter, base) for each in value]
    name = (
        value.get("path", value.get("location")) if isinstance(value, dict) and value.get("class") == "File" else value
    )
    if not isinstance(name, str) or parameter is None or urlsplit(name).scheme in ("http", "https"):
        return value
    items = parameter["schema"].get("items", {})
    if not schema.is_file(parameter["schema"]) and not schema.is_file(items):
        return value
    path = base / unquote(name.removeprefix("file://"))
    if not path.is_file():
        if isinstance(value, dict):
            raise CommandError(f"{path}: no such file", BAD_USE)
        return value
    kind = outputs.file_type(path.name, schema.media_types(parameter["schema"]))
    found = {"value": base64.b64encode(path.read_bytes()).decode(), "encoding": "base64"}
    return found if kind == media.BINARY else {**found, "mediaType": kind}


def _wait(client: Client, job_id: str) -> None:
    """Until the job has ended, saying each change of its status."""
    pause, said = FIRST_PAUSE_SECONDS, None
    while True:
        status = client.ask("GET", f"/jobs/{job_id}").json()["status"]
        if status != said:
            print(f"job {job_id}: {status}", file=sys.stderr)
            said = status
        if status in _ENDED:
            return
        time.sleep(pause)
        pause = min(pause * 1.5, LAST_PAUSE_SECONDS)


def _jobs(client: Client, arguments: argparse.Namespace) -> int:
    query = {"limit": arguments.limit, "processID": arguments.process, "status": arguments.status}
    found = client.ask("GET", "/jobs", params={key: each for key, each in query.items() if each}).json()["jobs"]

    def lines() -> Iterator[str]:
        for each in found:
            yield f"{each['jobID']}  {each['status']:10}  {each['processID']}  {each['created']}"

    client.show(found, lines)
    return DONE


def _status(client: Client, arguments: argparse.Namespace) -> int:
    status = client.ask("GET", f"/jobs/{quote(arguments.job)}").json()

    def lines() -> Iterator[str]:
        yield f"{status['jobID']}  {status['status']}  {status['processID']}"
        yield status["message"]
        yield from (f"  | {line}" for line in status.get("exception", {}).get("log", []))

    client.show(status, lines)
    return DONE


def _results(client: Client, arguments: argparse.Namespace) -> int:
    return _show_results(client, quote(arguments.job), arguments.outdir)


def _show_results(client: Client, job_id: str, outdir: Path | None) -> int:
    status = client.ask("GET", f"/jobs/{job_id}").json()
    if status["status"] in ("failed", "dismissed"):
        log = "".join(f"\n  | {line}" for line in status.get("exception", {}).get("log", []))
        raise CommandError(f"job {status['jobID']} {status['status']}: {status['message']}{log}", FAILED)
    answer = client.ask("GET", f"/jobs/{job_id}/results")
    if not answer.headers.get("content-type", "").startswith("application/json"):
        raise CommandError("The job was submitted for raw results; fetch them from its results link.", BAD_USE)
    found = answer.json()
    if outdir is not None:
        outdir.mkdir(parents=True, exist_ok=True)
        found = {name: _downloaded(client, value, outdir / name) for name, value in found.items()}
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return DONE


def _downloaded(client: Client, value: Any, folder: Path) -> Any:
    """Files are fetched into the folder of their output; their place takes the place of the link."""
    if isinstance(value, list):
        return [_downloaded(client, each, folder / str(index)) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "href" in value:
        return str(_fetch(client, value["href"], value.get("title", ""), value.get("type"), folder))
    inner = value.get("value")
    return _downloaded(client, inner, folder) if isinstance(inner, dict) else _members(client, value, folder)


def _members(client: Client, value: dict[str, Any], folder: Path) -> Any:
    if value.get("class") == "File":
        for each in value.get("secondaryFiles", []):
            _members(client, each, folder)
        return str(_fetch(client, value["location"], value["basename"], None, folder))
    return value


def _fetch(client: Client, url: str, title: str, media_type: str | None, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = title if media.is_basename(title) else "value"
    if media_type == "application/directory":
        return _fetch_directory(client, url, folder / name)
    client.download(url, folder / name)
    return folder / name


def _fetch_directory(client: Client, url: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for each in client.ask("GET", url).json()["links"]:
        if each["rel"] == "item" and media.is_basename(each["title"]):
            if "length" in each:
                client.download(each["href"], folder / each["title"])
            else:
                _fetch_directory(client, each["href"], folder / each["title"])
    return folder


def _dismiss(client: Client, arguments: argparse.Namespace) -> int:
    status = client.ask("DELETE", f"/jobs/{quote(arguments.job)}").json()
    client.show(status, lambda: iter([f"dismissed {status['jobID']}"]))
    return DONE
