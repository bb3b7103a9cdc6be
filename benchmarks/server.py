"""The server under measurement: started from its command, asked over one kept connection, and cleaned up after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks import tools
from benchmarks.options import Options
from cwl_bridge import deploy
from cwl_bridge.jobfolder import JobFolder
from tests import live

#: Many requests that wait at once are measured, not given up.
REQUEST_SECONDS = 900.0
SWEEP_SECONDS = 2.0

#: Jobs that the server lists at once.
LARGEST_PAGE = 1000


class Server(live.Server):
    """That of the tests, but the installed command, and timed."""

    #: From its exec until it printed its address.
    started_in = 0.0

    def start(self) -> Server:
        # Made first: reading the certificates of the machine takes as long as some of what is measured.
        self.http = httpx.Client(timeout=REQUEST_SECONDS, limits=httpx.Limits(max_connections=None))
        environment = {**live.environment(), **{f"CWL_PROCESSES_{name}": each for name, each in self._settings.items()}}
        with self.data.with_suffix(".log").open("a") as stderr:
            began = time.perf_counter()
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("cwl-processes"), "serve", "--port", "0", "--data", self.data],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=environment,
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        self.started_in = time.perf_counter() - began
        assert said.startswith("cwl-processes serves "), f"it said {said!r}"
        self.url = said.split()[-1]
        self.http.base_url = self.url
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def register(self, tool: dict[str, Any]) -> str:
        """The id of the process."""
        answer = self.deploy(tool, deploy.CWL_JSON)
        assert answer.status_code == 201, answer.text
        return str(tool["id"])

    def listed(self, status: str, limit: int = LARGEST_PAGE) -> list[str]:
        """Ids of the jobs of a status (or several, with commas), as far as one page has them."""
        answer = self.http.get("/jobs", params={"status": status, "limit": limit})
        assert answer.status_code == 200, answer.text
        return [each["jobID"] for each in answer.json()["jobs"]]

    def dismiss(self, job_id: str) -> None:
        """Returns when it is stopped."""
        answer = self.http.delete(f"/jobs/{job_id}")
        assert (answer.status_code, answer.json()["status"]) == (200, "dismissed"), answer.text

    def folders(self) -> list[JobFolder]:
        """Of all jobs that have one."""
        return [JobFolder(each) for each in (self.data / "jobs").glob("*")]

    def end(self) -> None:
        """The server, its runners and their containers, whatever state they are in."""
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.stop(signal.SIGKILL)
        runners = [runner for folder in self.folders() if (runner := folder.runner())]
        for each in runners:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
        if runners:
            # A container that was being created shows up meanwhile.
            time.sleep(SWEEP_SECONDS)
        left = tools.containers_of({folder.path.name for folder in self.folders()})
        if left:
            subprocess.run(["docker", "rm", "--force", *left], capture_output=True, check=False)


@contextmanager
def serving(folder: Path, options: Options, **settings: str) -> Iterator[Server]:
    """A server on a fresh data folder; default settings but for those given."""
    if options.engine is not None:
        settings["ENGINE"] = options.engine
    server = Server(folder / "data", **settings)
    try:
        yield server.start()
    except Exception:
        say(server.log)
        raise
    finally:
        server.end()


def until(condition: Callable[[], object], seconds: float, pause: float) -> None:
    """Asks again and again, with pauses: looking is paid with the time that is measured."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(pause)


def say(text: str) -> None:
    """How far the run is."""
    sys.stderr.write(f"benchmarks: {text}\n")
