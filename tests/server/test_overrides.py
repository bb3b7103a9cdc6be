"""`cwl:requirements` among the inputs of an execute request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import SHELL, Server, shell_tool
from tests.server.test_cli import run

ENVIRONMENT = {"class": "EnvVarRequirement", "envDef": {"WORD": "$(inputs.word)", "OTHER": "other"}}
SAID = {
    "type": "string",
    "outputBinding": {"glob": "said", "loadContents": True, "outputEval": "$(self[0].contents)"},
}


@pytest.fixture(scope="module")
def process(server: Server) -> str:
    own = {"class": "EnvVarRequirement", "envDef": {"WORD": "its own", "MORE": "more"}}
    return deployed(server, "overridden", requirements=[SHELL, own])


def deployed(server: Server, process_id: str, **more: Any) -> str:
    """A tool that says what is in its environment."""
    document = shell_tool(
        'printf "$WORD $OTHER $MORE" > said', id=process_id, inputs={"word": "string"}, outputs={"said": SAID}, **more
    )
    answer = server.deploy(document, "application/cwl+json")
    assert answer.status_code == 201, answer.text
    return process_id


@pytest.mark.parametrize("form", ["list", "object"])
def test_each_is_in_the_place_of_its_class(server: Server, process: str, form: str) -> None:
    """For this job alone; its document says so, and cwltool gives the same."""
    body = {key: each for key, each in ENVIRONMENT.items() if key != "class"}
    given = [ENVIRONMENT] if form == "list" else {"EnvVarRequirement": body}

    job_id = server.submit(process, {"word": "given", "cwl:requirements": given})
    status = server.wait(job_id)
    after = server.execute(process, {"word": "given"}, response="document")
    replayed = run(server.url, "replay", job_id)

    assert status["status"] == "successful", status
    assert server.http.get(f"/jobs/{job_id}/results").json() == {"said": "given other "}
    assert after.json() == {"said": "its own  more"}
    assert "WORD: $(inputs.word)" in server.http.get(f"/jobs/{job_id}/process.cwl").text
    assert "its own" in server.http.get(f"/processes/{process}/process.cwl").text
    assert server.http.get(f"/jobs/{job_id}/inputs.json").json() == {"word": "given"}
    assert (replayed.returncode, replayed.stdout) == (0, "said: the same\nThe outputs agree.\n"), replayed.stderr


def test_they_reach_the_steps_of_a_workflow(server: Server) -> None:
    """Where those have none of their own."""
    tool = shell_tool(
        'printf "$WORD" > said',
        requirements={"DockerRequirement": SHELL},
        inputs={"word": "string"},
        outputs={"said": SAID},
    )
    workflow = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": "overridden-workflow",
        "inputs": {"word": "string"},
        "outputs": {"said": {"type": "string", "outputSource": "only/said"}},
        "steps": {"only": {"run": tool, "in": {"word": "word"}, "out": ["said"]}},
    }
    assert server.deploy(workflow, "application/cwl+json").status_code == 201

    answer = server.execute(
        "overridden-workflow", {"word": "given", "cwl:requirements": [ENVIRONMENT]}, response="document"
    )

    assert answer.json() == {"said": "given"}


def test_validation_shows_them(server: Server, process: str) -> None:
    """In the job order that it would be."""
    inputs = {"word": "given", "cwl:requirements": [ENVIRONMENT]}

    answer = server.http.post(f"/processes/{process}/validation", json={"inputs": inputs})

    assert (answer.status_code, answer.json()) == (200, inputs)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (5, ""),
        (["EnvVarRequirement"], "/0"),
        ({"EnvVarRequirement": 5}, "/EnvVarRequirement"),
        ([{}], "/0"),
        ([ENVIRONMENT, {"class": "DockerRequirement", "dockerPull": "alpine"}], "/1"),
        ([{"class": "NetworkAccess", "networkAccess": True}], "/0"),
        ([{"class": "InitialWorkDirRequirement", "listing": []}], "/0"),
        ({"ShellCommandRequirement": {}}, "/ShellCommandRequirement"),
        ([{"class": "cwl:EnvVarRequirement", "envDef": {}}], "/0"),
        ([ENVIRONMENT, ENVIRONMENT], "/1"),
        ([{"class": "EnvVarRequirement", "envDef": {"a b": "c"}}], ""),
        ([{"class": "EnvVarRequirement", "envDef": {"a": {"b": "c"}}}], ""),
        ([{"class": "EnvVarRequirement", "envDef": {"$import": "a"}}], ""),
        ([{"class": "ToolTimeLimit", "timelimit": -1}], ""),
        ([{"class": "ResourceRequirement", "ramMin": "much"}], ""),
    ],
)
def test_what_is_refused(server: Server, process: str, given: Any, place: str) -> None:
    """By execution and validation alike: 400, and where."""
    body = {"inputs": {"word": "given", "cwl:requirements": given}}

    answers = [server.http.post(f"/processes/{process}/{name}", json=body) for name in ("execution", "validation")]

    for answer in answers:
        assert answer.status_code == 400, answer.text
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"/inputs/cwl:requirements{place}"]


def test_every_error_is_told_at_once(server: Server, process: str) -> None:
    """Of the requirements and of the other inputs."""
    answer = server.execute(process, {"other": 1, "cwl:requirements": 5})

    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert pointers == {"/inputs/cwl:requirements", "/inputs/other", "/inputs/word"}


def test_more_than_there_is(server: Server, process: str) -> None:
    """As for a process that asks for it itself."""
    more = [{"class": "ResourceRequirement", "coresMin": 10_000}]

    answer = server.execute(process, {"word": "given", "cwl:requirements": more})

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "resources-exceed-server")


def test_documents_of_the_first_version_take_none(server: Server) -> None:
    """CWL v1.0 does not know them."""
    process = deployed(server, "overridden-v1.0", cwlVersion="v1.0")

    answer = server.execute(process, {"word": "given", "cwl:requirements": [ENVIRONMENT]})

    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/inputs/cwl:requirements"
