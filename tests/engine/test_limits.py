"""What a tool may use at the most, and what a process may ask for."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gate import WAIT, let_go
from tests.live import SHELL, Server, containers_of, serving, shell_package, shell_tool, until

CWL = "application/cwl+json"
MIB = 1 << 20


def needing(process_id: str, script: str = "true", **amounts: Any) -> dict[str, Any]:
    return shell_tool(script, id=process_id, requirements=[SHELL, {"class": "ResourceRequirement", **amounts}])


def configured(process_id: str, script: str = "true", **config: Any) -> dict[str, Any]:
    package = shell_package(process_id, script)
    package["executionUnit"]["config"] = config
    return package


def _limits_of(job_id: str) -> Any:
    """What the engine says of the containers of a job; nothing where one is only being made."""
    command = ["docker", "inspect", *containers_of(job_id)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout or "[]")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that has two cores and half a GiB for its jobs."""
    with serving(
        tmp_path_factory.mktemp("small") / "data", SLOTS="1", CORES="2", MEMORY="512", SHUTDOWN="stop"
    ) as server:
        yield server


@pytest.mark.parametrize(
    ("body", "memory", "cores"),
    [
        (needing("all", WAIT, coresMin=0.5, coresMax=1.5, ramMin=100, ramMax=200), 200, 1.5),
        (needing("minima", WAIT, coresMin=1, ramMin=100), 100, 1),
        (needing("maxima", WAIT, coresMax=0.5, ramMax=64), 64, 0.5),
        (needing("fractions", WAIT, coresMin=0.05, ramMin=32.5), 33, 0.05),
        (needing("memory-only", WAIT, ramMin=64), 64, 2),
        (needing("cores-only", WAIT, coresMin=1), 512, 1),
        (needing("beyond", WAIT, coresMin=1, coresMax=64, ramMin=64, ramMax=1e6), 512, 2),
        (shell_tool(WAIT, id="undeclared"), 512, 2),
        (configured("config", WAIT, cpuMin=0.5, cpuMax=1, memoryMin=0.125, memoryMax=0.25), 256, 1),
    ],
    ids=lambda each: each.get("id", "package") if isinstance(each, dict) else "",
)
def test_the_limits_of_a_container(small: Server, body: dict[str, Any], memory: int, cores: float) -> None:
    """As declared: the maximum, else the minimum, else all that there is; no swap beyond it."""
    is_package = "executionUnit" in body
    answer = small.deploy(body) if is_package else small.deploy(body, CWL)
    assert answer.status_code == 201, answer.text
    job_id = small.submit(answer.json()["id"])
    ended = until(lambda: _limits_of(job_id) or small.status(job_id).get("exception"))
    let_go(small, job_id)

    assert isinstance(ended, list), ended
    limits = ended[0]["HostConfig"]
    assert (limits["Memory"], limits["MemorySwap"]) == (memory * MIB, memory * MIB)
    assert limits["NanoCpus"] == pytest.approx(cores * 1e9)
    assert small.wait(job_id)["status"] == "successful"


def test_less_than_the_engine_can_limit(small: Server) -> None:
    """A thousandth of a core, a MiB: the tool gets the least that there is, and runs."""
    assert small.deploy(needing("tiny", coresMin=0.001, ramMin=1), CWL).status_code == 201

    ended = small.wait(small.submit("tiny"))

    assert ended["status"] == "successful", ended


def test_more_cores_than_the_machine_has(tmp_path: Path) -> None:
    """An operator may promise more than there is: a tool that declares nothing runs all the same."""
    with serving(tmp_path / "data", CORES="64") as server:
        assert server.deploy(shell_tool("true", id="undeclared"), CWL).status_code == 201

        ended = server.wait(server.submit("undeclared"))

        assert ended["status"] == "successful", ended


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (needing("cores", coresMin=3), "/requirements/1"),
        (needing("memory", ramMin=513), "/requirements/1"),
        (needing("only-a-maximum", ramMax=4096), "/requirements/1"),
        (configured("config-cores", cpuMin=3), "/executionUnit/config"),
        (configured("config-memory", memoryMin=1), "/executionUnit/config"),
    ],
    ids=["cores", "memory", "only-a-maximum", "config-cores", "config-memory"],
)
def test_what_no_run_could_have_is_refused(small: Server, body: dict[str, Any], pointer: str) -> None:
    """At deploy and at replacement, with the place and the numbers; what stood there stays."""
    media_type = "application/ogcapppkg+json" if "executionUnit" in body else CWL
    small.deploy(shell_package("stands", "true"))
    replacing = {**body, "id": "stands"} if media_type == CWL else json.loads(json.dumps(body))
    if media_type != CWL:
        replacing["processDescription"]["id"] = "stands"

    answers = [
        small.deploy(body, media_type),
        small.http.put("/processes/stands", json=replacing, headers={"Content-Type": media_type}),
    ]

    for answer in answers:
        problem = answer.json()
        assert answer.status_code == 422, problem
        assert problem["type"].endswith("/problems/resources-exceed-server")
        assert [each["pointer"] for each in problem["errors"]] == [pointer]
        assert "this server has 2 cores and 512 MiB" in problem["detail"]
    assert small.http.get("/processes/stands").status_code == 200
    assert small.http.get(f"/processes/{body.get('id', 'config-cores')}").status_code == 404


def test_a_step_that_asks_for_too_much_is_pointed_at(small: Server) -> None:
    """In a workflow, the requirement that says so."""
    step = {
        "in": {},
        "out": [],
        "run": {
            "class": "CommandLineTool",
            "requirements": {"ResourceRequirement": {"coresMin": 8}},
            "baseCommand": "true",
            "inputs": {},
            "outputs": {},
        },
    }
    workflow = {"cwlVersion": "v1.2", "class": "Workflow", "id": "steps", "requirements": [SHELL], "inputs": {}}

    answer = small.deploy({**workflow, "outputs": {}, "steps": {"greedy": step}}, CWL)

    assert answer.status_code == 422
    where = [each["pointer"] for each in answer.json()["errors"]]
    assert where == ["/steps/greedy/run/requirements/ResourceRequirement"]
    assert "8 cores" in answer.json()["detail"]


def test_a_server_that_has_less_than_before(tmp_path: Path) -> None:
    """What does not fit any more is refused when it is submitted; what was accepted says so when its turn comes."""
    server = Server(tmp_path / "data", SLOTS="1", MEMORY="2048").start()
    server.deploy(shell_tool(WAIT, id="blocks"), CWL)
    server.deploy(needing("large", ramMin=1024), CWL)
    blocking = server.submit("blocks")
    accepted = server.submit("large")
    server.wait(blocking, "running")
    assert server.stop() == 0

    with serving(tmp_path / "data", SLOTS="1", MEMORY="512", SHUTDOWN="stop") as server:
        refused = server.execute("large", {}, {"Prefer": "respond-async"})
        let_go(server, blocking)
        ended = server.wait(accepted)

        assert refused.status_code == 422
        assert refused.json()["type"].endswith("/problems/resources-exceed-server")
        assert ["1024 MiB" in refused.text, "512 MiB" in refused.text] == [True, True]
        assert server.wait(blocking)["status"] == "successful"
        assert ended["status"] == "failed"
        assert ended["exception"]["type"].endswith("/problems/resources-exceed-server")


def test_a_job_beyond_the_time_of_the_server(tmp_path: Path) -> None:
    """It has failed, with the number; its container is gone, and the next job runs."""
    with serving(tmp_path / "data", SLOTS="1", JOB_TIMEOUT="2") as server:
        server.deploy(shell_package("endless", "trap '' TERM; echo begun; sleep 300 & wait; sleep 300"))
        server.deploy(shell_package("short", "true"))
        endless, short = server.submit("endless"), server.submit("short")

        ended = server.wait(endless)

        assert ended["status"] == "failed"
        assert ended["exception"]["type"].endswith("/problems/time-limit")
        assert "2 seconds" in ended["message"]
        assert "begun" in ended["exception"]["log"]
        assert containers_of(endless) == []
        assert not (server.data / "jobs" / endless / "work").exists()
        assert server.wait(short)["status"] == "successful"


def test_jobs_together_take_no_more_than_there_is(tmp_path: Path) -> None:
    """Of whole cores as many run as there are; of halves twice as many; the next begins when one has ended."""
    with serving(tmp_path / "data", SLOTS="4", CORES="2", MEMORY="4096", SHUTDOWN="stop") as server:
        server.deploy(needing("whole", WAIT, coresMin=1, ramMin=64), CWL)
        server.deploy(needing("half", WAIT, coresMin=0.5, ramMin=64), CWL)
        whole = [server.submit("whole") for _ in range(3)]
        for job_id in whole[:2]:
            server.wait(job_id, "running")
        third = server.status(whole[2])["status"]
        let_go(server, whole[1])
        second = server.wait(whole[1])
        later = server.wait(whole[2], "running")
        let_go(server, whole[0])
        let_go(server, whole[2])
        ended = [server.wait(job_id)["status"] for job_id in whole]
        halves = [server.submit("half") for _ in range(4)]
        running = [server.wait(job_id, "running")["status"] for job_id in halves]
        together = [server.status(job_id)["status"] for job_id in halves]
        for job_id in halves:
            let_go(server, job_id)

        assert third == "accepted"
        assert later["started"] >= second["finished"]
        assert ended == ["successful"] * 3
        assert running == together == ["running"] * 4
        assert {server.wait(job_id)["status"] for job_id in halves} == {"successful"}


def test_memory_is_reserved_too(tmp_path: Path) -> None:
    """Two that need more than half of it run one after the other."""
    with serving(tmp_path / "data", SLOTS="4", CORES="4", MEMORY="512", SHUTDOWN="stop") as server:
        server.deploy(needing("large", WAIT, coresMin=0.1, ramMin=300), CWL)
        first, second = server.submit("large"), server.submit("large")
        server.wait(first, "running")
        waiting = server.status(second)["status"]
        let_go(server, first)
        let_go(server, second)

        assert waiting == "accepted"
        assert server.wait(second)["started"] >= server.wait(first)["finished"]
