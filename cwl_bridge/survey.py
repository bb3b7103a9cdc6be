"""What a tool has left in its folder, looked over before anybody else does: bounded, and fit to be read."""

from __future__ import annotations

import os
import stat

#: Files and folders.
MAX_ENTRIES = 100_000
#: Folders in one another; who walks them calls itself for each.
MAX_DEPTH = 64
#: Of a path below the folder: as a whole, no system takes more than 4096.
MAX_PATH_BYTES = 2048


class TooMuchError(Exception):
    """The message is for the client."""


def look(folder: str, most_bytes: int) -> list[str]:
    """Makes everything readable for its owner, removes what is neither file, folder nor link, and names that.

    Nothing may write there meanwhile. `most_bytes`: of all files together, by the sizes that they show: a file may have
    more holes than a disk has room. Raises TooMuchError at the first thing that is too much.
    """
    removed: list[str] = []
    entries = size = 0
    _open_up(folder, os.lstat(folder), stat.S_IRWXU)
    pending = [(folder, 0)]
    while pending:
        above, depth = pending.pop()
        with os.scandir(above) as listed:
            for each in listed:
                entries += 1
                if entries > MAX_ENTRIES:
                    raise TooMuchError(f"more than {MAX_ENTRIES} files and folders")
                found = each.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    _check_place(each.path[len(folder) + 1 :], depth + 1)
                    _open_up(each.path, found, stat.S_IRWXU)
                    pending.append((each.path, depth + 1))
                elif stat.S_ISREG(found.st_mode):
                    size += found.st_size
                    _open_up(each.path, found, stat.S_IRUSR | stat.S_IWUSR)
                elif not stat.S_ISLNK(found.st_mode):
                    # Who opens a FIFO, socket or device waits for ever.
                    os.unlink(each.path)
                    removed.append(each.name)
        if size > most_bytes:
            raise TooMuchError(f"files of more than {most_bytes} bytes together")
    return removed


def _check_place(below: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise TooMuchError(f"folders in one another, more than {MAX_DEPTH}")
    if len(os.fsencode(below)) > MAX_PATH_BYTES:
        raise TooMuchError(f"paths of more than {MAX_PATH_BYTES} bytes")


def _open_up(path: str, found: os.stat_result, bits: int) -> None:
    """As its owner; what belongs to others stays as it is."""
    if found.st_mode & bits != bits and found.st_uid == os.geteuid():
        os.chmod(path, stat.S_IMODE(found.st_mode) | bits)
