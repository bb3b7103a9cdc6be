"""The folder of a job over HTTP: what plain cwltool needs to repeat it anywhere, and no place of the host."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge.jobfolder import JobFolder
from server import jobfiles
from tests.gate import WAIT, let_go
from tests.live import Server, serving, shell_package, shell_tool
from tests.plain import cwltool

FILES = {
    "process.cwl": "application/cwl+yaml",
    "inputs.json": "application/json",
    "command.txt": "text/plain; charset=utf-8",
    "log.txt": "text/plain; charset=utf-8",
    "outcome.json": "application/json",
}
NAME = "ünï cöde#1%20.txt"

TOOL = shell_tool(
    'cat "$1" "$2" "$3" > all.txt; cat "$4"/a "$4"/deep/b > inside.txt; ls "$4" > names.txt; '
    "mkdir tree; cp all.txt tree",
    id="repeats",
    arguments=[{"position": 1, "valueFrom": "$(inputs.main.secondaryFiles[0].path)"}],
    inputs={
        "main": {"type": "File", "secondaryFiles": [".idx"], "inputBinding": {"position": 0}},
        "list": {"type": "File[]", "inputBinding": {"position": 2}},
        "tree": {"type": "Directory", "inputBinding": {"position": 3}},
        "number": {"type": "int", "default": 5},
    },
    outputs={
        "all": {"type": "File", "outputBinding": {"glob": "all.txt"}},
        "inside": {"type": "File", "outputBinding": {"glob": "inside.txt"}},
        "names": {"type": "File", "outputBinding": {"glob": "names.txt"}},
        "made": {"type": "Directory", "outputBinding": {"glob": "tree"}},
        "nothing": {"type": "File?", "outputBinding": {"glob": "nothing"}},
    },
)


def data(text: str, name: str) -> dict[str, Any]:
    content = base64.b64encode(text.encode()).decode()
    return {"class": "File", "location": f"data:;base64,{content}", "basename": name}


INPUTS = {
    "main": {"value": {**data("main ", NAME), "secondaryFiles": [data("index ", NAME + ".idx")]}},
    "list": [{"value": "listed", "mediaType": "text/plain"}],
    "tree": {
        "value": {
            "class": "Directory",
            "basename": "tree",
            "listing": [
                data("A", "a"),
                {"class": "Directory", "basename": "deep", "listing": [data("B", "b")]},
                {"class": "Directory", "basename": "empty", "listing": []},
            ],
        }
    },
}


@pytest.fixture(scope="module")
def job(server: Server) -> str:
    assert server.deploy(TOOL, "application/cwl+json").status_code == 201
    job_id = server.submit("repeats", INPUTS)
    assert server.wait(job_id)["status"] == "successful", server.status(job_id)
    return job_id


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one slot."""
    with serving(tmp_path_factory.mktemp("alone") / "data", SLOTS="1", SHUTDOWN="stop") as server:
        server.deploy(shell_package("gated", f"echo before; {WAIT}"))
        yield server


def same_as_job(server: Server, job_id: str, found: dict[str, Any], *names: str) -> None:
    """Whether the files of an output object are those of the job."""
    for name in names or ("all", "inside", "names"):
        assert Path(found[name]["path"]).read_bytes() == server.http.get(f"/jobs/{job_id}/results/{name}").content
    made = server.http.get(f"/jobs/{job_id}/results/made/all.txt").content
    assert Path(found["made"]["path"], "all.txt").read_bytes() == made != b""
    assert found["nothing"] is None


def test_cwltool_repeats_a_job_from_its_urls(server: Server, job: str, tmp_path: Path) -> None:
    """`cwltool …/process.cwl …/inputs.json`: secondary files, lists, folders, names of every kind."""
    url = f"{server.url}/jobs/{job}"

    found = cwltool("--relax-path-checks", "--outdir", str(tmp_path), f"{url}/process.cwl", f"{url}/inputs.json")

    # It makes no empty folder inside a folder that it has made itself.
    same_as_job(server, job, found, "all", "inside")


def test_the_command_of_a_job_works_elsewhere(server: Server, job: str, tmp_path: Path) -> None:
    """command.txt names the same two URLs; the one on disk stays as it is."""
    words = server.http.get(f"/jobs/{job}/command.txt").text.split()

    assert words[0] == "cwltool"
    assert words[-2:] == [f"{server.url}/jobs/{job}/{each}" for each in ("process.cwl", "inputs.json")]
    assert str(server.data) in (server.data / "jobs" / job / "command.txt").read_text()
    found = cwltool(*(str(tmp_path) if word == "OUTDIR" else word for word in words[1:]))
    same_as_job(server, job, found, "all", "inside")


def test_a_bundle_runs_where_it_is_unpacked(server: Server, job: str, tmp_path: Path) -> None:
    """With the inputs inside, by names that are always the same; the same bundle twice is the same bytes."""
    answer = server.http.get(f"/jobs/{job}/bundle")
    again = server.http.get(f"/jobs/{job}/bundle")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
        order = json.loads(archive.read("inputs.json"))
    words = (tmp_path / "command.txt").read_text().split()

    assert answer.headers["content-type"] == "application/zip"
    assert f"{job}.zip" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert names[:6] == ["process.cwl", "inputs.json", "command.txt", "log.txt", "steps.jsonl", "outcome.json"]
    assert f"inputs/1/{NAME}" in names
    assert server.url not in json.dumps(order)
    assert words[-2:] == ["process.cwl", "inputs.json"]
    assert again.content == answer.content
    found = cwltool(
        "--relax-path-checks", "--outdir", str(tmp_path / "out"), *(str(tmp_path / each) for each in words[-2:])
    )
    same_as_job(server, job, found)


def test_large_inputs_stay_out_of_a_bundle(server: Server, job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names them by URL then."""
    folder = JobFolder(server.data / "jobs" / job)
    monkeypatch.setattr(jobfiles, "MAX_BUNDLED_BYTES", 3)

    found = dict(jobfiles.bundle(folder, lambda path: f"https://example.org/{path}", None))

    order = found["inputs.json"]
    assert isinstance(order, bytes)
    assert json.loads(order)["main"]["location"] == f"https://example.org/1/{NAME}"
    assert not [name for name in found if name.startswith("inputs/")]
    assert "outcome.json" not in found


def test_the_outcome_of_a_job(server: Server, job: str) -> None:
    """The CWL output object, its files by the URLs of the results; a failure with its reason."""
    server.deploy(shell_package("folder-fails", "echo no >&2; exit 3"))
    failed = server.submit("folder-fails")
    server.wait(failed)

    ended = server.http.get(f"/jobs/{job}/outcome.json").json()
    wrong = server.http.get(f"/jobs/{failed}/outcome.json").json()

    assert ended["failure"] is None
    assert ended["outputs"]["all"]["location"] == f"{server.url}/jobs/{job}/results/all"
    assert ended["outputs"]["nothing"] is None
    assert [each["basename"] for each in ended["outputs"]["made"]["listing"]] == ["all.txt"]
    assert ended["usage"]["wallSeconds"] > 0
    assert (wrong["outputs"], wrong["failure"]["reason"], wrong["failure"]["exit_code"]) == (None, "tool-failed", 3)


def test_the_status_document_links_to_the_folder(server: Server, job: str) -> None:
    """Each link gives the type that it says, and no place of the host."""
    links = {each["href"].rpartition("/")[2]: each for each in server.status(job)["links"]}

    for name, media_type in FILES.items():
        answer = server.http.get(links[name]["href"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert links[name]["type"] == media_type.partition(";")[0]
        assert str(server.data) not in answer.text
    assert links["bundle"]["type"] == "application/zip"
    assert server.http.get(f"/jobs/{job}/log.txt").content == server.http.get(f"/jobs/{job}/log").content
    assert server.http.head(f"/jobs/{job}/bundle").status_code == 200


@pytest.mark.parametrize(
    "place",
    [
        "",
        "%2E",
        "%2E%2E",
        "%2E",
        "3/tree",
        "%2E%2E/run.json",
        "..%2Frun.json",
        "1/%2E%2E/%2E%2E/run.json",
        "%2Fetc%2Fpasswd",
        "1/%00",
        "1/" + "x" * 300,
    ],
)
def test_only_inputs_are_served(server: Server, job: str, place: str) -> None:
    """Not what lies beside them, no folders, nothing that is not there."""
    answer = server.http.get(f"/jobs/{job}/inputs/{place}")

    assert answer.status_code == 404


def test_an_input_with_its_type_and_ranges(server: Server, job: str) -> None:
    """As results are served."""
    order = server.http.get(f"/jobs/{job}/inputs.json").json()
    url = order["main"]["location"]

    whole, part = server.http.get(url), server.http.get(url, headers={"Range": "bytes=1-2"})

    assert (whole.text, whole.headers["content-type"]) == ("main ", "text/plain; charset=utf-8")
    assert whole.headers["content-disposition"].startswith("attachment")
    assert (part.status_code, part.text) == (206, "ai")
    assert order["main"]["size"] == 5


def test_what_is_not_there_yet(alone: Server) -> None:
    """404 with a reason: not begun, running, ended before."""
    running, waiting, dismissed = (alone.submit("gated") for _ in range(3))
    alone.wait(running, "running")
    alone.http.delete(f"/jobs/{dismissed}")

    for name in (*FILES, "bundle"):
        early, never = (alone.http.get(f"/jobs/{each}/{name}") for each in (waiting, dismissed))
        assert (early.status_code, early.json()["type"]) == (404, f"{alone.url}/problems/file-not-ready")
        assert "has not begun" in early.json()["detail"]
        assert (never.status_code, never.json()["type"]) == (404, f"{alone.url}/problems/not-found")
        assert alone.http.get(f"/jobs/none/{name}").status_code == 404
    assert not [each for each in alone.status(waiting)["links"] if each["href"].endswith((".cwl", ".json", "bundle"))]
    outcome = alone.http.get(f"/jobs/{running}/outcome.json")
    assert (outcome.status_code, "is running" in outcome.json()["detail"]) == (404, True)
    with zipfile.ZipFile(io.BytesIO(alone.http.get(f"/jobs/{running}/bundle").content)) as archive:
        assert "outcome.json" not in archive.namelist()
    let_go(alone, running)
    assert alone.wait(running)["status"] == "successful"
    let_go(alone, waiting)
