"""GET /jobs/{id}/bundle?f=ro-crate: a Workflow Run RO-Crate, checked by those who read such crates elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from rocrate.rocrate import ROCrate

from cwl_bridge.traces import UNREAD
from tests.gate import WAIT, working
from tests.live import ROOT, Server, serving, shell_tool
from tests.server.traced import CASES, CWL, NAME, ran

READERS = ROOT / ".readers" / "bin"

KINDS = "PropertyValue or a subclass of DataType"
#: What a crate had better say, and this server can't know or its readers can't take; of what is required, nothing.
UNMET = {
    "The Action SHOULD have a result",
    "The Action SHOULD have an agent that is a Person or Organization",
    "The Application SHOULD have a url",
    "The README.md SHOULD be about the crate",
    "The README.md SHOULD have text/markdown as its encodingFormat",
    "The Root Data Entity SHOULD have a link to a Contextual Entity representing the `author` of the RO-Crate",
    "The Root Data Entity SHOULD have a link to a Contextual Entity representing the schema_org:license type",
    "The SoftwareApplication SHOULD have a version or softwareVersion",
    "The SoftwareApplication id SHOULD be an absolute URI",
    "The `publisher` property of a `Root Data Entity` SHOULD be an `Organization`",
    # An input that was not given.
    "FormalParameter SHOULD be referenced from a data entity or PropertyValue via exampleOfWork",
    # An array of files.
    f"A FormalParameter that maps to a PropertyValue SHOULD have {KINDS} as its additionalType",
}
#: It can't be a single value: runcrate goes through it.
LISTED = "SHOULD be represented as a single value, not a singleton array"


def unpacked(server: Server, job_id: str, folder: Path) -> Path:
    answer = server.http.get(f"/jobs/{job_id}/bundle", params={"f": "ro-crate"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert str(server.data).encode() not in answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return folder


def checked(profile: str, folder: Path) -> tuple[list[tuple[str, str]], str]:
    """The issues that roc-validator has, and the report of runcrate."""
    script = Path(__file__).with_name("check_crate.py")
    done = subprocess.run(
        [str(READERS / "python"), str(script), profile, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return [tuple(each) for each in found["issues"]], found["report"]


def run_of(crate: ROCrate, job_id: str) -> Any:
    return crate.get(f"#{job_id}")


@pytest.mark.parametrize("case", CASES)
def test_a_crate_is_what_its_profiles_demand(server: Server, tmp_path: Path, case: str) -> None:
    """Workflow Run Crate; of a workflow, Provenance Run Crate. Of what they recommend, what is known is said."""
    job_id = ran(server, case)
    folder = unpacked(server, job_id, tmp_path / "crate")

    profile = "provenance-run-crate" if case == "flow" else "workflow-run-crate"
    issues, report = checked(profile, folder)

    assert [said for severity, said in issues if severity == "REQUIRED"] == []
    assert {said for _, said in issues if LISTED not in said} <= UNMET
    assert f"action: #{job_id}\n  instrument: process.cwl" in report
    for name in CASES[case][1]:
        assert f" <- process.cwl#inputs/{name}\n" in report


@pytest.mark.parametrize("case", CASES)
def test_a_crate_holds_what_it_names(server: Server, tmp_path: Path, case: str) -> None:
    """Each file by its size and SHA-256; and it names what it holds."""
    job_id = ran(server, case)
    folder = unpacked(server, job_id, tmp_path / "crate")
    crate = ROCrate(folder)

    files = [each for each in crate.data_entities if "File" in each.type]
    assert len(files) > 4
    for each in files:
        content = (folder / unquote(each.id)).read_bytes()
        if "sha256" in each:
            assert each["sha256"] == hashlib.sha256(content).hexdigest(), each.id
    held = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    assert held == {unquote(each.id) for each in files} | {"ro-crate-metadata.json"}
    assert crate.mainEntity.id == "process.cwl"
    assert crate.mainEntity["programmingLanguage"]["name"] == "Common Workflow Language"
    assert run_of(crate, job_id)["instrument"] is crate.mainEntity


def test_what_a_tool_was_given_and_gave(server: Server, tmp_path: Path) -> None:
    """Files, collections, folders, lists, records and literals, each for its parameter."""
    job_id = ran(server, "tool")
    crate = ROCrate(unpacked(server, job_id, tmp_path / "crate"))
    run, status = run_of(crate, job_id), server.status(job_id)
    given = {each["exampleOfWork"]["name"]: each for each in run["object"]}
    gave = {each["exampleOfWork"]["name"]: each for each in run["result"]}

    assert set(given) == set(CASES["tool"][1])
    assert set(gave) == {"all", "made", "parts"}
    assert given["main"].type == "Collection"
    assert [each["name"] for each in given["main"]["hasPart"]] == [NAME, NAME + ".idx"]
    assert [each["name"] for each in given["list"]["value"]] == ["list-1.txt", "list-2.txt"]
    assert given["tree"].type == "Dataset"
    assert {each["name"] for each in given["tree"]["hasPart"]} == {"a", "deep"}
    assert {each["name"]: each["value"] for each in given["pair"]["value"]}["count"] == "3"
    literals = {name: given[name]["value"] for name in ("number", "large", "text", "words", "flag")}
    assert literals == {
        "number": "5",
        "large": str(1 << 40),
        "text": CASES["tool"][1]["text"],
        "words": ["to", "be"],
        "flag": "true",
    }
    kinds = {each["name"]: each["additionalType"] for each in crate.mainEntity["input"]}
    assert kinds["main"] == "Collection"
    assert (kinds["number"], kinds["flag"], kinds["tree"]) == ("Integer", "Boolean", "Dataset")
    times = [status[each].replace("Z", "+00:00") for each in ("started", "finished")]
    assert [run["startTime"], run["endTime"]] == times
    ((_, digest),) = status["usage"]["images"].items()
    image = run["containerImage"]
    assert (image["registry"], image["name"], image["tag"]) == ("docker.io", "busybox", "stable")
    assert f"sha256:{image['sha256']}" == digest


def test_the_steps_of_a_workflow(server: Server, tmp_path: Path) -> None:
    """What ran for which step; a step that was never run has a tool and no run."""
    job_id = ran(server, "flow")
    crate = ROCrate(unpacked(server, job_id, tmp_path / "crate"))
    controls = {each["instrument"]["name"]: each["object"] for each in crate.get("#engine")["object"]}

    runs = {step: [each["name"] for each in those] for step, those in controls.items()}
    assert runs == {
        "say": ["Run of say", "Run of say_2", "Run of say_3"],
        "inside": ["Run of inside"],
        "inside/count": ["Run of count"],
        "number": ["Run of number"],
    }
    assert {each["name"] for each in crate.mainEntity["step"]} == {"say", "inside", "number", "never"}
    assert {each["name"] for each in crate.mainEntity["hasPart"]} == {"say", "inside", "number"}
    assert crate.get("#engine")["result"] is run_of(crate, job_id)


def test_runcrate_repeats_a_crate(server: Server, tmp_path: Path) -> None:
    """From nothing but the crate, with cwltool."""
    folder = unpacked(server, ran(server, "flow"), tmp_path / "crate")
    cwltool = tmp_path / "cwltool"
    own = Path(sys.executable).with_name("cwltool")
    cwltool.write_text(f'#!/bin/sh\nexec {own} --quiet --outdir {tmp_path}/out "$@"\n')
    cwltool.chmod(0o755)

    command = [str(READERS / "runcrate"), "run", "--executable", str(cwltool), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout[done.stdout.index("\n{") :])
    assert [Path(each["path"]).read_text() for each in found["said"]] == ["to\n", "be\n", "or\n"]


def test_a_failed_job(server: Server, tmp_path: Path) -> None:
    """Has a status and an error."""
    job_id = ran(server, "failing")
    run = run_of(ROCrate(unpacked(server, job_id, tmp_path / "crate")), job_id)

    assert run["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert run["error"] == server.status(job_id)["message"]


def test_large_outputs_stay_out_of_a_crate(server: Server, tmp_path: Path) -> None:
    """It names them by URL then, files and folders alike; a file of holes soon, and without a digest."""
    outputs = {
        "file": {"type": "File", "outputBinding": {"glob": "large"}},
        "folder": {"type": "Directory", "outputBinding": {"glob": "folder"}},
    }
    tool = shell_tool("truncate -s 15G large; mkdir folder; echo small > folder/small", id="large", outputs=outputs)
    server.deploy(tool, CWL)
    job_id = server.submit("large")
    assert server.wait(job_id)["status"] == "successful"

    crate = ROCrate(unpacked(server, job_id, tmp_path / "crate"))

    url = f"{server.url}/jobs/{job_id}/results"
    assert [each.id for each in run_of(crate, job_id)["result"]] == [f"{url}/file", f"{url}/folder/"]
    assert crate.get(f"{url}/file")["contentSize"] == str(15 << 30)
    assert "sha256" not in crate.get(f"{url}/file")
    assert crate.get(f"{url}/file")["description"] == UNREAD
    assert crate.get(f"{url}/folder/small")["sha256"] == hashlib.sha256(b"small\n").hexdigest()
    assert UNREAD in server.http.get(f"/jobs/{job_id}/prov").text
    assert crate.get(f"{url}/folder/")["hasPart"].id == f"{url}/folder/small"
    assert server.http.get(f"{url}/folder/small").text == "small\n"
    assert server.http.delete(f"/jobs/{job_id}").status_code == 200


def test_what_is_wrong_with_a_request(server: Server) -> None:
    """400 and 404, as elsewhere."""
    bad = server.http.get(f"/jobs/{ran(server, 'literal')}/bundle", params={"f": "tar"})
    none = server.http.get("/jobs/none/bundle", params={"f": "ro-crate"})

    assert (bad.status_code, none.status_code) == (400, 404)
    assert "ro-crate" in bad.json()["detail"]


def test_a_job_that_has_not_ended(tmp_path: Path) -> None:
    """One that waits has no crate yet; of one that runs, or was dismissed, it is what is known."""
    with serving(tmp_path / "data", SLOTS="1", SHUTDOWN="stop") as server:
        server.deploy(shell_tool(f"{WAIT}", id="gated"), CWL)
        running, waiting = server.submit("gated"), server.submit("gated")
        working(server, running)
        early = server.http.get(f"/jobs/{waiting}/bundle", params={"f": "ro-crate"})
        begun = run_of(ROCrate(unpacked(server, running, tmp_path / "running")), running)
        for each in (waiting, running):
            server.http.delete(f"/jobs/{each}")
        ended = run_of(ROCrate(unpacked(server, running, tmp_path / "dismissed")), running)

    assert early.json()["type"].endswith("/file-not-ready")
    assert (begun["actionStatus"], begun.get("endTime")) == ("http://schema.org/ActiveActionStatus", None)
    assert (ended["actionStatus"], ended["error"]) == (
        "http://schema.org/FailedActionStatus",
        "The job was dismissed.",
    )
