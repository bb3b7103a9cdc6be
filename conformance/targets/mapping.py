"""The inputs of a request and the results of a job: JSON and queries → what CWL has for them, and back."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cwltool.process import Process as Tool
from schema_salad.exceptions import ValidationException

from conformance.targets.changes import Changes, texts
from conformance.targets.target import Target, ours, tell
from cwl_bridge import deploy, document, inputs, loading, outputs
from cwl_bridge.elsewhere import Elsewhere
from cwl_bridge.errors import BridgeError
from cwl_bridge.policy import Policy
from cwl_bridge.work import Budget
from registry.models import JobId, Process
from server import kvp
from tests import cwltypes
from tests.live import shell_package, shell_tool

DATA = Path(__file__).parents[2] / "tests" / "data"
_ELSEWHERE = Elsewhere(("example.org",), "https://example.org/processes/p/execution")
_FILES = sorted(DATA.glob("inputs/*.json"))
_MAPPED = [each.parent for each in sorted(DATA.glob("mapping/*/requests.json"))]
#: What is left for the runner, of which cwltool does not know.
_LATER = ("$reference", "$beside", "remote", "collection", "stac")


@cache
def _process(number: int) -> tuple[Process, Tool | None]:
    if number >= len(_FILES):
        return _taken((_MAPPED[number - len(_FILES)] / "process.cwl").read_bytes(), deploy.CWL)
    case = json.loads(_FILES[number].read_text())
    package: Any
    if "image" in case:
        package = shell_package("p", "true", case["image"])
    else:
        tool = shell_tool("true", inputs=case["cwl"], **{"$namespaces": case.get("namespaces", {})})
        described = {"id": "p", "inputs": case.get("described", {})}
        package = {"processDescription": described, "executionUnit": {"value": tool}}
    return _taken(json.dumps(package).encode(), deploy.PACKAGE)


def _taken(body: bytes, media_type: str) -> tuple[Process, Tool | None]:
    """The process, and what cwltool makes of it, if it does."""
    made = deploy.draft(deploy.read(body, media_type).resolved(), Policy(), "p")
    try:
        tool = loading.load(made.text)
    except ValidationException:
        tool = None
    return deploy.process(made, "p"), tool


@cache
def _cases() -> list[list[Any]]:
    """The inputs that are executed with, process by process."""
    found = [[each["inputs"] for each in json.loads(path.read_text())["cases"].values()] for path in _FILES]
    for folder in _MAPPED:
        read = json.loads((folder / "requests.json").read_text())
        found.append([each["inputs"] for each in read.values() if "inputs" in each])
    return [each or [{}] for each in found]


@cache
def _words() -> list[str]:
    return sorted({text for text in texts(_cases()) if len(text) < 100})


def _inputs(data: bytes) -> None:
    """Inputs that others have sent, with changes."""
    changes = Changes(data, _words())
    number = changes.number(len(_cases()))
    given = changes.changed(changes.one(_cases()[number]))
    text = json.dumps(given).encode()
    read = ours(lambda: document.read_json(text))
    if isinstance(read, dict):
        _ordered(number, read)


def _texts(data: bytes) -> None:
    """The first byte says which process is meant, the others are the JSON of its inputs."""
    read = ours(lambda: document.read_json(data[1:]))
    if isinstance(read, dict):
        _ordered(data[0] % len(_cases()), read)


def _ordered(number: int, given: Any) -> None:
    """What is taken fits the types of the tool as cwltool sees them; what is refused is said of the inputs."""
    process, tool = _process(number)
    try:
        order = inputs.order(process, given, elsewhere=_ELSEWHERE, budget=Budget())
    except BridgeError as error:
        assert all(each.pointer.startswith("/inputs") for each in error.errors)
        tell(error)
        return
    text = json.dumps(order, allow_nan=False)
    assert _no_directives(order), text
    if tool is not None and not any(f'"{each}": ' in text for each in _LATER):
        refused = cwltypes.refusal(tool, order)
        assert refused is None, (refused, text)


def _no_directives(value: Any) -> bool:
    """Nothing that cwltool would follow stands in an order, and no file that nobody has looked at."""
    if isinstance(value, list):
        return all(map(_no_directives, value))
    if not isinstance(value, dict):
        return True
    if value.get("class") in ("File", "Directory") and "path" in value:
        return False
    if value.get("class") in ("File", "Directory") and str(value.get("location", "")).startswith(("file:", "/")):
        return False
    # What the runner finds out is its own, and no client can say it.
    return all(
        name in ("$reference", "$beside") or (not name.startswith("$") and _no_directives(each))
        for name, each in value.items()
    )


def _queries(data: bytes) -> None:
    """The first byte says which process is meant, the others are a query."""
    number = data[0] % len(_cases()) if data else 0
    process, _ = _process(number)
    items = parse_qsl(data[1:].decode("latin-1"), keep_blank_values=True)
    found = ours(lambda: kvp.read(items, process.description))
    if found is not None:
        _ordered(number, found.document["inputs"])


_RESULTS: list[Any] = [
    {"class": "File", "location": "outputs/a.tif", "basename": "a.tif", "size": 3, "secondaryFiles": []},
    {"class": "Directory", "location": "outputs/d", "basename": "d"},
    [{"class": "File", "location": "outputs/a", "basename": "a", "format": "x"}, None, 1],
    {"a": {"class": "File", "location": "outputs/a", "basename": "a"}, "b": [1, [2]]},
    {"bbox": [1, 2, 3, 4], "crs": "CRS84"},
    [1, 2.5, "x"],
]


def _results(data: bytes) -> None:
    """Every place below the results leads to one thing, or to nothing."""
    changes = Changes(data, ["0", "1", "a", "d", "..", "01", "-1", "٣"])
    number = changes.number(len(_cases()))
    process, _ = _process(number)
    parameter = next(iter(process.description.inputs.values()))
    value = changes.one(_RESULTS)
    found = outputs._result(JobId("j"), value, parameter, ("x",))
    path = [changes.one(changes._words) for _ in range(changes.number(4))]
    there = outputs.find(found, path)
    if there is not None:
        assert len(there[1]) <= len(path)
        assert all(each not in ("", ".", "..") for each in there[1])


def _spelled(given: Any) -> bytes:
    return json.dumps(given).encode()


TARGETS = (
    Target(name="inputs", check=_inputs, slow=True),
    Target(
        name="input-texts",
        check=_texts,
        seeds=lambda: tuple(
            bytes([number]) + _spelled(each) for number, cases in enumerate(_cases()) for each in cases[:6]
        ),
        words=(b'"href": ', b'"value": ', b'"class": "File"', b'"$import"', b"1e400", b"9223372036854775808", b"null"),
        slow=True,
    ),
    Target(
        name="queries",
        check=_queries,
        seeds=lambda: tuple(
            bytes([number]) + f"{name}={text}&{name}[mediaType]=a/b&response[f]=x&response[prefer]=wait=1".encode()
            for number, text in enumerate(["1", "[1,2]", "1,2", "{}", '{"a":1}', "true", "x"] * 6)
            for name in list(_process(number)[0].description.inputs)[:1]
        ),
        words=(b"[href]=", b"[value]=", b"[crs]=", b"[include]=true", b"&", b"%5B", b"%7B%22", b","),
        slow=True,
    ),
    Target(name="results", check=_results),
)
