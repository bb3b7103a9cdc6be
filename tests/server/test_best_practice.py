"""OGC's best practice for packages (20-089r1): warned of, or demanded by the client or the operator."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live import Server, environment, serving, shell_package, shell_tool

CWL, PACKAGE = "application/cwl+json", "application/ogcapppkg+json"
STRICT = {"Prefer": "handling=strict"}


def package(process_id: str, **more: Any) -> dict[str, Any]:
    """A package that meets all of it."""
    tool = shell_tool("true", id="crop")
    del tool["cwlVersion"]
    workflow = {
        "class": "Workflow",
        "id": process_id,
        "label": "Water bodies",
        "doc": "Finds water.",
        "inputs": {"item": {"type": "Directory", "label": "Scene", "doc": "A staged product."}},
        "outputs": {},
        "steps": {"crop": {"run": "#crop", "in": {}, "out": []}},
        **more,
    }
    return {
        "cwlVersion": "v1.2",
        "$namespaces": {"s": "https://schema.org/"},
        "s:softwareVersion": "1.4.1",
        "$graph": [{key: each for key, each in workflow.items() if each is not None}, tool],
    }


def send(
    server: Server, body: dict[str, Any], headers: dict[str, str], media_type: str = CWL, method: str = "POST"
) -> Any:
    """Deploys it, or replaces the process of its id."""
    path = "/processes" if method == "POST" else f"/processes/{body['$graph'][0]['id']}"
    return server.http.request(method, path, json=body, headers={"Content-Type": media_type, **headers})


def test_what_is_warned_of_is_refused_where_the_client_is_strict(server: Server) -> None:
    """422 with each demand that is not met, its requirement and its place; nothing of it stays."""
    before = {each.name for each in server.data.rglob("*.cwl")}
    poor = package("strict-poor", doc=None, inputs={"scene": {"type": "File", "label": "Scene", "doc": "One."}})

    refused = send(server, poor, STRICT)
    after = {each.name for each in server.data.rglob("*.cwl")}
    gone = server.http.get("/processes/strict-poor")
    warned = send(server, poor, {"Prefer": "handling=lenient"})

    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (422, f"{server.url}/problems/best-practice-unmet")
    product = "A product for 'scene' is staged into a Directory, and this is a File. (OGC 20-089r1, requirement 13)"
    assert [(each["pointer"], each["detail"]) for each in problem["errors"]] == [
        ("/$graph/0", "The Workflow has no 'doc'. (OGC 20-089r1, requirement 9)"),
        ("/$graph/0/inputs/scene/type", product),
    ]
    assert all(each["line"] == 1 and each["column"] > 1 for each in problem["errors"])
    assert (after, gone.status_code) == (before, 404)
    assert (warned.status_code, warned.json()["warnings"]) == (201, problem["errors"])
    assert warned.headers["preference-applied"] == "handling=lenient"


def test_what_meets_it_is_taken(server: Server) -> None:
    """Also to replace a process; a plain image is no document that it speaks of."""
    deployed = send(server, package("strict-good"), STRICT)
    replaced = send(server, package("strict-good", label="Lakes"), STRICT, method="PUT")
    refused = send(server, package("strict-good", label=None), STRICT, method="PUT")
    image = send(server, shell_package("strict-image", "true"), STRICT, PACKAGE)

    assert (deployed.status_code, deployed.json().get("warnings")) == (201, None), deployed.text
    assert (replaced.status_code, refused.status_code) == (204, 422)
    assert {each.headers["preference-applied"] for each in (deployed, replaced, image)} == {"handling=strict"}
    assert server.http.get("/processes/strict-good").json()["title"] == "Lakes"
    assert "warnings" not in image.json()


def test_the_same_request_again_is_warned_of_the_same(server: Server) -> None:
    """With an Idempotency-Key."""
    poor = {"executionUnit": {"value": package("strict-again", doc=None)}}

    answers = [send(server, poor, {"Idempotency-Key": "strict-again"}, PACKAGE) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json()["warnings"][0]["pointer"] == "/executionUnit/value/$graph/0"
    assert answers[0].json() == answers[1].json()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server whose operator demands it."""
    with serving(tmp_path_factory.mktemp("strict") / "data", BEST_PRACTICE="strict") as running:
        yield running


@pytest.mark.parametrize("headers", [{}, {"Prefer": "handling=lenient"}, STRICT])
def test_a_strict_server(strict: Server, headers: dict[str, str]) -> None:
    """A client can't talk it out of that."""
    refused = send(strict, package("poor", label=None), headers)

    assert (refused.status_code, len(refused.json()["errors"])) == (422, 1)
    assert "requirement 9" in refused.json()["errors"][0]["detail"]


def test_a_strict_server_takes_what_meets_it(strict: Server) -> None:
    """And says that it was strict only to who asked."""
    answer = send(strict, package("good"), {"Prefer": "handling=lenient"})

    assert (answer.status_code, "preference-applied" in answer.headers) == (201, False)


def test_the_command(server: Server, tmp_path: Path) -> None:
    """`deploy --strict` says what is not met."""
    path = tmp_path / "poor.cwl"
    path.write_text(json.dumps(package("strict-command", doc=None)))
    command = [sys.executable, "-m", "server", "deploy", str(path), "--server", server.url]

    refused = subprocess.run([*command, "--strict"], capture_output=True, text=True, env=environment(), check=False)
    deployed = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)

    assert refused.returncode == 2
    assert "The Workflow has no 'doc'. (OGC 20-089r1, requirement 9)" in refused.stderr
    assert deployed.stdout == "deployed strict-command\n"
