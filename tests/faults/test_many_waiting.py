"""Ten thousand jobs that wait are ordinary."""

from __future__ import annotations

import signal
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.faults.harness import NAMED, SAID, deployed, release, runner_pid, said, tool, working
from tests.gate import WAIT
from tests.live import Server, until

MANY = 10_000
#: Generous: on an idle machine each takes some milliseconds.
ANSWER_SECONDS = 2.0


@contextmanager
def soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < ANSWER_SECONDS


def connected(data: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(data / "registry.sqlite3", timeout=30))


def waiting_like(data: Path, job_id: str, count: int, owner: str) -> list[str]:
    """So many more jobs that wait, like one that is there, in one transaction; their ids in their order."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with connected(data) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            for table, key in (("jobs", "id"), ("orders", "job_id")):
                row = dict(connection.execute(f"select * from {table} where {key} = ?", [job_id]).fetchone())  # noqa: S608
                row.pop("seq", None)
                if "owner" in row:
                    row.update(owner=owner, party=owner, status="accepted", claimed=0, started=None)
                names = ", ".join(row)
                marks = ", ".join(f":{name}" for name in row)
                connection.executemany(
                    f"insert into {table} ({names}) values ({marks})",  # noqa: S608
                    ({**row, key: each} for each in ids),
                )
    return ids


def counted(data: Path) -> dict[str, int]:
    with connected(data) as connection:
        return dict(connection.execute("select status, count(*) from jobs group by status").fetchall())


def paged(server: Server) -> list[str]:
    """Every job that the pages of /jobs show."""
    found = list[str]()
    url = "/jobs?limit=1000"
    while url:
        page = server.http.get(url).json()
        found += [each["jobID"] for each in page["jobs"]]
        url = next((each["href"] for each in page["links"] if each["rel"] == "next"), "")
    return found


def test_ten_thousand_waiting_jobs(tmp_path: Path) -> None:
    """Everything is answered as ever, nobody waits for another's thousands, and a crash loses none of them."""
    with working(tmp_path / "data", SLOTS="1", SHUTDOWN="stop") as server:
        deployed(server, tool("held", f"{NAMED}; {WAIT}", outputs={"said": SAID}), tool("brief", "true"))
        first = server.submit("held", {"name": "first"})
        server.wait(first, "running")
        template = server.submit("brief")
        many = [template, *waiting_like(server.data, template, MANY - 1, owner="")]
        (other,) = waiting_like(server.data, first, 1, owner="another")

        with soon():
            page = server.http.get("/jobs", params={"limit": 10}).json()["jobs"]
        # The other one says that it was created before them.
        assert [each["jobID"] for each in page] == [*reversed(many[-10:])]
        with soon():
            assert server.status(many[MANY // 2])["status"] == "accepted"
        with soon():
            submitted = server.submit("brief")
        dismissed = many[1:6]
        for job_id in dismissed:
            with soon():
                assert server.http.delete(f"/jobs/{job_id}").json()["status"] == "dismissed"
        before = {"accepted": MANY - len(dismissed) + 2, "dismissed": len(dismissed), "running": 1}
        assert counted(server.data) == before

        pid = runner_pid(server, first)
        server.stop(signal.SIGKILL)
        server.start()
        assert runner_pid(server, first) == pid
        assert counted(server.data) == before
        # The other one is somebody else's: it is in no list of this one's.
        assert set(paged(server)) == {first, submitted, *many}

        release(server, first)
        release(server, other)
        until(lambda: server.status(template)["status"] == "successful")
        assert server.status(first)["status"] == "successful"
        assert server.status(other)["status"] == "successful"
        assert said(server, other)[0] == "first"
        # One of its owner's before it at the most, although all of them were there first.
        started = [server.status(job_id).get("started", "never") for job_id in (other, template, many[6])]
        assert started[0] < max(started[1:])
        dismissed_ones = [server.status(job_id) for job_id in dismissed]
        assert not [each for each in dismissed_ones if "started" in each]
