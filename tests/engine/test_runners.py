"""What the process that runs a job has of the server and of the machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.running import ENGINES
from tests.gate import WAIT, let_go, working
from tests.live import Server, shell_tool

GIVEN = {"AWS_PROFILE": "of the stores", "DOCKER_CONTEXT": "default", "SOME_TOKEN": "of the operator"}


@pytest.fixture(scope="module", params=ENGINES)
def runner(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The process of a job that runs, in /proc."""
    server = Server(tmp_path_factory.mktemp(request.param) / "data", ENGINE=request.param, CALLBACK_TIMEOUT="77")
    server.environ.update(GIVEN)
    server.start()
    assert server.deploy(shell_tool(WAIT, id="waits"), "application/cwl+json").status_code == 201
    job_id = server.submit("waits")
    working(server, job_id)
    pid = json.loads((server.data / "jobs" / job_id / "runner.json").read_text())["pid"]
    yield Path("/proc", str(pid))
    let_go(server, job_id)
    assert server.wait(job_id)["status"] == "successful"
    assert server.stop() == 0, server.log


def test_the_environment(runner: Path) -> None:
    """What leads to the engine and the stores; neither settings nor what else the server was started with."""
    found = dict(each.partition("=")[::2] for each in (runner / "environ").read_text().split("\0"))

    assert {name: found.get(name) for name in GIVEN} == {**GIVEN, "SOME_TOKEN": None}
    assert found["PATH"] == os.environ["PATH"]
    assert not any(name.startswith("CWL_PROCESSES_") for name in found)


def test_the_limits(runner: Path) -> None:
    """Memory, open files, and no core dumps, which would hold what the job was given."""
    lines = (runner / "limits").read_text().splitlines()
    # Soft ones: what starts a container has to lift them.
    found = {line[:26].strip(): line[26:].split()[0] for line in lines}

    assert found["Max address space"] == str(4 << 30)
    assert found["Max core file size"] == "0"
    assert found["Max open files"] == "4096"
