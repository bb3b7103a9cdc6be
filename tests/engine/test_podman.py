"""Podman in the place of Docker: what is promised of jobs holds alike."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge import busybox
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.containers import ImageUnavailableError
from cwl_bridge.podman import Podman
from tests.engine.test_limits import needing
from tests.engine.test_usage import BURN, HOLD, usage
from tests.live import SHELL, Server, containers_of, serving, shell_tool, until
from tests.server.test_containers import CWL, assert_no_rights, looking, seen
from tests.server.test_registry_pull import registry  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(shutil.which("podman") is None, reason="Podman is not installed (scripts/podman)")

DEAF = shell_tool("trap '' TERM; while true; do sleep 1; done", id="deaf")


@pytest.fixture(scope="module")
def oci_runtime() -> str:
    """The first that runs containers on this machine: not each does on each kernel, or with few rights."""
    if Podman().image_id(busybox.IMAGE) is None:
        saved = subprocess.run(["docker", "save", busybox.IMAGE], check=True, capture_output=True)
        subprocess.run(["podman", "load", "--quiet"], input=saved.stdout, check=True, capture_output=True)
    said = {}
    for name in ("", "crun", "runc"):
        said[name] = Podman(name).refusal(ContainerLimits(), busybox.IMAGE, "true")
        if not said[name]:
            return name
    pytest.skip(f"Podman runs no container on this machine: {said}")


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory, oci_runtime: str) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("podman") / "data"
    with serving(data, RUNTIME="podman", OCI_RUNTIME=oci_runtime, SLOTS="4") as server:
        assert server.log == "", "it keeps all promises"
        yield server


def left(job_id: str) -> list[str]:
    return containers_of(job_id, "podman")


def problem(server: Server, job_id: str) -> str:
    return str(server.wait(job_id)["exception"]["type"].rpartition("/")[2])


def test_the_built_in_process(podman: Server) -> None:
    """And readiness; nothing of the container is left."""
    assert podman.execute("echo", {"stringInput": "x", "arrayInput": [1]}).json() == {
        "stringInput": "x",
        "arrayInput": [1],
    }
    assert podman.http.get("/health/ready").status_code == 200
    job_id = podman.http.get("/jobs").json()["jobs"][0]["jobID"]
    assert left(job_id) == []


def test_a_tool_has_no_rights(podman: Server) -> None:
    """Exactly as with Docker."""
    assert podman.deploy(looking("looks-around"), CWL).status_code == 201

    assert_no_rights(seen(podman, "looks-around"))


def test_a_tool_that_asks_has_a_network(podman: Server) -> None:
    asks = {"class": "NetworkAccess", "networkAccess": True}
    assert podman.deploy(looking("asks", requirements=[SHELL, asks]), CWL).status_code == 201

    assert "eth0" in seen(podman, "asks")["net"]


def test_a_tool_sees_nothing_of_the_host(podman: Server) -> None:
    """Neither its names, nor limits on the server's own processes, nor anything that it could fill."""
    script = """
        grep -vE '^(127.0.0.1|::1)' /etc/hosts > names || true
        env | grep -i proxy > proxies || true
        ulimit -v > memory
        for each in /run /var/tmp / /etc; do touch $each/x 2> /dev/null && echo $each; done > written || true
    """
    names = ("names", "proxies", "memory", "written")
    outputs = {name: {"type": "File", "outputBinding": {"glob": name}} for name in names}
    assert podman.deploy(shell_tool(script, id="looks-out", outputs=outputs), CWL).status_code == 201
    job_id = podman.submit("looks-out")
    assert podman.wait(job_id)["status"] == "successful", podman.status(job_id)

    found = [podman.http.get(f"/jobs/{job_id}/results/{name}").text.strip() for name in names]

    assert found == ["", "", "unlimited", ""]


def test_a_fork_bomb_stops_at_its_limit(podman: Server) -> None:
    script = "i=0; while [ $i -lt 600 ]; do sleep 30 & i=$((i+1)); done; echo all"
    podman.deploy(shell_tool(script, id="forks"), CWL)
    job_id = podman.submit("forks")

    assert podman.wait(job_id)["status"] == "failed"
    assert "fork" in podman.http.get(f"/jobs/{job_id}/log").text
    assert left(job_id) == []


def test_what_a_job_has_used(podman: Server) -> None:
    """Its time, its peak, and the digest of its image."""
    found = usage(podman, f"{BURN}; {HOLD}", "works")

    assert 0.7 <= found["cpuSeconds"] <= 4
    assert 50e6 < found["peakMemoryBytes"] < 120e6
    assert found["images"] == {"busybox:stable": Podman().image_id("busybox:stable")}


def test_why_a_job_ended(podman: Server) -> None:
    """For want of memory, soon or late; beyond its time; killed by somebody."""
    podman.deploy(needing("greedy", "tail /dev/zero", ramMax=16), CWL)
    podman.deploy(needing("later", "sleep 1; tail /dev/zero", ramMax=64), CWL)
    limit = {"class": "ToolTimeLimit", "timelimit": 1}
    podman.deploy(shell_tool("trap '' TERM; sleep 99 & wait; sleep 99", id="slow", requirements=[SHELL, limit]), CWL)
    podman.deploy(DEAF, CWL)
    greedy, later, slow, deaf = (podman.submit(each) for each in ("greedy", "later", "slow", "deaf"))
    container = until(lambda: left(deaf))[0]
    until(lambda: subprocess.run(["podman", "kill", container], capture_output=True, check=False).returncode == 0)

    found = [problem(podman, each) for each in (greedy, later, slow, deaf)]

    assert found == ["out-of-memory", "out-of-memory", "time-limit", "killed"]


def test_dismissed_in_its_first_second(podman: Server) -> None:
    """Whatever Podman is just doing; also a tool that does not listen."""
    podman.deploy(DEAF, CWL)
    jobs = []
    for moment in (0.0, 0.3, 0.6, 1.0):
        jobs.append(podman.submit("deaf"))
        time.sleep(moment)
        assert podman.http.delete(f"/jobs/{jobs[-1]}").json()["status"] == "dismissed"

        assert left(jobs[-1]) == []
    assert {job_id for _, job_id in Podman()._of_jobs()}.isdisjoint(jobs), "nor half a container"


@pytest.mark.usefixtures("oci_runtime")
def test_half_a_container_is_found() -> None:
    """Podman was killed when it had a place on the disk and perhaps nothing else yet."""
    engine, job_id = Podman(), str(uuid.uuid4())
    marks = engine.marks(job_id)
    name = marks[-1].removeprefix("--name=")
    made = subprocess.Popen(["podman", "create", *marks, "--pull=never", "busybox:stable", "true"])
    storage = Path("/var/lib/containers/storage/overlay-containers/containers.json")
    until(lambda: name in storage.read_text())
    made.kill()
    made.wait()
    assert engine.containers_of(job_id)

    asyncio.run(engine.remove_job_containers(job_id))

    assert name not in storage.read_text()


def test_a_data_folder_that_gets_another_engine(tmp_path: Path, oci_runtime: str) -> None:
    """The server was killed: its jobs go on, are finished and ended as those of the engine that runs them."""
    data = tmp_path / "data"
    killed = Server(data, RUNTIME="podman", OCI_RUNTIME=oci_runtime, SLOTS="2").start()
    killed.deploy(DEAF, CWL)
    outputs = {"o": {"type": "File", "outputBinding": {"glob": "o"}}}
    killed.deploy(shell_tool("sleep 3; echo x > o", id="brief", outputs=outputs), CWL)
    deaf, brief = killed.submit("deaf"), killed.submit("brief")
    until(lambda: left(deaf) and left(brief))
    killed.stop(signal.SIGKILL)

    with serving(data, RUNTIME="docker", SLOTS="2") as server:
        assert server.http.delete(f"/jobs/{deaf}").json()["status"] == "dismissed"
        assert left(deaf) == []
        assert server.wait(brief)["status"] == "successful"
        assert server.http.get(f"/jobs/{brief}/results/o").text == "x\n"


@pytest.mark.usefixtures("oci_runtime")
@pytest.mark.parametrize("transport", ["dir", "oci", "docker-archive"])
def test_an_image_comes_from_a_registry_only(tmp_path: Path, transport: str) -> None:
    """Podman knows other places, of this machine; a package may name none."""
    place = f"{transport}:{tmp_path}/image"
    subprocess.run(["podman", "push", "--quiet", "busybox:stable", place], check=True, capture_output=True)

    with pytest.raises(ImageUnavailableError, match="reference"):
        Podman().pull(place)


@pytest.mark.skipif(shutil.which("docker-registry") is None, reason="Debian's docker-registry is not installed")
def test_an_image_is_pulled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: str) -> None:  # noqa: F811
    """From where its name says; what is not there is refused in Podman's words."""
    (tmp_path / "registries.conf").write_text(f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n')
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(tmp_path / "registries.conf"))
    engine, image = Podman(), f"{registry}/tools/pulled:1"
    engine.import_image(image, bytes(10240))
    made = engine.image_id(image)
    subprocess.run(["podman", "push", "--quiet", image], check=True, capture_output=True)
    engine.remove_image(image)
    assert engine.image_id(image) is None

    engine.pull(image)
    try:
        assert engine.image_id(image) == made
        with pytest.raises(ImageUnavailableError, match="manifest unknown"):
            engine.pull(f"{registry}/tools/pulled:2")
    finally:
        engine.remove_image(image)
