"""Deploys that are refused: each error names the file, the line and the column, and what was expected."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import ROOT, Server, environment, shell_package
from tests.server.refused import CASES, FOLDER, Case
from tests.server.test_several_files import PACKAGE, post

SHOWN = [each for each in CASES if (each.folder / "cli.txt").exists()]

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
inputs:
  a: integer
outputs: {}
"""


def _name(case: Case) -> str:
    return case.folder.name


def _deploy(server: str, *arguments: str, cwd: Path | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", "deploy", "--server", server, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        input=given,
        env=environment(),
        check=False,
    )


@pytest.fixture(scope="module")
def mutable(server: Server) -> str:
    """A process that may be replaced."""
    return str(server.deploy(shell_package("refused-replacement", "true")).json()["id"])


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_deploy_that_is_refused(server: Server, mutable: str, case: Case) -> None:
    """By POST and by PUT alike, whatever form the package has."""
    body, media_type = case.body()
    headers = {"Content-Type": media_type}

    posted = server.http.post("/processes", content=body, headers=headers).json()
    put = server.http.put(f"/processes/{mutable}", content=body, headers=headers).json()

    found = {"status": posted["status"], "type": posted["type"].rpartition("/")[2], "errors": posted["errors"]}
    assert found == case.expected
    assert put["errors"] == posted["errors"]
    assert "process.cwl" not in json.dumps(posted)


@pytest.mark.parametrize("case", SHOWN, ids=_name)
def test_the_command_line_shows_it_as_a_compiler_does(server: Server, case: Case) -> None:
    """Place and words, the line, a caret: on standard error, and the exit code says bad use."""
    done = _deploy(server.url, case.main, cwd=case.folder)

    assert done.stderr == (case.folder / "cli.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "")


def test_the_example_of_the_documentation() -> None:
    """It is one of the cases, as the server and as the command line say it."""
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    shown = FOLDER / "in-a-subworkflow"
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])

    assert f"```\n{(shown / 'cli.txt').read_text(encoding='utf-8')}```\n" in page
    assert example["errors"] == Case(shown).expected["errors"]


def test_files_are_called_as_they_were_named(server: Server, tmp_path: Path) -> None:
    """From wherever the command is run, with an id of one's own or without."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "echo.cwl").write_text(TOOL)
    steps = "steps:\n  only: {run: ../tools/echo.cwl, in: [], out: []}\n"
    (tmp_path / "flows" / "flow.cwl").write_text("cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\n" + steps)

    beside = _deploy(server.url, "flows/flow.cwl", cwd=tmp_path)
    inside = _deploy(server.url, "flow.cwl", "--id", "never", cwd=tmp_path / "flows")
    absolute = _deploy(server.url, str(tmp_path / "tools" / "echo.cwl"), "--id", "never")
    read = _deploy(server.url, "-", "--id", "never", given=TOOL)

    shown = ":7:6: error: 'integer' is no type that is known here; did you mean 'int'?\n  a: integer\n     ^\n"
    assert beside.stderr.startswith("tools/echo.cwl" + shown)
    assert inside.stderr.startswith("../tools/echo.cwl" + shown)
    assert absolute.stderr.startswith(f"{tmp_path}/tools/echo.cwl" + shown)
    assert read.stderr.startswith("<stdin>" + shown)


def test_the_problem_as_json(server: Server, tmp_path: Path) -> None:
    """What the server says of a document, and what is found before it is sent."""
    (tmp_path / "tool.cwl").write_text(TOOL)
    (tmp_path / "none.cwl").write_text("a: [")

    refused = _deploy(server.url, "tool.cwl", "--json", cwd=tmp_path)
    unsent = _deploy(server.url, "none.cwl", "--json", cwd=tmp_path)

    assert (refused.returncode, refused.stderr) == (2, "")
    problem = json.loads(refused.stdout)
    assert problem["type"] == f"{server.url}/problems/invalid-process"
    assert [(each["line"], each["column"]) for each in problem["errors"]] == [(7, 6)]
    assert (unsent.returncode, unsent.stderr) == (2, "")
    assert [(each["line"], each["column"]) for each in json.loads(unsent.stdout)["errors"]] == [(2, 1)]


def test_long_lines_and_what_a_terminal_would_take_for_commands(server: Server, tmp_path: Path) -> None:
    """A part of the line, with the caret below its place; wide characters have two columns."""
    packed = json.dumps({"doc": "d" * 300, "cwlVersion": "v1.2", "class": "CommandLineTool", "inputs": "e" * 300})
    packed = packed.replace('"CommandLineTool"', '"Tool"')
    (tmp_path / "long.cwl").write_text(packed)
    (tmp_path / "wide.cwl").write_text("{doc: 文\x85\u202e, class: Tool}\n")

    long, wide = (_deploy(server.url, name, cwd=tmp_path).stderr.splitlines() for name in ("long.cwl", "wide.cwl"))

    column = packed.index('"Tool"') + 1
    assert long[0].startswith(f"long.cwl:1:{column}: error: A process of class")
    assert (len(long[1]), long[1][long[2].index("^") :][:6]) == (160, '"Tool"')
    assert wide[1:3] == ["{doc: 文??, class: Tool}", " " * 19 + "^"]


def test_an_error_in_a_document_that_is_fetched(server: Server, files: tuple[Path, str], tmp_path: Path) -> None:
    """Its file is the URL; that of one that can't be fetched is the one that refers to it."""
    folder, url = files
    (folder / "tool.cwl").write_text(TOOL)
    unit = {"executionUnit": {"href": f"{url}/tool.cwl", "type": "application/cwl"}}
    (tmp_path / "flow.cwl").write_text(
        f"cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n- run: {url}/none.cwl\n"
    )

    fetched = post(server, unit, PACKAGE).json()["errors"]
    missing = post(server, (tmp_path / "flow.cwl").read_bytes(), "application/cwl").json()
    shown = _deploy(server.url, "flow.cwl", cwd=tmp_path).stderr
    by_url = _deploy(server.url, f"{url}/tool.cwl").stderr

    assert [(each["file"], each["line"], each["pointer"]) for each in fetched] == [(f"{url}/tool.cwl", 7, "/inputs/a")]
    assert missing["type"].endswith("/fetch-failed")
    assert [(each["line"], each["column"], each["pointer"]) for each in missing["errors"]] == [(6, 8, "/steps/0/run")]
    assert shown.startswith("flow.cwl:6:8: error: ")
    assert by_url.startswith(f"{url}/tool.cwl:7:6: error: ")


def test_another_id_than_that_of_the_path(server: Server) -> None:
    """A package that is put where another process is."""
    body = (
        b'{"processDescription": {\n "id": "other"},\n "executionUnit": {"type": "docker", "image": "busybox:stable"}}'
    )
    made = server.http.post("/processes", content=body.replace(b"other", b"placed"), headers={"Content-Type": PACKAGE})
    assert made.status_code == 201, made.text

    problem = server.http.put("/processes/placed", content=body, headers={"Content-Type": PACKAGE}).json()

    detail = "The body describes 'other', the path names 'placed'."
    place = {"pointer": "/processDescription/id", "line": 2, "column": 8}
    assert problem["errors"] == [{**place, "detail": detail}]
    assert server.http.delete("/processes/placed").status_code == 204
