"""An output of one process → an input of another: whether they meet, and the step that reads one for the other. Pure.

A File meets a File, a literal a literal of its type. A literal of a plain image is a file that holds its JSON (see
docs/decisions/0002), and an object reaches a plain image as JSON text: then an ExpressionTool stands between the two.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cwl_bridge import describe, formats, media, schema
from cwl_bridge.schema import CwlType
from registry.models import JSON, Parameter, Process

#: The input and the output of the step between.
GIVEN, VALUE = "given", "value"
#: What `loadContents` reads of a file (CWL v1.2, 5.1.3); a literal has no more.
MAX_LITERAL_BYTES = 64 * 1024

_FROM_FILE = ["File", "Any"]
_WIDER = {
    "int": ("int", "long", "float", "double"),
    "long": ("long", "float", "double"),
    "float": ("float", "double"),
    "double": ("float", "double"),
}


@dataclass(frozen=True)
class Port:
    """An input or an output of a process, as it is described and as CWL has it."""

    process: str
    name: str
    parameter: Parameter
    cwl_type: CwlType
    formats: tuple[str, ...]
    #: As its document declares it.
    declared: JSON

    @property
    def is_list(self) -> bool:
        return schema.items_of(self.cwl_type) is not None or (
            self.holds_json and self.parameter.schema.get("type") == "array"
        )

    @property
    def holds_json(self) -> bool:
        """Whether it is a literal that a plain image leaves as a file."""
        return schema.alternatives(self.cwl_type) == _FROM_FILE

    @property
    def item(self) -> Port:
        """The same port of one value where it takes a list of them."""
        described = self.parameter.schema
        if not self.parameter.many and described.get("type") == "array":
            described = described.get("items", {})
        one = replace(self.parameter, schema=described, min_occurs=1, max_occurs=1)
        declared = {key: each for key, each in self.declared.items() if key != "default"}
        return replace(self, parameter=one, cwl_type=schema.items_of(self.cwl_type), declared=declared)

    def as_input(self) -> JSON:
        """An input of a workflow of the same type, with what stands beside its files and what they are."""
        found: JSON = {"type": written(self.cwl_type)}
        if isinstance(self.declared.get("label"), str):
            found["label"] = self.declared["label"]
        if self.formats:
            found["format"] = list(self.formats)
        beside = self.declared.get("secondaryFiles")
        if beside and "$(" not in json.dumps(beside) and "${" not in json.dumps(beside):
            found["secondaryFiles"] = beside
        if self.declared.get("default") is not None:
            found["default"] = self.declared["default"]
        return found

    def as_output(self, source: str) -> JSON:
        """An output of a workflow of the same type."""
        found: JSON = {"type": written(self.cwl_type), "outputSource": source}
        return {**found, "format": self.formats[0]} if len(self.formats) == 1 else found


def ports(process: Process, kind: str) -> dict[str, Port]:
    """`kind`: inputs or outputs."""
    declared = describe.ports(process.cwl, kind)
    types = describe.types(process.cwl, declared)
    described = process.description.inputs if kind == "inputs" else process.description.outputs
    return {
        name: Port(process.id, name, each, types[name], formats.of_port(process.cwl, declared[name]), declared[name])
        for name, each in described.items()
    }


def written(cwl_type: CwlType) -> CwlType:
    """A type that was spelled out, without what only this program knows of it."""
    if isinstance(cwl_type, list):
        return [written(each) for each in cwl_type]
    if not isinstance(cwl_type, dict):
        return cwl_type
    if cwl_type["type"] == "array":
        return {"type": "array", "items": written(cwl_type["items"])}
    if cwl_type["type"] == "record":
        return {
            "type": "record",
            "fields": {name: {"type": written(each)} for name, each in cwl_type["fields"].items()},
        }
    return {"type": "enum", "symbols": cwl_type["symbols"]}


def mismatch(source: Port, sink: Port) -> str | None:
    """Why a value of the one can't be a value of the other; None: it can."""
    if _takes_files(sink.cwl_type) and source.holds_json:
        return None
    if source.holds_json or _is_json_text(sink, source):
        given, taken = _kinds(source), _kinds(sink)
        files = not source.holds_json and source.cwl_type != "Any" and schema.holds_files(source.cwl_type)
        fits = not files and (not given or not taken or bool(given & taken))
    else:
        fits = _meets(source.cwl_type, sink.cwl_type, _WIDER)
    if not fits:
        return f"'{source.process}' gives {said(source)} as '{source.name}'; '{sink.name}' takes {said(sink)}."
    return _format_mismatch(source, sink)


def _format_mismatch(source: Port, sink: Port) -> str | None:
    if not sink.formats or not schema.holds_files(source.cwl_type) or set(sink.formats) & set(source.formats):
        return None
    given = ", ".join(source.formats) or "no format"
    return f"'{source.process}' gives '{source.name}' with {given}; '{sink.name}' takes {', '.join(sink.formats)}."


def reader(source: Port, sink: Port) -> JSON | None:
    """The process of the step that reads the output for the input; None: it needs no reading."""
    if source.holds_json and _takes_files(sink.cwl_type):
        return None
    as_text = _is_json_text(sink, source)
    if not source.holds_json and not as_text and _meets(source.cwl_type, sink.cwl_type, {}):
        return None
    return _expression_tool(sorted(_kinds(source)), sink if as_text else None)


def said(port: Port) -> str:
    """A type, for people."""
    listed = "a list of " if port.is_list else ""
    described = port.parameter.schema
    one = described.get("items", {}) if described.get("type") == "array" else described
    files = schema.media_types(described)
    if schema.is_directory(one):
        return f"{listed}Directory"
    if schema.is_file(one):
        return f"{listed}File ({', '.join(files)})" if files and files != [media.BINARY] else f"{listed}File"
    kinds = describe.kinds(one)
    return listed + (" or ".join(sorted(kinds - {"number"} if "integer" in kinds else kinds)) or "anything")


def _takes_files(cwl_type: CwlType) -> bool:
    return bool({"File", "Directory"} & _names(cwl_type))


def _names(cwl_type: CwlType) -> set[str]:
    return {each for each in schema.alternatives(cwl_type) if isinstance(each, str)}


def _kinds(port: Port) -> set[str]:
    return {"array"} if port.parameter.many else describe.kinds(port.parameter.schema)


def _is_json_text(sink: Port, source: Port) -> bool:
    """Whether the input is a text of JSON, and the output no text already."""
    if schema.alternatives(sink.cwl_type) != ["string"]:
        return False
    return source.holds_json or schema.alternatives(source.cwl_type) != ["string"]


def _meets(source: CwlType, sink: CwlType, wider: Mapping[str, tuple[str, ...]]) -> bool:
    """`wider`: the types as which a number can be taken as well; cwltool itself takes it as none of them."""
    pairs = itertools.product(schema.alternatives(source), schema.alternatives(sink))
    return any(_one_meets(one, other, wider) for one, other in pairs)


def _one_meets(source: CwlType, sink: CwlType, wider: Mapping[str, tuple[str, ...]]) -> bool:
    if "Any" in (source, sink):
        return True
    if isinstance(source, str) or isinstance(sink, str):
        return bool(source == sink or (isinstance(source, str) and sink in wider.get(source, ())))
    if source["type"] != sink["type"]:
        return False
    return source["type"] != "array" or _meets(source["items"], sink["items"], wider)


def _expression_tool(kinds: list[str], text_of: Port | None) -> JSON:
    """Reads a file that holds JSON, or the text that it is where it may be one; makes the text that an image takes.

    `kinds`: JSON types of the value, empty for any. `text_of`: the input, where that takes JSON as text.
    """
    lines = list(_script(kinds, text_of))
    return {
        "class": "ExpressionTool",
        "requirements": {"InlineJavascriptRequirement": {}},
        # Said beside the type, cwltool would take any value for a file.
        "inputs": {GIVEN: {"type": ["null", "File", "Any"], "inputBinding": {"loadContents": True}}},
        "outputs": {VALUE: {"type": ["null", "Any"]}},
        "expression": "\n".join(["${", *(f"  {each}" for each in lines), "}"]),
    }


def _script(kinds: list[str], text_of: Port | None) -> Iterator[str]:
    yield f"var kinds = {json.dumps(kinds)}, value = inputs.{GIVEN}, text;"
    yield "function fits(value) {"
    yield "  var kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;"
    yield "  return kinds.length === 0 || kinds.indexOf(kind) >= 0;"
    yield "}"
    yield "if (value !== null && typeof value === 'object' && value['class'] === 'File') {"
    yield "  text = value.contents;"
    yield "  try { value = JSON.parse(text); } catch (error) { value = undefined; }"
    yield "  if (value === undefined || !fits(value)) {"
    yield "    value = text.charCodeAt(text.length - 1) === 10 ? text.slice(0, -1) : text;"
    yield "  }"
    yield "  if (!fits(value)) throw new Error('the file of the output holds no ' + kinds.join(' or '));"
    yield "}"
    if text_of is not None:
        bare = "typeof value !== 'string'" if schema.admits_text(text_of.parameter.schema) else "true"
        yield f"if (value !== null && {bare}) value = JSON.stringify(value);"
    yield f"return {{'{VALUE}': value}};"
