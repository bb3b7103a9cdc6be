"""Jobs: executions of processes, how far they are, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from registry.models.process import Pin
from registry.models.request import ExecuteRequest
from registry.models.values import JSON, JobId, ProcessId, now


class JobStatus(StrEnum):
    """Where a job stands (OGC 18-062r2 and 24-051, statusCode.yaml)."""

    #: On disk; it waits to be started, and may be changed until then.
    CREATED = "created"
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
    #: HMAC of the request.
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """One execution of one process."""

    id: JobId
    process_id: ProcessId
    #: The revision of the process that it runs.
    revision: int
    request: ExecuteRequest
    #: Whose it is, and whose turn it takes.
    owner: str = ""
    needs: Needs = field(default_factory=Needs)
    #: The images of its steps as far as they were known when it was submitted, by names (see cwl_bridge.images).
    images: dict[str, Pin] = field(default_factory=dict)
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
    #: How many executions it is, none of them itself; None: one, its own.
    batch: int | None = None
    #: The batch that it is an execution of.
    parent: JobId | None = None

    def evolve(self, **changes: Any) -> Job:
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Values that are in no row: what lies in a file beside the database until the job has ended."""

    #: Its name; the order of each job that needs it has it.
    file: str
    content: JSON = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What is written down when a job is made."""

    job: Job
    #: The CWL job order, its files not yet staged; None: of a batch.
    order: JSON | None
    #: The execute request that it comes from; None: that of its batch has it.
    definition: JSON | None
    #: Of a batch, in the order of its inputs.
    executions: tuple[Submission, ...] = ()
    #: Where it has any: those of all executions.
    secrets: Secrets | None = None


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs a list shows (parameters of /jobs); None: no restriction."""

    #: A list is that of one owner.
    owner: str = ""
    process_ids: tuple[str, ...] | None = None
    statuses: tuple[JobStatus, ...] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    #: Seconds, inclusive.
    min_duration: int | None = None
    max_duration: int | None = None
    #: The batch whose executions are listed; None: what is listed without one.
    parent: JobId | None = None

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
