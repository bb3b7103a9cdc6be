"""Processes: what is registered, and what clients read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from registry.models.values import JSON, ProcessId, now


@dataclass(frozen=True)
class Pin:
    """One image, for ever."""

    #: The digest that names it on this machine.
    id: str
    #: name@digest: by what its registry has it; None: it did not come from one.
    source: str | None = None

    def to_json(self) -> str | list[str]:
        return self.id if self.source is None else [self.id, self.source]

    @classmethod
    def from_json(cls, document: str | list[str]) -> Pin:
        return cls(document) if isinstance(document, str) else cls(*document)


def pins_to_json(pins: Mapping[str, Pin]) -> JSON:
    return {name: pin.to_json() for name, pin in pins.items()}


def pins_from_json(document: Mapping[str, Any]) -> dict[str, Pin]:
    return {name: Pin.from_json(each) for name, each in document.items()}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One input or output of a process (inputDescription.yaml, outputDescription.yaml)."""

    #: What one value looks like: the JSON Schema subset that OGC's schema.yaml allows.
    schema: JSON
    min_occurs: int = 1
    #: None stands for "unbounded".
    max_occurs: int | None = 1
    #: title, description, keywords, metadata, additionalParameters: shown as they were given.
    about: JSON = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Whether a request always gives an array of values (maxOccurs above one)."""
        return self.max_occurs is None or self.max_occurs > 1

    def to_json(self) -> JSON:
        occurs: JSON = {"minOccurs": self.min_occurs}
        occurs["maxOccurs"] = "unbounded" if self.max_occurs is None else self.max_occurs
        return {**self.about, **occurs, "schema": self.schema}

    @classmethod
    def from_json(cls, document: JSON) -> Parameter:
        known = {"schema", "minOccurs", "maxOccurs"}
        max_occurs = document.get("maxOccurs", 1)
        return cls(
            schema=document["schema"],
            min_occurs=document.get("minOccurs", 1),
            max_occurs=None if max_occurs == "unbounded" else max_occurs,
            about={key: value for key, value in document.items() if key not in known},
        )


@dataclass(frozen=True, kw_only=True)
class ProcessDescription:
    """What a client reads about a process (process.yaml), without its links."""

    id: ProcessId
    version: str
    inputs: dict[str, Parameter]
    outputs: dict[str, Parameter]
    #: sync-execute, async-execute, dismiss.
    job_control_options: tuple[str, ...] = ("sync-execute", "async-execute", "dismiss")
    output_transmission: tuple[str, ...] = ("value", "reference")
    #: title, description, keywords, metadata, additionalParameters: shown as they were given.
    about: JSON = field(default_factory=dict)

    def summary(self) -> JSON:
        """The members of processSummary.yaml."""
        return {
            "id": self.id,
            "version": self.version,
            **self.about,
            "jobControlOptions": list(self.job_control_options),
            "outputTransmission": list(self.output_transmission),
        }

    def to_json(self) -> JSON:
        return {
            **self.summary(),
            "inputs": {name: each.to_json() for name, each in self.inputs.items()},
            "outputs": {name: each.to_json() for name, each in self.outputs.items()},
        }

    @classmethod
    def from_json(cls, document: JSON) -> ProcessDescription:
        known = {"id", "version", "inputs", "outputs", "jobControlOptions", "outputTransmission"}
        return cls(
            id=ProcessId(document["id"]),
            version=document["version"],
            inputs={name: Parameter.from_json(each) for name, each in document["inputs"].items()},
            outputs={name: Parameter.from_json(each) for name, each in document["outputs"].items()},
            job_control_options=tuple(document["jobControlOptions"]),
            output_transmission=tuple(document["outputTransmission"]),
            about={key: value for key, value in document.items() if key not in known},
        )


@dataclass(frozen=True, kw_only=True)
class Process:
    """One revision of a registered process; a job keeps the revision it was submitted to."""

    description: ProcessDescription
    #: The CWL document that runs, as an object.
    cwl: JSON
    #: SHA-256 of the stored CWL text: the name of its file.
    digest: str
    #: The bytes that deployed it and their media type, for /package.
    package: bytes
    media_type: str
    mutable: bool = True
    #: Who registered it; empty: nobody in particular, it is everybody's.
    owner: str = ""
    #: The images of its jobs by the names in the document, as far as they are pinned.
    images: dict[str, Pin] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    #: Row number, given by the database.
    revision: int = 0

    @property
    def id(self) -> ProcessId:
        return self.description.id
