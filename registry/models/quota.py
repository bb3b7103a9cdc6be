"""How much one owner may have of what all share, and how much it has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The same for every owner; 0: any amount."""

    #: Jobs that are created or accepted; of a batch each execution.
    waiting: int = 0
    running: int = 0
    #: Within a day.
    cpu_seconds: float = 0
    #: Of the folders of jobs that have ended.
    kept_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Used:
    """The same of one owner, as it is."""

    waiting: int
    running: int
    cpu_seconds: float
    kept_bytes: int
