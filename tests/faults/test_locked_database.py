"""Another process keeps the database locked."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from registry.database import BUSY_SECONDS
from tests.faults.harness import NAMED, SAID, deployed, listed, said, statuses, tool, working
from tests.live import until

CLIENTS = 20
REQUESTS = 2

#: Arguments: the database, how long to hold it, how often.
_LOCKS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
for _ in range(int(sys.argv[3])):
    connection.execute("begin exclusive")
    print("locked", flush=True)
    time.sleep(float(sys.argv[2]))
    connection.execute("rollback")
    print("free", flush=True)
    time.sleep(0.5)
"""


@contextmanager
def locking(data: Path, seconds: float, times: int = 1) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps the database of a data folder locked, again and again; it does when the block begins."""
    command = [sys.executable, "-c", _LOCKS, str(data / "registry.sqlite3"), str(seconds), str(times)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_database_that_is_locked_now_and_then(tmp_path: Path) -> None:
    """Nobody is refused, and every job that was accepted runs."""
    with working(tmp_path / "data", SLOTS="4") as server:
        deployed(server, tool("brief", NAMED, outputs={"said": SAID}))
        names = [f"job-{i}" for i in range(CLIENTS * REQUESTS)]
        with locking(server.data, seconds=3, times=60) as locker, ThreadPoolExecutor(CLIENTS) as pool:

            def submit(name: str) -> tuple[int, str]:
                answer = server.execute("brief", {"name": name}, {"Prefer": "respond-async"})
                seen = server.http.get(f"/jobs/{answer.json()['jobID']}") if answer.status_code == 201 else answer
                return seen.status_code, str(seen.json().get("jobID", seen.text))

            answers = list(pool.map(submit, names))
            assert locker.poll() is None

            assert [each for each in answers if each[0] != 200] == []
        jobs = [job_id for _, job_id in answers]
        until(lambda: not set(statuses(server).values()) & {"accepted", "running"})
        assert statuses(server) == dict.fromkeys(jobs, "successful")
        assert {said(server, job_id)[0] for job_id in jobs} == set(names)


def test_what_was_accepted_can_be_read_at_once(tmp_path: Path) -> None:
    """However many others read at the same moment: a 201 is followed by no 404."""
    with working(tmp_path / "data", SLOTS="1", SHUTDOWN="stop") as server, ThreadPoolExecutor(16) as pool:
        deployed(server, tool("brief", "true"))
        wanted = 120

        def submitted(_: int) -> tuple[int, int]:
            answer = server.execute("brief", {}, {"Prefer": "respond-async"})
            again = server.http.get(answer.headers["location"]) if answer.status_code == 201 else answer
            return answer.status_code, again.status_code

        pages = [pool.submit(lambda: [listed(server) for _ in range(20)]) for _ in range(6)]
        answers = list(pool.map(submitted, range(wanted)))

        assert answers == [(201, 200)] * wanted
        assert all(each.result() for each in pages)


def test_a_database_that_is_locked_for_long(tmp_path: Path) -> None:
    """Longer than the server waits: 503 with Retry-After, reads go on, a run's end is recorded later."""
    with working(tmp_path / "data", SLOTS="4") as server:
        deployed(server, tool("brief", NAMED, outputs={"said": SAID}), tool("slow", f"sleep 2; {NAMED}"))
        slow = server.submit("slow")
        server.wait(slow, "running")
        with locking(server.data, seconds=300) as locker, ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(server.execute, "brief", {}, {"Prefer": "respond-async"}) for _ in range(4)]
            began = time.monotonic()
            assert server.status(slow)["status"] == "running"
            assert server.http.get("/processes").status_code == 200
            assert time.monotonic() - began < BUSY_SECONDS
            answers = [each.result() for each in asked]
            locker.kill()

        for answer in answers:
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "database-busy")
            assert int(answer.headers["retry-after"]) > 0
        assert server.wait(slow)["status"] == "successful"
        next_one = server.submit("brief", {"name": "next"})
        assert server.wait(next_one)["status"] == "successful"
        assert set(statuses(server)) == {slow, next_one}
