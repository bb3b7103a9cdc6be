"""Clients that read, deploy and execute at once, beside others that hold connections up."""

from __future__ import annotations

from pathlib import Path

from benchmarks import mixed
from tests.faults.harness import working

SECONDS = 12.0
CLIENTS = 40
#: Per cent, in so short a time.
GROWTH = 25.0


def test_a_crowd(tmp_path: Path) -> None:
    """Nobody is told that the server failed, no job is lost, and others are answered meanwhile."""
    with working(tmp_path / "data", SLOTS="2") as server:
        found = mixed.outcome(server, SECONDS, CLIENTS)

    assert found.failed == 0, found.failures
    assert found.lost == {}
    assert found.jobs > 0, found.answers
    assert found.answers["GET 200"] > CLIENTS, found.answers
    assert found.waited[len(found.waited) // 2] < mixed.WAIT_LIMIT
    assert found.growth < GROWTH
