"""GET /processes/{id}/package: byte for byte what deployed a process, in its media type, whatever it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live import Server, environment, shell_package, shell_tool

PACKAGE, CWL = "application/ogcapppkg+json", "application/cwl"
#: What no writer of JSON or YAML would make of it.
BLANKS = b" \r\n\t \n"
YAML = """# Zürich
cwlVersion:   v1.2
class: CommandLineTool
id: {id}
requirements: {{DockerRequirement: {{dockerPull: "busybox:stable"}}}}
baseCommand: 'true'
inputs: []
outputs: []
"""


def spread(document: dict[str, Any]) -> bytes:
    return BLANKS + json.dumps(document, indent=3).encode() + BLANKS


TOOL = shell_tool("true")
KINDS = [
    ("image", PACKAGE, spread(shell_package("package-image", "true")), PACKAGE),
    ("image-as-json", "application/json", spread(shell_package("package-image-as-json", "true")), PACKAGE),
    ("value", PACKAGE, spread(shell_package("package-value", "") | {"executionUnit": {"value": TOOL}}), PACKAGE),
    ("list", PACKAGE, spread(shell_package("package-list", "") | {"executionUnit": [{"unit": TOOL}]}), PACKAGE),
    ("cwl-json", "application/cwl+json", spread(shell_tool("true", id="package-cwl-json")), "application/cwl+json"),
    ("cwl-as-json", "application/json", spread(shell_tool("true", id="package-cwl-as-json")), "application/cwl+json"),
    ("cwl", CWL, YAML.format(id="package-cwl").encode(), CWL),
    ("charset", f"{CWL}; charset=utf-8", YAML.format(id="package-charset").encode(), CWL),
    ("cwl-that-is-json", CWL, spread(shell_tool("true", id="package-cwl-that-is-json")).strip(), CWL),
    ("yaml", "application/cwl+yaml", YAML.format(id="package-yaml").encode(), "application/cwl+yaml"),
    ("mark", CWL, b"\xef\xbb\xbf" + YAML.format(id="package-mark").encode(), CWL),
    ("latin", CWL, YAML.format(id="package-latin").encode("latin-1"), CWL),
    ("line-ends", CWL, YAML.format(id="package-line-ends").replace("\n", "\r\n").encode(), CWL),
]


@pytest.mark.parametrize(("name", "sent_as", "body", "kept_as"), KINDS, ids=[each[0] for each in KINDS])
def test_every_kind_of_body(server: Server, name: str, sent_as: str, body: bytes, kept_as: str) -> None:
    """Nothing is written anew."""
    deployed = server.http.post("/processes", content=body, headers={"Content-Type": sent_as})
    assert deployed.status_code == 201, deployed.text

    answer = server.http.get(f"/processes/package-{name}/package")
    head = server.http.head(f"/processes/package-{name}/package")

    assert answer.content == body
    assert answer.headers["content-type"] == kept_as
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(body)))


def test_a_package_that_refers_to_its_document(server: Server, files: tuple[Path, str]) -> None:
    """The package itself; what it refers to is in process.cwl."""
    folder, url = files
    (folder / "tool.cwl").write_text(json.dumps(shell_tool("echo fetched")))
    unit = {"href": f"{url}/tool.cwl", "type": CWL}
    body = spread({"processDescription": {"id": "package-href", "version": "1"}, "executionUnit": unit})
    deployed = server.http.post("/processes", content=body, headers={"Content-Type": PACKAGE})
    assert deployed.status_code == 201, deployed.text

    answer = server.http.get("/processes/package-href/package")

    assert (answer.content, answer.headers["content-type"]) == (body, PACKAGE)
    assert "echo fetched" in server.http.get("/processes/package-href/process.cwl").text


def test_the_package_of_a_process_that_was_replaced(server: Server) -> None:
    """That of the last revision."""
    server.deploy(shell_package("package-replaced", "true"))
    body = YAML.format(id="any").encode()
    replaced = server.http.put("/processes/package-replaced", content=body, headers={"Content-Type": CWL})
    assert replaced.status_code == 204, replaced.text

    answer = server.http.get("/processes/package-replaced/package")

    assert (answer.content, answer.headers["content-type"]) == (body, CWL)


def test_what_nobody_deployed(server: Server) -> None:
    """The built-in process has none, an unknown one neither."""
    assert server.http.get("/processes/echo/package").status_code == 403
    assert server.http.get("/processes/none/package").status_code == 404


def test_the_command(server: Server) -> None:
    """`cwl-processes package ID` writes the same bytes."""
    body = YAML.format(id="package-command").encode("latin-1")
    server.http.post("/processes", content=body, headers={"Content-Type": CWL})

    done = subprocess.run(
        [sys.executable, "-m", "server", "package", "package-command", "--server", server.url],
        capture_output=True,
        env=environment(),
        check=True,
    )

    assert done.stdout == body
