"""CWL as clients see it, both ways: a folder below tests/data/mapping for each rule.

`process.cwl`; `description.json`, of the description what the case is about; `requests.json`, by name: inputs, and the
job order or the pointers of the errors they make; `outputs.json`, a CWL output object, and `results.json`, the results
document of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from cwl_bridge import deploy, document, eoap, inputs, loading, outputs, subset
from cwl_bridge.collect import Collector
from cwl_bridge.errors import InvalidInputsError
from cwl_bridge.jobfolder import JobFolder
from registry.models import ExecuteRequest, Job, JobId, Outcome, Process, ProcessId
from server.links import Links
from server.members import Shown
from tests import cwltypes
from tests.cwl_bridge.cases import DATA, described, drafted

CASES = sorted((DATA / "mapping").iterdir())


class _Links:
    """URLs without a server."""

    def url(self, name: str, *, job_id: str, path: str) -> str:  # noqa: ARG002
        return f"https://server/{path}"


def _text(case: Path) -> bytes:
    """The document, with what it imports in its place."""
    found = document.read_yaml((case / "process.cwl").read_bytes())
    requirements = found.get("requirements", {})
    if "SchemaDefRequirement" in requirements:
        declared = requirements["SchemaDefRequirement"]
        types = [eoap.types(each["$import"]) or [] if "$import" in each else [each] for each in declared["types"]]
        declared["types"] = [each for listed in types for each in listed]
    return document.write_yaml(found).encode()


def _process(case: Path) -> Process:
    return described(_text(case), deploy.CWL, case.name)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _within(expected: Any, found: Any) -> Any:
    """Of what was found, the members that are expected."""
    if isinstance(expected, dict) and isinstance(found, dict) and not {"schema", "value"} & expected.keys():
        return {key: _within(expected[key], found.get(key)) for key in expected}
    if isinstance(expected, dict) and isinstance(found, dict):
        return {key: found.get(key) for key in expected}
    return found


def _cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case.name) for case in CASES if (case / name).exists()]


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in CASES])
def test_the_document_is_valid(case: Path) -> None:
    """cwltool loads it as the runner hands it over."""
    loading.load(drafted(_text(case), deploy.CWL).text)


@pytest.mark.parametrize("case", _cases("description.json"))
def test_description(case: Path) -> None:
    """What clients see of it, in the published subset of JSON Schema."""
    expected, found = _read(case / "description.json"), _process(case).description.to_json()
    assert _within(expected, found) == expected
    for each in (*found["inputs"].values(), *found["outputs"].values()):
        assert subset.publishable(each["schema"]) == each["schema"]


@pytest.mark.parametrize("case", _cases("requests.json"))
def test_requests(case: Path) -> None:
    """What they send becomes the job order, which cwltool takes, or errors that say where."""
    process = _process(case)
    tool = loading.load(drafted(_text(case), deploy.CWL).text)
    for name, request in _read(case / "requests.json").items():
        try:
            found: dict[str, Any] = {"order": inputs.order(process, request["inputs"])}
            assert cwltypes.refusal(tool, found["order"]) is None, name
        except InvalidInputsError as error:
            found = {"errors": list(dict.fromkeys(each.pointer for each in error.errors))}
        expected = {key: each for key, each in request.items() if key != "inputs"}
        assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True), name


@pytest.mark.parametrize("case", _cases("outputs.json"))
def test_results(case: Path, tmp_path: Path) -> None:
    """What cwltool leaves becomes the results document."""
    given = _read(case / "outputs.json")
    collected = Collector((tmp_path,), tmp_path / "outputs", "outputs").collect(given, {})
    job = Job(
        id=JobId("j"),
        process_id=ProcessId("p"),
        revision=1,
        request=ExecuteRequest(),
        outcome=Outcome(outputs=collected),
    )
    shown = Shown(to=cast(Links, _Links()), job_id=job.id, folders=lambda _: JobFolder(tmp_path))
    found = outputs.results(_process(case).description, job)
    assert {name: shown.member(name, each, None) for name, each in found.items()} == _read(case / "results.json")
