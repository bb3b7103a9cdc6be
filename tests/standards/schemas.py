"""OGC's published schemas as validators of answers; `absent` says why where their folder is not there."""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from tests.live import ROOT

FOLDER = Path(os.environ.get("OGC_SCHEMAS") or ROOT.parent / "shared" / "ogc")
SUITE = FOLDER / "ets"

required = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason=f"the OGC schemas are not at {FOLDER}: put them there, or name their folder in OGC_SCHEMAS",
)

_V1 = "processes-1.0/openapi/schemas/"
_V2 = "processes-2.0-draft/openapi/schemas/"
_SUITE = "ets/part1-api-processes10.yaml#/components/schemas/"

#: What a kind of document is held against.
KINDS: dict[str, tuple[str, ...]] = {
    "landingPage": (
        _V1 + "landingPage.yaml",
        _V2 + "common-core/landingPage.yaml",
        "common-1.0/landingPage.yaml",
        _SUITE + "landingPage",
    ),
    "confClasses": (
        _V1 + "confClasses.yaml",
        _V2 + "common-core/confClasses.yaml",
        "common-1.0/confClasses.yaml",
        _SUITE + "confClasses",
    ),
    "processList": (_V1 + "processList.yaml", _V2 + "processes-core/processList.yaml", _SUITE + "processList"),
    "processSummary": (
        _V1 + "processSummary.yaml",
        _V2 + "processes-core/processSummary.yaml",
        _V2 + "processes-dru/staticIndicator.yaml",
        _SUITE + "processSummary",
    ),
    "process": (_V1 + "process.yaml", _V2 + "processes-core/process.yaml", _SUITE + "process"),
    "statusInfo": (
        _V1 + "statusInfo.yaml",
        _V2 + "processes-core/statusInfo.yaml",
        _V2 + "processes-job-management/statusInfo.yaml",
        _SUITE + "statusInfo",
    ),
    "jobList": (
        _V1 + "jobList.yaml",
        _V2 + "processes-core/jobList.yaml",
        _V2 + "processes-job-management/jobList.yaml",
        _SUITE + "jobList",
    ),
    "results": (_V1 + "results.yaml", _V2 + "processes-core/results.yaml", _SUITE + "results"),
    "exception": (
        _V1 + "exception.yaml",
        _V2 + "common-core/exception.yaml",
        "common-1.0/exception.yaml",
        _SUITE + "exception",
    ),
    "execute": (_V1 + "execute.yaml", _V2 + "processes-core/execute.yaml", _SUITE + "execute"),
    "ogcapppkg": (_V2 + "processes-dru/ogcapppkg.yaml",),
}

#: Broken as published: their alternatives overlap, so `oneOf` can't hold.
_OVERLAPPING = re.compile(
    r"(processes-1\.0/.*/(inlineOrRefData|inputValue|inputValueNoObject|execute)"
    r"|processes-2\.0-draft/.*/(metadata|ogcapppkg|inlineOrRefValue|qualifiedValue))\.yaml$"
)
_OVERLAPPING_IN_SUITE = ("inlineOrRefData", "inputValue", "inputValueNoObject", "execute", "results")


class _Loader(yaml.CSafeLoader):
    """Dates and `=` stay strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":value"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Any:
    """A YAML or JSON file."""
    return yaml.load(path.read_text(), _Loader)  # noqa: S506 - a SafeLoader


def requests() -> list[dict[str, Any]]:
    """What the official suite of Part 1 sends, test by test; none where the folder is absent."""
    path = SUITE / "part1-requests.json"
    found: list[dict[str, Any]] = json.loads(path.read_text())["requests"] if path.is_file() else []
    return found


def problems(document: Any, kind: str) -> list[str]:
    """What each of the schemas of a kind of document finds wrong with it."""
    found = []
    for reference in KINDS[kind]:
        errors = _validator(reference).iter_errors(document)
        found += [f"{reference}: {each.json_path}: {each.message[:300]}" for each in errors]
    return found


@functools.cache
def _validator(reference: str) -> Draft4Validator:
    path, hash_, pointer = reference.partition("#")
    uri = (FOLDER / path).resolve().as_uri() + hash_ + pointer
    return Draft4Validator({"$ref": uri}, registry=_registry(), format_checker=Draft4Validator.FORMAT_CHECKER)


@functools.cache
def _registry() -> Registry[Any]:
    return Registry[Any](retrieve=_retrieve)  # type: ignore[call-arg]


def _retrieve(uri: str) -> Resource[Any]:
    """Local files, mended where they are broken as published; anything else says nothing."""
    parts = urlsplit(uri)
    path = Path(unquote(parts.path))
    found: Any = {}
    if parts.scheme == "file" and path.is_file():
        found = _mended(path)
    return DRAFT4.create_resource(found)


def _mended(path: Path) -> Any:
    name = path.as_posix()
    if name.endswith(_V2 + "processes-core/schema.yaml"):
        # Since March 2026 it describes features only; the one of 1.0 is what was meant.
        return load(FOLDER / _V1 / "schema.yaml")
    found = load(path)
    if _OVERLAPPING.search(name):
        return _any_of(found)
    if name.endswith(_V1 + "subscriber.yaml"):
        # It requires a misspelt member.
        found.pop("required")
    if path.name == "part1-api-processes10.yaml":
        schemas = found["components"]["schemas"]
        schemas |= {each: _any_of(schemas[each]) for each in _OVERLAPPING_IN_SUITE}
        schemas["subscriber"].pop("required")
    return found


def _any_of(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_any_of(each) for each in schema]
    if isinstance(schema, dict):
        return {"anyOf" if key == "oneOf" else key: _any_of(each) for key, each in schema.items()}
    return schema
