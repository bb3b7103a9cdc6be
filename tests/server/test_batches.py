"""Batches: one job that gathers the executions of a process with many inputs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gate import WAIT, let_go
from tests.live import Server, containers_of, serving, shell_package, until
from tests.receiver import receiving

NUMBER = {"n": {"schema": {"type": "integer"}}}
OUTPUTS = {
    "twice": {"schema": {"type": "integer"}},
    "text": {"schema": {"type": "string", "contentMediaType": "text/plain"}},
}
#: A negative number is refused; each leaves a file and a number.
SCRIPT = 'n=$2; [ "$n" -ge 0 ] || exit 3; printf "$((2 * n))" > twice; printf "number $n" > text.txt'


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two slots and a process `double`, and one that waits, `gated`."""
    with serving(tmp_path_factory.mktemp("batches") / "data", SLOTS="2", SHUTDOWN="stop") as server:
        for process_id, script in (("double", SCRIPT), ("gated", f"{WAIT}; {SCRIPT}")):
            assert server.deploy(shell_package(process_id, script, NUMBER, OUTPUTS)).status_code == 201
        yield server


def batch(server: Server, process_id: str, numbers: list[int], *, start: bool = True, **more: Any) -> str:
    answer = server.http.post(
        "/jobs", json={"process": process_id, "inputs": [{"n": each} for each in numbers], **more}
    )
    assert answer.status_code == 201, answer.text
    job_id: str = answer.json()["id"]
    if start:
        assert server.http.post(f"/jobs/{job_id}/results").status_code == 200
    return job_id


def executions(server: Server, job_id: str, **query: Any) -> list[dict[str, Any]]:
    """In the order of their inputs."""
    answer = server.http.get("/jobs", params={"parent": job_id, "limit": 1000, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["jobs"]
    return found[::-1]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


def test_results_are_gathered(alone: Server) -> None:
    """Of each output an array in the order of the inputs; each item at its own address, raw and as a document."""
    numbers = [5, 0, 7]
    job_id = batch(alone, "double", numbers)

    job = alone.wait(job_id)

    assert (job["status"], job["progress"]) == ("successful", 100)
    assert job["executions"]["successful"] == 3
    results = alone.http.get(f"/jobs/{job_id}/results").json()
    assert results["twice"] == [2 * each for each in numbers]
    assert [each["href"] for each in results["text"]] == [
        f"{alone.url}/jobs/{job_id}/results/text/{index}" for index in range(3)
    ]
    assert [alone.http.get(each["href"]).text for each in results["text"]] == [f"number {each}" for each in numbers]
    for path in ("twice", "twice/"):
        assert alone.http.get(f"/jobs/{job_id}/results/{path}").json() == [10, 0, 14]
    assert alone.http.get(f"/jobs/{job_id}/results/twice/2").json() == 14
    assert problem(alone.http.get(f"/jobs/{job_id}/results/twice/3")) == (404, "result-not-available")
    by_value = alone.http.get(f"/jobs/{job_id}/results", headers={"Prefer": "return=representation"}).json()
    assert [each["value"] for each in by_value["text"]] == [f"number {each}" for each in numbers]
    zipped = alone.http.get(f"/jobs/{job_id}/results", headers={"Accept": "application/zip"})
    assert (zipped.status_code, zipped.headers["Content-Type"]) == (200, "application/zip")


def test_a_batch_and_its_executions_lead_to_each_other(alone: Server) -> None:
    """The executions are in the list of their batch and in no other."""
    job_id = batch(alone, "double", [1, 2])
    job = alone.wait(job_id)

    parts = executions(alone, job_id)

    assert [alone.http.get(f"/jobs/{each['id']}/inputs").json()["inputs"] for each in parts] == [{"n": 1}, {"n": 2}]
    assert alone.http.get(f"/jobs/{job_id}/inputs").json()["inputs"] == [{"n": 1}, {"n": 2}]
    definition = alone.http.get(f"/jobs/{parts[1]['id']}/definition").json()
    assert definition == {"process": "double", "inputs": {"n": 2}}
    listed = {each["id"] for each in alone.http.get("/jobs", params={"limit": 1000}).json()["jobs"]}
    assert job_id in listed
    assert not listed & {each["id"] for each in parts}
    [item] = [each["href"] for each in job["links"] if each["rel"] == "item"]
    assert {each["id"] for each in alone.http.get(item).json()["jobs"]} == {each["id"] for each in parts}
    for each in parts:
        assert f"{alone.url}/jobs/{job_id}" in {link["href"] for link in each["links"] if link["rel"] == "up"}
    assert alone.http.get(f"/jobs/{job_id}/prov").status_code == 200
    assert problem(alone.http.get(f"/jobs/{job_id}/log.txt")) == (404, "not-found")
    first = alone.http.get("/jobs", params={"parent": job_id, "limit": 1}).json()
    [following] = [each["href"] for each in first["links"] if each["rel"] == "next"]
    assert [each["id"] for each in alone.http.get(following).json()["jobs"]] == [parts[0]["id"]]
    assert executions(alone, job_id, status="failed") == []
    assert len(executions(alone, job_id, status="successful,failed", processID="double", minDuration=0)) == 2
    assert executions(alone, job_id, processID="gated") == []


def test_a_failed_execution_fails_the_batch_at_its_end(alone: Server) -> None:
    """The others run all the same, and what they give is there."""
    job_id = batch(alone, "double", [1, -1, 3])

    job = alone.wait(job_id)

    assert (job["status"], job["message"]) == ("failed", "1 of 3 executions were not successful.")
    assert {name: number for name, number in job["executions"].items() if number} == {"successful": 2, "failed": 1}
    refused = alone.http.get(f"/jobs/{job_id}/results")
    assert problem(refused) == (400, "execution-failed")
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/inputs/1"]
    [failed] = executions(alone, job_id, status="failed")
    assert failed["id"] in refused.json()["errors"][0]["detail"]
    assert alone.http.get(f"/jobs/{job_id}/results/twice/2").json() == 6
    assert problem(alone.http.get(f"/jobs/{job_id}/results/twice/1")) == (400, "tool-failed")
    assert problem(alone.http.get(f"/jobs/{job_id}/results/twice")) == (400, "execution-failed")


def test_progress_is_that_of_the_executions(alone: Server) -> None:
    """The batch runs from the first start to the last end."""
    job_id = batch(alone, "gated", [1, 2, 3, 4], start=False)
    assert alone.status(job_id)["executions"]["created"] == 4
    alone.http.post(f"/jobs/{job_id}/results")
    running = until(lambda: found if len(found := executions(alone, job_id, status="running")) == 2 else None)

    assert (alone.status(job_id)["status"], alone.status(job_id)["progress"]) == ("running", 0)
    let_go(alone, running[0]["id"])
    alone.wait(running[0]["id"])
    half = alone.status(job_id)
    assert (half["status"], half["progress"]) == ("running", 25)
    assert half["message"] == "Running: 1 of 4 executions have ended."
    for each in (running[1], *executions(alone, job_id)[2:]):
        let_go(alone, each["id"])
    assert alone.wait(job_id)["status"] == "successful"


def test_a_batch_holds_up_nobody(alone: Server) -> None:
    """Who comes after it has the next turn, and not the one after its last execution."""
    job_id = batch(alone, "gated", list(range(5)))
    running = until(lambda: found if len(found := executions(alone, job_id, status="running")) == 2 else None)
    other = alone.submit("double", {"n": 1})

    let_go(alone, running[0]["id"])

    assert alone.wait(other)["status"] == "successful"
    assert len(executions(alone, job_id, status="accepted")) >= 1
    alone.http.delete(f"/jobs/{job_id}")


def test_a_batch_is_dismissed_with_all_of_it(alone: Server) -> None:
    """Those that run and those that wait; nothing of it is left when DELETE answers, and the second one removes it."""
    job_id = batch(alone, "gated", list(range(6)))
    running = until(lambda: found if len(found := executions(alone, job_id, status="running")) == 2 else None)
    for each in running:
        until(lambda each=each: containers_of(each["id"]))  # type: ignore[misc]

    answer = alone.http.delete(f"/jobs/{job_id}")

    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert answer.json()["executions"]["dismissed"] == 6
    parts = executions(alone, job_id)
    assert {each["status"] for each in parts} == {"dismissed"}
    assert [containers_of(each["id"]) for each in running] == [[], []]
    assert problem(alone.http.get(f"/jobs/{job_id}/results")) == (404, "result-not-available")
    assert problem(alone.http.delete(f"/jobs/{parts[0]['id']}")) == (423, "locked")
    assert alone.http.delete(f"/jobs/{job_id}").status_code == 200
    for each in (job_id, *(part["id"] for part in parts)):
        assert alone.http.get(f"/jobs/{each}").status_code == 404
        assert not (alone.data / "jobs" / each).exists()


def test_a_batch_that_never_started_is_dismissed(alone: Server) -> None:
    """With its executions, which can't be started by themselves."""
    job_id = batch(alone, "double", [1, 2], start=False)
    [first, _] = executions(alone, job_id)

    assert problem(alone.http.post(f"/jobs/{first['id']}/results")) == (423, "locked")
    assert problem(alone.http.patch(f"/jobs/{first['id']}", json={"inputs": {"n": 3}})) == (423, "locked")
    assert alone.http.delete(f"/jobs/{job_id}").json()["status"] == "dismissed"
    assert {each["status"] for each in executions(alone, job_id)} == {"dismissed"}


def test_a_batch_is_changed_until_it_starts(alone: Server) -> None:
    """To other inputs, to one job, and to a batch again."""
    job_id = batch(alone, "double", [1, 2, 3], start=False)

    for inputs, count in (([{"n": 4}, {"n": 5}], 2), ({"n": 6}, 0), ([{"n": 7}], 1)):
        changed = alone.http.patch(f"/jobs/{job_id}", json={"inputs": inputs})
        assert changed.status_code == 200, changed.text
        assert len(executions(alone, job_id)) == count
    alone.http.post(f"/jobs/{job_id}/results")
    assert alone.wait(job_id)["status"] == "successful"
    assert alone.http.get(f"/jobs/{job_id}/results/twice").json() == [14]


@pytest.mark.parametrize(
    ("inputs", "pointers"),
    [
        ([], ["/inputs"]),
        ([{"n": 1}] * 10_001, ["/inputs"]),
        ([{"n": 1}, 5], ["/inputs/1"]),
        ([{"n": 1}, {"n": "x"}, {}, {"m": 1, "n": 2}], ["/inputs/1/n", "/inputs/2/n", "/inputs/3/m"]),
        ([{}] * 200, [f"/inputs/{index}/n" for index in range(100)]),
    ],
)
def test_what_makes_no_batch(alone: Server, inputs: Any, pointers: list[str]) -> None:
    """Every error is named with its place, as far as they are not too many; and there is no job."""
    before = alone.http.get("/jobs").json()["jobs"]

    answer = alone.http.post("/jobs", json={"process": "double", "inputs": inputs})

    assert problem(answer) == (400, "invalid-input")
    assert [each["pointer"] for each in answer.json()["errors"]] == pointers
    assert alone.http.get("/jobs").json()["jobs"] == before


def test_requirements_of_a_request_are_validated_once(alone: Server) -> None:
    """Each execution may have its own; those that are alike cost one look."""
    more = {"cwl:requirements": [{"class": "EnvVarRequirement", "envDef": {"A": "b"}}]}
    inputs = [{"n": each, **more} for each in range(50)]
    wrong = [{"n": 1}, {"n": 1, "cwl:requirements": [{"class": "DockerRequirement"}]}]

    made = alone.http.post("/jobs", json={"process": "double", "inputs": inputs})
    refused = alone.http.post("/jobs", json={"process": "double", "inputs": wrong})

    assert made.status_code == 201
    assert made.elapsed.total_seconds() < 30
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/inputs/1/cwl:requirements/0"]
    alone.http.delete(f"/jobs/{made.json()['id']}")


def test_one_subscriber_is_told_of_the_whole(tmp_path: Path) -> None:
    """Once that it runs, once that it is done, with the results of all."""
    with receiving() as receiver, serving(tmp_path / "data", FETCH_ALLOW="127.0.0.1") as server:
        server.deploy(shell_package("double", SCRIPT, NUMBER, OUTPUTS))
        job_id = batch(server, "double", [1, 2], subscriber=receiver.subscriber())

        [done] = receiver.at("/successUri")

        assert done.document["twice"] == [2, 4]
        assert [each["href"].rpartition("/")[2] for each in done.document["text"]] == ["0", "1"]
        server.wait(job_id)
        [begun] = receiver.at("/inProgressUri")
        assert (begun.document["id"], begun.document["status"]) == (job_id, "running")
        assert {each.path for each in receiver.received} == {"/successUri", "/inProgressUri"}


def test_a_batch_survives_a_server_that_is_killed(tmp_path: Path) -> None:
    """The next one goes on with what runs and with what waits."""
    with serving(tmp_path / "data", SLOTS="1") as server:
        server.deploy(shell_package("gated", f"{WAIT}; {SCRIPT}", NUMBER, OUTPUTS))
        job_id = batch(server, "gated", [1, 2])
        parts = executions(server, job_id)
        server.wait(parts[0]["id"], "running")
        server.stop(signal.SIGKILL)
        server.start()

        assert server.status(job_id)["status"] == "running"
        for each in parts:
            server.wait(each["id"], "running")
            let_go(server, each["id"])
        assert server.wait(job_id)["status"] == "successful"
        assert server.http.get(f"/jobs/{job_id}/results/twice").json() == [2, 4]
