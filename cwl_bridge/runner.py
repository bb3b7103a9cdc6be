"""The process that runs one job: `python -m cwl_bridge.runner JOB_FOLDER`, begun by a line on standard input.

It stages the inputs, runs cwltool on them, publishes the outputs by rename and writes the outcome last, by rename.
Whatever happens it asks nobody: the server may be gone by then.
"""

from __future__ import annotations

import json
import logging
import shlex
import sys
from pathlib import Path

from cwltool.errors import WorkflowException
from cwltool.executors import SingleJobExecutor
from cwltool.load_tool import load_tool
from cwltool.loghandler import _logger, defaultStreamHandler
from schema_salad.exceptions import ValidationException

from cwl_bridge import collect, fetch, jobfolder, staging, steps
from cwl_bridge.errors import BridgeError
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.policy import Policy
from registry.models import JSON, Failure, Outcome


def main(path: str) -> int:
    folder = JobFolder(Path(path))
    with folder.lock() as mine:
        if not mine or folder.outcome() is not None:
            return 1
        folder.write_outcome(_run(folder))
    return 0


def _run(folder: JobFolder) -> Outcome:
    report = steps.Report(folder)
    last_error = _LastError()
    _logger.addHandler(last_error)
    try:
        run = json.loads(folder.run.read_text(encoding="utf-8"))
        order = _stage(folder, run)
        outputs = _execute(folder, run, order, report)
        return Outcome(outputs=_publish(folder, run, outputs))
    except (staging.StagingError, collect.CollectionError) as error:
        return _failed(folder, report, error.reason, str(error))
    except (WorkflowException, ValidationException, BridgeError) as error:
        return _failed(folder, report, "run-refused", f"cwltool refused the run: {last_error.words or error}")
    except Exception as error:
        # The one place where anything may come up: the job has to end, and its log has to say why.
        _logger.exception("The runner failed")
        return _failed(folder, report, "runner-error", f"The runner failed: {type(error).__name__}: {error}")
    finally:
        folder.remove_work()


class _LastError(logging.Handler):
    """cwltool logs some reasons and raises only that there was one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words = record.getMessage()


def _stage(folder: JobFolder, run: JSON) -> JSON:
    stager = staging.Stager(folder.inputs, fetch.Allowed(tuple(run["fetch_allow"])), run["max_input"])
    order: JSON = stager.stage(run["order"])
    jobfolder.write_json(folder.order, order)
    words = ["cwltool", "--relax-path-checks", "--outdir", "OUTDIR"]
    if run["policy"]["default_container"]:
        words += ["--default-container", run["policy"]["default_container"]]
    line = shlex.join([*words, str(folder.process), str(folder.order)])
    jobfolder.write_text(folder.command, line + "\n")
    return order


def _execute(folder: JobFolder, run: JSON, order: JSON, report: steps.Report) -> JSON:
    allowed = Policy(**run["policy"])
    construct = steps.constructor(allowed, report, run["job"])
    tool = load_tool(folder.process.as_uri(), steps.loading_context(folder.process, construct))
    context = steps.runtime_context(folder.path, folder.work, allowed.default_container)
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
    failure = Failure(
        reason=report.reason or reason,
        message=folder.without_places(report.message or message)[: steps.MESSAGE_LENGTH],
        step=report.step,
        exit_code=report.exit_code,
        log=report.tool_log,
    )
    return Outcome(failure=failure)


def configure_log() -> None:
    """cwltool's words, one line each with its level, on standard error: the job's log."""
    defaultStreamHandler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m cwl_bridge.runner JOB_FOLDER, with a line on standard input")
    configure_log()
    # Until the server has written who this is, a server that dies leaves nothing that runs.
    sys.exit(main(sys.argv[1]) if sys.stdin.readline() else 1)
