"""cwltool's processes, replaced where the server has to know or decide: which tools run, how they are counted, and
which of their outputs may be looked at.

What cwltool is imported for lives in this module, `loading`, `room`, `mounts`, `containerjob`, `secretstore`,
`expressions`, `runner`, `checker`, `ontology` and `warm`, and runs in processes of its own: cwltool keeps global caches
and is not made for threads.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Iterable, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from cwltool import workflow_job
from cwltool.builder import Builder
from cwltool.command_line_tool import CommandLineTool, ExpressionTool
from cwltool.context import LoadingContext, RuntimeContext
from cwltool.docker import DockerCommandLineJob
from cwltool.errors import WorkflowException
from cwltool.job import JobBase
from cwltool.loghandler import _logger
from cwltool.process import Process, shortname
from cwltool.workflow import Workflow, WorkflowStep, default_make_tool
from cwltool.workflow_job import ReceiveScatterOutput

from cwl_bridge import document, policy, secrecy
from cwl_bridge.containerjob import ContainerJob, Resources
from cwl_bridge.errors import BridgeError
from cwl_bridge.policy import Policy
from cwl_bridge.report import LastWords, Report
from cwl_bridge.secretstore import Store

MISSING = "Did not find output file"
_FAILED = "Failed to evaluate expression:"

#: Parts of one scattered step.
MAX_SCATTER = 100_000
MAX_SAID_BYTES = 10 * 1024 * 1024


def constructor(allowed: Policy, report: Report | None = None) -> Callable[..., Process]:
    """What cwltool makes its process objects with. Without a report they are only validated."""
    told = report or Report()

    def construct(loaded: Any, context: LoadingContext) -> Process:
        match loaded.get("class") if isinstance(loaded, MutableMapping) else None:
            case "CommandLineTool":
                return Tool(loaded, context, allowed, told)
            case "ExpressionTool":
                return Expression(loaded, context, allowed, told)
            case "Workflow":
                return Flow(loaded, context, allowed, told)
        return default_make_tool(loaded, context)

    return construct


def resources_selector(report: Report) -> Callable[..., Resources]:
    """For RuntimeContext.select_resources: a step gets what it asks for at the least, within what there is for jobs."""

    def select(asked: dict[str, int | float], _context: RuntimeContext) -> Resources:
        cores, memory = report.machine
        for name in ("coresMin", "coresMax", "ramMin", "ramMax"):
            if not policy.is_amount(asked[name]):
                message = f"{name} of a step is {asked[name]!r}, which is no number from 0."
                report.fail("run-refused", message)
                raise WorkflowException(message)
        if asked["coresMin"] > cores or asked["ramMin"] > memory:
            message = (
                f"A step asks for {asked['coresMin']} cores and {math.ceil(asked['ramMin'])} MiB of memory; "
                f"this server has {cores} cores and {memory} MiB for jobs."
            )
            report.fail("resources-exceed-server", message)
            raise WorkflowException(message)
        shown: dict[str, int | float] = {
            "cores": asked["coresMin"],
            "ram": math.ceil(asked["ramMin"]),
            "tmpdirSize": math.ceil(asked["tmpdirMin"]),
            "outdirSize": math.ceil(asked["outdirMin"]),
        }
        most_memory = min(math.ceil(max(asked["ramMax"], asked["ramMin"])), memory)
        return Resources(shown, max(asked["coresMax"], asked["coresMin"]), most_memory)

    return select


def leaves(process: Process) -> int:
    """How many steps a process has, each counted once, subworkflows by theirs."""
    if isinstance(process, Workflow):
        return sum(leaves(step.embedded_tool) for step in process.steps)
    return 1


def _kept(process: Process, allowed: Policy, *, runs_a_tool: bool) -> Any:
    """The hints that may count; the second look of the policy, at what cwltool has made of the document."""
    requirements, hints = cast(Any, process.requirements), cast(Any, process.hints)
    return policy.check_loaded(requirements, hints, allowed, runs_a_tool=runs_a_tool)


class Flow(Workflow):
    """A Workflow whose steps are counted."""

    def __init__(self, loaded: Any, context: LoadingContext, allowed: Policy, report: Report) -> None:
        self._report = report
        super().__init__(loaded, context)
        self.hints = _kept(self, allowed, runs_a_tool=False)

    def make_workflow_step(
        self, toolpath_object: Any, pos: int, loadingContext: Any, parentworkflowProv: Any = None
    ) -> Any:
        return FlowStep(self._report, toolpath_object, pos, loadingContext, parentworkflowProv)


class FlowStep(WorkflowStep):
    """A step; where it is scattered, its width is known when its first part runs."""

    def __init__(self, report: Report, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._report = report
        self._seen: list[ReceiveScatterOutput] = []

    def job(self, job_order: Any, output_callbacks: Any, runtimeContext: RuntimeContext) -> Any:
        receiver = getattr(getattr(output_callbacks, "func", None), "__self__", None)
        if isinstance(receiver, ReceiveScatterOutput) and not any(each is receiver for each in self._seen):
            self._seen.append(receiver)
            self._report.expect((receiver.total - 1) * leaves(self.embedded_tool))
        context = runtimeContext.copy()
        # cwltool copies a context with all that is in it, for whatever runs inside.
        cast(Any, context).of_steps = (*_steps_around(runtimeContext), shortname(self.id))
        yield from super().job(job_order, output_callbacks, context)

    def check_width(self, parts: int) -> None:
        if parts > MAX_SCATTER:
            message = f"'{shortname(self.id)}' is scattered over {parts} parts; a step has at most {MAX_SCATTER}."
            self._report.fail("scatter-too-wide", message)
            raise WorkflowException(message)


def _bounded(scatter: Callable[..., Any], parts: Callable[[Iterable[int]], int]) -> Callable[..., Any]:
    """cwltool makes all parts of a scattered step at once, and only there are their lists known."""

    def within(process: Any, job_order: Any, keys: Any, *more: Any) -> Any:
        if isinstance(process.step, FlowStep):
            process.step.check_width(parts(len(job_order[key]) for key in keys))
        return scatter(process, job_order, keys, *more)

    return within


workflow_job.dotproduct_scatter = _bounded(workflow_job.dotproduct_scatter, max)
workflow_job.nested_crossproduct_scatter = _bounded(workflow_job.nested_crossproduct_scatter, math.prod)
workflow_job.flat_crossproduct_scatter = _bounded(workflow_job.flat_crossproduct_scatter, math.prod)


def _steps_around(context: RuntimeContext) -> tuple[str, ...]:
    """The steps that what runs stands in, the outermost first."""
    return getattr(context, "of_steps", ())


class Expression(ExpressionTool):
    """An ExpressionTool that says when it has been evaluated."""

    def __init__(self, loaded: Any, context: LoadingContext, allowed: Policy, report: Report) -> None:
        super().__init__(loaded, context)
        self.hints = _kept(self, allowed, runs_a_tool=False)
        self._report = report

    def job(self, job_order: Any, output_callbacks: Any, runtimeContext: RuntimeContext) -> Any:
        name = runtimeContext.name or shortname(self.tool["id"])
        of = "/".join(_steps_around(runtimeContext))
        # cwltool logs why, and tells only that it was so.
        last_warning = LastWords(logging.WARNING)
        _logger.addHandler(last_warning)

        def evaluated(outputs: Any, status: str) -> None:
            if status != "success":
                words = last_warning.words.removeprefix(_FAILED).strip()
                self._report.fail("expression-error", f"The expression of '{name}' can't be evaluated: {words}")
            _logger.removeHandler(last_warning)
            self._report.step_ended(name, of)
            output_callbacks(outputs, status)

        for job in super().job(job_order, evaluated, runtimeContext):
            self._report.step_started(name, of)
            yield job


class Tool(CommandLineTool):
    """A CommandLineTool that runs in a container and nowhere else, and reports how it ended."""

    def __init__(self, loaded: Any, context: LoadingContext, allowed: Policy, report: Report) -> None:
        super().__init__(loaded, context)
        #: By its own document; a workflow's are hidden already.
        self._secrets = list(secrecy.declared(self.tool, None))
        self.hints = _kept(self, allowed, runs_a_tool=True)
        self._report = report
        for each in (*self.requirements, *self.hints):
            if "dockerOutputDirectory" in each:
                # cwltool expects none at its end, and cuts names off behind it.
                each["dockerOutputDirectory"] = str(each["dockerOutputDirectory"]).rstrip("/")

    def job(self, job_order: Any, output_callbacks: Any, runtimeContext: RuntimeContext) -> Any:
        store = cast(Store, runtimeContext.secret_store)
        given = {name: each for name in self._secrets if isinstance(each := job_order.get(name), str)}
        hidden = {name: store.hidden(each) for name, each in given.items()}
        yield from super().job({**job_order, **hidden}, output_callbacks, runtimeContext)

    def make_job_runner(self, runtimeContext: RuntimeContext) -> type[JobBase]:
        chosen = super().make_job_runner(runtimeContext)
        if not issubclass(chosen, DockerCommandLineJob):
            raise WorkflowException("This tool names no container image; nothing runs outside a container.")
        return cast(type[JobBase], partial(ContainerJob, self._report, "/".join(_steps_around(runtimeContext))))

    def collect_output_ports(
        self,
        ports: Any,
        builder: Builder,
        outdir: str,
        rcode: int,
        compute_checksum: bool = True,
        jobname: str = "",
        readers: Any = None,
    ) -> Any:
        report = self._report
        if rcode != 0 and rcode not in self.tool.get("successCodes", []):
            report.exit_code = rcode
            last = report.tool_log[-1] if report.tool_log else ""
            report.fail("tool-failed", f"'{jobname}' ended with exit code {rcode}" + (f": {last}" if last else "."))
        try:
            _check_said_outputs(Path(outdir))
            return super().collect_output_ports(ports, builder, outdir, rcode, compute_checksum, jobname, readers)
        except Exception as error:
            # A tool can leave anything behind, and cwltool trips over some of it in ways of its own.
            report.fail("output-invalid", f"'{jobname}' has outputs that can't be taken: {error}")
            raise

    def collect_output(self, schema: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return super().collect_output(schema, *arguments, **options)
        except WorkflowException as error:
            name = str(schema.get("id", "")).rpartition("#")[2].rpartition("/")[2]
            if MISSING in str(error):
                self._report.fail("output-missing", f"The output '{name}' is missing: the tool left no file for it.")
            else:
                self._report.fail("output-invalid", f"The output '{name}' can't be taken: {error}")
            raise


def _check_said_outputs(outdir: Path) -> None:
    """cwl.output.json is read strictly before cwltool reads it."""
    path = outdir / "cwl.output.json"
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_SAID_BYTES:
        raise WorkflowException(f"cwl.output.json is no regular file of at most {MAX_SAID_BYTES} bytes")
    try:
        said = document.read_json(path.read_bytes())
    except BridgeError as error:
        raise WorkflowException(f"cwl.output.json can't be read. {error}") from error
    if not isinstance(said, dict):
        raise WorkflowException("cwl.output.json is no JSON object")
