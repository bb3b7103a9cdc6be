"""What a package may ask for: one table of requirements, one walk over the document. Pure.

Everything that is not named here is refused, and every refusal has a pointer into the CWL document.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NoReturn

from cwl_bridge import media
from cwl_bridge.errors import (
    BridgeError,
    FieldError,
    InvalidImageError,
    InvalidProcessError,
    NoContainerError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
    pointer,
)
from registry.models import JSON

CWL_VERSIONS = ("v1.0", "v1.1", "v1.2")

#: Requirements that are met, and hints that are more than advice.
_MET = frozenset(
    {
        "DockerRequirement",
        "EnvVarRequirement",
        "InitialWorkDirRequirement",
        "LoadListingRequirement",
        "NetworkAccess",
        "ResourceRequirement",
        "SchemaDefRequirement",
        "ShellCommandRequirement",
        "ToolTimeLimit",
        "WorkReuse",
    }
)

#: Hints that would change what runs although they are hints.
_REFUSED_HINTS = frozenset({"InlineJavascriptRequirement", "InplaceUpdateRequirement"})

_IMPORTS = frozenset({"$import", "$include", "$mixin", "$base", "$graph"})

_CWL = "https://w3id.org/cwl/cwl#"
_SALAD = "https://w3id.org/cwl/salad#"
_CWLTOOL = "http://commonwl.org/cwltool#"

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


def check(document: JSON, policy: Policy) -> None:
    """Raises the error of the first thing that a package may not do."""
    if document.get("class") != "CommandLineTool":
        found = document.get("class", "none" if "$graph" not in document else "$graph")
        raise UnsupportedRequirementError(
            f"A CWL document of class CommandLineTool is expected; this one has {found}.",
            [FieldError("/class", "CommandLineTool is expected.")],
        )
    if document.get("cwlVersion") not in CWL_VERSIONS:
        raise InvalidProcessError(
            f"'cwlVersion' has to be one of {', '.join(CWL_VERSIONS)}.",
            [FieldError("/cwlVersion", f"{document.get('cwlVersion')!r} is not known.")],
        )
    _check_references(document)
    requirements = list(_requirements(document, "requirements"))
    for name, body, path in requirements:
        if name not in _MET:
            _refuse(UnsupportedRequirementError, f"This server does not meet the requirement {name}.", path)
        _check_requirement(name, body, path)
    hints = list(_requirements(document, "hints"))
    for name, body, path in hints:
        if name in _REFUSED_HINTS:
            _refuse(UnsupportedRequirementError, f"This server does not meet the requirement {name}.", path)
        if name in _MET:
            _check_requirement(name, body, path)
    _check_container([*requirements, *hints], policy)


def check_process_id(process_id: str, where: str) -> None:
    """`where`: the pointer of the error."""
    if not _PROCESS_ID.match(process_id):
        detail = "An id has 1 to 128 letters, digits, dots, underscores and hyphens, and begins with a letter or digit."
        raise InvalidProcessError(
            f"{process_id!r} can't be the id of a process. {detail}",
            [FieldError(where, detail)],
        )


def check_loaded(requirements: list[JSON], hints: list[JSON], policy: Policy) -> list[JSON]:
    """The same table over what cwltool made of a document; gives the hints that may count.

    The second wall: a name that was spelled so that the first one did not see it is a plain name here.
    """
    for each in requirements:
        name = str(each.get("class"))
        if name not in _MET:
            _refuse(UnsupportedRequirementError, f"This server does not meet the requirement {name}.", ())
    kept = [each for each in hints if each.get("class") in _MET]
    named: list[tuple[str, JSON, tuple[str | int, ...]]]
    named = [(str(each["class"]), each, ()) for each in (*requirements, *kept)]
    for name, body, path in named:
        _check_requirement(name, body, path)
    _check_container(named, policy)
    return kept


def _requirements(document: JSON, kind: str) -> Iterator[tuple[str, JSON, tuple[str | int, ...]]]:
    """(class, body, path) of every requirement or hint, listed or keyed by class."""
    declared = document.get(kind) or []
    if isinstance(declared, dict):
        for name, body in declared.items():
            yield name, body if isinstance(body, dict) else {}, (kind, name)
    elif isinstance(declared, list):
        for index, body in enumerate(declared):
            if isinstance(body, dict):
                yield str(body.get("class")), body, (kind, index)


def _iri(name: str, namespaces: JSON) -> str:
    """A prefixed name spelled out."""
    prefix, colon, rest = name.partition(":")
    known = {"cwl": _CWL, "cwltool": _CWLTOOL, "sld": _SALAD, "salad": _SALAD, **namespaces}
    return f"{known[prefix]}{rest}" if colon and isinstance(known.get(prefix), str) else name


def _check_spelling(each: JSON, namespaces: JSON, path: tuple[str | int, ...]) -> None:
    """cwltool takes `cwl:requirements` or its IRI for `requirements`; here a thing has one name."""
    # A hint of an extension counts for nothing, whether it is listed or named.
    own = (_CWL, _SALAD) if path == ("hints",) else (_CWL, _SALAD, _CWLTOOL)
    for key in each:
        if _iri(key, namespaces).startswith(own):
            detail = f"Write {key!r} without a prefix: terms of CWL have one name here."
            _refuse(UnsafeReferenceError, detail, (*path, key))
    name = each.get("class")
    if isinstance(name, str) and _iri(name, namespaces).startswith((_CWL, _SALAD)):
        _refuse(UnsafeReferenceError, f"{name!r} can't be used as a class here.", (*path, "class"))


def _check_schemas(document: JSON) -> None:
    """They are never read here, but plain cwltool reads them for whoever runs the document."""
    declared = document.get("$schemas") or []
    if not isinstance(declared, list):
        _refuse(InvalidProcessError, "'$schemas' is a list.", ("$schemas",))
    for index, each in enumerate(declared):
        if not isinstance(each, str) or media.split_url(each) is None:
            detail = "A schema in $schemas has to be an http or https URL."
            _refuse(UnsafeReferenceError, detail, ("$schemas", index))


def _check_references(document: JSON) -> None:
    _check_schemas(document)
    namespaces = document.get("$namespaces") or {}
    if not isinstance(namespaces, dict):
        _refuse(InvalidProcessError, "'$namespaces' is an object.", ("$namespaces",))
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())]
    while stack:
        each, path = stack.pop()
        if isinstance(each, list):
            stack.extend((child, (*path, index)) for index, child in enumerate(each))
        elif isinstance(each, dict):
            named = _IMPORTS & each.keys()
            if named:
                _refuse(
                    UnsafeReferenceError,
                    "A document can't include others; send it whole.",
                    (*path, min(named)),
                )
            _check_spelling(each, namespaces, path)
            if each.get("class") in ("File", "Directory"):
                _check_literal(each, path)
            stack.extend((child, (*path, key)) for key, child in each.items())


def _check_literal(each: JSON, path: tuple[str | int, ...]) -> None:
    for key in ("location", "path"):
        if key in each:
            detail = "A File or Directory in a document has to be a literal (contents, listing); it can't name a place."
            _refuse(UnsafeReferenceError, detail, (*path, key))
    name = each.get("basename")
    if isinstance(name, str) and not media.is_basename(name):
        _refuse(UnsafeReferenceError, f"{name!r} is no file name.", (*path, "basename"))


def _check_requirement(name: str, body: JSON, path: tuple[str | int, ...]) -> None:
    match name:
        case "DockerRequirement":
            _check_docker(body, path)
        case "EnvVarRequirement":
            _check_variables(body.get("envDef"), path)
        case "InitialWorkDirRequirement":
            _check_entries(body.get("listing"), path)


def _check_docker(body: JSON, path: tuple[str | int, ...]) -> None:
    for key in body:
        if key not in ("class", "dockerPull", "dockerImageId", "dockerOutputDirectory"):
            _refuse(UnsupportedRequirementError, f"{key} is not met: name an image in dockerPull.", (*path, key))
    pull, image_id = body.get("dockerPull"), body.get("dockerImageId")
    if pull is not None and image_id is not None and pull != image_id:
        _refuse(InvalidImageError, "dockerImageId has to be the same as dockerPull.", (*path, "dockerImageId"))
    reference = pull if pull is not None else image_id
    if not isinstance(reference, str) or not _IMAGE.match(reference):
        _refuse(
            InvalidImageError,
            f"{reference!r} is no image reference (registry/name:tag).",
            (*path, "dockerPull"),
        )
    folder = body.get("dockerOutputDirectory")
    if folder is not None and not _is_normal(folder):
        _refuse(UnsafeReferenceError, f"{folder!r} is no absolute path.", (*path, "dockerOutputDirectory"))
    if folder is not None and _OWN_FOLDERS.match(folder):
        _refuse(UnsafeReferenceError, f"{folder!r} is the container's own.", (*path, "dockerOutputDirectory"))


def _is_normal(folder: Any) -> bool:
    return (
        isinstance(folder, str)
        and folder.startswith("/")
        and folder.isprintable()
        and folder.rstrip("/") in ("", posixpath.normpath(folder))
    )


def _check_variables(declared: Any, path: tuple[str | int, ...]) -> None:
    if isinstance(declared, list):
        names = [each.get("envName") if isinstance(each, dict) else None for each in declared]
    else:
        names = list(declared) if isinstance(declared, dict) else [None]
    for name in names:
        if not isinstance(name, str) or not _VARIABLE.match(name):
            _refuse(InvalidProcessError, f"{name!r} is no name of an environment variable.", (*path, "envDef"))


def _check_entries(listing: Any, path: tuple[str | int, ...]) -> None:
    for index, entry in enumerate(listing if isinstance(listing, list) else []):
        name = entry.get("entryname") if isinstance(entry, dict) else None
        if isinstance(name, str) and (name.startswith("/") or ".." in name.split("/")):
            detail = f"{name!r} leaves the working directory."
            _refuse(UnsafeReferenceError, detail, (*path, "listing", index, "entryname"))


def _check_container(named: list[tuple[str, JSON, tuple[str | int, ...]]], policy: Policy) -> None:
    images = [
        (body.get("dockerPull") or body.get("dockerImageId"), path)
        for name, body, path in named
        if name == "DockerRequirement"
    ]
    if not images:
        if policy.default_container is None:
            detail = "A DockerRequirement with dockerPull is expected: nothing runs outside a container here."
            _refuse(NoContainerError, detail, ("requirements",))
        return
    for reference, path in images:
        if policy.image_allow and not any(fnmatchcase(str(reference), pattern) for pattern in policy.image_allow):
            _refuse(InvalidImageError, f"The image {reference!r} is not allowed on this server.", path)


def _refuse(error: type[BridgeError], detail: str, path: tuple[str | int, ...]) -> NoReturn:
    raise error(detail, [FieldError(pointer(*path), detail)])
