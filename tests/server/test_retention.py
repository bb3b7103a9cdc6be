"""KEEP_JOBS: how long, and how many, ended jobs are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cwl_bridge.retention import Keep
from server.settings import SettingsError, load
from tests.gate import WAIT, let_go
from tests.live import Server, serving, shell_package, until


@pytest.mark.parametrize(
    ("given", "keep"),
    [
        ("", Keep()),
        ("2s", Keep(age=timedelta(seconds=2))),
        ("90m", Keep(age=timedelta(minutes=90))),
        ("12h", Keep(age=timedelta(hours=12))),
        ("7d", Keep(age=timedelta(days=7))),
        ("3", Keep(count=3)),
        ("0", Keep(count=0)),
        ("7d,1000", Keep(age=timedelta(days=7), count=1000)),
        (" 1000 , 7d ", Keep(age=timedelta(days=7), count=1000)),
    ],
)
def test_what_is_kept(given: str, keep: Keep) -> None:
    """An age, a number, both in any order, or everything."""
    assert load({}, {"CWL_PROCESSES_KEEP_JOBS": given}, None).keep == keep
    assert load({"keep_jobs": given}, {}, None).keep == keep


@pytest.mark.parametrize("given", ["7w", "-1", "1.5h", "d", "7 d", "٣", "7d;3", "9999999999", "999999999d"])
def test_what_can_not_be_kept(given: str) -> None:
    """Is said at the start, with what would be right."""
    with pytest.raises(SettingsError, match="keep_jobs: an age such as 12h"):
        load({}, {"CWL_PROCESSES_KEEP_JOBS": given}, None)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_jobs_that_are_kept_no_longer(tmp_path: Path) -> None:
    """Gone after the next start, with their folders; a job says when it will go; one that runs is kept."""
    data = tmp_path / "data"
    first = Server(data, SLOTS="1").start()
    first.deploy(shell_package("short", "true"))
    first.deploy(shell_package("blocks", WAIT))
    jobs = [first.submit("short") for _ in range(3)]
    ended = [first.wait(each) for each in jobs]
    running, waiting = first.submit("blocks"), first.submit("short")
    first.wait(running, "running")
    assert ["expires" in each for each in ended] == [False] * 3
    assert first.stop() == 0

    with serving(data, SLOTS="1", KEEP_JOBS="1h,2", SHUTDOWN="stop") as server:
        until(lambda: server.http.get(f"/jobs/{jobs[0]}").status_code == 404)
        until(lambda: not (data / "jobs" / jobs[0]).exists())

        listed = {each["jobID"]: each for each in server.http.get("/jobs").json()["jobs"]}
        assert set(listed) == {jobs[1], jobs[2], running, waiting}
        for job_id in jobs[1:]:
            status = server.status(job_id)
            assert moment(status["expires"]) == moment(status["finished"]) + timedelta(hours=1)
            assert (data / "jobs" / job_id / "outcome.json").exists()
        assert ["expires" in server.status(each) for each in (running, waiting)] == [False, False]
        let_go(server, running)
        server.wait(waiting)

    with serving(data, KEEP_JOBS="0s") as server:
        until(lambda: server.http.get("/jobs").json()["jobs"] == [] or None)
        until(lambda: list((data / "jobs").iterdir()) == [])
