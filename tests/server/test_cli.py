"""The command line, as people and scripts use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import EXAMPLES, Server, environment, shell_package, shell_tool


def run(server: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**environment(), "CWL_PROCESSES_URL": server},
        check=False,
    )


def test_a_process_from_deploy_to_undeploy(server: Server, tmp_path: Path) -> None:
    """Files that the inputs name are sent, results downloaded."""
    (tmp_path / "poem.txt").write_text("the rose is a rose is a rose")
    (tmp_path / "inputs.yml").write_text("text: {class: File, path: poem.txt}\ntop: 1\n")
    source = str(EXAMPLES / "word-count" / "word-count.cwl")

    deployed = run(server.url, "deploy", source, "--id", "cli-count")
    listed = run(server.url, "processes")
    described = run(server.url, "describe", "cli-count")
    ran = run(server.url, "run", "cli-count", str(tmp_path / "inputs.yml"), "--outdir", "out", cwd=tmp_path)
    by_option = run(server.url, "run", "cli-count", "-i", "text=poem.txt", "-i", "top=2", cwd=tmp_path)
    undeployed = run(server.url, "undeploy", "cli-count")
    gone = run(server.url, "describe", "cli-count")

    assert deployed.stdout == "deployed cli-count\n", deployed.stderr
    assert "cli-count  1.0.0  Count words" in listed.stdout
    assert "top  integer  optional  How many words to list" in described.stdout
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["words"] == 8
    assert (tmp_path / "out" / "frequencies" / "frequencies.csv").read_text() == "word,count\nrose,3\n"
    assert json.loads(by_option.stdout)["words"] == 8
    assert undeployed.returncode == 0
    assert (gone.returncode, "There is no process" in gone.stderr) == (2, True)


def test_the_log_of_a_job(server: Server) -> None:
    """As it is, and followed to its end; a failed job is exit code 1 where its end is waited for."""
    server.deploy(shell_package("cli-logs", "echo 'first: 1' >&2; echo second >&2; exit 4"))
    job_id = run(server.url, "run", "cli-logs", "--async").stdout.strip()

    followed = run(server.url, "log", job_id, "-f")
    shown = run(server.url, "log", job_id)
    waited = run(server.url, "run", "cli-logs")

    assert "\nfirst: 1\nsecond\n" in followed.stdout
    assert followed.returncode == 1
    assert shown.stdout == followed.stdout
    assert shown.returncode == 0
    assert "  0/1 cli-logs started\n" in waited.stderr
    assert (waited.returncode, "ended with exit code 4" in waited.stderr) == (1, True)


def test_a_job_is_followed_step_by_step(server: Server) -> None:
    """Started, listed, looked at, its results shown, dismissed."""
    job_id = run(server.url, "run", "echo", "-i", "stringInput=hello", "--async").stdout.strip()
    server.wait(job_id)

    assert job_id in run(server.url, "jobs", "--process", "echo").stdout
    assert json.loads(run(server.url, "status", job_id, "--json").stdout)["status"] == "successful"
    assert json.loads(run(server.url, "results", job_id).stdout) == {"stringInput": "hello"}
    assert run(server.url, "dismiss", job_id).stdout == f"dismissed {job_id}\n"
    assert server.http.get(f"/jobs/{job_id}").status_code == 404


def test_replacing_a_process(server: Server, tmp_path: Path) -> None:
    """--replace deploys what is new and replaces what is there."""
    package = tmp_path / "package.json"
    package.write_text(json.dumps(shell_package("cli-replaced", "true")))

    first = run(server.url, "deploy", "--replace", str(package))
    second = run(server.url, "deploy", "--replace", str(package))
    without = run(server.url, "deploy", str(package))

    assert (first.stdout, second.stdout) == ("deployed cli-replaced\n", "replaced cli-replaced\n")
    assert (without.returncode, "registered already" in without.stderr) == (2, True)


def test_a_failed_job_ends_with_one(server: Server) -> None:
    """And says what the tool said."""
    server.deploy(shell_package("cli-fails", "echo went wrong >&2; exit 9"))

    found = run(server.url, "run", "cli-fails")

    assert found.returncode == 1
    assert "exit code 9: went wrong" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "echo", "-i", "nothing"], 2, "NAME=VALUE"),
        (["run", "echo", "-i", "pause=1"], 2, "/inputs/stringInput: This input is required."),
        (["deploy", "no-such-file.cwl"], 2, "no-such-file.cwl"),
        (["status", "no-such-job"], 2, "There is no job"),
        (["nonsense"], 2, "invalid choice"),
        (["processes", "--server", "http://127.0.0.1:9"], 3, "can't be reached"),
    ],
)
def test_bad_use_is_answered_in_words(server: Server, arguments: list[str], code: int, said: str) -> None:
    """With the exit code of the interface."""
    found = run(server.url, *arguments)

    assert (found.returncode, said in found.stderr) == (code, True), found.stderr


def _written(folder: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def test_deploying_a_document_with_the_files_that_it_names(server: Server, tmp_path: Path) -> None:
    """Also those above it; names of registered processes and URLs are left to the server."""
    assert server.deploy(shell_tool("true", id="cli-known"), "application/cwl+json").status_code == 201
    steps = {
        name: {"run": run, "in": {}, "out": []} for name, run in (("a", "cli-known"), ("b", "../lib/my%20tool.cwl"))
    }
    main = {"cwlVersion": "v1.2", "class": "Workflow", "id": "cli-files", "inputs": {}, "outputs": {}, "steps": steps}
    tool = shell_tool("true", hints={"$import": "hints.yml"})
    hints = "ToolTimeLimit: {timelimit: 60}"
    folder = _written(tmp_path, {"w/main.cwl": main, "lib/my tool.cwl": tool, "lib/hints.yml": hints})

    deployed = run(server.url, "deploy", "w/main.cwl", cwd=folder)
    named = run(server.url, "deploy", "w/main.cwl", "--id", "cli-named", cwd=folder)
    replaced = run(server.url, "deploy", "w/main.cwl", "--replace", cwd=folder)

    assert deployed.stdout == "deployed cli-files\n", deployed.stderr
    assert named.stdout == "deployed cli-named\n", named.stderr
    assert replaced.stdout == "replaced cli-files\n", replaced.stderr
    assert "timelimit: 60" in server.http.get("/processes/cli-named/process.cwl").text
    assert run(server.url, "run", "cli-named").returncode == 0


def test_deploying_one_of_several_processes(server: Server, files: tuple[Path, str]) -> None:
    """Of a file and of a URL, with what lies beside it."""
    folder, url = files
    own = {"$import": "hints.yml"}
    graph = {
        "cwlVersion": "v1.2",
        "$graph": [shell_tool("true", id="cli-a", hints=own), shell_tool("true", id="cli-b", hints=own)],
    }
    _written(folder, {"all.cwl": graph, "hints.yml": "ToolTimeLimit: {timelimit: 60}"})

    assert run(server.url, "deploy", "all.cwl#cli-a", cwd=folder).stdout == "deployed cli-a\n"
    assert run(server.url, "deploy", "all.cwl#cli-a", "--replace", cwd=folder).stdout == "replaced cli-a\n"
    assert run(server.url, "deploy", f"{url}/all.cwl#cli-b").stdout == "deployed cli-b\n"
    assert run(server.url, "deploy", f"{url}/all.cwl#cli-b", "--id", "cli-c").stdout == "deployed cli-c\n"
    unknown = run(server.url, "deploy", "all.cwl#cli-d", cwd=folder)
    assert (unknown.returncode, "there are: cli-a, cli-b" in unknown.stderr) == (2, True), unknown.stderr


def test_deploying_a_package_that_names_a_file(server: Server, tmp_path: Path) -> None:
    """Its document and its description go together."""
    package = {
        "processDescription": {"id": "cli-package", "title": "Told"},
        "executionUnit": {"href": "lib/tool.cwl", "type": "application/cwl"},
    }
    folder = _written(tmp_path, {"package.json": package, "lib/tool.cwl": shell_tool("true", id="other")})

    first = run(server.url, "deploy", "package.json", cwd=folder)
    second = run(server.url, "deploy", "package.json", "--id", "cli-package-2", cwd=folder)

    assert (first.stdout, second.stdout) == ("deployed cli-package\n", "deployed cli-package-2\n"), first.stderr
    assert server.http.get("/processes/cli-package-2").json()["title"] == "Told"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"run": "tools/none.cwl"}, "'tools/none.cwl' is no part of the package"),
        ({"run": "none.cwl"}, "'none.cwl' is no part of the package, and no registered process"),
        ({"run": {"$import": "../../none.cwl"}}, "'../../none.cwl' is no part of the package"),
        ({"in": {"a": {"default": {"class": "Directory", "location": "none"}}}}, "'none' is no folder"),
    ],
)
def test_deploying_without_a_file(server: Server, tmp_path: Path, change: dict[str, object], said: str) -> None:
    """Which one is missing."""
    step = {"run": shell_tool("true"), "in": {}, "out": [], **change}
    main = {"cwlVersion": "v1.2", "class": "Workflow", "inputs": {}, "outputs": {}, "steps": {"one": step}}
    _written(tmp_path, {"a/b/main.cwl": main})

    found = run(server.url, "deploy", "a/b/main.cwl", cwd=tmp_path)

    assert (found.returncode, said in found.stderr) == (2, True), found.stderr


def test_deploying_files_beside_urls(server: Server, files: tuple[Path, str], tmp_path: Path) -> None:
    """What comes after a URL is sent too."""
    folder, url = files
    _written(folder, {"far.cwl": {"cwlVersion": "v1.2", "$graph": [shell_tool("true", id="far")]}})
    runs = {"a": f"{url}/far.cwl#far", "b": "near.cwl"}
    steps = {name: {"run": each, "in": {}, "out": []} for name, each in runs.items()}
    main = {"cwlVersion": "v1.2", "class": "Workflow", "id": "cli-near", "inputs": {}, "outputs": {}, "steps": steps}
    _written(tmp_path / "w", {"main.cwl": main, "near.cwl": shell_tool("true")})

    found = run(server.url, "deploy", "main.cwl", cwd=tmp_path / "w")

    assert found.stdout == "deployed cli-near\n", found.stderr


def test_a_process_is_called_like_its_file(server: Server, files: tuple[Path, str]) -> None:
    """Where the document has no id, or only the one that a packer gives."""
    folder, url = files
    nameless = shell_tool("true", hints={"$import": "hints.yml"})
    graph = {"cwlVersion": "v1.2", "$graph": [shell_tool("true", id="#main")]}
    _written(
        folder,
        {"cli alone.cwl": graph, "cli-beside.cwl": nameless, "hints.yml": "ToolTimeLimit: {timelimit: 60}"},
    )
    _written(folder, {"cli-far.cwl": graph})

    assert run(server.url, "deploy", "cli alone.cwl", cwd=folder).stdout == "deployed cli-alone\n"
    assert run(server.url, "deploy", "cli-beside.cwl", cwd=folder).stdout == "deployed cli-beside\n"
    assert run(server.url, "deploy", f"{url}/cli-far.cwl").stdout == "deployed cli-far\n"
    again = run(server.url, "deploy", "cli alone.cwl", "--replace", cwd=folder)
    assert (again.returncode, "needs --id" in again.stderr) == (2, True)


def test_deploy_of_a_request(server: Server, tmp_path: Path) -> None:
    """An execute request becomes a process; what is wrong with it is shown at its place."""
    body = {"id": "asks-echo", "process": "echo", "inputs": {"stringInput": {"$input": "said"}}}
    (tmp_path / "request.json").write_text(json.dumps(body))
    (tmp_path / "wrong.json").write_text('{"process": "echo",\n "inputs": {"none": 1}}')

    made = run(server.url, "deploy", str(tmp_path / "request.json"))
    wrong = run(server.url, "deploy", "wrong.json", cwd=tmp_path)

    assert (made.returncode, made.stdout) == (0, "deployed asks-echo\n"), made.stderr
    assert list(server.http.get("/processes/asks-echo").json()["inputs"]) == ["said"]
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("wrong.json:2:13: error: 'echo' has no such input; there are: stringInput")
