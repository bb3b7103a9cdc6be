"""The clock is set while jobs run: the one that the server, its warm process and its runners read."""

from __future__ import annotations

import itertools
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.harness import (
    NAMED,
    SAID,
    attempts,
    deployed,
    listed,
    once_each,
    reason,
    release,
    runner_pid,
    running,
    tool,
    working,
)
from tests.gate import WAIT
from tests.live import Server, until

JOB_TIMEOUT_SECONDS = 120
#: Far less than the hour that the clock is set back by.
SOON_SECONDS = 30.0

HELD = tool("held", f"{NAMED}; {WAIT}", outputs={"said": SAID})
BRIEF = tool("brief", NAMED, outputs={"said": SAID})


#: Read by every Python before anything else. Only wall time moves: clocks that nobody sets are not set.
_SITE = """
import datetime, time

_real = time.time

def _moved():
    with open({shift!r}) as file:
        return _real() + float(file.read())

class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_moved(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)

time.time = _moved
time.time_ns = lambda: int(_moved() * 1e9)
datetime.datetime = _Datetime
"""


class Clock:
    """A clock of wall time for the processes that are started with its environment; no other is touched."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file = folder / "shift"
        (folder / "sitecustomize.py").write_text(_SITE.format(shift=str(self._file)))
        self.environ = {"PYTHONPATH": str(folder)}
        self.set(0)

    def set(self, hours: int) -> None:
        """So many hours before or after the real time, by rename: nobody reads half of it."""
        partial = self._file.with_suffix(".partial")
        partial.write_text(str(3600 * hours))
        partial.rename(self._file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


def newest_first(server: Server, jobs: list[str]) -> list[str]:
    """By when they were made, as that is told."""
    return sorted(jobs, key=lambda job_id: str(server.status(job_id)["created"]), reverse=True)


def test_the_clock_is_set_back_while_jobs_run(clock: Clock, tmp_path: Path) -> None:
    """No duration is negative, no limit is reached early, nothing runs twice; lists go by what is told."""
    with (
        working(tmp_path / "data", clock.environ, SLOTS="2", JOB_TIMEOUT=str(JOB_TIMEOUT_SECONDS)) as server,
        attempts(tmp_path) as counted,
    ):
        deployed(server, HELD, BRIEF)
        jobs = [server.submit("held"), server.submit("held")]
        for job_id in jobs:
            running(server, job_id)
        pid = runner_pid(server, jobs[0])
        jobs.append(server.submit("brief"))

        clock.set(-1)
        jobs.append(server.submit("brief"))
        created = datetime.fromisoformat(server.status(jobs[-1])["created"])
        assert datetime.now(UTC) - created > timedelta(minutes=59)
        assert [each["jobID"] for each in listed(server)] == newest_first(server, jobs)
        server.stop(signal.SIGKILL)
        server.start()
        assert runner_pid(server, jobs[0]) == pid
        clock.set(+24)
        jobs.append(server.submit("brief"))
        assert [server.status(job_id)["status"] for job_id in jobs[:2]] == ["running", "running"]
        clock.set(-1)
        release(server, *jobs[:2])
        ended = [server.wait(job_id) for job_id in jobs]

        assert [each["status"] for each in ended] == ["successful"] * 5
        for each in ended:
            moments = [datetime.fromisoformat(each[name]) for name in ("created", "started", "finished")]
            assert all(earlier <= later for earlier, later in itertools.pairwise(moments))
            assert moments[-1] <= datetime.fromisoformat(each["updated"])
        assert [each["jobID"] for each in listed(server)] == newest_first(server, jobs)
        once_each(counted, jobs)


def test_a_limit_is_kept_although_the_clock_is_set_back(clock: Clock, tmp_path: Path) -> None:
    """It counts seconds that pass, not what a clock shows; also for a run that was adopted."""
    with working(tmp_path / "data", clock.environ, SLOTS="1", JOB_TIMEOUT="4") as server:
        deployed(server, HELD)
        job_id = server.submit("held")
        server.wait(job_id, "running")
        clock.set(-1)
        server.stop(signal.SIGKILL)
        server.start()

        ended = until(lambda: found if (found := server.status(job_id))["status"] != "running" else None, SOON_SECONDS)

        assert reason(ended) == "time-limit"
