"""The container engine: images, and the containers of one job.

Asked through its socket, where an answer takes a millisecond; `docker` itself is started only for what it does better:
pulling with the operator's credentials, and running.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cwl_bridge.errors import ContainerEngineError
from registry.models import Pin

ENGINE = "docker"
JOB_LABEL = "cwl-processes.job"

ANSWER_SECONDS = 60
PING_SECONDS = 5
#: A daemon tells at once what it remembers; then it only waits for more.
EVENTS_SECONDS = 0.3
#: Two looks this far apart that find nothing: a container that `docker run` is creating shows up in between.
SWEEP_PAUSE_SECONDS = 0.5
SWEEP_LOOKS = 60

_DEFAULT_HOST = "unix:///var/run/docker.sock"


class ImageUnavailableError(Exception):
    """The image is neither here nor at its registry; the message is the engine's."""


class _Connection(http.client.HTTPConnection):
    """HTTP over the engine's socket."""

    def __init__(self, path: str, timeout_seconds: float) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@cache
def _socket_path() -> str:
    """Of the engine that the `docker` command talks to. Raises ContainerEngineError."""
    if shutil.which(ENGINE) is None:
        raise ContainerEngineError(f"There is no '{ENGINE}' on this machine.")
    host = os.environ.get("DOCKER_HOST", "")
    if not host:
        found = _run("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
        host = found.stdout.strip() if found.returncode == 0 else _DEFAULT_HOST
    if not host.startswith("unix://"):
        raise ContainerEngineError(f"The container engine has to be on this machine, not at {host}.")
    return host.removeprefix("unix://")


def _ask(method: str, path: str, timeout_seconds: float = ANSWER_SECONDS) -> tuple[int, Any]:
    """Status and JSON (or nothing). Raises ContainerEngineError where nobody answers."""
    connection = _Connection(_socket_path(), timeout_seconds)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise ContainerEngineError(f"The container engine does not answer: {error}") from error
    finally:
        connection.close()
    return answer.status, json.loads(body) if body.startswith((b"{", b"[")) else None


def answers() -> bool:
    """Whether the engine is there and running."""
    try:
        return _ask("GET", "/_ping", PING_SECONDS)[0] == 200
    except ContainerEngineError:
        return False


def is_rootless() -> bool:
    """Whether the engine runs as a user, to whom it maps root. Raises ContainerEngineError."""
    try:
        # Its socket belongs to who runs it.
        return Path(_socket_path()).stat().st_uid != 0
    except OSError as error:
        raise ContainerEngineError(f"The container engine does not answer: {error}") from error


def image(reference: str, called: str = "") -> Pin | None:
    """What a name stands for on this machine. Raises ContainerEngineError.

    `called`: the name that it was pulled by, where that is another.
    """
    status, found = _ask("GET", f"/images/{quote(reference, safe='/')}/json")
    if status != 200:
        return None
    digests = [each for each in found.get("RepoDigests") or () if _repository(each) == _repository(called or reference)]
    return Pin(str(found["Id"]), min(digests, default=None))


def image_id(reference: str) -> str | None:
    """The digest that names an image for ever, where it is on this machine. Raises ContainerEngineError."""
    found = image(reference)
    return found.id if found else None


def _repository(reference: str) -> str:
    """A name without tag and digest, as the engine calls it."""
    named = re.sub(r":[^:/]*\Z", "", reference.partition("@")[0])
    return re.sub(r"\A(?:(?:index\.)?docker\.io/)?(?:library/)?", "", named)


def pull(reference: str, timeout_seconds: float | None = None) -> None:
    """Raises ImageUnavailableError with the engine's last line."""
    try:
        done = subprocess.run(
            [ENGINE, "pull", "--quiet", "--", reference],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ImageUnavailableError(f"No answer within {timeout_seconds:.0f} s.") from error
    if done.returncode != 0:
        raise ImageUnavailableError((done.stderr.strip().splitlines() or ["no reason given"])[-1])


def import_image(reference: str, root: bytes, *changes: str) -> None:
    """An image of one layer, `root`: a tar file. Raises ContainerEngineError."""
    done = subprocess.run(
        [ENGINE, "import", *(f"--change={each}" for each in changes), "-", reference],
        input=root,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise ContainerEngineError(f"The image {reference} can't be made: {done.stderr.decode(errors='replace')}")


def remove_image(reference: str) -> None:
    _run("image", "rm", "--force", "--", reference)


def runs(reference: str, *command: str) -> bool:
    """Whether a command ends well in a new container of the image."""
    return _run("run", "--rm", "--network=none", "--pull=never", reference, *command).returncode == 0


def kill_job_containers(job_id: str) -> None:
    """Ends what runs of a job, whatever it makes of SIGTERM. Raises ContainerEngineError."""
    for each in _containers_of(job_id):
        _ask("POST", f"/containers/{each}/kill")


async def remove_job_containers(job_id: str) -> None:
    """Kills and removes every container of a job, also one that is only being created. Raises ContainerEngineError."""
    empty_looks = 0
    for _ in range(SWEEP_LOOKS):
        found = await asyncio.to_thread(_remove_containers_of, job_id)
        empty_looks = 0 if found else empty_looks + 1
        if empty_looks == 2:
            return
        if not found:
            await asyncio.sleep(SWEEP_PAUSE_SECONDS)
    raise ContainerEngineError(f"The containers of job {job_id} can't be removed.")


def _remove_containers_of(job_id: str) -> bool:
    """Whether there were any."""
    found = _containers_of(job_id)
    for each in found:
        _ask("DELETE", f"/containers/{each}?force=1&v=1")
    return bool(found)


def labelled_jobs() -> set[str]:
    """Ids of the jobs that have containers. Raises ContainerEngineError."""
    return {str(each["Labels"][JOB_LABEL]) for each in _labelled(JOB_LABEL)}


def _containers_of(job_id: str) -> list[str]:
    return [str(each["Id"]) for each in _labelled(f"{JOB_LABEL}={job_id}")]


def _labelled(label: str) -> list[dict[str, Any]]:
    filters = json.dumps({"label": [label]})
    status, found = _ask("GET", "/containers/json?" + urlencode({"all": "1", "filters": filters}))
    if status != 200:
        raise ContainerEngineError(f"The container engine can't list containers: {found}")
    return list(found)


def fate(container: str) -> frozenset[str]:
    """What the engine remembers of a container that has ended: "oom", "kill", "die".

    An engine that was restarted since remembers nothing. Raises ContainerEngineError where it does not answer.
    """
    seen = set[str]()
    # Without an `until`: whatever the clocks say, what is remembered comes first, and "die" is the last of it.
    filters = json.dumps({"container": [container]})
    connection = _Connection(_socket_path(), EVENTS_SECONDS)
    try:
        connection.request("GET", "/events?" + urlencode({"since": "1", "filters": filters}))
        answer = connection.getresponse()
        while "die" not in seen and (line := answer.readline()):
            seen.add(str(json.loads(line).get("Action")))
    except TimeoutError:
        pass
    except (OSError, http.client.HTTPException) as error:
        raise ContainerEngineError(f"The container engine does not answer: {error}") from error
    finally:
        connection.close()
    return frozenset(seen)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [ENGINE, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise ContainerEngineError(f"There is no '{ENGINE}' on this machine.") from error
    except subprocess.TimeoutExpired as error:
        raise ContainerEngineError(f"The container engine gave no answer within {ANSWER_SECONDS} s.") from error
