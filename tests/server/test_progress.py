"""How far a job is, while it runs: a number and a message."""

from __future__ import annotations

from typing import Any

from tests.engine.running import told_steps
from tests.gate import WAIT, let_go
from tests.live import SHELL, Server, shell_tool, until

CWL = "application/cwl+json"

WAITING = {
    "class": "CommandLineTool",
    "baseCommand": ["sh", "-c", f"{WAIT}; exit $0"],
    "inputs": {"code": {"type": "int", "default": 0, "inputBinding": {}}, "after": "Any?"},
    "outputs": {"said": "stdout"},
}


def workflow(process_id: str, **more: Any) -> dict[str, Any]:
    inputs = {"codes": "int[]"}
    return {"cwlVersion": "v1.2", "class": "Workflow", "id": process_id, "inputs": inputs, "outputs": {}, **more}


def two_steps(process_id: str) -> dict[str, Any]:
    steps = {
        "first": {"in": {}, "out": ["said"], "run": {**WAITING, "baseCommand": ["true"]}},
        "second": {
            "in": {"after": "first/said", "code": {"source": "codes", "valueFrom": "$(self[0])"}},
            "out": [],
            "run": WAITING,
        },
    }
    return workflow(process_id, requirements=[SHELL, {"class": "StepInputExpressionRequirement"}], steps=steps)


def known(server: Server, job_id: str, done: int) -> dict[str, Any]:
    """The status once so many steps are done, and the next has begun."""

    def begun() -> dict[str, Any] | None:
        told = told_steps(server.data / "jobs" / job_id)
        return told[-1] if told and (told[-1]["event"], told[-1]["done"]) == ("started", done) else None

    until(begun)
    # The tool may begin before the server has written that it does.
    return server.wait(job_id, "running")


def test_a_workflow_of_two_steps(server: Server) -> None:
    """Half of it is done when one of them is; all of it when the job has ended."""
    assert server.deploy(two_steps("two-steps"), CWL).status_code == 201
    job_id = server.submit("two-steps", {"codes": [0]})

    half = known(server, job_id, 1)
    let_go(server, job_id, 2)
    ended = server.wait(job_id)

    assert (half["status"], half["progress"]) == ("running", 50)
    assert "1 of 2 steps" in half["message"]
    assert "'second'" in half["message"]
    assert (ended["status"], ended["progress"], ended["message"]) == ("successful", 100, "Done.")


def test_a_scattered_step_counts_for_each_part(server: Server) -> None:
    """Four of four; none of them twice."""
    step = {"scatter": "code", "in": {"code": "codes"}, "out": [], "run": WAITING}
    scattered = workflow(
        "scattered", requirements=[SHELL, {"class": "ScatterFeatureRequirement"}], steps={"part": step}
    )
    assert server.deploy(scattered, CWL).status_code == 201
    job_id = server.submit("scattered", {"codes": [0, 0, 0, 0]})

    seen = []
    for done in range(4):
        status = known(server, job_id, done)
        seen.append((status["progress"], f"{done} of 4 steps" in status["message"]))
        let_go(server, job_id, done + 1)

    assert seen == [(0, True), (25, True), (50, True), (75, True)]
    assert server.wait(job_id)["progress"] == 100


def test_a_job_without_steps_so_far(server: Server) -> None:
    """Begins at 0 and is never done before it has ended."""
    server.deploy(shell_tool(WAIT, id="single"), CWL)
    job_id = server.submit("single")

    running = known(server, job_id, 0)
    let_go(server, job_id)

    assert running["progress"] == 0
    assert "0 of 1 steps" in running["message"]
    assert server.wait(job_id)["progress"] == 100


def test_a_job_that_ends_otherwise_shows_no_progress(server: Server) -> None:
    """Neither that of a failed job nor that of a dismissed one says how far it might have been."""
    server.deploy(two_steps("two-steps-fail"), CWL)
    failing, dismissed = (server.submit("two-steps-fail", {"codes": [3]}) for _ in range(2))
    for job_id in (failing, dismissed):
        known(server, job_id, 1)

    let_go(server, failing, 2)
    server.http.delete(f"/jobs/{dismissed}")
    ended = [server.wait(job_id) for job_id in (failing, dismissed)]

    assert [each["status"] for each in ended] == ["failed", "dismissed"]
    assert ["progress" in each for each in ended] == [False, False]
    assert "exit code 3" in ended[0]["message"]
    listed = server.http.get("/jobs", params={"limit": 1000}).json()["jobs"]
    assert [each for each in listed if each["jobID"] in (failing, dismissed) and "progress" in each] == []
