"""`python -m benchmarks [--only PART,…] [--output FILE]`: measures side by side in one run, prints Markdown."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import adoption, deploys, idle, latency, lists, machine, memory, mixed, requests, startup, throughput
from benchmarks.options import Options
from benchmarks.server import LARGEST_PAGE, say
from benchmarks.table import Section

PARTS: dict[str, Callable[[Options, Path], Section]] = {
    "latency": latency.measure,
    "throughput": throughput.measure,
    "memory": memory.measure,
    "startup": startup.measure,
    "deploys": deploys.measure,
    "adoption": adoption.measure,
    "idle": idle.measure,
    "requests": requests.measure,
    "lists": lists.measure,
    "mixed": mixed.measure,
}


def main() -> None:
    arguments = vars(_parser().parse_args())
    chosen: list[str] = arguments.pop("only")
    output: Path | None = arguments.pop("output")
    # Servers are stopped and containers removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    text = run(chosen, Options(**arguments))
    sys.stdout.write(text)
    if output is not None:
        output.write_text(text)


def run(chosen: list[str], options: Options) -> str:
    facts = {**machine.facts(), "engine": options.engine or "the default"}
    facts["load before"] = machine.load()
    sections = []
    for name in chosen:
        say(name)
        with tempfile.TemporaryDirectory(prefix="cwl-processes-bench-") as folder:
            sections.append(PARTS[name](options, Path(folder)))
        facts[f"load after {name}"] = machine.load()
    return "\n\n".join(["# Benchmarks", str(machine.table(facts)), *map(str, sections)]) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_parts, default=list(PARTS), metavar="PART,…", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the tables are written as well")
    parser.add_argument("--engine", help="the server's setting [its default]")
    numbers = {
        "rounds": (20, 1, "latency: how often each way is timed"),
        "jobs": (100, 1, "throughput: jobs of a batch"),
        "repeats": (2, 1, "throughput: batches of each way"),
        "memory-jobs": (20, 1, "memory: jobs at once"),
        "starts": (5, 1, "startup: starts"),
        "deploys": (10, 1, "deploys: of each kind"),
        # One is dismissed as the probe, one to compare it with, the others together.
        "adoption-jobs": (200, 3, "adoption: jobs at once"),
        "idle-seconds": (20, 1, "idle: for how long"),
        "request-rounds": (9, 1, "requests: how often each route of each server is asked"),
        "list-thousands": (1000, 1, "lists: thousands of jobs in the long one"),
        "mixed-clients": (200, 1, "mixed: clients at once"),
        # The memory of two quarters of it is compared.
        "mixed-seconds": (120, 12, "mixed: for how long"),
    }
    for name, (default, least, meaning) in numbers.items():
        text = f"{meaning} [{default}]"
        parser.add_argument(f"--{name}", type=_number(least), default=default, metavar="N", help=text)
    return parser


def _parts(text: str) -> list[str]:
    names = text.split(",")
    for each in names:
        if each not in PARTS:
            raise argparse.ArgumentTypeError(f"there is no part {each!r}; there are: {', '.join(PARTS)}")
    return names


def _number(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not least <= int(text) <= LARGEST_PAGE:
            raise argparse.ArgumentTypeError(f"it is from {least} to {LARGEST_PAGE}")
        return int(text)

    return number


if __name__ == "__main__":
    main()
