"""DELETE ends a job whatever it does at that moment, and nothing of it is left."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from cwl_bridge.containers import JOB_LABEL
from cwl_bridge.docker import Docker
from cwl_bridge.jobfolder import JobFolder
from tests.faults.harness import (
    LITTLE,
    NAMED,
    SAID,
    assert_nothing_left,
    attempts,
    clients_of,
    deployed,
    docker,
    group,
    runner_pid,
    running,
    statuses,
    tool,
    working,
)
from tests.live import JOB_SECONDS, SHELL, Server, containers_of, until

BRIEF = tool("brief", NAMED, outputs={"said": SAID})
SHORT = tool("short", f"sleep 0.2; {NAMED}", outputs={"said": SAID})
DEAF = tool("deaf", "trap '' TERM; sleep 300 & wait; sleep 300")
SCATTER = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "scatter",
    "requirements": [{"class": "ScatterFeatureRequirement"}],
    "inputs": {"names": "string[]"},
    "outputs": {"all": {"type": "File[]", "outputSource": "each/said"}},
    "steps": {
        "each": {
            "in": {"name": "names"},
            "out": ["said"],
            "scatter": "name",
            "run": {
                "class": "CommandLineTool",
                "requirements": [SHELL, LITTLE],
                "baseCommand": ["sh", "-c", 'echo "$1" > said; [ "$1" != third ] || sleep 300', "sh"],
                "inputs": {"name": {"type": "string", "inputBinding": {"position": 1}}},
                "outputs": {"said": SAID},
            },
        }
    },
}


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs one job at a time: the next one tells whether a slot was given back."""
    data = tmp_path_factory.mktemp("single") / "data"
    with working(data, SLOTS="1", FETCH_ALLOW="127.0.0.1") as server:
        deployed(server, BRIEF, DEAF, SCATTER)
        yield server


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs three at a time."""
    with working(tmp_path_factory.mktemp("several") / "data", SLOTS="3") as server:
        deployed(server, BRIEF, DEAF, SHORT)
        yield server


def deleted(server: Server, job_id: str) -> httpx.Response:
    """The answer; a client asks again where the engine has so much to do that the server can't know the end yet."""

    def asked() -> httpx.Response | None:
        answer = httpx.delete(f"{server.url}/jobs/{job_id}", timeout=JOB_SECONDS)
        return answer if answer.status_code != 503 else None

    return until(asked)


def dismiss(server: Server, job_id: str) -> None:
    """With nothing left and the slot free."""
    runner = JobFolder(server.data / "jobs" / job_id).runner()
    answer = deleted(server, job_id)
    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed"), answer.text
    assert_nothing_left(server, job_id, runner.pid if runner else None)
    assert server.status(job_id)["status"] == "dismissed"
    assert server.wait(server.submit("brief"))["status"] == "successful"


def test_a_tool_that_ignores_sigterm(single: Server) -> None:
    """It ends nevertheless."""
    job_id = single.submit("deaf")
    running(single, job_id)
    dismiss(single, job_id)


def test_a_job_that_is_only_beginning(several: Server) -> None:
    """At whichever moment of its start: no container comes to be afterwards."""
    delays = [0.02 * i for i in range(16)]
    with ThreadPoolExecutor(2) as pool:

        def at_once(delay: float) -> str:
            job_id = several.submit("deaf")
            # The moment is what is tried, nothing is waited for.
            time.sleep(delay)
            answer = deleted(several, job_id)
            assert (answer.status_code, answer.json()["status"]) == (200, "dismissed"), answer.text
            assert containers_of(job_id) == []
            assert clients_of(job_id) == []
            return job_id

        jobs = list(pool.map(at_once, delays))
        assert several.wait(several.submit("brief"))["status"] == "successful"
        assert [job_id for job_id in jobs if containers_of(job_id) or clients_of(job_id)] == []
        for job_id in jobs:
            assert several.status(job_id)["status"] == "dismissed"
            assert_nothing_left(several, job_id)


def test_a_container_that_comes_late(tmp_path: Path) -> None:
    """A busy engine goes on making it when its client is dead, and may need longer than two looks."""
    folder = JobFolder(tmp_path / str(uuid.uuid4()))
    folder.container_ids.mkdir(parents=True)
    # The client makes it before it asks, and writes the id that it is told.
    (folder.container_ids / "1.cid").touch()
    label = f"--label={JOB_LABEL}={folder.path.name}"
    late = subprocess.Popen(["sh", "-c", f"sleep 1.5; docker create --net=none {label} busybox:stable true"])

    asyncio.run(Docker().remove_job_containers(folder.path.name, expected=folder.expects_container()))

    assert late.wait() == 0
    assert containers_of(folder.path.name) == []


def test_a_job_that_pulls_its_image(single: Server) -> None:
    """From a registry that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as registry:
        registry.settimeout(JOB_SECONDS)
        port = registry.getsockname()[1]
        image = {"class": "DockerRequirement", "dockerPull": f"127.0.0.1:{port}/x:y"}
        deployed(single, tool("pulls", "true", requirements=[image, LITTLE]))
        job_id = single.submit("pulls")
        connection, _ = registry.accept()
        with connection:
            assert single.status(job_id)["status"] == "running"
            dismiss(single, job_id)


def test_a_scatter_in_its_middle(single: Server) -> None:
    """None of the parts that are left is begun."""
    job_id = single.submit("scatter", {"names": ["first", "second", "third", "fourth", "fifth"]})
    until(lambda: single.status(job_id).get("progress") == 40)
    running(single, job_id)
    dismiss(single, job_id)
    assert "_4" not in (single.data / "jobs" / job_id / "steps.jsonl").read_text()


def test_a_paused_container(single: Server) -> None:
    """Signals wait in it; it is removed all the same."""
    job_id = single.submit("deaf")
    docker("pause", running(single, job_id))
    dismiss(single, job_id)


def test_a_job_that_was_adopted(single: Server) -> None:
    """Whoever started it."""
    job_id = single.submit("deaf")
    running(single, job_id)
    single.stop(signal.SIGKILL)
    single.start()
    dismiss(single, job_id)


def test_a_job_that_waits(single: Server) -> None:
    """It is never begun, and the one that runs goes on."""
    runs = single.submit("deaf")
    container = running(single, runs)
    waits = single.submit("brief")

    answer = single.http.delete(f"/jobs/{waits}")

    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert running(single, runs) == container
    dismiss(single, runs)
    assert "started" not in single.status(waits)


def test_twenty_deletes_at_once(single: Server) -> None:
    """One end, and an answer to everybody."""
    job_id = single.submit("deaf")
    running(single, job_id)
    pid = runner_pid(single, job_id)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: deleted(single, job_id), range(20)))

    assert {each.status_code for each in answers} <= {200, 404}
    assert {each.json()["status"] for each in answers if each.status_code == 200} == {"dismissed"}
    assert (containers_of(job_id), clients_of(job_id), group(pid)) == ([], [], [])
    assert single.wait(single.submit("brief"))["status"] == "successful"


def test_delete_twice_in_a_row(single: Server) -> None:
    """The first ends the job and keeps its record, the second removes the record."""
    job_id = single.submit("deaf")
    running(single, job_id)

    dismiss(single, job_id)
    again = single.http.delete(f"/jobs/{job_id}")

    assert (again.status_code, again.json()["status"]) == (200, "dismissed")
    assert single.http.get(f"/jobs/{job_id}").status_code == 404
    assert single.http.delete(f"/jobs/{job_id}").status_code == 404
    assert not (single.data / "jobs" / job_id).exists()


def test_delete_as_a_job_ends(several: Server) -> None:
    """Either comes first: the job was dismissed, or had ended and is gone, or ended meanwhile and says so."""
    with ThreadPoolExecutor(3) as pool:

        def at_its_end(delay: float) -> str:
            job_id = several.submit("short")
            pid = runner_pid(several, job_id)
            until((several.data / "jobs" / job_id / "steps.jsonl").exists)
            # The moment is what is tried, nothing is waited for.
            time.sleep(delay)
            answer = deleted(several, job_id)
            found = several.http.get(f"/jobs/{job_id}")
            assert answer.status_code == 200, answer.text
            if found.status_code == 404:
                assert answer.json()["status"] == "dismissed"
                assert not (several.data / "jobs" / job_id).exists()
            else:
                assert answer.json()["status"] == found.json()["status"]
                assert found.json()["status"] in ("dismissed", "successful")
            assert (containers_of(job_id), clients_of(job_id), group(pid)) == ([], [], [])
            return "gone" if found.status_code == 404 else str(found.json()["status"])

        ends = list(pool.map(at_its_end, [0.2 + 0.06 * i for i in range(15)]))

        assert {"gone", "dismissed"} & set(ends)
        assert several.wait(several.submit("brief"))["status"] == "successful"
        assert not {"accepted", "running"} & set(statuses(several).values())


def test_a_delete_that_a_crash_cuts_short(single: Server, tmp_path: Path) -> None:
    """The next start finishes it."""
    with attempts(tmp_path) as counted:
        job_id = single.submit("deaf")
        running(single, job_id)
        pid = runner_pid(single, job_id)
        waits = single.submit("brief")
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(httpx.delete, f"{single.url}/jobs/{job_id}", timeout=60)

            def begun() -> bool:
                with closing(sqlite3.connect(single.data / "registry.sqlite3")) as connection:
                    found = connection.execute("select dismissing from jobs where id = ?", [job_id]).fetchone()
                return bool(found[0])

            until(begun)
            single.stop(signal.SIGKILL)
            assert isinstance(answer.exception(), httpx.TransportError)

        single.start()

        assert single.wait(job_id)["status"] == "dismissed"
        assert_nothing_left(single, job_id, pid)
        assert single.wait(waits)["status"] == "successful"
        assert counted()[job_id] == 1


def test_every_job_says_where_it_stands(single: Server) -> None:
    """Of all that was dismissed on this server none is counted as running or waiting."""
    assert set(statuses(single).values()) <= {"successful", "dismissed"}
    assert not re.search(r"Traceback", single.log), single.log
