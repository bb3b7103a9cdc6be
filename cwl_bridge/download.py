"""Whatever an href names → a file: from the web, a store or the operator's folders; resumed where it broke off."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cwl_bridge import fetch, media, places, stores
from cwl_bridge.addresses import Allowed
from cwl_bridge.checksums import Checksum
from cwl_bridge.fetch import FetchError
from cwl_bridge.resultfiles import Results
from registry.models import JSON

#: In a row without getting further.
ATTEMPTS = 5
#: Before the second attempt; twice as long before each that follows.
RETRY_SECONDS = 0.5
PROGRESS_SECONDS = 10.0


@dataclass(frozen=True)
class Fetched:
    """What came."""

    size: int
    media_type: str | None
    #: Where it came from in the end: relative references in it begin there.
    url: str


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    url: str
    #: The header of that name, empty where there is none.
    location: str
    #: Seconds after which to ask again, where it says so.
    retry_after: float
    body: bytes


class Client:
    """Fetches what one job may have."""

    def __init__(
        self,
        allowed: Allowed,
        folders: tuple[str, ...] = (),
        tell: Callable[[str], None] = lambda _: None,
        objects: tuple[str, ...] = (),
        results: Results | None = None,
    ) -> None:
        """`folders`: below which file: URLs may lead. `tell`: whom what is done; in its words no URL is whole (see
        `places.shown`). `objects`: patterns of what stores may give; none: all.
        """
        self._allowed = allowed
        self._objects = objects
        self._folders = folders
        self.results = results or Results()
        self._tell = tell

    def tell(self, words: str) -> None:
        self._tell(places.shown(words))

    def to_file(self, href: str, path: Path, max_bytes: int, checksum: Checksum | None = None) -> Fetched:
        """Writes all of it, or nothing. Raises FetchError."""
        try:
            with path.open("wb") as file:
                found = self._to(href, file, max_bytes)
            if checksum:
                checksum.check(path, href)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return found

    def to_bytes(self, href: str, max_bytes: int) -> tuple[bytes, Fetched]:
        memory = io.BytesIO()
        found = self._to(href, memory, max_bytes)
        return memory.getvalue(), found

    def send(self, method: str, url: str, max_bytes: int, body: JSON | None = None) -> Answer:
        """A request to an API, sent once: another attempt could do twice what it does. Raises FetchError."""
        headers = {"Accept": "application/json", **({"Prefer": "respond-async"} if body else {})}
        headers |= {"Content-Type": "application/json"} if body else {}
        content = json.dumps(body).encode() if body else None
        with fetch.sent(method, url, self._allowed, content, **headers) as found:
            said = found.headers.get("Retry-After") or ""
            seconds = float(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0.0
            location = found.headers.get("Location") or ""
            return Answer(found.status, found.url, location, seconds, b"".join(fetch.chunks(found, url, max_bytes)))

    def local(self, href: str) -> Path | None:
        """The file or folder that lies here, links followed; None: it is fetched. Raises FetchError.

        What a file: URL names lies below the operator's folders, a result in the folder of its job.
        """
        if not places.is_local(href):
            found = self.results.find(href)
            return found if isinstance(found, Path) else None
        path = Path(os.path.realpath(places.local_path(href)))
        if not any(path.is_relative_to(os.path.realpath(each)) for each in self._folders):
            raise FetchError(f"{href} is at no place that the setting file_allow names.")
        return path

    def _to(self, href: str, sink: BinaryIO, max_bytes: int) -> Fetched:
        path = self.local(href)
        if path is not None:
            return self._copy(href, path, sink, max_bytes)
        text = self.results.find(href)
        if isinstance(text, bytes):
            return self._write(href, text, sink, max_bytes)
        if places.split(href, places.STORES) and not stores.is_permitted(href, self._objects):
            raise FetchError(f"{href} is at no place that the setting store_allow names.")
        return _Transfer(self._allowed, href, sink, max_bytes, self.tell).run()

    def _write(self, href: str, text: bytes, sink: BinaryIO, max_bytes: int) -> Fetched:
        if len(text) > max_bytes:
            raise FetchError(f"{href} has more than {max_bytes} bytes.")
        sink.write(text)
        return Fetched(len(text), None, href)

    def _copy(self, href: str, path: Path, sink: BinaryIO, max_bytes: int) -> Fetched:
        if not path.is_file():
            raise FetchError(f"{href} is no file that is there.", absent=True)
        total = 0
        try:
            source = path.open("rb")
        except OSError as error:
            raise FetchError(f"{href} can't be read: {error.strerror}.") from error
        with source:
            while chunk := source.read(fetch.CHUNK_BYTES):
                total += len(chunk)
                if total > max_bytes:
                    raise FetchError(f"{href} has more than {max_bytes} bytes.")
                sink.write(chunk)
        return Fetched(total, media.of_name(path.name), href)


class _Transfer:
    """One href on its way, through as many connections as it takes."""

    def __init__(
        self, allowed: Allowed, href: str, sink: BinaryIO, max_bytes: int, tell: Callable[[str], None]
    ) -> None:
        self._allowed = allowed
        self._href = href
        self._sink = sink
        self._max_bytes = max_bytes
        self._tell = tell
        self._told = time.monotonic()
        self._total = 0
        #: What names these very bytes (RFC 9110, 8.8); empty: what came can't be gone on with.
        self._validator = ""

    def run(self) -> Fetched:
        furthest = failures = 0
        while True:
            try:
                return self._attempt()
            except FetchError as error:
                # A place that breaks off again and again may go on as long as it gets further.
                failures = 1 if self._total >= furthest + fetch.CHUNK_BYTES else failures + 1
                furthest = max(furthest, self._total)
                if not error.passing or failures == ATTEMPTS:
                    raise
                pause = RETRY_SECONDS * 2 ** (failures - 1)
                self._tell(f"{error} The next attempt is in {pause:g} s.")
                time.sleep(pause)

    def _attempt(self) -> Fetched:
        headers = {"Range": f"bytes={self._total}-", "If-Range": self._validator} if self._validator else {}
        is_object = places.split(self._href, places.STORES) is not None
        url = stores.url(self._href) if is_object else self._href
        with fetch.answer(url, self._allowed, self._href, **headers) as answer:
            if not self._goes_on(answer):
                self._total = 0
                self._sink.seek(0)
                self._sink.truncate()
            self._validator = _validator(answer)
            length = answer.headers.get("Content-Length") or ""
            whole = self._total + int(length) if length.isascii() and length.isdigit() else None
            for chunk in fetch.chunks(answer, self._href, self._max_bytes, self._total):
                self._sink.write(chunk)
                self._total += len(chunk)
                self._progress(whole)
            media_type = answer.headers.get("Content-Type")
            return Fetched(self._total, media_type, self._href if is_object else answer.url)

    def _goes_on(self, answer: Any) -> bool:
        said = answer.headers.get("Content-Range") or ""
        if answer.status != 206:
            return False
        if not said.startswith(f"bytes {self._total}-"):
            raise FetchError(f"{self._href} answered with another part ({said[:80]!r}) than was asked for.")
        return True

    def _progress(self, whole: int | None) -> None:
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._tell(f"{self._href}: {self._total} of {'an unknown number of' if whole is None else whole} bytes")


def _validator(answer: Any) -> str:
    """A strong ETag, or a date that is old enough to be as good."""
    tag: str = answer.headers.get("ETag") or ""
    if tag:
        return tag if tag.startswith('"') else ""
    return str(answer.headers.get("Last-Modified") or "")
