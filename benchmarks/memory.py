"""What a running job holds in memory beyond its container, and what the server holds while jobs run."""

from __future__ import annotations

import statistics
from dataclasses import astuple
from pathlib import Path

from benchmarks import processes, sleepers
from benchmarks.options import Options
from benchmarks.processes import Memory
from benchmarks.server import Server, say, serving
from benchmarks.table import GOAL_HEADER, Section, Table, goal

MEGABYTE = 1_000_000
LIMIT = 15.0

JOB = "a job: both"

NOTE = """\
{jobs} jobs that sleep, at once. From `/proc/PID/smaps_rollup`, in MB: private is Private_Dirty, unique is that and
Private_Clean, proportional is Pss. A job: its runner (the pid in `runner.json`) and the runner's descendants, which are
the container engine's client; not what the engine starts (containerd-shim, the tool). Helpers: the server's descendants
that belong to no job."""


def measure(options: Options, folder: Path) -> Section:
    with serving(folder, options, SLOTS=str(options.memory_jobs)) as server:
        say(f"memory: starting {options.memory_jobs} jobs")
        jobs = sleepers.start(server, options.memory_jobs)
        parts = _look(server)
        assert len(parts[JOB]) == len(jobs), "jobs without a runner"
        sleepers.dismiss(server, jobs)
    rows = [[name, str(len(those)), *map(_shown, _columns(those))] for name, those in parts.items()]
    private, unique, _ = map(statistics.median, _columns(parts[JOB]))
    limits = [
        goal("private of a job", private, LIMIT, "{:.1f} MB"),
        goal("unique of a job", unique, LIMIT, "{:.1f} MB"),
    ]
    header = ["median, and most where there are several", "measured", "private", "unique", "proportional"]
    note = NOTE.format(jobs=options.memory_jobs)
    return Section("Memory", note, [Table(header, rows), Table(GOAL_HEADER, limits)])


def _look(server: Server) -> dict[str, list[Memory]]:
    """The memory of each part, once for each job or once in all."""
    found = [runner.pid for folder in server.folders() if (runner := folder.runner())]
    others = [[pid for pid in processes.tree(each) if pid != each] for each in found]
    helpers = [pid for pid in processes.tree(server.pid, without=set(found)) if pid != server.pid]
    runners = [processes.memory([each]) for each in found]
    clients = [processes.memory(each) for each in others]
    return {
        "a job: its runner": runners,
        "a job: the engine's client": clients,
        JOB: [one + other for one, other in zip(runners, clients, strict=True)],
        "the server": [processes.memory([server.pid])],
        f"its helpers ({len(helpers)})": [processes.memory(helpers)],
    }


def _columns(those: list[Memory]) -> list[list[float]]:
    """private, unique, proportional, each of all of them."""
    return [[size / MEGABYTE for size in column] for column in zip(*map(astuple, those), strict=True)]


def _shown(column: list[float]) -> str:
    middle = f"{statistics.median(column):.1f}"
    return middle if len(column) == 1 else f"{middle}, {max(column):.1f}"
