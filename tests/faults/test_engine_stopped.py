"""The container engine goes away and comes back; an engine of the test's own, so that nobody else's is touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.harness import (
    NAMED,
    SAID,
    attempts,
    deployed,
    docker,
    once_each,
    reason,
    said,
    tool,
    working,
)
from tests.gate import WAIT
from tests.live import until

#: What dockerd calls lies in sbin, which not every PATH has.
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


class Daemon:
    """A dockerd with a containerd, images and networks of its own, and no network for containers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.environ = {"DOCKER_HOST": f"unix://{folder}/docker.sock"}

    def start(self) -> None:
        # A process that nobody has waited for has ended, whatever dockerd takes it for.
        (self._folder / "exec" / "containerd" / "containerd.pid").unlink(missing_ok=True)
        (self._folder / "dockerd.pid").unlink(missing_ok=True)
        with (self._folder / "dockerd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    # In a network of its own: without a bridge it would remove the machine's.
                    *("unshare", "--net", "dockerd"),
                    f"--data-root={self._folder}/data",
                    f"--exec-root={self._folder}/exec",
                    f"--pidfile={self._folder}/dockerd.pid",
                    f"--host={self.environ['DOCKER_HOST']}",
                    "--bridge=none",
                    "--iptables=false",
                    "--ip-masq=false",
                    "--shutdown-timeout=1",
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": f"{os.environ['PATH']}:{SBIN}"},
            )
        until(self.answers)

    def answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "dockerd.log").read_text()
        return (
            subprocess.run(["docker", "info"], capture_output=True, env=self._environment, check=False).returncode == 0
        )

    def load(self, image: str) -> None:
        saved = subprocess.run(["docker", "save", image], stdout=subprocess.PIPE, check=True)
        subprocess.run(["docker", "load"], input=saved.stdout, capture_output=True, env=self._environment, check=True)

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(60)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()
        # What outlives a daemon that was killed: containers, and who watches over them.
        for pid in _processes(self._folder):
            with suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
                for process in (pid, *map(int, children)):
                    os.kill(process, signal.SIGKILL)
        for each in sorted(_mounts(self._folder), reverse=True):
            subprocess.run(["umount", "--lazy", each], check=False)
        shutil.rmtree(self._folder)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environ}


def _processes(folder: Path) -> list[int]:
    """Those that have a folder on their command line."""
    found = list[int]()
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"{folder}/".encode() in each.read_bytes():
                found.append(int(each.parent.name))
    return found


def _mounts(folder: Path) -> list[str]:
    """The places below a folder where something is mounted."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    return [each for each in places if each.startswith(f"{folder}/")]


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    # Not pytest's folder: the name of a socket has at most 107 characters.
    running = Daemon(Path(tempfile.mkdtemp(prefix="engine-")))
    try:
        running.start()
        running.load("busybox:stable")
        yield running
    finally:
        running.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_engine_that_is_stopped_and_started(daemon: Daemon, tmp_path: Path, number: int) -> None:
    """What ran has failed for that reason, what waited waits and runs afterwards, and nothing runs twice."""
    with (
        working(tmp_path / "data", daemon.environ, SLOTS="2") as server,
        attempts(tmp_path, daemon.environ) as before,
    ):
        deployed(
            server,
            tool("held", f"{NAMED}; {WAIT}", outputs={"said": SAID}),
            tool("brief", NAMED, outputs={"said": SAID}),
        )
        ran = [server.submit("held", {"name": f"ran-{i}"}) for i in range(2)]
        waited = [server.submit("brief", {"name": f"waited-{i}"}) for i in range(2)]
        once_each(before, ran)
        assert server.http.get("/health/ready").status_code == 200

        daemon.stop(number)
        ended = [server.wait(job_id) for job_id in ran]
        refused = server.execute("brief", {}, {"Prefer": "respond-async"})
        ready = server.http.get("/health/ready")
        states = [server.status(job_id)["status"] for job_id in waited]
        daemon.start()
        with attempts(tmp_path / "data", daemon.environ) as after:
            finished = [server.wait(job_id) for job_id in waited]
            once_each(after, waited)

        for each in ended:
            assert reason(each) == "engine-unavailable"
            assert "Docker was stopped" in each["message"]
        for answer in (ready, refused):
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "engine-unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert states == ["accepted"] * 2
        assert [each["status"] for each in finished] == ["successful"] * 2
        assert [said(server, job_id)[0] for job_id in waited] == ["waited-0", "waited-1"]
        assert server.http.get("/health/ready").status_code == 200
        assert not [job_id for job_id in waited if before()[job_id]]
        assert not [job_id for job_id in ran if after()[job_id]]
        # Those of the jobs that failed with the engine have been swept by then.
        until(lambda: not docker("ps", "--all", "--quiet", environ=daemon.environ))


def test_an_engine_that_is_away_when_the_server_starts(daemon: Daemon, tmp_path: Path) -> None:
    """It answers; what ran has failed for that reason, what waits waits and runs when the engine is back."""
    with working(tmp_path / "data", daemon.environ, SLOTS="1", RUNTIME="docker") as server:
        deployed(server, tool("brief", NAMED, outputs={"said": SAID}), tool("held", f"{NAMED}; {WAIT}"))
        held = server.submit("held")
        waits = server.submit("brief", {"name": "waits"})
        server.wait(held, "running")
        assert server.stop() == 0
        daemon.stop(signal.SIGKILL)

        server.start()

        assert server.http.get("/jobs").status_code == 200
        assert reason(server.wait(held)) == "engine-unavailable"
        assert server.status(waits)["status"] == "accepted"
        daemon.start()
        assert server.wait(waits)["status"] == "successful"
        assert said(server, waits)[0] == "waits"
