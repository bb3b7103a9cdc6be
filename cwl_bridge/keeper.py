"""The files and folders that a package has as defaults → files that the server keeps for its document. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from cwl_bridge import kept, media, places, recordfields, secondary
from cwl_bridge.errors import InvalidProcessError, UnsafeReferenceError, refusal, refuse
from cwl_bridge.packagefiles import REGISTERED, Files, MissingError, joined
from registry.models import JSON

Where = tuple[str | int, ...]
#: A reference in a file → the file that it names, and the part of it. Raises MissingError.
Target = Callable[[str, str, Where], tuple[str, str]]


class Place(str):
    """The location of a kept file, and where in the package that file is."""

    __slots__ = ("key",)
    key: str

    def __new__(cls, location: str, key: str) -> Place:
        made = super().__new__(cls, location)
        made.key = key
        return made


class Keeper:
    """Of one package."""

    def __init__(self, files: Files, target: Target, step: Callable[[Where], None]) -> None:
        """`step`: counts what is referred to."""
        self._files = files
        self._target = target
        self._step = step

    def place(self, value: JSON, key: str, where: Where) -> JSON:
        """A File or Directory with a location or path in the file `key` → the kept one."""
        given = value.get("location", value.get("path"))
        if not isinstance(given, str):
            refuse(InvalidProcessError, "The location of a file is a string.", where)
        found = {name: each for name, each in value.items() if name not in ("location", "path", "checksum", "size")}
        found.setdefault("basename", posixpath.basename(unquote(re.split(r"[?#]", given)[0]).rstrip("/")))
        if value["class"] == "Directory" and not places.scheme(given):
            return {**found, "listing": self._listing(inside(key, given, where), where)}
        if value["class"] == "Directory":
            refuse(UnsafeReferenceError, f"The folder {given!r} is no part of the package.", where)
        if self._is_kept(given, key):
            # Of a registered process, which has its files already.
            return {**found, "location": given, "size": len(self._files.kept[given.split("/")[1]])}
        target, _ = self._target(key, given.replace("#", "%23"), where)
        return {**found, **self._content(target, found["basename"], where)}

    def _is_kept(self, given: str, key: str) -> bool:
        content = kept.split(given)
        return content is not None and content[0] in self._files.kept and key.startswith(REGISTERED)

    def _content(self, target: str, basename: Any, where: Where) -> JSON:
        self._step(where)
        if target in self._files.outside:
            return {}
        content = self._files.bodies.get(target)
        if content is None:
            refuse(InvalidProcessError, f"{target!r} is no file that could be kept.", where)
        name = basename if isinstance(basename, str) and media.is_basename(basename) else "file"
        place = Place(self._files.keep(content, name), target)
        # Expressions may ask for the size; of what it has still to fetch cwltool knows it only when it is said.
        return {"location": place, "size": len(content)}

    def _listing(self, folder: str, where: Where) -> list[JSON]:
        below = [each for each in sorted(self._files.bodies) if each.startswith(f"{folder}/")]
        if not below:
            detail = f"{folder!r} is no folder of the package, or is empty."
            raise MissingError(folder, refusal(InvalidProcessError, detail, where))
        names = dict.fromkeys(each[len(folder) + 1 :].partition("/")[0] for each in below)
        return [self._member(folder, name, where) for name in names]

    def _member(self, folder: str, name: str, where: Where) -> JSON:
        path = f"{folder}/{name}"
        if path in self._files.bodies:
            return {"class": "File", "basename": name, **self._content(path, name, where)}
        return {"class": "Directory", "basename": name, "listing": self._listing(path, where)}

    def with_siblings(self, value: Any, port: JSON, types: Mapping[str, Any], where: Where) -> Any:
        """A default with the secondary files that the port's patterns find beside its files, as cwltool would."""
        if isinstance(value, list):
            return [self.with_siblings(each, port, types, where) for each in value]
        if not isinstance(value, dict):
            return value
        if value.get("class") == "File":
            return self._with_siblings(value, port.get("secondaryFiles"), where)
        fields = recordfields.fields(port, types)
        return {
            name: self.with_siblings(each, fields[name], types, where) if name in fields else each
            for name, each in value.items()
        }

    def _with_siblings(self, value: JSON, patterns: Any, where: Where) -> JSON:
        place = value.get("location")
        if not isinstance(place, Place) or not patterns:
            return value
        given = value.get("secondaryFiles") or []
        if not isinstance(given, list):
            return value
        there = {each.get("basename") for each in given if isinstance(each, dict)}
        folder, own = posixpath.split(place.key)
        is_url = bool(places.scheme(folder))
        more = []
        for each in secondary.patterns(patterns, "v1.2"):
            name = each.applied(unquote(own) if is_url else own)
            path = posixpath.join(folder, quote(name) if is_url else name)
            if name not in there and media.is_basename(name) and self._files.is_there(path):
                more.append({"class": "File", "basename": name, **self._content(path, name, where)})
        return {**value, "secondaryFiles": [*given, *more]} if more else value

    def schemas(self, declared: Any, key: str, where: Where) -> list[Any]:
        """`$schemas`, those of the package kept; cwltool does without what is not there, and so does this."""
        listed = declared if isinstance(declared, list) else [declared]
        return [kept_one for each in listed if (kept_one := self._schema(each, key, where)) is not None]

    def _schema(self, given: Any, key: str, where: Where) -> Any:
        if not isinstance(given, str) or places.scheme(given) or self._is_kept(given, key):
            return given
        if places.scheme(key):
            return None
        try:
            target = inside(key, given, where)
        except UnsafeReferenceError:
            # Who looks for the files of the document may look further up.
            if self._files.incomplete:
                raise
            return None
        if not self._files.is_there(target):
            return None
        return self._files.keep(self._files.bodies[target], posixpath.basename(target))


def inside(key: str, given: str, where: Where) -> str:
    """The path in the package that a relative reference in the file `key` means."""
    target = joined(key, given)
    if places.scheme(given) or places.scheme(key) or target.startswith(("/", "../")) or target == "..":
        refuse(UnsafeReferenceError, f"{given!r} leads out of the package.", where)
    return target
