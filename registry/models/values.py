"""What the other nouns are made of."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, NewType

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
