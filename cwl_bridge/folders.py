"""A Directory by href → a folder: a zip, a page that lists it, a folder of the operator's, or STAC.

STAC is staged as 20-089r1 has it: a catalog.json, each item in a folder of its own, its assets beside it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cwl_bridge import archive, checksums, listing, media, places, stac
from cwl_bridge.download import Client, Fetched
from cwl_bridge.fetch import FetchError
from cwl_bridge.jobfolder import write_json
from registry.models import JSON

#: Files of one Directory, and documents that are read for it.
MAX_FILES = 20_000
MAX_DEPTH = 32
#: Of one document that lists or describes others.
MAX_DOCUMENT_BYTES = 10 * 1024 * 1024


class Folder:
    """One Directory while it is filled."""

    def __init__(self, client: Client, path: Path, max_bytes: int) -> None:
        self._client = client
        self._path = path
        self._max_bytes = max_bytes
        self._read: set[str] = set()
        self.size = 0
        self.files = 0

    def fetch(self, href: str, media_type: str | None) -> None:
        """Makes the folder from what the href gives. Raises FetchError."""
        local = self._client.local(href)
        if local is not None and local.is_dir():
            self._copy(href, local, self._path, 0)
            self._client.results.check_whole(href)
            return
        with tempfile.TemporaryDirectory(dir=self._path.parent) as beside:
            part = Path(beside, "part")
            found = self._client.to_file(href, part, self._max_bytes)
            with part.open("rb") as file:
                begin = file.read(4)
            if archive.is_zip(begin):
                self.size, self.files = archive.unpack(part, self._path, href, self._max_bytes, MAX_FILES)
                return
            if found.size > MAX_DOCUMENT_BYTES:
                raise FetchError(f"{href} gives neither a zip, nor an index, nor STAC, but {found.size} bytes.")
            body = part.read_bytes()
        self._path.mkdir()
        self._read.add(found.url)
        value = _json(body) if _may_be_json(body) else None
        if isinstance(value, dict) and stac.is_stac(value):
            self.describe(value, found.url)
        else:
            self._list(_entries(body, value, found, media_type), self._path, 0)

    def describe(self, value: JSON, base: str | None) -> None:
        """Fills the folder, which is there, from a STAC document. Raises FetchError."""
        staged: list[str] = []
        version = "1.0.0"
        for item, place in self._items(value, base, 0):
            staged.append(self._item(item, place))
            version = item["stac_version"] if isinstance(item.get("stac_version"), str) else version
        _write(self._path / stac.CATALOG, stac.catalog(self._path.name, staged, version))

    def _list(self, entries: list[listing.Entry], folder: Path, depth: int) -> None:
        self._enter(depth)
        for each in entries:
            target = folder.joinpath(*each.path)
            try:
                if each.is_folder:
                    target.mkdir(parents=True)
                    body, found = self._document(each.href)
                    value = _json(body) if _may_be_json(body) else None
                    self._list(_entries(body, value, found, None), target, depth + 1)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    self._file(each.href, target)
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                raise FetchError(f"{each.href} has the name of another member.") from error

    def _copy(self, href: str, source: Path, target: Path, depth: int) -> None:
        """Links are followed as far as they stay at places that hrefs may name."""
        self._enter(depth)
        target.mkdir()
        try:
            members = sorted(source.iterdir())
        except OSError as error:
            raise FetchError(f"{href} can't be read: {error.strerror}.") from error
        for each in members:
            if not media.is_basename(each.name):
                raise FetchError(f"{href} has a member with a name that no input can have.")
            place = f"{href.rstrip('/')}/{quote(each.name)}"
            real = self._client.local(place)
            if real is not None and real.is_dir():
                self._copy(place, real, target / each.name, depth + 1)
            else:
                self._file(place, target / each.name)

    def _items(self, value: JSON, base: str | None, depth: int) -> Iterator[tuple[JSON, str | None]]:
        self._enter(depth)
        found = stac.items(value)
        if found is not None:
            for item in found:
                yield item, base or next(iter(stac.links(item, None, "self")), None)
            return
        followed = stac.links(value, base, "item", "child")
        paged = [] if followed else stac.links(value, base, "items")
        while followed or paged:
            href = followed.pop(0) if followed else paged.pop(0)
            if href in self._read:
                continue
            self._read.add(href)
            body, fetched = self._document(href)
            one = _json(body)
            if not stac.is_stac(one):
                raise FetchError(f"{href} is no STAC document.")
            yield from self._items(one, fetched.url, depth + 1)
            if "features" in one and not followed:
                paged += stac.links(one, fetched.url, "next")

    def _item(self, item: JSON, base: str | None) -> str:
        """Stages one item; where it lies below the catalog."""
        name = self._free_name(item.get("id"))
        folder = self._path / name
        folder.mkdir()
        hrefs: dict[str, str] = {}
        for key, asset in stac.assets(item):
            href = stac.absolute(base, asset["href"])
            suggested = places.last_segment(href)
            if not media.is_basename(suggested) or suggested == f"{name}.json" or (folder / suggested).exists():
                suggested = f"{key}{media.extension(asset.get('type'))}" if suggested == "" else f"{key}-{suggested}"
            if not media.is_basename(suggested) or (folder / suggested).exists():
                suggested = f"asset-{len(hrefs) + 1}"
            self._file(href, folder / suggested, checksums.of_multihash(asset.get("file:checksum")))
            hrefs[key] = f"./{quote(suggested)}"
        self._count()
        _write(folder / f"{name}.json", stac.localised(item, base, hrefs))
        return f"./{quote(name)}/{quote(name)}.json"

    def _free_name(self, wanted: Any) -> str:
        name = str(wanted) if wanted is not None else ""
        # Its file has an ending besides.
        name = name if media.is_basename(f"{name}.json") and media.is_basename(name) else "item"
        number = 1
        found = name
        while (self._path / found).exists() or found == stac.CATALOG:
            number += 1
            found = f"{name}-{number}"
        return found

    def _file(self, href: str, path: Path, checksum: checksums.Checksum | None = None) -> None:
        self._count()
        self.size += self._client.to_file(href, path, self._max_bytes - self.size, checksum).size

    def _document(self, href: str) -> tuple[bytes, Fetched]:
        self._count()
        return self._client.to_bytes(href, MAX_DOCUMENT_BYTES)

    def _count(self) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise FetchError(f"A Directory has more than {MAX_FILES} files.")

    def _enter(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise FetchError(f"A Directory is deeper than {MAX_DEPTH} folders, or leads into itself.")


def _entries(body: bytes, value: Any, found: Fetched, media_type: str | None) -> list[listing.Entry]:
    if value is not None:
        return listing.of_json(value, found.url)
    kind = media.essence(found.media_type or media_type or "")
    if kind == "text/html" or body.lstrip()[:1] == b"<":
        return listing.of_html(body.decode(errors="replace"), found.url)
    raise FetchError(f"{found.url} gives {kind or 'something'}, which is neither a zip nor an index nor STAC.")


def _may_be_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


def _json(body: bytes) -> Any:
    """What comes from elsewhere may be large; it is kept away from cwltool, so that it may be odd as well."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FetchError("A document that describes a Directory is no JSON that can be read.") from error


def _write(path: Path, value: JSON) -> None:
    try:
        write_json(path, value)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"The document {path.name!r} can't be written: it is too deep, or holds no text.") from error
