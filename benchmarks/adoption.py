"""How long a server takes to have the jobs of one that was killed in hand, and to end them all."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from benchmarks import sleepers
from benchmarks.options import Options
from benchmarks.server import say, serving
from benchmarks.table import Section, Table

NOTE = """\
{jobs} jobs that sleep run when the server gets SIGKILL; the next one is started on the same data folder as soon as the
first has ended. Every time below counts from the SIGKILL, but for those that say otherwise. That a job is listed as
`running` shows only that its row is there; that a `DELETE` of it is answered with `dismissed` shows that its runner was
found and ended. The `DELETE` is timed a second time, of another job, to tell what of it is adoption. Dismissing all:
a request for each job at once; containers are looked for every {look} s."""


def measure(options: Options, folder: Path) -> Section:
    count = options.adoption_jobs
    with serving(folder, options, SLOTS=str(count)) as server:
        say(f"adoption: starting {count} jobs")
        jobs = sleepers.start(server, count)
        before = server.started_in
        say("adoption: killing the server")
        began = time.perf_counter()
        server.stop(signal.SIGKILL)
        server.start()
        address = time.perf_counter() - began
        listed = server.listed("running")
        seen = time.perf_counter() - began
        assert set(listed) == set(jobs), f"{len(listed)} of {count} are running"
        server.dismiss(jobs.pop())
        dismissed = time.perf_counter() - began
        again = time.perf_counter()
        server.dismiss(jobs.pop())
        alone = time.perf_counter() - again
        say("adoption: dismissing the others")
        gone, answered = sleepers.dismiss(server, jobs)
    rows = [
        ["the address is printed", address],
        [f"all {count} jobs are listed as running", seen],
        ["the job that was started last is dismissed", dismissed],
        ["for comparison, the start of the first server, with no job", before],
        ["for comparison, from request to answer: dismissing one more job", alone],
        [f"from the first request: no container of the other {len(jobs)} jobs is left", gone],
        ["from the first request: every request is answered", answered],
    ]
    note = NOTE.format(jobs=count, look=sleepers.LOOK_SECONDS)
    table = Table(["until", "seconds"], [[str(name), f"{seconds:.2f}"] for name, seconds in rows])
    return Section("Adoption", note, [table])
