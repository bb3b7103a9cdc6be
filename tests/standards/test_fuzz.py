"""Requests made from the API definition, right and wrong ones: every answer is as the definition says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance import fuzzing
from tests.live import Server, serving

CASES = 4
SEQUENCES = 10
_AGAIN = ("--seed", "1", "--generation-database", "none")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, list[str]]]]:
    with serving(tmp_path_factory.mktemp("fuzz") / "data", **fuzzing.SETTINGS) as server:
        yield server, fuzzing.prepare(server)


def test_the_server_is_as_its_definition_says(prepared: tuple[Server, dict[str, list[str]]]) -> None:
    """All checks of schemathesis, for each operation by itself; `make fuzz` makes more of each."""
    server, there = prepared

    done = fuzzing.run(server, CASES, there, "--phases", "examples,coverage,fuzzing", *_AGAIN)

    assert done.returncode == 0, done.stdout[-20_000:]
    assert "Tested: " in done.stdout


def test_one_request_after_the_other(prepared: tuple[Server, dict[str, list[str]]]) -> None:
    """What one has made the next are about: deployed, executed, looked at, removed."""
    server, there = prepared

    done = fuzzing.sequences(server, SEQUENCES, there, *_AGAIN)

    assert done.returncode == 0, done.stdout[-20_000:]
    # Some that chance does not remove again.
    listed = server.http.get("/processes", params={"limit": 1000}).json()["processes"]
    assert any(each["id"].startswith("made-") for each in listed)
