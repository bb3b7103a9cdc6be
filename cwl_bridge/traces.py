"""What a job was given, did and gave, from its row and its folder: what provenance and crates are made from.

Nothing in it is a place of the host: files are named by their path below the job folder and by their URL.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlunsplit

from cwl_bridge import images, levels, places
from cwl_bridge.jobfolder import JobFolder
from registry.models import JSON, Job, Process

#: Files in Directories that are named one by one; a Directory with more is named as a whole: a thousand
#: take rdflib three seconds.
MAX_MEMBERS = 1000
#: Runs of steps, the first of them.
MAX_STEPS = 2000

#: What is said of a file that has no digest (see `digests`).
UNREAD = "Has no digest: the files of the job are too large to be read for it."


class Urls(Protocol):
    """Where a client finds what belongs to the job."""

    def input(self, path: str) -> str:
        """`path`: below inputs/."""

    def result(self, *segments: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Data:
    """A File or Directory that a job was given or gave."""

    #: Below the job folder.
    place: str
    url: str
    basename: str
    is_directory: bool = False
    #: Bytes; None for a Directory.
    size: int | None = None
    #: None: nobody has read it.
    sha256: str | None = None
    #: The job has ended, and the file is too large to be read for a digest.
    unread: bool = False
    format: str | None = None
    #: Where it was fetched: without user, password and query, any of which may be a secret.
    source: str | None = None
    #: Secondary files.
    beside: tuple[Data, ...] = ()
    #: What is in a Directory; None: more than is named one by one.
    members: tuple[Data, ...] | None = ()


#: A CWL value, every File and Directory in it as Data.
Value = Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """One run of a tool, or of a part of a scattered one."""

    name: str
    #: The step in the document, below the steps that it stands in; of a process without steps, nothing.
    of: str
    begun: datetime
    ended: datetime | None = None
    #: None: it runs, or has no exit code.
    exit_code: int | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A process in the document: the whole, or what one of its steps runs."""

    #: As in Step.
    of: str
    #: Of the step; of the whole, nothing.
    step: JSON
    process: JSON
    #: Reference of its container image.
    image: str | None = None

    @property
    def is_workflow(self) -> bool:
        return bool(self.process["class"] == "Workflow")


@dataclass(frozen=True, kw_only=True)
class Trace:
    job: Job
    process: Process
    #: By name; None: not staged (yet).
    inputs: dict[str, Value] | None = None
    outputs: dict[str, Value] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    #: By `of`.
    plan: dict[str, Planned]
    #: Digests of images that are known, by names (see `images`).
    images: Mapping[str, str]
    #: Name → version of what ran the job, where the job has begun.
    software: Mapping[str, str] = field(default_factory=dict)

    def image(self, of: str) -> tuple[str, str] | None:
        """Reference and digest of the image that a step runs in; None: no image, or it is not known which."""
        reference = self.plan[of].image if of in self.plan else None
        digest = images.pin(self.images, of, reference)[1] if reference else None
        return (reference, digest) if reference and digest else None


def read(job: Job, process: Process, folder: JobFolder, urls: Urls, digests: Mapping[str, str]) -> Trace:
    """Of a job that runs, what there is by now. Raises OSError."""
    run, order = _json(folder.run) or {}, _json(folder.order)
    reader = _Reader(folder, urls, digests, ended=job.status.ended)
    given = (job.outcome.outputs if job.outcome else None) or {}
    usage = job.outcome.usage if job.outcome else None
    return Trace(
        job=job,
        process=process,
        inputs=None if order is None else reader.inputs(order, run.get("order")),
        outputs={
            name: reader.output(given[name], (name,))
            for name in process.description.outputs
            if job.request.wants(name) and given.get(name) is not None
        },
        steps=tuple(_steps(folder.steps)),
        plan={each.of: each for each in _plan(process.cwl, (run.get("policy") or {}).get("default_container"))},
        images={**{name: each.id for name, each in job.images.items()}, **(usage.images if usage else {})},
        software=run.get("software") or {},
    )


def holds_data(value: Value) -> bool:
    """Whether there is a File or Directory in a value."""
    if isinstance(value, dict):
        return any(map(holds_data, value.values()))
    if isinstance(value, list):
        return any(map(holds_data, value))
    return isinstance(value, Data)


def public(href: str) -> str | None:
    """An address without what only its client may know; None: not one that can be shown."""
    parts = places.split(href, (*places.WEB, *places.STORES))
    if parts is None:
        return None
    host = quote(parts.netloc.rpartition("@")[2], safe="[]:")
    return urlunsplit((parts.scheme, host, quote(parts.path, safe="/%:@!$&'()*+,;=~"), "", ""))


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


class _Reader:
    def __init__(self, folder: JobFolder, urls: Urls, digests: Mapping[str, str], *, ended: bool) -> None:
        self._ended = ended
        self._folder = folder
        self._urls = urls
        self._digests = digests
        self._left = MAX_MEMBERS
        #: As the files of an order are numbered when they are staged.
        self._count = 0

    def inputs(self, order: JSON, asked: Any) -> dict[str, Value]:
        return {name: self._input(each, _member(asked, name)) for name, each in order.items()}

    def _input(self, value: Any, asked: Any) -> Value:
        if isinstance(value, list):
            return [self._input(each, _member(asked, index)) for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.get("class") in ("File", "Directory"):
            self._count += 1
            return self._staged(value, asked, str(self._count))
        return {key: self._input(each, _member(asked, key)) for key, each in value.items()}

    def _staged(self, value: JSON, asked: Any, below: str) -> Data:
        path = f"{below}/{value['basename']}"
        location = _member(asked, "location")
        source = public(location) if isinstance(location, str) else None
        if value["class"] == "File":
            beside = enumerate(value.get("secondaryFiles", ()))
            members = _member(asked, "secondaryFiles")
            return self._file(
                f"inputs/{path}",
                self._urls.input(path),
                source=source,
                format=value.get("format"),
                beside=tuple(self._staged(each, _member(members, index), below) for index, each in beside),
            )
        return self._directory(f"inputs/{path}", self._urls.input(path), source=source)

    def output(self, value: Any, segments: tuple[str, ...]) -> Value:
        """`segments`: its path below /results (see `outputs`)."""
        if isinstance(value, list):
            return [self.output(each, (*segments, str(index))) for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.get("class") == "File":
            beside = value.get("secondaryFiles", ())
            return self._file(
                value["location"],
                self._urls.result(*segments),
                format=value.get("format"),
                beside=tuple(self.output(each, (*segments, each["basename"])) for each in beside),
            )
        if value.get("class") == "Directory":
            return self._directory(value["location"], self._urls.result(*segments))
        return {key: self.output(each, (*segments, key)) for key, each in value.items()}

    def _file(self, place: str, url: str, **more: Any) -> Data:
        path = self._folder.path / place
        return Data(
            place=place,
            url=url,
            basename=path.name,
            size=path.stat().st_size,
            sha256=self._digests.get(place),
            unread=self._ended and place not in self._digests,
            **more,
        )

    def _directory(self, place: str, url: str, **more: Any) -> Data:
        path = self._folder.path / place
        members = self._members(place, url)
        return Data(place=place, url=url, basename=path.name, is_directory=True, members=members, **more)

    def _members(self, place: str, url: str) -> tuple[Data, ...] | None:
        found = []
        for each in sorted(os.scandir(self._folder.path / place), key=lambda entry: entry.name):
            if not self._left:
                return None
            self._left -= 1
            inside = (f"{place}/{each.name}", f"{url}/{quote(each.name)}")
            if each.is_dir(follow_symlinks=False):
                found.append(self._directory(*inside))
            elif each.is_file(follow_symlinks=False):
                found.append(self._file(*inside))
        return tuple(found)


def _member(value: Any, key: str | int) -> Any:
    """The same member of what was submitted, where it has the same form."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _steps(path: Path) -> list[Step]:
    """In the order in which they began."""
    found: list[Step] = []
    running: dict[str, int] = {}
    for told in _told(path):
        moment, name = datetime.fromisoformat(told["time"]), told["step"]
        if told["event"] == "started" and len(found) < MAX_STEPS:
            running[name] = len(found)
            found.append(Step(name=name, of=told.get("of", ""), begun=moment))
        elif told["event"] == "ended" and name in running:
            at = running.pop(name)
            found[at] = replace(found[at], ended=moment, exit_code=told.get("exitCode"))
    return found


def _told(path: Path) -> Iterator[JSON]:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    yield json.loads(line)
                except ValueError:
                    # Cut short by a full disk, or just being written.
                    return
    except FileNotFoundError:
        return


def _plan(cwl: JSON, default_container: str | None) -> Iterator[Planned]:
    """The whole before its steps, the outer before the inner."""
    names: dict[levels.Where, str] = {}
    steps: dict[levels.Where, JSON] = {}
    for level in levels.walk(cwl):
        if level.kind is None:
            # A pointer grows by three parts from step to step: steps, the step, run.
            own = str(level.declared.get("id", level.where[-1])).rpartition("#")[2].rpartition("/")[2]
            around = names.get(level.where[:-3])
            names[level.where], steps[level.where] = f"{around}/{own}" if around else own, level.declared
        else:
            of = level.where[:-1]
            image = _image(level) or default_container if level.kind == "CommandLineTool" else None
            yield Planned(of=names.get(of, ""), step=steps.get(of, {}), process=level.declared, image=image)


def _image(level: levels.Level) -> str | None:
    body, _ = level.in_force("DockerRequirement") or ({}, ())
    return body.get("dockerPull") or body.get("dockerImageId")
