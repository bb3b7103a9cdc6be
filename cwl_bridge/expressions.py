"""JavaScript expressions of packages → JSON values, by an engine that knows no host.

In the place of cwltool's node, which runs on the host and lets a script out of its sandbox in a line. QuickJS has no
files, processes or network, and bounds what it can: memory, stack, the time of a script. Some of its own loops look at
no clock, and it is written in C; so it lives in a child process that may open nothing and ask the kernel for nothing
but memory (see `confinement`), and is killed when it does not answer in time. One child serves all evaluations of a
run, each in an engine of its own. Should a script ever get the better of it, all that it has then is the other end of
a socket: what comes from there is bounded in time and size, and is a value, an error, or nothing.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import logging
import math
import os
import re
import resource
import signal
import socket
import threading
import time
from contextlib import suppress
from typing import Any, NoReturn, cast

# Not `quickjs`: that starts a thread when it is imported, and who forks had better have one.
import _quickjs
from cwl_utils.errors import JavascriptException
from cwl_utils.sandboxjs import JSEngine, NodeJSEngine, set_js_engine
from cwl_utils.types import CWLOutputType

from cwl_bridge import confinement

#: Of processor time, for one evaluation.
CPU_SECONDS = 10.0
#: What the child gets beyond that before it is killed: normally the engine stops by itself, and says where.
GRACE_SECONDS = 0.5
#: By the clock, for the child of a machine that has much else to do; only one that looks at no clock needs it.
PATIENCE_SECONDS = 300.0
MEMORY_BYTES = 256 << 20
#: Of the 8 MiB that a process has.
STACK_BYTES = 4 << 20
#: expressionLib and expression; the inputs that cwltool writes before them are bounded by memory.
SOURCE_LENGTH = 256 << 10
RESULT_LENGTH = 16 << 20
#: What console.log() may say in one evaluation.
SAID_LENGTH = 10_000
#: Of a line that the child answers: each character of a result is at most six there.
ANSWER_BYTES = 7 * RESULT_LENGTH
_CHUNK_BYTES = 1 << 20

#: With the lines of its stack, which say where.
ERROR_LENGTH = 10_000
MESSAGE_LENGTH = 500
EXPRESSION_LENGTH = 200

#: Texts and nothing else, so that reading it makes no more than it is long.
_ANSWER = re.compile(rb'\{(?:(?:, )?"(?:result|error|said)": "(?:[^"\\\n]++|\\.)*+"){1,2}\}\n')
_LINE = re.compile(r"<input>:(\d+)")
#: What cwltool writes after expressionLib. No JSON has it, as JSON has no line breaks inside its strings.
_INPUTS = "\nvar inputs = "

#: Run before the package's code, so it holds the real JSON.stringify. Gives a function: of the result in an array,
#: its JSON; of nothing, the JSON of the text that was said.
_PRELUDE = """"use strict";
(function (room, most) {
  const stringify = JSON.stringify, text = String;
  let said = "";
  function show(value) {
    if (typeof value !== "object") return text(value);
    try { return stringify(value); } catch { return "object"; }
  }
  function log(...values) {
    if (said.length < room) said += values.map(show).join(" ") + "\\n";
  }
  globalThis.console = { log, debug: log, info: log, warn: log, error: log };
  return function (boxed) {
    if (boxed === undefined) return stringify(said);
    const value = boxed[0];
    if (value === undefined) return "null";
    const result = stringify(value);
    if (result === undefined) throw new TypeError("the result is a " + typeof value + ", which is no JSON");
    if (result.length > most) throw new RangeError("the result is too long");
    return result;
  };
})"""

_log = logging.getLogger("cwltool")


def use() -> None:
    """cwltool evaluates with this engine from now on, and never starts node."""
    if not confinement.is_known():
        _log.warning("what expressions may ask the kernel for is not limited on this kind of machine")
    set_js_engine(Engine())


class Engine(JSEngine):
    """Nothing is carried from one evaluation to the next."""

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._lock = threading.Lock()
        # Parameter references are no JavaScript; this class reads them in Python.
        self._references = NodeJSEngine()

    def eval(self, scan: str, jslib: str = "", timeout: float = CPU_SECONDS, *_: Any, **__: Any) -> CWLOutputType:
        """`scan`: what follows the dollar sign, an (expression) or a {function body}."""
        library = f"\n{jslib}".rpartition(_INPUTS)[0]
        if len(library) + len(scan) > SOURCE_LENGTH:
            raise JavascriptException(f"An expression and its expressionLib have at most {SOURCE_LENGTH} characters.")
        body = scan if scan.startswith("{") else f"{{return ({scan});}}"
        script = f'"use strict";\n{jslib}\n;[(function(){body})()]'
        limit = min(timeout, CPU_SECONDS)
        answer = self._ask({"script": script, "limit": limit})
        for line in answer.get("said", "")[:SAID_LENGTH].splitlines():
            _log.info("console: %s", _loggable(line))
        try:
            if "error" not in answer:
                result = json.loads(answer["result"], parse_float=_finite, parse_constant=_finite)
                return cast(CWLOutputType, result)
            problem = _explain(answer["error"], limit) + _place(answer["error"], library, jslib)
        except (ValueError, RecursionError):
            problem = "The result is nested too deeply, or is no JSON"
        shown = scan if len(scan) <= EXPRESSION_LENGTH else f"{scan[:EXPRESSION_LENGTH]}…"
        raise JavascriptException(_loggable(f"{problem}: ${shown}"))

    def regex_eval(
        self, parsed_string: str, remaining_string: str, current_value: CWLOutputType, **kwargs: Any
    ) -> CWLOutputType:
        return self._references.regex_eval(parsed_string, remaining_string, current_value, **kwargs)

    def _ask(self, question: dict[str, Any]) -> dict[str, str]:
        with self._lock:
            # A process that was forked meanwhile has a child of its own.
            if self._child is None or self._child.parent != os.getpid():
                self._child = _Child()
            answer = answer_of(self._child.ask(question))
            if answer is None:
                code, self._child = self._child.end(), None
                return {"error": "InternalError: interrupted" if code == -signal.SIGPROF else _ended(code)}
            return answer


def answer_of(line: bytes) -> dict[str, str] | None:
    """A result or an error, and what was said; None: nothing that the child of this module would answer."""
    try:
        found: dict[str, str] = json.loads(line) if _ANSWER.fullmatch(line) else {}
    except ValueError:
        return None
    return found if len(found.keys() & {"result", "error"}) == 1 else None


class _Child:
    """A process that evaluates; it lives as long as somebody holds the other end of its socket."""

    def __init__(self) -> None:
        self.parent = os.getpid()
        ours, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            _be_child(theirs)
        theirs.close()
        with ours:
            ours.settimeout(PATIENCE_SECONDS)
            self._stream = ours.makefile("rwb")

    def ask(self, question: dict[str, Any]) -> bytes:
        """A line; what is none: it has died, or is of no use any more."""
        ends = time.monotonic() + PATIENCE_SECONDS
        said = bytearray()
        try:
            self._stream.write(json.dumps(question).encode() + b"\n")
            self._stream.flush()
            while not said.endswith(b"\n") and len(said) <= ANSWER_BYTES and time.monotonic() < ends:
                piece = self._stream.read1(_CHUNK_BYTES)
                if not piece:
                    break
                said += piece
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return b""
        return bytes(said)

    def end(self) -> int:
        """Its exit code, or the signal that it died of, negative."""
        # One that has died already has its code.
        os.kill(self._pid, signal.SIGKILL)
        # What it did not read any more can't be flushed.
        with suppress(OSError):
            self._stream.close()
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def _be_child(connection: socket.socket) -> NoReturn:
    try:
        # Kept open, the runner's lock and log would outlive it here.
        os.dup2(connection.fileno(), 0)
        os.closerange(1, os.sysconf("SC_OPEN_MAX"))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        gc.freeze()
        with socket.socket(fileno=0) as kept, kept.makefile("rw", encoding="ascii") as stream:
            for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
                resource.setrlimit(which, (0, 0))
            os.environ.clear()
            # Its handlers ask for more than is allowed from here on.
            faulthandler.disable()
            if confinement.is_known():
                confinement.confine()
            for line in iter(stream.readline, ""):
                stream.write(json.dumps(_evaluate(**json.loads(line))) + "\n")
                stream.flush()
    finally:
        os._exit(0)


def _evaluate(script: str, limit: float) -> dict[str, Any]:
    signal.setitimer(signal.ITIMER_PROF, limit + GRACE_SECONDS)
    context = _quickjs.Context()
    context.set_memory_limit(MEMORY_BYTES)
    context.set_max_stack_size(STACK_BYTES)
    context.set_time_limit(limit)
    answer: dict[str, Any] = {}
    finish = context.eval(f"{_PRELUDE}({SAID_LENGTH}, {RESULT_LENGTH})")
    try:
        answer["result"] = finish(context.eval(script))
    except Exception as error:  # the engine's, or one of Python's about texts that are no Unicode
        answer["error"] = str(error)[:ERROR_LENGTH]
    try:
        answer["said"] = json.loads(finish())[:SAID_LENGTH]
    except Exception:
        answer["said"] = ""
    signal.setitimer(signal.ITIMER_PROF, 0)
    return answer


def _finite(text: str) -> float:
    """Raises ValueError: no engine writes other numbers."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _loggable(text: str) -> str:
    """Half a surrogate pair is no text that a log could hold."""
    return text.encode(errors="backslashreplace").decode()


def _explain(error: str, limit: float) -> str:
    match error.partition("\n")[0]:
        case "InternalError: interrupted":
            return f"It took longer than {limit:g} s"
        case "InternalError: out of memory":
            return f"It took more than {MEMORY_BYTES >> 20} MiB of memory"
        case "null":
            return f"null was thrown, as it is where not even an error fits into {MEMORY_BYTES >> 20} MiB of memory"
        case said:
            return said[:MESSAGE_LENGTH]


def _place(error: str, library: str, jslib: str) -> str:
    """Where the engine says that it was, in lines as the author of the package counts them."""
    found = _LINE.search(error)
    if found is None:
        return ""
    # The first line is "use strict".
    line = int(found[1]) - 1
    above = jslib.count("\n") + 1
    if line > above:
        return f" (line {line - above} of the expression)"
    return f" (line {line} of expressionLib)" if 0 < line <= library.count("\n") else ""


def _ended(code: int) -> str:
    return f"The engine ended with {signal.Signals(-code).name if code < 0 else code}"
