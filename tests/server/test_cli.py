"""The command line, as people and scripts use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import EXAMPLES, Server, environment, shell_package


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
