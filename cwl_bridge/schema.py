"""CWL type ↔ JSON Schema, one function each way. Pure.

What is published stays inside the subset of JSON Schema that OGC 18-062r2's schema.yaml allows.
"""

from __future__ import annotations

import re
from typing import Any

from cwl_bridge import eoap, formats, media, unions
from cwl_bridge.errors import InvalidProcessError, TooComplexError
from registry.models import JSON

#: A CWL type, normalised: a name, an array/enum/record object, or a list of alternatives (a union).
CwlType = Any

_PRIMITIVES: dict[str, JSON] = {
    "boolean": {"type": "boolean"},
    "int": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "string": {"type": "string"},
    "Any": {},
}

#: Parts of one type, named types spelled out.
MAX_TYPES = 5000

_SYMBOL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")


def normalise(declared: Any, names: dict[str, Any] | None = None, namespaces: Any = None) -> CwlType:
    """Spells out `T?`, `T[]`, stdout, stderr and the named types of SchemaDefRequirement (CWL v1.2, section 3.2).

    `formats` of a record: the IRIs that its fields want on their files; `secondaryFiles`: what beside them.
    Raises InvalidProcessError, and TooComplexError where named types grow beyond all measure.
    """
    return _Speller(namespaces).spell(declared, names or {})


class _Speller:
    """One spelling out; types that name each other may grow exponentially, so it counts."""

    def __init__(self, namespaces: Any) -> None:
        self._namespaces = namespaces
        self._count = 0

    def spell(self, declared: Any, names: dict[str, Any]) -> CwlType:
        self._count += 1
        if self._count > MAX_TYPES:
            raise TooComplexError(f"A type has more than {MAX_TYPES} parts.")
        if isinstance(declared, list):
            flat: list[Any] = []
            for each in declared:
                one = self.spell(each, names)
                flat.extend(one if isinstance(one, list) else [one])
            return flat[0] if len(flat) == 1 else flat
        if isinstance(declared, dict):
            return self._object(declared, names)
        if not isinstance(declared, str):
            raise InvalidProcessError(f"{declared!r} is no CWL type.")
        return self._name(declared, names)

    def _name(self, declared: str, names: dict[str, Any]) -> CwlType:
        if declared.endswith("?"):
            return self.spell(["null", declared[:-1]], names)
        if declared.endswith("[]"):
            return {"type": "array", "items": self.spell(declared[:-2], names)}
        if declared in ("stdin", "stdout", "stderr"):
            return "File"
        if declared in _PRIMITIVES or declared in ("null", "File", "Directory"):
            return declared
        for name in (declared, short_name(declared)):
            if name in names:
                # A type that contains itself would be spelled out for ever.
                rest = {key: each for key, each in names.items() if each is not names[name]}
                return self.spell(names[name], rest)
        raise InvalidProcessError(f"{declared!r} is no CWL type.")

    def _object(self, declared: JSON, names: dict[str, Any]) -> CwlType:
        match declared.get("type"):
            case "array":
                return {**declared, "items": self.spell(declared.get("items"), names)}
            case "enum":
                symbols = [str(each).rpartition("/")[2] for each in _listed(declared, "symbols")]
                return {**declared, "symbols": symbols}
            case "record":
                return self._record(declared, names)
            case other:
                return self.spell(other, names)

    def _record(self, record: JSON, names: dict[str, Any]) -> JSON:
        fields = record.get("fields")
        if not isinstance(fields, dict):
            listed = [each for each in _listed(record, "fields") if isinstance(each, dict)]
            fields = {short_name(str(each.get("name"))): each for each in listed}
        full = {
            name: each if isinstance(each, dict) and "type" in each else {"type": each} for name, each in fields.items()
        }
        wanted = {name: formats.iris(each.get("format"), self._namespaces) for name, each in full.items()}
        wanted = {name: each for name, each in wanted.items() if each}
        spelled = {name: self.spell(each["type"], names) for name, each in full.items()}
        beside = {name: each["secondaryFiles"] for name, each in full.items() if each.get("secondaryFiles")}
        return {
            **record,
            "fields": spelled,
            **({"formats": wanted} if wanted else {}),
            **({"secondaryFiles": beside} if beside else {}),
        }


def short_name(name: str) -> str:
    """Without what packing, or the document that it stands in, puts before it."""
    return name.rpartition("#")[2].rpartition("/")[2]


def _listed(declared: JSON, key: str) -> list[Any]:
    found = declared.get(key) or []
    if not isinstance(found, list):
        raise InvalidProcessError(f"'{key}' of a type is a list.")
    return found


def alternatives(cwl_type: CwlType) -> list[CwlType]:
    """The members of a union, `null` left out."""
    members = cwl_type if isinstance(cwl_type, list) else [cwl_type]
    return [each for each in members if each != "null"]


def is_optional(cwl_type: CwlType) -> bool:
    return cwl_type == "null" or (isinstance(cwl_type, list) and "null" in cwl_type)


def items_of(cwl_type: CwlType) -> CwlType | None:
    """The item type where the type is, or may be, an array."""
    for each in alternatives(cwl_type):
        if _is_array(each):
            return each["items"]
    return None


def is_record(cwl_type: CwlType) -> bool:
    return isinstance(cwl_type, dict) and cwl_type.get("type") == "record"


def holds_files(cwl_type: CwlType) -> bool:
    """Whether a File or Directory can be a value, or a part of one."""
    for each in alternatives(cwl_type):
        parts = list(each["fields"].values()) if is_record(each) else [each.get("items")] if _is_array(each) else []
        if each in ("File", "Directory", "Any") or any(map(holds_files, parts)):
            return True
    return False


def _is_array(cwl_type: CwlType) -> bool:
    return isinstance(cwl_type, dict) and cwl_type.get("type") == "array"


def to_schema(cwl_type: CwlType, media_types: list[str] | None = None) -> JSON:
    """The JSON Schema of one value. `media_types`: what the files in it are, the default first."""
    members = [_one_to_schema(each, media_types) for each in alternatives(cwl_type)]
    flat: list[JSON] = []
    for each in members:
        flat.extend(each["oneOf"] if list(each) == ["oneOf"] else [each])
    return unions.schema(flat)


def _one_to_schema(cwl_type: CwlType, media_types: list[str] | None) -> JSON:
    if cwl_type == "File":
        return {"oneOf": [*(_file(each) for each in media_types or [media.BINARY]), _FILE_OBJECT]}
    if cwl_type == "Directory":
        return {"oneOf": [{"type": "string", "format": "directory"}, _DIRECTORY_OBJECT]}
    if isinstance(cwl_type, str):
        return dict(_PRIMITIVES[cwl_type])
    match cwl_type["type"]:
        case "array":
            return {"type": "array", "items": _member_schema(cwl_type["items"], media_types)}
        case "enum":
            return {"type": "string", "enum": list(dict.fromkeys(cwl_type["symbols"]))}
        case _:
            return eoap.schema(cwl_type, _record(cwl_type, media_types))


def _record(record: JSON, media_types: list[str] | None) -> JSON:
    fields: dict[str, CwlType] = record["fields"]
    required = [name for name, each in fields.items() if not is_optional(each)]
    schema: JSON = {
        "type": "object",
        "properties": {
            name: _member_schema(each, formats.media_types(field_formats(record, name)) or media_types)
            for name, each in fields.items()
        },
    }
    return {**schema, "required": required} if required else schema


def field_formats(record: JSON, name: str) -> tuple[str, ...]:
    """The formats that a field of a normalised record wants on its files."""
    return tuple(record.get("formats", {}).get(name, ()))


def _member_schema(cwl_type: CwlType, media_types: list[str] | None) -> JSON:
    """A field of a record or an item: cwltool writes null for one that was left out."""
    if not alternatives(cwl_type):
        # What is always null; the subset has no type for it.
        return {"type": "string", "enum": [None], "nullable": True}
    found = to_schema(cwl_type, media_types)
    return {**found, "nullable": True} if found and is_optional(cwl_type) else found


def without_files(schema: JSON) -> JSON:
    """The schema of a value whose members may be files in any of their forms: each is looked at by itself."""
    found = dict(schema)
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in schema:
            found[keyword] = [without_files(each) for each in schema[keyword]]
    if isinstance(schema.get("items"), dict):
        found["items"] = _unless_file(schema["items"])
    if isinstance(schema.get("properties"), dict):
        found["properties"] = {name: _unless_file(each) for name, each in schema["properties"].items()}
    return found


def _unless_file(schema: JSON) -> JSON:
    return {} if is_file(schema) or is_directory(schema) else without_files(schema)


def _file(media_type: str) -> JSON:
    return {"type": "string", "contentEncoding": "binary", "contentMediaType": media_type}


_FILE_OBJECT: JSON = {
    "type": "object",
    "required": ["class"],
    "properties": {
        "class": {"type": "string", "enum": ["File"]},
        "location": {"type": "string", "format": "uri"},
        "contents": {"type": "string"},
        "basename": {"type": "string"},
        "format": {"type": "string", "format": "uri"},
        "secondaryFiles": {"type": "array", "items": {"type": "object"}},
    },
}

_DIRECTORY_OBJECT: JSON = {
    "type": "object",
    "required": ["class"],
    "properties": {
        "class": {"type": "string", "enum": ["Directory"]},
        "location": {"type": "string", "format": "uri"},
        "basename": {"type": "string"},
        "listing": {"type": "array", "items": {"type": "object"}},
    },
}


# ---- JSON Schema → CWL, for images that come without CWL


def branches(schema: JSON) -> list[JSON]:
    """The alternatives of a schema, nested `oneOf`/`anyOf` spelled out."""
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            return [inner for each in schema[keyword] for inner in branches(each)]
    return [schema]


def is_file(schema: JSON) -> bool:
    """Whether a value of this schema reaches or leaves the tool as a file, whatever its other alternatives."""
    return any(
        "contentMediaType" in each
        or each.get("contentEncoding") in ("binary", "base64")
        or each.get("format") in ("binary", "byte", "file")
        for each in branches(schema)
        if each.get("type", "string") == "string"
    )


def is_directory(schema: JSON) -> bool:
    return any(each.get("format") == "directory" for each in branches(schema))


def media_types(schema: JSON) -> list[str]:
    """The media types of a file's alternatives, the default first."""
    inner = schema.get("items", {}) if schema.get("type") == "array" else {}
    own = [each["contentMediaType"] for each in branches(schema) if "contentMediaType" in each]
    return own or (media_types(inner) if inner else [])


def admits_text(schema: JSON) -> bool:
    """Whether a bare string can be a value."""
    return any(each.get("type", "string") == "string" and not _is_structured(each) for each in branches(schema))


def _is_structured(schema: JSON) -> bool:
    return "allOf" in schema or "properties" in schema or "items" in schema


def to_cwl(schema: JSON) -> CwlType:
    """The CWL type under which a value of this schema is handed to a plain image.

    What a command line can't carry (objects, bounding boxes, arrays of arrays) is a string holding its JSON.
    """
    if is_directory(schema):
        return "Directory"
    if is_file(schema):
        return "File"
    found: list[CwlType] = []
    for each in branches(schema):
        one = _one_to_cwl(each)
        if one not in found:
            found.append(one)
    # A number that may be whole is a number; what may be a string beside an enum is a string.
    if "double" in found:
        found = [each for each in found if each not in ("int", "long", "float")]
    if "string" in found and len(found) > 1:
        # A string that looks like a number is told from the number by the schema, never by the command line.
        found = [each for each in found if not (isinstance(each, dict) and each["type"] == "enum")]
    return found[0] if len(found) == 1 else found


def _one_to_cwl(schema: JSON) -> CwlType:
    match schema.get("type"):
        case "boolean":
            return "boolean"
        case "integer":
            return "int" if schema.get("format") == "int32" else "long"
        case "number":
            return "float" if schema.get("format") == "float" else "double"
        case "string" if all(isinstance(each, str) and _SYMBOL.match(each) for each in schema.get("enum", [0])):
            return {"type": "enum", "symbols": list(dict.fromkeys(schema["enum"]))}
        case "array":
            items = to_cwl(schema.get("items", {}))
            if isinstance(items, str) or (isinstance(items, dict) and items["type"] == "enum"):
                return {"type": "array", "items": items}
            return "string"
        case _:
            return "string"
