"""Which inputs are secrets, in every way to say so; which can't be; and masks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cwl_bridge import deploy, inputs, secrecy
from cwl_bridge.document import write_yaml
from cwl_bridge.errors import InvalidInputsError, InvalidProcessError
from cwl_bridge.masks import Masks, Stream
from cwl_bridge.policy import Policy
from cwl_bridge.secretstore import Store
from tests.live import SHELL, shell_package, shell_tool

NAMESPACES = {"cwltool": "http://commonwl.org/cwltool#"}


def described(cwl: dict[str, Any]) -> Any:
    package = deploy.read(write_yaml(cwl).encode(), deploy.CWL)
    package = package.resolved()
    return deploy.process(deploy.draft(package, Policy()))


def tool(secrets: Any = ("password",), **more: Any) -> dict[str, Any]:
    return shell_tool(
        "true",
        **{
            "id": "x",
            "$namespaces": NAMESPACES,
            "hints": {"cwltool:Secrets": {"secrets": list(secrets) if isinstance(secrets, tuple) else secrets}},
            "inputs": {"password": "string", "files": "File[]"},
            **more,
        },
    )


def flow(port: Any, inputs: dict[str, Any], run: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    inner = run or tool(inputs={"password": "string"})
    inner = {name: each for name, each in inner.items() if name not in ("id", "$namespaces", "cwlVersion")}
    return {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": "x",
        "$namespaces": NAMESPACES,
        "requirements": {"ScatterFeatureRequirement": {}, "SubworkflowFeatureRequirement": {}},
        "inputs": inputs,
        "outputs": {},
        "steps": {"s": {"in": {"password": port}, "out": [], "run": inner, **more}},
    }


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no-input": (tool(("token",)), "/hints/cwltool:Secrets/secrets/0"),
    "no-list": (tool("password"), "/hints/cwltool:Secrets/secrets"),
    "no-names": (tool([1]), "/hints/cwltool:Secrets/secrets"),
    "files": (tool(("password", "files")), "/hints/cwltool:Secrets/secrets/1"),
    **{
        kind: (tool(inputs={"password": declared}), "/hints/cwltool:Secrets/secrets/0")
        for kind, declared in {
            "number": "int",
            "list": "string[]",
            "union": ["string", "int"],
            "anything": "Any",
            "record": {"type": {"type": "record", "fields": {"a": "string"}}},
            "enumeration": {"type": {"type": "enum", "symbols": ["a"]}},
        }.items()
    },
    "default": (tool(inputs={"password": {"type": "string", "default": "x"}}), "/inputs/password/default"),
    "listed": (
        tool(inputs=[{"id": "other", "type": "int"}, {"id": "password", "type": "string", "default": "x"}]),
        "/inputs/1/default",
    ),
    "of-a-step": (
        flow("token", {"token": "string"}, hints={"cwltool:Secrets": {"secrets": ["password"]}}),
        "/steps/s/hints/cwltool:Secrets/secrets/0",
    ),
    "given-by-a-step": (
        flow({"source": "token", "default": "x"}, {"token": "string?"}),
        "/steps/s/in/password/default",
    ),
    "scattered": (flow("tokens", {"tokens": "string[]"}, scatter="password"), "/steps/s/in/password"),
    "handed-on-with-a-default": (
        flow("token", {"token": {"type": "string", "default": "x"}}),
        "/inputs/token/default",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_be_no_secret(case: str) -> None:
    cwl, where = REFUSED[case]
    with pytest.raises(InvalidProcessError) as caught:
        described(cwl)
    assert [each.pointer for each in caught.value.errors] == [where]


SCHEMAS: dict[str, dict[str, Any]] = {
    "number": {"type": "integer", "writeOnly": True},
    "file": {"type": "string", "contentMediaType": "text/plain", "writeOnly": True},
    "enumeration": {"type": "string", "enum": ["a"], "format": "password"},
    "alternatives": {"oneOf": [{"type": "string"}, {"type": "integer"}], "writeOnly": True},
    "alternative": {"oneOf": [{"type": "string", "writeOnly": True}, {"type": "integer"}]},
    "member": {"type": "object", "properties": {"password": {"type": "string", "format": "password"}}},
    "item": {"type": "array", "items": {"type": "string", "format": "password"}},
    "default": {"type": "string", "format": "password", "default": "x"},
}


@pytest.mark.parametrize("case", SCHEMAS)
def test_schemas_that_can_be_none(case: str) -> None:
    body = json.dumps(shell_package("x", "true", {"a": {"schema": SCHEMAS[case]}})).encode()
    with pytest.raises(InvalidProcessError) as caught:
        deploy.draft(deploy.read(body, deploy.PACKAGE), Policy())
    assert [each.pointer for each in caught.value.errors] == ["/processDescription/inputs/a/schema"]


def test_a_requirement_is_stored_as_a_hint() -> None:
    """With all that a process keeps as a secret, also where only a step says so."""
    cwl = flow({"source": "token"}, {"token": "string", "more": "string?"})
    cwl["requirements"]["cwltool:Secrets"] = {"secrets": ["more"]}
    made = described(cwl)
    assert "cwltool:Secrets" not in made.cwl["requirements"]
    assert made.cwl["hints"] == {"cwltool:Secrets": {"secrets": ["token", "more"]}}
    secrets = {name: each.schema.get("writeOnly") for name, each in made.description.inputs.items()}
    assert secrets == {"token": True, "more": True}


@pytest.mark.parametrize("source", ["token", "#token", "#x/token", ["token"], ["#x/token"]])
def test_ways_to_name_an_input(source: Any) -> None:
    made = described(flow({"source": source}, {"token": "string"}, hints=None))
    assert secrecy.names(made.description) == ["token"]


def test_what_another_step_gives_is_no_input() -> None:
    cwl = flow({"source": "other/token"}, {"token": "string"})
    cwl["steps"]["other"] = {"in": {}, "out": ["token"], "run": {**tool(), "hints": {}, "outputs": {"token": "string"}}}
    del cwl["steps"]["other"]["run"]["cwlVersion"]
    assert secrecy.names(described(cwl).description) == []


def test_a_prefix_of_another_document() -> None:
    """Of one that stands inside another now."""
    body: dict[str, Any] = {
        "cwlVersion": "v1.2",
        "$graph": [
            {
                "class": "Workflow",
                "id": "main",
                "inputs": {"token": "string"},
                "outputs": {},
                "steps": {"s": {"in": {"password": "token"}, "out": [], "run": "#x"}},
            },
            {**tool(hints=[{"class": "other:Secrets", "secrets": ["password"]}]), "id": "x"},
        ],
        "$namespaces": {"other": "http://commonwl.org/cwltool#"},
    }
    for each in body["$graph"]:
        each.pop("$namespaces", None)
        each.pop("cwlVersion", None)
    made = described(body)
    assert made.description.inputs["token"].schema["writeOnly"] is True


def masked(said: bytes, *secrets: str) -> bytes:
    masks = Masks()
    for each in secrets:
        masks.add(each)
    return masks.in_bytes(said)


@pytest.mark.parametrize(
    ("said", "secrets", "shown"),
    [
        (b"hunter2!", ["hunter2"], b"(secret)!"),
        (b"hunter2345", ["hunter2", "hunter2345"], b"(secret)"),
        (b"abc", ["abc"], b"abc"),
        (b'{"a": "it\\u00fc\\"x"}', ['itü"x'], b'{"a": "(secret)"}'),
        (b"first line\nsecond\n", ["first line\nsecond\n"], b"(secret)"),
        (b"  second|", ["first line\r\nsecond\r\n"], b"  (secret)|"),
        (b"+ echo 'it'\\''s so'", ["it's so"], b"+ echo '(secret)'"),
        (b"a+b", ["a+b."], b"a+b"),
        (b"nothing", [], b"nothing"),
    ],
)
def test_masks(said: bytes, secrets: list[str], shown: bytes) -> None:
    assert masked(said, *secrets) == shown


@given(
    st.lists(st.text("ab\n'", min_size=1, max_size=9), max_size=3),
    st.lists(st.text("ab\n'", max_size=12), max_size=6),
)
@example(["abab", "ababa"], ["aba", "bab", "aab"])
def test_a_secret_that_is_cut_anywhere(secrets: list[str], pieces: list[str]) -> None:
    """The same is masked as of the whole, and what is held back comes at the end."""
    masks = Masks()
    for each in secrets:
        masks.add(each)
    stream = Stream(masks)
    told = b"".join(stream.next(each.encode()) for each in pieces) + stream.end()
    assert told == masks.in_bytes("".join(pieces).encode())


def test_values_at_places() -> None:
    """The document itself stays as it is; thousands of places take no time."""
    sent: dict[str, Any] = {"inputs": [{"a": {"b": 1}, "c": 2} for _ in range(10_000)], "other": {}}
    places = [(("inputs", index, "a", "b"), "x") for index in range(10_000)]
    found = secrecy.with_values(sent, places)
    assert found == {"inputs": [{"a": {"b": "x"}, "c": 2}] * 10_000, "other": {}}
    assert sent["inputs"][0] == {"a": {"b": 1}, "c": 2}
    assert secrecy.with_values(sent, []) is sent


def test_the_password_of_the_types_of_earth_observation() -> None:
    """It is a secret without more being said, in the record that holds it; in a list it is none."""
    places = "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml"
    cwl = shell_tool("true", id="x", inputs={"password": f"{places}#Password?", "more": f"{places}#Password[]"})
    cwl["requirements"] = [SHELL, {"class": "SchemaDefRequirement", "types": [{"$import": places}]}]
    made = described(cwl)
    assert secrecy.names(made.description) == ["password"]
    order = inputs.order(made, {"password": "hunter2", "more": ["x"]})
    assert order["password"] == {"value": "hunter2"}
    masked, values = secrecy.parted(made.description, order)
    assert masked == {"password": {"value": "(secret)"}, "more": [{"value": "x"}]}
    assert values == {"password": "hunter2"}
    assert secrecy.with_text(masked["password"], "x") == {"value": "x"}


def test_as_long_as_it_may_be(tmp_path: Path) -> None:
    """Its bytes count: they are what a line in the file of variables is read by. Longer lines stay where they are."""
    made = described(tool(inputs={"password": "string"}))
    for most in ("é" * 16_384, "line\n" * 199):
        assert inputs.order(made, {"password": most})["password"] == most
    for more in ("é" * 16_385, "line\n" * 200):
        with pytest.raises(InvalidInputsError) as caught:
            inputs.order(made, {"password": more})
        assert [each.pointer for each in caught.value.errors] == ["/inputs/password"]
    store, file = Store(Masks()), tmp_path / "variables"
    word = store.hidden("é" * 16_384)
    runtime = ["docker", f"--env=ONE={word}", f"--env=TWO={word}{word}", "--env=PLAIN=x"]
    assert store.variables(runtime, file) == [
        "docker",
        f"--env=TWO={word}{word}",
        "--env=PLAIN=x",
        f"--env-file={file}",
    ]
    assert file.read_bytes() == f"ONE={'é' * 16_384}\n".encode()
