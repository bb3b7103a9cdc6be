"""The cases in tests/data/runs, and what became of one as an engine ran it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.live import ROOT, Server

RUNS = ROOT / "tests" / "data" / "runs"
CASES = sorted(each.name for each in RUNS.iterdir())
ENGINES = ("warm", "cold")
#: What runs on the cold engine too, which takes seconds for each: one case of each way in, through and out.
COLD = (
    *("cwl-output-json", "default-files", "fails-in-a-subworkflow", "format-of-an-ontology", "half-a-character"),
    *("javascript", "javascript-error-in-an-output", "out-of-memory", "output-missing-in-a-step", "scatter-nested"),
    *("streams", "time-limit", "types", "version-1.0", "without-an-id", "work-dir"),
)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A job that has ended, without what differs from run to run."""

    status: str
    message: str
    problem: dict[str, Any] | None
    results: dict[str, Any] | None
    #: Steps in the order in which they ended, and how many were known of.
    steps: list[str]
    known: int
    #: The number that is shown, where one is.
    progress: int | None


def expected(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RUNS / case / "expected.json").read_text(encoding="utf-8"))
    return found


def deploy(server: Server, case: str) -> str:
    """The id of the process."""
    body, media_type = _package(RUNS / case)
    answer = server.http.post("/processes", content=body, headers={"Content-Type": media_type})
    assert answer.status_code == 201, (case, answer.text)
    return str(answer.json()["id"])


def _package(folder: Path) -> tuple[bytes, str]:
    """The document, or a zip of it and the files that it refers to."""
    files = [each for each in sorted(folder.rglob("*")) if each.is_file() and each.suffix != ".json"]
    if len(files) == 1:
        return files[0].read_bytes(), "application/cwl+yaml"
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for each in files:
            archive.write(each, str(each.relative_to(folder)))
    return body.getvalue(), "application/zip"


def submit(server: Server, case: str, process_id: str) -> str:
    return server.submit(process_id, json.loads((RUNS / case / "inputs.json").read_text(encoding="utf-8")))


def ended(server: Server, job_id: str) -> Ran:
    status = server.wait(job_id)
    results = server.http.get(f"/jobs/{job_id}/results") if status["status"] == "successful" else None
    told = told_steps(server.data / "jobs" / job_id)
    problem = status.get("exception")
    return Ran(
        status=status["status"],
        message=status["message"],
        problem=problem and {**problem, "type": problem["type"].rpartition("/")[2]},
        results=None if results is None else _read(server, results.json()),
        steps=[each["step"] for each in told if each["event"] == "ended"],
        known=told[-1]["known"] if told else 0,
        progress=status.get("progress"),
    )


def told_steps(folder: Path) -> list[dict[str, Any]]:
    """The lines of steps.jsonl."""
    path = folder / "steps.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _read(server: Server, result: Any) -> Any:
    """A result with the name and text of each file in the place of its link."""
    if isinstance(result, list):
        return [_read(server, each) for each in result]
    if not isinstance(result, dict):
        return result
    url = result.get("href") or result.get("location")
    if url is None:
        return {key: _read(server, each) for key, each in result.items()}
    found = {
        "name": result.get("title") or result["basename"],
        "text": server.http.get(url).content.decode(errors="backslashreplace"),
    }
    beside = result.get("secondaryFiles")
    return {**found, "secondaryFiles": _read(server, beside)} if beside else found
