"""How many requests are answered in a second, beside pygeoapi and sapporo on the same machine in the same run."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import load, others
from benchmarks.options import Options
from benchmarks.others import Urls
from benchmarks.server import Server, say
from benchmarks.table import GOAL_HEADER, Section, Table, at_least
from cwl_bridge.jobfolder import JobFolder
from tests.registry import many

SIZES = (10, 100_000)
SECONDS = 1.0
GOAL = 5.0

ROUTES = ("a process", "a job", "ten jobs")
OURS = "cwl-processes"

NOTE = """\
Answers per second over {connections} kept connections, {seconds:.0f} s at a time; each of {rounds} rounds has every
route of every server once, in a shuffled order, while the others are idle. Medians. With {few} and with {many} jobs
that have ended; nothing changes meanwhile, so that ours come from memory.

- ours: `/processes/echo`, `/jobs/ID`, `/jobs?limit=10`; one process
- pygeoapi {pygeoapi} (TinyDB, gunicorn, a worker a core): `/processes/hello-world`, `/jobs/ID`, `/jobs?limit=10`
- sapporo {sapporo}: `/service-info`, `/runs/ID`, `/runs?page_size=10`"""


def measure(options: Options, folder: Path) -> Section:
    tables, goals = [], []
    for jobs in SIZES:
        medians = _rates(options, folder / str(jobs), jobs)
        best = {route: max(medians[name][route] for name in medians if name != OURS) for route in ROUTES}
        rows = [[name, *(f"{those[route]:.0f}" for route in ROUTES)] for name, those in medians.items()]
        ratios = [medians[OURS][route] / best[route] for route in ROUTES]
        rows.append(["ours / best of the others", *(f"{each:.1f}" for each in ratios)])
        tables.append(Table([f"{jobs} jobs", *ROUTES], rows))
        goals += [
            at_least(f"{route}, {jobs} jobs", each, GOAL, "{:.1f}") for route, each in zip(ROUTES, ratios, strict=True)
        ]
    note = NOTE.format(
        connections=load.CONNECTIONS,
        seconds=SECONDS,
        rounds=options.request_rounds,
        few=SIZES[0],
        many=SIZES[1],
        pygeoapi=others.version("pygeoapi"),
        sapporo=others.version("sapporo"),
    )
    return Section("Requests", note, [*tables, Table(GOAL_HEADER, goals)])


def _rates(options: Options, folder: Path, jobs: int) -> dict[str, dict[str, float]]:
    """Server → route → median."""
    folder.mkdir()
    with ExitStack() as servers:
        urls = {
            OURS: servers.enter_context(_ours(folder / "ours", jobs)),
            "pygeoapi": servers.enter_context(others.pygeoapi(folder / "pygeoapi", jobs)),
            "sapporo": servers.enter_context(others.sapporo(folder / "sapporo", jobs)),
        }
        pairs = [(name, number) for name in urls for number in range(len(ROUTES))]
        found: dict[str, dict[str, list[float]]] = {name: {route: [] for route in ROUTES} for name in urls}
        # Seeded: the same order in every run.
        shuffler = random.Random(0)
        for number in range(options.request_rounds):
            say(f"requests: {jobs} jobs, round {number + 1} of {options.request_rounds}")
            for name, route in shuffler.sample(pairs, len(pairs)):
                found[name][ROUTES[route]].append(load.rate(urls[name][route], SECONDS))
    return {name: {route: statistics.median(those) for route, those in each.items()} for name, each in found.items()}


@contextmanager
def _ours(folder: Path, jobs: int) -> Iterator[Urls]:
    folder.mkdir()
    with filled(folder, jobs) as server:
        last = many.job_id(jobs - 1)
        yield f"{server.url}/processes/echo", f"{server.url}/jobs/{last}", f"{server.url}/jobs?limit=10"


@contextmanager
def filled(folder: Path, jobs: int, **settings: str) -> Iterator[Server]:
    """A server with so many jobs that have ended; the newest have what is in the folder of such a job."""
    server = Server(folder / "data", **settings)
    try:
        # It makes its database.
        server.start().stop()
        many.fill(server.data / "registry.sqlite3", jobs, live=False)
        for number in range(max(1, jobs - 20), jobs + 1):
            job = JobFolder(server.data / "jobs" / many.job_id(number))
            job.outputs.mkdir(parents=True)
            for each in (job.process, job.run, job.order, job.command, job.log, job.steps, job.path / "outcome.json"):
                each.touch()
        yield server.start()
    finally:
        server.end()
