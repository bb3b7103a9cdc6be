"""Random types and values: what fits reaches cwltool in a form that it takes, what does not is refused before."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from cwltool.process import Process as Tool
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cwl_bridge import deploy, eoap, inputs, loading, values
from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.errors import InvalidInputsError
from cwl_bridge.staging import Stager
from registry.models import Process
from tests import cwltypes
from tests.cwl_bridge.cases import described, drafted
from tests.live import shell_tool

#: (CWL type, a strategy of values that fit it, one of values that do not).
Kind = tuple[Any, st.SearchStrategy[Any], st.SearchStrategy[Any]]

#: Shrinking would load hundreds of documents more.
PHASES = [Phase.explicit, Phase.generate]

EOAP = "https://raw.githubusercontent.com/eoap/schemas/main/"
TYPES = [each for file in ("string_format", "ogc", "geojson") for each in eoap.types(f"{EOAP}{file}.yaml") or []]

_numbers = st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_objects: st.SearchStrategy[Any] = st.just({"unexpected": {}})
_positions = st.lists(st.integers(-180, 180) | st.floats(-180, 180), min_size=2, max_size=3)
_points = st.fixed_dictionaries({"type": st.just("Point"), "coordinates": _positions})
_lines = st.fixed_dictionaries({"type": st.just("LineString"), "coordinates": st.lists(_positions, min_size=2)})
_links = st.just({"href": "https://example.org/a.txt"})
_files = st.one_of(
    _links,
    st.just({"class": "File", "location": "https://example.org/a"}),
    st.builds(lambda text: {"value": text, "mediaType": "text/plain"}, _texts),
    st.builds(lambda text: {"value": {"class": "File", "basename": "a", "contents": text}}, _texts),
)
_folders = st.just({"class": "Directory", "basename": "d", "listing": [{"class": "File", "contents": ""}]})


def _whole(bits: int) -> st.SearchStrategy[Any]:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return st.integers(least, most) | st.integers(-1000, 1000).map(float)


PRIMITIVES: list[Kind] = [
    ("boolean", st.booleans(), st.integers() | _texts),
    ("int", _whole(32), st.integers(2**31) | st.just(0.5) | _texts),
    ("long", _whole(64), st.integers(2**63) | st.just(0.5) | st.booleans()),
    ("float", _numbers | st.integers(-(2**24), 2**24), _texts | st.booleans()),
    ("double", _numbers | st.integers(-(2**53), 2**53), _texts | _objects),
    ("string", _texts, st.integers() | st.booleans() | _objects),
    ("File", _files, st.integers() | st.booleans() | st.just({"href": "file:///etc/passwd"})),
    ("Directory", _folders, st.integers() | st.just({"class": "Directory", "location": "/etc"})),
    (f"{EOAP}string_format.yaml#Date", st.dates().map(str), st.just("today") | st.integers()),
    (f"{EOAP}string_format.yaml#UUID", st.uuids().map(str), st.just("1") | _objects),
    (
        f"{EOAP}ogc.yaml#BBox",
        st.lists(_numbers, min_size=4, max_size=4).map(lambda bbox: {"bbox": bbox}),
        st.lists(_numbers, max_size=3).map(lambda bbox: {"bbox": bbox}) | _texts,
    ),
    (f"{EOAP}geojson.yaml#Point", _points, _lines | _texts),
    (f"{EOAP}geojson.yaml#LineString", _lines, _points | _objects),
    (
        f"{EOAP}geojson.yaml#Feature",
        st.fixed_dictionaries({"type": st.just("Feature"), "geometry": _points | _lines, "properties": st.none()}),
        _points | st.just({"type": "Feature"}),
    ),
]


@st.composite
def _enums(draw: st.DrawFn) -> Kind:
    symbols = draw(
        st.lists(st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True), min_size=1, max_size=4, unique=True)
    )
    return {"type": "enum", "symbols": symbols}, st.sampled_from(symbols), st.just("NONE") | st.integers()


def _arrays(item: Kind) -> Kind:
    kind, good, bad = item
    # A lone file stands for a list of one.
    wrong = bad.filter(lambda value: not isinstance(value, dict)).map(lambda value: [value]) | st.integers()
    return {"type": "array", "items": kind}, st.lists(good, max_size=3), wrong


@st.composite
def _records(draw: st.DrawFn, members: st.SearchStrategy[Kind]) -> Kind:
    fields = draw(st.dictionaries(st.sampled_from(["a", "b", "c_d"]), members, min_size=1, max_size=3))
    optional = {name for name in fields if draw(st.booleans())}
    kind = {
        "type": "record",
        "fields": [
            {"name": name, "type": ["null", each[0]] if name in optional else each[0]} for name, each in fields.items()
        ],
    }
    good: dict[str, Any] = {name: st.none() | each[1] if name in optional else each[1] for name, each in fields.items()}
    name = draw(st.sampled_from(sorted(fields)))
    bad = st.fixed_dictionaries({**good, name: fields[name][2]})
    return kind, st.fixed_dictionaries(good), bad


def _optional(kind: Kind) -> Kind:
    declared, good, bad = kind
    return (["null", *(declared if isinstance(declared, list) else [declared])], st.none() | good, bad)


#: Alternatives of which no value of one is a value of another, and what is none of either.
UNIONS: list[Kind] = [
    (["int", "boolean"], _whole(32) | st.booleans(), st.just(0.5) | _texts),
    (["double", "string"], _numbers | _texts, st.booleans() | _objects),
    (["int", {"type": "array", "items": "int"}], _whole(32) | st.lists(_whole(32), max_size=3), _texts | st.booleans()),
    (["boolean", {"type": "array", "items": "string"}], st.booleans() | st.lists(_texts), st.integers() | _objects),
    (["File", "int"], _files | _whole(32), st.booleans() | st.just(0.5)),
    (
        ["string", {"type": "record", "fields": [{"name": "a", "type": "long"}]}],
        _texts | st.fixed_dictionaries({"a": _whole(64)}),
        st.booleans() | st.fixed_dictionaries({"a": _texts}),
    ),
]
_anything = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=4,
)
#: Names that begin with '$' are the only thing that no input of any type takes.
ANY: Kind = ("Any", _anything, st.just({"value": {"$import": "a"}}))

_leaves = st.sampled_from([*PRIMITIVES, *UNIONS]) | _enums()
KINDS = st.recursive(_leaves, lambda inner: inner.map(_arrays) | _records(inner), max_leaves=4) | st.just(ANY)


@functools.lru_cache(maxsize=1)
def _deployed(cwl_type: str) -> tuple[Process, Tool]:
    tool = shell_tool("true", inputs={"x": {"type": json.loads(cwl_type)}})
    if EOAP in cwl_type:
        # They are many: cwltool takes longer for them than for all the rest.
        tool["requirements"] = [*tool["requirements"], {"class": "SchemaDefRequirement", "types": TYPES}]
    body = json.dumps(tool).encode()
    return described(body, deploy.CWL_JSON, "p"), loading.load(drafted(body, deploy.CWL_JSON).text)


@pytest.mark.parametrize("fits", [True, False])
@settings(
    max_examples=40,
    database=None,
    deadline=None,
    derandomize=True,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(kind=KINDS, data=st.data())
def test_values(fits: bool, kind: Kind, data: st.DataObject) -> None:
    """A value that fits becomes a job order that cwltool takes; one that does not is refused before there is a job."""
    cwl_type, good, bad = kind
    process, tool = _deployed(json.dumps(cwl_type))
    for _ in range(3):
        value = data.draw(good if fits else bad)
        if fits:
            assert cwltypes.refusal(tool, inputs.order(process, {"x": value})) is None
        else:
            with pytest.raises(InvalidInputsError) as caught:
                inputs.order(process, {"x": value})
            assert all(each.pointer.startswith("/inputs/x") for each in caught.value.errors)


@settings(
    max_examples=20,
    database=None,
    deadline=None,
    derandomize=True,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(kind=KINDS.map(_optional), data=st.data())
def test_optional_values(kind: Kind, data: st.DataObject) -> None:
    """What may be left out may be null as well; the rest is as without."""
    cwl_type, good, bad = kind
    process, tool = _deployed(json.dumps(cwl_type))
    value = data.draw(good)
    for given_inputs in ({}, {"x": None}, {"x": value}):
        assert cwltypes.refusal(tool, inputs.order(process, given_inputs)) is None
    with pytest.raises(InvalidInputsError):
        inputs.order(process, {"x": data.draw(bad)})


def _written(value: Any) -> Any:
    """As people write it into a document: a whole number without a point, which cwltool wants there."""
    if isinstance(value, list):
        return [_written(each) for each in value]
    if isinstance(value, dict):
        return {name: _written(each) for name, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


_PLAIN = st.recursive(
    st.sampled_from([each for each in PRIMITIVES if each[0] in ("boolean", "int", "long", "double", "string")])
    | _enums(),
    lambda inner: inner.map(_arrays) | _records(inner),
    max_leaves=3,
)


@settings(
    max_examples=20,
    database=None,
    deadline=None,
    derandomize=True,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(kind=_PLAIN, data=st.data())
def test_defaults(kind: Kind, data: st.DataObject) -> None:
    """Any value can be a default: it is shown, it fits what is shown, and the input may be left out."""
    cwl_type, good, _ = kind
    default = _written(data.draw(good))
    tool = shell_tool("true", inputs={"x": {"type": cwl_type, "default": default}})
    body = json.dumps(tool).encode()
    process = described(body, deploy.CWL_JSON, "p")
    shown = process.description.inputs["x"]

    assert (shown.schema["default"], shown.min_occurs) == (default, 0)
    assert values.check(shown.schema, default) == []
    loaded = loading.load(drafted(body, deploy.CWL_JSON).text)
    for given_inputs in ({}, {"x": None}):
        assert cwltypes.refusal(loaded, inputs.order(process, given_inputs)) is None


_NO_FILES = st.recursive(
    st.sampled_from([each for each in PRIMITIVES if each[0] not in ("File", "Directory")]) | _enums(),
    lambda inner: inner.map(_arrays) | _records(inner),
    max_leaves=4,
)


@settings(
    max_examples=40,
    database=None,
    deadline=None,
    derandomize=True,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(kind=_NO_FILES, data=st.data())
def test_values_by_reference(files: tuple[Path, str], kind: Kind, data: st.DataObject) -> None:
    """What an href gives reaches cwltool as the same value in the request would."""
    folder, url = files
    cwl_type, good, _ = kind
    process, tool = _deployed(json.dumps(cwl_type))
    value = data.draw(good)
    (folder / "value").write_bytes(json.dumps(value).encode())
    order = inputs.order(process, {"x": {"href": f"{url}/value"}})

    staged = Stager(folder / "inputs", Client(Allowed(("127.0.0.1",))), 1 << 20).order(order)

    assert cwltypes.refusal(tool, staged) is None
    if not isinstance(value, str):
        assert staged == inputs.order(process, {"x": {"value": value} if isinstance(value, dict) else value})
