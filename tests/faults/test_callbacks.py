"""Callbacks outlive whatever happens to the server: each arrives at least once, in the order of the changes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.database import BUSY_SECONDS
from tests.faults.harness import deployed, release, runner_pid, tool, working
from tests.faults.test_locked_database import locking
from tests.gate import WAIT
from tests.live import Server, until
from tests.receiver import Receiver, held, receiving, told

DELIVERED = [("inProgressUri", "delivered"), ("successUri", "delivered")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each test leaves it running, whatever it did to it."""
    with working(tmp_path_factory.mktemp("callbacks") / "data", FETCH_ALLOW="127.0.0.1") as running:
        yield running


def submit(server: Server, subscriber: dict[str, str], process_id: str = "echo") -> str:
    return server.submit(process_id, {"stringInput": "x"} if process_id == "echo" else {}, subscriber=subscriber)


def callbacks(server: Server, job_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.status(job_id)["callbacks"]
    return found


def paths(receiver: Receiver) -> list[str]:
    return [each.path for each in receiver.received]


def test_killed_while_a_callback_is_sent(server: Server) -> None:
    """It is sent again by the next start: the same bytes under the same id, by which its receiver can tell."""
    let_go = threading.Event()
    with receiving() as receiver:
        receiver.answers["/successUri"] = [held(let_go)]
        job_id = submit(server, receiver.subscriber())
        receiver.at("/successUri")
        assert server.status(job_id)["status"] == "successful"

        server.stop(signal.SIGKILL)
        let_go.set()
        server.start()

        first, second = receiver.at("/successUri", 2)
        assert (first.id, first.body) == (second.id, second.body)
        assert told(server, job_id) == DELIVERED
        # What has arrived and was recorded is not sent again.
        assert paths(receiver) == ["/inProgressUri", "/successUri", "/successUri"]


def test_killed_while_the_receiver_is_away(server: Server) -> None:
    """With the job ended and nothing delivered: the next start tells all of it, at once and in its order."""
    with receiving() as gone:
        port = int(gone.url.rpartition(":")[2])
    job_id = submit(server, gone.subscriber())
    server.wait(job_id)
    until(lambda: all(each["attempts"] >= 3 for each in callbacks(server, job_id)))
    before = server.url
    server.stop(signal.SIGKILL)
    with receiving(port) as receiver:
        server.start()

        assert told(server, job_id) == DELIVERED
        assert paths(receiver) == ["/inProgressUri", "/successUri"]
        # As the client knew the server, whatever its address is now.
        assert receiver.received[0].document["links"][0]["href"] == f"{before}/jobs/{job_id}"


def test_killed_while_the_job_runs(server: Server) -> None:
    """A job that ends while no server is there is told when one has found it."""
    with receiving() as receiver:
        deployed(server, tool("held", WAIT))
        job_id = submit(server, receiver.subscriber(), "held")
        # What has arrived and was not yet recorded would be sent again.
        until(lambda: [each["status"] for each in callbacks(server, job_id)] == ["delivered"])
        pid = runner_pid(server, job_id)
        server.stop(signal.SIGKILL)
        release(server, job_id)
        until(lambda: not Path(f"/proc/{pid}").exists())
        assert paths(receiver) == ["/inProgressUri"]

        server.start()

        assert told(server, job_id) == DELIVERED
        assert paths(receiver) == ["/inProgressUri", "/successUri"]


def test_several_starts(server: Server) -> None:
    """Each goes on where the last was: attempts are counted on, ids stay, nothing is told twice that has arrived."""
    with receiving() as gone:
        port = int(gone.url.rpartition(":")[2])
    jobs = [submit(server, gone.subscriber("successUri")) for _ in range(3)]
    for job_id in jobs:
        server.wait(job_id)
    ids = [each["id"] for job_id in jobs for each in callbacks(server, job_id)]
    attempts = 0
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        until(lambda before=attempts: callbacks(server, jobs[0])[0]["attempts"] > before)  # type: ignore[misc]
        attempts = callbacks(server, jobs[0])[0]["attempts"]
        server.stop(number)
        server.start()
    with receiving(port) as receiver:
        assert [told(server, job_id) for job_id in jobs] == [[("successUri", "delivered")]] * 3
        assert sorted(each.id for each in receiver.received) == sorted(ids)
    server.stop(signal.SIGKILL)
    server.start()
    assert [told(server, job_id) for job_id in jobs] == [[("successUri", "delivered")]] * 3


def test_stopped_while_a_receiver_keeps_it_waiting(server: Server) -> None:
    """SIGTERM does not wait for it; the next start tells it again."""
    let_go = threading.Event()
    with receiving() as receiver:
        receiver.answers["/successUri"] = [held(let_go)]
        try:
            job_id = submit(server, receiver.subscriber("successUri"))
            receiver.at("/successUri")

            server.signal(signal.SIGTERM)
            assert server.ended(seconds=10) == 0
        finally:
            let_go.set()
        server.start()

        assert told(server, job_id) == [("successUri", "delivered")]
        assert len({each.id for each in receiver.received}) == 1


def test_recorded_late(server: Server) -> None:
    """What has arrived while the database is locked is recorded when it is free again, and not sent again meanwhile."""
    let_go = threading.Event()
    with receiving() as receiver:
        receiver.answers["/successUri"] = [held(let_go)]
        try:
            job_id = submit(server, receiver.subscriber("successUri"))
            receiver.at("/successUri")
            before = len(server.log)
            with locking(server.data, BUSY_SECONDS + 2):
                let_go.set()
                until(lambda: any(each in server.log[before:] for each in ("INFO callback", "trying again in")))
        finally:
            let_go.set()

        assert told(server, job_id) == [("successUri", "delivered")]
        assert len(receiver.received) == 1


def test_removed_and_killed_before_it_was_told(server: Server) -> None:
    """What was written down is told, although neither the job nor the server that knew it are there any more."""
    with receiving() as gone:
        port = int(gone.url.rpartition(":")[2])
    job_id = submit(server, gone.subscriber())
    server.wait(job_id)
    assert server.http.delete(f"/jobs/{job_id}").status_code == 200
    server.stop(signal.SIGKILL)
    with receiving(port) as receiver:
        server.start()

        assert receiver.at("/successUri")[0].document == {"stringInput": "x"}
        assert paths(receiver) == ["/inProgressUri", "/successUri"]
        assert server.http.get(f"/jobs/{job_id}").status_code == 404
