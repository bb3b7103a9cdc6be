"""The readers of documents and packages: JSON, YAML, parts, zip files, and what is made of them."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from schema_salad.utils import yaml_no_ts

from conformance.targets.changes import Changes, texts
from conformance.targets.target import Target, ours, tell
from cwl_bridge import complaints, deploy, document, inputs, loading, parts, steps, values
from cwl_bridge.document import MAX_DEPTH, MAX_NODES
from cwl_bridge.package import Package
from cwl_bridge.packagefiles import MissingError
from cwl_bridge.policy import Policy
from cwl_bridge.work import Budget
from registry.models import Process
from server.openapi.packages import PACKAGES

DATA = Path(__file__).parents[2] / "tests" / "data"
_POLICY = Policy()
#: What cwltool makes of names is looked at by the same rules (see `checker`).
_CONSTRUCTED = steps.constructor(Policy(default_container="any"))


def _same(one: Any, other: Any) -> bool:
    """By their JSON: it tells 1 from 1.0 and from true."""
    return json.dumps(one) == json.dumps(other)


def _measured(value: Any, depth: int = 0) -> int:
    """How many values there are in one. Fails where they are nested too deeply."""
    assert depth <= MAX_DEPTH
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_measured(each, depth + 1) for each in inner)


def _written(value: Any) -> None:
    """A document that is kept is read as what it was, by this reader and by cwltool's."""
    text = document.write_yaml(value)
    assert _same(document.read_yaml(text.encode()), value), text
    if len(text) < 4096:
        assert _same(yaml_no_ts().load(text), json.loads(json.dumps(value))), text


def _json(data: bytes) -> None:
    value = ours(lambda: document.read_json(data))
    if value is None:
        return
    assert _measured(value) <= MAX_NODES
    assert _same(document.read_json(json.dumps(value).encode()), value)
    assert _same(json.loads(data.decode("utf-8-sig")), value)


def _yaml(data: bytes) -> None:
    value = ours(lambda: document.read_yaml(data))
    if value is not None:
        assert _measured(value) <= MAX_NODES
        assert _same(document.read_yaml(document.write_yaml(value).encode()), value)


def _kept(data: bytes) -> None:
    """Whatever a document may hold."""
    changes = Changes(data, ["yes", "0x1f", "1_000", "1:20", "- a", "a: b", "a #b", "? a", "!!str a", "&a", "*a", "<<"])
    given = json.dumps([changes.value(), changes.rest().decode(errors="replace")]).encode()
    value = ours(lambda: document.read_json(given))
    if value is not None:
        _written(value)


def _of_parts(data: bytes) -> None:
    """The first line: what follows `multipart/related;`, and the URL of the body, if it has one."""
    said, _, body = data.partition(b"\n")
    about, _, base = said.decode("latin-1").partition("\t")
    _sent(body, f"{parts.MULTIPART};{about}", base)


def _zip(data: bytes) -> None:
    _sent(data, parts.ZIP, "")


def _sent(body: bytes, media_type: str, base: str) -> None:
    found = ours(lambda: parts.read(body, media_type, base))
    if found is None:
        return
    assert found.main in found.files
    assert len(found.files) <= parts.MAX_FILES
    assert sum(map(len, found.files.values())) <= parts.MAX_BYTES
    for name in found.files:
        if not name.startswith(("http://", "https://")):
            assert not name.startswith("/"), name
            assert ".." not in name.split("/"), name
    _deployed(body, media_type, base)


def _package(data: bytes) -> None:
    """An application package with changes; then its process is given changed inputs."""
    changes = Changes(data, _words())
    sent = json.dumps(changes.changed(changes.one(_packages()))).encode()
    process = _deployed(sent, deploy.PACKAGE, "")
    if process is None:
        return
    for each in process.description.inputs.values():
        assert values.schema_problem(each.schema) is None, each.schema
    given = {name: changes.changed(changes.value()) for name in process.description.inputs}
    read = ours(lambda: document.read_json(json.dumps(given).encode()))
    if read is not None:
        ours(lambda: inputs.order(process, read, budget=Budget()))


def _cwl(data: bytes) -> None:
    """A CWL document with changes, as far as cwltool takes it."""
    changes = Changes(data, _words())
    _deployed(json.dumps(changes.changed(changes.one(_documents()))).encode(), deploy.CWL_JSON, "")


def _deployed(body: bytes, media_type: str, base: str) -> Process | None:
    package = ours(lambda: deploy.read(body, media_type, base=base))
    if package is None:
        return None
    try:
        resolved = ours(package.resolved)
    except MissingError as missing:
        tell(missing.error)
        return None
    if resolved is None or (resolved.request is not None and resolved.chain is None):
        return None
    made = ours(lambda: deploy.draft(resolved, _POLICY, "p"))
    if made is None:
        return None
    assert _same(document.read_yaml(made.text.encode()), made.cwl), made.text
    if not package.is_image and not _is_valid(resolved, made.text):
        return None
    process = ours(lambda: deploy.process(made, "p"))
    if process is not None:
        json.dumps([each.schema for each in process.description.inputs.values()], allow_nan=False)
        for each in deploy.unmet(resolved, made.cwl):
            json.dumps(each.member())
    return process


def _is_valid(package: Package, text: str) -> bool:
    """What cwltool says; what it complains of can be told."""
    try:
        loading.load(text, _CONSTRUCTED)
    except Exception as error:  # as in `checker`
        for each in package.placed(list(complaints.of(error, text))):
            json.dumps(each.member())
        return False
    return True


@cache
def _packages() -> list[Any]:
    found = [each["example"] for name, each in sorted(PACKAGES.items()) if name == "ogcapppkg"]
    for path in sorted(DATA.glob("inputs/*.json")):
        case = json.loads(path.read_text())
        described = {"id": "p", "inputs": case.get("image", case.get("described", {}))}
        unit: Any = {"type": "docker", "image": "busybox:stable", "command": ["true"]}
        if "cwl" in case:
            continue
        found.append({"processDescription": described, "executionUnit": unit})
    found.append(json.loads((Path(__file__).parents[2] / "examples/ndvi/ndvi.json").read_text()))
    return found


@cache
def _documents() -> list[Any]:
    found = [document.read_yaml(path.read_bytes()) for path in sorted(DATA.glob("forms/*/expected.cwl"))]
    # Those with EOAP's types take cwltool half a second each.
    mapped = [path for path in sorted(DATA.glob("mapping/*/process.cwl")) if not path.parent.name.startswith("eoap")]
    return [*found, *(document.read_yaml(path.read_bytes()) for path in mapped)]


@cache
def _words() -> list[str]:
    return sorted({text for each in (*_packages(), *_documents()) for text in texts(each) if len(text) < 80})


def _zipped(**files: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.cwl", text)
    return written.getvalue()


_TOOL = (
    "cwlVersion: v1.2\nclass: CommandLineTool\nrequirements:\n  DockerRequirement: {dockerPull: a}\n"
    "baseCommand: 'true'\ninputs:\n  x: int?\noutputs: []\n"
)
_FLOW = "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n  a: {run: tool.cwl, in: [], out: []}\n"
_PARTS = (
    'boundary=b; start="<a@b>"\thttps://example.org/p/\n--b\r\nContent-ID: <a@b>\r\nContent-Location: main.cwl\r\n\r\n'
    f"{_FLOW}\r\n--b\r\nContent-Location: tool.cwl\r\n\r\n{_TOOL}\r\n--b--\r\n"
)
_MARKS = (b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\u0000", b"\\ud800", b"1e400", b"-0", b"true", b"null", b"NaN")

TARGETS = (
    Target(
        name="json",
        check=_json,
        seeds=lambda: (
            b'{"a": [1, -0.5e3, "\\u00e9\\ud83d\\ude00", null, true, {}]}',
            b"\xef\xbb\xbf[]",
            b"[[[[[1]]]]]",
        ),
        words=_MARKS,
    ),
    Target(
        name="yaml",
        check=_yaml,
        seeds=lambda: (
            _TOOL.encode(),
            b"a: &x [1, 0x1f, 1_0, .5, ~, yes]\nb: *x\nc: |\n  t\nd: !!str 1\n",
            b"? a\n: b\n",
            b'"\\u00e9": 1.5e+3',
        ),
        words=(*_MARKS, b"&a ", b"*a", b"<<: ", b"- ", b"? ", b"|\n", b">-\n", b"!!str ", b"---\n", b"%YAML 1.2\n"),
    ),
    Target(name="kept", check=_kept, slow=True),
    Target(
        name="parts",
        check=_of_parts,
        seeds=lambda: (_PARTS.encode(),),
        words=(
            b"--b",
            b"\r\n",
            b"Content-ID: ",
            b"Content-Location: ",
            b"Content-Transfer-Encoding: base64",
            b"start=",
        ),
        slow=True,
    ),
    Target(
        name="zip",
        check=_zip,
        seeds=lambda: (_zipped(main=_FLOW, tool=_TOOL),),
        words=(b"PK\x03\x04", b"PK\x01\x02", b"../"),
    ),
    Target(name="package", check=_package, slow=True),
    Target(name="cwl", check=_cwl, slow=True),
)
