"""A real server as its users start it, and what tests ask of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"

START_SECONDS = 90.0
STOP_SECONDS = 30.0
JOB_SECONDS = 90.0
#: Between two looks: a tenth of what one has waited so far, but no less and no more than this.
LEAST_PAUSE, MOST_PAUSE = 0.02, 0.25

T = TypeVar("T")

SHELL = {"class": "DockerRequirement", "dockerPull": "busybox:stable"}


class Server:
    """`cwl-processes serve` in a process of its own, on a free port."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        #: What its environment has beside this process's, from the next start on.
        self.environ: dict[str, str] = {}
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.http = httpx.Client()

    def start(self) -> Server:
        log = self.data.with_suffix(".log")
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(self.data)],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={
                    **environment(),
                    **self.environ,
                    **{f"CWL_PROCESSES_{name}": each for name, each in self._settings.items()},
                },
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said.startswith("cwl-processes serves "), log.read_text()
        self.url = said.split()[-1]
        self.http.close()
        self.http = httpx.Client(base_url=self.url, timeout=JOB_SECONDS)
        return self

    @property
    def log(self) -> str:
        return self.data.with_suffix(".log").read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends the signal and waits; gives the exit code."""
        self.http.close()
        self.signal(number)
        return self.ended()

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self, seconds: float = STOP_SECONDS) -> int:
        """Waits for its end; gives the exit code."""
        assert self._process is not None
        assert self._process.stdout is not None
        code = self._process.wait(seconds)
        self._process.stdout.close()
        return code

    def deploy(self, package: dict[str, Any], media_type: str = "application/ogcapppkg+json") -> httpx.Response:
        return self.http.post("/processes", json=package, headers={"Content-Type": media_type})

    def execute(
        self, process_id: str, inputs: dict[str, Any], headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        body = {"inputs": inputs, **more}
        return self.http.post(f"/processes/{process_id}/execution", json=body, headers=headers)

    def submit(self, process_id: str, inputs: dict[str, Any] | None = None, **more: Any) -> str:
        """The id of a new asynchronous job."""
        answer = self.execute(process_id, inputs or {}, {"Prefer": "respond-async"}, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["jobID"])

    def status(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/jobs/{job_id}").json()
        return found

    def wait(self, job_id: str, *statuses: str) -> dict[str, Any]:
        """The status document once the job has one of the statuses, or has ended where none is given."""
        wanted = statuses or ("successful", "failed", "dismissed")
        return until(lambda: found if (found := self.status(job_id))["status"] in wanted else None)


def environment() -> dict[str, str]:
    """This process's, less what would set a server up."""
    return {name: each for name, each in os.environ.items() if not name.startswith("CWL_PROCESSES_")}


def until(condition: Callable[[], T | None], seconds: float = JOB_SECONDS) -> T:
    """What the condition gives as soon as it gives something."""
    waited, begun = 0.0, time.monotonic()
    while waited < seconds:
        found = condition()
        if found:
            return found
        waited = time.monotonic() - begun
        time.sleep(min(max(waited / 10, LEAST_PAUSE), MOST_PAUSE))
    raise AssertionError(f"not within {seconds} s")


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Server]:
    server = Server(data, **settings).start()
    try:
        yield server
    finally:
        assert server.stop() == 0, server.log
        assert "Traceback" not in server.log, server.log


def shell_package(process_id: str, script: str, inputs: Any = None, outputs: Any = None) -> dict[str, Any]:
    """A plain image whose command is a shell script; the inputs are its options."""
    return {
        "processDescription": {"id": process_id, "version": "1.0.0", "inputs": inputs or {}, "outputs": outputs or {}},
        "executionUnit": {"type": "docker", "image": "busybox:stable", "command": ["sh", "-c", script, "sh"]},
    }


def shell_tool(script: str, **more: Any) -> dict[str, Any]:
    """The same as a CWL document."""
    return {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "requirements": [SHELL],
        "baseCommand": ["sh", "-c", script, "sh"],
        "inputs": {},
        "outputs": {},
        **more,
    }


def containers_of(job_id: str, engine: str = "docker") -> list[str]:
    """Ids of the containers that carry the label of a job."""
    found = subprocess.run(
        [engine, "ps", "--all", "--quiet", "--filter", f"label=cwl-processes.job={job_id}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout.split()
