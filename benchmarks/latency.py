"""How long one small job takes: by the container engine alone, by plain cwltool, and by the server in both modes."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import tools
from benchmarks.options import Options
from benchmarks.server import Server, say, serving
from benchmarks.table import GOAL_HEADER, Section, Table, goal, milliseconds, spread
from tests import live

POLL_SECONDS = 0.01
#: Between two measurements: what the one leaves to be done is not the other's.
PAUSE_SECONDS = 0.1

BARE, PLAIN, SYNC, ASYNC = "a: docker run", "b: cwltool", "c: synchronous", "d: asynchronous"

NOTE = """\
`echo` into a file, image busybox:stable, {rounds} rounds. Each round has every way once, in a shuffled order, with a
pause of {pause} before each; one round before them does not count.

- a: `{bare}`, and nothing else; no volumes, no label, no output file
- b: `cwltool --outdir FOLDER echo.cwl order.json`, the same tool and inputs
- c: `POST /processes/bench-echo/execution`, until the results are there; one kept connection
- d: the same with `Prefer: respond-async`, then `GET /jobs/ID` every {poll} until it says `successful`"""


def measure(options: Options, folder: Path) -> Section:
    with serving(folder, options) as server:
        server.register(tools.ECHO)
        ways: dict[str, Callable[[], None]] = {
            BARE: tools.run_bare,
            PLAIN: _cwltool(folder),
            SYNC: partial(_synchronous, server),
            ASYNC: partial(_asynchronous, server),
        }
        for way in ways.values():
            way()
        times: dict[str, list[float]] = {name: [] for name in ways}
        # Seeded: the same order in every run.
        shuffler = random.Random(0)
        for number in range(options.rounds):
            say(f"latency: round {number + 1} of {options.rounds}")
            for name in shuffler.sample(list(ways), len(ways)):
                time.sleep(PAUSE_SECONDS)
                began = time.perf_counter()
                ways[name]()
                times[name].append(time.perf_counter() - began)
    return _section(times)


def _cwltool(folder: Path) -> Callable[[], None]:
    tool, order = folder / "echo.cwl", folder / "order.json"
    tool.write_text(json.dumps(tools.ECHO))
    order.write_text(json.dumps(tools.ORDER))
    program, outdir = Path(sys.executable).with_name("cwltool"), folder / "outputs"
    command = list(map(str, [program, "--outdir", outdir, tool, order]))

    def run() -> None:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, env=live.environment())

    return run


def _synchronous(server: Server) -> None:
    answer = server.execute("bench-echo", tools.ORDER)
    assert answer.status_code == 200, answer.text


def _asynchronous(server: Server) -> None:
    job_id = server.submit("bench-echo", tools.ORDER)
    while (status := server.status(job_id))["status"] != "successful":
        assert status["status"] in ("accepted", "running"), status
        time.sleep(POLL_SECONDS)


def _section(times: dict[str, list[float]]) -> Section:
    a, b, c, d = (statistics.median(times[name]) for name in (BARE, PLAIN, SYNC, ASYNC))
    compared = [
        ["c / a", f"{c / a:.2f}"],
        ["c - a", milliseconds(c - a)],
        ["c / b", f"{c / b:.2f}"],
        ["d - c", milliseconds(d - c)],
    ]
    goals = [
        goal("c ≤ 1.25 a + 50 ms", c * 1000, 1.25 * a * 1000 + 50, "{:.0f} ms"),
        goal("c ≤ 0.25 b", c * 1000, 0.25 * b * 1000, "{:.0f} ms"),
        goal("d - c ≤ 50 ms", (d - c) * 1000, 50, "{:.0f} ms"),
    ]
    note = NOTE.format(
        rounds=len(times[BARE]),
        pause=milliseconds(PAUSE_SECONDS),
        bare=" ".join(tools.BARE),
        poll=milliseconds(POLL_SECONDS),
    )
    tables = [
        Table(["way", "median", "min", "max"], [spread(name, those) for name, those in times.items()]),
        Table(["of the medians", ""], compared),
        Table(GOAL_HEADER, goals),
    ]
    return Section("Latency", note, tables)
