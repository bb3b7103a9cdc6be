"""Names in a document → names that hold wherever its parts are put. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from cwl_bridge.packagefiles import joined

#: A named type of another file, as `type` has it: types.yml#Name, with [] and ? after it.
_NAMED_TYPE = re.compile(r"(?P<file>[^#\s\[\]?]*)#(?P<name>[^\s\[\]?]+)(?P<suffix>(?:\[\])*\??)\Z")
_PRIMITIVES = frozenset(
    [
        *("null", "boolean", "int", "long", "float", "double", "string"),
        *("File", "Directory", "Any", "stdin", "stdout", "stderr", "record", "enum", "array"),
    ]
)
_TYPES = "SchemaDefRequirement"
_SUFFIX = re.compile(r"(?:\[\]|\?)+\Z")


class Placed(str):
    """A reference that stands in another file than what is around it now."""

    __slots__ = ("key",)
    key: str

    def __new__(cls, reference: str, key: str) -> Placed:
        made = super().__new__(cls, reference)
        made.key = key
        return made


@dataclass(frozen=True)
class Local:
    """Absolute ids of a process (`#main/x`, `#x`) → the short ones that hold wherever it stands."""

    own: str
    step: str = ""

    def short(self, name: str) -> str:
        _, hash_sign, rest = name.rpartition("#")
        if not hash_sign:
            return name
        rest = rest.removeprefix(f"{self.own}/") if self.own else rest
        return rest.removeprefix(f"{self.step}/") if self.step else rest


def ports_of_step(ports: Any, outside: Local, inside: Local) -> Any:
    def one(port: Any) -> Any:
        if not isinstance(port, dict):
            return each_string(port, outside.short)
        found = dict(port)
        if isinstance(port.get("id"), str):
            found["id"] = inside.short(port["id"])
        if "source" in found:
            found["source"] = each_string(found["source"], outside.short)
        return found

    if isinstance(ports, dict):
        return {inside.short(name): one(each) for name, each in ports.items()}
    return [one(each) for each in ports] if isinstance(ports, list) else ports


def each_string(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [each_string(each, change) for each in value]
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return {**value, "id": change(value["id"])}
    return change(value) if isinstance(value, str) else value


def _called(key: str, name: str) -> str:
    """A named type of another file, as cwltool calls it when it packs; that of a URL keeps it."""
    return f"{key}#{name}" if urlsplit(key).scheme else f"#{key}/{name}"


def types_apart(declared: Any, key: str, own: str) -> Any:
    """A process whose own named types are called so that no other in the same document is called the same."""
    file = quote(key, safe="/").replace("%", "_").replace("//", "/")
    names: dict[str, str] = {}
    for name in _type_names(declared):
        _, hash_sign, bare = name.rpartition("#")
        bare = bare.removeprefix(f"{own}/") if own else bare
        inside = f"{file}/{bare}" if hash_sign else posixpath.join(file, own, bare)
        names.update(dict.fromkeys((bare, f"{own}/{bare}"), f"#{inside}"))
    return _types_renamed(declared, names) if names else declared


def _type_names(declared: Any) -> Iterator[str]:
    for kind in ("requirements", "hints"):
        listed = declared.get(kind)
        bodies = listed if isinstance(listed, list) else [listed.get(_TYPES)] if isinstance(listed, dict) else []
        for body in bodies:
            types = body.get("types") if isinstance(body, dict) else None
            for each in types if isinstance(types, list) else []:
                if isinstance(each, dict) and isinstance(each.get("name"), str) and not urlsplit(each["name"]).scheme:
                    yield each["name"]


def _types_renamed(value: Any, names: Mapping[str, str], member: str = "") -> Any:
    if isinstance(value, list):
        return [_types_renamed(each, names, member) for each in value]
    if isinstance(value, dict):
        # A type is called so where it is defined, fields of records are not.
        is_type = value.get("type") in ("record", "enum", "array")
        return {
            name: _types_renamed(each, names, "type" if name == "name" and is_type else name)
            for name, each in value.items()
        }
    if member not in ("type", "items", "inputs", "outputs") or not isinstance(value, str):
        return value
    bare = _SUFFIX.sub("", value)
    called = names.get(bare.removeprefix("#"))
    return called + value[len(bare) :] if called else value


def types_named(content: Any, key: str) -> Any:
    """Types of a file of their own, called by that file: as others refer to them."""

    def one(each: Any) -> Any:
        if isinstance(each, dict) and isinstance(each.get("types"), list):
            # A whole SchemaDefRequirement.
            return {**each, "types": types_named(each["types"], key)}
        if (
            isinstance(each, dict)
            and isinstance(each.get("name"), str)
            and each.get("type") in ("record", "enum", "array")
        ):
            name = each["name"]
            named = each if urlsplit(name).scheme else {**each, "name": _called(key, name.rpartition("#")[2])}
            return _inner_types(named, key)
        return each

    return [one(each) for each in content] if isinstance(content, list) else one(content)


def _inner_types(declared: Any, key: str) -> Any:
    """What a type of the file `key` says of other types of that file."""
    if isinstance(declared, list):
        return [_inner_types(each, key) for each in declared]
    if isinstance(declared, dict):
        found = dict(declared)
        for name in ("type", "items"):
            if name in found:
                found[name] = _inner_types(found[name], key)
        fields = found.get("fields")
        if isinstance(fields, list):
            found["fields"] = [_inner_types(each, key) for each in fields]
        if isinstance(fields, dict):
            found["fields"] = {name: _inner_types(each, key) for name, each in fields.items()}
        return found
    if not isinstance(declared, str):
        return declared
    bare = _SUFFIX.sub("", declared)
    if bare in _PRIMITIVES or urlsplit(bare).scheme or (bare.partition("#")[0] and "#" in bare):
        return declared
    return _called(key, declared.removeprefix("#"))


def spelled_out(value: Any, prefixes: Mapping[str, Any]) -> Any:
    """Formats without the prefixes of their own document."""
    if isinstance(value, list):
        return [spelled_out(each, prefixes) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, each in value.items():
        if name == "format":
            found[name] = each_string(each, lambda given: _iri(given, prefixes))
        else:
            found[name] = spelled_out(each, prefixes)
    return found


def _iri(name: str, prefixes: Mapping[str, Any]) -> str:
    prefix, colon, rest = name.partition(":")
    return f"{prefixes[prefix]}{rest}" if colon and isinstance(prefixes.get(prefix), str) else name


def _short_named(field: Any) -> Any:
    """A field of a record, which a packed document calls by its place."""
    is_named = isinstance(field, dict) and isinstance(field.get("name"), str)
    return {**field, "name": _last(field["name"])} if is_named else field


def _last(name: str) -> str:
    return name.rpartition("/")[2] if name.startswith("#") else name


def type_of(declared: Any, key: str) -> Any:
    """A type in which named ones of other files are called as `types_named` calls them."""
    if isinstance(declared, list):
        return [type_of(each, key) for each in declared]
    if isinstance(declared, dict):
        found = dict(declared)
        for name in ("type", "items"):
            if name in found:
                found[name] = type_of(found[name], key)
        if isinstance(found.get("fields"), list):
            found["fields"] = [_short_named(type_of(each, key)) for each in found["fields"]]
        if isinstance(found.get("symbols"), list):
            found["symbols"] = each_string(found["symbols"], _last)
        if isinstance(found.get("fields"), dict):
            found["fields"] = {name: type_of(each, key) for name, each in found["fields"].items()}
        return found
    match = _NAMED_TYPE.match(declared) if isinstance(declared, str) else None
    if match is None or not match["file"]:
        return declared
    path = match["file"]
    if urlsplit(path).scheme:
        return declared
    return _called(joined(key, path), match["name"]) + match["suffix"]
