"""The image of the server, started as docs/operating.md says: on the engine's socket, with its data folder."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.gate import WAIT, let_go, working
from tests.live import ROOT, STOP_SECONDS, Server, shell_package, until
from tests.test_supply import LOCKED

IMAGE = "cwl-processes"
LINES = re.search(r"```\n(docker build .*?)```", (ROOT / "docs" / "operating.md").read_text(), re.DOTALL)

INSTALLED = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Contained:
    """A server that runs in a container."""

    name: str
    data: Path
    token: str

    @contextmanager
    def server(self) -> Iterator[Server]:
        """As it can be reached from here, once it answers."""
        found = Server(self.data)
        found.url = f"http://{docker('port', self.name, '8080')}"
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=found.url, headers=headers, timeout=60) as found.http:
            until(lambda: _answers(found))
            yield found


def _answers(server: Server) -> bool:
    try:
        return server.http.get("/health").is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    subprocess.run([str(ROOT / "scripts" / "image")], check=True)


@pytest.fixture(scope="module")
def contained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contained]:
    assert LINES is not None
    name, data = f"cwl-processes-test-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("image") / "data"
    lines = LINES[1].partition("\n")[2]
    for written, meant in (
        ("/srv/cwl-processes", str(data)),
        ("--name cwl-processes", f"--name {name} --health-interval 1s"),
        ("exec cwl-processes", f"exec {name}"),
        ("127.0.0.1:8080:8080", "127.0.0.1::8080"),
        ("read,execute,deploy", "admin"),
    ):
        assert written in lines
        lines = lines.replace(written, meant)
    # Its commands work while it starts.
    told = subprocess.run(["sh", "-ec", lines], capture_output=True, text=True, check=False)
    try:
        assert told.returncode == 0, told.stderr
        yield Contained(name, data, told.stdout.split()[-1])
    finally:
        docker("rm", "--force", name)


def test_what_is_installed() -> None:
    """What is locked, and the project: no more, no less, in no other version; not even pip."""
    installed = json.loads(docker("run", "--rm", "--network=none", "--entrypoint=python", IMAGE, "-c", INSTALLED))

    named = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in installed.items()}
    assert named.pop("cwl-processes") == "0.1.0"
    assert named == LOCKED


def test_it_asks_for_accounts() -> None:
    """It would listen for everybody."""
    done = subprocess.run(
        ["docker", "run", "--rm", "--network=none", IMAGE], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "auth" in done.stderr


def test_it_runs_processes(contained: Contained) -> None:
    """The one that it has, and one that is deployed; its user is nobody, and so is theirs."""
    outputs = {"said": {"schema": {"type": "string"}}, "user": {"schema": {"type": "integer"}}}
    inputs = {"text": {"schema": {"type": "string", "contentMediaType": "text/plain"}}}
    package = shell_package("reads", 'cat "$2" > said; id -u > user', inputs, outputs)
    with contained.server() as server:
        assert server.execute("echo", {"stringInput": "hello"}).json() == {"stringInput": "hello"}
        assert server.deploy(package).status_code == 201

        results = server.execute("reads", {"text": {"value": "from a file", "mediaType": "text/plain"}})

        assert results.json() == {"said": "from a file", "user": 10001}
        (job,) = server.http.get("/jobs", params={"processID": "reads"}).json()["jobs"]
        assert job["usage"]["peakMemoryBytes"] > 0
        assert docker("exec", contained.name, "id", "-u") == "10001"
        assert server.http.get("/processes", headers={"Authorization": ""}).status_code == 401


def test_its_health(contained: Contained) -> None:
    """As the engine sees it."""
    until(lambda: docker("inspect", "--format", "{{.State.Health.Status}}", contained.name) == "healthy")


def test_it_is_stopped(contained: Contained) -> None:
    """Nothing new is begun, what runs is waited for; the next start has its results."""
    package = shell_package("waits", f"{WAIT}; echo 5 > five", outputs={"five": {"schema": {"type": "integer"}}})
    with contained.server() as server:
        assert server.deploy(package).status_code == 201
        job_id = server.submit("waits")
        working(server, job_id)
        with subprocess.Popen(["docker", "stop", contained.name], stdout=subprocess.DEVNULL) as stopping:
            until(lambda: server.execute("echo", {"stringInput": "late"}).status_code == 503)
            let_go(server, job_id)
            assert stopping.wait(STOP_SECONDS) == 0

    assert docker("inspect", "--format", "{{.State.ExitCode}}", contained.name) == "0"
    docker("start", contained.name)
    with contained.server() as again:
        assert again.status(job_id)["status"] == "successful"
        assert again.http.get(f"/jobs/{job_id}/results").json() == {"five": 5}
