"""What a job has used, as its outcome and its status document say."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from typing import Any

from tests.gate import WAIT
from tests.live import Server, shell_tool

CWL = "application/cwl+json"

#: Until this shell itself has had a second of processor time.
BURN = 'while [ "$(cut -d" " -f14 /proc/$$/stat)" -lt 100 ]; do i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; done'
#: A string of 60 MB, held for a moment.
HOLD = """awk 'BEGIN { held = sprintf("%60000000s", ""); system("sleep 0.5"); print length(held) }'"""


def usage(server: Server, script: str, process_id: str, **more: Any) -> dict[str, Any]:
    """As the status document has it, which is as the outcome does."""
    assert server.deploy(shell_tool(script, id=process_id, **more), CWL).status_code == 201
    job_id = server.submit(process_id)
    status = server.wait(job_id)
    found: dict[str, Any] = status["usage"]
    outcome = json.loads((server.data / "jobs" / job_id / "outcome.json").read_text())
    assert found == outcome["usage"]
    ran = datetime.fromisoformat(status["finished"]) - datetime.fromisoformat(status["started"])
    assert 0 < found["wallSeconds"] <= ran.total_seconds() + 0.1
    return found


def test_processor_time(server: Server) -> None:
    """A tool that works a second shows about that; one that does nothing shows next to nothing."""
    busy, idle = usage(server, BURN, "burns"), usage(server, "sleep 0.5", "idles")

    assert 0.7 <= busy["cpuSeconds"] <= 3
    assert idle["cpuSeconds"] < 0.4
    assert busy["wallSeconds"] >= 0.7


def test_memory(server: Server) -> None:
    """The peak of the container."""
    holding, idle = usage(server, HOLD, "holds"), usage(server, "true", "needs-nothing")

    assert 50e6 < holding["peakMemoryBytes"] < 120e6
    assert idle["peakMemoryBytes"] < 30e6


def test_images(server: Server) -> None:
    """The digest that stands for the image for ever."""
    found = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{.Id}}", "busybox:stable"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert usage(server, "true", "digested")["images"] == {"busybox:stable": found.stdout.strip()}


def test_a_failed_job_has_used_something_too(server: Server) -> None:
    """Of all steps that ran, together."""
    tool = {"class": "CommandLineTool", "inputs": {}, "outputs": {"said": "stdout"}}
    workflow = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": "works-then-fails",
        "requirements": {"DockerRequirement": {"dockerPull": "busybox:stable"}},
        "inputs": {},
        "outputs": {},
        "steps": {
            "works": {"in": {}, "out": ["said"], "run": {**tool, "baseCommand": ["sh", "-c", BURN]}},
            "fails": {
                "in": {"after": "works/said"},
                "out": [],
                "run": {**tool, "inputs": {"after": "File"}, "baseCommand": ["sh", "-c", f"{HOLD}; exit 1"]},
            },
        },
    }
    assert server.deploy(workflow, CWL).status_code == 201

    status = server.wait(server.submit("works-then-fails"))

    assert status["status"] == "failed"
    assert status["usage"]["cpuSeconds"] >= 0.7
    assert status["usage"]["peakMemoryBytes"] > 50e6


def test_a_dismissed_job_says_nothing_of_it(server: Server) -> None:
    """Nobody was there to the end."""
    server.deploy(shell_tool(WAIT, id="blocks-usage"), CWL)
    job_id = server.submit("blocks-usage")
    server.wait(job_id, "running")

    server.http.delete(f"/jobs/{job_id}")

    assert "usage" not in server.status(job_id)
