"""The servers that ours is compared with: from PyPI, each in an environment of its own, with jobs that have ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from benchmarks.server import say, until

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cwl-processes-benchmarks"
START_SECONDS = 600.0
POLL_SECONDS = 0.2
NEWEST = 10

#: What is asked of each: a process, a job, ten jobs.
Urls = tuple[str, str, str]

_TIME = "2026-01-01T00:00:00Z"
_PYGEOAPI = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  gzip: false
  languages: [en-US]
  pretty_print: false
  limits: {{default_items: 10, max_items: 1000}}
  map: {{url: "https://tile.openstreetmap.org/{{z}}/{{x}}/{{y}}.png", attribution: x}}
  manager: {{name: TinyDB, connection: {folder}/jobs.db, output_dir: {folder}}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: t, description: d, keywords: [k], keywords_type: theme, terms_of_service: x, url: http://x}}
  license: {{name: x, url: http://x}}
  provider: {{name: x, url: http://x}}
  contact: {{name: x, position: x, address: x, city: x, stateorprovince: x, postalcode: "1", country: x, phone: "1",
             fax: "1", email: a@b.c, url: http://x, hours: x, instructions: x, role: x}}
resources:
  hello-world: {{type: process, processor: {{name: HelloWorld}}}}
"""


@contextmanager
def pygeoapi(folder: Path, jobs: int) -> Iterator[Urls]:
    """With its TinyDB manager, below gunicorn with as many workers as there are cores."""
    programs, port = _installed("pygeoapi", "pygeoapi", "gunicorn"), _free_port()
    folder.mkdir()
    (folder / "config.yml").write_text(_PYGEOAPI.format(port=port, folder=folder))
    rows = {str(number): _pygeoapi_job(folder, number) for number in range(1, jobs + 1)}
    (folder / "jobs.db").write_text(json.dumps({"_default": rows}))
    environ = {"PYGEOAPI_CONFIG": str(folder / "config.yml"), "PYGEOAPI_OPENAPI": str(folder / "openapi.yml")}
    made: list[str | Path] = [
        programs / "pygeoapi",
        "openapi",
        "generate",
        folder / "config.yml",
        "--output-file",
        folder / "openapi.yml",
    ]
    subprocess.run(made, env={**os.environ, **environ}, check=True, capture_output=True)
    workers = str(len(os.sched_getaffinity(0)))
    bound = ["--bind", f"127.0.0.1:{port}", "--workers", workers, "--timeout", "600", "--keep-alive", "60"]
    base = f"http://127.0.0.1:{port}"
    with _running(
        [programs / "gunicorn", *bound, "pygeoapi.flask_app:APP"], folder, f"{base}/conformance?f=json", environ
    ):
        yield f"{base}/processes/hello-world?f=json", f"{base}/jobs/{_id(jobs)}?f=json", f"{base}/jobs?limit=10&f=json"


def _pygeoapi_job(folder: Path, number: int) -> dict[str, object]:
    times = dict.fromkeys(("created", "started", "updated", "finished"), "2026-01-01T00:00:00.000000Z")
    ended = {"status": "successful", "mimetype": "application/json", "message": "Job complete", "progress": 100}
    where = {"location": str(folder / f"hello-world-{number}")}
    return {"type": "process", "identifier": _id(number), "process_id": "hello-world", **times, **ended, **where}


@contextmanager
def sapporo(folder: Path, jobs: int) -> Iterator[Urls]:
    """Its nearest to a process is what it says of itself. Of the runs, the ten newest have all their files."""
    programs, port = _installed("sapporo", "sapporo"), _free_port()
    base, runs = f"http://127.0.0.1:{port}", folder / "runs"
    command: Sequence[str | Path] = [
        programs / "sapporo",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--run-dir",
        runs,
    ]
    runs.mkdir(parents=True)
    # It makes its index by itself, but would read each run for that.
    with _running(command, folder, f"{base}/service-info", {}):
        pass
    for number in range(1, jobs + 1):
        _make_run(runs / _id(number)[:2] / _id(number), whole=number > jobs - NEWEST, base=base)
    with closing(sqlite3.connect(runs / "sapporo.db")) as connection, connection:
        moment = "2026-01-01 00:00:00.000000"
        connection.executemany(
            "insert into runs (run_id, username, state, start_time, end_time, tags)"
            " values (?, null, 'COMPLETE', datetime(?, ? || ' seconds') || '.000000', ?, '{}')",
            ((_id(number), moment, number, moment) for number in range(1, jobs + 1)),
        )
    with _running(command, folder, f"{base}/service-info", {}):
        yield f"{base}/service-info", f"{base}/runs/{_id(jobs)}", f"{base}/runs?page_size=10"


def _make_run(run: Path, *, whole: bool, base: str) -> None:
    run.mkdir(parents=True)
    (run / "state.txt").write_text("COMPLETE")
    if not whole:
        return
    asked = {"workflow_params": {}, "workflow_type": "CWL", "workflow_type_version": "v1.0", "tags": {}}
    asked |= {"workflow_engine": "cwltool", "workflow_url": "http://127.0.0.1:1/none.cwl"}
    (run / "run_request.json").write_text(
        json.dumps({**asked, "workflow_attachment": [], "workflow_attachment_obj": []})
    )
    (run / "runtime_info.json").write_text(json.dumps({"run_id": run.name, "sapporo_version": "2", "base_url": base}))
    texts = {"start_time": _TIME, "end_time": _TIME, "exit_code": "0", "cmd": "cwltool none.cwl"}
    for name, text in texts.items():
        (run / f"{name}.txt").write_text(text)
    for name in ("stdout.log", "stderr.log"):
        (run / name).write_text("")
    for name in ("exe", "outputs"):
        (run / name).mkdir()


def _id(number: int) -> str:
    return f"{number % 256:02x}000000-0000-4000-8000-{number:012x}"


def _installed(name: str, *packages: str) -> Path:
    """The folder of its programs; installed once."""
    environment = CACHE / name
    if not (environment / "installed").exists():
        say(f"{name} is installed into {environment}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run([environment / "bin" / "pip", "--quiet", "install", *packages], check=True)
        (environment / "installed").touch()
    return environment / "bin"


def version(name: str) -> str:
    code = f"import importlib.metadata; print(importlib.metadata.version({name!r}))"
    found = subprocess.run([CACHE / name / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
    return found.stdout.strip()


@contextmanager
def _running(command: Sequence[str | Path], folder: Path, url: str, environ: dict[str, str]) -> Iterator[None]:
    """Once it answers, until the end of the block."""
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, **environ}, cwd=folder, start_new_session=True
        )
    try:
        until(lambda: process.poll() is not None or _answers(url), START_SECONDS, POLL_SECONDS)
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - an address of this machine
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
