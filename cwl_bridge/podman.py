"""Podman: asked by its command, which has no daemon behind it.

A container belongs to a small process of its own (conmon), so that neither the end of the server nor that of the runner
ends it. As root, or rootless: then the user who runs the server is root in its containers.
"""

from __future__ import annotations

import json
import os
import re
import resource
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from cwl_bridge import busybox, images
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.containers import (
    ANSWER_SECONDS,
    JOB_LABEL,
    PING_SECONDS,
    PROMISES,
    ContainerEngine,
    last_line,
    limiting,
    source,
)
from cwl_bridge.errors import ContainerEngineError
from registry.models import Pin

#: A question takes a tenth of a second. Without a daemon, what could be used a moment ago still can.
KEPT_SECONDS = 5.0

#: An image by its digest, which no registry has to complete.
_ID = re.compile(r"(sha256:)?[0-9a-f]{64}")

#: Of the container of a job, which is in it.
_NAME = re.compile(re.escape(JOB_LABEL) + r"\.([0-9a-f-]{36})\.[0-9a-f]{32}")

#: Its names for what a promise takes.
_CONTROLLERS = {"memory": "memory", "cores": "cpu", "processes": "pids", "usage": "memory"}

#: Its own would show a tool the names of the host's.
_HOSTS = "127.0.0.1\tlocalhost job\n::1\tlocalhost\n"

_FLAGS = (
    "--no-hosts",
    # Else it would hand over the proxies of its own environment, with their passwords.
    "--http-proxy=false",
    # What an image wants to be a volume is in memory, as is all that lies nowhere; and nothing else can be written to.
    "--image-volume=tmpfs",
    "--read-only-tmpfs=false",
    # Who is removed is killed.
    "--stop-timeout=0",
)


class Podman(ContainerEngine):
    name = "podman"
    title = "Podman"
    complaint = "Error: "
    conditions = dict.fromkeys(_CONTROLLERS, "as root, or where systemd delegates the controllers to the user")

    def __init__(self, oci_runtime: str = "") -> None:
        super().__init__(oci_runtime)
        self._answered = -KEPT_SECONDS

    def answers(self) -> bool:
        try:
            self._try_out(PING_SECONDS)
        except ContainerEngineError:
            return False
        return True

    def check(self) -> None:
        self._try_out(ANSWER_SECONDS)

    def _try_out(self, seconds: float) -> None:
        if time.monotonic() < self._answered + KEPT_SECONDS:
            return
        # It opens its storage, and looks for its OCI runtime.
        self._ask("ps", "--quiet", "--last=1", seconds=seconds)
        self._answered = time.monotonic()

    def is_rootless(self) -> bool:
        return os.geteuid() != 0

    def named(self, reference: str) -> str:
        """As Docker completes it: what Podman makes of a short name depends on the machine, and may be a question."""
        if _ID.fullmatch(reference) or images.registry(reference) is not None:
            return reference
        return f"docker.io/{reference}" if "/" in reference else f"docker.io/library/{reference}"

    def source(self, reference: str) -> str:
        # Else `dir:` and its like would be places of this machine.
        return f"docker://{self.named(reference)}"

    def image(self, reference: str, called: str = "") -> Pin | None:
        # What was built on this machine has no registry.
        names = dict.fromkeys([self.named(reference), reference if _ID.fullmatch(reference) else _local(reference)])
        found = self._run("image", "inspect", "--format={{.Id}} {{json .RepoDigests}}", "--", *names)
        if found.stdout.strip():
            image_id, _, digests = found.stdout.splitlines()[0].partition(" ")
            return Pin(
                f"sha256:{image_id.removeprefix('sha256:')}", source(json.loads(digests) or (), called or reference)
            )
        if "not known" not in found.stderr:
            raise self._refused(found.stderr)
        return None

    def labelled_jobs(self) -> set[str]:
        return {job_id for _, job_id in self._of_jobs()}

    def containers_of(self, job_id: str) -> list[str]:
        return [container for container, of in self._of_jobs() if of == job_id]

    def _of_jobs(self) -> Iterator[tuple[str, str]]:
        """Containers and their jobs."""
        told = self._ask("ps", "--all", "--external", f"--filter=label={JOB_LABEL}", "--format=json")
        for each in json.loads(told) or []:
            # One whose making was killed has no label yet, but a name and a place on the disk; filters pass it over.
            for name in each.get("Names") or []:
                if found := _NAME.fullmatch(name):
                    yield str(each["Id"]), found[1]

    def marks(self, job_id: str) -> list[str]:
        return [*super().marks(job_id), f"--name={JOB_LABEL}.{job_id}.{uuid.uuid4().hex}"]

    # Of a container that has ended or gone meanwhile there is nothing to do.
    def kill(self, container: str) -> None:
        self._run("kill", "--signal=KILL", container)

    def remove(self, container: str) -> None:
        self._run("rm", "--force", "--volumes", container)

    def fate(self, container: str) -> frozenset[str]:
        """There is no daemon that could have been stopped: it has died in any case."""
        found = self._run("events", "--stream=false", f"--filter=container={container}", "--format=json")
        told = [json.loads(line).get("Status") for line in found.stdout.splitlines() if line.startswith("{")]
        return frozenset({"die", *map(str, told)})

    def command(self, cidfile: Path) -> list[str]:
        place = _place(cidfile)
        place.mkdir()
        hosts = place / "hosts"
        hosts.write_text(_HOSTS, encoding="ascii")
        hosts.chmod(0o644)
        # Containers inherit the limits of who starts them, and what watches over them writes to where it was started.
        memory = _limit(resource.getrlimit(resource.RLIMIT_AS)[1])
        return ["env", f"--chdir={place}", "prlimit", f"--as={memory}:{memory}", *self._command(), "run"]

    def flags(self, cidfile: Path, cores: float, memory: int, processes: int) -> list[str]:
        place = _place(cidfile)
        hosts = str(place / "hosts").replace('"', '""')
        found = [
            f"--pidfile={place / 'pid'}",
            f'--mount=type=bind,"source={hosts}",target=/etc/hosts,readonly',
            *_FLAGS,
            f"--ulimit=nproc={_processes()}:{_processes()}",
        ]
        missing = self._missing()
        wanted = limiting(cores, memory, processes)
        return found + [flag for name, flags in wanted.items() if name not in missing for flag in flags]

    def pid(self, cidfile: Path) -> int | None:
        try:
            return int((_place(cidfile) / "pid").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def volumes(self, container: str) -> list[str]:  # noqa: ARG002
        # They are in its memory.
        return []

    def groups(self, container: str, pid: int | None) -> list[str]:
        try:
            told = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8") if pid else ""
        except OSError:
            return []
        places = {line.split(":", 2)[2].strip("/") for line in told.splitlines()}
        # The number may be another process's by now.
        return sorted(each for each in places if container in each)

    def unkept(self, limits: ContainerLimits) -> list[str]:
        found = [PROMISES[name] for name in self._missing()]
        return found + self._cannot_run(limits)

    def _missing(self) -> list[str]:
        """The promises for which a user has no controller; root has all."""
        if not self.is_rootless():
            return []
        user = os.geteuid()
        delegated = Path(f"/sys/fs/cgroup/user.slice/user-{user}.slice/user@{user}.service/cgroup.controllers")
        try:
            there = delegated.read_text(encoding="ascii").split()
        except OSError:
            there = []
        return [name for name, controller in _CONTROLLERS.items() if controller not in there]

    def _cannot_run(self, limits: ContainerLimits) -> list[str]:
        """Tried out, once: what an OCI runtime does not take of a machine or of its limits, it says no earlier."""
        if self.image_id(busybox.IMAGE) is None:
            return []
        said = self.refusal(limits, busybox.IMAGE, "true")
        return [f"{PROMISES['runs']} ({said})"] if said else []

    def _command(self) -> list[str]:
        # Whatever its environment says: containers are on this machine.
        runtime = [f"--runtime={self._oci_runtime}"] if self._oci_runtime else []
        return [*super()._command(), "--remote=false", *runtime]

    def _ask(self, *arguments: str, seconds: float = ANSWER_SECONDS) -> str:
        done = self._run(*arguments, seconds=seconds)
        if done.returncode != 0:
            raise self._refused(done.stderr)
        return done.stdout

    def _refused(self, said: str) -> ContainerEngineError:
        return ContainerEngineError(f"{self.title} can't be used: {last_line(said).removeprefix(self.complaint)}")


def _local(reference: str) -> str:
    return reference if images.registry(reference) is not None else f"localhost/{reference}"


def _place(cidfile: Path) -> Path:
    """A folder for what belongs to one container."""
    return cidfile.with_suffix(".podman")


def _processes() -> int:
    """As many as anybody can have: Podman would else want more, which not everybody may give."""
    most = int(Path("/proc/sys/kernel/pid_max").read_text(encoding="ascii"))
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def _limit(value: int) -> str:
    return "unlimited" if value == resource.RLIM_INFINITY else str(value)
