"""The inputs of an execute request → the CWL job order, every error found at once. Pure.

In the order, what has to be fetched or written to disk is left for the runner (see `staging`):
a File has `location` (see `places`, or data; what may lie beside it: `secondary`) or `contents`;
a Directory `listing`, `location` or `stac`, a document; a value by reference is a `$reference`.
"""

from __future__ import annotations

from typing import Any

from cwl_bridge import describe, eoap, fileinputs, formats, kept, media, nested, schema, secondary, secrecy, stac, wrap
from cwl_bridge.elsewhere import Elsewhere, Forms, is_form
from cwl_bridge.errors import InvalidInputsError
from cwl_bridge.fileinputs import Errors, Files, Input
from cwl_bridge.literals import Literals
from cwl_bridge.schema import CwlType
from cwl_bridge.work import Budget
from registry.models import JSON, Process

#: The members of qualifiedInputValue.yaml; older clients have some of them inside `format`.
_QUALIFIED = frozenset({"value", "mediaType", "encoding", "schema", "format"})
_NOWHERE = Elsewhere()


def order(
    process: Process,
    given: JSON,
    folders: tuple[str, ...] = (),
    elsewhere: Elsewhere = _NOWHERE,
    budget: Budget | None = None,
) -> JSON:
    """`given`: `inputs` of the request. `folders`: where file: URLs may lead. `elsewhere`: who may be asked.

    Raises InvalidInputsError with a pointer for each thing that is wrong, TooComplexError where finding out would be
    more than what is left of the budget.
    """
    return _Order(process, folders, elsewhere, budget).read(given)


class _Order:
    """One reading of one request; collects the errors."""

    def __init__(self, process: Process, folders: tuple[str, ...], allowed: Elsewhere, budget: Budget | None) -> None:
        ports = describe.ports(process.cwl, "inputs")
        types = describe.types(process.cwl, ports)
        version = process.cwl["cwlVersion"]
        self._inputs = [
            Input(
                name,
                parameter,
                types[name],
                formats.of_port(process.cwl, ports[name]),
                secondary.patterns(ports[name].get("secondaryFiles"), version),
            )
            for name, parameter in process.description.inputs.items()
        ]
        self._cwl_defaults = {name: port["default"] for name, port in ports.items() if port.get("default") is not None}
        self._errors = Errors(budget)
        self._files = Files(self._errors, folders, allowed.results)
        self._forms = Forms(self._errors, self._files, allowed)
        self._literals = Literals(self._errors, self._files, self._value, version)

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
        if each.name in self._cwl_defaults:
            # cwltool fills in what the document itself has as default; but literal files have to be made ready.
            own = self._cwl_defaults[each.name]
            return own if fileinputs.holds_files(own) and not kept.are_in(own) else None
        if "default" in each.parameter.schema:
            return each.parameter.schema["default"]
        if each.parameter.min_occurs > 0:
            self._errors.add("This input is required.", each.name)
        return None

    def _secret(self, each: Input, value: Any) -> Any:
        """A secret: a plain string, or one with what may stand beside it. What is wrong with it, is said without it."""
        name, described = each.name, each.parameter.schema
        given = value["value"] if isinstance(value, dict) and {"value"} <= value.keys() <= _QUALIFIED else value
        if not isinstance(given, str):
            self._errors.add("It is a secret, and given as a string in the request itself.", name)
        elif given == secrecy.MASK:
            self._errors.add("It is a secret, and kept nowhere; this only stands for it. Give it again.", name)
        elif len(given.encode()) > secrecy.MAX_LENGTH:
            self._errors.add(f"A secret has at most {secrecy.MAX_LENGTH} bytes.", name)
        elif given.count("\n") >= secrecy.MAX_LINES:
            self._errors.add(f"A secret has at most {secrecy.MAX_LINES} lines.", name)
        elif self._errors.of(described, given, name):
            self._errors.add("It does not fit the schema of this input. As it is a secret, it is not shown.", name)
        else:
            return self._literals.take(each, each.cwl_type, given, name)
        return None

    def _input(self, each: Input, value: Any) -> Any:
        if secrecy.is_secret(each.parameter):
            return self._secret(each, value)
        if not each.parameter.many:
            return self._value(each, each.parameter.schema, each.cwl_type, value, each.name)
        # A lone value is taken as a list of one.
        listed = value if isinstance(value, list) else [value]
        low, high = each.parameter.min_occurs, each.parameter.max_occurs
        if nested.is_process(value, each.parameter.schema):
            most = {} if high is None else {"maxItems": high}
            listing = {"type": "array", "items": each.parameter.schema, "minItems": low, **most}
            return self._list_elsewhere(each, listing, each.cwl_type, value, each.name)
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
        if is_form(value, described) and (listed is None or described.get("type") != "array"):
            return self._forms.order(each, described, cwl_type, value, *path)
        if listed is not None and nested.is_process(value, described):
            return self._list_elsewhere(each, listed, cwl_type, value, *path)
        if isinstance(value, list) and listed is not None:
            return self._array(each, listed, cwl_type, value, *path)
        if isinstance(value, dict):
            if (
                listed is not None
                and schema.items_of(cwl_type) is not None
                and described.get("type") == "array"
                and _is_form(value)
                # Literals by reference: what the href gives says whether it is one or a list.
                and ("href" not in value or schema.holds_files(schema.items_of(cwl_type)))
            ):
                # A lone item is taken as a list of one.
                return self._array(each, listed, cwl_type, [value], *path)
            if isinstance(value.get("href"), str) and "value" not in value:
                return self._reference(each, described, cwl_type, value, *path)
            if "value" in value and not _is_record(cwl_type, value):
                return self._qualified(each, described, cwl_type, value, *path)
        return self._plain(each, described, cwl_type, value, None, *path)

    def _list_elsewhere(self, each: Input, described: JSON, cwl_type: CwlType, value: JSON, *path: str | int) -> Any:
        """What a process of another server gives for a list: it says itself whether it is a list or an item of one."""
        item_type = schema.items_of(cwl_type)
        if item_type is not None and schema.holds_files(item_type):
            return self._forms.several(each, described, item_type, value, *path)
        if schema.alternatives(item_type) == ["string"] and not schema.admits_text(described["items"]):
            # Each item reaches the tool as JSON text.
            return [self._value(each, described["items"], item_type, value, *path)]
        return self._forms.order(each, described, cwl_type, value, *path)

    def _array(self, each: Input, described: JSON, cwl_type: CwlType, value: list[Any], *path: str | int) -> Any:
        item_type = schema.items_of(cwl_type)
        if item_type is None:
            # An array that reaches the tool as JSON text.
            return self._plain(each, described, cwl_type, value, None, *path)
        items: JSON = described["items"]
        if not schema.holds_files(item_type) and not _has_objects(value):
            # All literals: one look at the whole is enough, however long it is.
            errors = self._errors.of(described, value, *path)
            self._errors.extend(errors)
            if errors:
                return None
            return [self._encode(each, items, item_type, item, *path, index) for index, item in enumerate(value)]
        own = {key: limit for key, limit in described.items() if key in ("minItems", "maxItems", "uniqueItems")}
        bare = [item["value"] if isinstance(item, dict) and "value" in item else item for item in value]
        self._errors.extend(self._errors.of(own, bare, *path))
        return [self._value(each, items, item_type, item, *path, index) for index, item in enumerate(value)]

    def _reference(self, each: Input, described: JSON, cwl_type: CwlType, link: JSON, *path: str | int) -> Any:
        href = link["href"]
        self._files.check_place(href, *path, "href", folder="Directory" in schema.alternatives(cwl_type))
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
        wanted = {"schema": described, "type": cwl_type, "encode": encode, "input": each.name}
        return {"$reference": {"location": href, **wanted}}

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
        if "File" in kinds and isinstance(value, dict | list) and not _has_place_for(kinds, value):
            return self._files.from_json(each, described, value, qualified, *path)
        if isinstance(value, dict):
            value = eoap.to_client(described, value)
        errors = self._errors.of(schema.without_files(described), value, *path)
        if not errors and kinds == ["Directory"]:
            detail = "A Directory is {'href': …}, or {'value': {'class': 'Directory', 'listing': […]}}."
            errors = [Errors.one(detail, *path)]
        if not errors and kinds == ["File"]:
            errors = [Errors.one("A file is an href, a text, or base64 with its mediaType.", *path)]
        self._errors.extend(errors)
        if errors:
            self._literals.refuse_directives(value, *path)
            return None
        return self._encode(each, described, cwl_type, value, *path)

    def _encode(self, each: Input, described: JSON, cwl_type: CwlType, value: Any, *path: str | int) -> Any:
        """A checked literal in the form that the CWL type asks for."""
        if schema.alternatives(cwl_type) == ["string"] and not (
            isinstance(value, str) and schema.admits_text(described)
        ):
            self._literals.refuse_directives(value, *path)
            return wrap.json_text(value)
        return self._literals.take(each, cwl_type, value, *path)

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


def _as_array(described: JSON) -> JSON | None:
    """The alternative that is an array; what is not said of its items is anything."""
    found = ({"items": {}, **each} for each in schema.branches(described) if each.get("type") == "array")
    return next(found, None)


def _is_form(value: JSON) -> bool:
    """Whether an object stands for one file: a link, or a value with a media type, or what is elsewhere."""
    return is_form(value, {}) or isinstance(value.get("href"), str) or value.get("class") in ("File", "Directory")


def _has_place_for(kinds: list[CwlType], value: JSON | list[Any]) -> bool:
    """Whether an object or array can be a value itself, beside a file that would hold it."""
    return "Any" in kinds or any(
        schema.is_record(kind) if isinstance(value, dict) else schema.items_of(kind) is not None for kind in kinds
    )


def _has_objects(value: list[Any]) -> bool:
    return any(isinstance(item, dict) or (isinstance(item, list) and _has_objects(item)) for item in value)


def _is_record(cwl_type: CwlType, value: JSON) -> bool:
    """Whether it is the value of a record that has a field called `value`, rather than a qualified value."""
    fields = [each["fields"] for each in schema.alternatives(cwl_type) if schema.is_record(each)]
    return any(name not in _QUALIFIED and name in each for each in fields if "value" in each for name in value)
