"""A job order as submitted → as cwltool runs it: files fetched or written below the job folder, places as file URIs."""

from __future__ import annotations

import base64
import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cwl_bridge import (
    checksums,
    document,
    eoap,
    features,
    folders,
    literals,
    places,
    remote,
    schema,
    secondary,
    values,
    wrap,
)
from cwl_bridge.download import Client
from cwl_bridge.elsewhere import COLLECTION, REMOTE, SEVERAL
from cwl_bridge.errors import InvalidDocumentError, TooComplexError
from cwl_bridge.fetch import FetchError
from registry.models import JSON

#: A value by reference ends in memory, unlike a file.
MAX_VALUE_BYTES = 10 * 1024 * 1024


class StagingError(Exception):
    """An input can't be made ready; the message is for the client."""

    def __init__(self, reason: str, message: str, *, absent: bool = False) -> None:
        super().__init__(places.shown(message))
        self.reason = reason
        self.absent = absent


class Stager:
    """Makes one order ready; each file gets a folder of its own, shared with its secondary files."""

    def __init__(self, folder: Path, client: Client, max_bytes: int) -> None:
        self._folder = folder
        self._client = client
        self._max_bytes = max_bytes
        self._count = 0
        self._fetched = 0

    def order(self, order: JSON) -> JSON:
        """All inputs of a job. Raises StagingError."""
        begun = time.monotonic()
        found: JSON = self.stage(order)
        if self._count:
            seconds = time.monotonic() - begun
            self._client.tell(f"inputs are ready: {self._fetched} bytes fetched in {seconds:.1f} s")
        return found

    def stage(self, value: Any) -> Any:
        """Replaces every File, Directory and reference, however deep. Raises StagingError."""
        if isinstance(value, list):
            return [self.stage(one) for each in value for one in self._each(each)]
        if not isinstance(value, dict):
            return value
        if "$reference" in value:
            return self._value(self._made(value["$reference"]))
        if value.get("class") in ("File", "Directory"):
            value = self._made(value)
            self._count += 1
            return self._place(value, self._folder / str(self._count))
        return {key: self.stage(each) for key, each in value.items()}

    def _each(self, value: Any) -> list[Any]:
        """An item of a list, or the files that it stands for."""
        if not isinstance(value, dict) or SEVERAL not in value.get(REMOTE, ()):
            return [value]
        place = value[REMOTE]["process"]
        with self._fetching(place) as fetched:
            found = remote.several(value, self._client)
            fetched(0, " of descriptions")
        problems = values.check(value[REMOTE][SEVERAL], found)
        if problems:
            raise StagingError("invalid-input", f"What {place} gives does not fit: {problems[0].detail}")
        return found

    def _made(self, value: JSON) -> JSON:
        """With what a process elsewhere gives in its place."""
        if REMOTE not in value:
            return value
        with self._fetching(value[REMOTE]["process"]) as fetched:
            found = remote.made(value, self._client)
            fetched(0, " of descriptions")
        return found

    def _place(self, each: JSON, folder: Path) -> JSON:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / each["basename"]
        if path.exists():
            raise StagingError("invalid-input", f"Two files have the name {each['basename']!r}.")
        found: JSON = {"class": each["class"], "location": path.as_uri(), "basename": path.name}
        if each["class"] == "Directory" and "listing" in each:
            # Without a place of its own: then expressions see its listing, as they would with plain cwltool.
            path.mkdir()
            listing = [self._place(member, path) for member in each["listing"]]
            return {"class": "Directory", "basename": path.name, "listing": listing}
        if each["class"] == "Directory":
            self._fill(each, path)
            return found
        found["size"] = self._write(each, path)
        found |= {key: each[key] for key in ("format", "checksum") if key in each}
        beside = [self._place(member, folder) for member in each.get("secondaryFiles", ())]
        beside += self._beside(each, folder)
        return {**found, "secondaryFiles": beside} if beside else found

    def _beside(self, each: JSON, folder: Path) -> Iterator[JSON]:
        """The secondary files that lie beside an href; those that need not be there are left out where they are not."""
        for member in each.get(secondary.MEMBER, ()):
            try:
                yield self._place({"class": "File", **member}, folder)
            except StagingError as error:
                if error.absent and not member["required"]:
                    self._client.tell(f"{error} It is an optional secondary file, and left out.")
                    continue
                detail = f"{each['location']} comes with a secondary file {member['basename']!r}, but {error}"
                raise StagingError(error.reason, detail) from error

    def _fill(self, each: JSON, path: Path) -> None:
        folder = folders.Folder(self._client, path, self._max_bytes)
        place = each.get("location") or each.get(COLLECTION, {}).get("collection")
        with self._fetching(place or f"what the items of {path.name!r} name") as fetched:
            if "stac" in each:
                path.mkdir()
                folder.describe(each["stac"], None)
            elif COLLECTION in each:
                path.mkdir()
                found = list(features.features(self._client, each[COLLECTION]))
                folder.describe({"type": "FeatureCollection", "features": found}, None)
            else:
                folder.fetch(each["location"], each.get("mediaType"))
            fetched(folder.size, f" in {folder.files} files")

    def _write(self, each: JSON, path: Path) -> int:
        if COLLECTION in each:
            with self._fetching(each[COLLECTION]["collection"]) as fetched:
                size = features.write(self._client, each[COLLECTION], path, self._max_bytes)
                fetched(size)
            return size
        if "contents" in each:
            return path.write_bytes(each["contents"].encode())
        if each["location"].startswith("data:"):
            return path.write_bytes(base64.b64decode(each["location"].partition(",")[2]))
        with self._fetching(each["location"]) as fetched:
            checksum = checksums.of_cwl(each.get("checksum"))
            size = self._client.to_file(each["location"], path, self._max_bytes, checksum).size
            fetched(size)
        return size

    @contextmanager
    def _fetching(self, href: str) -> Iterator[Callable[..., None]]:
        """Tells of the begin and the end; what fails is a StagingError."""
        begun = time.monotonic()
        self._client.tell(f"fetching {href}")

        def fetched(size: int, more: str = "") -> None:
            self._fetched += size
            self._client.tell(f"fetched {href}: {size} bytes{more} in {time.monotonic() - begun:.1f} s")

        try:
            yield fetched
        except FetchError as error:
            raise StagingError(error.reason, str(error), absent=error.absent) from error
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise StagingError("fetch-failed", f"{href} gives names that are too long.") from error

    def _value(self, reference: JSON) -> Any:
        """A literal by reference: checked against its schema as an inline one is before the job exists."""
        href = reference["location"]
        if "body" in reference:
            body = reference["body"].encode()
        else:
            with self._fetching(href) as fetched:
                body, found = self._client.to_bytes(href, MAX_VALUE_BYTES)
                fetched(found.size)
        value = _one_or_list(body, reference["schema"])
        problems = values.check(reference["schema"], value)
        if problems:
            detail = "; ".join(f"{each.pointer or 'the value'}: {each.detail}" for each in problems)
            raise StagingError("invalid-input", f"What {href} gives does not fit '{reference['input']}': {detail}")
        if reference["encode"] != "json" and not isinstance(value, str):
            return wrap.json_text(value)
        if names_files(value):
            raise StagingError("invalid-input", f"What {href} gives can't hold Files or names that begin with '$'.")
        if reference["encode"] != "json":
            return value
        errors, found = literals.alone(reference["type"], value)
        if errors:
            detail = "; ".join(f"{each.pointer or 'the value'}: {each.detail}" for each in errors)
            raise StagingError("invalid-input", f"What {href} gives does not fit '{reference['input']}': {detail}")
        return found


def names_files(value: Any) -> bool:
    """Whether cwltool, or whoever reads a result, would take a part of a literal for more than a literal."""
    if isinstance(value, list):
        return any(map(names_files, value))
    if isinstance(value, dict):
        special = value.get("class") in ("File", "Directory") or any(key.startswith("$") for key in value)
        return special or any(map(names_files, value.values()))
    return False


def _one_or_list(body: bytes, described: JSON) -> Any:
    """A value as its schema describes it; of a list, a lone item may stand for a list of one."""
    value = _client_value(body, described)
    if described.get("type") == "array" and "items" in described and not values.fits(described, value):
        alone = _client_value(body, described["items"])
        return [alone] if values.fits(described["items"], alone) else value
    return value


def _client_value(body: bytes, described: JSON) -> Any:
    """Also where it is written as CWL has it."""
    value = parse_value(body, described)
    written = eoap.to_client(described, parse_value(body, {}))
    return value if values.fits(described, value) else written


def parse_value(body: bytes, described: JSON) -> Any:
    """Bytes that stand for a literal: its JSON, or the text itself where the schema takes a string."""
    text = body.decode(errors="replace")
    try:
        value = document.read_json(body)
    except (InvalidDocumentError, TooComplexError):
        return text.removesuffix("\n")
    if values.fits(described, value) or not schema.admits_text(described):
        return value
    return text.removesuffix("\n")
