"""How long many small jobs take: by the server with a slot for each core, and by as many `docker run` at once."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks import tools
from benchmarks.options import Options
from benchmarks.server import Server, say, serving, until
from benchmarks.table import GOAL_HEADER, Section, Table, goal

#: Seldom enough to cost nothing; it is the error of a time.
POLL_SECONDS = 0.2
JOB_SECONDS = 30.0

NOTE = """\
{jobs} times `echo`, image busybox:stable, {cores} at once, each batch {repeats} times, in alternating order.

- docker run: a pool of {cores} threads, `{bare}`
- server: submitted one after the other with `Prefer: respond-async` over one connection, `slots` = {cores}; from the
  first submission until none is `accepted` or `running`, asked every {poll} s. The client shares the cores."""


def measure(options: Options, folder: Path) -> Section:
    cores = os.cpu_count() or 1
    with serving(folder, options, SLOTS=str(cores)) as server:
        server.register(tools.ECHO)
        ways: dict[str, Callable[[], None]] = {
            "docker run": partial(_bare, options.jobs, cores),
            "server": partial(_submitted, server, options.jobs),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        _submitted(server, cores)
        for number in range(options.repeats):
            # Turned round every time, so that a drift of the machine hits both alike.
            for name in sorted(ways, reverse=bool(number % 2)):
                say(f"throughput: {name}, {number + 1} of {options.repeats}")
                began = time.perf_counter()
                ways[name]()
                times[name].append(time.perf_counter() - began)
    bare, served = (statistics.median(times[name]) for name in ways)
    rows = [
        [name, ", ".join(f"{each:.1f} s" for each in those), f"{options.jobs / statistics.median(those):.2f}"]
        for name, those in times.items()
    ]
    note = NOTE.format(
        jobs=options.jobs, cores=cores, repeats=options.repeats, bare=" ".join(tools.BARE), poll=POLL_SECONDS
    )
    tables = [
        Table(["way", "each batch", "jobs a second"], rows),
        Table(GOAL_HEADER, [goal("server / docker run", served / bare, 1.25, "{:.2f}")]),
    ]
    return Section("Throughput", note, tables)


def _bare(count: int, at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as pool:
        for each in [pool.submit(tools.run_bare) for _ in range(count)]:
            each.result()


def _submitted(server: Server, count: int) -> None:
    for _ in range(count):
        server.submit("bench-echo", tools.ORDER)
    until(lambda: not server.listed("accepted,running", limit=1), JOB_SECONDS * count, POLL_SECONDS)
    assert not server.listed("failed", limit=1), "a job failed"
