"""The inputs of an execute request → the CWL job order, every error found at once. Pure.

In the order, what has to be fetched or written to disk is left for the runner (see `staging`):
a File has `location` (see `places`, or data) or `contents`; a Directory `listing`, `location` or `stac`, a document;
a value by reference is a `$reference`.
"""

from __future__ import annotations

from typing import Any

from cwl_bridge import describe, fileinputs, media, schema, stac, values, wrap
from cwl_bridge.errors import FieldError, InvalidInputsError, pointer
from cwl_bridge.fileinputs import Errors, Files, Input
from cwl_bridge.schema import CwlType
from registry.models import JSON, OutputChoice, Process


def order(process: Process, given: JSON, folders: tuple[str, ...] = ()) -> JSON:
    """`given`: `inputs` of the request. `folders`: where file: URLs may lead.

    Raises InvalidInputsError with a pointer for each thing that is wrong.
    """
    return _Order(process, folders).read(given)


def check_outputs(process: Process, chosen: dict[str, OutputChoice] | None) -> list[FieldError]:
    """Whether the process has the outputs that a request names, in the formats that it asks for."""
    errors = []
    declared = process.description.outputs
    for name, choice in (chosen or {}).items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            errors.append(FieldError(pointer("outputs", name), f"There is no such output; there are: {known}."))
        elif choice.media_type and not _offers(declared[name].schema, choice.media_type):
            where = pointer("outputs", name, "format", "mediaType")
            errors.append(FieldError(where, f"This output is not offered as {choice.media_type}."))
    return errors


def _offers(output: JSON, media_type: str) -> bool:
    offered = schema.media_types(output)
    if not offered:
        return media.essence(media_type) in ("application/json", "text/plain")
    return media.essence(media_type) in {*map(media.essence, offered)} or offered == [media.BINARY]


class _Order:
    """One reading of one request; collects the errors."""

    def __init__(self, process: Process, folders: tuple[str, ...]) -> None:
        names = describe.named_types(process.cwl)
        ports = describe.ports(process.cwl, "inputs")
        self._inputs = [
            Input(
                name,
                parameter,
                schema.normalise(ports[name]["type"], names),
                fileinputs.formats(process.cwl, ports[name]),
            )
            for name, parameter in process.description.inputs.items()
        ]
        self._cwl_defaults = {name for name, port in ports.items() if port.get("default") is not None}
        self._errors = Errors()
        self._files = Files(self._errors, folders)

    def read(self, given: JSON) -> JSON:
        found: JSON = {}
        known = [each.name for each in self._inputs]
        for name in given:
            if name not in known:
                self._errors.add(f"There is no such input; there are: {', '.join(known) or 'none'}.", name)
        for each in self._inputs:
            value = given.get(each.name)
            if value is None:
                value = self._default(each)
            if value is not None:
                found[each.name] = self._input(each, value)
        if self._errors:
            raise InvalidInputsError("The inputs do not fit the process.", self._errors)
        return found

    def _default(self, each: Input) -> Any:
        if "default" in each.parameter.schema:
            # cwltool fills in what the document itself has as default.
            return None if each.name in self._cwl_defaults else each.parameter.schema["default"]
        if each.parameter.min_occurs > 0:
            self._errors.add("This input is required.", each.name)
        return None

    def _input(self, each: Input, value: Any) -> Any:
        if not each.parameter.many:
            return self._value(each, each.parameter.schema, each.cwl_type, value, each.name)
        # A lone value is taken as a list of one.
        listed = value if isinstance(value, list) else [value]
        low, high = each.parameter.min_occurs, each.parameter.max_occurs
        if len(listed) < low or (high is not None and len(listed) > high):
            self._errors.add(f"{low} to {high or 'any number of'} values are expected, not {len(listed)}.", each.name)
        item_type = schema.items_of(each.cwl_type) or each.cwl_type
        return [
            self._value(each, each.parameter.schema, item_type, item, each.name, index)
            for index, item in enumerate(listed)
        ]

    def _value(self, each: Input, described: JSON, cwl_type: CwlType, value: Any, *path: str | int) -> Any:
        """One value in any of OGC's forms (18-062r2, 7.11.2.2) → what CWL is given."""
        listed = _as_array(described)
        if isinstance(value, list) and listed is not None:
            return self._array(each, listed, cwl_type, value, *path)
        if isinstance(value, dict):
            if (
                listed is not None
                and schema.items_of(cwl_type) is not None
                and described.get("type") == "array"
                and _is_form(value)
            ):
                # A lone item is taken as a list of one.
                return self._array(each, listed, cwl_type, [value], *path)
            if isinstance(value.get("href"), str) and "value" not in value:
                return self._reference(each, described, cwl_type, value, *path)
            if "value" in value:
                return self._qualified(each, described, cwl_type, value, *path)
        return self._plain(each, described, cwl_type, value, None, *path)

    def _array(self, each: Input, described: JSON, cwl_type: CwlType, value: list[Any], *path: str | int) -> Any:
        item_type = schema.items_of(cwl_type)
        if item_type is None:
            # An array that reaches the tool as JSON text.
            return self._plain(each, described, cwl_type, value, None, *path)
        items: JSON = described["items"]
        if not schema.is_file(items) and not any(isinstance(item, dict) for item in value):
            # All literals: one look at the whole is enough, however long it is.
            self._errors.extend(values.check(described, value, "inputs", *path))
            self._refuse_directives(value, *path)
            return [_encode(item_type, items, item) for item in value]
        own = {key: limit for key, limit in described.items() if key in ("minItems", "maxItems", "uniqueItems")}
        bare = [item["value"] if isinstance(item, dict) and "value" in item else item for item in value]
        self._errors.extend(values.check(own, bare, "inputs", *path))
        return [self._value(each, items, item_type, item, *path, index) for index, item in enumerate(value)]

    def _reference(self, each: Input, described: JSON, cwl_type: CwlType, link: JSON, *path: str | int) -> Any:
        href = link["href"]
        self._files.check_place(href, *path, "href")
        media_type = link.get("type")
        if media_type is not None and not self._offered(described, media_type, *path, "type"):
            return None
        if "File" in schema.alternatives(cwl_type):
            name = media.basename_of(href, f"{fileinputs.stem(each, path)}{media.extension(media_type)}")
            return self._files.file(each, name, media_type, location=href)
        if "Directory" in schema.alternatives(cwl_type):
            return self._files.folder(each, href, media_type, *path)
        text = "string" in schema.alternatives(cwl_type)
        encode = "text" if schema.admits_text(described) and text else "json-text" if text else "json"
        # No client can send this: names that begin with '$' are refused in inputs.
        return {"$reference": {"location": href, "schema": described, "encode": encode, "input": each.name}}

    def _qualified(self, each: Input, described: JSON, cwl_type: CwlType, given: JSON, *path: str | int) -> Any:
        """`{value, mediaType, encoding, schema}`; older clients have the last three inside `format`."""
        nested = given["format"] if isinstance(given.get("format"), dict) else {}
        about = {**nested, **given}
        media_type, encoding = about.get("mediaType"), about.get("encoding")
        where = ("mediaType",) if "mediaType" in given else ("format", "mediaType")
        if media_type is not None and not self._offered(described, media_type, *path, *where):
            return None
        if encoding not in (None, "base64", "binary", "utf-8", "UTF-8"):
            self._errors.add("'encoding' is base64 or left out.", *path, "encoding")
            return None
        value = given["value"]
        if value is None and not described.get("nullable"):
            self._errors.add("A value is expected, not null.", *path, "value")
            return None
        if isinstance(value, list) and described.get("type") == "array":
            return self._array(each, described, cwl_type, value, *path, "value")
        return self._plain(each, described, cwl_type, value, (media_type, encoding), *path, "value")

    def _plain(
        self,
        each: Input,
        described: JSON,
        cwl_type: CwlType,
        value: Any,
        qualified: tuple[str | None, str | None] | None,
        *path: str | int,
    ) -> Any:
        """A bare value. `qualified`: (media type, encoding) where it came with them."""
        kinds = schema.alternatives(cwl_type)
        if isinstance(value, dict) and value.get("class") in ("File", "Directory") and value["class"] in kinds:
            return self._files.cwl_object(each, value, *path)
        if "Directory" in kinds and "File" not in kinds and stac.is_stac(value):
            # An item, or several, by value: 20-089r1 stages them.
            return {"class": "Directory", "basename": fileinputs.stem(each, path), "stac": value}
        if "File" in kinds and (isinstance(value, str) and "string" not in kinds):
            return self._files.from_text(each, described, value, qualified, *path)
        if "File" in kinds and isinstance(value, dict | list):
            return self._files.from_json(each, described, value, qualified, *path)
        errors = values.check(described, value, "inputs", *path)
        self._errors.extend(errors)
        if not errors and kinds == ["Directory"]:
            self._errors.add("A Directory is {'href': …}, or {'value': {'class': 'Directory', 'listing': […]}}.", *path)
        if not errors and "File" in kinds and kinds == ["File"]:
            self._errors.add("A file is an href, a text, or base64 with its mediaType.", *path)
        self._refuse_directives(value, *path)
        return _encode(cwl_type, described, value)

    def _offered(self, described: JSON, media_type: Any, *path: str | int) -> bool:
        offered = schema.media_types(described)
        fine = isinstance(media_type, str) and "/" in media_type
        if fine and offered and offered != [media.BINARY]:
            # An object that stands beside files in a oneOf is JSON.
            kinds = {*map(media.essence, offered)} | {
                "application/json" for one in schema.branches(described) if not schema.is_file(one)
            }
            kind = media.essence(media_type)
            fine = kind in kinds or ("application/json" in kinds and kind.endswith("+json"))
        if not fine:
            known = f"one of {', '.join(offered)}" if offered else "a media type"
            self._errors.add(f"{media_type!r} is not taken here; expected is {known}.", *path)
        return fine

    def _refuse_directives(self, value: Any, *path: str | int) -> None:
        """cwltool would resolve `$import` and `$include` inside a job order, and stage any File object."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                self._refuse_directives(item, *path, index)
        elif isinstance(value, dict):
            if value.get("class") in ("File", "Directory"):
                self._errors.add("A File or Directory can't stand here.", *path)
            for key, item in value.items():
                if key.startswith("$"):
                    self._errors.add("A name that begins with '$' can't be used in inputs.", *path, key)
                self._refuse_directives(item, *path, key)


def _as_array(described: JSON) -> JSON | None:
    """The alternative that is an array; what is not said of its items is anything."""
    found = ({"items": {}, **each} for each in schema.branches(described) if each.get("type") == "array")
    return next(found, None)


def _is_form(value: JSON) -> bool:
    """Whether an object stands for one file: a link, or a value with a media type."""
    return isinstance(value.get("href"), str) or value.get("class") in ("File", "Directory")


def _encode(cwl_type: CwlType, described: JSON, value: Any) -> Any:
    """A checked literal in the form that the CWL type asks for."""
    kinds = schema.alternatives(cwl_type)
    if kinds == ["string"] and not (isinstance(value, str) and schema.admits_text(described)):
        return wrap.json_text(value)
    return _whole(cwl_type, value)


def _whole(cwl_type: CwlType, value: Any) -> Any:
    """2.0 is a whole number for JSON Schema, but none for CWL."""
    kinds = schema.alternatives(cwl_type)
    if isinstance(value, float) and value.is_integer() and ("int" in kinds or "long" in kinds):
        return int(value)
    items = schema.items_of(cwl_type)
    if isinstance(value, list) and items is not None:
        return [_whole(items, each) for each in value]
    record = next((each for each in kinds if isinstance(each, dict) and each["type"] == "record"), None)
    if isinstance(value, dict) and record is not None:
        return {key: _whole(record["fields"].get(key, "Any"), each) for key, each in value.items()}
    return value
