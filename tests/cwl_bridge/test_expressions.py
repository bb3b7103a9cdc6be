"""JavaScript expressions → JSON values, and nothing else."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from cwl_utils import sandboxjs
from cwl_utils.errors import JavascriptException
from cwl_utils.expression import do_eval

from cwl_bridge import expressions
from cwl_bridge.expressions import CPU_SECONDS, Engine

#: A library as packages carry it: it finds the global object by `this`, and is used by a bare name.
LIBRARY = """
(function () {
  var root = this;
  var _ = function (value) { return _.chain(value); };
  _.chain = function (value) {
    return { map: function (f) { return _.chain(value.map(f)); }, value: function () { return value; } };
  };
  root._ = _;
}).call(this);
var double = function (x) { return 2 * x; };
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def used() -> Iterator[None]:
    before = sandboxjs.get_js_engine()
    expressions.use()
    yield
    sandboxjs.set_js_engine(before)


def _error(engine: Engine, scan: str, library: str = "", timeout: float = CPU_SECONDS) -> str:
    with pytest.raises(JavascriptException) as caught:
        engine.eval(scan, library, timeout)
    return str(caught.value)


def _child(engine: Engine) -> int:
    """The process that a fresh engine evaluates in."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = children.read_text(encoding="ascii").split()
    assert engine.eval("(1)") == 1
    (child,) = set(children.read_text(encoding="ascii").split()) - set(before)
    return int(child)


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        ("(1 + 1)", 2),
        ("{ return 1 + 1; }", 2),
        ("{ }", None),
        ("(undefined)", None),
        ("(null)", None),
        ("([NaN, Infinity, undefined, function () {}])", [None, None, None, None]),
        ("({a: 1, b: undefined})", {"a": 1}),
        ("(new Date(0))", "1970-01-01T00:00:00.000Z"),
        ("(0.1 + 0.2)", 0.30000000000000004),
        ("(2**31)", 2**31),
        ("(9007199254740993)", 9007199254740992),
        ("(2**63)", 9223372036854776000),
        ("(1e21)", 1e21),
        ("(-1e-7)", -1e-7),
        ("('Zürich 😀 \\u2028')", "Zürich 😀 \u2028"),
        ("('a\\u0000b')", "a\0b"),
        ("('\\ud800')", "\ud800"),
        ("('e\\u0301'.normalize('NFC') + /\\p{Lu}/u.test('É'))", "étrue"),
        ("('2020-01'.replace(/(?<y>\\d+)-(?<m>\\d+)/, '$<m>/$<y>'))", "01/2020"),
        ("([3, 1, 2].sort().map(x => `${x}`))", ["1", "2", "3"]),
    ],
)
def test_values(engine: Engine, scan: str, expected: Any) -> None:
    """The result is what JSON.stringify makes of it; undefined is null."""
    assert engine.eval(scan) == expected


@pytest.mark.usefixtures("used")
def test_through_cwltool() -> None:
    """cwltool's way in: parameter references, strings with expressions inside, expressionLib, inputs and runtime."""
    requirements: list[Any] = [{"class": "InlineJavascriptRequirement", "expressionLib": [LIBRARY]}]
    inputs: Any = {"n": 2**53 - 1, "text": "ä\ud800\0'\"\\\n</script>", "file": {"class": "File", "size": 7}}

    def evaluate(text: str) -> Any:
        return do_eval(text, inputs, requirements, "/out", "/tmp", {"cores": 2}, cwlVersion="v1.2")  # noqa: S108

    assert evaluate("$(inputs.file.size)") == 7
    assert evaluate("$(inputs.n - 1)") == 2**53 - 2
    assert evaluate("$([inputs.text])") == [inputs["text"]]
    assert evaluate("a-$(double(inputs.file.size))-$(runtime.cores).txt") == "a-14-2.txt"
    assert evaluate("${ return _([1, 2]).map(double).value(); }") == [2, 4]
    assert evaluate("$(self)") is None


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (
            "(inputs.a.b)",
            ["TypeError: cannot read property 'b' of undefined", "line 1 of the expression", "inputs.a.b"],
        ),
        ("{\n  var a = 1;\n  throw new Error('too ' + a);\n}", ["Error: too 1", "line 3 of the expression"]),
        ("(broken())", ["ReferenceError: nothing is not defined", "line 2 of expressionLib"]),
        ("(1 +)", ["SyntaxError", "line 1 of the expression"]),
        ("{ throw 'words'; }", ["words"]),
        ("{ throw null; }", ["null was thrown"]),
        ("{ undeclared = 1; }", ["ReferenceError"]),
        ("(1n)", ["TypeError", "BigInt"]),
        ("(function () {})", ["TypeError: the result is a function"]),
        ("{ var a = []; a[0] = a; return a; }", ["TypeError: circular reference"]),
        ("{ var a = []; for (var i = 0; i < 5000; i++) a = [a]; return a; }", ["nested too deeply"]),
        ("{ throw new Error('x'.repeat(1e6)); }", ["Error: xxx"]),
        ("('" + "x" * 300_000 + "')", ["at most 262144 characters"]),
    ],
)
def test_errors(engine: Engine, scan: str, words: list[str]) -> None:
    """They say what JavaScript says, and where, and are never long."""
    said = _error(
        engine, scan, 'function fine() {}\nfunction broken() { return nothing; }\nvar inputs = {\n    "n": 1\n};'
    )
    for each in words:
        assert each in said
    assert len(said) < 1000


def test_source_limit(engine: Engine) -> None:
    """expressionLib counts with the expression; what is passed in does not."""
    inputs = "var inputs = " + json.dumps({"text": "x" * 500_000}) + ";"
    assert engine.eval("(inputs.text.length)", inputs) == 500_000
    assert "at most" in _error(engine, "(1)", f"/*{'x' * 300_000}*/\n{inputs}")


@pytest.mark.parametrize(
    "scan",
    [
        "{ while (true) {} }",
        "{ for (;;) { try { for (;;); } catch (e) {} } }",
        "({ get a() { for (;;); } })",
        "({ toJSON() { for (;;); } })",
        "(/^(a+)+$/.test('a'.repeat(50) + 'b'))",
        # The engine looks at no clock in these.
        "{ throw { toString() { for (;;); } }; }",
        "(Array.prototype.reverse.call({ length: 2**53 - 1 }))",
        "{ var a = []; for (;;) { try { a.push(new Array(1e6).fill(1.5)); } catch (e) { a = []; } } }",
    ],
)
def test_time_limit(engine: Engine, scan: str) -> None:
    """Whatever runs on is stopped, and the next evaluation does not notice."""
    assert "longer than 0.2 s" in _error(engine, scan, timeout=0.2)
    assert engine.eval("(1)") == 1


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        ("{ var a = []; for (;;) a.push(new Uint8Array(1 << 24)); }", "memory"),
        ("{ var a = []; for (;;) a.push({ a: [1.5] }); }", "memory"),
        ("{ var s = 'x'; for (;;) s += s; }", "string too long"),
        ("('x'.repeat(2**28))", "memory"),
        ("('x'.repeat(2**25))", "the result is too long"),
        ("((function f() { return f() + 1; })())", "Maximum call stack size exceeded"),
        ("{ var a = []; for (var i = 0; i < 1e5; i++) a = [a]; return a; }", "Maximum call stack size exceeded"),
        ("(new Function('('.repeat(1e5)))", "Maximum call stack size exceeded"),
        ("(2n ** (10n ** 9n))", "BigInt is too large"),
        ("(Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0))", "cannot block"),
    ],
)
def test_memory_and_stack_limits(engine: Engine, scan: str, words: str) -> None:
    """They are errors of the one evaluation."""
    assert words in _error(engine, scan)
    assert engine.eval("(1)") == 1


def test_recursion_of_ordinary_depth(engine: Engine) -> None:
    assert engine.eval("((function f(n) { return n ? 1 + f(n - 1) : 0; })(2000))") == 2000


@pytest.mark.parametrize(
    "name",
    ["require", "process", "module", "std", "os", "fetch", "load", "print", "scriptArgs", "setTimeout", "WebAssembly"],
)
def test_no_host(engine: Engine, name: str) -> None:
    """No way leads to an object of the host: not by name, nor by a function made from text."""
    assert engine.eval(f"(typeof {name})") == "undefined"
    assert engine.eval(f"(typeof globalThis[{name!r}])") == "undefined"
    assert engine.eval(f"(console.log.constructor('return typeof {name}')())") == "undefined"
    assert engine.eval(f"(this === undefined && (0, eval)('typeof {name}'))") == "undefined"


@pytest.mark.parametrize("name", ["fs", "std", "os", "qjs:std", "file:///etc/passwd", "/etc/passwd"])
def test_no_modules(engine: Engine, name: str) -> None:
    """An import is a promise that nobody keeps."""
    assert engine.eval(f"(import({name!r}))") == {}
    assert "SyntaxError" in _error(engine, f"{{ import * as x from {name!r}; }}")


def test_child_has_no_rights() -> None:
    """Whoever would break the engine could open nothing: the process has one file and may have no more."""
    engine = Engine()
    child = _child(engine)
    assert os.listdir(f"/proc/{child}/fd") == ["0"]  # noqa: PTH208
    limits = Path(f"/proc/{child}/limits").read_text(encoding="ascii").splitlines()
    for each in ("Max open files", "Max processes", "Max file size"):
        (line,) = (line for line in limits if line.startswith(each))
        assert line.removeprefix(each).split()[:2] == ["0", "0"]


def test_child_is_confined() -> None:
    """It is confined before it has read the first script."""
    status = Path(f"/proc/{_child(Engine())}/status").read_text(encoding="utf-8")
    assert "Seccomp:\t2\n" in status
    assert "NoNewPrivs:\t1\n" in status


def test_child_that_dies() -> None:
    """An engine that crashes is an error of one evaluation, and another one takes over."""
    engine = Engine()
    os.kill(_child(engine), signal.SIGSEGV)
    assert "SIGSEGV" in _error(engine, "(1)")
    assert engine.eval("(2)") == 2


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\n", b"1\n", b"[]\n", b"{}\n", b"null\n", b"{\n", b"\xff\n", b'{"result": "1", "said": ""}'),
        *(b'{"result": 1, "said": ""}\n', b'{"said": ""}\n', b'{"error": null}\n', b'{"result": "1", "error": ""}\n'),
        *(b'{"result": "1"}\n{"result": "2"}\n', b'{"result": "1"}' + b" " * 99 + b"\n", b'{"other": "1"}\n'),
        b'{"result": "\\x"}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_answers_that_are_none(line: bytes) -> None:
    """What a child says that somebody else has taken over is no answer, and does not last long in memory."""
    assert expressions.answer_of(line) is None


@pytest.mark.parametrize("result", ["NaN", "-Infinity", "1e999", "", "[", "nul", "1 2", "[" * 100_000])
def test_results_that_are_none(engine: Engine, monkeypatch: pytest.MonkeyPatch, result: str) -> None:
    """No value that JSON does not have comes out of an evaluation, whoever says so."""
    monkeypatch.setattr(engine, "_ask", lambda _: {"result": result})

    assert "no JSON" in _error(engine, "(1)")


@pytest.mark.parametrize("does", ["says nothing", "says no line", "does not read"])
def test_a_child_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """It is ended when patience with it is, or when it has said more than any answer has."""

    def be_somebody_else(connection: socket.socket) -> NoReturn:
        while does != "does not read" and connection.recv(1 << 20)[-1:] != b"\n":
            pass
        with contextlib.suppress(OSError):
            while does == "says no line":
                connection.sendall(b"x" * (1 << 20))
        signal.pause()
        os._exit(0)

    monkeypatch.setattr(expressions, "_be_child", be_somebody_else)
    monkeypatch.setattr(expressions, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(expressions, "ANSWER_BYTES", 10 << 20)

    assert "SIGKILL" in _error(Engine(), "(1)", f"/*{'x' * 200_000}*/\nvar inputs = {json.dumps('x' * 3_000_000)};")


def test_isolation(engine: Engine) -> None:
    """Nothing is carried from one evaluation to the next, whatever the first does to what all share."""
    spoil = """{
        globalThis.left = 1;
        Object.prototype.left = 2;
        Array.prototype.map = JSON.stringify = JSON.parse = String = function () { return "spoilt"; };
        Array.prototype.push = Array.prototype.join = String.prototype.slice = function () { throw 1; };
        Object.prototype.toJSON = function () { return "spoilt"; };
        Object.defineProperty(Array.prototype, "0", { set: function () { throw 1; } });
        Object.freeze(Object.prototype);
        return [1];
    }"""
    assert engine.eval(spoil) == "spoilt"
    assert engine.eval("([typeof left, typeof {}.left, [1].map(String), JSON.stringify({})])") == [
        "undefined",
        "undefined",
        ["1"],
        "{}",
    ]


@pytest.mark.parametrize(
    "scan",
    [
        "{ JSON.stringify = function () { return '7'; }; return 1; }",
        "{ globalThis.JSON = null; return 1; }",
        "{ JSON.stringify = function () { for (;;); }; return 1; }",
        "{ Array = String = TypeError = undefined; return 1; }",
    ],
)
def test_redefined_stringify(engine: Engine, scan: str) -> None:
    """Results are written by the engine's own JSON.stringify."""
    assert engine.eval(scan) == 1


def test_code_around_the_wrapper(engine: Engine) -> None:
    """Text that closes the brackets around it says what its own result is, and no more."""
    assert engine.eval("{return 1}, function(){return 2})()]; ([3]); //") == 3
    assert engine.eval("{return 1})()]; 5; //") is None
    assert "TypeError" in _error(engine, "{return 1})()]; null; //")


def test_console(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """What a package says goes to the log, also before an error, and not without end."""
    caplog.set_level(logging.INFO, "cwltool")
    said = "{ console.log('a', 1, {b: [2]}, undefined, 3n); console.error('ä\\ud800'); throw new Error('x'); }"
    assert "Error: x" in _error(engine, said)
    assert caplog.messages == ['console: a 1 {"b":[2]} undefined 3', "console: ä\\ud800"]
    caplog.clear()
    assert engine.eval("{ for (var i = 0; i < 1e4; i++) console.log('x'.repeat(99)); return i; }") == 10_000
    assert sum(map(len, caplog.messages)) < 2 * expressions.SAID_LENGTH
    caplog.clear()
    spoilt = "{ Array.prototype.join = function () { return 'x'.repeat(1e7); }; console.log(); return 1; }"
    assert engine.eval(spoilt) == 1
    assert engine.eval("{ Object.prototype.toJSON = function () { return 5; }; console.log({}); return 1; }") == 1
    assert sum(map(len, caplog.messages)) < 2 * expressions.SAID_LENGTH


def test_one_process_for_many() -> None:
    """A scatter evaluates hundreds of them."""
    engine = Engine()
    child = _child(engine)
    for each in range(100):
        assert engine.eval(f"({each})") == each
    assert str(child) in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


def test_processes_that_fork(engine: Engine) -> None:
    """A fork asks a child of its own, so nobody reads another's answer."""
    assert engine.eval("(1)") == 1
    pid = os.fork()
    if pid == 0:
        os._exit(0 if all(engine.eval(f"({each})") == each for each in range(100)) else 1)
    assert all(engine.eval(f"({-each})") == -each for each in range(100))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.usefixtures("used")
def test_node_is_never_started() -> None:
    """What cwltool would hand to node itself is refused."""
    with pytest.raises(NotImplementedError):
        sandboxjs.exec_js_process("1")
