"""cwltool's classes, replaced where the server has to know or decide: documents, files, containers, outputs.

Together with `runner` and `checker` the only importer of cwltool, and only ever in a process of its own: it keeps
global caches and is not made for threads.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urldefrag, urlsplit

from cwltool.builder import Builder
from cwltool.command_line_tool import CommandLineTool
from cwltool.context import LoadingContext, RuntimeContext
from cwltool.docker import DockerCommandLineJob
from cwltool.errors import WorkflowException
from cwltool.job import JobBase
from cwltool.loghandler import _logger
from cwltool.process import Process
from cwltool.stdfsaccess import StdFsAccess
from cwltool.workflow import default_make_tool
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher

from cwl_bridge import containers, document, policy
from cwl_bridge.errors import BridgeError
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.policy import Policy

MISSING = "Did not find output file"

MESSAGE_LENGTH = 1000
MAX_SAID_BYTES = 10 * 1024 * 1024


@dataclass
class Report:
    """What the steps of one run have to say for its outcome; the first failure counts."""

    folder: JobFolder
    reason: str | None = None
    message: str | None = None
    step: str | None = None
    exit_code: int | None = None
    #: The last lines that the tool itself wrote to its standard error.
    tool_log: tuple[str, ...] = ()

    def fail(self, reason: str, message: str) -> None:
        if self.reason is None:
            self.reason, self.message = reason, message[:MESSAGE_LENGTH]


class OneDocumentFetcher(DefaultFetcher):
    """Reads the one document that was handed over, and nothing else on disk or network."""

    document: str

    def fetch_text(self, url: str, content_types: list[str] | None = None) -> str:
        if urldefrag(url)[0] != self.document:
            raise ValidationException(f"A document can't refer to others: {urlsplit(url).path.rpartition('/')[2]}")
        return str(super().fetch_text(url, content_types))

    def check_exists(self, url: str) -> bool:
        return urldefrag(url)[0] == self.document


class FolderFsAccess(StdFsAccess):
    """Sees the job folder only, links resolved."""

    root: str

    def _abs(self, path: str) -> str:
        absolute = str(super()._abs(path))
        real = os.path.realpath(absolute)
        if real != self.root and not real.startswith(self.root + os.sep):
            name = unquote(Path(absolute).name)
            raise WorkflowException(f"{name} is, or links to, a place outside the working directory")
        return absolute


def loading_context(path: Path, construct: Callable[..., Process] = default_make_tool) -> LoadingContext:
    """For loading one document that refers to nothing else."""
    fetcher = type("Fetcher", (OneDocumentFetcher,), {"document": path.as_uri()})
    return LoadingContext(
        {
            "fetcher_constructor": fetcher,
            "construct_tool_object": construct,
            "skip_schemas": True,
            "do_update": True,
            "disable_js_validation": True,
            # Names with blanks are ordinary; no shell reads them.
            "relax_path_checks": True,
        }
    )


def runtime_context(folder: Path, work: Path, default_container: str | None) -> RuntimeContext:
    """cwltool with every temporary place below `work`, outputs left where the tool wrote them."""
    for each in ("out", "tmp", "cid"):
        (work / each).mkdir(parents=True)
    access = type("FsAccess", (FolderFsAccess,), {"root": os.path.realpath(folder)})
    context = RuntimeContext(
        {
            "basedir": str(folder),
            "tmp_outdir_prefix": str(work / "out") + os.sep,
            "tmpdir_prefix": str(work / "tmp") + os.sep,
            "cidfile_dir": f"{work}/cid",
            "move_outputs": "leave",
            "rm_tmpdir": False,
            "compute_checksum": False,
            "default_container": default_container,
            "make_fs_access": access,
        }
    )
    context.find_default_container = lambda _builder: default_container
    return context


def constructor(allowed: Policy, report: Report | None = None, job_id: str = "") -> Callable[..., Process]:
    """What cwltool makes its process objects with. Without a report they are only validated."""

    def construct(loaded: Any, context: LoadingContext) -> Process:
        if isinstance(loaded, MutableMapping) and loaded.get("class") == "CommandLineTool":
            return Tool(loaded, context, allowed, report, job_id)
        return default_make_tool(loaded, context)

    return construct


class Tool(CommandLineTool):
    """A CommandLineTool that runs in a container and nowhere else, and reports how it ended."""

    def __init__(
        self, loaded: Any, context: LoadingContext, allowed: Policy, report: Report | None, job_id: str
    ) -> None:
        super().__init__(loaded, context)
        self.hints = cast(Any, policy.check_loaded(cast(Any, self.requirements), cast(Any, self.hints), allowed))
        self._report = report
        self._job_id = job_id

    def make_job_runner(self, context: RuntimeContext) -> type[JobBase]:
        chosen = super().make_job_runner(context)
        if not issubclass(chosen, DockerCommandLineJob):
            raise WorkflowException("This tool names no container image; nothing runs outside a container.")
        return cast(type[JobBase], partial(ContainerJob, self._job_id, cast(Report, self._report)))

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
        report = cast(Report, self._report)
        report.step = jobname
        if rcode != 0 and rcode not in self.tool.get("successCodes", []):
            report.exit_code = rcode
            last = report.tool_log[-1] if report.tool_log else ""
            report.fail("tool-failed", f"'{jobname}' ended with exit code {rcode}" + (f": {last}" if last else "."))
        try:
            _remove_special_files(Path(outdir))
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
            report = cast(Report, self._report)
            name = str(schema.get("id", "")).rpartition("#")[2].rpartition("/")[2]
            if MISSING in str(error):
                report.fail("output-missing", f"The output '{name}' is missing: the tool left no file for it.")
            else:
                report.fail("output-invalid", f"The output '{name}' can't be taken: {error}")
            raise


def _remove_special_files(outdir: Path) -> None:
    """FIFOs, sockets and devices: who opens one waits for ever."""
    for parent, _, names in os.walk(outdir):
        for name in names:
            path = Path(parent, name)
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
                _logger.warning("%s is no regular file; it is left out", name)
                path.unlink()


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


class ContainerJob(DockerCommandLineJob):
    """One `docker run`: labelled with the job, its image made sure of first, waited for without a pause."""

    def __init__(self, job_id: str, report: Report, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._job_id = job_id
        self._report = report

    def get_from_requirements(self, r: Any, *_: Any, **__: Any) -> str:
        reference = str(r.get("dockerPull") or r["dockerImageId"])
        if containers.has_image(reference):
            return reference
        if not containers.answers():
            self._report.fail("engine-unavailable", "The container engine does not answer.")
            raise WorkflowException("The container engine does not answer.")
        _logger.info("pulling the image %s", reference)
        try:
            containers.pull(reference)
        except containers.ImageUnavailableError as error:
            message = f"The image '{reference}' can't be pulled: {error}"
            self._report.fail("image-unavailable", message)
            raise WorkflowException(message) from error
        return reference

    def create_runtime(self, env: MutableMapping[str, str], context: RuntimeContext) -> tuple[list[str], str | None]:
        runtime, cidfile = super().create_runtime(env, context)
        return [*runtime, f"--label={containers.JOB_LABEL}={self._job_id}"], cidfile

    def docker_monitor(
        self,
        cidfile: str,
        tmpdir_prefix: str,
        cleanup_cidfile: bool,
        docker_exe: str,
        process: subprocess.Popen[str],
    ) -> None:
        """In the place of cwltool's, which sleeps a second before it looks: what is logged meanwhile is the tool's.

        The time limit is kept here: cwltool only signals the engine's client, and a tool may ignore that.
        """
        start = self._report.folder.log_size()
        try:
            process.wait(self.timelimit or None)
        except subprocess.TimeoutExpired:
            message = f"'{self.name}' ran longer than its limit of {self.timelimit} seconds."
            self._report.fail("time-limit", message)
            containers.remove_job_containers(self._job_id)
            process.wait()
        self._report.tool_log = self._report.folder.log_tail(start)
