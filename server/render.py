"""Models → OGC's JSON documents (links included); nothing else knows their form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cwl_bridge import kept, passing, secondary
from cwl_bridge.elsewhere import REMOTE
from cwl_bridge.errors import FieldError
from registry.models import JSON, Job, JobStatus, Process, ProcessDescription, Quota, Used
from registry.outbox import Notice
from server import conformance, links, problems
from server.about import DESCRIPTION, TITLE
from server.links import Links, link
from server.services import Standing

_PROGRESS = {JobStatus.CREATED: 0, JobStatus.ACCEPTED: 0, JobStatus.RUNNING: 0, JobStatus.SUCCESSFUL: 100}
_MESSAGES = {
    JobStatus.CREATED: "Not started: POST to its results starts it.",
    JobStatus.ACCEPTED: "Waiting for its turn.",
    JobStatus.RUNNING: "Running.",
    JobStatus.SUCCESSFUL: "Done.",
    JobStatus.DISMISSED: "Dismissed.",
}


def landing_page(to: Links) -> JSON:
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "links": [
            link(to.url("landing-page"), "self", "This page"),
            link(to.url("api"), "service-desc", "The API definition", links.OPENAPI),
            link(to.url("api") + "?f=oas31", "service-desc", "The same in OpenAPI 3.1", links.OPENAPI_3_1),
            link(to.url("api") + "?f=html", "service-doc", "The same to read", links.HTML),
            link(to.url("conformance"), links.REL + "conformance", "The conformance classes that are met"),
            link(to.url("processes"), links.REL + "processes", "The processes"),
            link(to.url("jobs"), links.REL + "job-list", "The jobs"),
        ],
    }


def conforms_to() -> JSON:
    return {"conformsTo": conformance.CLASSES}


def process_list(to: Links, summaries: list[JSON], cursors: Mapping[str, str]) -> JSON:
    """`cursors`: those of the pages beside this one, by the relation of their links."""
    return {
        "processes": [_with_description_link(to, each) for each in summaries],
        "links": _page_links(to, "The processes", cursors),
    }


def summary(to: Links, process: Process) -> JSON:
    """processSummary.yaml, as a deploy answers."""
    return _with_description_link(to, {**process.description.summary(), "mutable": process.mutable})


def deployed(to: Links, process: Process, unmet: list[FieldError]) -> JSON:
    """The summary, and what OGC's best practice for packages (20-089r1) would have otherwise."""
    warnings = [each.member() for each in unmet]
    return {**summary(to, process), **({"warnings": warnings} if warnings else {})}


def _with_description_link(to: Links, summarised: JSON) -> JSON:
    url = to.url("process", process_id=summarised["id"])
    return {
        **summarised,
        "links": [
            link(url, "self", "The description of this process"),
            link(f"{url}?f=html", "alternate", "The description as HTML", "text/html"),
        ],
    }


def description(to: Links, process: Process) -> JSON:
    """process.yaml of 1.0 and of 2.0, with the links that clients rely on."""
    described: ProcessDescription = process.description
    here = to.url("process", process_id=described.id)
    cwl = to.url("process-cwl", process_id=described.id)
    shown = described.to_json()
    network = passing.has_network(process.cwl)
    api = to.url("process-api", process_id=described.id)
    return {
        **shown,
        "inputs": {
            name: {**_with_urls(to, described.id, each), **passing.members(each["schema"], network=network)}
            for name, each in shown["inputs"].items()
        },
        "mutable": process.mutable,
        **({"images": {name: each.id for name, each in process.images.items()}} if process.images else {}),
        "links": [
            link(here, "self", "This description"),
            link(to.url("execution", process_id=described.id), links.REL + "execute", "Execute this process"),
            link(cwl, "alternate", "As CWL", "application/cwl+yaml"),
            link(f"{cwl}?f=svg", "preview", "As a picture", "image/svg+xml"),
            link(api, "service-desc", "The API definition for this process", links.OPENAPI),
            link(f"{api}?f=html", "service-doc", "The same to read", links.HTML),
            link(to.url("landing-page"), "service", "The landing page"),
        ],
    }


def _with_urls(to: Links, process_id: str, value: Any) -> Any:
    """Kept files are defaults; clients know them by their URLs."""
    if isinstance(value, list):
        return [_with_urls(to, process_id, each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _with_urls(to, process_id, each) for key, each in value.items()}
    place = kept.split(value.get("location"))
    if place and value.get("class") == "File":
        found["location"] = to.url("process-file", process_id=process_id, digest=place[0], basename=place[1])
    return found


def job_order(order: Any) -> Any:
    """As the runner will get it; what it has still to fetch for a value is the link that was sent."""
    if isinstance(order, list):
        return [job_order(each) for each in order]
    if not isinstance(order, dict):
        return order
    if "$reference" in order:
        reference = order["$reference"]
        return reference.get(REMOTE, {"href": reference["location"]})
    return {key: job_order(each) for key, each in order.items() if key != secondary.MEMBER}


def job_list(to: Links, jobs: list[tuple[Job, Standing]], cursors: Mapping[str, str]) -> JSON:
    return {"jobs": [status(to, *each) for each in jobs], "links": _page_links(to, "The jobs", cursors)}


def usage(to: Links, owner: str, used: Used, allowed: Quota) -> JSON:
    """A document of this server's own."""

    def share(used: float, allowed: float) -> JSON:
        return {"used": used, **({"allowed": allowed} if allowed else {})}

    return {
        "owner": owner,
        "waiting": share(used.waiting, allowed.waiting),
        "running": share(used.running, allowed.running),
        "cpuHours": share(round(used.cpu_seconds / 3600, 6), allowed.cpu_seconds / 3600),
        "keptBytes": share(used.kept_bytes, allowed.kept_bytes),
        "links": [link(to.here(), "self", "This document"), link(to.url("jobs"), "related", "The jobs")],
    }


_BESIDE = {"prev": "The page before", "next": "The next page"}


def _page_links(to: Links, title: str, cursors: Mapping[str, str]) -> list[dict[str, str]]:
    beside = [link(to.here(cursor=each), rel, _BESIDE[rel]) for rel, each in cursors.items()]
    return [link(to.here(), "self", title), *beside]


def status(to: Links, job: Job, standing: Standing) -> JSON:
    """statusInfo.yaml of 1.0, 2.0 and Part 4 in one; `usage`, `expires`, `callbacks` are this server's own."""
    failure = job.outcome.failure if job.outcome else None
    times = {
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "updated": job.updated,
        "expires": standing.expires,
    }
    found: JSON = {
        "jobID": job.id,
        "id": job.id,
        "processID": job.process_id,
        "process": to.url("process", process_id=job.process_id),
        "type": "process",
        "processingEntityType": "ogc-api-processes",
        "status": str(job.status),
        "message": _message(job, standing),
        **{name: _time(moment) for name, moment in times.items() if moment is not None},
    }
    if job.status in _PROGRESS:
        found["progress"] = _percent(job, standing)
    if standing.executions is not None:
        found["executions"] = {str(each): standing.executions.get(each, 0) for each in JobStatus}
    if failure:
        found["exception"] = problems.of_failure(to.base, failure)
    if job.outcome and job.outcome.usage:
        found["usage"] = job.outcome.usage.to_json()
    if standing.callbacks is not None:
        found["callbacks"] = [_callback(each) for each in standing.callbacks]
    return {**found, "links": _job_links(to, job, standing.files)}


def _callback(notice: Notice) -> JSON:
    """Without the URL: who knows it may be all that its receiver asks for."""
    found: JSON = {
        "id": notice.id,
        "event": str(notice.event),
        "status": str(notice.state),
        "attempts": notice.attempts,
    }
    if notice.said:
        found["message"] = notice.said
    if notice.due:
        found["next"] = _time(notice.due)
    return found


def _percent(job: Job, standing: Standing) -> int:
    if job.status is JobStatus.RUNNING and standing.executions is not None:
        return min(standing.percent, 99)
    return standing.progress.percent if standing.progress else _PROGRESS[job.status]


def _message(job: Job, standing: Standing) -> str:
    progress = standing.progress
    if job.outcome and job.outcome.failure:
        return job.outcome.failure.message
    if job.status is JobStatus.RUNNING and standing.executions is not None:
        ended = sum(number for status, number in standing.executions.items() if status.ended)
        return f"Running: {ended} of {job.batch} executions have ended."
    if progress:
        return f"Running: {progress.done} of {progress.known} steps done, '{progress.step}' last."
    return _MESSAGES.get(job.status, "Failed.")


#: What of a job's folder there is over HTTP: name on disk → route, title, media type.
_JOB_FILES = {
    "process.cwl": ("job-process-cwl", "The CWL document that runs", "application/cwl+yaml"),
    "inputs.json": ("job-inputs", "The CWL job order", links.JSON),
    "command.txt": ("job-command", "The same run as a line of cwltool", "text/plain"),
    "log.txt": ("job-log", "The log as a file", "text/plain"),
    "outcome.json": ("job-outcome", "How the run ended", links.JSON),
}


def _job_links(to: Links, job: Job, files: frozenset[str]) -> list[dict[str, str]]:
    here = to.url("job", job_id=job.id)
    results = to.url("results", job_id=job.id)
    found = [
        link(here, "self", "This document"),
        _up(to, job),
        link(to.url("prov", job_id=job.id), links.HAS_PROVENANCE, "Where the results come from, as W3C PROV"),
        link(to.url("inputs", job_id=job.id), "related", "What it was asked to do"),
    ]
    if job.batch is None:
        found.append(link(to.url("log", job_id=job.id), "related", "The log", "text/plain"))
    else:
        found.append(link(f"{to.url('jobs')}?parent={job.id}", "item", "Its executions"))
    if job.status is JobStatus.CREATED:
        found.append(link(results, links.REL + "execute", "Starts this job, by POST"))
    if not job.status.ended:
        found.append(link(here, "monitor", "The status of this job"))
    if job.status is JobStatus.SUCCESSFUL:
        found.append(link(results, links.REL + "results", "The results of this job"))
    if job.status is JobStatus.FAILED:
        found.append(link(results, links.REL + "exceptions", "Why this job failed"))
    # The outcome is on disk a moment before the job has it.
    there = files if job.outcome else files - {"outcome.json"}
    for name, (route, title, media_type) in _JOB_FILES.items():
        if name in there:
            found.append(link(to.url(route, job_id=job.id), "related", title, media_type))
    if "process.cwl" in there:
        found.append(link(to.url("bundle", job_id=job.id), "related", "All of these", "application/zip"))
    return found


def _up(to: Links, job: Job) -> dict[str, str]:
    if job.parent is None:
        return link(to.url("jobs"), "up", "The jobs")
    return link(to.url("job", job_id=job.parent), "up", "The batch that this is an execution of")


def _time(moment: Any) -> str:
    text: str = moment.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
