"""A folder as a tool may have left it → gone: of any depth, width and mode."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

#: With names of 255 bytes, paths are half as long as they may be.
DEEP = 8


def remove(top: Path) -> None:
    """Raises OSError for what belongs to others, when all the rest is gone."""
    left: list[OSError] = []
    pending = [(top, 0)] if top.exists() else []
    emptied: list[Path] = []
    while pending:
        folder, depth = pending.pop()
        _let_in(folder)
        try:
            pending += _emptied(folder, depth, top, left)
        except FileNotFoundError:
            continue
        except OSError as error:
            left.append(error)
        emptied.append(folder)
    for folder in reversed(emptied):
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError as error:
            left.append(error)
    if left:
        raise left[0]


def _let_in(folder: Path) -> None:
    """Tools leave folders that their owner may not enter, nor move."""
    with suppress(PermissionError, FileNotFoundError):
        folder.chmod(0o700)


def _emptied(folder: Path, depth: int, top: Path, left: list[OSError]) -> list[tuple[Path, int]]:
    """The folders that are left in it, with their depths.

    Those that lie deep are moved below the top: no path gets too long, and nothing calls itself.
    """
    inner: list[tuple[Path, int]] = []
    with os.scandir(folder) as entries:
        for each in entries:
            try:
                if not each.is_dir(follow_symlinks=False):
                    os.unlink(each.path)  # noqa: PTH108 - quicker for a hundred thousand
                elif depth < DEEP:
                    inner.append((Path(each.path), depth + 1))
                else:
                    # Its `..` is written to.
                    _let_in(Path(each.path))
                    inner.append((Path(each.path).rename(top / str(uuid.uuid4())), 1))
            except FileNotFoundError:
                pass
            except OSError as error:
                left.append(error)
    return inner
