"""What is stored runs with plain cwltool, and gives what the job gave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.live import EXAMPLES, Server, shell_package
from tests.plain import cwltool


def content(server: Server, job_id: str, output: str) -> bytes:
    """One output of a job."""
    return server.http.get(f"/jobs/{job_id}/results/{output}").content


def test_the_stored_document_of_an_image(server: Server, tmp_path: Path) -> None:
    """Every argument and output alike; a literal is the file that holds it."""
    inputs = {
        "text": {"schema": {"type": "string"}},
        "times": {"minOccurs": 0, "schema": {"type": "integer", "default": 2}},
        "box": {"schema": {"type": "object"}},
        "file": {"schema": {"type": "string", "contentMediaType": "text/plain"}},
    }
    outputs = {
        "all": {"schema": {"type": "string", "contentMediaType": "text/plain"}},
        "count": {"schema": {"type": "integer"}},
    }
    script = 'echo $# > count; { printf "%s " "$1" "$2" "$3" "$4" "$5" "$6"; cat "$8"; } > all.txt'
    server.deploy(shell_package("by-hand", script, inputs, outputs))
    job_id = server.submit("by-hand", {"text": "a b", "box": {"value": {"x": [1]}}, "file": "content"})
    assert server.wait(job_id)["status"] == "successful"
    order = tmp_path / "order.json"
    (tmp_path / "f.txt").write_text("content")
    order.write_text(json.dumps({"text": "a b", "box": '{"x":[1]}', "file": {"class": "File", "path": "f.txt"}}))
    stored = tmp_path / "process.cwl"
    stored.write_bytes(server.http.get("/processes/by-hand/process.cwl").content)

    found = cwltool("--outdir", str(tmp_path / "out"), str(stored), str(order))

    assert Path(found["all"]["path"]).read_bytes() == content(server, job_id, "all")
    assert json.loads(Path(found["count"]["path"]).read_text()) == json.loads(content(server, job_id, "count"))


def test_the_command_line_of_a_job_repeats_it(server: Server, tmp_path: Path) -> None:
    """command.txt: the same document, the same staged order."""
    outputs = {"copy": {"schema": {"type": "string", "contentMediaType": "text/plain"}}}
    one = {"schema": {"type": "string", "contentMediaType": "text/plain"}}
    server.deploy(shell_package("repeated", 'cat "$2" > copy.txt', {"file": one}, outputs))
    job_id = server.submit("repeated", {"file": {"value": "ünïcode", "mediaType": "text/plain"}})
    assert server.wait(job_id)["status"] == "successful"

    command = (server.data / "jobs" / job_id / "command.txt").read_text().split()
    found = cwltool(*(str(tmp_path) if word == "OUTDIR" else word for word in command[1:]))

    assert Path(found["copy"]["path"]).read_bytes() == content(server, job_id, "copy") == "ünïcode".encode()


@pytest.mark.parametrize("example", ["ndvi"])
def test_cwltool_runs_a_process_from_its_url(server: Server, tmp_path: Path, example: str) -> None:
    """`cwltool URL job` gives the same bytes as the job."""
    folder = EXAMPLES / example
    server.deploy(json.loads((folder / f"{example}.json").read_text()))
    job_id = server.submit(example, json.loads((folder / "execute.json").read_text())["inputs"])
    assert server.wait(job_id)["status"] == "successful", server.status(job_id)

    url = f"{server.url}/processes/{example}/process.cwl"
    found = cwltool("--outdir", str(tmp_path), url, str(folder / "inputs.json"))

    for output in ("ndvi", "quicklook"):
        assert Path(found[output]["path"]).read_bytes() == content(server, job_id, output)
    assert json.loads(Path(found["statistics"]["path"]).read_text()) == json.loads(
        content(server, job_id, "statistics")
    )
