"""Results of this server's jobs among the inputs of a request → what a run takes for them, or why it can't."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request

from cwl_bridge import describe, gathered, outputs, ownresults
from cwl_bridge.fetch import FetchError
from cwl_bridge.outputs import Literal, Result, Stored
from cwl_bridge.ownresults import Name, Taken
from cwl_bridge.resultfiles import Results
from registry.errors import JobNotFoundError
from registry.models import Job, JobStatus, Process, ProcessDescription
from server import auth, links, services

#: The same whether there is no such job or it is another's.
_UNKNOWN = "There is no such job, or it is none that you may see."

#: Whoever makes a process would else have others fetch for it what they may see, and it may not.
_DEFAULT = "The default of the process is a result of a job of this server: give it, where it is one that you may see."


class _RefusedError(Exception):
    """The message is for the client."""


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A job that who asks may see."""

    job: Job
    description: ProcessDescription
    executions: list[Job]
    results: Mapping[str, Result]


class Taking:
    """What one request takes; of the executions of a batch each job is looked up once."""

    def __init__(self) -> None:
        self._seen: dict[str, _Source | None] = {}

    async def of(self, request: Request, process: Process, given: Any) -> dict[str, Taken | str]:
        """By href: what it stands for, or why it stands for nothing. Those that name no results are left out."""
        base, in_thread = links.base(request), services.of(request).in_thread
        names, defaults = await in_thread(lambda: (_names(base, given), _names(base, _defaults(process))))
        found: dict[str, Taken | str] = {}
        if services.of(request).authenticator.asks:
            found = dict.fromkeys(defaults.keys() - names.keys(), _DEFAULT)
        else:
            names = defaults | names
        for name in names.values():
            if name.job_id not in self._seen:
                self._seen[name.job_id] = await _source(request, name.job_id)
        if names:
            found |= await in_thread(self._all, request, names)
        return found

    def _all(self, request: Request, names: Mapping[str, Name]) -> dict[str, Taken | str]:
        found: dict[str, Taken | str] = {}
        for href, name in names.items():
            try:
                found[href] = _taken(request, self._seen[name.job_id], name, href)
            except _RefusedError as error:
                found[href] = str(error)
        return found


def _names(base: str, given: Any) -> dict[str, Name]:
    found = ((href, ownresults.named(base, href)) for href in ownresults.hrefs(given))
    return {href: name for href, name in found if name is not None}


def _defaults(process: Process) -> list[Any]:
    """What stands for inputs that are not given."""
    ports = describe.ports(process.cwl, "inputs").values()
    described = process.description.inputs.values()
    return [each.get("default") for each in ports] + [each.schema.get("default") for each in described]


async def _source(request: Request, job_id: str) -> _Source | None:
    with_services = services.of(request)
    try:
        job = await with_services.jobs.visible(job_id, auth.principal(request))
    except JobNotFoundError:
        return None
    description = (await with_services.processes.revision(job.revision)).description
    executions = await with_services.batches.executions(job)
    results = await with_services.in_thread(gathered.results, description, job, executions)
    return _Source(job=job, description=description, executions=executions, results=results)


def _taken(request: Request, source: _Source | None, name: Name, href: str) -> Taken:
    """Raises _RefusedError."""
    if source is None:
        raise _RefusedError(_UNKNOWN)
    if name.has_query:
        raise _RefusedError("A result of a job is taken as it is: its URL has no query here.")
    job, results, (output, *below) = source.job, source.results, name.path
    if job.batch is not None and below:
        # What one execution gives is there whatever becomes of the others.
        index = int(below[0]) if outputs.is_index(below[0]) else len(source.executions)
        if index >= len(source.executions):
            raise _RefusedError(f"The batch has no execution {below[0][:200]!r}.")
        job, below = source.executions[index], below[1:]
        results = outputs.results(source.description, job)
    if job.status is not JobStatus.SUCCESSFUL:
        raise _RefusedError(f"The job {job.id} is {job.status}: it has no results that could be taken.")
    place = outputs.find(results[output], below) if output in results else None
    if place is None:
        raise _RefusedError(f"The job has no result at {'/'.join(name.path)[:200]!r}.")
    result, inside = place
    segments = ownresults.segments(href) or []
    url = ownresults.joined(segments[: len(segments) - len(inside)])
    if isinstance(result, Literal):
        value = result.value
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return Taken(url=url, source={"text": text}, is_directory=False)
    if not isinstance(result, Stored):
        raise _RefusedError("This is made of several results; name one of them by its URL.")
    given = {"job": result.job_id, "path": result.location}
    path = _path(services.of(request).retention.folder(result.job_id).path.parent, url, given, href)
    return Taken(url=url, source=given, is_directory=path.is_dir())


def _path(jobs: Path, url: str, given: dict[str, str], href: str) -> Path:
    """As the run will find it."""
    try:
        path = Results(jobs, {url: given}).find(href)
        if isinstance(path, Path) and path.exists():
            return path
    except (FetchError, OSError) as error:
        raise _RefusedError(str(error)) from error
    raise _RefusedError("The job has no result there.")
