"""Outputs as cwltool left them → published below the job folder, or a reason why not.

Only regular files and folders that lie in the room of the job are taken; a link is followed only inside it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cwl_bridge import media, values
from cwl_bridge.jobfolder import link_or_copy
from cwl_bridge.staging import MAX_VALUE_BYTES, names_files, parse_value
from registry.models import JSON


class CollectionError(Exception):
    """An output can't be published; the message is for the client."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Collector:
    """Links or copies the outputs of one run into `target`; locations become relative to the job folder."""

    def __init__(self, room: Sequence[Path], target: Path, published_as: str) -> None:
        """`room`: the folders that outputs may lie in (see JobFolder.room)."""
        self._room = tuple(os.path.realpath(each) for each in room)
        self._target = target
        self._published_as = published_as

    def collect(self, outputs: JSON, literals: dict[str, JSON]) -> JSON:
        """`outputs`: the CWL output object. `literals`: schemas of those whose file holds a JSON value."""
        self._target.mkdir()
        found: JSON = {}
        for name, value in outputs.items():
            if name in literals and value is not None:
                found[name] = self._literal(name, value, literals[name])
            else:
                found[name] = self._value(value, self._target / name)
            _check_text(name, found[name])
        return found

    def _literal(self, name: str, value: Any, schema: JSON) -> Any:
        """The value itself (cwl.output.json), or the JSON in a file; checked as an input would be."""
        if isinstance(value, dict) and value.get("class") == "File":
            value = self._parsed(name, value, schema)
        problems = values.check(schema, value)
        if problems:
            detail = "; ".join(f"{each.pointer or 'the value'}: {each.detail}" for each in problems)
            raise CollectionError("output-invalid", f"What the tool left is no value of '{name}': {detail}")
        if names_files(value):
            # Whatever looks like a File of CWL from here on is one that was published.
            raise CollectionError("output-invalid", f"The value of '{name}' can't hold a File or Directory.")
        return value

    def _parsed(self, name: str, file: JSON, schema: JSON) -> Any:
        if _is_literal(file):
            return parse_value(file["contents"].encode(), schema)
        path = self._source(file)
        if path.is_dir():
            raise CollectionError("output-invalid", f"A folder is no value of '{name}'.")
        if path.stat().st_size > MAX_VALUE_BYTES:
            raise CollectionError("output-invalid", f"The value of '{name}' has more than {MAX_VALUE_BYTES} bytes.")
        return parse_value(path.read_bytes(), schema)

    def _value(self, value: Any, folder: Path) -> Any:
        if isinstance(value, list):
            return [self._value(each, folder / str(index)) for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.get("class") in ("File", "Directory"):
            folder.mkdir(parents=True, exist_ok=True)
            return self._publish(value, folder)
        return {key: self._value(each, folder / _segment(key)) for key, each in value.items()}

    def _publish(self, value: JSON, folder: Path) -> JSON:
        name = str(value.get("basename", ""))
        if not media.is_basename(name) or (folder / name).exists():
            raise CollectionError("output-invalid", f"{name!r} can't be the name of an output file.")
        path = folder / name
        found: JSON = {"class": value["class"], "basename": name}
        if value["class"] == "File":
            if _is_literal(value):
                path.write_text(value["contents"], encoding="utf-8")
            else:
                _link(self._source(value), path)
            found["size"] = path.stat().st_size
        elif value.get("location", "_:").startswith("_:"):
            path.mkdir()
            for each in value.get("listing", []):
                self._publish(each, path)
        else:
            self._copy_folder(self._source(value), path)
        if "format" in value:
            found["format"] = value["format"]
        if value.get("secondaryFiles"):
            found["secondaryFiles"] = [self._publish(each, folder) for each in value["secondaryFiles"]]
        relative = path.relative_to(self._target)
        return {**found, "location": f"{self._published_as}/{relative}"}

    def _source(self, value: JSON) -> Path:
        parts = urlsplit(str(value.get("location", "")))
        if parts.scheme not in ("", "file"):
            raise CollectionError("output-outside", f"The output {value.get('basename')!r} is not a file of this run.")
        path = Path(unquote(parts.path) if parts.scheme else str(value["location"]))
        return self._inside(path)

    def _inside(self, path: Path) -> Path:
        """The file itself, links resolved, where it lies in the room."""
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(each) for each in self._room):
            raise CollectionError("output-outside", f"The output {path.name!r} links to a place outside its folder.")
        mode = real.lstat().st_mode if real.exists() else 0
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise CollectionError("output-invalid", f"The output {path.name!r} is neither a file nor a folder.")
        return real

    def _copy_folder(self, source: Path, target: Path) -> None:
        target.mkdir()
        for each in sorted(os.scandir(source), key=lambda entry: entry.name):
            real = self._inside(Path(each.path))
            if not media.is_basename(each.name):
                raise CollectionError("output-invalid", f"{each.name!r} can't be the name of an output file.")
            if real.is_dir():
                if each.is_symlink():
                    raise CollectionError("output-invalid", f"The output {each.name!r} is a link to a folder.")
                self._copy_folder(real, target / each.name)
            else:
                _link(real, target / each.name)


def _is_literal(file: JSON) -> bool:
    """Whether a File is its contents, and lies nowhere (cwltool gives it a place that begins with `_:`)."""
    return "contents" in file and str(file.get("location", "_:")).startswith("_:")


def _check_text(name: str, value: Any) -> None:
    """JavaScript has texts that nothing can be written to."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        detail = f"The value of '{name}' has half of a surrogate pair, which no text can hold."
        raise CollectionError("output-invalid", detail) from None


def _segment(key: str) -> str:
    return key if media.is_basename(key) else "_"


def _link(source: Path, target: Path) -> None:
    link_or_copy(source, target)
    if os.geteuid() == 0:
        # A tool is somebody else, and can change it no more.
        os.chown(target, 0, os.getegid())
    target.chmod(0o644)
