"""Tools that wait until their test lets them go: it puts a file into their working directory."""

from __future__ import annotations

from pathlib import Path

from tests.live import Server, until

#: For a shell script.
WAIT = "while [ ! -e go ]; do sleep 0.05; done"


def working(server: Server, job_id: str, count: int = 1) -> list[Path]:
    """The working directories of a job's tools, once so many have begun."""
    folder = server.data / "jobs" / job_id

    def begun() -> bool:
        steps = folder / "steps.jsonl"
        return steps.exists() and steps.read_text().count('"event": "started"') >= count

    # cwltool makes other directories before those.
    until(begun)
    return list((folder / "work" / "out").glob("*"))


def let_go(server: Server, job_id: str, count: int = 1) -> None:
    """Every tool of the job that has begun, once so many have."""
    for each in working(server, job_id, count):
        (each / "go").touch()
