"""A job once more, with plain cwltool, and whether its outputs are those of the job."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import itertools
import json
import shlex
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from cwl_bridge import document, media, policy, secrecy
from cwl_bridge.errors import BridgeError
from cwl_bridge.policy import Policy
from server.client import BAD_USE, DONE, FAILED, Client, CommandError

SAME = "the same"


def run(client: Client, job: str, outdir: Path | None, secrets: list[str]) -> int:
    """`job`: the path of a job on the server. `secrets`: NAME=VALUE; those that are missing are asked for."""
    status = client.ask("GET", job).json()
    if status["status"] not in ("successful", "failed"):
        raise CommandError(
            f"The job is {status['status']}; only one that has ended by itself can be compared.", BAD_USE
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _unpack(client, job, folder)
        options = _options((folder / "command.txt").read_text(encoding="utf-8"))
        _check(folder / "process.cwl", options)
        _localise(client, folder)
        _give(folder / "inputs.json", secrets)
        found = _cwltool(options, outdir or folder / "results", folder)
        if status["status"] == "failed":
            told = "and so does cwltool" if found is None else "but cwltool gives outputs; its log may say why"
            raise CommandError(f"The job failed: {status['message']} {told.capitalize()}.", FAILED)
        if found is None:
            raise CommandError("The job was successful, but cwltool fails.", FAILED)
        given = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))["outputs"]
        return _report(client, given, found)


def _unpack(client: Client, job: str, folder: Path) -> None:
    try:
        client.download(f"{job}/bundle", folder / "bundle.zip")
    except CommandError as error:
        raise CommandError(str(error), BAD_USE) from error
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        archive.extractall(folder)
    if not (folder / "command.txt").exists():
        raise CommandError("The job failed before its inputs were there: there is nothing to repeat.", BAD_USE)


def _options(line: str) -> argparse.Namespace:
    """What command.txt asks for. It comes from elsewhere: whatever is not known here is not done."""
    known = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    known.add_argument("--relax-path-checks", action="store_true")
    known.add_argument("--default-container")
    known.add_argument("--outdir")
    try:
        # The first word is cwltool, the last two are its files.
        found, unknown = known.parse_known_args(shlex.split(line)[1:-2])
    except (argparse.ArgumentError, ValueError) as error:
        raise CommandError(f"command.txt can't be read: {error}", BAD_USE) from error
    if unknown:
        raise CommandError(f"command.txt has what is not known here: {' '.join(unknown)}", BAD_USE)
    return found


def _check(process: Path, options: argparse.Namespace) -> None:
    """cwltool would run a tool without a container on this machine itself, whosoever wrote it."""
    try:
        policy.check(document.read_yaml(process.read_bytes()), Policy(default_container=options.default_container))
    except BridgeError as error:
        raise CommandError(f"The document is not run here: {error}", BAD_USE) from error


def _localise(client: Client, folder: Path) -> None:
    """Files that were too large for the bundle are fetched: cwltool has no token, and reads contents from disk only."""
    order = folder / "inputs.json"
    numbers = itertools.count(1)

    def local(value: Any) -> Any:
        if isinstance(value, list):
            return [local(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = {key: local(each) for key, each in value.items()}
        if value.get("class") in ("File", "Directory") and "location" in value:
            found["location"] = place(value)
        return found

    def place(file: dict[str, Any]) -> str:
        parts = urlsplit(file["location"])
        if parts.scheme in ("http", "https") and media.is_basename(file["basename"]):
            path = Path(folder, "fetched", str(next(numbers)), file["basename"])
            path.parent.mkdir(parents=True)
            client.download(file["location"], path)
            return path.as_uri()
        beside = PurePosixPath(unquote(parts.path))
        if parts.scheme or parts.netloc or beside.is_absolute() or ".." in beside.parts:
            raise CommandError(f"{file['location']} is no file of the job.", BAD_USE)
        return quote(str(beside))

    order.write_text(json.dumps(local(json.loads(order.read_bytes())), ensure_ascii=False), encoding="utf-8")


def _give(order: Path, secrets: list[str]) -> None:
    """Puts secrets in the place of their masks: the server has kept none."""
    found: dict[str, Any] = json.loads(order.read_bytes())
    masked = [name for name, value in found.items() if value == secrecy.MASK]
    given = dict(each.partition("=")[::2] for each in secrets)
    unknown = [name for name in given if name not in masked]
    if unknown:
        known = ", ".join(masked) or "none"
        raise CommandError(f"-i {unknown[0]}=…: the job has no such secret; there are: {known}.", BAD_USE)
    missing = [name for name in masked if name not in given]
    if missing and not sys.stdin.isatty():
        options = " ".join(f"-i {name}=VALUE" for name in missing)
        raise CommandError(f"The job was given secrets, which are kept nowhere; give them again: {options}", BAD_USE)
    given |= {name: getpass.getpass(f"{name}: ") for name in missing}
    order.write_text(json.dumps({**found, **given}, ensure_ascii=False), encoding="utf-8")


def _cwltool(options: argparse.Namespace, outdir: Path, folder: Path) -> dict[str, Any] | None:
    """The output object; None where the run failed. What cwltool says goes to standard error."""
    words = ["--relax-path-checks"] if options.relax_path_checks else []
    if options.default_container:
        words += ["--default-container", options.default_container]
    words += ["--outdir", str(outdir), str(folder / "process.cwl"), str(folder / "inputs.json")]
    # Neither by a name on PATH nor from the working directory: the one that this program was installed with.
    program = [sys.executable, "-P", "-c", "import sys; from cwltool.main import run; sys.exit(run())"]
    done = subprocess.run([*program, *words], stdout=subprocess.PIPE, check=False)
    return dict(json.loads(done.stdout)) if done.returncode == 0 else None


def _report(client: Client, given: dict[str, Any], found: dict[str, Any]) -> int:
    told = {name: "; ".join(_differences(client, each, found.get(name))) or SAME for name, each in given.items()}
    agree = all(each == SAME for each in told.values())

    def lines() -> Iterator[str]:
        yield from (f"{name}: {each}" for name, each in told.items())
        yield "The outputs agree." if agree else "The outputs differ."

    client.show({"agree": agree, "outputs": told}, lines)
    return DONE if agree else FAILED


def _differences(client: Client, given: Any, found: Any) -> Iterator[str]:
    """`given`: what the job gave, files by URL; `found`: what cwltool gives, files on disk."""
    kind = given.get("class") if isinstance(given, dict) else None
    if kind in ("File", "Directory"):
        if isinstance(found, dict) and found.get("class") == kind:
            yield from _file_differences(client, given, found)
        else:
            yield f"the job gave a {kind}, cwltool {_shown(found)}"
    elif isinstance(found, dict) and found.get("class") == "File":
        # Literals of plain images: the job has read the file that holds them (docs/decisions/0002).
        content = Path(found["path"]).read_text(encoding="utf-8", errors="replace")
        if not _stands_for(content, given):
            yield f"the job gave {_shown(given)}, cwltool a file with {_shown(content)}"
    elif isinstance(given, list) and isinstance(found, list) and len(given) == len(found):
        for one, other in zip(given, found, strict=True):
            yield from _differences(client, one, other)
    elif isinstance(given, dict) and isinstance(found, dict):
        for key in sorted({*given, *found}):
            yield from _differences(client, given.get(key), found.get(key))
    elif given != found or isinstance(given, bool) != isinstance(found, bool):
        yield f"the job gave {_shown(given)}, cwltool {_shown(found)}"


def _file_differences(client: Client, given: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    if given["basename"] != found["basename"]:
        yield f"the job gave {given['basename']}, cwltool {found['basename']}"
        return
    yield from _content_differences(client, given, Path(found["path"]))
    ours, theirs = ({each["basename"]: each for each in one.get("secondaryFiles", [])} for one in (given, found))
    yield from _name_differences(ours, theirs)
    for name in sorted(ours.keys() & theirs.keys()):
        yield from _differences(client, ours[name], theirs[name])


def _content_differences(client: Client, given: dict[str, Any], path: Path) -> Iterator[str]:
    """A file or folder of the job, and one on disk."""
    if path.is_dir() != (given["class"] == "Directory"):
        yield f"{path.name} is a file in one, a folder in the other"
    elif path.is_dir():
        inside = {each["basename"]: each for each in given["listing"]}
        here = {each.name: each for each in path.iterdir()}
        yield from _name_differences(inside, here)
        for name in sorted(inside.keys() & here.keys()):
            yield from _content_differences(client, inside[name], here[name])
    elif given["size"] != path.stat().st_size or _digest(client.chunks(given["location"])) != _digest(_chunks(path)):
        yield f"{path.name} has other content"


def _name_differences(ours: Iterable[str], theirs: Iterable[str]) -> Iterator[str]:
    yield from (f"cwltool gives no {name}" for name in sorted({*ours} - {*theirs}))
    yield from (f"cwltool gives {name} besides" for name in sorted({*theirs} - {*ours}))


def _stands_for(content: str, value: Any) -> bool:
    if content.removesuffix("\n") == value:
        return True
    try:
        return bool(json.loads(content) == value)
    except ValueError:
        return False


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _digest(chunks: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"
