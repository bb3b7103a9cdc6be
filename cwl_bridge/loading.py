"""cwltool's contexts: what it may read when it loads a document, and what it sees of the disk when it runs one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urldefrag, urlsplit

from cwltool.context import LoadingContext, RuntimeContext
from cwltool.load_tool import load_tool
from cwltool.process import Process
from cwltool.secrets import SecretStore
from cwltool.workflow import Workflow, default_make_tool
from rdflib import Graph
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher
from schema_salad.utils import yaml_no_ts

from cwl_bridge import document, kept
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.report import Report
from cwl_bridge.room import Room, RoomFsAccess, RoomPathMapper
from registry.models import JSON

#: What cwltool calls every document, in its messages and in the ids it makes: not where it lies.
DOCUMENT = "file:///process.cwl"
#: And the files that it names.
KEPT = f"file:///{kept.FOLDER}/"


class OneDocumentFetcher(DefaultFetcher):
    """Reads the one document that was handed over, and nothing else on disk or network."""

    text: str

    def fetch_text(self, url: str, content_types: list[str] | None = None) -> str:
        if urldefrag(url)[0] != DOCUMENT:
            raise ValidationException(f"A document can't refer to others: {urlsplit(url).path.rpartition('/')[2]}")
        return self.text

    def check_exists(self, url: str) -> bool:
        return urldefrag(url)[0] == DOCUMENT or url.startswith(KEPT)


def load(text: str, construct: Callable[..., Process] = default_make_tool) -> Process:
    """A document that refers to nothing else, parsed and validated. Raises what cwltool raises."""
    fetcher = type("Fetcher", (OneDocumentFetcher,), {"text": text})
    context = LoadingContext(
        {
            "fetcher_constructor": fetcher,
            "construct_tool_object": construct,
            "skip_schemas": True,
            "do_update": True,
            "disable_js_validation": True,
            # Names with blanks are ordinary; no shell reads them.
            "relax_path_checks": True,
        }
    )
    return load_tool(DOCUMENT, context)


def settle(process: Process, folder: Path) -> None:
    """The files that a document names are those in the folder where it really lies."""
    here = f"{(folder / kept.FOLDER).as_uri()}/"

    def place(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                place(each)
        elif isinstance(value, dict):
            location = value.get("location")
            if value.get("class") == "File" and isinstance(location, str) and location.startswith(KEPT):
                value["location"] = here + location.removeprefix(KEPT)
            for each in value.values():
                place(each)

    formats = _formats(process, here)
    for each in _parts(process):
        each.formatgraph = formats
        for said in (each.tool, each.requirements, each.hints):
            place(said)


def _formats(process: Process, here: str) -> Graph | None:
    """Which formats are others, by the kept `$schemas` of the document (see `ontology`)."""
    named = [each for each in kept.schemas(process.metadata) if str(each).startswith(KEPT)]
    found = Graph()
    for each in named:
        found.parse(unquote(urlsplit(here + each.removeprefix(KEPT)).path), format="nt")
    return found if named else None


def _parts(process: Process) -> Iterator[Process]:
    """The process and, where it is a Workflow, its steps and what they run."""
    yield process
    for step in process.steps if isinstance(process, Workflow) else ():
        yield step
        yield from _parts(step.embedded_tool)


def numbers(order: JSON) -> JSON:
    """Those with an exponent as cwltool has them from a file: a tool is given decimals, as it would be from there."""
    found = {each for each in _floats(order) if "e" in repr(each)}
    if not found:
        return order
    texts = yaml_no_ts().load(f"[{', '.join(map(document.number_text, found))}]")
    read = dict(zip(found, texts, strict=True))

    def one(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: one(each) for name, each in value.items()}
        if isinstance(value, list):
            return [one(each) for each in value]
        return read.get(value, value) if isinstance(value, float) else value

    return {name: one(each) for name, each in order.items()}


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _floats(each)


def runtime_context(
    folder: JobFolder, default_container: str | None, report: Report, store: SecretStore
) -> RuntimeContext:
    """cwltool in the room of a job, with every temporary place there, outputs left where the tool wrote them."""
    for each in (folder.tool_outputs, folder.tool_scratch, folder.container_ids):
        each.mkdir(parents=True)
    room = Room(folder.room, report)
    context = RuntimeContext(
        {
            "basedir": str(folder.path),
            "tmp_outdir_prefix": str(folder.tool_outputs) + os.sep,
            "tmpdir_prefix": str(folder.tool_scratch) + os.sep,
            "cidfile_dir": str(folder.container_ids),
            "move_outputs": "leave",
            "rm_tmpdir": False,
            "compute_checksum": False,
            "default_container": default_container,
            "make_fs_access": type("FsAccess", (RoomFsAccess,), {"room": room}),
            "path_mapper": type("Mapper", (RoomPathMapper,), {"room": room}),
        }
    )
    context.secret_store = store
    # cwltool copies a context with all that is in it.
    cast(Any, context).room = room
    context.find_default_container = lambda _builder: default_container
    return context
