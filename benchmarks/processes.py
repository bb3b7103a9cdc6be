"""What /proc says: descendants of a process, its memory, the CPU time that it took."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)


@dataclass(frozen=True)
class Memory:
    """Bytes."""

    #: Written by this process and shared with none.
    dirty: int = 0
    #: That, and pages of files that only this process has mapped: what its end would free.
    unique: int = 0
    #: That, and its part of what is shared, each page divided by those who share it.
    proportional: int = 0

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.dirty + other.dirty, self.unique + other.unique, self.proportional + other.proportional)


def memory(pids: Iterable[int]) -> Memory:
    """Of all of them together; a process that has ended counts nothing."""
    return sum(map(_memory, pids), Memory())


def _memory(pid: int) -> Memory:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except _GONE:
        return Memory()
    sizes = {line.partition(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return Memory(
        dirty=sizes["Private_Dirty"],
        unique=sizes["Private_Dirty"] + sizes["Private_Clean"],
        proportional=sizes["Pss"],
    )


def tree(root: int, without: Set[int] = frozenset()) -> list[int]:
    """A process and its descendants; not those in `without`, and not theirs."""
    children: dict[int, list[int]] = {}
    for pid in _pids():
        fields = _stat(pid)
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
    found = [root]
    for pid in found:
        found += [child for child in children.get(pid, []) if child not in without]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes, and of their children that have ended."""
    return sum(int(ticks) for pid in pids for ticks in _stat(pid)[11:15]) / _TICKS


def _pids() -> Iterator[int]:
    return (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())


def _stat(pid: int) -> list[str]:
    """The fields behind the command, which may hold blanks and brackets of its own; none of a process that ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except _GONE:
        return []
