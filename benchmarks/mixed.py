"""Many clients that read, deploy and execute at once, beside others that only hold connections up."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import crowd, processes
from benchmarks.options import Options
from benchmarks.server import LARGEST_PAGE, say, serving
from benchmarks.table import GOAL_HEADER, Section, Table, goal
from tests.live import Server

MEGABYTE = 1_000_000
SAMPLE_SECONDS = 1.0
ENDED = ("successful", "dismissed")

WAIT_LIMIT = 1.0
GROWTH_LIMIT = 5.0

NOTE = """\
{clients} clients for {seconds} s, each with a pause of up to {pause:.0f} s before its next request: {reads} % reads
(lists, its process, its jobs), {deploys} % deploys of its process, {executions} % executions of it, asynchronous;
half of those jobs it deletes again. Beside them {senders} connections that send a byte a second, {readers} that
read a kilobyte a second of a file, {silent} that follow a log and read nothing. Afterwards what still waits is
dismissed. Waiting: GET /jobs, by one client that does nothing else. Memory: Private_Dirty and Private_Clean of the
server, the median of the last quarter of the time beside that of the quarter before it. SLOTS=2."""


@dataclass(frozen=True)
class Outcome:
    """What the crowd found, and what became of its jobs."""

    answers: Counter[str]
    failures: list[str]
    #: Seconds, sorted.
    waited: list[float]
    #: Bytes, once a second.
    memory: list[int]
    #: Jobs that were accepted; those of them that are nowhere, or ended otherwise than they should, with their status.
    jobs: int
    lost: dict[str, str]

    @property
    def failed(self) -> int:
        """Answers that say that the server failed, that it is busy (503) among them, and connections without one."""
        return sum(number for name, number in self.answers.items() if _failed(int(name.split()[1])))

    @property
    def growth(self) -> float:
        """Per cent."""
        quarter = len(self.memory) // 4
        before, last = (
            statistics.median(each) for each in (self.memory[-2 * quarter : -quarter], self.memory[-quarter:])
        )
        return (last / before - 1) * 100


def _failed(status: int) -> bool:
    return status == 0 or status >= 500


def measure(options: Options, folder: Path) -> Section:
    with serving(folder, options, SLOTS="2") as server:
        say(f"mixed: {options.mixed_clients} clients, {options.mixed_seconds} s")
        found = outcome(server, options.mixed_seconds, options.mixed_clients)
    for each in found.failures[:10]:
        say(each)
    waited = found.waited[int(len(found.waited) * 0.99)]
    limits = [
        goal("answers that say that the server failed", found.failed, 0, "{:.0f}"),
        goal("jobs that were lost", len(found.lost), 0, "{:.0f}"),
        goal("waiting, of a hundred the longest but one", waited, WAIT_LIMIT, "{:.2f} s"),
        goal("growth of memory", found.growth, GROWTH_LIMIT, "{:.1f} %"),
    ]
    rows = [[name, str(number)] for name, number in sorted(found.answers.items())]
    rows += [["jobs", str(found.jobs)], ["memory at the end", f"{found.memory[-1] / MEGABYTE:.1f} MB"]]
    rows += [["waiting, median", f"{statistics.median(found.waited) * 1000:.0f} ms"]]
    note = NOTE.format(
        clients=options.mixed_clients,
        seconds=options.mixed_seconds,
        pause=crowd.PAUSE,
        reads=crowd.READS,
        deploys=crowd.DEPLOYS,
        executions=crowd.EXECUTIONS,
        senders=int(options.mixed_clients * crowd.SENDERS),
        readers=int(options.mixed_clients * crowd.READERS),
        silent=int(options.mixed_clients * crowd.SILENT),
    )
    return Section("Mixed", note, [Table(["", "number"], rows), Table(GOAL_HEADER, limits)])


def outcome(server: Server, seconds: float, clients: int) -> Outcome:
    """One crowd on a server that has no jobs so far."""
    for each in (crowd.SMALL, crowd.LARGE):
        assert server.deploy(each, "application/cwl+json").status_code == 201
    large = server.submit("crowd-large")
    assert server.wait(large)["status"] == "successful"
    command = [sys.executable, "-m", "benchmarks.crowd", server.url, str(seconds), str(clients), large]
    memory = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        while True:
            try:
                said, _ = running.communicate(timeout=SAMPLE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                memory.append(processes.memory([server.pid]).unique)
    assert running.returncode == 0
    found: dict[str, Any] = json.loads(said)
    return Outcome(
        answers=Counter(found["answers"]),
        failures=found["failures"],
        waited=sorted(found["waited"]),
        memory=memory,
        jobs=len(found["jobs"]),
        lost=_lost(server, set(found["jobs"]), set(found["deleted"])),
    )


def _lost(server: Server, jobs: set[str], deleted: set[str]) -> dict[str, str]:
    """Of those that were deleted the ones that had ended are gone, the others are dismissed."""
    for job_id in _statuses(server, "accepted,running"):
        # It may end just before that, and be removed.
        server.http.delete(f"/jobs/{job_id}")
        deleted.add(job_id)
    found = _statuses(server, "accepted,running,successful,failed,dismissed")
    wrong = {each: found.get(each, "gone") for each in jobs if found.get(each) not in ENDED}
    return {each: status for each, status in wrong.items() if status != "gone" or each not in deleted}


def _statuses(server: Server, which: str) -> dict[str, str]:
    found: dict[str, str] = {}
    url: str | None = f"/jobs?status={which}&limit={LARGEST_PAGE}"
    while url:
        page = server.http.get(url).json()
        found |= {each["jobID"]: each["status"] for each in page["jobs"]}
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    return found
