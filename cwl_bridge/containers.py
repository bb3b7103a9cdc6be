"""A container engine: images, and the containers of one job, whatever engine it is (see `docker`, `podman`).

What the engines have in common stands here, and what each of them has to know. An engine is asked for what it does by
its own command; a server has one, and so has each job.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.errors import ContainerEngineError
from registry.models import Pin

JOB_LABEL = "cwl-processes.job"

#: What the server promises of containers, whatever engine runs them.
PROMISES = {
    "runs": "Containers run, with the limits that this server sets.",
    "memory": "A tool gets no more memory than its limit, and a job that needed more says so.",
    "cores": "A tool gets no more cores than its limit.",
    "processes": "A tool has at most `container_processes` processes.",
    "usage": "A job says what its containers used.",
    "rights": "A tool has no capabilities, can get none, and writes to its own folders only.",
    "network": "A tool has a network only where it asks for one, and then the one that `network` names.",
    "images": "A job runs the images that were there when it was submitted.",
    "ends": "A job that is dismissed, or beyond a time limit, leaves nothing that runs.",
    "outlives": "Jobs go on when the server ends, and are taken over.",
    "profiles": "`seccomp`, `apparmor` and `oci_runtime` count.",
}

ANSWER_SECONDS = 60
PING_SECONDS = 5
#: Looks for containers go on for so long at the most; the next one comes after a pause, a shorter one where some were
#: found: the engine may be removing them on its own, and has the more to do the more often it is asked.
SWEEP_SECONDS = 30.0
SWEEP_PAUSE_SECONDS, REMOVAL_PAUSE_SECONDS = 0.5, 0.05
#: Looks in a row that find nothing.
EMPTY_LOOKS = 2
#: MiB, of a container that is tried out.
TRIAL_MEMORY = 64


class ImageUnavailableError(Exception):
    """The image is neither here nor at its registry; the message is the engine's."""


class ContainerEngine(ABC):
    """Its methods raise ContainerEngineError where it does not answer."""

    #: As the setting calls it, and its command; and as people call it.
    name: ClassVar[str]
    title: ClassVar[str]
    #: EMPTY_LOOKS where its command was ended while it waited for the id of a container.
    patience: ClassVar[int] = EMPTY_LOOKS
    #: What a line of its command begins with that says why a container can't be started.
    complaint: ClassVar[str]
    #: On which condition it keeps those of the PROMISES that it does not keep on every machine.
    conditions: ClassVar[dict[str, str]]

    def __init__(self, oci_runtime: str = "") -> None:
        """`oci_runtime`: what it runs tools with; empty: its own choice."""
        self._oci_runtime = oci_runtime

    @abstractmethod
    def answers(self) -> bool:
        """Whether it is there and can be used; raises nothing."""

    @abstractmethod
    def check(self) -> None:
        """Raises where it is away; one that is only slow is waited for."""

    @abstractmethod
    def is_rootless(self) -> bool:
        """Whether it runs as a user, to whom it maps root."""

    @abstractmethod
    def image(self, reference: str, called: str = "") -> Pin | None:
        """What a name stands for on this machine. `called`: the name that it was pulled by, where that is another."""

    def image_id(self, reference: str) -> str | None:
        """The digest that names an image for ever, where it is on this machine."""
        found = self.image(reference)
        return found.id if found else None

    @abstractmethod
    def labelled_jobs(self) -> set[str]:
        """Ids of the jobs that have containers."""

    @abstractmethod
    def containers_of(self, job_id: str) -> list[str]: ...

    @abstractmethod
    def kill(self, container: str) -> None:
        """Ends what runs in it, whatever it makes of SIGTERM."""

    @abstractmethod
    def remove(self, container: str) -> None:
        """And kills it before, where it runs."""

    @abstractmethod
    def fate(self, container: str) -> frozenset[str]:
        """What is remembered of a container that has ended: "start", "oom", "kill", "die".

        Of an engine that was stopped meanwhile, nothing.
        """

    def command(self, cidfile: Path) -> list[str]:  # noqa: ARG002
        """What runs a container, up to its flags. `cidfile`: where its id will be, and no other's."""
        return [*self._command(), "run"]

    @abstractmethod
    def flags(self, cidfile: Path, cores: float, memory: int, processes: int) -> list[str]:
        """Beside those of ContainerLimits. `memory` in MiB."""

    def marks(self, job_id: str) -> list[str]:
        """The flags by which a container is known as one of a job."""
        return [f"--label={JOB_LABEL}={job_id}"]

    def pid(self, cidfile: Path) -> int | None:  # noqa: ARG002
        """Of the first process of a container that has been started, where the engine says so."""
        return None

    @abstractmethod
    def volumes(self, container: str) -> list[str]:
        """Where on this machine it can write into what its image has declared volumes."""

    @abstractmethod
    def groups(self, container: str, pid: int | None) -> list[str]:
        """Where its cgroup may be, below the root (v2) or a controller (v1)."""

    @abstractmethod
    def unkept(self, limits: ContainerLimits) -> list[str]:
        """What the server promises of containers and this engine does not keep on this machine, in words."""

    def named(self, reference: str) -> str:
        """A reference as this engine understands it."""
        return reference

    def source(self, reference: str) -> str:
        """Where it is pulled from, as this engine understands it."""
        return self.named(reference)

    def pull(self, reference: str, timeout_seconds: float | None = None) -> None:
        """Raises ImageUnavailableError with the engine's last line."""
        try:
            done = subprocess.run(
                [*self._command(), "pull", "--quiet", "--", self.source(reference)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ImageUnavailableError(f"No answer within {timeout_seconds:.0f} s.") from error
        except FileNotFoundError as error:
            raise ContainerEngineError(f"There is no '{self.name}' on this machine.") from error
        if done.returncode != 0:
            raise ImageUnavailableError(last_line(done.stderr))

    def import_image(self, reference: str, root: bytes, *changes: str) -> None:
        """An image of one layer, `root`: a tar file."""
        done = subprocess.run(
            [
                *self._command(),
                "import",
                *(f"--change={each}" for each in changes),
                "-",
                self.named(reference),
            ],
            input=root,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise ContainerEngineError(f"The image {reference} can't be made: {done.stderr.decode(errors='replace')}")

    def remove_image(self, reference: str) -> None:
        self._run("image", "rm", "--force", "--", self.named(reference))

    def refusal(self, limits: ContainerLimits, reference: str, *command: str) -> str:
        """What is said where a command does not end well in a container with these limits; else nothing."""
        user = limits.user_of((os.geteuid(), os.getegid()), rootless=self.is_rootless())
        with tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder:
            cidfile = Path(folder) / "tried.cid"
            flags = [
                *("--rm", "--network=none", "--pull=never", "--read-only=true", "--log-driver=none"),
                *self.flags(cidfile, 1, TRIAL_MEMORY, limits.processes),
                *limits.flags(user),
            ]
            image = self.image_id(reference) or self.named(reference)
            done = self._do([*self.command(cidfile), *flags, image, *command])
        return last_line(done.stderr).removeprefix(self.complaint) if done.returncode else ""

    def kill_job_containers(self, job_id: str) -> None:
        for each in self.containers_of(job_id):
            self.kill(each)

    async def remove_job_containers(self, job_id: str, *, expected: bool = False) -> None:
        """Kills and removes every container of a job, also one that is only being created (`expected`)."""
        empty_looks, enough = 0, self.patience if expected else EMPTY_LOOKS
        until = time.monotonic() + SWEEP_SECONDS
        while time.monotonic() < until:
            if await asyncio.to_thread(self._remove_containers_of, job_id):
                empty_looks, enough = 0, EMPTY_LOOKS
                await asyncio.sleep(REMOVAL_PAUSE_SECONDS)
                continue
            empty_looks += 1
            if empty_looks == enough:
                return
            await asyncio.sleep(SWEEP_PAUSE_SECONDS)
        raise ContainerEngineError(f"The containers of job {job_id} can't be removed.")

    def _remove_containers_of(self, job_id: str) -> bool:
        """Whether there were any."""
        found = self.containers_of(job_id)
        for each in found:
            self.remove(each)
        return bool(found)

    def _command(self) -> list[str]:
        return [self.name]

    def _run(self, *arguments: str, seconds: float = ANSWER_SECONDS) -> subprocess.CompletedProcess[str]:
        return self._do([*self._command(), *arguments], seconds)

    def _do(self, words: list[str], seconds: float = ANSWER_SECONDS) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except FileNotFoundError as error:
            raise ContainerEngineError(f"There is no '{self.name}' on this machine.") from error
        except subprocess.TimeoutExpired as error:
            raise ContainerEngineError(f"{self.title} gave no answer within {seconds:.0f} s.") from error


def limiting(cores: float, memory: int, processes: int) -> dict[str, list[str]]:
    """The flags that keep some of the PROMISES. Pure."""
    return {
        "memory": [f"--memory={memory}m", f"--memory-swap={memory}m"],
        "cores": [f"--cpus={cores:g}"],
        "processes": [f"--pids-limit={processes}"],
    }


def last_line(said: str) -> str:
    return (said.strip().splitlines() or ["no reason given"])[-1]


def source(digests: Iterable[str], called: str) -> str | None:
    """Of all by which registries have an image, that of the one that it is called by. Pure."""
    return min((each for each in digests if _repository(each) == _repository(called)), default=None)


def _repository(reference: str) -> str:
    """A name without tag and digest, as Docker calls it."""
    named = re.sub(r":[^:/]*\Z", "", reference.partition("@")[0])
    return re.sub(r"\A(?:(?:index\.)?docker\.io/)?(?:library/)?", "", named)
