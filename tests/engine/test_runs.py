"""Every case in tests/data/runs, some on both engines: process.cwl, inputs.json (of an execute request), expected.json.

`expected`: status; results; of a failure reason, step, exitCode, last log lines, and words of the message; steps in
the order of their ends; known: how many there were to be, where that is not the same.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.engine.running import CASES, COLD, RUNS, Ran, deploy, ended, expected, submit
from tests.live import serving

VALIDATE = "import sys; from cwltool.main import main; sys.exit(max(main(['--validate', p]) for p in sys.argv[1:]))"

Runs = dict[tuple[str, str], Ran]

CASES_OF: dict[str, Sequence[str]] = {"warm": CASES, "cold": COLD}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """(engine, case) → its end. The second server finds the processes that the first one was given."""
    data = tmp_path_factory.mktemp("runs") / "data"
    processes: dict[str, str] = {}
    found: Runs = {}
    for engine, cases in CASES_OF.items():
        with serving(data, ENGINE=engine, SLOTS="2", CORES="2", MEMORY="2048") as server:
            processes = processes or {case: deploy(server, case) for case in cases}
            jobs = {case: submit(server, case, processes[case]) for case in cases}
            found |= {(engine, case): ended(server, job_id) for case, job_id in jobs.items()}
    return found


@pytest.mark.parametrize(("engine", "case"), [(engine, case) for engine in CASES_OF for case in CASES_OF[engine]])
def test_a_run(ran: Runs, engine: str, case: str) -> None:
    """Ends as its case says: with these results, or with a failure that names what went wrong, and where."""
    wanted, got = expected(case), ran[engine, case]

    assert got.status == wanted["status"], got
    if "steps" in wanted:
        assert got.steps == wanted["steps"]
    assert got.known == wanted.get("known", len(got.steps))
    if got.status == "successful":
        assert got.results == wanted["results"]
        assert (got.message, got.progress) == ("Done.", 100)
        return
    problem, failure = got.problem, wanted["failure"]
    assert problem is not None
    assert problem["type"] == failure["reason"], got
    assert problem.get("exitCode") == failure.get("exitCode")
    if "step" in failure:
        assert problem["step"] == failure["step"]
    if "log" in failure:
        assert problem["log"] == failure["log"]
    assert [word for word in failure["words"] if word not in problem["detail"]] == []
    assert got.message == problem["detail"]
    assert got.progress is None


@pytest.mark.parametrize("case", COLD)
def test_both_engines_say_the_same(ran: Runs, case: str) -> None:
    """Results, or every word of a failure, and steps: those that wait for nothing may run in any order."""
    warm, cold = (replace(each, steps=sorted(each.steps)) for each in (ran["warm", case], ran["cold", case]))
    assert warm == cold


def test_plain_cwltool_takes_every_case() -> None:
    """Nothing in them is this server's own."""
    documents = [str(RUNS / case / "process.cwl") for case in CASES]

    done = subprocess.run([sys.executable, "-c", VALIDATE, *documents], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("is valid CWL") == len(CASES)
