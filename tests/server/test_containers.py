"""What a tool finds in its container: no rights, no network that it did not ask for, limits on all that it may use."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gate import WAIT, let_go
from tests.live import Server, containers_of, serving, shell_package, shell_tool, until

CWL = "application/cwl+json"

LOOKS = """
id -u > uid; id -g > gid
grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status > status
ulimit -n > files; ulimit -c > core; ulimit -f > size
ls /sys/class/net | tr '\\n' ' ' > net
touch /etc/x 2> root || true
df -k /dev/shm | tail -n 1 | awk '{print $2}' > shm
cat /proc/1/comm > first; cat /proc/self/oom_score_adj > oom
"""
NAMES = ("uid", "gid", "status", "files", "core", "size", "net", "root", "shm", "first", "oom")


def looking(process_id: str, **more: Any) -> dict[str, Any]:
    outputs = {name: {"type": "File", "outputBinding": {"glob": name}} for name in NAMES}
    return {**shell_tool(LOOKS, id=process_id, outputs=outputs), **more}


def seen(server: Server, process_id: str) -> dict[str, str]:
    """By name, what the tool found."""
    job_id = server.submit(process_id)
    assert server.wait(job_id)["status"] == "successful", server.status(job_id)
    return {name: server.http.get(f"/jobs/{job_id}/results/{name}").text.strip() for name in NAMES}


def running(job_id: str) -> dict[str, Any] | None:
    """What the engine says of the container of a job, once it has started."""
    found = subprocess.run(["docker", "inspect", *containers_of(job_id)], capture_output=True, check=False)
    told: list[dict[str, Any]] = json.loads(found.stdout or b"[]")
    return next((each for each in told if each["State"]["Running"]), None)


def test_a_tool_has_no_rights(server: Server) -> None:
    """It is nobody, can become nobody else, and every limit holds."""
    assert server.deploy(looking("looks-around"), CWL).status_code == 201

    assert_no_rights(seen(server, "looks-around"))


def assert_no_rights(found: dict[str, str]) -> None:
    assert (found["uid"], found["gid"]) == ("10001", "10001")
    status = dict(line.split(":\t") for line in found["status"].splitlines())
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert (found["files"], found["core"]) == ("4096", "0")
    assert int(found["size"]) * 512 == 16 << 30
    assert found["net"] == "lo"
    assert "Read-only file system" in found["root"]
    assert int(found["shm"]) == 64 * 1024
    assert found["first"] != "sh"
    assert found["oom"] == "500"


def test_the_engine_is_told_so(server: Server) -> None:
    """What can't be seen from inside."""
    server.deploy(shell_package("waits-limited", WAIT))
    job_id = server.submit("waits-limited")

    told = until(lambda: running(job_id))
    let_go(server, job_id)
    server.wait(job_id)

    host = told["HostConfig"]
    assert (host["PidsLimit"], host["CapDrop"], host["IpcMode"], host["Init"]) == (512, ["ALL"], "private", True)
    assert (host["ReadonlyRootfs"], host["Privileged"], host["NetworkMode"]) == (True, False, "none")
    folder = str(server.data.resolve() / "jobs" / job_id)
    assert all(each["Source"].startswith(folder) for each in told["Mounts"])


def test_a_fork_bomb_stops_at_its_limit(server: Server) -> None:
    """It fails, and the machine goes on."""
    script = "i=0; while [ $i -lt 600 ]; do sleep 30 & i=$((i+1)); done; echo all"
    server.deploy(shell_package("forks", script))
    job_id = server.submit("forks")

    assert server.wait(job_id)["status"] == "failed"
    assert "fork" in server.http.get(f"/jobs/{job_id}/log").text
    assert containers_of(job_id) == []


def test_only_who_asks_has_a_network(tmp_path: Path) -> None:
    """By a requirement; CWL v1.0 has no word for it. Where the operator allows none, none is given."""
    asks = {"requirements": [{"class": "NetworkAccess", "networkAccess": True}]}
    hint = {"hints": [{"class": "NetworkAccess", "networkAccess": True}]}
    docker = looking("x")["requirements"]
    asking = looking("asks", requirements=[*docker, *asks["requirements"]])
    with serving(tmp_path / "data") as allowing:
        assert allowing.deploy(asking, CWL).status_code == 201
        assert "eth0" in seen(allowing, "asks")["net"]

    with serving(tmp_path / "other", NETWORK="none") as refusing:
        refused = refusing.deploy(asking, CWL)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "unsupported-requirement")
        assert "network" in refused.json()["detail"]
        for process in (looking("hinted", **hint), looking("old", cwlVersion="v1.0")):
            assert refusing.deploy(process, CWL).status_code == 201
            assert seen(refusing, process["id"])["net"] == "lo"


def test_outputs_belong_to_the_server(server: Server) -> None:
    """A tool of the same user on this machine can't change what is published."""
    outputs = {"o": {"type": "Directory", "outputBinding": {"glob": "d"}}}
    script = "mkdir d; echo x > d/f; chmod 0 d/f; mkdir d/e; chmod 0 d/e"
    server.deploy({**shell_tool(script, id="leaves"), "outputs": outputs}, CWL)
    job_id = server.submit("leaves")
    assert server.wait(job_id)["status"] == "successful"

    folder = server.data / "jobs" / job_id / "outputs"

    assert {each.stat().st_uid for each in folder.rglob("*")} == {0}
    assert server.http.get(f"/jobs/{job_id}/results/o/f").text == "x\n"


@pytest.mark.parametrize("name", ["container_user", "network", "seccomp", "container_processes"])
def test_a_setting_that_no_container_can_have(tmp_path: Path, name: str) -> None:
    """The server does not start, and says which."""
    server = Server(tmp_path / "data", **{name.upper(): "1"} if name == "container_processes" else {name.upper(): "/x"})
    with pytest.raises(AssertionError, match=name):
        server.start()
    assert server.ended() == 2


def test_the_engine_looks_at_no_private_place(tmp_path: Path) -> None:
    """For an image that names one: what answers there, or does not, is not told."""
    with serving(tmp_path / "data") as server, socket.create_server(("127.0.0.1", 0)) as place:
        place.settimeout(0)
        package = shell_package("pulls", "true")
        package["executionUnit"]["image"] = f"127.0.0.1:{place.getsockname()[1]}/x/y:1"
        assert server.deploy(package).status_code == 201

        job = server.wait(server.submit("pulls"))

        assert job["exception"]["type"].endswith("image-unavailable")
        assert "private" in job["message"]
        with pytest.raises(BlockingIOError):
            place.accept()
