"""Clients that others wrote, unmodified."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from owslib.ogcapi import processes as owslib

from tests.live import EXAMPLES, ROOT, Server, serving
from tests.standards import processes
from tests.standards.reading import X1

SCRIPTS = Path(__file__).with_name("clients")


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


def played(client: str, *arguments: str) -> dict[str, Any]:
    """What came of each call of a client, in its own environment (scripts/clients)."""
    python = ROOT / ".clients" / client / "bin" / "python"
    done = subprocess.run(
        [str(python), str(SCRIPTS / f"{client}.py"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def unity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """unity-sds-client on a server of its own."""
    with serving(tmp_path_factory.mktemp("unity") / "data") as server:
        yield played("unity", server.url)


@pytest.mark.parametrize(
    ("scene", "given"),
    [
        ("deploy", "<Response [201]>"),
        ("processes", ["echo", "unity"]),
        ("process", ["unity", "Says"]),
        ("jobs", ["unity"]),
        ("status", "successful"),
        ("dismiss", "dismissed"),
    ],
)
def test_unity_deploys_monitors_and_dismisses(unity: dict[str, Any], scene: str, given: Any) -> None:
    """unity-sds-client's process service takes what the server answers."""
    assert unity[scene] == {"given": given, "said": ""}


def test_unity_gets_results_and_problems(unity: dict[str, Any]) -> None:
    """unity-sds-client reads a results document; what the server has against a request is what it raises."""
    assert "/results/said'" in unity["result"]["given"]
    assert unity["no process"]["raised"] == "UnityException"
    assert json.loads(unity["no process"]["message"])["type"] == X1 + "no-such-process"


@pytest.mark.parametrize("scene", ["execute", "execute for long"])
def test_unity_can_not_read_any_answer_to_an_execution(unity: dict[str, Any], scene: str) -> None:
    """Its own mistake: it reads a member that its own model of a status document never has.

    The jobs are there all the same: the other tests follow them.
    """
    assert unity[scene]["raised"] == "AttributeError"
    assert "'StatusInfo' object has no attribute 'anyof_schema_2_validator'" in unity[scene]["said"]


def test_unity_can_not_read_a_default_that_is_a_number(unity: dict[str, Any]) -> None:
    """Its own mistake: in its model of a schema a default is an object."""
    assert unity["process with a default"]["given"] is None
    assert (
        "Input should be a valid dictionary [type=dict_type, input_value=0" in unity["process with a default"]["said"]
    )


@pytest.fixture(scope="module")
def eoepca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """ogc-api-processes-client on a server of its own, and a text of that server to count."""
    with serving(tmp_path_factory.mktemp("eoepca") / "data", FETCH_ALLOW="127.0.0.1") as server:
        processes.deploy(server, "word-count")
        yield played("eoepca", server.url, f"{server.url}/health") | {"url": server.url}


@pytest.mark.parametrize(
    ("scene", "given"),
    [
        ("processes", ["echo", "word-count"]),
        ("process", ["text", "top"]),
        ("execute", "accepted"),
        ("execute simply", "accepted"),
        ("status", "successful"),
        ("jobs", ["word-count", "word-count"]),
        ("dismiss", "dismissed"),
    ],
)
def test_eoepca_describes_executes_monitors_and_dismisses(eoepca: dict[str, Any], scene: str, given: Any) -> None:
    """EOEPCA's client takes what the server answers, also where a file comes by reference."""
    assert eoepca[scene] == {"given": given, "said": ""}


def test_eoepca_reads_the_documents(eoepca: dict[str, Any]) -> None:
    """Landing page, conformance classes, results document, problems."""
    assert {"service-desc", "service-doc"} <= set(eoepca["landing page"]["given"])
    assert "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core" in eoepca["conformance"]["given"]
    assert eoepca["result"]["given"]["frequencies"].startswith(f"{eoepca['url']}/jobs/")
    for scene, kind in (("no process", "no-such-process"), ("no job", "no-such-job")):
        assert eoepca[scene]["raised"] == "NotFoundException"
        assert X1 + kind in eoepca[scene]["message"]


@pytest.mark.parametrize("scene", ["a string", "result that is a string"])
def test_eoepca_can_not_send_or_read_a_string(eoepca: dict[str, Any], scene: str) -> None:
    """Its own mistake: in its model a string is one of `str` and `bytes`, and it is both."""
    assert eoepca[scene]["raised"] == "ValueError"
    assert "Multiple matches found" in eoepca[scene]["message"]


def test_eoepca_only_executes_asynchronously(eoepca: dict[str, Any]) -> None:
    """Its own limit: it takes no other answer than 201."""
    assert eoepca["execute simply, in time"]["message"] == "Failed to submit job. Status code: 200"
