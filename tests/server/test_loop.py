"""What one client sends keeps no other waiting, however much work it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.live import Server, shell_package

#: Seconds, many times what an answer takes on a busy machine; and less than what finding out would hold it up.
PATIENCE = 2.0

INPUTS: dict[str, dict[str, Any]] = {
    "pattern": {"type": "string", "pattern": "^(a+)+$"},
    "steps": {"type": "string", "pattern": "[ab]*a[ab]{900}c"},
    "items": {"type": "array", "items": {"anyOf": [{"type": "integer"}] * 1000}},
    "unique": {"type": "array", "items": {}, "uniqueItems": True},
    "text": {"type": "string"},
}
#: (inputs as they are sent, status of the answer, type of the problem)
BODIES: dict[str, tuple[str, int, str | None]] = {
    "a pattern that goes back": (f'{{"pattern": "{"a" * 100_000}b"}}', 400, "invalid-input"),
    "a pattern of many steps": (f'{{"steps": "{"ab" * 500_000}"}}', 422, "document-too-complex"),
    "alternatives": (f'{{"items": [{"1," * 40_000}1]}}', 422, "document-too-complex"),
    "items of several types": (f'{{"unique": [{"true, 1, " * 15_000}1]}}', 400, "invalid-input"),
    "many values": (f'{{"items": [{"1," * 10_000_000}1]}}', 422, "document-too-complex"),
    "a long text": (f'{{"text": "{"x" * 20_000_000}"}}', 200, None),
}


@pytest.fixture(scope="module")
def process_id(server: Server) -> Iterator[str]:
    optional = {name: {"schema": schema, "minOccurs": 0} for name, schema in INPUTS.items()}
    answer = server.deploy(shell_package("compares", "true", optional))
    assert answer.status_code == 201, answer.text
    yield "compares"
    server.http.delete("/processes/compares")


@pytest.mark.parametrize(("inputs", "status", "problem"), BODIES.values(), ids=BODIES)
def test_others_are_answered_meanwhile(
    server: Server, process_id: str, inputs: str, status: int, problem: str | None
) -> None:
    """A client that asks for something else is answered while it is found out whether such inputs fit."""
    longest = 0.0
    ended = threading.Event()

    def ask() -> None:
        nonlocal longest
        with httpx.Client(base_url=str(server.http.base_url), timeout=60) as other:
            while True:
                begun = time.monotonic()
                assert other.get("/health").status_code == 200
                longest = max(longest, time.monotonic() - begun)
                if ended.is_set():
                    return

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with httpx.Client(base_url=str(server.http.base_url), timeout=60) as client:
            body = f'{{"inputs": {inputs}}}'
            headers = {"Content-Type": "application/json"}
            answer = client.post(f"/processes/{process_id}/validation", content=body, headers=headers)
    finally:
        ended.set()
        asking.join()
    assert answer.status_code == status, answer.text[:500]
    assert problem is None or answer.json()["type"].endswith(problem)
    assert longest < PATIENCE
