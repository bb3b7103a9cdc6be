"""Clients that others wrote, unmodified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from owslib.ogcapi import processes as owslib

from tests.live import EXAMPLES, Server
from tests.standards.reading import X1


@pytest.fixture
def client(live: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # The headers are one object for all of OWSLib's clients: what a test adds shall go with it.
    monkeypatch.setattr("owslib.ogcapi.REQUEST_HEADERS", {"User-Agent": "OWSLib"})
    yield owslib.Processes(live.url)


def test_owslib_reads_the_api(live: Server, client: Any) -> None:
    """OWSLib finds the API definition by its link, and the conformance classes."""
    assert client.api()["paths"]["/processes"]
    assert client.conformance() == live.http.get("/conformance").json()


def test_owslib_lists_and_describes(live: Server, client: Any) -> None:
    """OWSLib gets the list and a description."""
    found = client.processes()

    assert "echo" in [each["id"] for each in found]
    described = client.process("echo")
    assert described == live.http.get("/processes/echo").json()


@pytest.mark.parametrize("response", ["document", "raw"])
def test_owslib_executes(client: Any, response: str) -> None:
    """OWSLib executes synchronously and gets a value, as a document or one alone."""
    outputs = {"arrayInput": {"transmissionMode": "value"}}

    found = client.execute("echo", {"stringInput": "x", "arrayInput": [1, 2]}, outputs, response)

    assert found == ({"arrayInput": [1, 2]} if response == "document" else [1, 2])


@pytest.mark.requirement("/req/core/process-execute-input-inline-binary", "/req/ogc-process-description/input-binary")
def test_owslib_executes_the_example(client: Any) -> None:
    """OWSLib executes the example request and gets all of it back."""
    inputs = json.loads((EXAMPLES / "echo" / "execute.json").read_text())["inputs"]

    found = client.execute("echo", inputs)

    assert set(found) == set(inputs)


def test_owslib_executes_asynchronously(live: Server, client: Any) -> None:
    """OWSLib starts a job; the status document that it gets leads to the results."""
    found = client.execute("echo", {"stringInput": "x"}, async_=True)

    job = live.wait(found["jobID"] if isinstance(found, dict) else found.rpartition("/")[2])
    assert job["status"] == "successful"
    assert live.http.get(f"/jobs/{job['jobID']}/results").json() == {"stringInput": "x"}


def test_owslib_shows_a_problem(client: Any) -> None:
    """What the server has against a request reaches the user of OWSLib."""
    with pytest.raises(RuntimeError, match=X1 + "no-such-process"):
        client.process("none")
    with pytest.raises(RuntimeError, match="stringInput"):
        client.execute("echo", {})
