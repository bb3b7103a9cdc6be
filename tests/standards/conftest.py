"""Two servers for these tests: one that runs jobs, one that lets them wait."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.live import Server, serving
from tests.standards import problems, processes
from tests.standards.executions import Executions


@dataclass(frozen=True)
class Live:
    """A server, and what it answered to the deploys."""

    server: Server
    summaries: dict[str, dict[str, Any]]


@pytest.fixture(scope="package")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    data = tmp_path_factory.mktemp("standards") / "data"
    with serving(data, FETCH_ALLOW="127.0.0.1", SLOTS="4", CORS_ORIGINS="*") as running:
        yield Live(running, processes.deploy(running))


@pytest.fixture(scope="package")
def live(deployed: Live) -> Server:
    """A server with the processes of these tests."""
    return deployed.server


@pytest.fixture(scope="package")
def executions(live: Server) -> Iterator[Executions]:
    with ThreadPoolExecutor(6) as pool:
        yield Executions(live, pool)


@pytest.fixture(scope="package")
def refusals(live: Server, executions: Executions) -> Callable[[str], httpx.Response]:
    """The answer to a request that has to be refused, by its name; each is sent once."""
    job_id = executions.get("one", "async").status["jobID"]
    return functools.cache(lambda name: problems.send(live, problems.REFUSED[name], job_id))


@dataclass(frozen=True)
class Jobs:
    """A job of each status, on a server that runs one at a time; the last two are stopped by whoever is last."""

    server: Server
    dismissed: str
    running: str
    accepted: str


@pytest.fixture(scope="package")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    data = tmp_path_factory.mktemp("waiting") / "data"
    with serving(data, SLOTS="1") as server:
        processes.deploy(server, "async-only")
        running = server.submit("async-only", processes.FOR_LONG)
        server.wait(running, "running")
        dismissed, accepted = server.submit("async-only"), server.submit("async-only")
        assert server.http.delete(f"/jobs/{dismissed}").status_code == 200
        yield Jobs(server, dismissed, running, accepted)
        for each in (accepted, running):
            assert server.http.delete(f"/jobs/{each}").status_code in (200, 404)
