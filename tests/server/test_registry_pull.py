"""An image that is not here is pulled from its registry: a real one, on the loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.live import Server, shell_package, until


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """host:port of an empty registry."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    config = tmp_path / "registry.yml"
    config.write_text(
        f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {tmp_path}/storage\nhttp:\n  addr: {address}\n"
    )
    log = (tmp_path / "registry.log").open("wb")
    process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
    try:
        until(lambda: _answers(address), 30)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/v2/").is_success
    except httpx.TransportError:
        return False


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


NEEDS_REGISTRY = pytest.mark.skipif(
    shutil.which("docker-registry") is None, reason="Debian's docker-registry is not installed"
)


@NEEDS_REGISTRY
def test_an_image_is_pulled_when_a_job_needs_it(server: Server, registry: str) -> None:
    """Deploying does not need it; the job's log says that it was pulled."""
    image = f"{registry}/tools/pulled:1"
    docker("tag", "busybox:stable", image)
    docker("push", "--quiet", image)
    docker("image", "rm", image)
    package = shell_package("pulled", "echo 1 > one", outputs={"one": {"schema": {"type": "integer"}}})
    package["executionUnit"]["image"] = image
    assert server.deploy(package).status_code == 201

    job_id = server.submit("pulled")
    try:
        assert server.wait(job_id)["status"] == "successful", server.status(job_id)
        assert f"pulling the image {image}" in log(server, job_id)
    finally:
        docker("image", "rm", image)


def log(server: Server, job_id: str) -> str:
    return (server.data / "jobs" / job_id / "log.txt").read_text()


@NEEDS_REGISTRY
def test_a_tag_that_moves_in_its_registry(server: Server, registry: str) -> None:
    """The first job decides for all: they have its image back from there, by its digest, until another deploy."""
    image = f"{registry}/tools/moved:1"

    def pushed(which: str) -> str:
        """name@digest."""
        subprocess.run(
            ["docker", "build", "--quiet", "--tag", image, "-"],
            input=f"FROM busybox:stable\nENV WHICH={which}\n".encode(),
            check=True,
            capture_output=True,
        )
        docker("push", "--quiet", image)
        told = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", image)
        docker("image", "rm", "--force", docker("image", "inspect", "--format", "{{.Id}}", image))
        return told

    def deployed(process_id: str, reference: str) -> None:
        outputs = {"which": {"schema": {"type": "string"}}}
        package = shell_package(process_id, 'printf "$WHICH" > which', outputs=outputs)
        package["executionUnit"]["image"] = reference
        headers = {"Content-Type": "application/ogcapppkg+json"}
        if server.deploy(package).status_code != 201:
            assert server.http.put(f"/processes/{process_id}", json=package, headers=headers).status_code == 204

    def ran(process_id: str) -> tuple[str, str]:
        """What it said, and the id of its image, which goes."""
        job_id = server.submit(process_id)
        status = server.wait(job_id)
        assert status["status"] == "successful", status
        ((_, digest),) = status["usage"]["images"].items()
        docker("image", "rm", "--force", digest)
        return server.http.get(f"/jobs/{job_id}/results").json()["which"], digest

    old = pushed("old")
    deployed("moved", image)
    first = ran("moved")
    new = pushed("new")
    assert ran("moved") == first == ("old", server.http.get("/processes/moved").json()["images"][image])
    deployed("moved", image)
    assert ran("moved")[0] == "new"
    # Those that a document names by their digests are what they are.
    deployed("old", old)
    deployed("new", f"{image}@{new.partition('@')[2]}")
    assert (ran("old"), ran("new")[0], ran("old")) == (first, "new", first)
