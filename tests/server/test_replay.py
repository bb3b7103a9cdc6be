"""`cwl-processes replay`: a job once more with plain cwltool, and whether it gives the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server import replay
from server.client import BAD_USE, Client, CommandError
from tests.live import Server, serving, shell_package, shell_tool
from tests.server.test_cli import run

TEXT = {"schema": {"type": "string", "contentMediaType": "text/plain"}}
OUTPUTS = {
    "count": {"schema": {"type": "integer"}},
    "said": {"schema": {"type": "string"}},
    "box": {"schema": {"type": "object"}},
    "copy": TEXT,
    "parts": {"schema": {"type": "array", "items": TEXT["schema"]}},
    "tree": {"schema": {"type": "string", "format": "directory"}},
}
SCRIPT = """
echo 3 > count; echo '3 words' > said; echo '{"a": [1, null, true]}' > box.json; cat "$2" > copy.txt
mkdir parts tree tree/deep; echo 1 > parts/1; echo 2 > parts/2; cat "$2" > tree/deep/x
"""


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has an image for tools that name none."""
    with serving(tmp_path_factory.mktemp("lenient") / "data", DEFAULT_CONTAINER="busybox:stable") as server:
        yield server


def ended(server: Server, process_id: str, inputs: dict[str, Any] | None = None) -> str:
    job_id = server.submit(process_id, inputs)
    server.wait(job_id)
    return job_id


def test_a_job_of_an_image_is_repeated(server: Server, tmp_path: Path) -> None:
    """Files, lists, folders and literals, which cwltool gives as the files that hold them."""
    server.deploy(shell_package("replayed", SCRIPT, {"file": TEXT}, OUTPUTS))
    job_id = ended(server, "replayed", {"file": {"value": "content", "mediaType": "text/plain"}})

    found = run(server.url, "replay", job_id, "--outdir", str(tmp_path / "out"))
    as_json = run(server.url, "replay", job_id, "--json")

    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.splitlines() == [*(f"{name}: the same" for name in OUTPUTS), "The outputs agree."]
    assert "Final process status is success" in found.stderr
    assert (tmp_path / "out" / "copy.txt").read_text() == "content"
    assert json.loads(as_json.stdout) == {"agree": True, "outputs": dict.fromkeys(OUTPUTS, "the same")}


def test_javascript_and_secondary_files_are_repeated(server: Server) -> None:
    """By another engine than the server's, with the same values; contents are read from the staged files."""
    tool = shell_tool(
        'echo "$1" > main.txt; echo index > main.txt.idx',
        id="replayed-js",
        arguments=["$(inputs.file.contents.toUpperCase())"],
        inputs={"file": {"type": "File", "loadContents": True}},
        outputs={
            "main": {"type": "File", "secondaryFiles": [".idx"], "outputBinding": {"glob": "main.txt"}},
            "number": {"type": "double", "outputBinding": {"outputEval": "$(1 / 3)"}},
            "record": {"type": "Any", "outputBinding": {"outputEval": "$({a: [true, null]})"}},
        },
    )
    tool["requirements"] = [*tool["requirements"], {"class": "InlineJavascriptRequirement"}]
    server.deploy(tool, "application/cwl+json")
    job_id = ended(server, "replayed-js", {"file": {"value": "text", "mediaType": "text/plain"}})

    found = run(server.url, "replay", job_id)

    assert (found.returncode, found.stdout.count("the same")) == (0, 3), found.stdout + found.stderr


def test_an_output_that_is_another_each_time(server: Server) -> None:
    """1, and which output it is."""
    outputs = {"same": TEXT, "file": TEXT, "literal": {"schema": {"type": "string"}}}
    script = "echo x > same; cat /proc/sys/kernel/random/uuid | tee literal > file"
    server.deploy(shell_package("random", script, outputs=outputs))

    found = run(server.url, "replay", ended(server, "random"))

    assert found.returncode == 1
    assert "same: the same\nfile: file has other content\nliteral: the job gave " in found.stdout
    assert found.stdout.endswith("The outputs differ.\n")


def test_a_job_that_failed(server: Server) -> None:
    """It is run, so that one sees what it does, but it is no agreement."""
    server.deploy(shell_package("fails-again", "exit 7"))

    found = run(server.url, "replay", ended(server, "fails-again"))

    assert (found.returncode, "And so does cwltool." in found.stderr) == (1, True), found.stderr


def test_what_cannot_be_repeated(server: Server) -> None:
    """No such job, one that never had its inputs: 2. No server: 3."""
    server.deploy(shell_package("fetches", "true", {"file": TEXT}))
    unfetched = ended(server, "fetches", {"file": {"href": "http://127.0.0.1:9/none"}})

    never = run(server.url, "replay", unfetched)

    assert (never.returncode, "nothing to repeat" in never.stderr) == (2, True), never.stderr
    assert run(server.url, "replay", "none").returncode == 2
    assert run(server.url, "replay", "none", "--server", "http://127.0.0.1:9").returncode == 3


def test_the_image_of_tools_that_name_none(lenient: Server) -> None:
    """--default-container, as the server has it."""
    tool = shell_tool("busybox | head -n 1 > version", id="bare")
    tool |= {"requirements": [], "outputs": {"version": {"type": "File", "outputBinding": {"glob": "version"}}}}
    assert lenient.deploy(tool, "application/cwl+json").status_code == 201

    found = run(lenient.url, "replay", ended(lenient, "bare"))

    assert found.returncode == 0, found.stdout + found.stderr


def test_large_inputs_are_fetched(server: Server, tmp_path: Path) -> None:
    """By this client: what a bundle leaves out, cwltool need not find."""
    server.deploy(shell_package("replayed-large", 'cat "$2" > copy', {"file": TEXT}, {"copy": TEXT}))
    job_id = ended(server, "replayed-large", {"file": {"value": "content", "mediaType": "text/plain"}})
    order = server.http.get(f"/jobs/{job_id}/inputs.json")
    (tmp_path / "inputs.json").write_bytes(order.content)

    client = Client(server.url, None, as_json=False)
    replay._localise(client, tmp_path)
    client._http.close()

    path = json.loads((tmp_path / "inputs.json").read_text())["file"]["location"].removeprefix("file://")
    assert Path(path).read_text() == "content"
    assert Path(path).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "/etc/passwd", "inputs/../../secret", "inputs/%2E%2E/secret", "//host/etc", "ftp://x/y"],
)
def test_an_order_that_names_files_of_this_machine(tmp_path: Path, location: str) -> None:
    """A server may be anybody's."""
    file = {"class": "File", "basename": "x", "location": "inputs/1/x"}
    given = {"list": [{**file, "secondaryFiles": [{**file, "location": location}]}]}
    (tmp_path / "inputs.json").write_text(json.dumps(given))

    with pytest.raises(CommandError) as refused:
        replay._localise(Client("http://127.0.0.1:9", None, as_json=False), tmp_path)

    assert refused.value.code == BAD_USE


@pytest.mark.parametrize(
    "line",
    ["cwltool --no-container a b", "cwltool --relax a b", "cwltool --outdir a b", "cwltool 'a b", "cwltool a b c"],
)
def test_a_command_that_asks_for_more(line: str) -> None:
    """Only what this command knows is handed to cwltool."""
    with pytest.raises(CommandError):
        replay._options(line)


def test_a_document_that_would_run_outside_a_container(tmp_path: Path) -> None:
    """Nothing of a server's runs on this machine itself."""
    tool = {**shell_tool("true"), "requirements": []}
    (tmp_path / "process.cwl").write_text(json.dumps(tool))

    with pytest.raises(CommandError, match="not run here"):
        replay._check(tmp_path / "process.cwl", replay._options("cwltool --outdir OUTDIR a b"))
