"""What a job was given, did and gave → PROV (W3C PROV-DM), in the words of CWLProv. Pure.

The job is a wfprov:WorkflowRun, each run of a tool a wfprov:ProcessRun of it, the document their plan (wfdesc). A file
is an entity at its URL; its content, the same wherever it lies, is another by its SHA-256, which the file specializes.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from prov.identifier import Identifier, Namespace, QualifiedName
from prov.model import PROV, XSD, Literal, ProvDocument

from cwl_bridge import traces
from cwl_bridge.traces import Data, Planned, Step, Trace, Value
from registry.models import Job, JobStatus

WFPROV = Namespace("wfprov", "http://purl.org/wf4ever/wfprov#")
WFDESC = Namespace("wfdesc", "http://purl.org/wf4ever/wfdesc#")
WF4EVER = Namespace("wf4ever", "http://purl.org/wf4ever/wf4ever#")
RO = Namespace("ro", "http://purl.org/wf4ever/ro#")
CWLPROV = Namespace("cwlprov", "https://w3id.org/cwl/prov#")
SCHEMA = Namespace("schema", "http://schema.org/")
UUID = Namespace("id", "urn:uuid:")
DATA = Namespace("data", "urn:hash::sha256:")
IMAGE = Namespace("image", "nih:sha-256;")
SOFTWARE = Namespace("software", "https://pypi.org/project/")

#: Its name and its value.
Attribute = tuple[Any, Any]

#: A literal above this, as JSON, stays out of the document.
MAX_LITERAL = 10_000

#: From here on an integer is no xsd:int.
_INT = 1 << 31

#: Characters that stand in no string of PROV-N by themselves.
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})

PROV_N = "text/provenance-notation"

#: Media type → how it is written: by `prov`, and by rdflib.
FORMS: dict[str, dict[str, str]] = {
    "application/json": {"format": "json"},
    "application/ld+json": {"format": "rdf", "rdf_format": "json-ld"},
    "text/turtle": {"format": "rdf", "rdf_format": "turtle"},
    PROV_N: {"format": "provn"},
    "application/n-triples": {"format": "rdf", "rdf_format": "nt", "encoding": "utf-8"},
}

_STATUS = {
    JobStatus.CREATED: "PotentialActionStatus",
    JobStatus.ACCEPTED: "PotentialActionStatus",
    JobStatus.RUNNING: "ActiveActionStatus",
    JobStatus.SUCCESSFUL: "CompletedActionStatus",
    JobStatus.FAILED: "FailedActionStatus",
    JobStatus.DISMISSED: "FailedActionStatus",
}


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The URLs that the document's names begin with, and those of the job and of the server."""

    server: str
    job: str
    process: str
    document: str
    order: str
    inputs: str
    results: str


def text(trace: Trace, at: Addresses, media_type: str) -> bytes:
    """The provenance in one of the media types; of a job that has not ended, as far as it is known."""
    document = _Writer(trace, at, escaped if media_type == PROV_N else str).document
    written = io.StringIO()
    document.serialize(written, **FORMS[media_type])
    return written.getvalue().encode()


def escaped(said: str) -> str:
    """For a string of PROV-N (section 3.7.3): the library escapes nothing in it but quotation marks."""
    return said.translate(_ESCAPES)


class _Writer:
    def __init__(self, trace: Trace, at: Addresses, said: Callable[[str], str]) -> None:
        """`said`: a text as the form takes it."""
        self._trace = trace
        self._said = said
        self._at = at
        self.document = ProvDocument()
        known = (WFPROV, WFDESC, WF4EVER, RO, CWLPROV, SCHEMA, UUID, DATA, IMAGE, SOFTWARE)
        for each in known:
            self.document.add_namespace(each)
        self._wf = self.document.add_namespace("wf", f"{at.document}#")
        self._order = self.document.add_namespace("order", f"{at.order}#")
        self._in = self.document.add_namespace("in", at.inputs)
        self._out = self.document.add_namespace("out", at.results)
        self._run = UUID[trace.job.id]
        self._server = self.document.add_namespace("server", at.server)
        self._contents: set[str] = set()
        self._write()

    def _write(self) -> None:
        job = self._trace.job
        self._plan()
        self.document.activity(self._run, job.started, job.finished, self._about(self._about_job(job)))
        engine = self._agents()
        self.document.wasAssociatedWith(self._run, engine, self._wf["main"])
        self._used()
        for number, each in enumerate(self._trace.steps):
            self._step(number, each, engine)
        self._generated()

    def _about_job(self, job: Job) -> list[Attribute]:
        found: list[Attribute] = [
            (PROV["type"], WFPROV["WorkflowRun"]),
            (PROV["label"], f"Run of {self._trace.process.id}"),
            (SCHEMA["url"], self._at.job),
            (SCHEMA["dateCreated"], job.created),
            (SCHEMA["actionStatus"], SCHEMA[_STATUS[job.status]]),
        ]
        if job.status is JobStatus.DISMISSED:
            found.append((SCHEMA["error"], "The job was dismissed."))
        if job.outcome and job.outcome.failure:
            found.append((SCHEMA["error"], job.outcome.failure.message))
        return found

    def _about(self, about: Iterable[Attribute]) -> list[Attribute]:
        return [(name, self._said(each) if isinstance(each, str) else each) for name, each in about]

    def _plan(self) -> None:
        """The document and its steps."""
        process = self._trace.process
        for each in self._trace.plan.values():
            about: list[Attribute] = [
                (PROV["type"], WFDESC["Workflow" if each.is_workflow else "Process"]),
                (PROV["type"], PROV["Plan"]),
                (PROV["label"], _label(each) or process.id),
            ]
            if not each.of:
                about += [
                    (SCHEMA["url"], self._at.process),
                    (SCHEMA["version"], process.description.version),
                    (SCHEMA["identifier"], f"{process.id}, revision {process.revision}"),
                ]
            inside = [one for one in self._trace.plan.values() if one.of and _around(one.of) == each.of]
            about += [(WFDESC["hasSubProcess"], self._planned(one.of)) for one in inside]
            self.document.entity(self._planned(each.of), self._about(about))
        self._content(process.digest)
        self.document.specializationOf(self._planned(""), DATA[process.digest])

    def _planned(self, of: str) -> QualifiedName:
        return self._wf[f"main/{quote(of)}" if of else "main"]

    def _agents(self) -> QualifiedName | None:
        """cwltool, who acts for the server; None before the job has begun."""
        versions = self._trace.software
        server = self._agent(self._server["/"], "cwl-processes", versions.get("cwl-processes"))
        if "cwltool" not in versions:
            return None
        named = SOFTWARE[f"cwltool/{versions['cwltool']}"]
        engine = self._agent(named, "cwltool", versions["cwltool"], (PROV["type"], WFPROV["WorkflowEngine"]))
        self.document.actedOnBehalfOf(engine, server, self._run)
        return engine

    def _agent(self, named: QualifiedName, name: str, version: str | None, *more: Attribute) -> QualifiedName:
        about = [
            (PROV["type"], PROV["SoftwareAgent"]),
            *more,
            (PROV["label"], f"{name} {version}" if version else name),
        ]
        self.document.agent(named, [*about, *([(SCHEMA["softwareVersion"], version)] if version else [])])
        return named

    def _step(self, number: int, step: Step, engine: QualifiedName | None) -> None:
        run = UUID[str(uuid.uuid5(uuid.UUID(self._trace.job.id), str(number)))]
        about: list[Attribute] = [
            (PROV["type"], WFPROV["ProcessRun"]),
            (PROV["label"], f"Run of {step.name}"),
            (WFPROV["wasPartOfWorkflowRun"], self._run),
        ]
        if step.exit_code:
            about.append((SCHEMA["error"], f"Exit code {step.exit_code}."))
        self.document.activity(run, step.begun, step.ended, self._about(about))
        self.document.wasStartedBy(run, starter=self._run, time=step.begun)
        planned = self._planned(step.of) if step.of in self._trace.plan else None
        if engine:
            self.document.wasAssociatedWith(run, engine, planned)
        self._container(run, step.of)

    def _container(self, run: QualifiedName, of: str) -> None:
        """The image that ran, as CWLProv has it."""
        found = self._trace.image(of)
        if found is None:
            return
        reference, digest = found
        image = IMAGE[digest.rpartition(":")[2]]
        label = f"Container of {reference}"
        about = [(PROV["type"], PROV["SoftwareAgent"]), (CWLPROV["image"], reference), (PROV["label"], label)]
        if not self.document.get_record(image):
            self.document.agent(image, self._about(about))
        self.document.wasAssociatedWith(run, image)

    def _used(self) -> None:
        for name, value in (self._trace.inputs or {}).items():
            if value is not None:
                entity = self._entity(value, self._order[quote(name)])
                self.document.used(self._run, entity, other_attributes={PROV["role"]: self._role(name)})

    def _generated(self) -> None:
        for name, value in self._trace.outputs.items():
            entity = self._entity(value, self._out[quote(name)])
            role = {PROV["role"]: self._role(name)}
            self.document.wasGeneratedBy(entity, self._run, self._trace.job.finished, other_attributes=role)

    def _role(self, name: str) -> QualifiedName:
        return self._wf[f"main/{quote(name)}"]

    def _entity(self, value: Value, named: QualifiedName) -> QualifiedName:
        """`named`: what it is called unless it has a URL of its own."""
        if isinstance(value, Data):
            return self._data(value)
        if not traces.holds_data(value):
            return self._literal(value, named)
        inside = value if isinstance(value, dict) else dict(enumerate(value))
        self._artifact(named, PROV["Collection"])
        for key, each in inside.items():
            if each is not None:
                within = named.namespace[f"{named.localpart}/{quote(str(key))}"]
                self.document.hadMember(named, self._entity(each, within))
        return named

    def _artifact(self, named: QualifiedName, *kinds: QualifiedName, about: Iterable[Attribute] = ()) -> None:
        types = [(PROV["type"], each) for each in (WFPROV["Artifact"], *kinds)]
        self.document.entity(named, self._about([*types, *about]))

    def _literal(self, value: Any, named: QualifiedName) -> QualifiedName:
        written = json.dumps(value, ensure_ascii=False)
        if len(written) <= MAX_LITERAL:
            self._artifact(named, about=[(PROV["value"], _plain(value, written))])
        else:
            self._artifact(named, about=[(SCHEMA["contentSize"], len(written))])
        return named

    def _data(self, data: Data) -> QualifiedName:
        named = self._at_url(data.url)
        about: list[Attribute] = [(CWLPROV["basename"], data.basename)]
        if data.source:
            about.append((PROV["atLocation"], Identifier(data.source)))
        if data.is_directory:
            self._artifact(named, PROV["Collection"], RO["Folder"], about=about)
            for each in data.members or ():
                self.document.hadMember(named, self._data(each))
            return named
        about += [
            (SCHEMA["contentSize"], data.size),
            *([(SCHEMA["encodingFormat"], data.format)] if data.format else []),
        ]
        if data.unread:
            about.append((SCHEMA["description"], traces.UNREAD))
        self._artifact(named, WF4EVER["File"], about=about)
        if data.sha256:
            self._content(data.sha256)
            self.document.specializationOf(named, DATA[data.sha256])
        for each in data.beside:
            derived = self._data(each)
            self.document.wasDerivedFrom(derived, named, other_attributes={PROV["type"]: CWLPROV["SecondaryFile"]})
        return named

    def _content(self, sha256: str) -> None:
        if sha256 not in self._contents:
            self._contents.add(sha256)
            self._artifact(DATA[sha256])

    def _at_url(self, url: str) -> QualifiedName:
        space = next(each for each in (self._in, self._out) if url.startswith(each.uri))
        return space[url.removeprefix(space.uri)]


def _plain(value: Any, written: str) -> Any:
    """As XML Schema types it; what it has no type for is written as JSON."""
    if isinstance(value, float):
        # The library would cut a double.
        return Literal(format(Decimal(written), "f"), XSD["decimal"])
    if isinstance(value, int) and abs(value) >= _INT:
        return Literal(written, XSD["integer"])
    return written if isinstance(value, dict | list) else value


def _label(planned: Planned) -> str | None:
    label = planned.step.get("label") or planned.process.get("label")
    return label if isinstance(label, str) else planned.of


def _around(of: str) -> str:
    return of.rpartition("/")[0]
