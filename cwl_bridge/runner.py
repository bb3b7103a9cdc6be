"""The process that runs one job: `python -m cwl_bridge.runner JOB_FOLDER`.

It stages the inputs, runs cwltool on them, publishes the outputs by rename and writes the outcome last, by rename.
Whatever happens it asks nobody: the server may be gone by then.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from cwltool.errors import WorkflowException
from cwltool.executors import SingleJobExecutor
from cwltool.load_tool import load_tool
from cwltool.loghandler import _logger, defaultStreamHandler
from schema_salad.exceptions import ValidationException

from cwl_bridge import collect, fetch, jobfolder, staging, steps
from cwl_bridge.jobfolder import JobFolder, Runner
from registry.models import JSON, Failure, Outcome


def main(path: str) -> int:
    folder = JobFolder(Path(path))
    with folder.lock() as mine:
        runner = Runner.of(os.getpid())
        if not mine or runner is None or folder.outcome() is not None:
            return 1
        folder.write_runner(runner)
        folder.write_outcome(_run(folder))
    return 0


def _run(folder: JobFolder) -> Outcome:
    report = steps.Report(log=folder.log)
    try:
        run = json.loads(folder.run.read_text(encoding="utf-8"))
        order = _stage(folder, run)
        outputs = _execute(folder, run, order, report)
        return Outcome(outputs=_publish(folder, run, outputs))
    except (staging.StagingError, collect.CollectionError) as error:
        return _failed(folder, report, error.reason, str(error))
    except (WorkflowException, ValidationException) as error:
        return _failed(folder, report, "run-refused", f"cwltool refused the run: {error}")
    except Exception as error:
        # The one place where anything may come up: the job has to end, and its log has to say why.
        _logger.exception("The runner failed")
        return _failed(folder, report, "runner-error", f"The runner failed: {type(error).__name__}: {error}")
    finally:
        folder.remove_work()


def _stage(folder: JobFolder, run: JSON) -> JSON:
    stager = staging.Stager(folder.inputs, fetch.Allowed(tuple(run["fetch_allow"])), run["max_input"])
    order: JSON = stager.stage(run["order"])
    jobfolder.write_json(folder.order, order)
    words = ["cwltool", "--relax-path-checks", "--outdir", "OUTDIR"]
    if run["default_container"]:
        words += ["--default-container", run["default_container"]]
    line = shlex.join([*words, str(folder.process), str(folder.order)])
    jobfolder.write_text(folder.command, line + "\n")
    return order


def _execute(folder: JobFolder, run: JSON, order: JSON, report: steps.Report) -> JSON:
    construct = steps.constructor(run["job"], report)
    tool = load_tool(folder.process.as_uri(), steps.loading_context(folder.process, construct))
    context = steps.runtime_context(folder.path, folder.work, run["default_container"])
    outputs, status = SingleJobExecutor()(tool, order, context)
    if status != "success":
        raise WorkflowException(f"the run ended as {status}")
    return dict(outputs or {})


def _publish(folder: JobFolder, run: JSON, outputs: JSON) -> JSON:
    declared: list[str] = run["outputs"]
    partial = folder.work / "outputs"
    collector = collect.Collector(folder.path, partial, folder.outputs.name)
    found = collector.collect({name: outputs.get(name) for name in declared}, run["literals"])
    partial.rename(folder.outputs)
    return found


def _failed(folder: JobFolder, report: steps.Report, reason: str, message: str) -> Outcome:
    """What a step has reported says more than the error that ended the run because of it."""
    tail = tuple(report.tool_log.splitlines()[-jobfolder.LOG_TAIL_LINES :]) or folder.log_tail()
    said = report.message or message
    for place in (folder.path.as_uri(), str(folder.path)):
        # The job's own places are told by their names alone, the host's not at all.
        said = said.replace(f"{place}/", "")
    failure = Failure(
        reason=report.reason or reason,
        message=said,
        step=report.step,
        exit_code=report.exit_code,
        log=tail,
    )
    return Outcome(failure=failure)


def configure_log() -> None:
    """cwltool's words, one line each with its level, on standard error: the job's log."""
    defaultStreamHandler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))


def _arguments() -> Any:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m cwl_bridge.runner JOB_FOLDER")
    return sys.argv[1]


if __name__ == "__main__":
    configure_log()
    sys.exit(main(_arguments()))
