"""How much a tool has written so far, measured while it writes: the limits of `survey` hold before it has ended.

A measure is not exact, as files come and go meanwhile. It opens no file, and changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain

from cwl_bridge.survey import MAX_ENTRIES, MAX_PATH_BYTES, TooMuchError

#: Of st_blocks (inode(7)).
_BLOCK_BYTES = 512


def excess(folders: Sequence[str], processes: Iterable[int], most_bytes: int) -> str | None:
    """What is too much of all that a tool has on the disk, by the blocks that are there; None: nothing.

    `folders`: those that it may write to. `processes`: its own; what they have removed and not closed takes its room
    still.
    """
    size = 0
    linked = set[tuple[int, int]]()
    try:
        for number, found in enumerate(chain(_removed(processes), *map(_below, folders)), start=1):
            known = (found.st_dev, found.st_ino) in linked
            if not stat.S_ISDIR(found.st_mode) and not known:
                size += found.st_blocks * _BLOCK_BYTES
                # By however many names, it takes its room once.
                if found.st_nlink > 1:
                    linked.add((found.st_dev, found.st_ino))
            if number > MAX_ENTRIES:
                return f"more than {MAX_ENTRIES} files and folders"
            if size > most_bytes:
                return f"files of more than {most_bytes} bytes together"
    except TooMuchError as error:
        return str(error)
    return None


def _below(top: str) -> Iterator[os.stat_result]:
    """Of everything in a folder, as far as it can be looked at. Raises TooMuchError where it lies too deep for that."""
    pending = [top]
    while pending:
        above = pending.pop()
        # Step by step a tool gets deeper than any path leads, and could write there unseen.
        if len(os.fsencode(above)) - len(os.fsencode(top)) > MAX_PATH_BYTES:
            raise TooMuchError(f"paths of more than {MAX_PATH_BYTES} bytes")
        # What has gone meanwhile, or is closed to this user; the survey finds what stays.
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
    """Of the files that are open or mapped and have no name any more, each once."""
    seen = set[tuple[int, int]]()
    for each in chain.from_iterable(map(_in_use, processes)):
        # Who is not root may not look.
        with suppress(OSError):
            found = os.stat(each)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 0 and (found.st_dev, found.st_ino) not in seen:
                seen.add((found.st_dev, found.st_ino))
                yield found


def _in_use(pid: int) -> Iterator[str]:
    """Links to the files of a process: a thread may have descriptors of its own, a mapping needs none."""
    yield from _entries(f"/proc/{pid}/map_files")
    for thread in _entries(f"/proc/{pid}/task"):
        yield from _entries(f"{thread}/fd")


def _entries(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []
