"""What the server takes from the processor while nobody asks anything of it."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import processes, tools
from benchmarks.options import Options
from benchmarks.server import Server, say, serving
from benchmarks.table import GOAL_HEADER, Section, Table, goal

SETTLE_SECONDS = 5.0

NOTE = """\
CPU time, user and system, of the server and its helper processes over {seconds} s in which nothing is asked and nothing
runs; after one job, and {settle:.0f} s to settle. Counted in ticks of 10 ms."""


def measure(options: Options, folder: Path) -> Section:
    with serving(folder, options) as server:
        server.register(tools.ECHO)
        answer = server.execute("bench-echo", tools.ORDER)
        assert answer.status_code == 200, answer.text
        time.sleep(SETTLE_SECONDS)
        say(f"idle: {options.idle_seconds} s")
        before = _cpu_seconds(server)
        time.sleep(options.idle_seconds)
        percent = (_cpu_seconds(server) - before) / options.idle_seconds * 100
    note = NOTE.format(seconds=options.idle_seconds, settle=SETTLE_SECONDS)
    return Section("Idle", note, [Table(GOAL_HEADER, [goal("part of a core", percent, 1, "{:.2f} %")])])


def _cpu_seconds(server: Server) -> float:
    return processes.cpu_seconds(processes.tree(server.pid))
