"""What cwltool and its tools see of the disk: the room of one job, and nothing beside it.

A package can make a File or Directory of any name and place, by an expression or by what its tools leave. So each is
looked at where cwltool takes it: when it asks for a file, when it maps one for a tool, when it mounts or copies one.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

from cwltool.errors import WorkflowException
from cwltool.pathmapper import PathMapper
from cwltool.stdfsaccess import StdFsAccess
from schema_salad.ref_resolver import uri_file_path

from cwl_bridge.report import Report

#: What cwltool names a File or Directory that lies nowhere.
_NOWHERE = "_:"


class Room:
    """Some folders, with all that lies in them, links resolved."""

    def __init__(self, folders: Sequence[Path], report: Report) -> None:
        self._folders = tuple(os.path.realpath(each) for each in folders)
        self._report = report

    def holds(self, path: str) -> bool:
        try:
            real = os.path.realpath(path)
        except ValueError:
            # No file system has such a name.
            return False
        return any(real == each or real.startswith(each + os.sep) for each in self._folders)

    def check(self, path: str, reason: str = "file-outside") -> None:
        """Raises WorkflowException where the path is none of the room; no word of where it leads."""
        if not self.holds(path):
            self.refuse(path, reason)

    def refuse(self, path: str, reason: str = "file-outside") -> NoReturn:
        message = f"{unquote(os.path.basename(path))!r} is, or links to, a place outside the job."
        self._report.fail(reason, message)
        raise WorkflowException(message)

    def copy_folder(self, source: str, target: str) -> None:
        """A copy that a tool may change, without links: whoever writes into it on the host stays in it."""
        pending = [(source, target)]
        while pending:
            folder, copy = pending.pop()
            os.makedirs(copy)
            with os.scandir(folder) as listed:
                for each in listed:
                    beside = os.path.join(copy, each.name)
                    if each.is_symlink():
                        self.check(each.path)
                    if each.is_dir(follow_symlinks=False):
                        pending.append((each.path, beside))
                    elif each.is_file():
                        shutil.copy2(each.path, beside)
                        _let_write(beside, stat.S_IWUSR)
                    else:
                        # A link to a folder could be its own parent, and a link to nothing leads to the next host.
                        self.refuse(each.path)
            shutil.copystat(folder, copy)
            _let_write(copy, stat.S_IRWXU)


def _let_write(path: str, bits: int) -> None:
    Path(path).chmod(stat.S_IMODE(os.lstat(path).st_mode) | bits)


class RoomFsAccess(StdFsAccess):
    """cwltool's view of the disk. Made for the job as a whole, or for the folder that a tool has left."""

    room: Room

    def _abs(self, path: str) -> str:
        if path.startswith(_NOWHERE):
            # cwltool asks for the size of what is only its contents, and does without.
            return f"{os.devnull}/nothing"
        absolute = str(super()._abs(path))
        self.room.check(absolute, self._reason)
        return absolute

    @property
    def _reason(self) -> str:
        """Outputs have one of their own."""
        return "output-outside" if self.room.holds(self.basedir) else "file-outside"

    def glob(self, pattern: str) -> list[str]:
        if ".." in pattern.split("/"):
            self.room.refuse(pattern, self._reason)
        return super().glob(pattern)


class RoomPathMapper(PathMapper):
    """Files and folders on their way into a container."""

    room: Room

    def visitlisting(self, listing: Any, stagedir: str, basedir: str, copy: bool = False, staged: bool = False) -> None:
        for each in listing:
            if not _is_segment(each["basename"]):
                self.room.refuse(each["basename"])
        super().visitlisting(listing, stagedir, basedir, copy=copy, staged=staged)

    def visit(self, obj: Any, stagedir: str, basedir: str, copy: bool = False, staged: bool = False) -> None:
        # cwltool keeps the folder of an `entryname` with slashes apart.
        target = os.path.join(obj.get("dirname") or stagedir, obj["basename"])
        if ".." in target.split("/"):
            self.room.refuse(target)
        location = obj["location"]
        if not _is_nowhere(obj):
            self.room.check(uri_file_path(location) if location.startswith("file://") else _path(location))
        super().visit(obj, stagedir, basedir, copy=copy, staged=staged)


def _is_segment(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name


def _is_nowhere(obj: Any) -> bool:
    """Whether it is its contents, or its listing."""
    return obj["location"].startswith(_NOWHERE) and (obj["class"] == "Directory" or "contents" in obj)


def _path(location: str) -> str:
    """Of a location without `file:`, an absolute path is one; no URL ever is."""
    return location if location.startswith("/") else f"/{location}"
