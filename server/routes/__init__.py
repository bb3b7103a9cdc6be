"""Every route there is, in one list."""

from __future__ import annotations

from dataclasses import replace

from cwl_bridge import deploy
from server.archive import ZIP
from server.endpoints import Endpoint, Parameter
from server.links import JSON, OPENAPI
from server.results import MULTIPART
from server.routes import common, documents, execution, folder, jobs, logs, processes

_LIMIT = Parameter(name="limit", type="integer", description="How many items a page has at the most.")
_CURSOR = Parameter(name="cursor", type="integer", description="Where the page begins; `next` links have it.")
_PREFER = Parameter(name="Prefer", where="header", description="respond-async, wait=seconds, return=representation.")
_ENTRY = Parameter(name="w", description="Of several processes in the body, the id of the one that is meant.")
_KEY = Parameter(name="Idempotency-Key", where="header", description="The same request again makes nothing new.")
_OFFSET = Parameter(name="offset", type="integer", description="The first byte that is wanted.")
_FORM = Parameter(name="f", description="cwl, or a picture as dot or svg.")
_JOB_FILTERS = (
    Parameter(name="type", description="Kinds of job, separated by commas."),
    Parameter(name="processID", description="Processes, separated by commas."),
    Parameter(name="status", description="Statuses, separated by commas."),
    Parameter(name="datetime", description="When created: an RFC 3339 date-time, or an interval with '/'."),
    Parameter(name="minDuration", type="integer", description="Seconds at the least."),
    Parameter(name="maxDuration", type="integer", description="Seconds at the most."),
)

_NO_PROCESS = {404: "No such process"}
_NO_JOB = {404: "No such job"}
_NO_FILE = {404: "No such job, or it has not come so far; the problem says so"}
_EXECUTED = {
    200: "The results",
    201: "The job, accepted",
    204: "No output was asked for, or links to all of them in the header",
    400: "The inputs do not fit, or the job failed; why and where",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The Idempotency-Key was sent with another request, or the process needs more than the server has",
    503: "The server is being stopped, or its database is busy",
    507: "The disk of the server is full",
    **_NO_PROCESS,
}
_DEPLOYED = {
    400: "The body can't be read",
    403: "The process is built in",
    413: "The body is too large",
    415: "The media type is not supported",
    422: "The process can't be registered; why and where",
    503: "The server is being stopped, or its database is busy",
    507: "The disk of the server is full",
}

_EXECUTION = Endpoint(
    path="/processes/{process_id}/execution",
    name="execution",
    method="POST",
    handler=execution.execute,
    summary="Execute a process",
    tag="Jobs",
    takes=(JSON,),
    gives=(JSON, MULTIPART, "*/*"),
    parameters=(_PREFER, _KEY),
    answers=_EXECUTED,
)

ENDPOINTS: list[Endpoint] = [
    Endpoint(
        path="/",
        name="landing-page",
        handler=common.landing_page,
        summary="Landing page",
        answers={200: "Links to everything"},
    ),
    Endpoint(
        path="/conformance",
        name="conformance",
        handler=common.conformance,
        summary="Conformance classes",
        answers={200: "The classes that are met"},
    ),
    Endpoint(
        path="/api",
        name="api",
        handler=common.api,
        summary="API definition",
        answers={200: "This definition"},
        gives=(OPENAPI,),
    ),
    Endpoint(
        path="/problems/{name}",
        name="problem",
        handler=common.problem,
        summary="What a problem type means",
        answers={200: "Its title and status", 404: "No such type"},
    ),
    Endpoint(
        path="/health",
        name="health",
        handler=common.health,
        summary="Whether the server lives",
        answers={200: "It does"},
        gives=("text/plain",),
    ),
    Endpoint(
        path="/health/ready",
        name="ready",
        handler=common.ready,
        summary="Whether jobs can run",
        answers={
            200: "They can",
            503: "The container engine does not answer, or the server is starting or being stopped",
            507: "The disk of the server is full",
        },
        gives=("text/plain",),
    ),
    Endpoint(
        path="/processes",
        name="processes",
        handler=processes.list_processes,
        summary="List processes",
        tag="Processes",
        parameters=(_LIMIT, _CURSOR),
        answers={200: "Summaries", 400: "A query parameter can't be used"},
    ),
    Endpoint(
        path="/processes",
        name="processes",
        method="POST",
        handler=processes.deploy_process,
        summary="Register a process",
        tag="Processes",
        takes=deploy.MEDIA_TYPES,
        parameters=(_ENTRY, _KEY),
        answers={201: "The summary of the new process", 409: "The id is taken", **_DEPLOYED},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        handler=processes.describe_process,
        summary="Describe a process",
        tag="Processes",
        answers={200: "The description", **_NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        method="PUT",
        handler=processes.replace_process,
        summary="Replace a process",
        tag="Processes",
        parameters=(_ENTRY,),
        takes=deploy.MEDIA_TYPES,
        answers={204: "Replaced", **_DEPLOYED, **_NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}",
        name="process",
        method="DELETE",
        handler=processes.undeploy_process,
        summary="Unregister a process",
        tag="Processes",
        answers={204: "Gone; its jobs stay", 403: "The process is built in", **_NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/package",
        name="package",
        handler=processes.package,
        summary="What deployed a process, byte for byte",
        tag="Processes",
        gives=tuple(each for each in deploy.MEDIA_TYPES if each != JSON),
        answers={200: "The body", 403: "The process is built in", **_NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/process.cwl",
        name="process-cwl",
        handler=processes.process_cwl,
        summary="The CWL document that runs",
        tag="Processes",
        gives=(*documents.TEXTS, documents.DOT, documents.SVG),
        parameters=(_FORM,),
        answers={200: "A document for cwltool, or a picture of it", 400: "f can't be used", **_NO_PROCESS},
    ),
    Endpoint(
        path="/processes/{process_id}/files/{digest}/{basename}",
        name="process-file",
        handler=processes.process_file,
        summary="A file that the CWL document names",
        tag="Processes",
        gives=("*/*",),
        answers={200: "The file", 206: "A range of the file", 404: "No such process, or no such file"},
    ),
    _EXECUTION,
    replace(
        _EXECUTION,
        path="/{process_id}/execution",
        name="execution-alias",
        summary="Execute a process (another spelling of the same)",
    ),
    Endpoint(
        path="/processes/{process_id}/validation",
        name="validation",
        method="POST",
        handler=execution.validate,
        summary="Check an execute request; nothing is executed",
        tag="Processes",
        takes=(JSON,),
        answers={
            200: "The CWL job order that it would be",
            400: "The inputs do not fit; why and where",
            413: "The body is too large",
            415: "The body is not JSON",
            422: "The process needs more than the server has",
            **_NO_PROCESS,
        },
    ),
    Endpoint(
        path="/jobs",
        name="jobs",
        handler=jobs.list_jobs,
        summary="List jobs",
        tag="Jobs",
        parameters=(_LIMIT, _CURSOR, *_JOB_FILTERS),
        answers={200: "Status documents, newest first", 400: "A query parameter can't be used"},
    ),
    Endpoint(
        path="/jobs/{job_id}",
        name="job",
        handler=jobs.job_status,
        summary="The status of a job",
        tag="Jobs",
        answers={200: "The status document", **_NO_JOB},
    ),
    Endpoint(
        path="/jobs/{job_id}",
        name="job",
        method="DELETE",
        handler=jobs.dismiss_job,
        summary="Dismiss a job, or remove one that has ended",
        tag="Jobs",
        answers={200: "The status document, dismissed", **_NO_JOB},
    ),
    Endpoint(
        path="/jobs/{job_id}/log",
        name="log",
        handler=logs.job_log,
        summary="The log of a job, also while it runs",
        tag="Jobs",
        gives=("text/plain", logs.EVENTS),
        parameters=(_OFFSET,),
        answers={
            200: "The log from an offset on, or log, step and status events until the job has ended",
            206: "A range of the log",
            400: "The offset can't be used",
            **_NO_JOB,
        },
    ),
    Endpoint(
        path="/jobs/{job_id}/process.cwl",
        name="job-process-cwl",
        handler=folder.process_cwl,
        summary="The CWL document of a job",
        tag="Jobs",
        gives=(*documents.TEXTS, documents.DOT, documents.SVG),
        parameters=(_FORM,),
        answers={200: "A document for cwltool, or a picture of it", 400: "f can't be used", **_NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/files/{digest}/{basename}",
        name="job-file",
        handler=folder.process_file,
        summary="A file that the CWL document of a job names",
        tag="Jobs",
        gives=("*/*",),
        answers={200: "The file", 206: "A range of the file", 404: "No such job, or no such file"},
    ),
    Endpoint(
        path="/jobs/{job_id}/inputs.json",
        name="job-inputs",
        handler=folder.inputs,
        summary="The CWL job order of a job",
        tag="Jobs",
        answers={200: "A job order for cwltool; its files are URLs of this server", **_NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/inputs/{place:path}",
        name="job-input",
        handler=folder.staged_input,
        summary="One file that a job was given",
        tag="Jobs",
        gives=("*/*",),
        answers={200: "The file", 206: "A range of the file", 404: "No such job, or no such input"},
    ),
    Endpoint(
        path="/jobs/{job_id}/command.txt",
        name="job-command",
        handler=folder.command,
        summary="A job as a line of plain cwltool",
        tag="Jobs",
        gives=("text/plain",),
        answers={200: "It works wherever this server can be reached", **_NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/log.txt",
        name="job-log",
        handler=folder.log,
        summary="The log of a job as a file",
        tag="Jobs",
        gives=("text/plain",),
        answers={200: "The log, as far as it is", 206: "A range of the log", **_NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/outcome.json",
        name="job-outcome",
        handler=folder.outcome,
        summary="How a run ended",
        tag="Jobs",
        answers={200: "The CWL output object, with URLs of results, or the failure; and what was used", **_NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/bundle",
        name="bundle",
        handler=folder.bundle,
        summary="Everything that repeats a job, in one file",
        tag="Jobs",
        gives=(ZIP,),
        answers={200: "Document, inputs, command, log, steps and outcome, as far as there are any", **_NO_FILE},
    ),
    Endpoint(
        path="/jobs/{job_id}/results",
        name="results",
        handler=jobs.job_results,
        summary="The results of a job",
        tag="Jobs",
        gives=(JSON, MULTIPART, "*/*"),
        answers={
            200: "The results in the style of the request",
            204: "Links in the header",
            400: "The job failed; why",
            404: "No such job, or no results (yet)",
        },
    ),
    Endpoint(
        path="/jobs/{job_id}/results/{path:path}",
        name="result",
        handler=jobs.job_result,
        summary="One result, an item of it, or a file in it",
        tag="Jobs",
        gives=("*/*",),
        answers={
            200: "The value",
            206: "A range of the file",
            400: "The process has no such output, or the job failed",
            404: "No such job, or no such result",
        },
    ),
]
