"""A value that fits its schema → what its CWL type takes, Files inside it included. Pure.

Whole numbers become integers, values of known types the records that CWL has for them (see `eoap`), and a File or
Directory at any depth, in any of its forms, what the runner makes ready.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cwl_bridge import eoap, formats, schema, secondary
from cwl_bridge.errors import FieldError, pointer
from cwl_bridge.fileinputs import Errors, Files, Input
from cwl_bridge.schema import CwlType
from registry.models import JSON, Parameter

#: (input, schema, CWL type, value, *path) → what CWL is given, whatever form the value has.
Form = Callable[..., Any]


#: Beyond every number of the type.
_LARGEST = {"int": 2**31, "long": 2**63}
_SHOWN = 40


class Literals:
    """Makes the values of one request."""

    def __init__(self, errors: Errors, files: Files, form: Form, version: str) -> None:
        self._errors = errors
        self._files = files
        self._form = form
        #: Of CWL.
        self._version = version

    def take(self, each: Input, cwl_type: CwlType, value: Any, *path: str | int) -> Any:
        if value.__class__ is bool or (value.__class__ is int and -_LARGEST["int"] <= value < _LARGEST["int"]):
            return value
        kinds = schema.alternatives(cwl_type)
        if value is None:
            if not schema.is_optional(cwl_type):
                self._errors.add("A value is expected, not null.", *path)
            return None
        chosen = self._structure(kinds, value, *path)
        if chosen is None:
            if "Any" in kinds:
                return self._anything(each, value, *path)
            self.refuse_directives(value, *path)
            whole = _whole(kinds, value)
            if isinstance(whole, int) and not _has_room(kinds, whole):
                self._errors.add(f"{str(whole)[:_SHOWN]} is beyond the whole numbers that fit here.", *path)
            return whole
        if chosen["type"] == "array":
            return [self._member(each, chosen["items"], item, *path, index) for index, item in enumerate(value)]
        return self._record(each, chosen, eoap.to_cwl(chosen, value), *path)

    def _structure(self, kinds: list[CwlType], value: Any, *path: str | int) -> JSON | None:
        """The array or record among the alternatives that a value is."""
        if isinstance(value, list):
            found = [each for each in kinds if isinstance(each, dict) and each["type"] == "array"]
        elif isinstance(value, dict):
            found = [each for each in kinds if isinstance(each, dict) and each["type"] == "record"]
        elif isinstance(value, str) and "string" not in kinds and not _is_symbol(kinds, value):
            found = [each for each in kinds if isinstance(each, dict) and eoap.is_text(each)]
        else:
            return None
        if len(found) == 1 and "Any" not in kinds:
            return found[0]
        schemas = ((each, schema.without_files(schema.to_schema(each))) for each in found)
        fitting = (each for each, described in schemas if not self._errors.of(described, value, *path))
        return next(fitting, None if "Any" in kinds else next(iter(found), None))

    def _record(self, each: Input, record: JSON, value: JSON, *path: str | int) -> JSON:
        found: JSON = {}
        for name, item in value.items():
            # A name that is not declared is let through by CWL, but for what cwltool would do with it.
            self.refuse_directives({name: None}, *path)
            wanted = schema.field_formats(record, name)
            beside = secondary.patterns(record.get("secondaryFiles", {}).get(name), self._version)
            own = replace(each, formats=wanted or each.formats, secondary=beside)
            if name in record["fields"]:
                found[name] = self._member(own, record["fields"][name], item, *path, name)
            else:
                self.refuse_directives(item, *path, name)
                found[name] = item
        return found

    def _member(self, each: Input, cwl_type: CwlType, value: Any, *path: str | int) -> Any:
        kinds = schema.alternatives(cwl_type)
        if value is not None and ("File" in kinds or "Directory" in kinds):
            described = schema.to_schema(cwl_type, formats.media_types(each.formats))
            return self._form(each, described, cwl_type, value, *path)
        return self.take(each, cwl_type, value, *path)

    def _anything(self, each: Input, value: Any, *path: str | int) -> Any:
        if isinstance(value, list):
            return [self._anything(each, item, *path, index) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.get("class") in ("File", "Directory"):
            return self._files.cwl_object(each, value, *path)
        self.refuse_directives(dict.fromkeys(value), *path)
        return {key: self._anything(each, item, *path, key) for key, item in value.items()}

    def refuse_directives(self, value: Any, *path: str | int) -> None:
        """cwltool would resolve `$import` and `$include` inside a job order, and stage any File object."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.refuse_directives(item, *path, index)
        elif isinstance(value, dict):
            if value.get("class") in ("File", "Directory"):
                self._errors.add("A File or Directory can't stand here.", *path)
            for key, item in value.items():
                if key.startswith("$"):
                    self._errors.add("A name that begins with '$' can't be used in inputs.", *path, key)
                self.refuse_directives(item, *path, key)


def alone(cwl_type: CwlType, value: Any) -> tuple[list[FieldError], Any]:
    """A value that fits its schema and came by itself, not in a request: what its CWL type takes. It holds no files."""
    errors = Errors()

    def refuse(_: Input, __: JSON, ___: CwlType, ____: Any, *path: str | int) -> None:
        errors.append(FieldError(pointer(*path), "A File or Directory can't stand here."))

    nameless = Input("", Parameter(schema={}, min_occurs=1, max_occurs=1, about={}), cwl_type, ())
    found = Literals(errors, Files(errors), refuse, "").take(nameless, cwl_type, value)
    return [FieldError(each.pointer.removeprefix("/inputs"), each.detail) for each in errors], found


def _is_symbol(kinds: list[CwlType], value: str) -> bool:
    return any(isinstance(each, dict) and value in each.get("symbols", ()) for each in kinds)


def _has_room(kinds: list[CwlType], value: int) -> bool:
    """Whether a whole number is in the range of one of the types; the schema of a client may say nothing of it."""
    ranged = [kind for kind in kinds if kind in ("int", "long")]
    others = not ranged or "float" in kinds or "double" in kinds
    return others or any(-_LARGEST[kind] <= value < _LARGEST[kind] for kind in ranged)


def _whole(kinds: list[CwlType], value: Any) -> Any:
    """2.0 is a whole number for JSON Schema, but none for CWL."""
    if isinstance(value, float) and value.is_integer() and ("int" in kinds or "long" in kinds):
        return int(value)
    return value
