"""How long the server takes to start."""

from __future__ import annotations

from pathlib import Path

from benchmarks.options import Options
from benchmarks.server import say, serving
from benchmarks.table import Section, Table, spread

NOTE = """\
From the exec of `cwl-processes serve` until it printed its address, {starts} times, on a data folder made by a start
before them, which does not count; default settings."""


def measure(options: Options, folder: Path) -> Section:
    times = []
    with serving(folder, options) as server:
        for number in range(options.starts):
            say(f"startup: {number + 1} of {options.starts}")
            server.stop()
            times.append(server.start().started_in)
    table = Table(["", "median", "min", "max"], [spread("start", times)])
    return Section("Start-up", NOTE.format(starts=options.starts), [table])
