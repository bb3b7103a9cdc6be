"""Bytes to objects and back: the one strict reader of JSON and YAML, and the writer of CWL documents.

cwltool only ever sees what `write_yaml` made, never the client's bytes, so there is only one reading of a document.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from typing import Any

import yaml

from cwl_bridge import marks
from cwl_bridge.errors import BridgeError, FieldError, InvalidDocumentError, TooComplexError, pointer
from cwl_bridge.marks import Source

MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_ALIASES = 100
#: Digits of an integer; Python itself refuses to read more than 4300.
MAX_DIGITS = 4300

#: How a refusal goes on after "The body".
_NO_JSON, _NO_YAML, _HAS, _NESTED = "is not valid JSON: ", "is not valid YAML: ", "has ", "is nested "
#: What libyaml says where it looks ahead and comes to its own limit first.
_LIBYAML_DEEP = "exceeded maximum nesting depth"
#: Characters of a number without an exponent; longer ones have one.
_MAX_PLACES = 40

_SURROGATE = re.compile("[\ud800-\udfff]")
#: What says how much a JSON text holds: texts, to be passed over, and what begins a value or ends several.
_SIZES = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\]}]|[,\[{][ \t\r\n]*+', re.DOTALL)


class Float(float):
    """A number with a fraction or an exponent, and how it was written: a tool is given it in the same digits."""

    text: str

    @classmethod
    def read(cls, text: str) -> Float:
        """Raises ValueError where it is infinite, or none."""
        found = cls(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        if not math.isfinite(found):
            raise _UnusableError(f"the number {text[:40]} is out of range", text)
        found.text = text
        return found


def read_json(body: bytes, *, latin_fallback: bool = False) -> Any:
    """A JSON value (RFC 8259) in UTF-8: no duplicate names, no NaN, no lone surrogates, no NUL."""
    text = read_text(body, latin_fallback=latin_fallback)
    _check_tokens(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=Float.read,
            parse_int=_whole,
        )
    except _UnusableError as error:
        index = marks.repeated(text) if error.literal is None else marks.literal(text, error.literal)
        raise _flaw(_NO_JSON, str(error), marks.line_and_column(text, index or 0)) from error
    except json.JSONDecodeError as error:
        raise _flaw(_NO_JSON, error.msg, (error.lineno, error.colno)) from error
    if "\\u" in text:
        # Nothing else makes a text that no tool can be given.
        _check_values(value, text)
    return value


def read_yaml(body: bytes) -> Any:
    """One YAML document by the core schema of YAML 1.2, as cwltool reads it; JSON is a subset of it."""
    text = read_text(body, latin_fallback=True)
    try:
        _check_events(text)
        value = yaml.load(text, Loader=_Yaml12Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.problem == _LIBYAML_DEEP:
            raise _too_deep(_place(mark)) from error
        is_tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
        problem = "a tab stands where blanks indent" if is_tab else str(error.problem) + _begun(error)
        raise _flaw(_NO_YAML, problem, _place(mark)) from error
    except yaml.reader.ReaderError as error:
        index = len(text.encode()[: error.position].decode(errors="ignore"))
        raise _flaw(_NO_YAML, str(error.reason), marks.line_and_column(text, index)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise _flaw(_NO_YAML, str(error), (1, 1)) from error
    except RecursionError as error:
        raise _too_deep((1, 1)) from error
    _check_values(value, text)
    return value


def write_yaml(document: Any) -> str:
    """A document for people and for cwltool; every string that could be read as anything else is quoted."""
    return yaml.dump(document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=110)


def digest(text: str) -> str:
    """SHA-256, the name under which a document is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_text(body: bytes, *, latin_fallback: bool) -> str:
    """The characters of a document, in which its lines and columns are counted."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Some Java clients send CWL as ISO-8859-1 whatever they declare.
        if latin_fallback and b"\0" not in body:
            return body.decode("iso-8859-1")
        before = body[: error.start].decode("utf-8-sig", errors="replace")
        detail = f"The body is not UTF-8 (byte {error.start})."
        line, column = marks.line_and_column(before, len(before))
        raise InvalidDocumentError(detail, [FieldError("", detail, line=line, column=column)]) from error


class _UnusableError(ValueError):
    """Something in a JSON text that Python would take; `literal` is the word or number, else it is a name."""

    def __init__(self, message: str, literal: str | None = None) -> None:
        super().__init__(message)
        self.literal = literal


def _flaw(
    what: str, detail: str, place: tuple[int, int] | None, kind: type[BridgeError] = InvalidDocumentError
) -> BridgeError:
    line, column = place or (None, None)
    shown = f", at line {line}, column {column}" if place else ""
    alone = f"{what.partition(' ')[2]}{detail}."
    found = FieldError("", alone[:1].upper() + alone[1:], line=line, column=column)
    return kind(f"The body {what}{detail}{shown}.", [found])


def _too_deep(place: tuple[int, int] | None) -> BridgeError:
    return _flaw(_NESTED, f"deeper than {MAX_DEPTH} levels", place, TooComplexError)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _UnusableError(f"the name {twice!r} stands twice in one object")
    return found


def _refuse_constant(name: str) -> Any:
    raise _UnusableError(f"{name} is no JSON number", name)


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _UnusableError(f"a number has more than {MAX_DIGITS} digits", text)
    return int(text)


def _check_tokens(text: str) -> None:
    """Depth and nodes of a JSON text, before anything is made of it. What is no JSON is left to who reads it."""
    nodes, depth = 1, 0
    # A value has at most so many tokens; of a text with more, the first so many are no JSON.
    for token in islice(_SIZES.finditer(text), 6 * MAX_NODES):
        match token[0][0]:
            case "]" | "}":
                depth -= 1
                continue
            case '"':
                continue
            case "[" | "{":
                depth += 1
                if text[token.end() : token.end() + 1] in ("]", "}"):
                    continue
                if depth > MAX_DEPTH:
                    raise _too_deep(marks.line_and_column(text, token.end()))
        nodes += 1
        if nodes > MAX_NODES:
            raise _flaw(
                _HAS, f"more than {MAX_NODES} values", marks.line_and_column(text, token.end()), TooComplexError
            )


def _check_values(value: Any, text: str) -> None:
    """Depth and nodes of the value as it will be walked, aliases counted each time they are used; every text."""
    nodes = 1
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(value, ())]
    while stack:
        each, path = stack.pop()
        if isinstance(each, dict | list):
            nodes += len(each)
            if nodes > MAX_NODES:
                raise _flaw(_HAS, f"more than {MAX_NODES} values", Source(text).place(path), TooComplexError)
            if each and len(path) == MAX_DEPTH:
                raise _too_deep(Source(text).place(path))
        if isinstance(each, dict):
            for key, child in each.items():
                _check_text(key, path, text)
                stack.append((child, (*path, key)))
        elif isinstance(each, list):
            stack.extend((child, (*path, index)) for index, child in enumerate(each))
        elif isinstance(each, str):
            _check_text(each, path, text)


def _check_text(said: str, path: tuple[str | int, ...], text: str) -> None:
    if "\0" in said or _SURROGATE.search(said):
        detail = "A text has a NUL or a lone surrogate, which no tool can be given."
        # The pointer has to be printable itself.
        where = tuple(part for part in path if not (isinstance(part, str) and _SURROGATE.search(part)))
        line, column = Source(text).place(where) or (None, None)
        raise InvalidDocumentError(detail, [FieldError(pointer(*where), detail, line=line, column=column)])


def _check_events(text: str) -> None:
    """Refuses bombs before anything is built: depth, nodes, aliases, a second document."""
    depth = nodes = aliases = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            _check_tag(event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _too_deep(_place(event.start_mark))
        for count, most, what in ((nodes, MAX_NODES, "values"), (aliases, MAX_ALIASES, "aliases")):
            if count > most:
                raise _flaw(_HAS, f"more than {most} {what}", _place(event.start_mark), TooComplexError)
        if documents > 1:
            raise _flaw(_HAS, "a second YAML document", _place(event.start_mark))
    if not documents:
        raise _flaw(_HAS, "no YAML document", (1, 1))


def _check_tag(event: yaml.NodeEvent) -> None:
    tag = getattr(event, "tag", None)
    if tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _flaw(_HAS, f"a tag, {tag!r}; CWL has none", _place(event.start_mark))


def _begun(error: yaml.MarkedYAMLError) -> str:
    """What the reader was reading, where that begins on another line."""
    begin, end = error.context_mark, error.problem_mark
    if begin is None or end is None or begin.line == end.line:
        return ""
    return f" {error.context} that begins at line {begin.line + 1}"


def _place(mark: Any) -> tuple[int, int] | None:
    return (mark.line + 1, mark.column + 1) if mark else None


class _Yaml12Loader(yaml.CSafeLoader):
    """Scalars as cwltool's own loader takes them: `yes` is a string, `012` is twelve, dates stay strings."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _construct_mapping(loader: _Yaml12Loader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        place = _place(key_node.start_mark)
        if not isinstance(key, str):
            raise _flaw(_NO_YAML, f"the name {key!r} is not a string", place)
        if key == "<<" and not key_node.style:
            raise _flaw(_HAS, "a merge key (write out what it stands for)", place)
        if key in found:
            raise _flaw(_NO_YAML, f"the name {key!r} stands twice in one object", place)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _construct_int(loader: _Yaml12Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    lowered = text.lstrip("+-").lower().replace("_", "")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(lowered[:2], 10)
    try:
        value = int(lowered[2:] if base != 10 else lowered, base) if len(text) <= MAX_DIGITS else _whole(text)
    except ValueError as error:
        raise _flaw(_NO_YAML, str(error), _place(node.start_mark)) from error
    return -value if text.startswith("-") else value


def _construct_float(loader: _Yaml12Loader, node: yaml.ScalarNode) -> Float:
    try:
        return Float.read(loader.construct_scalar(node).replace("_", ""))
    except ValueError as error:
        raise _flaw(_NO_YAML, str(error), _place(node.start_mark)) from error


_CORE_SCHEMA: list[tuple[str, str, str, Callable[..., Any] | None]] = [
    ("null", r"(?:~|null|Null|NULL|)", "~nN", None),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", "tTfF", None),
    ("int", r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9_]+)", "-+0123456789", _construct_int),
    (
        "float",
        (
            r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
            r"|\.[0-9_]+(?:[eE][-+][0-9]+)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
        ),
        "-+.0123456789",
        _construct_float,
    ),
]
for _name, _pattern, _first, _constructor in _CORE_SCHEMA:
    _tag = f"tag:yaml.org,2002:{_name}"
    _Yaml12Loader.add_implicit_resolver(
        _tag, re.compile(f"^(?:{_pattern})$"), [*_first, *([""] if _name == "null" else [])]
    )
    if _constructor:
        _Yaml12Loader.add_constructor(_tag, _constructor)
_Yaml12Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


class _PlainDumper(yaml.SafeDumper):
    """No aliases, texts of several lines as blocks, and quotes wherever YAML 1.1 and 1.2 could disagree."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        return super().increase_indent(flow, False)


_WORD = r"(?:[A-Za-z0-9_$()./+*=?,@-]|\[|\]|:(?=[A-Za-z0-9/]))"
_PLAIN = re.compile(rf"(?:--?(?=[A-Za-z]))?[A-Za-z_$/.]{_WORD}*(?: {_WORD}+)*\Z")
_OTHER_TYPES = re.compile(r"(?i)(?:null|true|false|yes|no|on|off|y|n|[.]inf|[.]nan|[.][0-9_].*)\Z")
_BLOCK = re.compile(r"[^\n ][^\t\r\x85\u2028\u2029\ufeff]*\Z")


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text and _BLOCK.match(text) and " \n" not in text:
        style: str | None = "|"
    elif _PLAIN.match(text) and not _OTHER_TYPES.match(text):
        style = None
    else:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def number_text(number: float) -> str:
    """In decimals, which cwltool hands on to a tool as they are; what it writes as a whole number keeps its exponent.

    YAML 1.1 sees a number with an exponent only where there are a point and a sign as well.
    """
    written = getattr(number, "text", "")
    exact = Decimal(written if 0 < len(written) <= _MAX_PLACES and number else repr(float(number)))
    decimals = format(exact, "f")
    if "." in decimals and len(decimals) <= _MAX_PLACES:
        return decimals
    mantissa, _, exponent = format(exact, "e").partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return mantissa if exponent == "+0" else f"{mantissa}e{exponent}"


def _represent_float(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", number_text(number))


_PlainDumper.add_representer(str, _represent_text)
_PlainDumper.add_representer(float, _represent_float)
# Also of what is more than a text or a number to whoever made it.
_PlainDumper.add_multi_representer(str, _represent_text)
_PlainDumper.add_multi_representer(float, _represent_float)
