"""Requests made from the API definition, right and wrong ones: every answer is as the definition says."""

from __future__ import annotations

from pathlib import Path

from conformance import fuzzing
from tests.live import serving

CASES = 20
SEED = 1


def test_the_server_is_as_its_definition_says(tmp_path: Path) -> None:
    """All checks of schemathesis in all of its phases; `make fuzz` makes more of each."""
    with serving(tmp_path / "data", **fuzzing.SETTINGS) as server:
        there = fuzzing.prepare(server)
        done = fuzzing.run(server, CASES, there, "--seed", str(SEED), "--generation-database", "none")

    assert done.returncode == 0, done.stdout[-20_000:]
    assert "Tested: " in done.stdout
