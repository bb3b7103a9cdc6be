"""Which inputs are secrets, by what a document (`cwltool:Secrets`) and a description (`writeOnly`) say; and what is
shown in the place of one. Pure.

A secret is an input of its own, and a string: that is what cwltool keeps to itself. Its value is in no order and no
definition; a mask stands there, and the value goes beside them (see `secretfiles`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cwl_bridge import eoap, levels, schema
from cwl_bridge.errors import InvalidProcessError, refuse
from cwl_bridge.levels import Where
from cwl_bridge.marks import Path
from registry.models import JSON, Parameter, ProcessDescription

_SPACE = "http://commonwl.org/cwltool#"
IRI = f"{_SPACE}Secrets"
#: As documents usually have it.
USUAL = "cwltool:Secrets"
NAMESPACES = {"cwltool": _SPACE}

#: What stands for a value wherever somebody could see it.
MASK = "(secret)"
#: The member of a job order that names the file with its secrets; no input can be called so.
MEMBER = "$secrets"

#: Bytes in UTF-8. What starts a container holds words of four times as many.
MAX_LENGTH = 32_768
#: Each is looked for in all that a tool says.
MAX_LINES = 200

_ALONE = "A secret is an input of its own and a string, of no enumeration, list or object."


def is_named(name: str, namespaces: Any) -> bool:
    """Whether a class of requirements is `cwltool:Secrets`, however its namespace is called there."""
    prefix, colon, rest = name.partition(":")
    space = namespaces.get(prefix) if isinstance(namespaces, Mapping) and colon else None
    # Who forgets to declare the usual prefix means it all the same.
    return name in (IRI, USUAL) or (isinstance(space, str) and space + rest == IRI)


def name_in(namespaces: Any) -> str:
    """What it is called where these namespaces are declared."""
    declared = namespaces.items() if isinstance(namespaces, dict) else ()
    return next((f"{prefix}:Secrets" for prefix, space in declared if space == _SPACE), IRI)


def declared(process: JSON, namespaces: Any, where: Where = ()) -> dict[str, Where]:
    """The inputs that a process itself calls secrets, each with the place where it does. Raises InvalidProcessError."""
    found: dict[str, Where] = {}
    for kind in ("requirements", "hints"):
        for name, body, at in levels.requirements(process, kind, where):
            if not is_named(name, namespaces):
                continue
            names = body.get("secrets")
            if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
                refuse(InvalidProcessError, "'secrets' is a list of names of inputs.", (*at, "secrets"))
            for index, each in enumerate(names):
                found.setdefault(schema.short_name(each), (*at, "secrets", index))
    return found


def spelled_out(process: Any, prefixes: Mapping[str, Any]) -> Any:
    """A process, and what stands in it, with the class in full: it will stand where the prefixes are not declared."""
    if isinstance(process, list):
        return [spelled_out(each, prefixes) for each in process]
    if not isinstance(process, dict):
        return process
    found = {name: spelled_out(each, prefixes) for name, each in process.items()}
    for kind in ("requirements", "hints"):
        own = found.get(kind)
        if isinstance(own, dict):
            found[kind] = {IRI if is_named(name, prefixes) else name: each for name, each in own.items()}
        elif isinstance(own, list):
            found[kind] = [_spelled(each, prefixes) for each in own]
    return found


def _spelled(body: Any, prefixes: Mapping[str, Any]) -> Any:
    is_one = isinstance(body, dict) and isinstance(body.get("class"), str) and is_named(body["class"], prefixes)
    return {**body, "class": IRI} if is_one else body


def is_string(cwl_type: schema.CwlType) -> bool:
    """Whether a secret can be of the type: a string, or nothing."""
    return schema.alternatives(cwl_type) == ["string"]


def is_text(cwl_type: schema.CwlType) -> bool:
    """The same, or a record that holds a text, as the types of Earth observation have a password."""
    return is_string(cwl_type) or all(
        isinstance(each, dict) and eoap.is_text(each) for each in schema.alternatives(cwl_type)
    )


def is_secret(parameter: Parameter) -> bool:
    return parameter.schema.get("writeOnly") is True and parameter.schema.get("type") == "string"


def names(description: ProcessDescription) -> list[str]:
    return [name for name, each in description.inputs.items() if is_secret(each)]


def of_schema(published: JSON, *, parts: bool = True) -> JSON:
    """A schema that says in either of the usual ways that its values are secrets, with `writeOnly`.

    `parts`: whether none of its parts may say so. Raises InvalidProcessError where they can't be; its message says why.
    """
    if not says_so(published):
        if parts and any(says_so(each) for each in _parts(published)):
            raise InvalidProcessError(f"{_ALONE} A part of an input (writeOnly, format: password) can't be one.")
        return published
    plain = published.get("type") == "string" and not {"enum", "oneOf", "anyOf", "allOf"} & published.keys()
    if not plain or schema.is_file(published) or schema.is_directory(published):
        raise InvalidProcessError(f"{_ALONE} This one can't be writeOnly.")
    if published.get("default") is not None:
        raise InvalidProcessError("A secret has no default: everybody would see it in the description.")
    return {**published, "writeOnly": True}


def says_so(published: JSON) -> bool:
    return published.get("writeOnly") is True or published.get("format") == "password"


def _parts(published: Any) -> Iterator[JSON]:
    """The schemas in a schema."""
    if not isinstance(published, dict):
        return
    inside: list[Any] = [published.get(key) for key in ("items", "not", "additionalProperties")]
    for key in ("allOf", "oneOf", "anyOf"):
        inside += published[key] if isinstance(published.get(key), list) else []
    properties = published.get("properties")
    inside += properties.values() if isinstance(properties, dict) else ()
    for each in inside:
        if isinstance(each, dict):
            yield each
            yield from _parts(each)


def parted(description: ProcessDescription, order: JSON) -> tuple[JSON, dict[str, str]]:
    """A job order with masks in the place of its secrets, and those by their names."""
    values = {name: _text(order[name]) for name in names(description) if order.get(name) is not None}
    return {**order, **{name: with_text(order[name], MASK) for name in values}}, values


def _text(value: Any) -> str:
    return str(value["value"] if isinstance(value, dict) else value)


def with_text(value: Any, text: str) -> Any:
    """The value of a secret input with another text: itself, or in the record that holds it."""
    return {**value, "value": text} if isinstance(value, dict) else text


def with_values(document: JSON, values: Iterable[tuple[Path, Any]]) -> JSON:
    """A document with other values at some places, each of which there is."""
    around: list[Any] = [document]
    # Each object on the way is copied once: a batch has thousands of places in one list.
    copied = set[int]()
    for path, value in values:
        holder: Any = around
        key: Any = 0
        for part in path:
            if id(holder[key]) not in copied:
                holder[key] = holder[key].copy()
                copied.add(id(holder[key]))
            holder, key = holder[key], part
        holder[key] = value
    found: JSON = around[0]
    return found
