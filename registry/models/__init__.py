"""The nouns of the whole program: frozen values, no I/O, standard library only."""

from __future__ import annotations

from registry.models.job import (
    Failure,
    Idempotency,
    Job,
    JobFilter,
    JobStatus,
    Needs,
    Outcome,
    Progress,
    Secrets,
    Submission,
    Usage,
)
from registry.models.principal import ANONYMOUS, EVERYBODY, Principal, Scope, Token
from registry.models.process import Parameter, Pin, Process, ProcessDescription, pins_from_json, pins_to_json
from registry.models.quota import Quota, Used
from registry.models.request import ExecuteRequest, OutputChoice
from registry.models.values import JSON, JobId, ProcessId, new_job_id, now

__all__ = [
    "ANONYMOUS",
    "EVERYBODY",
    "JSON",
    "ExecuteRequest",
    "Failure",
    "Idempotency",
    "Job",
    "JobFilter",
    "JobId",
    "JobStatus",
    "Needs",
    "Outcome",
    "OutputChoice",
    "Parameter",
    "Pin",
    "Principal",
    "Process",
    "ProcessDescription",
    "ProcessId",
    "Progress",
    "Quota",
    "Scope",
    "Secrets",
    "Submission",
    "Token",
    "Usage",
    "Used",
    "new_job_id",
    "now",
    "pins_from_json",
    "pins_to_json",
]
