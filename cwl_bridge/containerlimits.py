"""What a container of a tool may do and use at the most → the flags of its engine (see `containers`). Pure.

A tool needs to read its inputs, to compute, and to write into its two folders. All else that an engine gives by default
is taken away: the rights of root, new rights by setuid, endless processes, files and memory outside its limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Where the server is root, tools are this user: nobody's, not even that of a service.
UNPRIVILEGED = "10001:10001"

#: Processes, and open files.
LEAST = 16

#: Of files in memory, shared between the processes of a tool.
_SHARED_MEMORY = "64m"

_USER = re.compile(r"[0-9]{1,9}:[0-9]{1,9}")
#: A network of the engine by its name; not the host's, nor another container's.
_NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class ContainerLimitsError(ValueError):
    """A setting that no container can have; the message says what would be right."""


@dataclass(frozen=True, kw_only=True)
class ContainerLimits:
    """What the operator sets for the container of every tool."""

    #: uid:gid; empty: the server's own, or UNPRIVILEGED where that is root.
    user: str = ""
    processes: int = 512
    open_files: int = 4096
    #: Of one file, in bytes.
    file_size: int = 16 << 30
    #: The network of tools that ask for one; None: they get none.
    network: str | None = None
    #: Path of a seccomp profile; name of an AppArmor profile; name of an OCI runtime. Empty: the engine's own.
    seccomp: str = ""
    apparmor: str = ""
    runtime: str = ""

    def check(self) -> None:
        """Raises ContainerLimitsError."""
        if self.user and not _USER.fullmatch(self.user):
            raise ContainerLimitsError(f"container_user is given as uid:gid in numbers, not {self.user!r}")
        if self.network is not None and (not _NETWORK.fullmatch(self.network) or self.network in ("host", "container")):
            raise ContainerLimitsError(f"network is one of the engine's by its name, not {self.network!r}")

        for name, most in (("container_processes", self.processes), ("container_files", self.open_files)):
            if most < LEAST:
                raise ContainerLimitsError(f"{name} is at least {LEAST}: with less hardly a tool starts")

    def user_of(self, server: tuple[int, int], *, rootless: bool) -> str:
        """uid:gid of a tool. `server`: those of who runs it; `rootless`: whether the engine maps root to them."""
        if rootless:
            return "0:0"
        if self.user:
            return self.user
        return UNPRIVILEGED if server[0] == 0 else "{}:{}".format(*server)

    def flags(self, user: str) -> list[str]:
        found = [
            f"--user={user}",
            "--init",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            f"--ulimit=nofile={self.open_files}:{self.open_files}",
            f"--ulimit=fsize={self.file_size}:{self.file_size}",
            "--ulimit=core=0:0",
            "--ipc=private",
            f"--shm-size={_SHARED_MEMORY}",
            # Where memory runs out, a tool goes before the server does.
            "--oom-score-adj=500",
            "--hostname=job",
        ]
        found += [f"--security-opt=seccomp={self.seccomp}"] if self.seccomp else []
        found += [f"--security-opt=apparmor={self.apparmor}"] if self.apparmor else []
        return found
