"""Inputs as tools really get them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from tests.live import Server, shell_package, shell_tool

INPUTS: dict[str, Any] = {
    "text": {"schema": {"type": "string"}},
    "flag": {"minOccurs": 0, "schema": {"type": "boolean"}},
    "number": {"minOccurs": 0, "schema": {"type": "number", "default": 0}},
    "list": {"minOccurs": 0, "maxOccurs": "unbounded", "schema": {"type": "string"}},
    "object": {"minOccurs": 0, "schema": {"type": "object"}},
    "bbox": {"minOccurs": 0, "schema": {"allOf": [{"format": "ogc-bbox"}, {"type": "object"}]}},
    "empty": {"minOccurs": 0, "schema": {"type": "string", "default": ""}},
}
ARGUMENTS = 'for each in "$@"; do printf "%s\\n" "$each"; done > arguments'


def arguments(server: Server, inputs: dict[str, Any]) -> list[str]:
    """The command line that the tool was given."""
    outputs = {"arguments": {"schema": {"type": "string"}}}
    server.deploy(shell_package("arguments", ARGUMENTS, INPUTS, outputs))
    found: str = server.execute("arguments", inputs, response="document").json()["arguments"]
    return found.split("\n")


def test_an_image_gets_its_inputs_as_options(server: Server) -> None:
    """In the declared order, values as they are, objects as JSON, defaults filled in."""
    given = {
        "bbox": {"bbox": [1, 2, 3, 4]},
        "object": {"value": {"a": "é", "b": [1, None]}},
        "list": ["$(inputs.text)", "; rm -rf /", "--flag"],
        "flag": True,
        "text": "two words",
    }

    assert arguments(server, given) == [
        *("--text", "two words"),
        "--flag",
        *("--number", "0"),
        *("--list", "$(inputs.text)", "; rm -rf /", "--flag"),
        *("--object", '{"a":"é","b":[1,null]}'),
        *("--bbox", '{"bbox":[1,2,3,4]}'),
        *("--empty", ""),
    ]


def test_a_false_flag_and_absent_inputs_are_not_there(server: Server) -> None:
    """An explicit null is as good as nothing."""
    given = {"text": "x", "flag": False, "list": None, "number": 2.5}

    assert arguments(server, given) == ["--text", "x", "--number", "2.5", "--empty", ""]


def test_files_come_by_reference_text_and_base64(server: Server, files: tuple[Path, str]) -> None:
    """Their names keep the ending that the media type or the href has."""
    folder, url = files
    (folder / "by reference #1.txt").write_bytes(b"fetched")
    one = {"schema": {"type": "string", "contentMediaType": "text/plain"}}
    script = 'for each in "$2" "$4" "$6"; do echo "${each##*/} $(cat "$each")"; done > said'
    package = shell_package(
        "three-files", script, {"a": one, "b": one, "c": one}, {"said": {"schema": {"type": "string"}}}
    )
    assert server.deploy(package).status_code == 201

    answer = server.execute(
        "three-files",
        {
            "a": {"href": f"{url}/by%20reference%20%231.txt", "type": "text/plain"},
            "b": "inline",
            "c": {"value": base64.b64encode(b"encoded").decode(), "encoding": "base64"},
        },
        response="document",
    )

    assert answer.json()["said"].split("\n") == ["by reference #1.txt fetched", "b.txt inline", "c.txt encoded"]


def test_a_literal_by_reference_is_fetched_and_checked(server: Server, files: tuple[Path, str]) -> None:
    """As the inline value would have been (18-062r2, input-validation)."""
    folder, url = files
    (folder / "good.json").write_text('{"a": 1}')
    (folder / "bad.json").write_text("[1]")

    good = arguments(server, {"text": "x", "object": {"href": f"{url}/good.json"}})
    bad = server.execute("arguments", {"text": "x", "object": {"href": f"{url}/bad.json"}})

    assert '{"a":1}' in good
    assert bad.status_code == 400
    assert bad.json()["type"].endswith("/problems/invalid-input")
    assert "bad.json" in bad.json()["detail"]


def test_nothing_exists_of_a_request_that_is_refused(server: Server) -> None:
    """Every error is answered at once, each with its pointer, and there is no job."""
    before = server.http.get("/jobs").json()["jobs"]
    server.deploy(shell_package("arguments", ARGUMENTS, INPUTS))

    answer = server.execute("arguments", {"flag": "yes", "number": "1", "nix": 1}, outputs={"none": {}})

    assert answer.status_code == 400
    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert pointers == {"/inputs/text", "/inputs/flag", "/inputs/number", "/inputs/nix", "/outputs/none"}
    assert server.http.get("/jobs").json()["jobs"] == before


def test_cwl_types_reach_a_cwl_tool_as_they_are(server: Server) -> None:
    """Records, enums, unions, arrays of arrays, 64-bit integers, Any."""
    given = {
        "record": {"name": "x", "sizes": [1, 2], "note": None},
        "choice": "b",
        "either": "text",
        "matrix": [[1, 2], [], [3]],
        "big": 9007199254740993,
        "anything": {"nested": [None, True, {"location": "a place"}]},
    }
    tool = shell_tool(
        "true",
        id="types",
        inputs={
            "record": {"type": {"type": "record", "fields": {"name": "string", "sizes": "int[]", "note": "string?"}}},
            "choice": {"type": {"type": "enum", "symbols": ["a", "b"]}},
            "either": ["long", "string"],
            "matrix": {"type": {"type": "array", "items": {"type": "array", "items": "int"}}},
            "big": "long",
            "anything": "Any",
            "small": {"type": "int", "default": 0},
        },
        outputs=dict.fromkeys(given, "Any") | {"small": "int"},
    )
    listing = [{"entryname": "cwl.output.json", "entry": "$(inputs)"}]
    tool["requirements"].append({"class": "InitialWorkDirRequirement", "listing": listing})
    assert server.deploy(tool, "application/cwl+json").status_code == 201

    wrapped = {name: {"value": each} if isinstance(each, dict) else each for name, each in given.items()}
    found = server.execute("types", wrapped).json()

    assert found == {**wrapped, "small": 0}


def test_secondary_files_of_a_link(server: Server, files: tuple[Path, str]) -> None:
    """They are fetched from beside it, and the tool finds them; without one that has to be there the job fails."""
    folder, url = files
    for name in ("a.bam", "a.bam.idx", "a.js"):
        (folder / name).write_text(name)
    tool = shell_tool(
        'cd "$(dirname "$1")"; ls',
        id="secondary",
        inputs={"x": {"type": "File", "secondaryFiles": [".idx", "^.md?"], "inputBinding": {}}},
        outputs={"said": "stdout"},
    )
    assert server.deploy(tool, "application/cwl+json").status_code == 201

    link = {"href": f"{url}/a.bam"}
    order = server.http.post("/processes/secondary/validation", json={"inputs": {"x": link}}).json()
    found = server.execute("secondary", {"x": link})
    (folder / "a.bam.idx").unlink()
    job_id = server.submit("secondary", {"x": link})
    failed = server.wait(job_id)

    assert order == {"x": {"class": "File", "basename": "a.bam", "location": link["href"]}}
    assert found.text.split() == ["a.bam", "a.bam.idx"]
    assert (failed["status"], failed["exception"]["type"].rpartition("/")[2]) == ("failed", "fetch-failed")
    assert f"{url}/a.bam comes with a secondary file 'a.bam.idx'" in failed["message"]
