"""Servers that are killed and started again, tools that wait to be let go, and what is left of a job."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cwl_bridge.jobfolder import JobFolder
from tests.gate import let_go
from tests.live import SHELL, Server, containers_of, shell_tool, until

CWL = "application/cwl+json"

#: So little that many run at once, and yet no tool is slowed down.
LITTLE = {"class": "ResourceRequirement", "coresMin": 0.02, "coresMax": 1, "ramMin": 8, "ramMax": 64}

SAID = {"type": "File", "outputBinding": {"glob": "said"}}

#: Says who it is, and which attempt this is: nobody draws the same number twice.
NAMED = 'echo "$1" > said; cat /proc/sys/kernel/random/uuid >> said'


SWEEP_SECONDS = 1.0

NO_CHANGE: Mapping[str, str] = {}


@contextmanager
def working(data: Path, environ: Mapping[str, str] = NO_CHANGE, **settings: str) -> Iterator[Server]:
    """A server that may be stopped and started again meanwhile; of its jobs nothing is left afterwards."""
    server = Server(data, **settings)
    server.environ.update(environ)
    server.start()
    try:
        yield server
        if server.lives:
            assert server.stop() == 0, server.log
    finally:
        if server.lives:
            server.stop(signal.SIGKILL)
        server.http.close()
        _sweep(data, environ)


def _sweep(data: Path, environ: Mapping[str, str]) -> None:
    """What is left of the jobs that nobody has waited for."""
    jobs = [JobFolder(each) for each in (data / "jobs").iterdir()]
    lived = False
    for folder in jobs:
        with suppress(ValueError, ProcessLookupError):
            runner = folder.runner()
            if runner is not None:
                os.killpg(runner.pid, signal.SIGKILL)
                lived = True
    if lived:
        # A container that was being created shows up meanwhile.
        time.sleep(SWEEP_SECONDS)
    names = {folder.path.name for folder in jobs}
    for container, job_id in _labelled(environ):
        if job_id in names:
            # It may be going by itself.
            with suppress(subprocess.CalledProcessError):
                docker("rm", "--force", container, environ=environ)


def _labelled(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """(container, job) of every container of a job."""
    shown = '{{.ID}} {{.Label "cwl-processes.job"}}'
    found = subprocess.run(
        ["docker", "ps", "--all", "--filter", "label=cwl-processes.job", "--format", shown],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environ},
    )
    return [(container, job_id) for line in found.stdout.splitlines() for container, job_id in [line.split()]]


def docker(*arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """What the engine's client says."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=True, env={**os.environ, **(environ or {})}
    )
    return done.stdout.strip()


def tool(process_id: str, script: str, **more: Any) -> dict[str, Any]:
    """A shell script with one optional input, `name`, as $1, and the output `said` where it is asked for."""
    given: dict[str, Any] = {
        "requirements": [SHELL, LITTLE],
        "inputs": {"name": {"type": "string?", "inputBinding": {"position": 1}}},
        **more,
    }
    return shell_tool(script, id=process_id, **given)


def deployed(server: Server, *tools: dict[str, Any]) -> None:
    for each in tools:
        answer = server.deploy(each, CWL)
        assert answer.status_code == 201, answer.text


def release(server: Server, *jobs: str) -> None:
    """Lets tools that HOLD go on; they may only be starting."""
    for job_id in jobs:
        until((server.data / "jobs" / job_id / "steps.jsonl").exists)
        let_go(server, job_id)


def running(server: Server, job_id: str) -> str:
    """The container of a job, once it runs."""

    filters = ["--filter", f"label=cwl-processes.job={job_id}", "--filter", "status=running"]
    assert server.status(job_id)["status"] in ("accepted", "running"), server.status(job_id)
    return until(lambda: docker("ps", "--quiet", "--no-trunc", *filters))


def statuses(server: Server) -> dict[str, str]:
    """Of all jobs that are listed, newest first."""
    return {each["jobID"]: each["status"] for each in listed(server)}


def listed(server: Server, **query: str) -> list[dict[str, Any]]:
    answer = server.http.get("/jobs", params={"limit": "1000", **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["jobs"]
    return found


def said(server: Server, job_id: str) -> list[str]:
    """The lines of the output `said`."""
    answer = server.http.get(f"/jobs/{job_id}/results/said")
    assert answer.status_code == 200, answer.text
    return answer.text.splitlines()


def reason(status: dict[str, Any]) -> str:
    """Why a job failed."""
    assert status["status"] == "failed", status
    return str(status["exception"]["type"]).rpartition("/")[2]


def runner_pid(server: Server, job_id: str) -> int:
    """The process that runs a job, once it is known and lives."""
    runner = until(JobFolder(server.data / "jobs" / job_id).runner)
    return runner.pid


def steps_begun(server: Server, job_id: str) -> int:
    lines = (server.data / "jobs" / job_id / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["event"] == "started" for line in lines)


def group(leader: int) -> list[int]:
    """The live processes of a process group."""
    found = list[int]()
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] not in ("Z", "X"):
            found.append(int(each.parent.name))
    return found


def clients_of(job_id: str) -> list[str]:
    """The processes that have a job's id on their command line, such as the engine's client."""
    found = list[str]()
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if job_id in line and each.parent.name != str(os.getpid()):
                found.append(line)
    return found


def warm_pid(server: Server) -> int:
    """The warm process of a server, once it is there."""

    def found() -> int:
        for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split():
            with suppress(OSError):
                if b"cwl_bridge.warm" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return int(pid)
        return 0

    return until(found)


def assert_nothing_left(server: Server, job_id: str, runner: int | None = None) -> None:
    """Of a job that has ended: no container, no process, no temporary files."""
    assert containers_of(job_id) == []
    assert clients_of(job_id) == []
    assert runner is None or group(runner) == []
    assert not (server.data / "jobs" / job_id / "work").exists()


@contextmanager
def attempts(folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Callable[[], Counter[str]]]:
    """Counts the containers that are started for each job, by what the engine tells; whoever else forgets them."""
    told = folder / "attempts"
    shown = '{{index .Actor.Attributes "cwl-processes.job"}}'
    filters = ["--filter", "event=start", "--filter", "label=cwl-processes.job"]
    with told.open("w") as file:
        events = subprocess.Popen(
            ["docker", "events", "--since", str(int(time.time())), *filters, "--format", shown],
            stdout=file,
            env={**os.environ, **(environ or {})},
        )
    try:
        yield lambda: Counter(told.read_text().split())
    finally:
        events.kill()
        events.wait()


def once_each(counted: Callable[[], Counter[str]], jobs: Sequence[str]) -> None:
    """Every one of the jobs was begun exactly once."""
    wanted = dict.fromkeys(jobs, 1)
    # The engine tells a moment later.
    until(lambda: all(counted()[job_id] for job_id in jobs))
    assert {job_id: counted()[job_id] for job_id in jobs} == wanted
