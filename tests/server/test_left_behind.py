"""Tools that leave more, deeper and longer than anybody needs: their jobs fail, and hold up no others."""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.live import SHELL, Server, serving, shell_tool

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
    # By the measure while it runs, or by the survey after it: whichever comes first.
    assert any(most in ended[0]["exception"]["detail"] for most in ("more than 64", "more than 2048 bytes"))
    assert small.wait(next_one)["status"] == "successful"
    assert not any((small.data / "jobs" / each / "work").exists() for each in deep)
    assert small.http.delete(f"/jobs/{deep[0]}").status_code == 200
    assert not Path(small.data / "jobs" / deep[0]).exists()


def test_more_bytes_than_a_tool_may_leave(small: Server) -> None:
    """Outputs or not, with holes or without."""
    ended = small.wait(submitted(small, "sparse", f"dd of=x bs=1 count=0 seek={2 * MOST}"))

    assert ended["exception"]["type"].endswith("/problems/output-limit")
    assert f"more than {MOST} bytes" in ended["exception"]["detail"]


def test_an_image_with_a_folder_to_write_to(small: Server) -> None:
    """It is on the engine's disk, and counts like the tool's own."""
    image = f"cwl-processes-test/volume-{uuid.uuid4().hex[:8]}:1"
    made = b"FROM busybox:stable\nRUN mkdir -m 777 /data && echo kept >/data/file\nVOLUME /data"
    subprocess.run(["docker", "build", "--quiet", "--tag", image, "-"], input=made, capture_output=True, check=True)
    docker = {"class": "DockerRequirement", "dockerPull": image}
    fill = "cat /data/file; while :; do dd if=/dev/zero of=/data/$((n=n+1)) bs=100000 count=1; sleep 0.1; done"
    try:
        job_id = submitted(small, "volume", fill, requirements=[SHELL, docker])
        ended = small.wait(job_id)
        left = subprocess.run(["docker", "ps", "-aq", f"--filter=ancestor={image}"], capture_output=True, check=True)
    finally:
        subprocess.run(["docker", "image", "rm", "--force", image], capture_output=True, check=True)

    assert ended["exception"]["type"].endswith("/problems/output-limit")
    assert "kept" in small.http.get(f"/jobs/{job_id}/log").text
    assert left.stdout == b""


def test_many_small_files(small: Server) -> None:
    """They are published within seconds, not one by one."""
    outputs = {"o": {"type": "Directory", "outputBinding": {"glob": "o"}}}
    job_id = submitted(small, "many", "mkdir o; cd o; touch $(seq 3000)", outputs=outputs)

    ended = small.wait(job_id)

    assert ended["status"] == "successful"
    assert len(list((small.data / "jobs" / job_id / "outputs" / "o" / "o").iterdir())) == 3000
