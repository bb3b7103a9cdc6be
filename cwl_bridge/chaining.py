"""An execute request whose inputs are processes themselves → one CWL Workflow over their documents. Pure.

21-009, nested-processes and deployable-workflows: `{process, inputs, outputs}` in the place of a value is a step, its
output the value. In a workflow that is deployed, `{"$input": name}` is an input, `{"$output": name}` an output of it.
What else a request gives becomes inputs of the workflow as well, so that the same tree with other values is the same
workflow, and each value is checked and made ready as it would be without a workflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cwl_bridge import describe, joints, nested, secrecy
from cwl_bridge.errors import BridgeError, FieldError, path_of, pointer
from cwl_bridge.joints import Port
from cwl_bridge.marks import Path
from registry.models import JSON, Parameter, Process, ProcessDescription

MAX_PROCESSES = 50


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A workflow, and what of the request is left for its inputs."""

    #: Its steps run processes by their ids: `documents`.
    cwl: JSON
    documents: dict[str, JSON]
    #: What each step runs.
    parts: dict[str, Process]
    description: ProcessDescription
    #: What the request gives, by the inputs of the workflow.
    given: JSON
    #: The inputs that the request leaves to who executes the workflow.
    declared: frozenset[str]
    #: Where in the request inputs and steps come from.
    inputs: dict[str, Path]
    steps: dict[str, Path]
    #: Step and port that each input goes to.
    targets: dict[str, list[tuple[str, str]]]
    #: What inputs are where nothing is given for them, in any of the forms of a request.
    defaults: JSON = field(default_factory=dict)

    def of_request(self, errors: list[FieldError]) -> list[FieldError]:
        """Errors about inputs of the workflow → about what was sent."""
        return [replace(each, pointer=pointer(*self._sent(path_of(each.pointer)))) for each in errors]

    def _sent(self, path: tuple[str, ...]) -> Path:
        if path[:1] == ("inputs",) and len(path) > 1 and path[1] in self.inputs:
            return (*self.inputs[path[1]], *path[2:])
        return path

    def move(self, error: BridgeError) -> None:
        """Moves pointers into the workflow to where its parts stand in the request."""
        error.errors = [FieldError(pointer(*self.place(path_of(each.pointer))), each.detail) for each in error.errors]

    def place(self, path: tuple[str, ...]) -> Path:
        """A place in the workflow → in the request: of a step the process, of its port the input."""
        if path[:1] != ("steps",) or len(path) < 2:
            return self._sent(path) if path[:1] == ("inputs",) else ()
        where = self.steps.get(path[1], ())
        return (*where, "inputs", path[3]) if path[2:3] == ("in",) and len(path) > 3 else where


def chain(
    request: JSON, top: Process, known: Mapping[str, Process], processes_url: str, *, deployed: bool = False
) -> Chain:
    """`known`: the processes that it names, by id. Raises WorkflowError."""
    return _Chain(known, processes_url, deployed=deployed).made(request, top)


@dataclass
class _Workflow:
    """What has been made so far."""

    inputs: dict[str, JSON] = field(default_factory=dict)
    outputs: dict[str, JSON] = field(default_factory=dict)
    steps: dict[str, JSON] = field(default_factory=dict)
    documents: dict[str, JSON] = field(default_factory=dict)
    parts: dict[str, Process] = field(default_factory=dict)


class _Chain:
    """One reading of one request; collects the errors."""

    def __init__(self, known: Mapping[str, Process], processes_url: str, *, deployed: bool) -> None:
        self._known = known
        self._url = processes_url
        self._deployed = deployed
        self._made = _Workflow()
        self._errors: list[FieldError] = []
        #: Whether one of them is about more than what one process gives and another takes.
        self._malformed = False
        self._given: JSON = {}
        self._parameters: dict[str, Parameter] = {}
        self._results: dict[str, Parameter] = {}
        #: What `$input` has declared, with the port that it first stood at.
        self._declared: dict[str, Port] = {}
        self._inputs: dict[str, Path] = {}
        self._steps: dict[str, Path] = {}
        self._targets: dict[str, list[tuple[str, str]]] = {}
        self._merges = False
        #: How many processes stand around the one that is read.
        self._depth = 0

    def made(self, request: JSON, top: Process) -> Chain:
        taken = _names(request, nested.INPUT)
        self._reserved = set(taken)
        step = self._step(request, top, ())
        if not self._errors and not self._made.outputs:
            for port in joints.ports(top, "outputs").values():
                self._output(port, step, port.name)
        if self._errors:
            raise (nested.WorkflowError if self._malformed else nested.MismatchError)(self._errors)
        about = top.description
        return Chain(
            cwl=self._cwl(top),
            documents=self._made.documents,
            parts=self._made.parts,
            description=replace(about, inputs=self._parameters, outputs=self._results),
            given=self._given,
            declared=frozenset(self._declared),
            inputs=self._inputs,
            steps=self._steps,
            targets=self._targets,
        )

    def _cwl(self, top: Process) -> JSON:
        made = self._made
        requirements: JSON = {}
        if any(each.get("class") == "Workflow" for each in made.documents.values()):
            requirements["SubworkflowFeatureRequirement"] = {}
        if self._merges:
            requirements["MultipleInputFeatureRequirement"] = {}
        return {
            "cwlVersion": "v1.2",
            "class": "Workflow",
            "id": top.id,
            **({"requirements": requirements} if requirements else {}),
            "inputs": made.inputs,
            "outputs": made.outputs,
            "steps": made.steps,
        }

    def _refuse(self, detail: str, *where: str | int, mismatch: bool = False, of_name: bool = False) -> None:
        self._malformed = self._malformed or not mismatch
        self._errors.append(FieldError(pointer(*where), detail, of_name=of_name))

    def _free(self, wanted: str) -> str:
        """A name that no input or step has."""
        name, number = wanted, 1
        while name in self._made.inputs or name in self._made.steps or name in self._reserved:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _step(self, node: JSON, process: Process, where: Path) -> str:
        """A process and all that goes into it; the name of its step."""
        name = self._free(process.id)
        self._steps[name] = where
        step: JSON = {"run": process.id, "in": {}, "out": []}
        self._made.steps[name] = step
        self._made.documents[process.id] = process.cwl
        self._made.parts[name] = process
        if len(self._steps) > MAX_PROCESSES or self._depth > nested.MAX_DEPTH:
            self._refuse(f"At most {MAX_PROCESSES} processes in one another, {nested.MAX_DEPTH} deep.", *where)
            return name
        for each in nested.MODIFIERS:
            if node.get(each) is not None:
                self._refuse(f"'{each}' is not offered here: values are taken as they are.", *where, each, of_name=True)
        given = node.get("inputs", {})
        if not isinstance(given, dict):
            self._refuse("'inputs' is an object keyed by the ids of the inputs.", *where, "inputs")
            return name
        ports = joints.ports(process, "inputs")
        for each in given:
            if each not in ports:
                known = ", ".join(ports) or "none"
                self._refuse(
                    f"'{process.id}' has no such input; there are: {known}.", *where, "inputs", each, of_name=True
                )
        for port in ports.values():
            value = given.get(port.name)
            if value is None and (port.declared.get("default") is not None or _can_be_left_out(port)):
                continue
            step["in"][port.name] = self._connected(port, name, value, (*where, "inputs", port.name))
        self._choose_outputs(node, process, name, where)
        return name

    def _connected(self, port: Port, step: str, value: Any, where: Path) -> JSON:
        """What stands at a port of a step."""
        if isinstance(value, list) and port.is_list and any(self._is_dynamic(each, port) for each in value):
            sources = [
                self._source(port.item, step, each, (*where, index), in_list=True) for index, each in enumerate(value)
            ]
            self._merges = True
            return {"source": [each for each, _ in sources], "linkMerge": "merge_nested"}
        source, is_list = self._source(port, step, value, where)
        if port.is_list and not is_list:
            self._merges = True
            return {"source": [source], "linkMerge": "merge_nested"}
        return {"source": source}

    def _is_dynamic(self, value: Any, port: Port) -> bool:
        if not isinstance(value, dict):
            return False
        return nested.INPUT in value or (
            nested.is_process(value, port.parameter.schema) and self._is_local(value["process"])
        )

    def _is_local(self, reference: str) -> bool:
        return nested.local_id(reference, self._url) is not None

    def _source(self, port: Port, step: str, value: Any, where: Path, *, in_list: bool = False) -> tuple[str, bool]:
        """Where the value comes from, and whether that is a list where the port takes one."""
        if isinstance(value, dict) and nested.INPUT in value:
            return self._declare(port, step, value, where), port.is_list
        if nested.is_process(value, port.parameter.schema) and self._is_local(value["process"]):
            return self._nested(port, value, where)
        name = self._free(port.name if where == ("inputs", port.name) else _name(step, port, where))
        self._made.inputs[name] = port.as_input()
        self._parameters[name] = port.parameter
        self._inputs[name] = where
        self._targets.setdefault(name, []).append((step, port.name))
        if value is not None:
            self._given[name] = value
        return name, port.is_list or in_list

    def _declare(self, port: Port, step: str, value: JSON, where: Path) -> str:
        name = value[nested.INPUT]
        if not self._deployed:
            self._refuse("'$input' stands in a workflow that is deployed; here a value is expected.", *where)
            return ""
        if not isinstance(name, str) or not describe.is_parameter_id(name) or len(value) > 1:
            self._refuse("{'$input': name} is all; a name has letters, digits and any of _ . + -.", *where)
            return ""
        first = self._declared.get(name)
        if first is None:
            self._declared[name] = port
            self._made.inputs[name] = port.as_input()
            self._parameters[name] = port.parameter
            self._inputs[name] = where
        elif joints.written(first.cwl_type) != joints.written(port.cwl_type):
            has, other = (f"{joints.said(each)} at '{each.name}' of '{each.process}'" for each in (first, port))
            self._refuse(f"The input '{name}' can't be two things: {has}, and {other}.", *where)
        elif secrecy.is_secret(port.parameter):
            # Of all that it goes to, one is enough.
            self._parameters[name] = port.parameter
        self._targets.setdefault(name, []).append((step, port.name))
        return name

    def _nested(self, port: Port, node: JSON, where: Path) -> tuple[str, bool]:
        process = self._known.get(nested.local_id(node["process"], self._url) or "")
        if process is None:
            self._malformed = True
            self._errors.append(nested.no_process(node["process"], *where))
            return "", True
        self._depth += 1
        step = self._step(node, process, where)
        self._depth -= 1
        output = self._output_of(node, process, where)
        if output is None:
            return "", True
        sink = port.item if port.is_list and not output.is_list else port
        refused = joints.mismatch(output, sink)
        if refused:
            self._refuse(refused, *where, mismatch=True)
            return "", True
        self._give(step, output.name)
        reader = joints.reader(output, sink)
        source = f"{step}/{output.name}"
        if reader is not None:
            reading = self._free(f"{step}.{output.name}")
            self._made.steps[reading] = {"run": reader, "in": {joints.GIVEN: source}, "out": [joints.VALUE]}
            source = f"{reading}/{joints.VALUE}"
        return source, output.is_list or not port.is_list

    def _give(self, step: str, output: str) -> None:
        out = self._made.steps[step]["out"]
        if output not in out:
            out.append(output)

    def _output_of(self, node: JSON, process: Process, where: Path) -> Port | None:
        """The output that becomes the value: the one that is asked for, else the first."""
        asked = node.get("outputs")
        ports = joints.ports(process, "outputs")
        if isinstance(asked, dict):
            # One that becomes an output of the workflow as well comes after one that does not.
            plain = [name for name, each in asked.items() if not (isinstance(each, dict) and nested.OUTPUT in each)]
            names = [name for name in (*plain, *asked) if name in ports]
            if asked and not names:
                # Each has been refused.
                return None
        else:
            names = list(ports)
        if not names:
            self._refuse(f"'{process.id}' gives no output that could be the value.", *where)
            return None
        return ports[names[0]]

    def _choose_outputs(self, node: JSON, process: Process, step: str, where: Path) -> None:
        asked = node.get("outputs")
        if asked is None:
            return
        if not isinstance(asked, dict):
            self._refuse("'outputs' is an object keyed by the ids of the outputs.", *where, "outputs")
            return
        ports = joints.ports(process, "outputs")
        for name, each in asked.items():
            if name not in ports:
                # That of the process at the root is checked like any request's.
                if where or self._deployed:
                    known = ", ".join(ports) or "none"
                    self._refuse(
                        f"'{process.id}' has no such output; there are: {known}.", *where, "outputs", name, of_name=True
                    )
            elif isinstance(each, dict) and nested.OUTPUT in each:
                self._publish(ports[name], step, each[nested.OUTPUT], (*where, "outputs", name))

    def _publish(self, port: Port, step: str, name: Any, where: Path) -> None:
        if not self._deployed:
            self._refuse("'$output' stands in a workflow that is deployed.", *where)
        elif not isinstance(name, str) or not describe.is_parameter_id(name):
            self._refuse("The name of an output has letters, digits and any of _ . + -.", *where)
        elif name in self._made.outputs:
            self._refuse(f"There is an output '{name}' already.", *where)
        else:
            self._output(port, step, name)

    def _output(self, port: Port, step: str, name: str) -> None:
        self._give(step, port.name)
        self._made.outputs[name] = port.as_output(f"{step}/{port.name}")
        self._results[name] = port.parameter


def _name(step: str, port: Port, where: Path) -> str:
    """Of an input of the workflow: the step and the port that it is for, and its number where there are several."""
    return "-".join([f"{step}.{port.name}", *(str(part + 1) for part in where[-1:] if isinstance(part, int))])


def _can_be_left_out(port: Port) -> bool:
    return port.parameter.min_occurs == 0 and "default" not in port.parameter.schema


def _names(value: Any, key: str) -> Iterator[str]:
    """The names that a tree declares."""
    if isinstance(value, list):
        for each in value:
            yield from _names(each, key)
    elif isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        for each in value.values():
            yield from _names(each, key)
