"""The two tools that are run: one that is over at once, one that lasts as long as it is told."""

from __future__ import annotations

import subprocess

from cwl_bridge.containers import JOB_LABEL
from tests.live import SHELL

MESSAGE = "hello"
ORDER = {"message": MESSAGE}

#: The same without CWL, in the plainest form that is still cut off from the network like a job.
BARE = ["docker", "run", "--rm", "-i", "--network=none", SHELL["dockerPull"], "echo", MESSAGE]

ECHO = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "id": "bench-echo",
    "requirements": [SHELL],
    "baseCommand": "echo",
    "inputs": {"message": {"type": "string", "inputBinding": {"position": 1}}},
    "stdout": "said.txt",
    "outputs": {"said": {"type": "stdout"}},
}

SLEEP = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "id": "bench-sleep",
    "requirements": [SHELL, {"class": "ResourceRequirement", "coresMin": 0.05, "ramMin": 8}],
    "baseCommand": "sleep",
    "inputs": {"seconds": {"type": "int", "inputBinding": {"position": 1}}},
    "outputs": {},
}


def run_bare() -> None:
    """`echo` by the container engine alone."""
    done = subprocess.run(BARE, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert done.stdout == f"{MESSAGE}\n", done


def containers_of(jobs: set[str]) -> list[str]:
    """Ids of all containers, also of those that have ended, of these jobs: other servers may have theirs."""
    columns = f'{{{{.ID}}}} {{{{.Label "{JOB_LABEL}"}}}}'
    done = subprocess.run(
        ["docker", "ps", "--all", "--filter", f"label={JOB_LABEL}", "--format", columns],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line.split() for line in done.stdout.splitlines()]
    return [container for container, job in found if job in jobs]
