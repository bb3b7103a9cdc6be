"""Reads RO-Crates with runcrate and checks them with roc-validator: `python check_crate.py PROFILE FOLDER...`.

Both live in an environment of their own (scripts/readers), as they want other versions of what cwltool wants. The two
JSON-LD contexts are given from here, so that no network is needed. Prints one JSON object for each folder.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import requests
import rocrate
from rocrate_validator import models, services
from runcrate.report import dump_crate_actions

_TERMS = "https://w3id.org/ro/terms/workflow-run#"
_NAMES = ("ParameterConnection", "ContainerImage", "containerImage", "registry", "tag", "sha256", "resourceUsage")
_BIOSCHEMAS = "https://bioschemas.org/"


def contexts() -> dict[str, Any]:
    """By URL. That of RO-Crate comes with rocrate, in a later version: four terms had other places in 1.1."""
    crate = json.loads((Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text(encoding="utf-8"))
    crate["@context"] |= {
        "ComputationalWorkflow": _BIOSCHEMAS + "ComputationalWorkflow",
        "FormalParameter": _BIOSCHEMAS + "FormalParameter",
        "input": _BIOSCHEMAS + "ComputationalWorkflow#input",
        "output": _BIOSCHEMAS + "ComputationalWorkflow#output",
    }
    return {
        "https://w3id.org/ro/crate/1.1/context": crate,
        "https://w3id.org/ro/terms/workflow-run/context": {"@context": {name: _TERMS + name for name in _NAMES}},
    }


class Contexts(requests.adapters.BaseAdapter):
    """All that there is of the web."""

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        found = contexts().get(request.url)
        answer = requests.Response()
        answer.status_code = 200 if found else 404
        answer.url = request.url
        answer.headers["Content-Type"] = "application/ld+json"
        answer.raw = io.BytesIO(json.dumps(found).encode())
        return answer

    def close(self) -> None:
        pass


def main(profile: str, folders: list[str]) -> None:
    requests.Session.get_adapter = lambda *_, **__: Contexts()  # type: ignore[method-assign]
    for folder in folders:
        settings = models.ValidationSettings(
            rocrate_uri=folder,
            profile_identifier=profile,
            requirement_severity=models.Severity.RECOMMENDED,
            no_cache=True,
        )
        said = io.StringIO()
        dump_crate_actions(folder, said)
        issues = [(each.severity.name, each.message) for each in services.validate(settings).get_issues()]
        print(json.dumps({"issues": issues, "report": said.getvalue()}))  # noqa: T201


main(sys.argv[1], sys.argv[2:])
