"""Deploy bodies → CWL documents and descriptions: the packages are in tests/data/packages.

NAME.package.json or .yaml is what a client sends, NAME.cwl what is stored, NAME.description.json what is shown.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import checker, deploy, document, parts
from cwl_bridge.errors import (
    BridgeError,
    InvalidDocumentError,
    InvalidImageError,
    InvalidProcessError,
    NoContainerError,
    TooComplexError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
)
from cwl_bridge.policy import Policy
from tests.cwl_bridge.cases import DATA, described, drafted

PACKAGES = sorted((DATA / "packages").glob("*.package.*"))

#: What the source makes of these is not what is expected.


def _name(path: Path) -> str:
    return path.name.partition(".")[0]


def _params(paths: Iterable[Path]) -> list[Any]:
    return [pytest.param(each, id=_name(each)) for each in paths]


def _media_type(path: Path) -> str:
    if path.suffix == ".yaml":
        return deploy.CWL_YAML
    return deploy.CWL_JSON if "cwlVersion" in json.loads(path.read_text(encoding="utf-8")) else deploy.PACKAGE


@pytest.mark.parametrize("path", _params(PACKAGES))
def test_package(path: Path) -> None:
    """A package makes the CWL document and the description that lie beside it."""
    draft = drafted(path.read_bytes(), _media_type(path))
    beside = path.with_name(f"{_name(path)}.cwl").read_text(encoding="utf-8")
    shown = path.with_name(f"{_name(path)}.description.json").read_text(encoding="utf-8")
    assert draft.text == beside
    process = deploy.process(draft)
    assert process.description.to_json() == json.loads(shown)
    assert process.cwl == document.read_yaml(beside.encode())
    assert process.digest == document.digest(beside)
    assert (process.package, process.media_type) == (path.read_bytes(), _media_type(path))


@pytest.mark.parametrize("path", sorted((DATA / "packages").glob("*.cwl")), ids=_name)
def test_stored_document_is_valid(path: Path) -> None:
    """cwltool itself accepts every document that is stored."""
    checker.check(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PACKAGES, ids=_name)
def test_old_clients_send_plain_json(path: Path) -> None:
    """A JSON body is known by what is in it, whatever its media type says of JSON."""
    if path.suffix == ".json":
        expected = described(path.read_bytes(), _media_type(path))
        found = described(path.read_bytes(), "application/json; charset=utf-8")
        assert (found.cwl, found.description) == (expected.cwl, expected.description)
        assert found.media_type == _media_type(path)
    else:
        with pytest.raises(InvalidDocumentError):
            drafted(path.read_bytes(), "application/json")


DOCKER: dict[str, Any] = {"type": "docker", "image": "busybox:stable"}
CWL: dict[str, Any] = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "id": "own",
    "label": "Own",
    "requirements": {"DockerRequirement": {"dockerPull": "busybox:stable"}},
    "inputs": {"a": "int", "b": "string[]?"},
    "outputs": {"o": "stdout"},
}


def _package(unit: Any = None, **members: Any) -> dict[str, Any]:
    return {"processDescription": {"id": "p", **members}, "executionUnit": DOCKER if unit is None else unit}


def _input(schema: Any, **more: Any) -> dict[str, Any]:
    return _package(inputs={"a": {"schema": schema, **more}})


def _cwl(**changes: Any) -> dict[str, Any]:
    return _package({"value": {**CWL, **changes}})


def _typed(cwl_type: Any) -> dict[str, Any]:
    return _cwl(inputs={"a": {"type": cwl_type}})


IDS: list[Any] = [
    (_package({"value": CWL}), None, "p"),
    ({"executionUnit": {"value": CWL}}, None, "own"),
    ({"executionUnit": {"value": CWL}}, "put", "own"),
    ({"executionUnit": {"value": {**CWL, "id": None}}}, None, "Own"),
    ({"executionUnit": {"value": {**CWL, "id": ""}}}, None, "Own"),
    ({"executionUnit": {"value": {**CWL, "id": "#main"}}}, None, "Own"),
    ({"executionUnit": {"value": {**CWL, "id": "main"}}}, None, "main"),
    ({"executionUnit": {"value": {**CWL, "id": "#main", "label": None}}}, "put", "put"),
    ({"executionUnit": {"value": {**CWL, "id": "https://example.org/a/crop.cwl"}}}, None, "crop"),
    ({"executionUnit": {"value": {**CWL, "id": "crop.cwl#main/crop"}}}, None, "crop"),
    ({"executionUnit": {"value": {**CWL, "id": None, "label": None}}}, "put", "put"),
    ({"executionUnit": {"value": {**CWL, "id": None, "label": "--  !  "}}}, "put", "put"),
    ({"processDescription": {"process": {"id": "inner"}, "id": "outer"}, "executionUnit": DOCKER}, None, "inner"),
    ({"processDescription": {"version": "1"}, "executionUnit": DOCKER}, "put", "put"),
    ({"processDescription": {"id": None}, "executionUnit": DOCKER}, "put", "put"),
    ({"executionUnit": DOCKER}, "put", "put"),
]


@pytest.mark.parametrize(("body", "process_id", "expected"), IDS)
def test_id(body: Any, process_id: str | None, expected: str) -> None:
    """A process is called what its description, its CWL, its label or the request says, in this order."""
    assert described(body, process_id=process_id).id == expected


def test_id_of_a_nameless_document() -> None:
    """A document without any name is called after its bytes: the same each time, another for others."""
    bodies = [{**CWL, "id": None, "label": None, "baseCommand": each} for each in ("true", "false")]
    found = [described(each, deploy.CWL_JSON).id for each in [*bodies, bodies[0]]]
    assert found[0] == found[2] != found[1]
    assert all(each.startswith("cwl-") for each in found)


NAMELESS = {**CWL, "id": "#main", "label": None}


@pytest.mark.parametrize(
    ("files", "sent_as", "expected"),
    [
        ({"flow.cwl": NAMELESS}, "", "flow"),
        ({"top/my flow.v2.cwl": NAMELESS}, "archive.zip", "my-flow.v2"),
        ({"main.cwl": NAMELESS}, "archive.zip", "archive"),
        ({"Main.cwl": NAMELESS}, "C:\\flows\\a%20b.CWL", "a-b"),
        ({"main.cwl": {**CWL, "id": None}}, "archive.zip", "Own"),
        ({"main.cwl": CWL}, "archive.zip", "own"),
        ({"package.json": {"executionUnit": {"href": "lib/flow.cwl"}}, "lib/flow.cwl": NAMELESS}, "", "flow"),
        ({"package.json": {"executionUnit": {"value": NAMELESS}}}, "archive.zip", "archive"),
        ({"main.cwl": NAMELESS}, "main.cwl", None),
        ({"main.cwl": NAMELESS}, "--.zip", None),
        ({"main.cwl": NAMELESS}, "", None),
    ],
)
def test_id_by_file_name(files: dict[str, Any], sent_as: str, expected: str | None) -> None:
    """Where neither document nor label says one: of the file in the archive, else of what was sent; else the digest."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, json.dumps(content))
    package = deploy.read(body.getvalue(), parts.ZIP, sent_as=sent_as).resolved()
    found = deploy.process(deploy.draft(package, Policy())).id
    assert found == expected or (expected is None and found.startswith("cwl-"))


def test_id_of_a_lone_body() -> None:
    """By the name that it was sent with."""
    package = deploy.read(json.dumps(NAMELESS).encode(), deploy.CWL_JSON, sent_as="flow.json")
    assert deploy.process(deploy.draft(package, Policy())).id == "flow"


def test_rename() -> None:
    """A process takes the id of its request's path; what runs stays the same."""
    given = described(_package())
    renamed = deploy.rename(given, "other")
    assert (renamed.id, renamed.cwl, renamed.digest) == ("other", given.cwl, given.digest)
    assert deploy.rename(given, "p") == given


NO_SCHEMAS: list[dict[str, Any]] = [
    {"type": "text"},
    {"type": "string", "pattern": "("},
    {"$ref": "#/$defs/a"},
    {"type": "array", "items": {"$ref": "#"}},
    {"type": "integer", "minimum": "1"},
    {"oneOf": []},
    {"items": True},
    {"type": "string", "contentMediaType": "image"},
    {"type": "string", "contentMediaType": "image/png\r\nA: b"},
]

REFUSED: dict[str, tuple[Any, type[BridgeError], list[str]]] = {
    "array": ([], InvalidDocumentError, [""]),
    "text": ("a", InvalidDocumentError, [""]),
    "null": (None, InvalidDocumentError, [""]),
    "no JSON": (b"{", InvalidDocumentError, [""]),
    "duplicate names": (b'{"executionUnit": 1, "executionUnit": 2}', InvalidDocumentError, [""]),
    "too deep": (b'{"a":' * 100 + b"1" + b"}" * 100, TooComplexError, [""]),
    "no unit": ({"processDescription": {"id": "p"}}, InvalidProcessError, ["/executionUnit"]),
    "empty": ({}, InvalidProcessError, ["/executionUnit"]),
    "unit that is a text": (_package("busybox"), InvalidProcessError, ["/executionUnit"]),
    "unit that is empty": (_package({}), InvalidProcessError, ["/executionUnit"]),
    "unit of another type": (_package({"type": "exe", "image": "a"}), InvalidProcessError, ["/executionUnit"]),
    "no units": (_package([]), InvalidProcessError, ["/executionUnit"]),
    "two units": (_package([DOCKER, DOCKER]), InvalidProcessError, ["/executionUnit"]),
    "list in a list": (_package([[DOCKER, DOCKER]]), InvalidProcessError, ["/executionUnit/0"]),
    "unit in a list": (_package(["busybox"]), InvalidProcessError, ["/executionUnit/0"]),
    "description that is a text": (
        {"processDescription": "p", "executionUnit": DOCKER},
        InvalidProcessError,
        ["/processDescription"],
    ),
    "process that is a list": (
        {"processDescription": {"process": []}, "executionUnit": DOCKER},
        InvalidProcessError,
        ["/processDescription/process"],
    ),
    "no id": ({"executionUnit": DOCKER}, InvalidProcessError, ["/processDescription/id"]),
    "id that is a number": (_package(id=5), InvalidProcessError, ["/processDescription/id"]),
    **{
        f"id {each!r}": (_package(id=each), InvalidProcessError, ["/processDescription/id"])
        for each in ("", "a b", "a/b", "..", "-a", "ä", "a\n", "a" * 129)
    },
    "id of a CWL document that is a number": (
        _package({"value": CWL}, id=5),
        InvalidProcessError,
        ["/processDescription/id"],
    ),
    "version": (_package(version=["1"]), InvalidProcessError, ["/processDescription/version"]),
    "version that is true": (_package(version=True), InvalidProcessError, ["/processDescription/version"]),
    "inputs that are a list": (_package(inputs=[]), InvalidProcessError, ["/processDescription/inputs"]),
    "outputs that are a text": (_package(outputs="a"), InvalidProcessError, ["/processDescription/outputs"]),
    "input without schema": (
        _package(inputs={"a": {"title": "A"}}),
        InvalidProcessError,
        ["/processDescription/inputs/a/schema"],
    ),
    "input that is a text": (
        _package(inputs={"a": "string"}),
        InvalidProcessError,
        ["/processDescription/inputs/a/schema"],
    ),
    "output without schema": (
        _package(outputs={"a": {}}),
        InvalidProcessError,
        ["/processDescription/outputs/a/schema"],
    ),
    **{
        f"input {each!r}": (
            _package(inputs={each: {"schema": {}}}),
            InvalidProcessError,
            [f"/processDescription/inputs/{each.replace('/', '~1')}"],
        )
        for each in ("", "a b", "a/b", "-a", "ä", "$a", "a\n")
    },
    "too many inputs": (
        _package(inputs={f"i{each}": {"schema": {}} for each in range(1001)}),
        InvalidProcessError,
        ["/processDescription/inputs"],
    ),
    **{
        f"schema {json.dumps(each)}": (_input(each), InvalidProcessError, ["/processDescription/inputs/a/schema"])
        for each in NO_SCHEMAS
    },
    **{
        f"{key} {each!r}": (
            _input({}, **{key: each}),
            InvalidProcessError,
            [f"/processDescription/inputs/a/{key}"],
        )
        for key, each in (
            *(("minOccurs", -1), ("minOccurs", 1.5), ("minOccurs", True), ("minOccurs", "x"), ("minOccurs", "-1")),
            *(("maxOccurs", 0), ("maxOccurs", 1.5), ("maxOccurs", "many"), ("maxOccurs", True), ("maxOccurs", [])),
        )
    },
    "minOccurs above maxOccurs": (
        _input({}, minOccurs=3, maxOccurs=2),
        InvalidProcessError,
        ["/processDescription/inputs/a/maxOccurs"],
    ),
    "job control": (
        _package(jobControlOptions=["later"]),
        InvalidProcessError,
        ["/processDescription/jobControlOptions"],
    ),
    "no way to execute": (
        _package(jobControlOptions=["dismiss"]),
        InvalidProcessError,
        ["/processDescription/jobControlOptions"],
    ),
    "transmission": (
        _package(outputTransmission="value"),
        InvalidProcessError,
        ["/processDescription/outputTransmission"],
    ),
    "no image": (_package({"type": "docker"}), InvalidProcessError, ["/executionUnit/image"]),
    "empty image": (_package({**DOCKER, "image": ""}), InvalidProcessError, ["/executionUnit/image"]),
    "image of another type": (_package({**DOCKER, "image": ["a"]}), InvalidProcessError, ["/executionUnit/image"]),
    "image that is an option": (_package({**DOCKER, "image": "--help"}), InvalidImageError, ["/executionUnit/image"]),
    "image that is a URL": (_package({**DOCKER, "image": "http://a/b"}), InvalidImageError, ["/executionUnit/image"]),
    **{
        f"command {each!r}": (_package({**DOCKER, "command": each}), InvalidProcessError, ["/executionUnit/command"])
        for each in ("", [], ["a", 5], {"a": "b"}, 5)
    },
    **{
        f"config {key} {each!r}": (
            _package({**DOCKER, "config": {key: each}}),
            InvalidProcessError,
            [f"/executionUnit/config/{key}"],
        )
        for key, each in (("cpuMin", -1), ("memoryMin", "1GB"), ("jobTimeout", True), ("cpuMax", [1]))
    },
    "command with an open quote": (
        _package({**DOCKER, "command": "sh -c 'a"}),
        InvalidProcessError,
        ["/executionUnit/command"],
    ),
    "config that is a list": (
        _package({**DOCKER, "config": ["a"]}),
        InvalidProcessError,
        ["/executionUnit/config"],
    ),
    "config out of range": (
        _package({**DOCKER, "config": {"memoryMin": 1e308}}),
        InvalidProcessError,
        ["/executionUnit/config/memoryMin"],
    ),
    "default that does not fit": (
        _input({"type": "integer", "default": "five"}),
        InvalidProcessError,
        ["/processDescription/inputs/a/schema/default"],
    ),
    "bindings that are a list": (
        _package({**DOCKER, "bindings": ["a"]}),
        InvalidProcessError,
        ["/executionUnit/bindings"],
    ),
    "input bindings that are a list": (
        _package({**DOCKER, "bindings": {"inputBindings": ["a"]}}),
        InvalidProcessError,
        ["/executionUnit/bindings/inputBindings"],
    ),
    "binding of an unknown input": (
        _package({**DOCKER, "bindings": {"inputBindings": {"a": {}}}}),
        InvalidProcessError,
        ["/executionUnit/bindings/inputBindings/a"],
    ),
    "binding of an unknown output": (
        _package({**DOCKER, "bindings": {"outputBindings": {"a": {"glob": "a"}}}}),
        InvalidProcessError,
        ["/executionUnit/bindings/outputBindings/a"],
    ),
    "binding that is a text": (
        {**_input({}), "executionUnit": {**DOCKER, "bindings": {"inputBindings": {"a": "-a"}}}},
        InvalidProcessError,
        ["/executionUnit/bindings/inputBindings/a"],
    ),
    "CWL without class": (
        _cwl(**{"class": None}),
        UnsupportedRequirementError,
        ["/executionUnit/value/class"],
    ),
    "CWL of another class": (
        _cwl(**{"class": "Operation"}),
        UnsupportedRequirementError,
        ["/executionUnit/value/class"],
    ),
    "CWL of another version": (_cwl(cwlVersion="v2"), InvalidProcessError, ["/executionUnit/value/cwlVersion"]),
    "CWL without container": (_cwl(requirements=[]), NoContainerError, ["/executionUnit/value/requirements"]),
    "CWL with a reference, in a list": (
        _package([{"unit": {**CWL, "baseCommand": {"$include": "a"}}}]),
        UnsafeReferenceError,
        ["/executionUnit/0/unit/baseCommand/$include"],
    ),
    "CWL with another requirement": (
        _cwl(requirements=[{"class": "SoftwareRequirement"}]),
        UnsupportedRequirementError,
        ["/executionUnit/value/requirements/0"],
    ),
    "description of an unknown input": (
        _package({"value": CWL}, inputs={"c": {"schema": {}}}),
        InvalidProcessError,
        ["/processDescription/inputs/c"],
    ),
    "description of an unknown output": (
        _package({"value": CWL}, outputs={"c": {"schema": {}}}),
        InvalidProcessError,
        ["/processDescription/outputs/c"],
    ),
    "description of a CWL's inputs that is a list": (
        _package({"value": CWL}, inputs=[]),
        InvalidProcessError,
        ["/processDescription/inputs"],
    ),
    "schema over a CWL's": (
        _package({"value": CWL}, inputs={"a": {"schema": {"type": "whole"}}}),
        InvalidProcessError,
        ["/processDescription/inputs/a/schema"],
    ),
}

NESTED = {"processDescription": {"process": {"id": "p", "inputs": {"a": {}}}}, "executionUnit": DOCKER}

#: Pointers lead to where a thing stands in the body, however that is shaped.
PLACED: dict[str, tuple[Any, type[BridgeError], list[str]]] = {
    "member of the nested process": (
        NESTED,
        InvalidProcessError,
        ["/processDescription/process/inputs/a/schema"],
    ),
    "id of the nested process": (
        {**NESTED, "processDescription": {"process": {"id": "a b"}}},
        InvalidProcessError,
        ["/processDescription/process/id"],
    ),
    "image of a unit in a list": (
        _package([{**DOCKER, "image": "--help"}]),
        InvalidImageError,
        ["/executionUnit/0/image"],
    ),
    "command of a unit in a list": (
        _package([{**DOCKER, "command": 5}]),
        InvalidProcessError,
        ["/executionUnit/0/command"],
    ),
    "id of a CWL document": (
        {"executionUnit": {"value": {**CWL, "id": "a b"}}},
        InvalidProcessError,
        ["/executionUnit/value/id"],
    ),
    "name of a CWL input": (
        _cwl(inputs={"a b": "int"}),
        InvalidProcessError,
        ["/executionUnit/value/inputs/a b"],
    ),
    "CWL input that can only be null": (
        _typed("null"),
        InvalidProcessError,
        ["/executionUnit/value/inputs/a/type"],
    ),
    "occurrences in another script": (
        _input({}, minOccurs="²"),
        InvalidProcessError,
        ["/processDescription/inputs/a/minOccurs"],
    ),
    "description of a CWL input that is a text": (
        _package({"value": CWL}, inputs={"a": "int"}),
        InvalidProcessError,
        ["/processDescription/inputs/a"],
    ),
    "many of what CWL has one": (
        _package({"value": CWL}, inputs={"a": {"schema": {"type": "integer"}, "maxOccurs": 3}}),
        InvalidProcessError,
        ["/processDescription/inputs/a/maxOccurs"],
    ),
    "optional, where CWL requires it": (
        _package({"value": CWL}, inputs={"a": {"schema": {"type": "integer"}, "minOccurs": 0}}),
        InvalidProcessError,
        ["/processDescription/inputs/a/minOccurs"],
    ),
    "another type than CWL's": (
        _package({"value": CWL}, inputs={"a": {"schema": {"type": "string"}}}),
        InvalidProcessError,
        ["/processDescription/inputs/a/schema"],
    ),
    "a number, where CWL has a file": (
        _package({"value": {**CWL, "inputs": {"a": "File"}}}, inputs={"a": {"schema": {"type": "number"}}}),
        InvalidProcessError,
        ["/processDescription/inputs/a/schema"],
    ),
    "another type of output than CWL's": (
        _package({"value": CWL}, outputs={"o": {"schema": {"type": "integer"}}}),
        InvalidProcessError,
        ["/processDescription/outputs/o/schema"],
    ),
    "many outputs of what CWL has one": (
        _package({"value": CWL}, outputs={"o": {"maxOccurs": 2, "schema": {"type": "string"}}}),
        InvalidProcessError,
        ["/processDescription/outputs/o/maxOccurs"],
    ),
    "requirement that is a text": (
        _cwl(requirements={**CWL["requirements"], "SchemaDefRequirement": "a"}),
        InvalidProcessError,
        ["/executionUnit/value/requirements/SchemaDefRequirement"],
    ),
}

#: What cwltool refuses before it is described.
MALFORMED: dict[str, Any] = {
    "types that are none": _cwl(requirements={**CWL["requirements"], "SchemaDefRequirement": {"types": None}}),
    "field without name": _typed({"type": "record", "fields": [{"type": "int"}]}),
    "fields that are texts": _typed({"type": "record", "fields": ["a"]}),
    "fields that are a number": _typed({"type": "record", "fields": 5}),
    "symbols that are a number": _typed({"type": "enum", "symbols": 5}),
    "array of nothing": _typed({"type": "array"}),
    "type without end": _typed("int" + "[]" * 2000),
    "type that is none": _typed("integer"),
    "inputs that are a number": _cwl(inputs=5),
    "input without type": _cwl(inputs={"a": {"label": "A"}}),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_malformed_document(body: Any) -> None:
    """A document whose parts are not what they should be passes the policy; cwltool, which comes next, refuses it."""
    text = drafted(body).text
    # cwltool raises a dozen types.
    with pytest.raises(Exception, match=r"(?s)."):
        checker.check(text)


@pytest.mark.parametrize(
    ("body", "error", "pointers"),
    [
        *(pytest.param(*case, id=name) for name, case in REFUSED.items()),
        *(pytest.param(*case, id=name) for name, case in PLACED.items()),
    ],
)
def test_refused(body: Any, error: type[BridgeError], pointers: list[str]) -> None:
    """What makes no process is refused with the kind of the reason, in words, and a pointer into the body."""
    with pytest.raises(BridgeError) as caught:
        described(body)
    assert type(caught.value) is error
    assert [each.pointer for each in caught.value.errors] == pointers
    assert all(each.line and each.column for each in caught.value.errors)
    assert str(caught.value)


@pytest.mark.parametrize(
    ("body", "media_type", "error"),
    [
        (b"cwlVersion: v1.2\nclass: CommandLineTool\n---\na: 1\n", deploy.CWL, InvalidDocumentError),
        (b"- a\n", deploy.CWL_YAML, InvalidDocumentError),
        (b"cwlVersion: v1.2\n", deploy.CWL_JSON, InvalidDocumentError),
        (b"[]", deploy.CWL_JSON, InvalidDocumentError),
        (b"{}", deploy.CWL, UnsupportedRequirementError),
        (json.dumps(CWL).encode(), deploy.PACKAGE, InvalidProcessError),
        (b"cwlVersion: !!set {v1.2}\n", deploy.CWL, InvalidDocumentError),
    ],
)
def test_refused_by_media_type(body: bytes, media_type: str, error: type[BridgeError]) -> None:
    """A body has to be what its media type says."""
    with pytest.raises(error):
        drafted(body, media_type)
