"""A tool that says more than anybody wants to keep."""

from __future__ import annotations

from pathlib import Path

from tests.faults.harness import SAID, deployed, docker, release, running, said, tool, working
from tests.gate import WAIT
from tests.live import SHELL

MAX_LOG = 1_000_000
#: What stands beside the tool's words: cwltool's own, and the line that says where the log ends.
MORE = 10_000

FLOOD = "head -c 1000000000 /dev/zero | tr '\\0' x >&2; echo done > said"


def test_a_tool_that_writes_a_gigabyte_of_log(tmp_path: Path) -> None:
    """Its log ends where it is set to end, and says so; the job is none the worse for it."""
    flood = tool("flood", FLOOD, outputs={"said": SAID}, requirements=[SHELL])
    with working(tmp_path / "data", MAX_LOG=str(MAX_LOG)) as server:
        deployed(server, flood)
        job_id = server.submit("flood")
        assert server.wait(job_id)["status"] == "successful"

        assert said(server, job_id) == ["done"]
        log = server.data / "jobs" / job_id / "log.txt"
        assert MAX_LOG <= log.stat().st_size <= MAX_LOG + MORE
        answer = server.http.get(f"/jobs/{job_id}/log")
        assert (answer.status_code, len(answer.content)) == (200, log.stat().st_size)
        lines = answer.text.splitlines()
        assert lines[-2].endswith("xxxxxxxxxx")
        assert str(MAX_LOG) in lines[-1]
        assert "ends here" in lines[-1]
        tail = server.http.get(f"/jobs/{job_id}/log", params={"offset": MAX_LOG - 10})
        assert tail.content == answer.content[MAX_LOG - 10 :]


def test_what_a_tool_says_is_kept_once(tmp_path: Path) -> None:
    """In the job's log, which has a limit: the engine keeps no log of its own, which has none."""
    with working(tmp_path / "data") as server:
        deployed(server, tool("says", f"echo words >&2; {WAIT}"))
        job_id = server.submit("says")
        container = running(server, job_id)
        driver = docker("inspect", "--format", "{{.HostConfig.LogConfig.Type}}", container)
        release(server, job_id)
        assert server.wait(job_id)["status"] == "successful"

        assert "words" in server.http.get(f"/jobs/{job_id}/log").text
        assert driver == "none"
