"""The container engine, through its command line: images, and the containers of one job."""

from __future__ import annotations

import shutil
import subprocess
import time

from cwl_bridge.errors import ContainerEngineError

ENGINE = "docker"
JOB_LABEL = "cwl-processes.job"

ANSWER_SECONDS = 60
#: Two looks this far apart that find nothing: a container that `docker run` is creating shows up in between.
SWEEP_PAUSE_SECONDS = 0.5
SWEEP_LOOKS = 60


class ImageUnavailableError(Exception):
    """The image is neither here nor at its registry; the message is the engine's."""


def answers() -> bool:
    """Whether the engine is there and running."""
    if shutil.which(ENGINE) is None:
        return False
    return _run("version", "--format", "{{.Server.Version}}").returncode == 0


def has_image(reference: str) -> bool:
    return _run("image", "inspect", "--format", "{{.Id}}", "--", reference).returncode == 0


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


def remove_job_containers(job_id: str) -> None:
    """Kills and removes every container of a job, also one that is only being created."""
    empty_looks = 0
    for _ in range(SWEEP_LOOKS):
        found = _run("ps", "--all", "--quiet", "--no-trunc", "--filter", f"label={JOB_LABEL}={job_id}")
        if found.returncode != 0:
            raise ContainerEngineError(f"The container engine does not answer: {found.stderr.strip()}")
        if found.stdout.split():
            empty_looks = 0
            _run("rm", "--force", "--volumes", *found.stdout.split())
            continue
        empty_looks += 1
        if empty_looks == 2:
            return
        time.sleep(SWEEP_PAUSE_SECONDS)
    raise ContainerEngineError(f"The containers of job {job_id} can't be removed.")


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
