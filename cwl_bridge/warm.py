"""The warm process: `python -m cwl_bridge.warm`, with a socket to its server as standard input.

It has imported cwltool and built its schemas, keeps parsed documents, and forks a child for each run or validation:
what takes a fresh process a second takes a child some milliseconds. It has one thread, and ends with its server;
its children don't: a run belongs to its job folder.

A message is one packet: {"id", "do": "run", "folder"}, {"id", "do": "check"} or {"id", "do": "reduce"} with the child's
standard input, output and error; the answers are {"id", "pid"} with a pidfd, and {"ended": pid, "code"}. The first
message of all is {"ready": true}.
"""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import select
import signal
import socket
import sys
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cwltool import process as cwltool_process

from cwl_bridge import checker, loading, ontology, runner
from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.policy import CWL_VERSIONS, Policy
from cwl_bridge.runner import Parsed
from registry.models import JSON

MESSAGE_BYTES = 1 << 16
CHILD_FILES = 3

#: Parsed documents that are kept.
MOST_PARSED = 64

#: Characters. Larger ones are parsed in the child that runs them: nobody else has to wait for that.
LARGEST_PARSED = 1 << 15

#: What a child ends with that could not even begin.
BROKEN = 70

_CHECKS = {"check": checker.main, "reduce": ontology.main}

_log = logging.getLogger("cwl_processes.warm")

_SMALLEST = "{cwlVersion: %s, class: CommandLineTool, baseCommand: 'true', inputs: {}, outputs: {}}"


class Cache:
    """Parsed documents by their bytes and the policy they were held against."""

    def __init__(self) -> None:
        self._parsed: OrderedDict[tuple[str, Policy], Parsed] = OrderedDict()

    def get(self, text: str, allowed: Policy) -> Parsed:
        key = (hashlib.sha256(text.encode()).hexdigest(), allowed)
        if key not in self._parsed:
            self._parsed[key] = runner.parse(text, allowed)
            if len(self._parsed) > MOST_PARSED:
                self._parsed.popitem(last=False)
                gc.unfreeze()
            _settle()
        self._parsed.move_to_end(key)
        return self._parsed[key]


def _settle() -> None:
    """What lives now is no garbage: a child that collects its own need not touch, and so copy, it."""
    gc.collect()
    gc.freeze()


def build_schemas(text: str) -> None:
    """Of each version that a text names, once, by loading a real document of it: its children need not build any."""
    missing = [each for each in CWL_VERSIONS if each in text and each not in cwltool_process.SCHEMA_CACHE]
    if not missing:
        return
    level = logging.getLogger("cwltool").level
    logging.getLogger("cwltool").setLevel(logging.ERROR)
    # Nothing of a schema is garbage: looking for some takes a tenth of the time.
    gc.disable()
    for version in missing:
        loading.load(_SMALLEST % version)
        if version not in cwltool_process.SCHEMA_CACHE:
            raise AssertionError(f"cwltool did not keep the schema of {version}")
    gc.enable()
    logging.getLogger("cwltool").setLevel(level)
    _settle()


class Forker:
    def __init__(self, server: socket.socket) -> None:
        self._server = server
        self._parsed = Cache()

    def serve(self) -> None:
        """Until the server has closed its end."""
        wake_reader, wake_writer = os.pipe()
        for each in (wake_reader, wake_writer):
            os.set_blocking(each, False)
        signal.set_wakeup_fd(wake_writer)
        # A handler of Python's own, or no byte would be written to the pipe.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([self._server.fileno(), wake_reader], [], [])
            if wake_reader in ready:
                os.read(wake_reader, MESSAGE_BYTES)
                self._reap()
            if self._server.fileno() in ready and not self._answer():
                return

    def _answer(self) -> bool:
        body, files, _, _ = socket.recv_fds(self._server, MESSAGE_BYTES, CHILD_FILES)
        if not body:
            return False
        message = json.loads(body)
        act = self._run(message["folder"]) if message["do"] == "run" else self._check(message["do"], files[0])
        pid = os.fork()
        if pid == 0:
            self._be_child(files, act)
        for each in files:
            os.close(each)
        # Not reaped yet: the number can't be another's.
        pidfd = os.pidfd_open(pid)
        self._send({"id": message["id"], "pid": pid}, [pidfd])
        os.close(pidfd)
        return True

    @staticmethod
    def _check(what: str, given: int) -> Callable[[], int]:
        if what == "check":
            # Without moving on in it: the child reads it from its beginning.
            build_schemas(os.pread(given, os.fstat(given).st_size, 0).decode(errors="replace"))
        return _CHECKS[what]

    def _run(self, path: str) -> Callable[[], int]:
        """Parsed here, for all runs to come; what can't be parsed says so in the child, where the job's log is."""
        folder = JobFolder(Path(path))
        parsed: Callable[[str, Policy], Parsed] = self._parsed.get
        try:
            run = json.loads(folder.run.read_text(encoding="utf-8"))
            text = folder.process.read_text(encoding="utf-8")
            build_schemas(text)
            if len(text) > LARGEST_PARSED:
                return lambda: runner.main(path)
            self._parsed.get(text, runner.run_policy(run))
        except Exception:
            _log.exception("a document can't be parsed")
            parsed = runner.parse
        return lambda: runner.main(path, parsed)

    def _be_child(self, files: list[int], act: Callable[[], int]) -> None:
        """Never returns."""
        code = BROKEN
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._server.close()
            for standard, each in enumerate(files):
                os.dup2(each, standard)
                os.close(each)
            code = act()
            sys.stdout.flush()
        except BaseException:
            _log.exception("a child failed")
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._send({"ended": pid, "code": os.waitstatus_to_exitcode(status)}, [])

    def _send(self, message: JSON, files: list[int]) -> None:
        socket.send_fds(self._server, [json.dumps(message).encode()], files)


def main() -> None:
    # Messages name places relative to the working folder: it is the same for all.
    os.chdir("/")
    # Not for the root: what a child logs belongs in its job's log alone.
    words = logging.StreamHandler()
    words.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    _log.addHandler(words)
    # The server's end is standard input only until now: a child gets its own.
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as server:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, sys.stdin.fileno())
        os.close(null)
        # Where the server is stopped meanwhile, nobody is left to be told.
        with suppress(BrokenPipeError):
            build_schemas(max(CWL_VERSIONS))
            server.send(json.dumps({"ready": True}).encode())
            Forker(server).serve()


if __name__ == "__main__":
    main()
