"""A query → the execute request that it stands for (class kvp-execute of version 2.0). Pure.

`input=value`, `input[href]=…`, `output[include]=true`, `response[f]=…` as Accept, `response[prefer]=…` as Prefer.
Only the form is read here: whether the values fit is seen where every execute request is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cwl_bridge import document, schema, secrecy
from cwl_bridge.errors import InvalidDocumentError, TooComplexError
from registry.models import JSON, Parameter, ProcessDescription
from server.problems import ProblemError

_NAME = re.compile(r"(.*?)(?:\[([A-Za-z]*)\])?", re.DOTALL)

_LINK = ("href", "type", "rel", "title", "hreflang")
_FORMAT = ("mediaType", "encoding", "schema")
_OF_INPUTS = (*_LINK, *_FORMAT, "value", "crs")
_OF_OUTPUTS = ("include", *_FORMAT)
_OF_RESPONSE = ("f", "prefer")


@dataclass(frozen=True, kw_only=True)
class Query:
    document: JSON
    #: What stands for the Accept header.
    accept: str | None = None
    #: What stands before the Prefer headers.
    prefer: tuple[str, ...] = ()


def read(items: Iterable[tuple[str, str]], description: ProcessDescription) -> Query:
    """`items`: names and values, decoded. Raises ProblemError that names the parameter."""
    return _Reader(description).read(items)


class _Reader:
    def __init__(self, description: ProcessDescription) -> None:
        self._inputs = description.inputs
        self._outputs = description.outputs
        #: (id, member) → values; the member of a bare name is "".
        self._given: dict[tuple[str, str], list[str]] = {}

    def read(self, items: Iterable[tuple[str, str]]) -> Query:
        response: dict[str, str] = {}
        for name, value in items:
            identifier, member = self._split(name)
            if identifier == "response" and member in _OF_RESPONSE:
                if member in response:
                    raise _invalid(name, "it is given twice")
                response[member] = value
            elif name != "profile" or name in self._inputs:
                self._given.setdefault((identifier, member), []).append(value)
        found: JSON = {"inputs": self._read_inputs()}
        outputs = self._read_outputs()
        if outputs is not None:
            found["outputs"] = outputs
        prefer = (response["prefer"],) if "prefer" in response else ()
        return Query(document=found, accept=response.get("f"), prefer=prefer)

    def _split(self, name: str) -> tuple[str, str]:
        """The id as the description has it, and what stands in brackets."""
        exact = self._known(name, self._inputs)
        if exact:
            return exact, ""
        match = _NAME.fullmatch(name)
        base, member = (match[1], match[2] or "") if match else (name, "")
        if base == "response" and member in _OF_RESPONSE:
            return base, member
        if member in _OF_INPUTS and (known := self._known(base, self._inputs)):
            return known, member
        if member in _OF_OUTPUTS and (known := self._known(base, self._outputs)):
            return known, member
        if name == "profile":
            return name, ""
        known_inputs, known_outputs = (", ".join(each) or "none" for each in (self._inputs, self._outputs))
        detail = (
            f"there is no such parameter; the inputs are: {known_inputs}; the outputs, each with [include]: "
            f"{known_outputs}; for the answer there are response[f] and response[prefer]"
        )
        raise _invalid(name, detail)

    def _known(self, name: str, there: dict[str, Parameter]) -> str | None:
        if name in there:
            return name
        alike = [each for each in there if each.lower() == name.lower()]
        if len(alike) > 1:
            raise _invalid(name, f"it could be any of {', '.join(alike)}; write it as one of them is written")
        return alike[0] if alike else None

    def _read_inputs(self) -> JSON:
        found: JSON = {}
        for name, parameter in self._inputs.items():
            members = {member: values for (each, member), values in self._given.items() if each == name}
            members = {member: values for member, values in members.items() if not self._is_of_output(name, member)}
            if members and secrecy.is_secret(parameter):
                raise _invalid(name, "it is a secret, and URLs are written down in many places; POST it")
            if members:
                found[name] = _input(name, parameter, members)
        return found

    def _is_of_output(self, name: str, member: str) -> bool:
        """Whether a member of what may be an input and an output is the output's."""
        if name not in self._outputs or member not in _OF_OUTPUTS:
            return False
        # What stands beside a qualified value is of that value.
        return member == "include" or (name, "value") not in self._given

    def _read_outputs(self) -> JSON | None:
        included: dict[str, bool] = {}
        found: JSON = {}
        for name in self._outputs:
            given = {
                member: _once(f"{name}[{member}]", self._given[name, member])
                for member in _OF_OUTPUTS
                if (name, member) in self._given and (name not in self._inputs or self._is_of_output(name, member))
            }
            if not given:
                continue
            include = given.pop("include", None)
            if include not in ("true", "false"):
                detail = "true or false is expected" if include is not None else "it is missing, true or false"
                raise _invalid(f"{name}[include]", detail)
            included[name] = include == "true"
            if "schema" in given:
                given["schema"] = _json_or_text(given["schema"])
            found[name] = {"format": given} if given else {}
        if not included:
            return None
        # Where all that is said is what to leave out, the others are meant.
        wanted = [name for name in self._outputs if included.get(name, not any(included.values()))]
        return {name: found.get(name, {}) for name in wanted}


def _input(name: str, parameter: Parameter, members: dict[str, list[str]]) -> Any:
    values = members.pop("", None)
    said = {member: _once(f"{name}[{member}]", given) for member, given in members.items()}
    if "href" in said:
        if values is not None or not said.keys() <= {*_LINK}:
            raise _invalid(name, "a reference has no value beside it")
        return said
    if "value" in said:
        if values is not None:
            raise _invalid(name, f"it is given twice, as {name} and as {name}[value]")
        values = [said.pop("value")]
    if values is None:
        raise _invalid(f"{name}[{next(iter(said))}]", f"{name}, {name}[value] or {name}[href] is missing")
    crs = said.pop("crs", None)
    if not said.keys() <= {*_FORMAT}:
        raise _invalid(f"{name}[{next(each for each in said if each not in _FORMAT)}]", f"{name}[href] is missing")
    value = _several(values, parameter) if parameter.many else _value(_once(name, values), parameter.schema)
    if crs is not None:
        if not isinstance(value, dict) or "bbox" not in value:
            raise _invalid(f"{name}[crs]", "the input is no bounding box")
        value = {**value, "crs": crs}
    if said:
        if "schema" in said:
            said["schema"] = _json_or_text(said["schema"])
        return {"value": value, **said}
    return value


def _once(name: str, values: list[str]) -> Any:
    if len(values) > 1:
        raise _invalid(name, "it is given twice")
    return values[0]


def _several(values: list[str], parameter: Parameter) -> list[Any]:
    """maxOccurs above one: a list with commas, of JSON where its items are objects or arrays."""
    return [item for text in values for item in _items(text, parameter.schema)]


def _items(text: str, described: JSON) -> list[Any]:
    stripped = text.strip()
    if stripped[:1] in ("[", "{"):
        listed = _parsed(f"[{stripped}]")
        # One array is the list itself, unless arrays are what it is a list of.
        if isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], list) and not _is_array(described):
            return listed[0]
        if isinstance(listed, list):
            return listed
        if stripped[0] == "[" and stripped[-1] == "]":
            stripped = stripped[1:-1]
    if _is_bbox(described):
        return [_value(text, described)]
    return [_value(each, described) for each in stripped.split(",")]


def _value(text: str, described: JSON) -> Any:
    """One value: what the schema lets it be, else the text, which is then found not to fit."""
    if text.strip()[:1] in ("{", "[") and not _is_text(described):
        parsed = _parsed(text)
        if isinstance(parsed, dict | list):
            return parsed
    if _is_bbox(described):
        numbers = [_number(each) for each in text.split(",")]
        return {"bbox": numbers} if None not in numbers else text
    for each in schema.branches(described):
        match each.get("type"):
            case "string":
                return text
            case "integer" | "number":
                number = _number(text)
                if number is not None:
                    return number
            case "boolean" if text in ("true", "false"):
                return text == "true"
            case "array":
                return _items(text, each.get("items", {}))
            case None:
                return _json_or_text(text)
    return text


def _is_text(described: JSON) -> bool:
    """Whether it can be a plain string and nothing else; a file may also come as an object that holds it."""
    return not schema.is_file(described) and all(
        each.get("type") == "string" and each.get("format") != "directory" for each in schema.branches(described)
    )


def _is_array(described: JSON) -> bool:
    return any(each.get("type") == "array" for each in schema.branches(described))


def _is_bbox(described: JSON) -> bool:
    parts = [part for each in schema.branches(described) for part in (each, *each.get("allOf", []))]
    return any(each.get("format") == "ogc-bbox" or "bbox" in each.get("properties", {}) for each in parts)


def _number(text: str) -> int | float | None:
    parsed = _parsed(text)
    return parsed if isinstance(parsed, int | float) and not isinstance(parsed, bool) else None


def _json_or_text(text: str) -> Any:
    parsed = _parsed(text)
    return text if parsed is None else parsed


def _parsed(text: str) -> Any:
    """JSON, as strict as that of bodies; None: it is none."""
    try:
        return document.read_json(text.encode())
    except (InvalidDocumentError, TooComplexError):
        return None


def _invalid(name: str, detail: str) -> ProblemError:
    return ProblemError("invalid-query-parameter-value", f"The query parameter {name[:200]!r}: {detail}.")
