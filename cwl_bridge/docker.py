"""Docker: asked through its socket, where an answer takes a millisecond.

`docker` itself is started only for what it does better: pulling with the operator's credentials, and running.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.containers import ANSWER_SECONDS, JOB_LABEL, PING_SECONDS, PROMISES, ContainerEngine, limiting, source
from cwl_bridge.errors import ContainerEngineError
from registry.models import Pin

#: A daemon tells at once what it remembers; then it only waits for more.
EVENTS_SECONDS = 0.3

_DEFAULT_HOST = "unix:///var/run/docker.sock"

#: Its names for what a promise takes.
_CONTROLLERS = {"memory": "MemoryLimit", "cores": "CpuCfsQuota", "processes": "PidsLimit", "usage": "MemoryLimit"}

#: Where it puts a container's group: by its cgroupfs driver, by systemd.
_GROUPS = ("docker/{id}", "system.slice/docker-{id}.scope")


class _Connection(http.client.HTTPConnection):
    """HTTP over the engine's socket."""

    def __init__(self, path: str, timeout_seconds: float) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Docker(ContainerEngine):
    name = "docker"
    title = "Docker"
    complaint = "docker: "
    #: The daemon goes on making it when nobody waits any more, however long that takes on a busy machine.
    patience = 12
    conditions = dict.fromkeys(_CONTROLLERS, "where its cgroup driver can")

    def answers(self) -> bool:
        try:
            return _ask("GET", "/_ping", PING_SECONDS)[0] == 200
        except ContainerEngineError:
            return False

    def check(self) -> None:
        _ask("GET", "/_ping")

    def is_rootless(self) -> bool:
        try:
            # Its socket belongs to who runs it.
            return Path(_socket_path()).stat().st_uid != 0
        except OSError as error:
            raise _silent(error) from error

    def image(self, reference: str, called: str = "") -> Pin | None:
        status, found = _ask("GET", f"/images/{quote(reference, safe='/')}/json")
        if status != 200:
            return None
        return Pin(str(found["Id"]), source(found.get("RepoDigests") or (), called or reference))

    def labelled_jobs(self) -> set[str]:
        return {str(each["Labels"][JOB_LABEL]) for each in _labelled(JOB_LABEL)}

    def containers_of(self, job_id: str) -> list[str]:
        return [str(each["Id"]) for each in _labelled(f"{JOB_LABEL}={job_id}")]

    def kill(self, container: str) -> None:
        _ask("POST", f"/containers/{container}/kill")

    def remove(self, container: str) -> None:
        _ask("DELETE", f"/containers/{container}?force=1&v=1")

    def fate(self, container: str) -> frozenset[str]:
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
            raise _silent(error) from error
        finally:
            connection.close()
        return frozenset(seen)

    def flags(self, cidfile: Path, cores: float, memory: int, processes: int) -> list[str]:  # noqa: ARG002
        found = [flag for flags in limiting(cores, memory, processes).values() for flag in flags]
        return [*found, f"--runtime={self._oci_runtime}"] if self._oci_runtime else found

    def groups(self, container: str, pid: int | None) -> list[str]:  # noqa: ARG002
        return [each.format(id=container) for each in _GROUPS]

    def volumes(self, container: str) -> list[str]:
        status, found = _ask("GET", f"/containers/{container}/json")
        mounts = found["Mounts"] if status == 200 else []
        return [str(each["Source"]) for each in mounts if each["Type"] == "volume"]

    def context_host(self) -> str:
        """Where the engine is that the command talks to, as it was told; empty: nowhere in particular."""
        found = self._run("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
        return found.stdout.strip() if found.returncode == 0 else ""

    def unkept(self, limits: ContainerLimits) -> list[str]:  # noqa: ARG002
        # A rootless one may have no controllers.
        _, told = _ask("GET", "/info")
        return [PROMISES[name] for name, known in _CONTROLLERS.items() if not told.get(known, True)]


@cache
def _socket_path() -> str:
    """Of the engine that the `docker` command talks to. Raises ContainerEngineError."""
    if shutil.which(Docker.name) is None:
        raise ContainerEngineError(f"There is no '{Docker.name}' on this machine.")
    host = os.environ.get("DOCKER_HOST", "")
    if not host:
        host = Docker().context_host() or _DEFAULT_HOST
    if not host.startswith("unix://"):
        raise ContainerEngineError(f"{Docker.title} has to be on this machine, not at {host}.")
    return host.removeprefix("unix://")


def _ask(method: str, path: str, timeout_seconds: float = ANSWER_SECONDS) -> tuple[int, Any]:
    """Status and JSON (or nothing). Raises ContainerEngineError where nobody answers."""
    connection = _Connection(_socket_path(), timeout_seconds)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise _silent(error) from error
    finally:
        connection.close()
    return answer.status, json.loads(body) if body.startswith((b"{", b"[")) else None


def _labelled(label: str) -> list[dict[str, Any]]:
    filters = json.dumps({"label": [label]})
    status, found = _ask("GET", "/containers/json?" + urlencode({"all": "1", "filters": filters}))
    if status != 200:
        raise ContainerEngineError(f"{Docker.title} can't list containers: {found}")
    return list(found)


def _silent(error: Exception) -> ContainerEngineError:
    return ContainerEngineError(f"{Docker.title} does not answer: {error}")
