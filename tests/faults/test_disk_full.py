"""The disk of the data folder is full: a small file system of the test's own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge.jobfolder import JobFolder
from tests.faults.harness import NAMED, SAID, deployed, listed, reason, release, running, said, tool, working
from tests.gate import WAIT
from tests.live import Server, until

DISK_BYTES = 64 << 20
#: The server's default.
FLOOR_BYTES = 16 << 20
#: What the server itself may give back.
FULL_BYTES = 2 << 20

#: Who finds that there is none: the runner, or the tool, which says so in words of its own.
NO_ROOM = ("no-space", "tool-failed")

FILLS = f"cat /dev/zero > big; code=$?; {WAIT}; exit $code"
BRIEF = tool("brief", NAMED, outputs={"said": SAID})
HELD = tool("held", f"{WAIT}; {NAMED}", outputs={"said": SAID})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system on which little has room."""
    image, place = tmp_path / "image", tmp_path / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    environ = {**os.environ, "PATH": path}
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, env=environ)
    subprocess.run(["mount", "-o", "loop", image, place], check=True, env=environ)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True, env=environ)


def fill(place: Path) -> Path:
    """A file that leaves no room at all."""
    path = place / "filler"
    with path.open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size >>= 1
    return path


def free(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


def assert_reads_go_on(server: Server, job_id: str) -> None:
    for path in ("/", "/processes", "/jobs", f"/jobs/{job_id}", f"/jobs/{job_id}/log", "/health"):
        assert server.http.get(path).status_code == 200


def assert_no_work_is_taken(server: Server) -> None:
    answers = [server.execute("brief", {}, {"Prefer": "respond-async"}), server.execute("brief", {})]
    for answer in answers:
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (507, "insufficient-storage")
        assert "retry-after" in answer.headers
    assert server.deploy(tool("more", "true"), "application/cwl+json").status_code == 507


def test_a_tool_that_fills_the_disk(disk: Path) -> None:
    """Its job fails and says why; until there is room again no work is taken, and everything can be read."""
    with working(disk, SLOTS="2") as server:
        deployed(server, tool("fills", FILLS), BRIEF)
        job_id = server.submit("fills")
        until(lambda: free(disk) < FLOOR_BYTES)

        assert_no_work_is_taken(server)
        until(lambda: free(disk) < FULL_BYTES)
        assert_no_work_is_taken(server)
        assert_reads_go_on(server, job_id)
        release(server, job_id)
        status = server.wait(job_id)

        assert reason(status) in NO_ROOM
        assert "No space left on device" in status["message"]
        until(lambda: free(disk) > FLOOR_BYTES)
        next_one = server.submit("brief", {"name": "next"})
        assert server.wait(next_one)["status"] == "successful"
        assert said(server, next_one)[0] == "next"


def test_jobs_that_end_while_the_disk_is_full(disk: Path) -> None:
    """Their end is recorded: successful with whole outputs, or failed for want of room. Then work goes on."""
    with working(disk, SLOTS="2") as server:
        deployed(server, HELD, BRIEF, tool("exits", f"{WAIT}; exit 3"))
        jobs = [server.submit("held", {"name": "held"}), server.submit("exits")]
        for job_id in jobs:
            running(server, job_id)
        until((server.data / "ballast").exists)
        filler = fill(disk)
        assert free(disk) == 0
        assert_no_work_is_taken(server)

        release(server, *jobs)
        held, exits = (server.wait(job_id) for job_id in jobs)

        assert free(disk) < FLOOR_BYTES
        assert_reads_go_on(server, jobs[0])
        if held["status"] == "successful":
            assert said(server, jobs[0])[0] == "held"
        else:
            assert reason(held) in NO_ROOM
            assert "space" in held["message"] or "full" in held["message"]
        assert reason(exits) in NO_ROOM
        assert_no_work_is_taken(server)
        filler.unlink()
        assert server.wait(server.submit("brief", {"name": "next"}))["status"] == "successful"


def test_a_server_that_starts_on_a_full_disk(disk: Path) -> None:
    """It serves what there is, refuses work, and takes it when there is room."""
    with working(disk, SLOTS="1") as server:
        deployed(server, BRIEF)
        job_id = server.submit("brief", {"name": "before"})
        server.wait(job_id)
        until((server.data / "ballast").exists)
        assert server.stop() == 0
        filler = fill(disk)

        server.start()

        assert_reads_go_on(server, job_id)
        assert said(server, job_id)[0] == "before"
        assert_no_work_is_taken(server)
        filler.unlink()
        assert server.wait(server.submit("brief", {"name": "next"}))["status"] == "successful"


def test_an_ended_job_makes_room(disk: Path) -> None:
    """Who runs out of room can remove what is there: DELETE works on a full disk."""
    with working(disk, SLOTS="1") as server:
        large = {"large": {"type": "File", "outputBinding": {"glob": "large"}}}
        deployed(server, BRIEF, tool("large", "dd if=/dev/zero of=large bs=1M count=24", outputs=large))
        job_id = server.submit("large")
        assert server.wait(job_id)["status"] == "successful"
        fill(disk)
        assert free(disk) == 0

        answer = server.http.delete(f"/jobs/{job_id}")

        assert answer.status_code == 200, answer.text
        assert not JobFolder(server.data / "jobs" / job_id).path.exists()
        assert listed(server) == []
        assert server.wait(server.submit("brief", {"name": "next"}))["status"] == "successful"
