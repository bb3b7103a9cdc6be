"""Files of a package that its document names: kept by the server, for as long as a process or a job has them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.live import Server, serving, shell_tool
from tests.plain import cwltool
from tests.server.test_cli import run

RELATED = 'multipart/related; boundary="b"'
#: Whatever a reader of text or of parts could take for more than bytes.
BINARY = bytes(range(256)) + b"\r\n--b-\r\n\r\r\n\n\r"
LARGE = os.urandom(3 << 20)


def tool(process_id: str, location: str = "data/a.bin", **more: Any) -> dict[str, Any]:
    """Says what its file, and what lies beside it, hash to."""
    port = {"type": "File", "secondaryFiles": [".idx?"], "default": {"class": "File", "location": location}}
    script = 'cd "$(dirname "$1")"; sha256sum * > "$HOME/sums.txt"'
    outputs = {"sums": {"type": "File", "outputBinding": {"glob": "sums.txt"}}}
    arguments = ["$(inputs.file.path)"]
    return shell_tool(script, id=process_id, inputs={"file": port}, outputs=outputs, arguments=arguments, **more)


def zipped(files: dict[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


def multipart(files: dict[str, bytes]) -> bytes:
    parts = (f"--b\r\nContent-Location: {name}\r\n\r\n".encode() + body + b"\r\n" for name, body in files.items())
    return b"".join(parts) + b"--b--\r\n"


def deployed(server: Server, document: dict[str, Any], **files: bytes) -> None:
    body = zipped({"main.cwl": json.dumps(document).encode(), **{f"data/{name}": each for name, each in files.items()}})
    answer = server.http.post("/processes", content=body, headers={"Content-Type": "application/zip"})
    assert answer.status_code == 201, answer.text


def sums(server: Server, job_id: str) -> dict[str, str]:
    """What a job of the tool has found, by the names of the files."""
    assert server.wait(job_id)["status"] == "successful", server.status(job_id)
    lines = server.http.get(f"/jobs/{job_id}/results/sums").text.splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def kept(server: Server) -> set[str]:
    """Everything of all documents."""
    return {str(path) for path in (server.data / "processes").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("process_id", "media_type", "packed"),
    [("kept-zip", "application/zip", zipped), ("kept-parts", RELATED, multipart)],
)
def test_files_come_in_the_package(server: Server, process_id: str, media_type: str, packed: Any) -> None:
    """Every byte, however many, as one way of sending them and as the other."""
    files = {"main.cwl": json.dumps(tool(process_id)).encode(), "data/a.bin": LARGE, "data/a.bin.idx": BINARY}

    answer = server.http.post("/processes", content=packed(files), headers={"Content-Type": media_type})

    assert answer.status_code == 201, answer.text
    assert sums(server, server.submit(process_id)) == {"a.bin": digest(LARGE), "a.bin.idx": digest(BINARY)}


def test_the_command_sends_them(server: Server, tmp_path: Path) -> None:
    """With the secondary files that there are, also from above the document."""
    for name, content in (("data/a.bin", BINARY), ("data/a.bin.idx", b"index"), ("data/other", b"")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "tools").mkdir()
    document = tmp_path / "tools" / "main.cwl"
    document.write_text(json.dumps(tool("kept-cli", "../data/a.bin")))

    done = run(server.url, "deploy", str(document))

    assert done.returncode == 0, done.stderr
    assert sums(server, server.submit("kept-cli")) == {"a.bin": digest(BINARY), "a.bin.idx": digest(b"index")}


def test_a_file_from_elsewhere_is_kept(server: Server, files: tuple[Path, str]) -> None:
    """Fetched with what lies beside it, once."""
    folder, url = files
    (folder / "a.bin").write_bytes(BINARY)
    (folder / "a.bin.idx").write_bytes(b"index")
    deployed(server, tool("kept-url", f"{url}/a.bin"))
    (folder / "a.bin").unlink()

    assert sums(server, server.submit("kept-url")) == {"a.bin": digest(BINARY), "a.bin.idx": digest(b"index")}


def test_clients_can_read_them(server: Server) -> None:
    """At the place that the description names; no other place gives anything."""
    deployed(server, tool("kept-read", "data/a%20b%23.bin"), **{"a b#.bin": BINARY})

    default = server.http.get("/processes/kept-read").json()["inputs"]["file"]["schema"]["default"]
    found = server.http.get(default["location"], headers={"Range": "bytes=0-9"})

    assert default["location"] == f"{server.url}/processes/kept-read/files/{digest(BINARY)}/a%20b%23.bin"
    assert (default["basename"], default["size"]) == ("a b#.bin", len(BINARY))
    assert (found.status_code, found.content) == (206, BINARY[:10])
    assert server.http.get(default["location"]).content == BINARY
    for place in (f"{digest(BINARY)}/other", f"{digest(b'')}/a%20b%23.bin", "../x", f"{digest(BINARY)}/..%2Fx"):
        assert server.http.get(f"/processes/kept-read/files/{place}").status_code == 404, place
    assert server.http.get(f"/processes/echo/files/{digest(BINARY)}/a%20b%23.bin").status_code == 404


def test_a_value_that_is_given_takes_their_place(server: Server) -> None:
    """As that of any default."""
    deployed(server, tool("kept-given"), **{"a.bin": BINARY})

    job_id = server.submit("kept-given", {"file": {"value": "text", "mediaType": "text/plain"}})

    assert list(sums(server, job_id).values()) == [digest(b"text")]


def test_plain_cwltool_has_them_too(server: Server, tmp_path: Path) -> None:
    """From the URL of the process and of a job, from the job's folder, and when it is replayed."""
    deployed(server, tool("kept-plain"), **{"a.bin": BINARY, "a.bin.idx": b"index"})
    job_id = server.submit("kept-plain")
    wanted = sums(server, job_id)

    places = [f"{server.url}/processes/kept-plain", f"{server.url}/jobs/{job_id}", str(server.data / "jobs" / job_id)]
    for number, place in enumerate(places):
        found = cwltool("--outdir", str(tmp_path / str(number)), f"{place}/process.cwl")
        lines = Path(found["sums"]["path"]).read_text().splitlines()
        assert {line.split()[1]: line.split()[0] for line in lines} == wanted, place
    replayed = run(server.url, "replay", job_id)

    assert wanted == {"a.bin": digest(BINARY), "a.bin.idx": digest(b"index")}
    assert (replayed.returncode, replayed.stdout) == (0, "sums: the same\nThe outputs agree.\n"), replayed.stderr


def test_a_job_keeps_them_when_its_process_goes(server: Server) -> None:
    """What was replaced or undeployed is still there for the jobs that ran it."""
    deployed(server, tool("kept-gone"), **{"a.bin": b"first"})
    first = server.submit("kept-gone")
    body = zipped({"main.cwl": json.dumps(tool("kept-gone")).encode(), "data/a.bin": b"second"})
    headers = {"Content-Type": "application/zip"}
    assert server.http.put("/processes/kept-gone", content=body, headers=headers).status_code == 204
    second = server.submit("kept-gone")
    assert server.http.delete("/processes/kept-gone").status_code == 204

    assert sums(server, first) == {"a.bin": digest(b"first")}
    assert sums(server, second) == {"a.bin": digest(b"second")}
    assert server.http.get(f"/jobs/{first}/files/{digest(b'first')}/a.bin").content == b"first"
    assert server.http.get(f"/processes/kept-gone/files/{digest(b'second')}/a.bin").status_code == 404
    assert run(server.url, "replay", first).returncode == 0


def test_a_registered_process_brings_its_files(server: Server) -> None:
    """Into the workflow that it becomes a part of."""
    deployed(server, tool("kept-part"), **{"a.bin": BINARY})
    step = {"run": "kept-part", "in": {}, "out": ["sums"]}
    workflow = {"cwlVersion": "v1.2", "class": "Workflow", "id": "kept-whole", "steps": {"only": step}, "inputs": {}}
    workflow["outputs"] = {"sums": {"type": "File", "outputSource": "only/sums"}}
    answer = server.deploy(workflow, "application/cwl+json")
    assert answer.status_code == 201, answer.text
    server.http.delete("/processes/kept-part")

    assert sums(server, server.submit("kept-whole")) == {"a.bin": digest(BINARY)}


def test_a_tool_that_writes_in_place_writes_into_its_own(server: Server) -> None:
    """InplaceUpdateRequirement: the next job finds the file as it was deployed."""
    requirements = {
        "DockerRequirement": {"dockerPull": "busybox:stable"},
        "InplaceUpdateRequirement": {"inplaceUpdate": True},
        "InitialWorkDirRequirement": {"listing": [{"entry": "$(inputs.file)", "entryname": "f", "writable": True}]},
    }
    document = tool("kept-in-place", requirements=requirements)
    document["baseCommand"] = ["sh", "-c", "cat f > sums.txt; echo more >> f"]
    deployed(server, document, **{"a.bin": b"as deployed\n"})

    texts = []
    for _ in range(2):
        job_id = server.submit("kept-in-place")
        assert server.wait(job_id)["status"] == "successful", server.status(job_id)
        texts.append(server.http.get(f"/jobs/{job_id}/results/sums").text)

    assert texts == ["as deployed\n", "as deployed\n"]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("data/none.bin", "invalid-process"),
        ("../data/a.bin", "unsafe-reference"),
        ("file:///etc/passwd", "unsafe-reference"),
        (f"files/{'0' * 64}/a.bin", "invalid-process"),
        (f"files/{hashlib.sha256(BINARY).hexdigest()}/a.bin", "invalid-process"),
        ("http://10.0.0.1/a.bin", "fetch-failed"),
    ],
)
def test_nothing_is_left_of_what_is_refused(server: Server, location: str, name: str) -> None:
    """Neither of what is not there, nor of what another process has."""
    deployed(server, tool(f"kept-other-{digest(location.encode())[:8]}"), **{"a.bin": BINARY})
    before = kept(server)
    document = tool("never", location)
    document["inputs"]["other"] = {"type": "File", "default": {"class": "File", "location": "data/a.bin"}}
    body = zipped({"main.cwl": json.dumps(document).encode(), "data/a.bin": b"of what is refused"})

    answer = server.http.post("/processes", content=body, headers={"Content-Type": "application/zip"})

    assert (answer.status_code >= 400, answer.json()["type"].rpartition("/")[2]) == (True, name), answer.text
    assert kept(server) == before


def test_nothing_is_left_of_an_id_that_is_taken(server: Server) -> None:
    """409, and no file."""
    deployed(server, tool("kept-taken"), **{"a.bin": b"1"})
    before = kept(server)
    body = zipped({"main.cwl": json.dumps(tool("kept-taken")).encode(), "data/a.bin": b"2"})

    answer = server.http.post("/processes", content=body, headers={"Content-Type": "application/zip"})

    assert (answer.status_code, kept(server)) == (409, before)


def test_what_a_crash_has_left_goes_with_the_next_start(tmp_path: Path) -> None:
    """Files of no process; those of a process, and of one that was undeployed, stay."""
    with serving(tmp_path / "data") as server:
        deployed(server, tool("stays"), **{"a.bin": b"1"})
        deployed(server, tool("undeployed"), **{"a.bin": b"2"})
        assert server.http.delete("/processes/undeployed").status_code == 204
        before = kept(server)
    left = tmp_path / "data" / "processes" / "files" / digest(b"left")
    left.mkdir()
    (left / "a.bin").write_bytes(b"left")
    (tmp_path / "data" / "processes" / "files" / digest(b"1") / "other.partial").write_bytes(b"left")
    (tmp_path / "data" / "processes" / f"{digest(b'left')}.cwl").write_text("")

    with serving(tmp_path / "data") as server:
        assert kept(server) == before
        assert sums(server, server.submit("stays")) == {"a.bin": digest(b"1")}
