"""A job order as submitted → as cwltool runs it: files fetched or written below the job folder, places as file URIs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from cwl_bridge import document, fetch, schema, values, wrap
from cwl_bridge.errors import InvalidDocumentError, TooComplexError
from registry.models import JSON

#: A value by reference ends in memory, unlike a file.
MAX_VALUE_BYTES = 10 * 1024 * 1024


class StagingError(Exception):
    """An input can't be made ready; the message is for the client."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Stager:
    """Makes one order ready; each file gets a folder of its own, shared with its secondary files."""

    def __init__(self, folder: Path, allowed: fetch.Allowed, max_bytes: int) -> None:
        self._folder = folder
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._count = 0

    def stage(self, value: Any) -> Any:
        """Replaces every File, Directory and reference, however deep. Raises StagingError."""
        if isinstance(value, list):
            return [self.stage(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$reference" in value:
            return self._value(value["$reference"])
        if value.get("class") in ("File", "Directory"):
            self._count += 1
            return self._place(value, self._folder / str(self._count))
        return {key: self.stage(each) for key, each in value.items()}

    def _place(self, each: JSON, folder: Path) -> JSON:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / each["basename"]
        if path.exists():
            raise StagingError("invalid-input", f"Two files have the name {each['basename']!r}.")
        found: JSON = {"class": each["class"], "location": path.as_uri(), "basename": path.name}
        if each["class"] == "Directory":
            path.mkdir()
            for member in each["listing"]:
                self._place(member, path)
            return found
        found["size"] = self._write(each, path)
        if "format" in each:
            found["format"] = each["format"]
        if each.get("secondaryFiles"):
            found["secondaryFiles"] = [self._place(member, folder) for member in each["secondaryFiles"]]
        return found

    def _write(self, each: JSON, path: Path) -> int:
        if "contents" in each:
            return path.write_bytes(each["contents"].encode())
        location: str = each["location"]
        if location.startswith("data:"):
            return path.write_bytes(base64.b64decode(location.partition(",")[2]))
        try:
            return fetch.to_file(location, path, self._allowed, self._max_bytes)
        except fetch.FetchError as error:
            raise StagingError("fetch-failed", str(error)) from error

    def _value(self, reference: JSON) -> Any:
        """A literal by reference: checked against its schema as an inline one is before the job exists."""
        href = reference["location"]
        try:
            body = fetch.to_bytes(href, self._allowed, MAX_VALUE_BYTES)
        except fetch.FetchError as error:
            raise StagingError("fetch-failed", str(error)) from error
        value = parse_value(body, reference["schema"])
        problems = values.check(reference["schema"], value)
        if problems:
            detail = "; ".join(f"{each.pointer or 'the value'}: {each.detail}" for each in problems)
            raise StagingError("invalid-input", f"What {href} gives does not fit '{reference['input']}': {detail}")
        if reference["encode"] != "json" and not isinstance(value, str):
            return wrap.json_text(value)
        if names_files(value):
            raise StagingError("invalid-input", f"What {href} gives can't hold Files or names that begin with '$'.")
        return value


def names_files(value: Any) -> bool:
    """Whether cwltool, or whoever reads a result, would take a part of a literal for more than a literal."""
    if isinstance(value, list):
        return any(map(names_files, value))
    if isinstance(value, dict):
        special = value.get("class") in ("File", "Directory") or any(key.startswith("$") for key in value)
        return special or any(map(names_files, value.values()))
    return False


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
