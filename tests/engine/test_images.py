"""The image of a job is the one that its name stood for when it was submitted."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.gate import WAIT, let_go
from tests.live import Server, serving, shell_tool

CWL = "application/cwl+json"


def _docker(*arguments: str, given: bytes | None = None) -> str:
    done = subprocess.run(["docker", *arguments], input=given, capture_output=True, check=True)
    return done.stdout.decode(errors="replace").strip()


class Images:
    """Images that differ in what their variable WHICH says, under one name after the other."""

    def __init__(self, root: bytes) -> None:
        self.name = f"cwl-processes-test/pinned-{uuid.uuid4().hex[:8]}:1"
        self.made: list[str] = []
        self._root = root

    def tag(self, which: str) -> str:
        """The name stands for a new image from now on; its digest."""
        digest = _docker("import", f"--change=ENV WHICH={which}", "-", self.name, given=self._root)
        self.made.append(digest)
        return digest


@pytest.fixture
def images() -> Iterator[Images]:
    with ExitStack() as after:
        container = _docker("create", "--network=none", "busybox:stable")
        after.callback(_docker, "rm", container)
        root = subprocess.run(["docker", "export", container], capture_output=True, check=True).stdout
        made = Images(root)
        yield made
        for each in made.made:
            subprocess.run(["docker", "image", "rm", "--force", each], capture_output=True, check=False)


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """A server with one slot, and the job that holds it."""
    with serving(tmp_path / "data", SLOTS="1", SHUTDOWN="stop") as server:
        server.deploy(shell_tool(WAIT, id="blocks"), CWL)
        blocking = server.submit("blocks")
        server.wait(blocking, "running")
        yield server, blocking


def which(image: str) -> dict[str, object]:
    """A tool that says which image it runs in."""
    evaluated = {"glob": "said", "loadContents": True, "outputEval": "$(self[0].contents)"}
    return shell_tool(
        'printf "$WHICH" > said',
        id="which",
        requirements=[{"class": "DockerRequirement", "dockerPull": image}],
        outputs={"said": {"type": "string", "outputBinding": evaluated}},
    )


def said(server: Server, job_id: str) -> tuple[str, dict[str, str]]:
    status = server.wait(job_id)
    assert status["status"] == "successful", status
    return server.http.get(f"/jobs/{job_id}/results").json()["said"], status["usage"]["images"]


def test_an_image_that_is_tagged_anew_while_a_job_waits(busy: tuple[Server, str], images: Images) -> None:
    """The job runs the old one, those submitted later the new one; `usage` tells which."""
    server, blocking = busy
    old = images.tag("old")
    assert server.deploy(which(images.name), CWL).status_code == 201
    first = server.submit("which")
    new = images.tag("new")
    second = server.submit("which")
    assert server.status(first)["status"] == "accepted"

    let_go(server, blocking)

    assert said(server, first) == ("old", {images.name: old})
    assert said(server, second) == ("new", {images.name: new})


def test_a_process_that_is_gone_while_its_job_waits(busy: tuple[Server, str], images: Images) -> None:
    """Replaced, tagged anew and undeployed: the job runs what it was submitted to."""
    server, blocking = busy
    images.tag("old")
    server.deploy(which(images.name), CWL)
    job_id = server.submit("which")
    images.tag("new")
    replaced = server.http.put("/processes/which", json=shell_tool("exit 9", id="which"), headers={"Content-Type": CWL})
    removed = server.http.delete("/processes/which")

    let_go(server, blocking)

    assert (replaced.status_code, removed.status_code) == (204, 204)
    assert said(server, job_id)[0] == "old"


def test_an_image_that_comes_after_the_submission(busy: tuple[Server, str], images: Images) -> None:
    """A job whose image is not here yet runs what its name stands for when its turn comes."""
    server, blocking = busy
    server.deploy(which(images.name), CWL)
    job_id = server.submit("which")
    digest = images.tag("later")

    let_go(server, blocking)

    assert said(server, job_id) == ("later", {images.name: digest})
