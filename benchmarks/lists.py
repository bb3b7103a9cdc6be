"""What a page of a list costs with few jobs and with very many, and how long an execution takes to be accepted."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from starlette.datastructures import QueryParams

from benchmarks import tools
from benchmarks.options import Options
from benchmarks.requests import filled
from benchmarks.server import Server, say
from benchmarks.table import GOAL_HEADER, Section, Table, goal
from registry.models import EVERYBODY
from registry.pages import Place
from server import filters
from server.cursors import Cursors

FEW = 1_000
ACCEPTED_AMONG = 100_000
ROUNDS = 41
ACCEPTED = 100

QUERIES = (
    "",
    "status=successful",
    "status=running",
    "status=dismissed",
    "status=failed,dismissed",
    "type=process",
    "processID=one",
    "processID=rare",
    "processID=one,two,rare",
    "processID=rare&status=dismissed",
    "datetime=2000-01-02",
    "datetime=2000-01-02T00:00:00Z/2000-01-02T01:00:00Z",
    "datetime=2900-01-01T00:00:00Z/..",
    "status=failed&datetime=../2000-01-03",
    "minDuration=0",
    "minDuration=30",
    "minDuration=3000",
    "minDuration=3490",
    "minDuration=4000",
    "maxDuration=0",
    "maxDuration=10",
    "minDuration=20&maxDuration=21",
    "minDuration=50&maxDuration=2999",
    "status=failed&minDuration=1000",
    "processID=rare&minDuration=10",
    "minDuration=3000&datetime=2000-01-01/2000-01-04",
    "processID=one,two&status=successful&minDuration=5&datetime=2000-01-02/..",
)

NOTE = """\
Milliseconds for `GET /jobs?limit=10&…` over one kept connection, medians of {rounds}, both servers in turn; none of the
answers comes from memory. For each list the first page, one from the middle of all jobs on, and the last one (by `prev`
from behind the end); jobs last as `tests/registry/many.py` says. The ratio is that of pages with as many jobs on them.
Accepting: `POST /processes/echo/execution` with `Prefer: respond-async`, {accepted} times, among {among} jobs, while
the one slot is taken; each is on disk when it is answered."""

#: Makes each request another one to what keeps answers.
_numbers = count()


def measure(options: Options, folder: Path) -> Section:
    jobs = options.list_thousands * 1000
    with _two(folder, jobs) as (few, many):
        rows = []
        worst = 0.0
        for number, query in enumerate(QUERIES):
            say(f"lists: {number + 1} of {len(QUERIES)}")
            pages = list(zip(few.pages(query), many.pages(query), strict=True))
            times = [_compared(few, many, *each) for each in pages]
            # A page with fewer jobs on it is no measure for one with more.
            ratio = max((b / a for a, b, alike in times if alike), default=0.0)
            worst = max(worst, ratio)
            shown = [f"{a * 1000:.1f} / {b * 1000:.1f}" for a, b, _ in times]
            rows.append([f"`{query}`" if query else "all", *shown, f"{ratio:.1f}" if ratio else "-"])
    accepted = _accepted(folder / "accepting")
    goals = [
        goal("a page of many jobs / of few", worst, 2, "{:.1f}"),
        goal("accepting, median", statistics.median(accepted) * 1000, 10, "{:.1f} ms"),
    ]
    note = NOTE.format(rounds=ROUNDS, accepted=ACCEPTED, among=ACCEPTED_AMONG)
    header = [f"{FEW} / {jobs} jobs, ms", "first", "middle", "last", "worst ratio"]
    return Section("Lists", note, [Table(header, rows), Table(GOAL_HEADER, goals)])


class _Listing:
    def __init__(self, server: Server, jobs: int) -> None:
        self._server = server
        with closing(sqlite3.connect(server.data / "registry.sqlite3")) as connection:
            ((key,),) = connection.execute("select value from secrets where name = 'cursors'")
            ((created,),) = connection.execute("select created from jobs where seq = ?", [jobs // 2])
        self._cursors = Cursors(key)
        self._middle = Place(key=created, number=jobs // 2)

    def pages(self, query: str) -> list[str]:
        """The paths of a first, a middle and a last page."""
        listing = filters.listing(filters.job_filter(QueryParams(query), EVERYBODY))
        first = f"/jobs?limit=10&{query}".rstrip("&")
        end = Place(key="", number=0, backward=True)
        return [first, *(f"{first}&cursor={self._cursors.text(each, listing)}" for each in (self._middle, end))]

    def asked(self, path: str) -> tuple[float, int]:
        """Seconds, and jobs on the page."""
        began = time.perf_counter()
        answer = self._server.http.get(path, headers={"Accept-Language": f"x-{next(_numbers)}"})
        taken = time.perf_counter() - began
        assert answer.status_code == 200, answer.text
        return taken, len(answer.json()["jobs"])


def _compared(few: _Listing, many: _Listing, short: str, long: str) -> tuple[float, float, bool]:
    """Medians, and whether both pages have the same number of jobs."""
    alike = few.asked(short)[1] == many.asked(long)[1]
    times = [(few.asked(short)[0], many.asked(long)[0]) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in times), statistics.median(b for _, b in times), alike


@contextmanager
def _two(folder: Path, jobs: int) -> Iterator[tuple[_Listing, _Listing]]:
    for name in ("few", "many"):
        (folder / name).mkdir()
    with filled(folder / "few", FEW) as few, filled(folder / "many", jobs) as many:
        yield _Listing(few, FEW), _Listing(many, jobs)


def _accepted(folder: Path) -> list[float]:
    folder.mkdir()
    with filled(folder, ACCEPTED_AMONG, SLOTS="1") as server:
        server.register(tools.SLEEP)
        server.wait(server.submit("bench-sleep", {"seconds": 600}), "running")
        times = []
        for _ in range(ACCEPTED):
            began = time.perf_counter()
            server.submit("echo", {"stringInput": "x"})
            times.append(time.perf_counter() - began)
        return times
