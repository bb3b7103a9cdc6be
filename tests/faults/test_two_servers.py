"""One data folder has one server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.harness import NAMED, SAID, attempts, deployed, once_each, release, running, said, tool, working
from tests.gate import WAIT
from tests.live import environment


def test_a_second_server_on_the_same_data_folder(tmp_path: Path) -> None:
    """It is refused in words, by its real name or another, and touches nothing of what runs."""
    with working(tmp_path / "data", SLOTS="1") as server, attempts(tmp_path) as counted:
        deployed(server, tool("held", f"{NAMED}; {WAIT}", outputs={"said": SAID}))
        jobs = [server.submit("held", {"name": f"job-{i}"}) for i in range(2)]
        container = running(server, jobs[0])
        (tmp_path / "link").symlink_to(server.data)

        for data in (server.data, tmp_path / "link"):
            second = subprocess.run(
                [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(data)],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
                env=environment(),
            )
            assert second.returncode == 2
            assert f"Another server works on {data}; stop it first" in second.stderr
            assert "Traceback" not in second.stderr

        assert running(server, jobs[0]) == container
        for job_id in jobs:
            release(server, job_id)
            assert server.wait(job_id)["status"] == "successful"
        assert [said(server, job_id)[0] for job_id in jobs] == ["job-0", "job-1"]
        once_each(counted, jobs)
