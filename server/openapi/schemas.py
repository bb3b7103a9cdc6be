"""What bodies and answers look like, by name, in the dialect of OpenAPI 3.0. Documents may have more members."""

from __future__ import annotations

from registry.models import JSON, JobStatus
from server.openapi.packages import PACKAGES

TEXT: JSON = {"type": "string"}
URI: JSON = {"type": "string", "format": "uri"}
TIME: JSON = {"type": "string", "format": "date-time"}
COUNT: JSON = {"type": "integer", "minimum": 0}
ANYTHING: JSON = {"description": "Any JSON value."}


def _ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: JSON, **more: object) -> JSON:
    return {"type": "array", "items": items, **more}


def _object(required: str, **properties: JSON) -> JSON:
    """`required`: names, separated by blanks."""
    found: JSON = {"type": "object", "properties": properties}
    return {**found, "required": required.split()} if required else found


def _by_name(values: JSON, description: str) -> JSON:
    return {"type": "object", "additionalProperties": values, "description": description}


_LINKS = _list(_ref("link"))
_ABOUT: JSON = {
    "title": TEXT,
    "description": TEXT,
    "keywords": _list(TEXT),
    "metadata": _list({"type": "object"}),
    "additionalParameters": {"type": "object"},
}
_SUMMARY: JSON = {
    "id": TEXT,
    "version": TEXT,
    **_ABOUT,
    "jobControlOptions": _list({"type": "string", "enum": ["sync-execute", "async-execute", "dismiss"]}),
    "outputTransmission": _list({"type": "string", "enum": ["value", "reference"]}),
    "mutable": {"type": "boolean", "description": "Whether it can be replaced and undeployed."},
    "links": _LINKS,
}
_SUMMARY_REQUIRED = "id version jobControlOptions outputTransmission mutable links"

_PLACE = _object(
    "pointer detail",
    pointer={"type": "string", "description": "Where it is: a JSON Pointer (RFC 6901)."},
    detail=TEXT,
    file={"type": "string", "description": "Absent: the body is one document."},
    line={"type": "integer", "minimum": 1},
    column={"type": "integer", "minimum": 1},
)

_PROBLEM = _object(
    "type",
    type=URI,
    title=TEXT,
    status={"type": "integer", "minimum": 100, "maximum": 599},
    detail=TEXT,
    instance=TEXT,
    errors=_list(_PLACE),
    step={"type": "string", "description": "The step of a workflow that failed."},
    exitCode={"type": "integer"},
    log=_list(TEXT, description="The last lines of the log."),
)

_LINK = _object("href", href=TEXT, rel=TEXT, type=TEXT, title=TEXT, hreflang=TEXT, length=COUNT)

_STATUS = _object(
    "jobID id processID type status links",
    jobID=TEXT,
    id=TEXT,
    processID=TEXT,
    process=URI,
    type={"type": "string", "enum": ["process"]},
    processingEntityType=TEXT,
    status={"type": "string", "enum": [str(each) for each in JobStatus]},
    message=TEXT,
    created=TIME,
    started=TIME,
    finished=TIME,
    updated=TIME,
    expires=TIME,
    progress={"type": "integer", "minimum": 0, "maximum": 100},
    exception=_ref("problem"),
    usage=_ref("usage"),
    executions=_by_name(COUNT, "Of a batch: how many of its executions have each status."),
    links=_LINKS,
)

_USAGE = _object(
    "wallSeconds cpuSeconds peakMemoryBytes images",
    wallSeconds={"type": "number", "minimum": 0},
    cpuSeconds={"type": "number", "minimum": 0},
    peakMemoryBytes=COUNT,
    images=_by_name(TEXT, "Each image that ran, and its digest."),
)

_FORMAT = _object("", mediaType=TEXT, encoding=TEXT, schema={"anyOf": [TEXT, {"type": "object"}]})

_VALUE_BY_REFERENCE: JSON = {
    **_object(
        "href", href={**URI, "pattern": "^(https?|file|s3|gs|az)://"}, type=TEXT, title=TEXT, format=_ref("format")
    ),
    "description": "A value by reference: it is fetched when the job runs.",
}

_QUALIFIED: JSON = {
    **_object(
        "value",
        value=ANYTHING,
        mediaType=TEXT,
        encoding={"type": "string", "description": "base64 where the value is bytes."},
        format=_ref("format"),
    ),
    "description": "A value with what it is; an object is always given so.",
}

_OUTPUT = _object(
    "",
    transmissionMode={
        "type": "string",
        "nullable": True,
        "enum": ["value", "reference", None],
        "description": "Known to version 1.0 only: with it the results come by its rules.",
    },
    format={
        "description": "Which form of the output is wanted, where it has several.",
        "properties": {"mediaType": {"type": "string", "nullable": True}},
    },
)

RESPONSE: JSON = {
    "type": "string",
    "nullable": True,
    "enum": ["raw", "document", None],
    "description": "Known to version 1.0 only: with it the results come by its rules.",
}

_EXECUTE = _object(
    "",
    inputs=_by_name(ANYTHING, "A value, or an array of values, for each input."),
    outputs={**_by_name(_ref("output"), "What is wanted; all outputs where it is left out."), "nullable": True},
    response=RESPONSE,
)

_SEVERAL: JSON = {
    "anyOf": [
        _by_name(ANYTHING, "A value, or an array of values, for each input."),
        _list({"type": "object"}, minItems=1, description="A batch: the inputs of each of its executions."),
    ]
}
_JOB: JSON = {
    "process": {"type": "string", "description": "The URL, or the id, of the process."},
    "inputs": _SEVERAL,
    "outputs": _EXECUTE["properties"]["outputs"],
    "response": RESPONSE,
}

_RESULTS = _by_name(ANYTHING, "For each output a value, a qualified value or a link.")

SCHEMAS: JSON = {
    "link": _LINK,
    "landingPage": _object("title links", title=TEXT, description=TEXT, links=_LINKS),
    "confClasses": _object("conformsTo", conformsTo=_list(URI)),
    "processSummary": _object(_SUMMARY_REQUIRED, **_SUMMARY),
    "processList": _object("processes links", processes=_list(_ref("processSummary")), links=_LINKS),
    "deployed": {
        "allOf": [
            _ref("processSummary"),
            _object("", warnings=_list(_PLACE, description="What OGC's best practice for packages has otherwise.")),
        ]
    },
    "process": _object(
        _SUMMARY_REQUIRED + " inputs outputs",
        **_SUMMARY,
        inputs=_by_name(_ref("parameter"), "By their ids."),
        outputs=_by_name(_ref("parameter"), "By their ids."),
        images=_by_name(TEXT, "What the images that its document names stand for in its jobs, as far as it is known."),
    ),
    "parameter": _object(
        "schema",
        **_ABOUT,
        schema={"type": "object", "description": "A JSON Schema in the subset that OGC 18-062r2 allows."},
        minOccurs=COUNT,
        maxOccurs={"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "enum": ["unbounded"]}]},
    ),
    "format": _FORMAT,
    "reference": _VALUE_BY_REFERENCE,
    "qualifiedValue": _QUALIFIED,
    "output": _OUTPUT,
    "execute": _EXECUTE,
    "job": _object("process", **_JOB),
    "sharing": _object(
        "with",
        **{
            "with": {
                "anyOf": [
                    _list({"type": "string", "minLength": 1}, maxItems=1000),
                    {"type": "string", "enum": ["everyone"]},
                ]
            }
        },
    ),
    "jobChange": _object("", **_JOB),
    "inputs": _object("inputs outputs links", inputs=_SEVERAL, outputs={"type": "object"}, links=_LINKS),
    "used": _object(
        "owner waiting running cpuHours keptBytes links",
        owner=TEXT,
        **{each: _ref("share") for each in ("waiting", "running", "cpuHours", "keptBytes")},
        links=_LINKS,
    ),
    "share": _object(
        "used",
        used={"type": "number", "minimum": 0},
        allowed={"type": "number", "minimum": 0, "description": "Absent: any amount."},
    ),
    "nothing": {"type": "object", "additionalProperties": False},
    "results": _RESULTS,
    "executed": {
        "anyOf": [_ref("results"), ANYTHING],
        "description": "A results document; or the value by itself, where one output was asked for.",
    },
    "value": ANYTHING,
    "statusInfo": _STATUS,
    "usage": _USAGE,
    "jobList": _object("jobs links", jobs=_list(_ref("statusInfo")), links=_LINKS),
    "jobOrder": _by_name(ANYTHING, "A CWL job order."),
    "outcome": {"type": "object", "description": "The CWL output object or the failure, and what was used."},
    "prov": {
        "anyOf": [{"type": "object"}, _list({"type": "object"})],
        "description": "PROV-JSON, an object; or expanded JSON-LD, a list.",
    },
    "definition": {"type": "object", "description": "An OpenAPI document.", "required": ["openapi", "info", "paths"]},
    "problem": _PROBLEM,
    "problemType": _object("name title status", name=TEXT, title=TEXT, status={"type": "integer"}),
    **PACKAGES,
}
