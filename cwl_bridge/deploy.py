"""What a client posts to register a process → the CWL that runs and the description that is shown. Pure.

In three steps: `read` the body, make a `draft` that the policy allows, and, once cwltool has validated that, the
`process`. All raise a BridgeError whose pointers are into the body.

Understood are CWL documents and OGC application packages (20-044, ogcapppkg.yaml), also in the shapes of its
earlier drafts: a flat `processDescription`, a list of execution units, `{"unit": {…}}`, `docker://` images.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from cwl_bridge import describe, document, kept, media, parts, policy, resolve, resources, versions, wrap
from cwl_bridge.errors import (
    BridgeError,
    FieldError,
    InvalidDocumentError,
    InvalidProcessError,
    UnsafeReferenceError,
    pointer,
)
from cwl_bridge.packagefiles import Files
from cwl_bridge.policy import Policy
from registry.models import JSON, Needs, Process, ProcessDescription, ProcessId

PACKAGE = "application/ogcapppkg+json"
CWL = "application/cwl"
CWL_JSON = "application/cwl+json"
CWL_YAML = "application/cwl+yaml"

#: The media types of a deploy body (20-044); application/json because older clients send packages so. The last two
#: bring several files.
MEDIA_TYPES = (PACKAGE, CWL, CWL_JSON, CWL_YAML, "application/json", parts.ZIP, parts.MULTIPART)

#: What the one file of other bodies is called.
_LONE = "process.cwl"

#: What is left of the ontologies of a package.
_ONTOLOGY = "formats.ttl"

_CONTAINER_UNITS = ("docker", "oci")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A deploy body, read: what it describes and the unit that runs."""

    body: bytes
    media_type: str
    given: JSON
    unit: JSON
    #: Where the unit stands in the body.
    path: tuple[str | int, ...] = ()
    #: Where the description does.
    given_at: str = "/processDescription"
    #: The files that the unit may refer to, itself among them: `main`.
    files: Files = field(default_factory=Files)
    main: str = _LONE
    #: Of several processes the one that is meant.
    entry: str | None = None
    #: Where they have several CWL versions, each of them by itself.
    apart: list[JSON] = field(default_factory=list)

    def resolved(self) -> Package:
        """The package with one process in the place of its unit. Raises MissingError."""
        if self.is_image:
            return self
        with self.placing_errors():
            whole = resolve.whole(self.files, self.main, self.entry)
            return replace(self, unit=versions.of_one_version(whole), apart=versions.apart(whole))

    @property
    def ontologies(self) -> list[bytes]:
        """Those of the package that its document names."""
        named = filter(None, map(kept.split, kept.schemas(self.unit)))
        return [self.files.kept[content] for content, _ in named]

    def with_ontology(self, lines: list[str]) -> Package:
        """These statements in the place of the ontologies; those elsewhere stay for whoever reads them."""
        left = [each for each in kept.schemas(self.unit) if kept.split(each) is None]
        text = "".join(f"{line}\n" for line in lines).encode()
        named = [self.files.keep(text, _ONTOLOGY), *left] if lines else left
        unit = {name: each for name, each in self.unit.items() if name != "$schemas" or named}
        return replace(self, unit={**unit, "$schemas": named} if named else unit)

    @property
    def is_image(self) -> bool:
        return self.unit.get("type") in _CONTAINER_UNITS and "cwlVersion" not in self.unit

    @contextmanager
    def placing_errors(self) -> Iterator[None]:
        """Pointers begin with /processDescription, /executionUnit or in the CWL; they are moved into the body."""
        try:
            yield
        except BridgeError as error:
            moved = [FieldError(self._place(each.pointer), each.detail) for each in error.errors]
            raise type(error)(str(error), moved) from error

    def _place(self, where: str) -> str:
        if where.startswith("/processDescription"):
            return self.given_at + where.removeprefix("/processDescription")
        return pointer(*self.path) + where.removeprefix("/executionUnit")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A process in CWL that has passed the policy; cwltool has still to validate it."""

    package: Package
    cwl: JSON
    #: The CWL as it is stored and run.
    text: str
    #: For a plain image, whose description came first.
    described: ProcessDescription | None
    #: Documents that have to be valid as well: its processes, where they have several CWL versions.
    apart: tuple[str, ...] = ()
    #: What it names, by paths relative to the document.
    files: dict[str, bytes] = field(default_factory=dict)

    def check_fits(self, machine: Needs) -> None:
        """Raises ResourcesExceedError where no run of it could ever begin on the machine."""
        with self.package.placing_errors():
            if self.described is None:
                resources.check(self.cwl, machine)
            else:
                with _blaming("/executionUnit/config"):
                    resources.check(self.cwl, machine)


def draft(package: Package, allowed: Policy, process_id: str | None = None) -> Draft:
    """Wraps and checks. `process_id` names the process where the package does not."""
    described = None
    with package.placing_errors():
        if package.is_image:
            described = describe.from_package({"id": process_id, **package.given})
            cwl = wrap.command_line_tool(described, package.unit)
            with _blaming("/executionUnit/image"):
                policy.check(cwl, allowed)
        else:
            cwl = package.unit
            policy.check(cwl, allowed)
        files = _files(cwl, package.files)
        apart = tuple(dict.fromkeys(map(document.write_yaml, package.apart)))
    return Draft(package=package, cwl=cwl, text=document.write_yaml(cwl), described=described, apart=apart, files=files)


def _files(cwl: JSON, held: Files) -> dict[str, bytes]:
    found = {}
    for content, name in kept.references(cwl):
        if content not in held.kept:
            raise UnsafeReferenceError(f"The document names a file {name!r} that is no part of it.")
        found[kept.path(content, name)] = held.kept[content]
    return found


def process(checked: Draft, process_id: str | None = None, *, mutable: bool = True) -> Process:
    """Describes a draft that cwltool has found valid: what it says of types can be relied upon."""
    package = checked.package
    fallback = process_id or "cwl-" + hashlib.sha256(package.body).hexdigest()[:12]
    with package.placing_errors():
        description = checked.described or describe.from_cwl(checked.cwl, package.given, fallback)
    return Process(
        description=description,
        cwl=checked.cwl,
        digest=document.digest(checked.text),
        package=package.body,
        media_type=package.media_type,
        mutable=mutable,
    )


def rename(deployed: Process, process_id: str) -> Process:
    """The same process under the id that the path of a PUT names."""
    return replace(deployed, description=replace(deployed.description, id=ProcessId(process_id)))


def read(body: bytes, media_type: str, entry: str | None = None) -> Package:
    """Raises a BridgeError; its pointers are into the body. `entry`: which of several processes is meant."""
    kind = media.essence(media_type)
    if kind in (parts.ZIP, parts.MULTIPART):
        files, main = parts.read(body, media_type)
        return _of_files(files, main, entry, body=body, media_type=media_type)
    if kind in (CWL, CWL_YAML):
        return _lone(_object(document.read_yaml(body)), entry, body=body, media_type=kind)
    found = _object(document.read_json(body, latin_fallback=True))
    if kind == CWL_JSON or (kind != PACKAGE and "cwlVersion" in found):
        return _lone(found, entry, body=body, media_type=CWL_JSON)
    return _package(found, entry, body)


def _lone(unit: JSON, entry: str | None, *, body: bytes, media_type: str) -> Package:
    files = Files()
    files.put(_LONE, unit)
    return Package(body=body, media_type=media_type, given={}, unit=unit, files=files, entry=entry)


def _of_files(files: dict[str, bytes], main: str, entry: str | None, *, body: bytes, media_type: str) -> Package:
    """Several files: a CWL document and what it refers to, or an application package with such a document beside it."""
    held = Files(files)
    read = _object(held.object(main))
    if "executionUnit" not in read:
        return Package(body=body, media_type=media_type, given={}, unit=read, files=held, main=main, entry=entry)
    package = _package(read, entry, body)
    href = package.unit.get("href")
    if not isinstance(href, str):
        return replace(package, media_type=media_type, files=held.beside(package.files))
    path, _, fragment = href.partition("#")
    chosen = entry or fragment or None
    # Relative to the package, wherever in the archive that is.
    named = (
        path if media.split_url(path) else posixpath.normpath(posixpath.join(posixpath.dirname(main), unquote(path)))
    )
    return replace(package, media_type=media_type, files=held, main=named, entry=chosen)


def _package(found: JSON, entry: str | None, body: bytes) -> Package:
    unit, path = _execution_unit(found.get("executionUnit"))
    described = found.get("processDescription")
    nested = isinstance(described, dict) and "process" in described
    files, main = Files(), _LONE
    href = unit.get("href")
    if isinstance(href, str):
        main, _, fragment = href.partition("#")
        entry = entry or fragment or None
    else:
        files.put(main, unit)
    return Package(
        body=body,
        media_type=PACKAGE,
        given=_given(described),
        unit=unit,
        path=path,
        given_at="/processDescription/process" if nested else "/processDescription",
        files=files,
        main=main,
        entry=entry,
    )


def _object(read: Any) -> JSON:
    if not isinstance(read, dict):
        raise InvalidDocumentError("The body has to be an object: a CWL document or an application package.")
    return read


def _given(described: Any) -> JSON:
    """`{"process": {…}}` (current) or the members themselves (earlier drafts); the inner ones win."""
    if described is None:
        return {}
    if not isinstance(described, dict):
        raise _invalid("'processDescription' is an object.", "processDescription")
    inner = described.get("process", {})
    if not isinstance(inner, dict):
        raise _invalid("'process' is an object.", "processDescription", "process")
    flat: JSON = {**{key: each for key, each in described.items() if key != "process"}, **inner}
    return {key: describe.without_nulls(each) for key, each in flat.items() if each is not None}


def _execution_unit(unit: Any, *path: str | int) -> tuple[JSON, tuple[str | int, ...]]:
    path = path or ("executionUnit",)
    if isinstance(unit, list):
        if len(unit) != 1:
            raise _invalid(f"One execution unit is expected; there are {len(unit)}.", *path)
        return _execution_unit(unit[0], *path, 0)
    if not isinstance(unit, dict):
        raise _invalid("An application package has an 'executionUnit', an object.", *path)
    for key in ("value", "unit"):
        if isinstance(unit.get(key), dict):
            return unit[key], (*path, key)
    if "cwlVersion" not in unit and unit.get("type") not in _CONTAINER_UNITS and not isinstance(unit.get("href"), str):
        detail = "An execution unit is {'type': 'docker', 'image': …}, {'value': {CWL}} or {'href': …}."
        raise _invalid(detail, *path)
    return unit, path


@contextmanager
def _blaming(where: str) -> Iterator[None]:
    """What the client wrote of a wrapped document, and a check of that could refuse, stands in one place."""
    try:
        yield
    except BridgeError as error:
        raise type(error)(str(error), [FieldError(where, each.detail) for each in error.errors]) from error


def _invalid(detail: str, *where: str | int) -> InvalidProcessError:
    return InvalidProcessError(detail, [FieldError(pointer(*where), detail)])
