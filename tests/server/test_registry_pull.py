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


def docker(*arguments: str) -> None:
    subprocess.run(["docker", *arguments], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("docker-registry") is None, reason="Debian's docker-registry is not installed")
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
        assert f"pulling the image {image}" in (server.data / "jobs" / job_id / "log.txt").read_text()
    finally:
        docker("image", "rm", image)
