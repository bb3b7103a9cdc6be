"""The image of a job is the one that its name stood for when its process was deployed."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

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


def which(image: str, process_id: str = "which", **more: object) -> dict[str, Any]:
    """A tool that says which image it runs in, after what it is told."""
    evaluated = {"glob": "said", "loadContents": True, "outputEval": "$(self[0].contents)"}
    return shell_tool(
        'printf "%s$WHICH" "$1" > said',
        id=process_id,
        requirements=[{"class": "DockerRequirement", "dockerPull": image}],
        inputs={"told": {"type": "string", "default": "", "inputBinding": {}}},
        outputs={"said": {"type": "string", "outputBinding": evaluated}},
        **more,
    )


def deployed_again(server: Server, process: dict[str, Any]) -> None:
    answer = server.http.put(f"/processes/{process['id']}", json=process, headers={"Content-Type": CWL})
    assert answer.status_code == 204, answer.text


def said(server: Server, job_id: str) -> tuple[str, dict[str, str]]:
    status = server.wait(job_id)
    assert status["status"] == "successful", status
    return server.http.get(f"/jobs/{job_id}/results").json()["said"], status["usage"]["images"]


def pinned(server: Server, process_id: str) -> dict[str, str] | None:
    """What its description says."""
    found: dict[str, str] | None = server.http.get(f"/processes/{process_id}").json().get("images")
    return found


def test_an_image_that_is_tagged_anew(busy: tuple[Server, str], images: Images) -> None:
    """Jobs run the image of the deploy, whenever they are submitted; after another deploy, that of then."""
    server, blocking = busy
    old = images.tag("old")
    assert server.deploy(which(images.name), CWL).status_code == 201
    first = server.submit("which")
    new = images.tag("new")
    second = server.submit("which")
    assert pinned(server, "which") == {images.name: old}
    deployed_again(server, which(images.name))
    third = server.submit("which")
    assert pinned(server, "which") == {images.name: new}
    assert server.status(first)["status"] == "accepted"

    let_go(server, blocking)

    assert said(server, first) == ("old", {images.name: old})
    assert said(server, second) == ("old", {images.name: old})
    assert said(server, third) == ("new", {images.name: new})


def test_a_process_that_is_gone_while_its_job_waits(busy: tuple[Server, str], images: Images) -> None:
    """Replaced, tagged anew and undeployed: the job runs what it was submitted to."""
    server, blocking = busy
    images.tag("old")
    server.deploy(which(images.name), CWL)
    job_id = server.submit("which")
    images.tag("new")
    deployed_again(server, shell_tool("exit 9", id="which"))
    removed = server.http.delete("/processes/which")

    let_go(server, blocking)

    assert removed.status_code == 204
    assert said(server, job_id)[0] == "old"


def test_an_image_that_comes_after_the_submission(busy: tuple[Server, str], images: Images) -> None:
    """A job whose image is not here yet runs what its name stands for when its turn comes; so do all others then."""
    server, blocking = busy
    server.deploy(which(images.name), CWL)
    job_id = server.submit("which")
    assert pinned(server, "which") is None
    digest = images.tag("first")

    let_go(server, blocking)

    assert said(server, job_id) == ("first", {images.name: digest})
    images.tag("second")
    assert pinned(server, "which") == {images.name: digest}
    assert said(server, server.submit("which"))[0] == "first"


def test_an_image_that_is_removed(server: Server, images: Images) -> None:
    """Its jobs don't run what has its name now, and say what to do."""
    old = images.tag("old")
    process = which(images.name, f"removed-{uuid.uuid4().hex[:8]}")
    server.deploy(process, CWL)
    images.tag("new")
    _docker("image", "rm", old)

    job = server.wait(server.submit(process["id"]))

    assert job["exception"]["type"].endswith("image-unavailable")
    assert "The name stands for another image now." in job["message"]
    assert "(PUT)" in job["message"]
    deployed_again(server, process)
    assert said(server, server.submit(process["id"]))[0] == "new"


def test_one_name_in_processes_of_different_times(server: Server, images: Images) -> None:
    """Each has its own image, also as a step of a chain; what is made of them has that of its own deploy."""
    unique = uuid.uuid4().hex[:8]
    inner, outer = (which(images.name, f"{name}-{unique}") for name in ("inner", "outer"))
    old = images.tag("old-")
    server.deploy(inner, CWL)
    new = images.tag("new-")
    server.deploy(outer, CWL)
    chain = {"told": {"process": f"{server.url}/processes/{inner['id']}", "inputs": {}}}

    assert said(server, server.submit(inner["id"]))[0] == "old-"
    assert said(server, server.submit(outer["id"]))[0] == "new-"
    assert said(server, server.submit(outer["id"], chain)) == (
        "old-new-",
        {f"{inner['id']}#{images.name}": old, f"{outer['id']}#{images.name}": new},
    )
    # The same chain, of other revisions.
    deployed_again(server, inner)
    assert said(server, server.submit(outer["id"], chain)) == ("new-new-", {images.name: new})

    newest = images.tag("newest-")
    workflow: dict[str, Any] = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": f"both-{unique}",
        "inputs": {},
        "outputs": {"said": {"type": "string", "outputSource": "two/said"}},
        "steps": {
            "one": {"run": inner["id"], "in": {}, "out": ["said"]},
            "two": {"run": outer["id"], "in": {"told": "one/said"}, "out": ["said"]},
        },
    }
    assert server.deploy(workflow, CWL).status_code == 201
    assert said(server, server.submit(workflow["id"])) == ("newest-newest-", {images.name: newest})


def test_a_batch(server: Server, images: Images) -> None:
    """Made, tagged anew, and started: all executions run the image of the deploy."""
    images.tag("old")
    process = which(images.name, f"batch-{uuid.uuid4().hex[:8]}")
    server.deploy(process, CWL)
    images.tag("new")
    asked = {"process": f"{server.url}/processes/{process['id']}", "inputs": [{"told": "1"}, {"told": "2"}]}
    job_id = server.http.post("/jobs", json=asked).json()["jobID"]
    server.http.post(f"/jobs/{job_id}/results")
    assert server.wait(job_id)["status"] == "successful"

    ended = server.http.get("/jobs", params={"parent": job_id}).json()["jobs"]

    assert sorted(said(server, each["jobID"])[0] for each in ended) == ["1old", "2old"]
