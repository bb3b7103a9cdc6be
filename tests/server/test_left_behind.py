"""Tools that leave more, deeper and longer than anybody needs: their jobs fail, and hold up no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live import Server, serving, shell_tool

CWL = "application/cwl+json"
MOST = 1 << 20

DEEP = "i=0; while [ $i -lt 1500 ]; do mkdir d; cd d; i=$((i+1)); done"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server whose tools may leave a MiB."""
    data = tmp_path_factory.mktemp("small") / "data"
    with serving(data, SLOTS="2", CORES="2", MEMORY="1024", MAX_OUTPUT=str(MOST)) as server:
        yield server


def submitted(server: Server, process_id: str, script: str, **more: Any) -> str:
    answer = server.deploy(shell_tool(script, id=process_id, **more), CWL)
    assert answer.status_code == 201, answer.text
    return server.submit(process_id)


def test_folders_deeper_than_any_path(small: Server) -> None:
    """As many at once as the server has slots: the next job runs, and nothing of them stays."""
    deep = [submitted(small, f"deep-{number}", DEEP) for number in range(2)]
    next_one = submitted(small, "next", "true")

    ended = [small.wait(each) for each in deep]

    assert {each["exception"]["type"].rpartition("/")[2] for each in ended} == {"output-limit"}
    assert "more than 64" in ended[0]["exception"]["detail"]
    assert small.wait(next_one)["status"] == "successful"
    assert not any((small.data / "jobs" / each / "work").exists() for each in deep)
    assert small.http.delete(f"/jobs/{deep[0]}").status_code == 200
    assert not Path(small.data / "jobs" / deep[0]).exists()


def test_more_bytes_than_a_tool_may_leave(small: Server) -> None:
    """Outputs or not, with holes or without."""
    ended = small.wait(submitted(small, "sparse", f"dd of=x bs=1 count=0 seek={2 * MOST}"))

    assert ended["exception"]["type"].endswith("/problems/output-limit")
    assert f"more than {MOST} bytes" in ended["exception"]["detail"]


def test_many_small_files(small: Server) -> None:
    """They are published within seconds, not one by one."""
    outputs = {"o": {"type": "Directory", "outputBinding": {"glob": "o"}}}
    job_id = submitted(small, "many", "mkdir o; cd o; touch $(seq 3000)", outputs=outputs)

    ended = small.wait(job_id)

    assert ended["status"] == "successful"
    assert len(list((small.data / "jobs" / job_id / "outputs" / "o" / "o").iterdir())) == 3000
