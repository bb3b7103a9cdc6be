"""What a container uses: its CPU time and peak memory, from its cgroup while there is one.

A cgroup goes with its container, so the last look counts: looks come so often that little is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


class Meter:
    """The best knowledge of one container."""

    def __init__(self, groups: Sequence[str]) -> None:
        """`groups`: where its cgroup may be, below the root (v2) or a controller (v1)."""
        self.cpu_seconds = 0.0
        self.peak_bytes = 0
        #: Whether the kernel has killed something in it for want of memory.
        self.was_short = False
        self._groups = groups
        self._cpu: Path | None = None
        self._memory: Path | None = None
        self._kills: Path | None = None

    def look(self) -> None:
        if self._cpu is None:
            self._cpu = self._file("cpu.stat", ("cpuacct", "cpuacct.usage"))
            # Linux before 5.19 keeps no peak in a unified group.
            self._memory = self._file("memory.peak", ("memory", "memory.max_usage_in_bytes")) or self._file(
                "memory.current", ("memory", "memory.usage_in_bytes")
            )
            self._kills = self._file("memory.events", ("memory", "memory.oom_control"))
        cpu, memory, kills = _read(self._cpu), _read(self._memory), _read(self._kills)
        # v2 in "usage_usec 1234" microseconds, v1 in nanoseconds.
        if cpu.startswith("usage_usec "):
            self.cpu_seconds = int(cpu.split()[1]) / 1e6
        elif cpu.strip().isdigit():
            self.cpu_seconds = int(cpu) / 1e9
        if memory.strip().isdigit():
            self.peak_bytes = max(self.peak_bytes, int(memory))
        counted = (line.split() for line in kills.splitlines())
        self.was_short = self.was_short or any(name == "oom_kill" and count != "0" for name, count in counted)

    def processes(self) -> list[int]:
        """Its processes, by their numbers on the host."""
        return [int(each) for each in _read(self._cpu and self._cpu.parent / "cgroup.procs").split()]

    def _file(self, unified: str, separate: tuple[str, str]) -> Path | None:
        controller, name = separate
        for below in self._groups:
            for path in (_ROOT / below / unified, _ROOT / controller / below / name):
                if path.exists():
                    return path
        return None


def _read(path: Path | None) -> str:
    try:
        return path.read_text(encoding="ascii") if path else ""
    except OSError:
        return ""
