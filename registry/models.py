"""The nouns of the whole program: frozen values, no I/O, standard library only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, NewType

ProcessId = NewType("ProcessId", str)
JobId = NewType("JobId", str)

#: A JSON object as it came from a client, SQLite or cwltool.
JSON = dict[str, Any]


def now() -> datetime:
    """The time, aware and in UTC: the only clock that is ever stored. In milliseconds, as it is shown."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def new_job_id() -> JobId:
    return JobId(str(uuid.uuid4()))


class JobStatus(StrEnum):
    """Where a job stands (OGC 18-062r2, statusCode.yaml)."""

    #: On disk and waiting for a slot.
    ACCEPTED = "accepted"
    #: Its runner has been started.
    RUNNING = "running"
    #: Ended with every declared output published.
    SUCCESSFUL = "successful"
    #: Ended without; `Job.outcome` says why.
    FAILED = "failed"
    #: Stopped by a client; nothing of it runs any more.
    DISMISSED = "dismissed"

    @property
    def ended(self) -> bool:
        return self in (JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.DISMISSED)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One input or output of a process (inputDescription.yaml, outputDescription.yaml)."""

    #: What one value looks like: the JSON Schema subset that OGC's schema.yaml allows.
    schema: JSON
    min_occurs: int = 1
    #: None stands for "unbounded".
    max_occurs: int | None = 1
    #: title, description, keywords, metadata, additionalParameters: shown as they were given.
    about: JSON = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Whether a request always gives an array of values (maxOccurs above one)."""
        return self.max_occurs is None or self.max_occurs > 1

    def to_json(self) -> JSON:
        occurs: JSON = {"minOccurs": self.min_occurs}
        occurs["maxOccurs"] = "unbounded" if self.max_occurs is None else self.max_occurs
        return {**self.about, **occurs, "schema": self.schema}

    @classmethod
    def from_json(cls, document: JSON) -> Parameter:
        known = {"schema", "minOccurs", "maxOccurs"}
        max_occurs = document.get("maxOccurs", 1)
        return cls(
            schema=document["schema"],
            min_occurs=document.get("minOccurs", 1),
            max_occurs=None if max_occurs == "unbounded" else max_occurs,
            about={key: value for key, value in document.items() if key not in known},
        )


@dataclass(frozen=True, kw_only=True)
class ProcessDescription:
    """What a client reads about a process (process.yaml), without its links."""

    id: ProcessId
    version: str
    inputs: dict[str, Parameter]
    outputs: dict[str, Parameter]
    #: sync-execute, async-execute, dismiss.
    job_control_options: tuple[str, ...] = ("sync-execute", "async-execute", "dismiss")
    output_transmission: tuple[str, ...] = ("value", "reference")
    #: title, description, keywords, metadata, additionalParameters: shown as they were given.
    about: JSON = field(default_factory=dict)

    def summary(self) -> JSON:
        """The members of processSummary.yaml."""
        return {
            "id": self.id,
            "version": self.version,
            **self.about,
            "jobControlOptions": list(self.job_control_options),
            "outputTransmission": list(self.output_transmission),
        }

    def to_json(self) -> JSON:
        return {
            **self.summary(),
            "inputs": {name: each.to_json() for name, each in self.inputs.items()},
            "outputs": {name: each.to_json() for name, each in self.outputs.items()},
        }

    @classmethod
    def from_json(cls, document: JSON) -> ProcessDescription:
        known = {"id", "version", "inputs", "outputs", "jobControlOptions", "outputTransmission"}
        return cls(
            id=ProcessId(document["id"]),
            version=document["version"],
            inputs={name: Parameter.from_json(each) for name, each in document["inputs"].items()},
            outputs={name: Parameter.from_json(each) for name, each in document["outputs"].items()},
            job_control_options=tuple(document["jobControlOptions"]),
            output_transmission=tuple(document["outputTransmission"]),
            about={key: value for key, value in document.items() if key not in known},
        )


@dataclass(frozen=True, kw_only=True)
class Process:
    """One revision of a registered process; a job keeps the revision it was submitted to."""

    description: ProcessDescription
    #: The CWL document that runs, as an object.
    cwl: JSON
    #: SHA-256 of the stored CWL text: the name of its file.
    digest: str
    #: The bytes that deployed it and their media type, for /package.
    package: bytes
    media_type: str
    mutable: bool = True
    created: datetime = field(default_factory=now)
    #: Row number, given by the database.
    revision: int = 0

    @property
    def id(self) -> ProcessId:
        return self.description.id


@dataclass(frozen=True, kw_only=True)
class OutputChoice:
    """What an execute request says about one output (output.yaml)."""

    #: "value", "reference", or None where the request leaves it to the server.
    transmission: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExecuteRequest:
    """What an execute request says of its results (execute.yaml); /results is answered in the same style."""

    #: None: all outputs. Empty: none.
    outputs: dict[str, OutputChoice] | None = None
    #: "raw" or "document" by the rules of version 1.0; None: the rules of version 2.0.
    response: str | None = None
    #: `Prefer: return=` minimal or representation.
    returns: str | None = None

    def wants(self, output: str) -> bool:
        return self.outputs is None or output in self.outputs

    def choice(self, output: str) -> OutputChoice:
        return (self.outputs or {}).get(output, OutputChoice())

    def to_json(self) -> JSON:
        outputs = self.outputs
        return {
            "outputs": outputs and {key: vars(each) for key, each in outputs.items()},
            "response": self.response,
            "returns": self.returns,
        }

    @classmethod
    def from_json(cls, document: JSON) -> ExecuteRequest:
        outputs = document["outputs"]
        return cls(
            outputs=outputs and {key: OutputChoice(**each) for key, each in outputs.items()},
            response=document["response"],
            returns=document["returns"],
        )


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a job failed; `reason` is the name of a problem type, such as "tool-failed"."""

    reason: str
    message: str
    #: The name of the step's job in the log.
    step: str | None = None
    exit_code: int | None = None
    #: The last lines of the log.
    log: tuple[str, ...] = ()

    def to_json(self) -> JSON:
        return {**vars(self), "log": list(self.log)}

    @classmethod
    def from_json(cls, document: JSON) -> Failure:
        return cls(**{**document, "log": tuple(document["log"])})


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a run has used, from its first staged input to its last published output."""

    wall_seconds: float
    #: Of all containers together.
    cpu_seconds: float = 0.0
    #: Of the largest container.
    peak_memory_bytes: int = 0
    #: Reference → digest of every image that ran.
    images: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> JSON:
        return {
            "wallSeconds": self.wall_seconds,
            "cpuSeconds": self.cpu_seconds,
            "peakMemoryBytes": self.peak_memory_bytes,
            "images": self.images,
        }

    @classmethod
    def from_json(cls, document: JSON) -> Usage:
        return cls(
            wall_seconds=document["wallSeconds"],
            cpu_seconds=document["cpuSeconds"],
            peak_memory_bytes=document["peakMemoryBytes"],
            images=document["images"],
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: either outputs or a failure."""

    #: CWL output object; each File and Directory has a `location` relative to the job folder.
    outputs: JSON | None = None
    failure: Failure | None = None
    #: None where nobody was there to the end.
    usage: Usage | None = None

    def to_json(self) -> JSON:
        return {
            "outputs": self.outputs,
            "failure": self.failure and self.failure.to_json(),
            "usage": self.usage and self.usage.to_json(),
        }

    @classmethod
    def from_json(cls, document: JSON) -> Outcome:
        failure, usage = document["failure"], document.get("usage")
        return cls(
            outputs=document["outputs"],
            failure=failure and Failure.from_json(failure),
            usage=usage and Usage.from_json(usage),
        )


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is: steps done of steps known; scattered steps count once for each part."""

    done: int
    known: int
    #: The one that began or ended last.
    step: str

    @property
    def percent(self) -> int:
        """100 only when the job has ended."""
        return min(99, 100 * self.done // max(self.known, 1))


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a run reserves, or what there is to be reserved."""

    cores: float = 1.0
    #: MiB.
    memory: int = 0

    def within(self, machine: Needs) -> bool:
        return self.cores <= machine.cores and self.memory <= machine.memory


@dataclass(frozen=True, kw_only=True)
class Idempotency:
    """A client's Idempotency-Key and what it was first sent with."""

    key: str
    #: SHA-256 of the request.
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """One execution of one process."""

    id: JobId
    process_id: ProcessId
    #: The revision of the process that it runs.
    revision: int
    request: ExecuteRequest
    #: Whose turn it takes.
    owner: str = ""
    needs: Needs = field(default_factory=Needs)
    #: The images of its steps as they were when it was submitted: reference → digest; those that were here.
    images: dict[str, str] = field(default_factory=dict)
    #: Whether /jobs lists it.
    listed: bool = True
    #: Whether a client has asked for its end.
    dismissing: bool = False
    status: JobStatus = JobStatus.ACCEPTED
    created: datetime = field(default_factory=now)
    started: datetime | None = None
    finished: datetime | None = None
    updated: datetime = field(default_factory=now)
    outcome: Outcome | None = None
    #: Place in the queue and in lists, given by the database.
    seq: int = 0

    def evolve(self, **changes: Any) -> Job:
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs a list shows (parameters of /jobs); None: no restriction."""

    process_ids: tuple[str, ...] | None = None
    statuses: tuple[JobStatus, ...] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    #: Seconds, inclusive.
    min_duration: int | None = None
    max_duration: int | None = None

    #: Milliseconds beyond which no duration is told from another.
    LONGEST: ClassVar[int] = 1 << 62

    @property
    def timed(self) -> bool:
        """Whether it asks for durations: those of running jobs grow."""
        return self.min_duration is not None or self.max_duration is not None

    @property
    def milliseconds(self) -> tuple[int, int]:
        """The least and the greatest duration."""
        most = self.LONGEST if self.max_duration is None else self.max_duration * 1000
        return min((self.min_duration or 0) * 1000, self.LONGEST), min(most, self.LONGEST)
