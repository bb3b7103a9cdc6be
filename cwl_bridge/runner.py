"""The process that runs one job: `python -m cwl_bridge.runner JOB_FOLDER`, or a child of the warm process.

It waits for a line on standard input, stages the inputs, runs cwltool on them, publishes the outputs by rename and
writes the outcome last, by rename. Whatever happens it asks nobody: the server may be gone by then.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import resource
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cwl_utils import loghandler
from cwl_utils.errors import JavascriptException
from cwltool.errors import WorkflowException
from cwltool.executors import SingleJobExecutor
from cwltool.loghandler import _logger, defaultStreamHandler
from cwltool.process import Process
from schema_salad.exceptions import ValidationException

from cwl_bridge import collect, download, expressions, jobfolder, loading, runtimes, secrecy, staging, steps
from cwl_bridge.addresses import Allowed
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.errors import BridgeError
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.masks import Masks
from cwl_bridge.policy import Policy
from cwl_bridge.report import LastWords, LogStream, Report, RunLog, WordsAlone
from cwl_bridge.resultfiles import Results
from cwl_bridge.secretstore import Store
from registry.models import JSON, Failure, Outcome, pins_from_json

STANDARD_INPUT, STANDARD_ERROR = 0, 2

#: What a run may take beside its containers.
MEMORY_BYTES = 4 << 30
MOST_FILES = 4096

_NO_SPACE = Failure(reason="no-space", message="The disk that the job worked on is full.")


@dataclass(frozen=True)
class Parsed:
    """A document as cwltool has parsed it, and the report that its steps tell."""

    process: Process
    report: Report


def parse(text: str, allowed: Policy) -> Parsed:
    """Raises what cwltool raises."""
    report = Report()
    return Parsed(loading.load(text, steps.constructor(allowed, report)), report)


def main(path: str, parsed: Callable[[str, Policy], Parsed] = parse) -> int:
    """The exit code: 1 where there is nothing to do, or nobody who wants it."""
    _limit()
    # Until the server has written who this is, a server that dies leaves nothing that runs.
    if not os.read(STANDARD_INPUT, 1):
        return 1
    folder = JobFolder(Path(path))
    with folder.lock() as mine:
        if not mine or folder.outcome() is not None:
            return 1
        outcome = _run(folder, parsed)
        try:
            folder.write_outcome(outcome)
        except OSError as error:
            if not _is_full(error):
                raise
            # Results are whole or absent, and absent ones leave room for saying so.
            shutil.rmtree(folder.outputs, ignore_errors=True)
            folder.write_outcome(Outcome(failure=_NO_SPACE, usage=outcome.usage))
    return 0


def _limit() -> None:
    """Of this process; containers have limits of their own, and so may what starts them."""
    for which, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _run(folder: JobFolder, parsed: Callable[[str, Policy], Parsed]) -> Outcome:
    report = Report()
    last_error = LastWords()
    _logger.addHandler(last_error)
    try:
        run = json.loads(folder.run.read_text(encoding="utf-8"))
        masks = Masks()
        log = RunLog(folder, run["max_log"], STANDARD_ERROR, masks)
        report.begin(folder, run["job"], log)
        _log_to(log)
        store = Store(masks)
        secrets = {name: store.hidden(each) for name, each in _secrets(folder, run).items()}
        order = _stage(folder, run)
        found = parsed(folder.process.read_text(encoding="utf-8"), run_policy(run))
        loading.settle(found.process, folder.path)
        found.report.begin(folder, run["job"], log)
        report = found.report
        order |= {name: secrecy.with_text(order[name], each) for name, each in secrets.items()}
        outputs = _execute(folder, run, order, found, store)
        return Outcome(outputs=_publish(folder, run, outputs), usage=report.usage())
    except (staging.StagingError, collect.CollectionError) as error:
        return _failed(report, error.reason, str(error))
    except (WorkflowException, ValidationException, BridgeError) as error:
        script = _script_error(error)
        if script is not None:
            return _failed(report, "expression-error", f"An expression can't be evaluated: {script}")
        return _failed(report, "run-refused", f"cwltool refused the run: {last_error.words or error}")
    except MemoryError:
        message = f"The run needed more than {MEMORY_BYTES >> 30} GiB of memory beside its containers."
        return _failed(report, "out-of-memory", message)
    except Exception as error:
        # The one place where anything may come up: the job has to end, and its log has to say why.
        _logger.exception("The runner failed")
        if _is_full(error):
            return _failed(report, _NO_SPACE.reason, _NO_SPACE.message)
        return _failed(report, "runner-error", f"The runner failed: {type(error).__name__}: {error}")
    finally:
        folder.remove_work()


def run_policy(run: JSON) -> Policy:
    """The policy in run.json."""
    written = run["policy"]
    return Policy(**{**written, "image_allow": tuple(written["image_allow"])})


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _script_error(error: BaseException) -> JavascriptException | None:
    """What the engine said of the expression that an error comes from."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, JavascriptException):
        cause = cause.__cause__ or cause.__context__
    return cause


def _failed(report: Report, reason: str, message: str) -> Outcome:
    return Outcome(failure=report.failure(reason, message), usage=report.usage())


def _log_to(log: RunLog) -> None:
    """cwltool's words, one line each with its level, in the job's log."""
    for handler, formatter in (
        (defaultStreamHandler, logging.Formatter("%(levelname)s %(message)s")),
        # It logs the stack of every expression that fails.
        (loghandler.defaultStreamHandler, WordsAlone("%(levelname)s %(message)s")),
    ):
        handler.setFormatter(formatter)
        handler.setStream(LogStream(log).as_text())


def _secrets(folder: JobFolder, run: JSON) -> dict[str, str]:
    try:
        return folder.secrets(run)
    except FileNotFoundError:
        message = "The secrets that the job was given are not there any more; execute the process again."
        raise staging.StagingError("secrets-lost", message) from None


def _stage(folder: JobFolder, run: JSON) -> JSON:
    allowed = Allowed(tuple(run["fetch_allow"]))
    given = Results(folder.path.parent, run["results"])
    client = download.Client(allowed, tuple(run["file_allow"]), _logger.info, tuple(run["store_allow"]), given)
    try:
        order = staging.Stager(folder.inputs, client, run["max_input"]).order(run["order"])
    except BaseException:
        # What nobody will use is not kept as long as the job is.
        shutil.rmtree(folder.inputs, ignore_errors=True)
        raise
    jobfolder.write_json(folder.order, order)
    words = ["cwltool", "--relax-path-checks", "--outdir", "OUTDIR"]
    if run["policy"]["default_container"]:
        words += ["--default-container", run["policy"]["default_container"]]
    line = shlex.join([*words, str(folder.process), str(folder.order)])
    jobfolder.write_text(folder.command, line + "\n")
    return order


def _execute(folder: JobFolder, run: JSON, order: JSON, parsed: Parsed, store: Store) -> JSON:
    report = parsed.report
    report.images = pins_from_json(run["images"])
    report.container = ContainerLimits(**run["container"])
    report.containers = runtimes.of(run["runtime"], report.container.runtime)
    # Where the operator says which images may run, their places are the operator's choice.
    report.registries = None if run["policy"]["image_allow"] else tuple(run["fetch_allow"])
    report.machine = (run["machine"]["cores"], run["machine"]["memory"])
    report.most_output = run["max_output"]
    report.expect(steps.leaves(parsed.process))
    context = loading.runtime_context(folder, run["policy"]["default_container"], report, store)
    context.select_resources = steps.resources_selector(report)
    outputs, status = SingleJobExecutor()(parsed.process, loading.numbers(order), context)
    if status != "success":
        raise WorkflowException(f"the run ended as {status}")
    return dict(outputs or {})


def _publish(folder: JobFolder, run: JSON, outputs: JSON) -> JSON:
    declared: list[str] = run["outputs"]
    partial = folder.work / "outputs"
    collector = collect.Collector(folder.room, partial, folder.outputs.name)
    found = collector.collect({name: outputs.get(name) for name in declared}, run["literals"])
    jobfolder.sync_all(partial)
    partial.rename(folder.outputs)
    return found


expressions.use()

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m cwl_bridge.runner JOB_FOLDER, with a line on standard input")
    # As in the warm process.
    os.chdir("/")
    sys.exit(main(sys.argv[1]))
