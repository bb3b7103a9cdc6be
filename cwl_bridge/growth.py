"""How much a tool has written so far, measured while it writes: the limits of `survey` hold before it has ended.

A measure is not exact, as files come and go meanwhile. It opens no file, and changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain

from cwl_bridge.survey import MAX_ENTRIES

#: Of st_blocks (inode(7)).
_BLOCK_BYTES = 512


def excess(folders: Sequence[str], processes: Iterable[int], most_bytes: int) -> str | None:
    """What is too much of all that a tool has on the disk, by the blocks that are there; None: nothing.

    `folders`: those that it may write to. `processes`: its own; what they have removed and not closed takes its room
    still.
    """
    size = 0
    for number, found in enumerate(chain(_removed(processes), *map(_below, folders)), start=1):
        if not stat.S_ISDIR(found.st_mode):
            size += found.st_blocks * _BLOCK_BYTES
        if number > MAX_ENTRIES:
            return f"more than {MAX_ENTRIES} files and folders"
        if size > most_bytes:
            return f"files of more than {most_bytes} bytes together"
    return None


def _below(top: str) -> Iterator[os.stat_result]:
    """Of everything in a folder, as far as it can be looked at."""
    pending = [top]
    while pending:
        above = pending.pop()
        # What has gone meanwhile, is closed to this user or lies too deep for a path; the survey finds what stays.
        with suppress(OSError):
            folder = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                with os.scandir(folder) as listed:
                    for each in listed:
                        with suppress(OSError):
                            found = each.stat(follow_symlinks=False)
                            yield found
                            if stat.S_ISDIR(found.st_mode):
                                pending.append(os.path.join(above, each.name))
            finally:
                os.close(folder)


def _removed(processes: Iterable[int]) -> Iterator[os.stat_result]:
    """Of the files that are open and have no name any more, each once."""
    seen = set[tuple[int, int]]()
    for pid in processes:
        # Who is not root may not look.
        with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as listed:
            for each in listed:
                with suppress(OSError):
                    found = each.stat()
                    if stat.S_ISREG(found.st_mode) and found.st_nlink == 0 and (found.st_dev, found.st_ino) not in seen:
                        seen.add((found.st_dev, found.st_ino))
                        yield found
