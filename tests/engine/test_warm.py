"""What only a process that serves many runs can get wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.running import ENGINES, told_steps
from tests.gate import WAIT, let_go
from tests.live import ROOT, Server, serving, shell_tool

CWL = "application/cwl+json"


def says(text: str, process_id: str = "says", before: str = "true") -> dict[str, Any]:
    """A tool whose output is a text of its document."""
    evaluated = {"glob": "said", "loadContents": True, "outputEval": "$(self[0].contents)"}
    outputs = {"said": {"type": "string", "outputBinding": evaluated}}
    return shell_tool(f"{before}; printf {text} > said", id=process_id, outputs=outputs)


def expression(process_id: str, added: int) -> dict[str, Any]:
    return {
        "cwlVersion": "v1.2",
        "class": "ExpressionTool",
        "id": process_id,
        "requirements": {"InlineJavascriptRequirement": {}},
        "inputs": {"number": "int"},
        "outputs": {"sum": "int"},
        "expression": f"$({{sum: inputs.number + {added}}})",
    }


def result(server: Server, job_id: str, output: str) -> Any:
    status = server.wait(job_id)
    assert status["status"] == "successful", status
    return server.http.get(f"/jobs/{job_id}/results").json()[output]


def replace(server: Server, process_id: str, document: dict[str, Any]) -> None:
    answer = server.http.put(f"/processes/{process_id}", json=document, headers={"Content-Type": CWL})
    assert answer.status_code == 204, answer.text


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A server of each."""
    folder = tmp_path_factory.mktemp("engines")
    with (
        serving(folder / "warm", ENGINE="warm", SLOTS="1", SHUTDOWN="stop") as warm,
        serving(folder / "cold", ENGINE="cold", SLOTS="1", SHUTDOWN="stop") as cold,
    ):
        yield {"warm": warm, "cold": cold}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_job_runs_the_document_it_was_submitted_to(engines: dict[str, Server], engine: str) -> None:
    """Also when the process is replaced, then undeployed, before its turn comes; later jobs run the new one."""
    server = engines[engine]
    assert server.deploy(says("one"), CWL).status_code == 201
    assert server.deploy(shell_tool(WAIT, id="blocks"), CWL).status_code == 201
    first = server.submit("says")
    assert result(server, first, "said") == "one"
    blocking = server.submit("blocks")
    old = server.submit("says")
    replace(server, "says", says("two"))
    new = server.submit("says")
    assert server.http.delete("/processes/says").status_code == 204
    assert server.status(old)["status"] == server.status(new)["status"] == "accepted"

    let_go(server, blocking)

    assert (result(server, old, "said"), result(server, new, "said")) == ("one", "two")


def test_two_processes_of_one_document(server: Server) -> None:
    """They share what is kept of it, and nothing else: messages of each name its own steps, results are its own."""
    document = says("shared", "shared")
    for process_id in ("shared-a", "shared-b"):
        package = {"processDescription": {"id": process_id, "version": "1"}, "executionUnit": {"value": document}}
        assert server.deploy(package).status_code == 201

    jobs = {each: server.submit(each) for each in ("shared-a", "shared-b", "shared-a")}

    for process_id, job_id in jobs.items():
        assert result(server, job_id, "said") == "shared"
        assert server.status(job_id)["processID"] == process_id


def test_more_documents_than_are_kept(server: Server) -> None:
    """Those that were dropped are parsed again."""
    ids = [f"many-{number}" for number in range(70)]
    for number, process_id in enumerate(ids):
        assert server.deploy(expression(process_id, number), CWL).status_code == 201

    jobs = [server.submit(each, {"number": 1000}) for each in ids]
    assert [result(server, each, "sum") for each in jobs] == [1000 + number for number in range(70)]
    again = [server.submit(each, {"number": 2000}) for each in (ids[0], ids[-1])]
    assert [result(server, each, "sum") for each in again] == [2000, 2069]


def test_nothing_of_a_job_is_in_the_next(server: Server) -> None:
    """Not its failure, its log, its steps, its usage or the modes of its files, though both are the same document."""
    script = 'umask 077; echo "log of $0" >&2; printf x > said; exit $0'
    tool = shell_tool(
        script,
        id="leaks",
        baseCommand=["sh", "-c", script],
        inputs={"code": {"type": "int", "inputBinding": {}}},
        outputs={"said": {"type": "File", "outputBinding": {"glob": "said"}}},
    )
    assert server.deploy(tool, CWL).status_code == 201
    jobs = {code: server.submit("leaks", {"code": code}) for code in (7, 0, 8)}

    ended = {code: server.wait(job_id) for code, job_id in jobs.items()}

    for code, job_id in jobs.items():
        folder = server.data / "jobs" / job_id
        log = (folder / "log.txt").read_text()
        assert [line for line in log.splitlines() if line.startswith("log of")] == [f"log of {code}"]
        assert [(each["done"], each["known"]) for each in told_steps(folder)] == [(0, 1), (1, 1)]
        outcome = json.loads((folder / "outcome.json").read_text())
        assert (outcome["failure"] is None) == (code == 0)
        assert (folder / "outcome.json").stat().st_mode & 0o777 == 0o644
    assert [ended[code]["status"] for code in jobs] == ["failed", "successful", "failed"]
    assert [ended[code]["exception"]["log"] for code in (7, 8)] == [["log of 7"], ["log of 8"]]
    assert [ended[code]["exception"]["exitCode"] for code in (7, 8)] == [7, 8]


@pytest.mark.parametrize(
    "wrong",
    [
        {"outputs": {"said": {"type": "strng"}}},
        {"inputs": [{"type": "string"}]},
        {"baseCommand": {"not": "a list"}},
        {"noSuchField": 1},
        {"successCodes": "many"},
        {"stdout": ["a", "list"]},
    ],
    ids=str,
)
def test_a_document_is_refused_in_the_same_words(engines: dict[str, Server], wrong: dict[str, Any]) -> None:
    """cwltool's, without the place where its code or the document lies."""
    document = shell_tool("true", id="wrong", **wrong)

    answers = [engines[each].deploy(document, CWL) for each in ENGINES]

    warm, cold = ({**each.json(), "type": each.json()["type"].rpartition("/")[2]} for each in answers)
    assert warm == cold
    assert warm["type"] == "invalid-process"
    assert "file:" not in warm["detail"]
    assert str(ROOT) not in warm["detail"]


def test_a_refused_document_harms_no_other(engines: dict[str, Server]) -> None:
    """The same bytes are refused again, others are taken."""
    server = engines["warm"]
    wrong = shell_tool("true", id="refused", outputs={"said": {"type": "strng"}})

    codes = [server.deploy(each, CWL).status_code for each in (wrong, wrong, says("x", "taken"))]

    assert codes == [422, 422, 201]
    assert result(server, server.submit("taken"), "said") == "x"


def test_concurrent_deploys(server: Server) -> None:
    """Of different ids each is registered; of one id one is."""
    codes: dict[str, list[int]] = {f"at-once-{number}": [] for number in range(6)}
    codes["contended"] = []

    def deploy(process_id: str, number: int) -> None:
        codes[process_id].append(server.deploy(expression(process_id, number), CWL).status_code)

    several = [each for each in codes if each != "contended"] + ["contended"] * 6
    threads = [threading.Thread(target=deploy, args=(each, number)) for number, each in enumerate(several)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    contended = sorted(codes.pop("contended"))
    assert contended == [201, *[409] * 5]
    assert list(codes.values()) == [[201]] * 6
    assert result(server, server.submit("at-once-3", {"number": 1}), "sum") == 4


def test_the_working_folder_of_the_server_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a message calls the document is not where it lies as seen from there."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    tool = shell_tool("true", id="told", arguments=[{"valueFrom": "$(inputs.none.such)"}])
    messages = []
    for folder in (tmp_path, tmp_path / "deep" / "er"):
        monkeypatch.chdir(folder)
        with serving(folder / "data") as server:
            assert server.deploy(tool, CWL).status_code == 201
            messages.append(server.wait(server.submit("told"))["message"])

    assert messages[0] == messages[1]
    assert "../" not in messages[0]
