"""The files of a job as clients see them: with URLs, or places in a bundle, instead of paths of the host."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cwl_bridge import crate as crates
from cwl_bridge import outputs
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.traces import Trace
from registry.models import JSON, Job, ProcessDescription
from server import links
from server.archive import Entry
from server.members import Shown

#: Staged inputs, or outputs, above this stay on the server: a bundle then names them by URL.
MAX_BUNDLED_BYTES = 100 * 1024 * 1024

#: A path below inputs/ → where a client finds it.
Place = Callable[[str], str]


def order(folder: JobFolder, place: Place, *, listed: bool) -> JSON:
    """The staged job order, every file at its place. `listed`: folders are named file by file, as URLs need it."""
    found: JSON = _Placing(folder, place, listed=listed).placed(json.loads(folder.order.read_text(encoding="utf-8")))
    return found


@dataclass(frozen=True)
class _Placing:
    folder: JobFolder
    place: Place
    _: KW_ONLY
    listed: bool

    def placed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.placed(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = {key: self.placed(each) for key, each in value.items()}
        # A Directory of listed files lies nowhere.
        if value.get("class") not in ("File", "Directory") or "location" not in value:
            return found
        below = self._below_inputs(value["location"])
        if self.listed and value["class"] == "Directory":
            # cwltool fetches files, no folders: a listing without a location is a folder that it makes.
            del found["location"]
            return {**found, "listing": self._listing(below)}
        return {**found, "location": self.place(below)}

    def _below_inputs(self, location: str) -> str:
        """Also where the data folder has been moved since."""
        inputs = f"/{self.folder.path.name}/{self.folder.inputs.name}/"
        return unquote(urlsplit(location).path).partition(inputs)[2]

    def _listing(self, below: str) -> list[JSON]:
        found: list[JSON] = []
        for each in sorted((self.folder.inputs / below).iterdir()):
            inside = f"{below}/{each.name}"
            if each.is_dir():
                found.append({"class": "Directory", "basename": each.name, "listing": self._listing(inside)})
            else:
                size = each.stat().st_size
                found.append({"class": "File", "location": self.place(inside), "basename": each.name, "size": size})
        return found


def command(folder: JobFolder, document: str, order_at: str) -> str:
    """The line of plain cwltool, with the document and the job order where the client has them."""
    *words, _, _ = shlex.split(folder.command.read_text(encoding="utf-8"))
    return shlex.join([*words, document, order_at]) + "\n"


def outcome(shown: Shown, description: ProcessDescription, job: Job) -> JSON | None:
    """How the run ended; files are named by the URLs of the results."""
    if job.outcome is None:
        return None
    given, results = job.outcome.outputs, outputs.results(description, job)
    named = given and {name: shown.cwl(results[name]) if name in results else None for name in given}
    return {**job.outcome.to_json(), "outputs": named}


def text(document: JSON) -> bytes:
    """As write_json has it on disk: cwltool reads JSON as YAML, where an escaped surrogate pair is two lone ones."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def bundle(folder: JobFolder, url: Place, ended: JSON | None) -> Iterator[Entry]:
    """(name, content) of everything there is of a job, so that it runs where it is unpacked.

    `url`: where the staged inputs are that are too large for a bundle. `ended`: the outcome.
    """
    staged = bundled_below(folder.inputs)
    bundled = staged is not None
    yield folder.process.name, folder.process
    if folder.order.exists():
        yield folder.order.name, text(order(folder, _beside if bundled else url, listed=not bundled))
    if folder.command.exists():
        yield folder.command.name, command(folder, folder.process.name, folder.order.name).encode()
    for each in (folder.log, folder.steps):
        if each.exists():
            yield each.name, each
    if ended is not None:
        yield "outcome.json", text(ended)
    for each in staged or ():
        yield str(each.relative_to(folder.path)), each


def crate(folder: JobFolder, url: Place, ended: JSON | None, trace: Trace, job_url: str) -> Iterator[Entry]:
    """The bundle, with the outputs, as an RO-Crate."""
    entries = list(bundle(folder, url, ended))
    entries += [(str(each.relative_to(folder.path)), each) for each in bundled_below(folder.outputs) or ()]
    names = {name for name, _ in entries}
    metadata = crates.document(trace, job_url, names, lambda data: data.place in names)
    yield crates.NAME, text(metadata)
    yield from entries


def bundled_below(path: Path) -> list[Path] | None:
    """What lies below a folder; None where it is too large for a bundle."""
    found = sorted(path.rglob("*"))
    size = sum(each.stat().st_size for each in found if each.is_file())
    return found if size <= MAX_BUNDLED_BYTES else None


def _beside(path: str) -> str:
    return links.quoted(f"inputs/{path}")
