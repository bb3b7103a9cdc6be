"""A zip that came from anywhere → a folder: files and folders below it, within limits, and nothing else."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

from cwl_bridge import media
from cwl_bridge.fetch import CHUNK_BYTES, FetchError
from cwl_bridge.parts import BROKEN_ZIP

MAX_DEPTH = 64
#: The list of members is read into memory whole.
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_zip(begin: bytes) -> bool:
    """By the first bytes of a file: a member, or the end of an empty archive."""
    return begin.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unpack(source: Path, folder: Path, named: str, max_bytes: int, max_members: int) -> tuple[int, int]:
    """Makes `folder`; returns bytes and number of its files. Raises FetchError.

    Where all members lie in one folder of the same name, as in the zips that folders are usually sent in, that is it.
    """
    try:
        with _Bounded(io.FileIO(source)) as file, zipfile.ZipFile(file) as archive:
            return _unpack(archive, folder, named, max_bytes, max_members)
    except BROKEN_ZIP as error:
        raise FetchError(f"{named} is no zip that can be read: {str(error)[:200]}.") from error


def _unpack(archive: zipfile.ZipFile, folder: Path, named: str, max_bytes: int, max_members: int) -> tuple[int, int]:
    members = archive.infolist()
    if len(members) > max_members:
        raise FetchError(f"{named} has more than {max_members} members.")
    paths = [_path(each, named) for each in members]
    skipped = int(bool(paths) and all(each[0] == folder.name for each in paths) and any(each[1:] for each in paths))
    total = files = 0
    folder.mkdir()
    for member, path in zip(members, paths, strict=True):
        target = folder.joinpath(*path[skipped:])
        try:
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file, archive.open(member) as content:
                files += 1
                # What the archive says of its sizes may be anything.
                while chunk := content.read(CHUNK_BYTES):
                    total += len(chunk)
                    if total > max_bytes:
                        raise FetchError(f"{named} has more than {max_bytes} bytes, unpacked.")
                    file.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise FetchError(f"{named} has two members of one name: {member.filename[:200]!r}.") from error
    return total, files


def _path(member: zipfile.ZipInfo, named: str) -> list[str]:
    """The segments of a member's name. Raises FetchError for what can't be a file below a folder."""
    name = member.filename
    path = name.removesuffix("/").split("/")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if not all(map(media.is_basename, path)) or len(path) > MAX_DEPTH:
        raise FetchError(f"{named} has a member that lies in no folder: {name[:200]!r}.")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FetchError(f"{named} has a member that is neither file nor folder: {name[:200]!r}.")
    if member.compress_type not in _METHODS or member.flag_bits & 1:
        raise FetchError(f"{named} has a member that is encrypted, or packed otherwise than usual: {name[:200]!r}.")
    return path


class _Bounded(io.BufferedReader):
    """Refuses to read as much at once as only a list of far too many members needs."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile(f"its list of members has {size} bytes")
        return super().read(size)
