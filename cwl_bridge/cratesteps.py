"""The steps of a workflow and their runs as entities of an RO-Crate (Provenance Run Crate 0.5). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cwl_bridge.cratedata import Graph, Ref
from cwl_bridge.traces import Planned, Step, Trace

COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"
ACTIVE = "http://schema.org/ActiveActionStatus"


def time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None


class Steps:
    """Makes what orchestrates the runs of one workflow's steps."""

    def __init__(self, graph: Graph, trace: Trace, language: Ref) -> None:
        self._graph = graph
        self._trace = trace
        self._language = language
        self.controls: list[Ref] = []
        self.runs: list[Ref] = []

    def describe(self, of: str) -> dict[str, Any]:
        """`step` and `hasPart` of a workflow; a tool that was never run is no part of it."""
        steps, tools = [], []
        for position, each in enumerate(self._inside(of)):
            tool = self._tool(each)
            about = {"name": _name(each), "position": str(position), "workExample": tool}
            step = self._graph.add(f"#step/{quote(each.of)}", "HowToStep", **about)
            steps.append(step)
            runs = self._runs(each, tool)
            if runs:
                self.runs += runs
                tools.append(tool)
                name = f"Orchestration of {each.of}"
                control = f"#control/{quote(each.of)}"
                self.controls.append(self._graph.add(control, "ControlAction", name=name, instrument=step, object=runs))
        return {"step": steps, "hasPart": tools}

    def _inside(self, of: str) -> Iterator[Planned]:
        return (each for each in self._trace.plan.values() if each.of and each.of.rpartition("/")[0] == of)

    def _begun(self, planned: Planned) -> list[Step]:
        inside = f"{planned.of}/"
        return [each for each in self._trace.steps if each.of == planned.of or each.of.startswith(inside)]

    def _tool(self, planned: Planned) -> Ref:
        entity_id, name = f"#tool/{quote(planned.of)}", _name(planned)
        if not planned.is_workflow:
            return self._graph.add(entity_id, "SoftwareApplication", name=name)
        if not self._begun(planned):
            # A ComputationalWorkflow has parts that were run.
            return self._graph.add(entity_id, "SoftwareSourceCode", name=name, programmingLanguage=self._language)
        kinds = ["SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
        inside = self.describe(planned.of)
        version = self._trace.process.description.version
        about = {"name": name, "version": version, "programmingLanguage": self._language}
        return self._graph.add(entity_id, kinds, **about, **inside)

    def _runs(self, planned: Planned, tool: Ref) -> list[Ref]:
        begun = self._begun(planned)
        if not planned.is_workflow:
            return [self._run(each, tool) for each in begun]
        if not begun:
            return []
        # The runs of a scattered subworkflow can't be told apart: they are one.
        ends = [each.ended for each in begun]
        last = None if None in ends else max(each for each in ends if each)
        return [
            self._graph.add(
                f"#run/{quote(planned.of)}",
                "CreateAction",
                name=f"Run of {planned.of}",
                description=f"The step {planned.of} from its first tool to its last.",
                instrument=tool,
                startTime=time(min(each.begun for each in begun)),
                endTime=time(last),
            )
        ]

    def _run(self, step: Step, tool: Ref) -> Ref:
        number = self._trace.steps.index(step)
        return self._graph.add(
            f"#run/{number}/{quote(step.name)}",
            "CreateAction",
            name=f"Run of {step.name}",
            description=f"The step {step.of}, as {step.name} in the log.",
            instrument=tool,
            startTime=time(step.begun),
            endTime=time(step.ended),
            actionStatus=FAILED if step.exit_code else COMPLETED if step.ended else None,
            error=f"Exit code {step.exit_code}." if step.exit_code else None,
            containerImage=image(self._graph, self._trace, step.of),
        )


def image(graph: Graph, trace: Trace, of: str) -> Ref | None:
    """The container image that a step ran in."""
    found = trace.image(of)
    if found is None:
        return None
    reference, digest = found
    registry, name, tag = _parts(reference)
    return graph.add(
        f"#image/{quote(reference, safe='')}",
        "ContainerImage",
        additionalType={"@id": "https://w3id.org/ro/terms/workflow-run#DockerImage"},
        name=name,
        registry=registry,
        tag=tag,
        sha256=digest.rpartition(":")[2],
    )


def _parts(reference: str) -> tuple[str, str, str | None]:
    """Registry, name and tag of an image, as the engine reads a reference."""
    named = reference.partition("@")[0]
    before, _, last = named.rpartition("/")
    last, _, tag = last.partition(":")
    registry, _, folder = before.partition("/")
    if not ("." in registry or ":" in registry or registry == "localhost"):
        registry, folder = "docker.io", before
    return registry, f"{folder}/{last}" if folder else last, tag or None


def _name(planned: Planned) -> str:
    label = planned.step.get("label") or planned.process.get("label")
    return label if isinstance(label, str) else planned.of
