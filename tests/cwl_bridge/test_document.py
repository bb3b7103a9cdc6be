"""The strict reader of JSON and YAML, and the writer of documents."""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
import yaml
from cwltool.builder import Builder
from ruamel.yaml import YAML
from schema_salad.utils import yaml_no_ts

from cwl_bridge import document
from cwl_bridge.errors import BridgeError, InvalidDocumentError, TooComplexError
from tests.cwl_bridge.cases import case

Reader = Callable[[bytes], Any]


def _by_cwltool(text: str) -> Any:
    """As cwltool reads a document: ruamel.yaml, YAML 1.2, without dates."""
    reader: YAML = yaml_no_ts()
    return _plain(reader.load(text))


def _plain(value: Any) -> Any:
    """Python's own types in the place of ruamel's, which remember how each value was written."""
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * depth + closing * depth).encode()


def _refused(reader: Reader, body: bytes, error: type[BridgeError], words: str) -> BridgeError:
    with pytest.raises(BridgeError, match=words) as caught:
        reader(body)
    assert type(caught.value) is error
    # Whatever it is, it stands somewhere.
    assert all(each.line and each.column for each in caught.value.errors)
    assert caught.value.errors
    return caught.value


JSON_VALUES: list[tuple[bytes, Any]] = [
    (b"{}", {}),
    (b" [1, -0.5, 1e3, true, null] ", [1, -0.5, 1000.0, True, None]),
    (b"9223372036854775807", 2**63 - 1),
    (b"-9223372036854775808", -(2**63)),
    (b'"\\ud83d\\udd7a"', "🕺"),
    ("\ufeff[1]".encode(), [1]),
    ('"Zürich\u2028"'.encode(), "Zürich\u2028"),
    (b'"\\u001f\\n"', "\x1f\n"),
    (b'{"a": {"a": {"a": 1}}}', {"a": {"a": {"a": 1}}}),
    (b'{"__proto__": 1, "": 2, "$ref": 3}', {"__proto__": 1, "": 2, "$ref": 3}),
    (b"5e-324", 5e-324),
    (b"1e-999", 0.0),
    (_nested(document.MAX_DEPTH), json.loads(_nested(document.MAX_DEPTH))),
]


@pytest.mark.parametrize(("body", "expected"), JSON_VALUES)
def test_read_json(body: bytes, expected: Any) -> None:
    """JSON is read with all bits of its numbers and all characters of its texts."""
    found = document.read_json(body)
    assert found == expected
    assert type(_plain(found)) is type(expected)


JSON_REFUSALS = {
    "empty": (b"", InvalidDocumentError, "line 1, column 1"),
    "truncated": (b'{"a": [1,', InvalidDocumentError, "line 1, column"),
    "two values": (b"{} {}", InvalidDocumentError, "Extra data"),
    "trailing comma": (b"[1,]", InvalidDocumentError, "not valid JSON"),
    "single quotes": (b"{'a': 1}", InvalidDocumentError, "not valid JSON"),
    "comment": (b"[1] // one", InvalidDocumentError, "not valid JSON"),
    "duplicate names": (b'{"a": 1, "b": 2, "a": 1}', InvalidDocumentError, "'a' stands twice"),
    "nested duplicate names": (b'[{"x": {"a": 1, "a": 2}}]', InvalidDocumentError, "'a' stands twice"),
    "names equal once unescaped": (b'{"a": 1, "\\u0061": 2}', InvalidDocumentError, "'a' stands twice"),
    "NaN": (b'{"a": NaN}', InvalidDocumentError, "NaN is no JSON number"),
    "Infinity": (b"[Infinity]", InvalidDocumentError, "Infinity is no JSON number"),
    "-Infinity": (b"[-Infinity]", InvalidDocumentError, "-Infinity is no JSON number"),
    "float out of range": (b"[1e999]", InvalidDocumentError, "1e999 is out of range"),
    "negative float out of range": (b"[-1e999]", InvalidDocumentError, "-1e999 is out of range"),
    "5000 digits": (b"1" * 5000, InvalidDocumentError, "digits"),
    "lone high surrogate": (b'["\\ud800"]', InvalidDocumentError, "lone surrogate"),
    "lone low surrogate in a name": (b'{"\\udc00": 1}', InvalidDocumentError, "lone surrogate"),
    "surrogates in the wrong order": (b'["\\udd7a\\ud83d"]', InvalidDocumentError, "lone surrogate"),
    "NUL": (b'["a\\u0000b"]', InvalidDocumentError, "NUL"),
    "NUL in a name": (b'{"a\\u0000b": 1}', InvalidDocumentError, "NUL"),
    "raw control character": (b'["a\x01"]', InvalidDocumentError, "control character"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), InvalidDocumentError, "not UTF-8"),
    "UTF-16 without a mark": ('{"ä": 1}'.encode("utf-16-le"), InvalidDocumentError, "not UTF-8"),
    "UTF-32": ('{"a": 1}'.encode("utf-32"), InvalidDocumentError, "not UTF-8"),
    "ISO-8859-1": ('{"a": "ä"}'.encode("iso-8859-1"), InvalidDocumentError, "not UTF-8"),
    "overlong UTF-8": (b'"\xc0\xaf"', InvalidDocumentError, "not UTF-8"),
    "one level too deep": (_nested(document.MAX_DEPTH + 2), TooComplexError, "deeper than 64"),
    "100000 arrays deep": (_nested(100_000), TooComplexError, "deeper than 64"),
    "100000 objects deep": (_nested(100_000, '{"a":', "}")[:-100_000], TooComplexError, "deeper than 64"),
    "too many values": (b"[" + b"1," * document.MAX_NODES + b"1]", TooComplexError, "more than 50000"),
}


@pytest.mark.parametrize(("body", "error", "words"), JSON_REFUSALS.values(), ids=JSON_REFUSALS)
def test_read_json_refuses(body: bytes, error: type[BridgeError], words: str) -> None:
    """What two readers could take for different things, or none can take at all, is refused with a reason."""
    _refused(document.read_json, body, error, words)


@pytest.mark.parametrize(
    ("size", "body"),
    [
        (document.MAX_NODES, b"[" + b"1," * (document.MAX_NODES - 2) + b"1]"),
        (document.MAX_NODES, b"[" + b"[],\n" * (document.MAX_NODES - 2) + b"{ }]"),
        (document.MAX_NODES - 1, b"[" + b'{"a": "[,{\\"[,"},' * ((document.MAX_NODES - 4) // 2) + b'{"a": 1}]'),
    ],
    ids=["numbers", "empty ones", "objects"],
)
def test_as_many_values_as_may_be(size: int, body: bytes) -> None:
    """Neither names nor what stands in texts are counted."""
    read = document.read_json(body)
    assert 1 + len(read) + sum(len(each) for each in read if isinstance(each, dict)) == size


HUGE = 10_000_000


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[" + b"1," * (HUGE // 2) + b"1]", TooComplexError),
        (b"[" + b"[]," * (HUGE // 3) + b"1]", TooComplexError),
        (b"[" * HUGE, TooComplexError),
        (b'{"":[' * (HUGE // 5), TooComplexError),
        (b'""' * (HUGE // 2), InvalidDocumentError),
        (b"[]" * (HUGE // 2), InvalidDocumentError),
        (b'\\"' * (HUGE // 2), InvalidDocumentError),
        (b'["' + b'\\"' * (HUGE // 2), InvalidDocumentError),
        (b"[" + b" " * HUGE, InvalidDocumentError),
    ],
    ids=lambda given: given[:8].decode() if isinstance(given, bytes) else "",
)
def test_a_huge_body_is_refused_at_once(body: bytes, error: type[BridgeError]) -> None:
    """Nothing is made of a text before it is counted, and counting goes through it once."""
    begun = time.process_time()
    with pytest.raises(error):
        document.read_json(body)
    assert time.process_time() - begun < 3


def test_many_names() -> None:
    """The name that stands twice is found among all that an object may have."""
    names = "".join(f'"{number}": 1, ' for number in range(30_000))
    begun = time.process_time()
    with pytest.raises(InvalidDocumentError, match="'x' stands twice"):
        document.read_json(f'{{{names} "x": 1, "x": 1}}'.encode())
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("reader", "body", "expected"),
    [
        (document.read_json, b'{"a/b": [{"~": "\\u0000"}]}', "/a~1b/0/~0"),
        (document.read_json, b'{"a": {"\\ud800": 1}}', "/a"),
        (document.read_yaml, b'a:\n  - "\\0"\n', "/a/0"),
    ],
)
def test_unusable_text_is_pointed_at(reader: Reader, body: bytes, expected: str) -> None:
    """The error names the place of a text that no tool can be given."""
    error = _refused(reader, body, InvalidDocumentError, "NUL or a lone surrogate")
    assert [each.pointer for each in error.errors] == [expected]


@pytest.mark.parametrize(
    ("reader", "body", "place"),
    [
        (document.read_json, b'{"a": 1,\n\t"b": }', (2, 7)),
        (document.read_json, b'{"a": "}{",\n "b": [{"c": 1}, {"c": 1,\n "\\u0063": 2}]}', (3, 2)),
        (document.read_json, b'{"a": "NaN",\n "b": NaN}', (2, 7)),
        (document.read_json, b'["-1e999",\n  -1e999]', (2, 3)),
        (document.read_json, b"[\n" * 70 + b"]" * 70, (66, 1)),
        (document.read_json, b"[\n" + b"1,\n" * document.MAX_NODES + b"1]", (document.MAX_NODES + 1, 1)),
        (document.read_json, b'{"a": 1,\n"b\xff": 1}', (2, 3)),
        (document.read_yaml, b"a: 1\n\tb: 1\n", (2, 1)),
        (document.read_yaml, "é: 1\nü: \x07\n".encode(), (2, 4)),
        (document.read_yaml, "é: 1\nü: {x: 1, x: 2}\n".encode("iso-8859-1"), (2, 11)),
        (document.read_yaml, b'a:\n  - "\\0"\n', (2, 5)),
    ],
)
def test_a_flaw_has_a_line_and_a_column(reader: Reader, body: bytes, place: tuple[int, int]) -> None:
    """Both from 1, in characters."""
    with pytest.raises(BridgeError) as caught:
        reader(body)
    assert [(each.line, each.column) for each in caught.value.errors] == [place]


SCALARS = [
    *("012", "08", "0777", "0o17", "0x1F", "0xff", "0o8", "0xg", "+12", "-7", "0", "-0"),
    *("1.5", "1.", ".5", "+.5", "-.5", "0.", "1e3", "1E3", "1e+3", "1.5E-3", "12e03", "1e"),
    *("1.2.3"),
    *("true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "yes", "Yes", "no", "off", "on"),
    *("y", "n", "null", "Null", "NULL", "nULL", "~", "Nul"),
    *(
        "1:30",
        "190:20:30",
        "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "1-2",
        "a",
        "b:c",
        "--",
        "-a",
        "+a",
        ".",
        ".a",
    ),
    *("a.b"),
    *("9223372036854775807", "123456789012345678901234567890", "5e-324", "1.7976931348623157e308"),
]


@pytest.mark.parametrize(
    "scalar",
    [
        *SCALARS,
        *(case(each) for each in ("1_000", "1__0", "0b11", "-0x1F", "+0o7", "._1")),
        case(".5e3"),
    ],
)
def test_scalars_are_read_as_cwltool_reads_them(scalar: str) -> None:
    """One plain scalar is the same value to this reader and to cwltool's own."""
    text = f"a: {scalar}\n"
    assert repr(document.read_yaml(text.encode())) == repr(_by_cwltool(text))


YAML_VALUES = {
    "JSON": (b'{"a": [1, "b", null, true, 0.5]}', {"a": [1, "b", None, True, 0.5]}),
    "empty value": (b"a:\n", {"a": None}),
    "byte order mark": ("\ufeffa: 1\n".encode(), {"a": 1}),
    "explicit document": (b"%YAML 1.2\n---\na: yes\n...\n", {"a": "yes"}),
    "quoted": (b"a: '1'\nb: \"true\"\n", {"a": "1", "b": "true"}),
    "block": (b"a: |\n  x\n   y\nb: >-\n  x\n  y\n", {"a": "x\n y\n", "b": "x y"}),
    "alias": (b"a: &x {b: [1]}\nc: *x\n", {"a": {"b": [1]}, "c": {"b": [1]}}),
    "ISO-8859-1": ("a: Zürich\n".encode("iso-8859-1"), {"a": "Zürich"}),
    "standard tag": (b"a: !!str 1\n", {"a": "1"}),
    "shebang": (b"#!/usr/bin/env cwl-runner\na: 1\n", {"a": 1}),
    "emoji": ("a: 🕺\nb: '\\x'\n".encode(), {"a": "🕺", "b": "\\x"}),
    "CRLF": (b"a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
}


@pytest.mark.parametrize(("body", "expected"), YAML_VALUES.values(), ids=YAML_VALUES)
def test_read_yaml(body: bytes, expected: Any) -> None:
    """One YAML document is read, JSON included, in UTF-8 or in what old clients send."""
    assert document.read_yaml(body) == expected


BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n".encode()
    for before, name in zip("abcdef", "bcdefg", strict=True)
)

YAML_REFUSALS: list[Any] = [
    pytest.param(body, error, words, id=name)
    for name, (body, error, words) in {
        "empty": (b"", InvalidDocumentError, "has no YAML document"),
        "only a comment": (b"# nothing\n", InvalidDocumentError, "has no YAML document"),
        "truncated": (b"a: [1, {b: 'c", InvalidDocumentError, "line 1, column"),
        "tab as indent": (b"a:\n\t- b\n", InvalidDocumentError, "line 2, column 1"),
        "two documents": (b"a: 1\n---\nb: 2\n", InvalidDocumentError, "a second YAML document"),
        "three documents": (b"--- 1\n--- 2\n--- 3\n", InvalidDocumentError, "a second YAML document"),
        "text after the end": (b"a: 1\n...\nb: 2\n", InvalidDocumentError, "line 3"),
        "duplicate names": (b"a: 1\nb: 2\na: 1\n", InvalidDocumentError, r"'a' stands twice in one object.* line 3"),
        "nested duplicate names": (b"x: [{a: 1, a: 2}]\n", InvalidDocumentError, "'a' stands twice"),
        "names equal once unquoted": (b'a: 1\n"\\x61": 2\n', InvalidDocumentError, "'a' stands twice"),
        "number as name": (b"1: a\n", InvalidDocumentError, "the name 1 is not a string, at line 1, column 1"),
        "null as name": (b"~: a\n", InvalidDocumentError, "the name None"),
        "boolean as name": (b"true: a\n", InvalidDocumentError, "the name True"),
        "list as name": (b"? [a]\n: b\n", InvalidDocumentError, "is not a string"),
        "object as name": (b"? {a: 1}\n: b\n", InvalidDocumentError, "is not a string"),
        "NUL": (b'a: "\\0"\n', InvalidDocumentError, "NUL"),
        "raw NUL": (b"a: \0\n", InvalidDocumentError, "not valid YAML"),
        "raw control character": (b"a: \x01\n", InvalidDocumentError, "not valid YAML"),
        "lone surrogate": (b'a: "\\ud800"\n', InvalidDocumentError, "Unicode"),
        "float out of range": (b"a: 1e999\n", InvalidDocumentError, "1e999 is out of range"),
        "5000 digits": (b"a: " + b"1" * 5000, InvalidDocumentError, "digits"),
        "5000 hexadecimal digits": (b"a: 0x" + b"f" * 5000, InvalidDocumentError, "digits"),
        "tag of a number": (b"a: !!int 1\n", InvalidDocumentError, "has a tag"),
        "tag of infinity": (b"a: !!float inf\n", InvalidDocumentError, "has a tag"),
        "python object": (b"a: !!python/object/apply:os.getpid []\n", InvalidDocumentError, "tag"),
        "python name": (b"a: !!python/name:os.system\n", InvalidDocumentError, "tag"),
        "python tuple": (b"a: !!python/tuple [1]\n", InvalidDocumentError, "tag"),
        "own tag": (b"a: !include /etc/passwd\n", InvalidDocumentError, r"a tag, '!include'.* at line 1, column 4"),
        "tag of a list on an object": (b"a: !!seq {b: c}\n", InvalidDocumentError, "has a tag"),
        "undefined alias": (b"a: *x\n", InvalidDocumentError, "undefined alias"),
        "UTF-16": ("a: 1\n".encode("utf-16"), InvalidDocumentError, "not UTF-8"),
        "UTF-16 without a mark": ("a: ä\n".encode("utf-16-le"), InvalidDocumentError, "not UTF-8|not valid YAML"),
        "UTF-32": ("a: 1\n".encode("utf-32"), InvalidDocumentError, "not UTF-8"),
        "alias bomb": (BOMB, TooComplexError, "more than 50000 values"),
        "too many aliases": (b"a: &a 1\nb: [" + b"*a, " * 101 + b"]\n", TooComplexError, "more than 100 aliases"),
        "list within itself": (b"a: &a [*a]\n", InvalidDocumentError, "recursive"),
        "object within itself": (b"&a {b: *a}\n", InvalidDocumentError, "recursive"),
        "deep recursion": (b"a: &a [[[*a]]]\n", InvalidDocumentError, "recursive"),
        "too deep": (_nested(document.MAX_DEPTH + 1), TooComplexError, "deeper than 64"),
        "100000 deep": (_nested(100_000), TooComplexError, "deeper than 64"),
        "block 70 deep": (b"- " * 70 + b"a\n", TooComplexError, "deeper than 64"),
        "too many values": (b"[" + b"1," * document.MAX_NODES + b"1]", TooComplexError, "more than 50000 values"),
    }.items()
]

TAGS = [
    *(b"a: !!binary aGk=\n", b"a: !!set {x, y}\n", b"a: !!timestamp 2001-01-01\n", b"a: !!timestamp foo\n"),
    *(b"a: !!omap [{b: 1}]\n", b"a: !!pairs [b: 1]\n", b"a: !!float nan\n", b"a: !!bool foo\n", b"!!map [a]\n"),
]

NOT_YET = {
    b"a: .inf\n": "read as a text, where cwltool's loader reads infinity",
    b"a: .nan\n": "read as a text, where cwltool's loader reads not-a-number",
    b"b: &b {c: 1}\na:\n  <<: *b\n": "a merge key is kept as the name '<<', where cwltool's loader merges",
}


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        *YAML_REFUSALS,
        *(pytest.param(body, InvalidDocumentError, "has a tag", id=body.decode()) for body in TAGS),
        *(case(body, InvalidDocumentError, ".", name=body.decode()) for body, why in NOT_YET.items()),
    ],
)
def test_read_yaml_refuses(body: bytes, error: type[BridgeError], words: str) -> None:
    """Bombs, tags, second documents and whatever readers differ about are refused, before anything is built."""
    _refused(document.read_yaml, body, error, words)


TEXTS = [
    *("", " ", "  a", "a ", "a  b", "\n", "a\n", "\na", "a\n\n", "a\n\n\nb", "a\nb", "a\n  b\n", "a \nb", " a\nb"),
    *("\t", "a\tb", "a\n\tb", "a\r\nb", "\r", "\u2028", "a\x85b", "\ufeffa", "\u00a0", "é", "😀", "\x07", "a\x1bb"),
    *("\x7f", "\x9f", "\ud7ff", "\ue000", "\ufffd", "a" * 300, "word " * 60 + "end", "a: b\nc: d\n", "a\n#b", "#a\nb"),
    *("a\n---\nb", "a\n...\nb", "---", "...", "--", "-", "- a", "-a", "--x", "--x y", "-x y", "a - b", "a -b", "-y"),
    *("a: b", "a:b", "a :b", "a : b", "a:", "a: ", ":a", ": a", "a #b", "a#b", "#a", "!a", "&a", "*a", "?a", "? a"),
    *("%a", "@a", "`a", "'a", '"a', "it's", 'say "a"', "|", "|a", ">", "[a]", "a[0]", "{a}", "a,b", "a, b", "a\\b"),
    *("null", "Null", "~", "~a", "true", "TRUE", "yes", "Yes", "off", "y", "N", "1", "-1", "--1", "+1", "1.0", "1e3"),
    *("0x1", "-0x1", "0o7", "012", "0b1", "1_000", "_1", "1:30", "2001-01-01", ".5", "1.", ".a", ".e5", "..", "./a"),
    *(
        ".inf",
        "-.inf",
        ".NaN",
        ".nan",
        "nan",
        "inf",
        "=",
        "x=1",
        "<<",
        "$(inputs.x)",
        "${return 1}",
        "$",
        "_",
        "/a/b",
        "../a",
    ),
    *("$(inputs.a[0])", "https://a.b/c#d?e=f", "a@b", "*.tif", "x.*", "C:\\x", "1a", "a?", "a*", "- ", "? ", "a ?"),
    *(case(each) for each in ("-.5", "-.1e5", "._1", "._", "-._1", "-_1")),
]

NUMBERS: list[Any] = [0, -1, 2**63 - 1, -(2**63), 10**30, 0.1, -0.0, 1e16, -1e16, 1e300, 1.5e300, 5e-324, 1e-7, 1.0]


@pytest.mark.parametrize("value", [*TEXTS, *NUMBERS, True, False, None, [], {}, [[]], [{}], {"a": []}])
def test_what_is_written_is_read_back(value: Any) -> None:
    """A written document is read as the same values by this reader and by cwltool's, wherever a text stands in it."""
    places: list[Any] = [{"a": value}, [value], {"a": [{"b": value}]}, {"a": [[value], value]}]
    if isinstance(value, str):
        places.append({value: {value: [value]}})
    for given in places:
        text = document.write_yaml(given)
        # The representation tells 1 from 1.0 and True, and 0.0 from -0.0.
        assert repr(document.read_yaml(text.encode())) == repr(given)
        assert repr(_by_cwltool(text)) == repr(given)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        *(("0.00001", "0.00001"), ("1.23e-05", "0.0000123"), ("1e-5", "0.00001"), ("-1.5e-3", "-0.0015")),
        *(("1.23e5", "1.23e+5"), ("1E5", "1.0e+5"), ("1e16", "1.0e+16"), ("-1.5e300", "-1.5e+300")),
        *(("1.0", "1.0"), ("2.50", "2.50"), ("123000.0", "123000.0"), ("100000.0e-3", "100.0000"), ("0.1", "0.1")),
        *((".5", "0.5"), ("-0.0", "-0.0"), ("1_000.5", "1000.5"), ("12345678901234567890.5", "12345678901234567890.5")),
    ],
)
def test_a_number_reaches_a_tool_as_it_was_written(given: str, written: str) -> None:
    """What cwltool makes of the rewritten document is what it would have made of the client's, YAML or JSON."""
    read = document.read_yaml(f"a: {given}".encode())

    assert document.write_yaml(copy.deepcopy(read)) == f"a: {written}\n"
    assert document.write_yaml(document.read_yaml(f"a: {written}".encode())) == f"a: {written}\n"
    assert yaml.safe_load(f"a: {written}") == {"a": float(given)}
    assert _argument(f"a: {written}") == _argument(f"a: {given}")
    if given[0] != "." and "_" not in given:
        assert document.write_yaml(document.read_json(f'{{"a": {given}}}'.encode())) == f"a: {written}\n"


def _argument(text: str) -> str:
    return Builder.tostr(cast(Builder, None), yaml_no_ts().load(text)["a"])


@pytest.mark.parametrize("given", ["0e-999999999", "1e-999999999", f"0.{'0' * 5000}1", f"0.{'1' * 5000}"])
def test_a_number_is_not_written_longer_than_it_is(given: str) -> None:
    """Whatever its exponent or its digits."""
    assert len(document.write_yaml(document.read_yaml(f"a: {given}".encode()))) < 50


def test_document_is_written_for_people() -> None:
    """The order of names stays, scripts are blocks, plain words carry no quotes and nothing is an alias."""
    shared = {"type": "File"}
    script = 'set -eu\necho "$1" > out.txt\n'
    text = document.write_yaml(
        {
            "cwlVersion": "v1.2",
            "class": "CommandLineTool",
            "doc": "Zürich: größer",
            "baseCommand": ["sh", "-c", script],
            "inputs": {"b": shared, "a": shared},
            "outputs": {},
        }
    )
    assert text == (
        "cwlVersion: v1.2\n"
        "class: CommandLineTool\n"
        'doc: "Zürich: größer"\n'
        "baseCommand:\n"
        "  - sh\n"
        "  - -c\n"
        "  - |\n"
        "    set -eu\n"
        '    echo "$1" > out.txt\n'
        "inputs:\n"
        "  b:\n"
        "    type: File\n"
        "  a:\n"
        "    type: File\n"
        "outputs: {}\n"
    )


def test_digest_is_the_name_of_the_text() -> None:
    """The digest is the SHA-256 of the text in UTF-8, as it lies on disk."""
    assert document.digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert document.digest("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()
