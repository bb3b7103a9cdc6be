"""Requests with processes in the place of values, as data: tests/data/chaining.

processes.json: the processes that they name. runs/NAME: request.json, which is deployed where there is an inputs.json
to execute that with; workflow.json, what becomes of it, its expressions left out; results.json. refused.json: by name,
a request, whether it is deployed, and its errors by their pointers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwl_bridge import deploy
from tests.live import ROOT

FOLDER = ROOT / "tests" / "data" / "chaining"

PROCESSES: dict[str, dict[str, Any]] = json.loads((FOLDER / "processes.json").read_text())
REFUSED: dict[str, dict[str, Any]] = json.loads((FOLDER / "refused.json").read_text())


def media_type(process: dict[str, Any]) -> str:
    """With which one of the processes is deployed."""
    return deploy.CWL_JSON if "cwlVersion" in process else deploy.PACKAGE


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    def read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found

    @property
    def is_deployed(self) -> bool:
        return (self.folder / "inputs.json").exists()


CASES = {each.name: Case(each) for each in sorted((FOLDER / "runs").iterdir())}
