"""Every way for an execution to fail has an answer of its own, and the server goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live import Server, shell_package, shell_tool

FILE = {"schema": {"type": "string", "contentMediaType": "text/plain"}}


def failed(server: Server, process_id: str, inputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """The problem of a failed job; its results and a synchronous answer say the same."""
    job_id = server.submit(process_id, inputs)
    status = server.wait(job_id)
    assert status["status"] == "failed", status
    answer = server.http.get(f"/jobs/{job_id}/results")
    problem: dict[str, Any] = answer.json()
    assert answer.status_code == problem["status"]
    assert status["exception"] == {key: each for key, each in problem.items() if key != "instance"}
    assert status["message"] == problem["detail"]
    assert [each for each in status["links"] if each["rel"].endswith("/exceptions")]
    return problem


def test_a_tool_that_exits_non_zero(server: Server) -> None:
    """The step, the exit code and the last lines that it wrote."""
    server.deploy(shell_package("exits", "echo first >&2; echo 'no such band: 7' >&2; exit 3"))

    problem = failed(server, "exits")

    assert problem["type"].endswith("/problems/tool-failed")
    assert (problem["status"], problem["exitCode"], problem["step"]) == (400, 3, "exits")
    assert problem["log"] == ["first", "no such band: 7"]
    assert "exit code 3: no such band: 7" in problem["detail"]


def test_a_missing_output(server: Server) -> None:
    """Named, where the tool was fine but for that."""
    outputs = {"there": FILE, "map": FILE}
    server.deploy(shell_package("misses", "printf x > there", outputs=outputs))

    problem = failed(server, "misses")

    assert problem["type"].endswith("/problems/output-missing")
    assert "'map'" in problem["detail"]


def test_two_files_for_one_output(server: Server) -> None:
    """The failure names the output."""
    outputs = {"map": {"type": "File", "outputBinding": {"glob": "*.tif"}}}
    server.deploy(shell_tool("touch a.tif b.tif", id="two-files", outputs=outputs), "application/cwl+json")

    job = server.wait(server.submit("two-files"))

    assert job["status"] == "failed"
    assert job["exception"]["type"] == f"{server.url}/problems/output-invalid"
    assert "'map'" in job["message"]
    assert "Multiple matches" in job["message"]


def test_an_output_that_is_no_value_of_its_schema(server: Server) -> None:
    """A literal is checked as an input would be."""
    server.deploy(shell_package("wrong", "echo many > count", outputs={"count": {"schema": {"type": "integer"}}}))

    problem = failed(server, "wrong")

    assert problem["type"].endswith("/problems/output-invalid")
    assert "count" in problem["detail"]
    assert "integer" in problem["detail"]


def test_an_output_that_links_to_the_host(server: Server) -> None:
    """Nothing of the host is read, and nothing published."""
    server.deploy(shell_package("links", "ln -s /etc/passwd secret.txt", outputs={"secret": FILE}))

    problem = failed(server, "links")

    assert "root:" not in str(problem)
    assert problem["type"].endswith(("/problems/output-invalid", "/problems/output-outside"))


def test_an_image_that_does_not_exist(server: Server) -> None:
    """The image is named, and what the engine said of it."""
    package = shell_package("imageless", "true")
    package["executionUnit"]["image"] = "127.0.0.1:9/no/such:image"
    assert server.deploy(package).status_code == 201

    problem = failed(server, "imageless")

    assert problem["type"].endswith("/problems/image-unavailable")
    assert "127.0.0.1:9/no/such:image" in problem["detail"]


@pytest.mark.parametrize(
    ("href", "said"),
    [
        ("{served}/none.txt", "404"),
        ("http://127.0.0.1:9/x.txt", "refused"),
        ("http://10.1.2.3/x.txt", "fetch_allow"),
        ("http://no-such-host.invalid/x.txt", "no-such-host.invalid"),
    ],
)
def test_an_href_that_cannot_be_fetched(server: Server, files: tuple[Path, str], href: str, said: str) -> None:
    """The href and the reason are named."""
    server.deploy(shell_package("reads", "cat $2 > copy.txt", inputs={"file": FILE}, outputs={"copy": FILE}))

    problem = failed(server, "reads", {"file": {"href": href.format(served=files[1])}})

    assert problem["type"].endswith("/problems/fetch-failed")
    assert said in problem["detail"]


def test_a_run_that_cwltool_refuses(server: Server) -> None:
    """In cwltool's words."""
    beside = {"type": "File", "secondaryFiles": [".idx"]}
    assert (
        server.deploy(shell_tool("true", id="refused", inputs={"f": beside}), "application/cwl+json").status_code == 201
    )

    problem = failed(server, "refused", {"f": {"value": "text", "mediaType": "text/plain"}})

    assert problem["type"].endswith("/problems/run-refused")
    assert "Missing required secondary file" in problem["detail"]


def test_a_reference_to_nothing(server: Server) -> None:
    """Says which."""
    tool = shell_tool("true", id="refers", arguments=[{"valueFrom": "$(inputs.none.such)"}])
    assert server.deploy(tool, "application/cwl+json").status_code == 201

    problem = failed(server, "refers")

    assert problem["type"].endswith("/problems/expression-error")
    assert "inputs.none.such" in problem["detail"]


def test_a_synchronous_execution_that_fails(server: Server) -> None:
    """Answers with the failure itself."""
    server.deploy(shell_package("fails-now", "exit 4"))

    answer = server.execute("fails-now", {})

    assert answer.status_code == 400
    assert answer.json()["exitCode"] == 4
    assert answer.json()["instance"] == "/processes/fails-now/execution"
