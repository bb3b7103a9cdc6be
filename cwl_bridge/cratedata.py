"""The parameters and values of a job as entities of an RO-Crate (Workflow Run Crate 0.5). Pure.

Each FormalParameter stands for an input or output of the document. Its value is a File, a Dataset, a Collection of a
File and its secondary files, or a PropertyValue: of one text, or of a list with texts and any of these.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from cwl_bridge import describe, formats, metadata, outputs, schema, traces
from cwl_bridge.traces import Data, Planned, Value
from registry.models import JSON

Ref = dict[str, str]

#: What a reader goes through one by one.
_LISTS = ("input", "output", "object", "result")

_BIOSCHEMAS = "https://bioschemas.org/profiles/{}/1.0-RELEASE"

_TYPES = {
    "File": "File",
    "Directory": "Dataset",
    "string": "Text",
    "int": "Integer",
    "long": "Integer",
    "float": "Float",
    "double": "Float",
    "boolean": "Boolean",
    "enum": "Text",
    "record": "PropertyValue",
}


class Graph:
    """The entities of a crate, each once, in the order in which they were first named."""

    def __init__(self) -> None:
        self._entities: dict[str, JSON] = {}

    def add(self, entity_id: str, kind: str | list[str], **properties: Any) -> Ref:
        """Properties that are None or an empty list are left out."""
        said = {name: each for name, each in properties.items() if each not in (None, [])}
        self._entities.setdefault(entity_id, {"@id": entity_id, "@type": kind}).update(said)
        return {"@id": entity_id}

    def append(self, entity: Ref, name: str, value: Ref) -> None:
        found = self._entities[entity["@id"]].setdefault(name, [])
        if value not in found:
            found.append(value)

    def listed(self) -> list[JSON]:
        """One value stands by itself (RO-Crate 1.1, appendix); but runcrate counts on a list of some."""
        return [
            {name: _compact(each) if name not in _LISTS else each for name, each in entity.items()}
            for entity in self._entities.values()
        ]


def _compact(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def conforms_to(profile: str) -> Ref:
    """A profile of Bioschemas."""
    return {"@id": _BIOSCHEMAS.format(profile)}


class Values:
    """Makes the parameters of one run and what they stand for."""

    def __init__(self, graph: Graph, inside: Callable[[Data], bool]) -> None:
        """`inside`: whether the crate holds a file itself; others it names by URL."""
        self._graph = graph
        self._inside = inside
        #: Data and collections by themselves, for the root of the crate.
        self.parts: list[Ref] = []
        self.collections: list[Ref] = []

    def parameters(self, planned: Planned, document: JSON, kind: str, values: dict[str, Value]) -> list[Ref]:
        """`kind`: inputs or outputs. `document`: the whole, which declares types and prefixes."""
        ports = describe.ports(planned.process, kind)
        types = describe.types(document, ports)
        return [
            self._graph.add(
                _parameter_id(kind, name),
                "FormalParameter",
                conformsTo=conforms_to("FormalParameter"),
                name=name,
                description=metadata.doc(port) or port.get("label"),
                encodingFormat=next(iter(formats.of_port(document, port)), None),
                valueRequired=str(not schema.is_optional(types[name]) and "default" not in port),
                **_type(types[name], values.get(name)),
            )
            for name, port in ports.items()
        ]

    def given(self, kind: str, values: dict[str, Value]) -> list[Ref]:
        """What the parameters of a run stand for; nothing for null."""
        found = []
        for name, value in values.items():
            if value is not None:
                entity = self._entity(f"#{kind}/{quote(name)}", name, value)
                self._graph.append(entity, "exampleOfWork", {"@id": _parameter_id(kind, name)})
                found.append(entity)
        return found

    def _entity(self, entity_id: str, name: str, value: Value) -> Ref:
        if isinstance(value, Data):
            entity = self._data(value)
            self.parts.append(entity)
            return self._collection(entity_id, entity, value) if value.beside else entity
        return self._graph.add(entity_id, "PropertyValue", name=name, value=self._property(entity_id, value))

    def _property(self, entity_id: str, value: Value) -> Any:
        """A text, a list of texts and entities; for an object a list of the PropertyValues of its members."""
        if isinstance(value, dict):
            return [self._member(f"{entity_id}/{quote(key)}", key, each) for key, each in value.items()]
        if isinstance(value, list):
            return [self._item(f"{entity_id}/{index}", index, each) for index, each in enumerate(value)]
        return value if isinstance(value, str) else json.dumps(value)

    def _item(self, entity_id: str, index: int, value: Value) -> Any:
        if isinstance(value, Data | dict | list):
            return self._entity(entity_id, str(index), value)
        return self._property(entity_id, value)

    def _member(self, entity_id: str, name: str, value: Value) -> Ref:
        """Of a record: also a file has its name there."""
        said = self._entity(f"{entity_id}/value", name, value) if isinstance(value, Data) else None
        return self._graph.add(entity_id, "PropertyValue", name=name, value=said or self._property(entity_id, value))

    def _collection(self, entity_id: str, main: Ref, value: Data) -> Ref:
        beside = [self._data(each) for each in value.beside]
        self.parts += beside
        found = self._graph.add(entity_id, "Collection", name=value.basename, mainEntity=main, hasPart=[main, *beside])
        self.collections.append(found)
        return found

    def _data(self, data: Data) -> Ref:
        if data.is_directory:
            entity_id = f"{quote(data.place)}/" if self._inside(data) else f"{data.url}/"
            inside = [self._data(each) for each in data.members or ()]
            return self._graph.add(entity_id, "Dataset", name=data.basename, isBasedOn=data.source, hasPart=inside)
        return self._graph.add(
            quote(data.place) if self._inside(data) else data.url,
            "File",
            name=data.basename,
            encodingFormat=data.format or outputs.file_type(data.basename, []),
            contentSize=str(data.size),
            sha256=data.sha256,
            description=traces.UNREAD if data.unread else None,
            isBasedOn=data.source,
        )


def _parameter_id(kind: str, name: str) -> str:
    return f"process.cwl#{kind}/{quote(name)}"


def _type(cwl_type: schema.CwlType, value: Value) -> JSON:
    kinds = sorted({each for one in schema.alternatives(cwl_type) for each in _kinds(one)})
    if isinstance(value, Data) and value.beside:
        kinds = ["Collection"]
    many = {"multipleValues": "True"} if schema.items_of(cwl_type) is not None else {}
    return {"additionalType": kinds[0] if len(kinds) == 1 else kinds or "DataType", **many}


def _kinds(cwl_type: schema.CwlType) -> list[str]:
    """In terms of schema.org; of an array those of its items."""
    if isinstance(cwl_type, dict) and cwl_type["type"] == "array":
        return [each for one in schema.alternatives(cwl_type["items"]) for each in _kinds(one)]
    name = cwl_type["type"] if isinstance(cwl_type, dict) else cwl_type
    return [_TYPES.get(name, "DataType")]
