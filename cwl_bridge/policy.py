"""What a package may ask for: one table of requirements, a walk over the levels of the document. Pure.

Everything that is not named here is refused, and every refusal has a pointer into the CWL document.
"""

from __future__ import annotations

import posixpath
import re
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NoReturn

from cwl_bridge import levels, references, secrecy
from cwl_bridge.errors import (
    FieldError,
    InvalidImageError,
    InvalidProcessError,
    NoContainerError,
    TooComplexError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
    refuse,
)
from cwl_bridge.levels import Level, Where
from registry.models import JSON

CWL_VERSIONS = ("v1.0", "v1.1", "v1.2")

#: Of a document, those of its subworkflows included.
MAX_STEPS = 200
#: Of one process: what cwltool needs for them grows with their square.
MAX_INPUTS = 1000
#: Of the JavaScript that every expression begins with.
MAX_LIBRARY_BYTES = 256 * 1024

#: Requirements that are met, and hints that are more than advice.
_MET = frozenset(
    {
        "DockerRequirement",
        "EnvVarRequirement",
        "InitialWorkDirRequirement",
        "InlineJavascriptRequirement",
        "InplaceUpdateRequirement",
        "LoadListingRequirement",
        "MultipleInputFeatureRequirement",
        "NetworkAccess",
        "ResourceRequirement",
        "ScatterFeatureRequirement",
        "SchemaDefRequirement",
        "ShellCommandRequirement",
        "StepInputExpressionRequirement",
        "SubworkflowFeatureRequirement",
        "ToolTimeLimit",
        "WorkReuse",
    }
)

_AMOUNTS = ("timelimit", *(each + end for each in ("cores", "ram", "tmpdir", "outdir") for end in ("Min", "Max")))

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?/)?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"{_HOST}{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?\Z"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PROCESS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
#: Where a container keeps what makes it work.
_OWN_FOLDERS = re.compile(r"/(?:tmp|etc|proc|sys|dev|usr|bin|lib[^/]*|var/lib/cwl)?(?:/.*)?\Z")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the operator allows."""

    #: The image of tools that name none; None: such tools are refused.
    default_container: str | None = None
    #: Patterns of allowed image references; empty: all.
    image_allow: tuple[str, ...] = ()
    #: Whether tools that ask for a network get one.
    network: bool = True


def check(document: JSON, policy: Policy) -> None:
    """Raises the error of the first thing that a package may not do."""
    levels.check_class(document, ())
    version = document.get("cwlVersion")
    if version not in CWL_VERSIONS:
        raise InvalidProcessError(
            f"'cwlVersion' has to be one of {', '.join(CWL_VERSIONS)}.",
            [FieldError("/cwlVersion", f"{version!r} is not known.")],
        )
    references.check(document)
    steps = 0
    for level in levels.walk(document):
        steps += level.kind is None
        if steps > MAX_STEPS:
            refuse(TooComplexError, f"A document has at most {MAX_STEPS} steps.", level.where)
        if level.kind and level.declared.get("cwlVersion", version) != version:
            detail = f"'cwlVersion' is left out here, or is that of the document, {version}."
            refuse(InvalidProcessError, detail, (*level.where, "cwlVersion"))
        inputs = level.declared.get("inputs")
        if isinstance(inputs, list | dict) and len(inputs) > MAX_INPUTS:
            refuse(TooComplexError, f"A process has at most {MAX_INPUTS} inputs.", (*level.where, "inputs"))
        _check_level(level, policy, document.get("$namespaces"))


def check_process_id(process_id: str, where: str) -> None:
    """`where`: the pointer of the error."""
    if not _PROCESS_ID.match(process_id):
        detail = "An id has 1 to 128 letters, digits, dots, underscores and hyphens, and begins with a letter or digit."
        raise InvalidProcessError(
            f"{process_id!r} can't be the id of a process. {detail}",
            [FieldError(where, detail)],
        )


def check_loaded(
    requirements: list[JSON], hints: list[JSON], policy: Policy, *, runs_a_tool: bool = True
) -> list[JSON]:
    """The same table over what cwltool made of a process and where it stands; gives the hints that may count.

    The second wall: a name that was spelled so that the first one did not see it is a plain name here.
    `runs_a_tool`: whether the process needs a container.
    """
    for each in requirements:
        if each.get("class") not in _MET:
            _refuse_unmet(str(each.get("class")), ())
    kept = [each for each in hints if each.get("class") in _MET]
    for each in (*requirements, *kept):
        _check_requirement(each["class"], each, (), policy)
    if runs_a_tool and not any(each["class"] == "DockerRequirement" for each in (*requirements, *kept)):
        _check_default_container(policy, ())
    return kept


def is_amount(value: Any) -> bool:
    """Whether it is a number of which there can be something: finite, and not below 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max


def _check_level(level: Level, policy: Policy, namespaces: Any) -> None:
    for name, body, where in levels.requirements(level.declared, "requirements", level.where):
        if name not in _MET and not secrecy.is_named(name, namespaces):
            _refuse_unmet(name, where)
        if name == "NetworkAccess" and body.get("networkAccess") is True and not policy.network:
            detail = "This server gives no tool a network; its setting `network` would."
            refuse(UnsupportedRequirementError, detail, (*where, "networkAccess"))
        _check_requirement(name, body, where, policy)
    for name, body, where in levels.requirements(level.declared, "hints", level.where):
        if name in _MET:
            _check_requirement(name, body, where, policy)
    if level.kind == "CommandLineTool":
        _check_patterns(level)
    if level.kind == "CommandLineTool" and level.in_force("DockerRequirement") is None:
        _check_default_container(policy, level.where)


def _check_requirement(name: str, body: JSON, where: Where, policy: Policy) -> None:
    match name:
        case "DockerRequirement":
            _check_docker(body, where)
            _check_allowed(body, where, policy)
        case "EnvVarRequirement":
            _check_variables(body.get("envDef"), where)
        case "InitialWorkDirRequirement":
            _check_entries(body.get("listing"), where)
        case "InlineJavascriptRequirement":
            _check_library(body.get("expressionLib"), where)
        case "ResourceRequirement" | "ToolTimeLimit":
            _check_amounts(body, where)


def _check_patterns(level: Level) -> None:
    """Where a tool's outputs are looked for, and its streams written; expressions are looked at when they are known."""
    docker = level.in_force("DockerRequirement")
    folder = docker[0].get("dockerOutputDirectory") if docker else None
    for stream in ("stdout", "stderr"):
        _check_pattern(level.declared.get(stream), None, (*level.where, stream))
    stack: list[tuple[Any, Where]] = [(level.declared.get("outputs"), (*level.where, "outputs"))]
    while stack:
        each, where = stack.pop()
        members = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
        stack.extend((member, (*where, key)) for key, member in members)
        if isinstance(each, dict) and where[-1] == "outputBinding":
            given = each.get("glob")
            listed = (
                [(glob, (index,)) for index, glob in enumerate(given)] if isinstance(given, list) else [(given, ())]
            )
            for glob, at in listed:
                _check_pattern(glob, folder, (*where, "glob", *at))


def _check_pattern(pattern: Any, folder: str | None, where: Where) -> None:
    """`folder`: the working folder in the container, where its name is known."""
    if not isinstance(pattern, str) or _is_expression(pattern):
        return
    inside = isinstance(folder, str) and f"{pattern}/".startswith(f"{folder.rstrip('/')}/")
    if ".." in pattern.split("/") or (pattern.startswith("/") and not inside):
        refuse(UnsafeReferenceError, f"{pattern!r} leads out of the working directory.", where)


def _is_expression(text: str) -> bool:
    return "$(" in text or "${" in text


def _check_docker(body: JSON, where: Where) -> None:
    for key in body:
        if key not in ("class", "dockerPull", "dockerImageId", "dockerOutputDirectory"):
            refuse(
                UnsupportedRequirementError,
                f"{key} is not met: name an image in dockerPull.",
                (*where, key),
                of_name=True,
            )
    pull, image_id = body.get("dockerPull"), body.get("dockerImageId")
    if pull is not None and image_id is not None and pull != image_id:
        refuse(InvalidImageError, "dockerImageId has to be the same as dockerPull.", (*where, "dockerImageId"))
    reference = pull if pull is not None else image_id
    if not isinstance(reference, str) or not _IMAGE.match(reference):
        refuse(
            InvalidImageError,
            f"{reference!r} is no image reference (registry/name:tag).",
            (*where, "dockerPull"),
        )
    folder = body.get("dockerOutputDirectory")
    if folder is not None and not _is_normal(folder):
        refuse(UnsafeReferenceError, f"{folder!r} is no absolute path.", (*where, "dockerOutputDirectory"))
    if folder is not None and _OWN_FOLDERS.match(folder):
        refuse(UnsafeReferenceError, f"{folder!r} is the container's own.", (*where, "dockerOutputDirectory"))


def _is_normal(folder: Any) -> bool:
    return (
        isinstance(folder, str)
        and folder.startswith("/")
        and folder.isprintable()
        and folder.rstrip("/") in ("", posixpath.normpath(folder))
    )


def _check_variables(declared: Any, where: Where) -> None:
    names: list[tuple[Any, Where]] = [(None, ())]
    if isinstance(declared, list):
        said = (each.get("envName") if isinstance(each, dict) else None for each in declared)
        names = [(name, (index, "envName")) for index, name in enumerate(said)]
    elif isinstance(declared, dict):
        names = [(name, (name,)) for name in declared]
    for name, at in names:
        if not isinstance(name, str) or not _VARIABLE.match(name):
            detail = f"{name!r} is no name of an environment variable."
            refuse(InvalidProcessError, detail, (*where, "envDef", *at), of_name=isinstance(declared, dict))


def _check_entries(listing: Any, where: Where) -> None:
    for index, entry in enumerate(listing if isinstance(listing, list) else []):
        name = entry.get("entryname") if isinstance(entry, dict) else None
        # An absolute name is a place in the container (CWL v1.2).
        if isinstance(name, str) and ".." in name.split("/"):
            detail = f"{name!r} leaves the working directory."
            refuse(UnsafeReferenceError, detail, (*where, "listing", index, "entryname"))


def _check_library(declared: Any, where: Where) -> None:
    listed = [] if declared is None else declared
    if not isinstance(listed, list):
        refuse(InvalidProcessError, "'expressionLib' is a list of strings.", (*where, "expressionLib"))
    for index, each in enumerate(listed):
        if not isinstance(each, str):
            refuse(InvalidProcessError, "JavaScript is written as a string.", (*where, "expressionLib", index))
    if sum(len(each.encode()) for each in listed) > MAX_LIBRARY_BYTES:
        detail = f"The JavaScript in 'expressionLib' has together at most {MAX_LIBRARY_BYTES} bytes."
        refuse(TooComplexError, detail, (*where, "expressionLib"))


def _check_amounts(body: JSON, where: Where) -> None:
    for key in _AMOUNTS:
        amount = body.get(key)
        is_expression = isinstance(amount, str) and _is_expression(amount)
        if amount is not None and not is_expression and not is_amount(amount):
            refuse(InvalidProcessError, f"'{key}' is a finite number from 0, or an expression.", (*where, key))


def _check_allowed(body: JSON, where: Where, policy: Policy) -> None:
    reference = body.get("dockerPull") or body.get("dockerImageId")
    if policy.image_allow and not any(fnmatchcase(str(reference), pattern) for pattern in policy.image_allow):
        refuse(InvalidImageError, f"The image {reference!r} is not allowed on this server.", where)


def _check_default_container(policy: Policy, where: Where) -> None:
    """For a tool that names no image."""
    if policy.default_container is None:
        detail = "A DockerRequirement with dockerPull is expected: nothing runs outside a container here."
        refuse(NoContainerError, detail, (*where, "requirements"))


def _refuse_unmet(name: str, where: Where) -> NoReturn:
    refuse(UnsupportedRequirementError, f"This server does not meet the requirement {name}.", where, of_name=True)
