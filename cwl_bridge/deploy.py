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
from urllib.parse import unquote, urljoin

from cwl_bridge import (
    best_practice,
    describe,
    document,
    kept,
    media,
    nested,
    parts,
    policy,
    resources,
    secretports,
    workflows,
    wrap,
)
from cwl_bridge.errors import (
    BridgeError,
    FieldError,
    InvalidDocumentError,
    InvalidProcessError,
    TooLargeError,
    UnsafeReferenceError,
    pointer,
)
from cwl_bridge.package import CONTAINER_UNITS, Package, marking
from cwl_bridge.packagefiles import LONE, Files
from cwl_bridge.policy import Policy
from registry.models import JSON, Needs, Process, ProcessDescription, ProcessId

#: Of a body that is one document.
MAX_BYTES = 2 * 1024 * 1024

PACKAGE = "application/ogcapppkg+json"
CWL = "application/cwl"
CWL_JSON = "application/cwl+json"
CWL_YAML = "application/cwl+yaml"

#: The media types of a deploy body (20-044); application/json because older clients send packages so. The last two
#: bring several files.
MEDIA_TYPES = (PACKAGE, CWL, CWL_JSON, CWL_YAML, "application/json", parts.ZIP, parts.MULTIPART)


#: The members of an execute request, beside which what is left describes the process that it becomes.
_OF_REQUESTS = frozenset({"process", "inputs", "outputs", "response", "subscriber", *nested.MODIFIERS})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A process in CWL that has passed the policy; cwltool has still to validate it."""

    package: Package
    cwl: JSON
    #: The CWL as it is stored and run.
    text: str
    #: For a plain image, whose description came first, and for an execute request.
    described: ProcessDescription | None
    #: Documents that have to be valid as well: its processes, where they have several CWL versions.
    apart: tuple[str, ...] = ()
    #: What it names, by paths relative to the document.
    files: dict[str, bytes] = field(default_factory=dict)

    def place(self, error: BridgeError) -> None:
        """Moves pointers into the CWL to where that was sent."""
        self.package.place(error, self.cwl)

    def check_fits(self, machine: Needs) -> None:
        """Raises ResourcesExceedError where no run of it could ever begin on the machine."""
        with self.package.placing_errors(self.cwl):
            if not self.package.is_image:
                resources.check(self.cwl, machine)
            else:
                with _blaming("/executionUnit/config"):
                    resources.check(self.cwl, machine)


def draft(package: Package, allowed: Policy, process_id: str | None = None) -> Draft:
    """Wraps and checks. `process_id` names the process where the package does not."""
    described = None
    with package.placing_errors(package.unit):
        if package.is_image:
            described = describe.from_package({"id": process_id, **package.given})
            cwl = wrap.command_line_tool(described, package.unit)
            with _blaming("/executionUnit/image"):
                policy.check(cwl, allowed)
        else:
            cwl = package.unit
            policy.check(cwl, allowed)
            if package.chain is not None:
                described = workflows.description(package, package.chain, process_id)
                cwl = {**cwl, "id": described.id}
        cwl = secretports.settled(cwl)
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
    fallback = process_id or package.named_by_file or "cwl-" + hashlib.sha256(package.body).hexdigest()[:12]
    with package.placing_errors(checked.cwl):
        if checked.described is not None:
            description = checked.described
        else:
            named = {key: each for key, each in checked.cwl.items() if key != "id" or not package.is_unnamed}
            description = describe.from_cwl(named, package.given, fallback)
    return Process(
        description=description,
        cwl=checked.cwl,
        digest=document.digest(checked.text),
        package=package.body,
        media_type=package.media_type,
        mutable=mutable,
    )


def unmet(package: Package, cwl: JSON) -> list[FieldError]:
    """What OGC's best practice has otherwise.

    Of a plain image and of a request nothing: what describes them is nobody's document.
    """
    if package.is_image or package.request is not None:
        return []
    sources = {"": package.files.object(package.main)} if package.main in package.files else {}
    sources |= {key: each for key, each in package.files.read().items() if key != package.main}
    return package.placed(best_practice.unmet(cwl, sources), cwl)


def check_agrees(package: Package, described: Process, process_id: str) -> None:
    """Whether an application package describes the process that the path of a PUT names; CWL alone may be anything."""
    if package.is_application and described.id != process_id:
        detail = f"The body describes '{described.id}', the path names '{process_id}'."
        with package.placing_errors(described.cwl):
            raise _invalid(detail, *(("processDescription", "id") if "id" in package.given else ("id",)))


def rename(deployed: Process, process_id: str) -> Process:
    """The same process under the id that the path of a PUT names."""
    return replace(deployed, description=replace(deployed.description, id=ProcessId(process_id)))


def read(body: bytes, media_type: str, entry: str | None = None, base: str = "", sent_as: str = "") -> Package:
    """Raises a BridgeError; its pointers are into the body.

    `entry`: which of several processes is meant. `base`: the URL that a body of several parts has, if any. `sent_as`:
    the name of the file that was sent, if it was said.
    """
    return replace(_read(body, media_type, entry, base), sent_as=sent_as)


def _read(body: bytes, media_type: str, entry: str | None, base: str) -> Package:
    kind = media.essence(media_type)
    if kind in (parts.ZIP, parts.MULTIPART):
        files, main, ids = parts.read(body, media_type, base)
        return _of_files(Files(files, ids=ids), main, entry, body=body, media_type=media_type)
    with marking(body):
        if kind in (CWL, CWL_YAML):
            _check_small(body)
            return _lone(_object(document.read_yaml(body)), entry, body=body, media_type=kind)
        found = _object(document.read_json(body, latin_fallback=True))
        if kind == CWL_JSON or (kind != PACKAGE and "cwlVersion" in found):
            _check_small(body)
            return _lone(found, entry, body=body, media_type=CWL_JSON)
        if nested.is_process(found) and "executionUnit" not in found:
            about = {key: each for key, each in found.items() if key not in _OF_REQUESTS}
            return Package(body=body, media_type="application/json", given=about, unit={}, given_at="", request=found)
        _check_small(body)
        return _package(found, entry, body)


def _check_small(body: bytes) -> None:
    """Raises TooLargeError."""
    if len(body) > MAX_BYTES:
        raise TooLargeError(f"A document has at most {MAX_BYTES} bytes; files that it names come beside it.")


def _lone(unit: JSON, entry: str | None, *, body: bytes, media_type: str) -> Package:
    files = Files()
    files.put(LONE, unit)
    return Package(body=body, media_type=media_type, given={}, unit=unit, files=files, entry=entry)


def _of_files(held: Files, main: str, entry: str | None, *, body: bytes, media_type: str) -> Package:
    """Several files: a CWL document and what it refers to, or an application package with such a document beside it."""
    with marking(held.bodies[main], main):
        read = _object(held.object(main))
        if "executionUnit" not in read:
            own = Package(body=body, media_type=media_type, given={}, unit=read, files=held, main=main, entry=entry)
            return replace(own, given_in=main)
        package = replace(_package(read, entry, body), given_in=main)
    href = package.unit.get("href")
    if not isinstance(href, str):
        return replace(package, media_type=media_type, files=held.beside(package.files))
    path, _, fragment = href.partition("#")
    chosen = entry or fragment or None
    # Relative to the package, wherever in the archive that is.
    if media.split_url(path) or media.split_url(main):
        named = urljoin(main, path)
    else:
        named = posixpath.normpath(posixpath.join(posixpath.dirname(main), unquote(path)))
    return replace(package, media_type=media_type, files=held, main=named, entry=chosen)


def _package(found: JSON, entry: str | None, body: bytes) -> Package:
    unit, path = _execution_unit(found.get("executionUnit"))
    described = found.get("processDescription")
    wrapped = isinstance(described, dict) and "process" in described
    files, main = Files(), LONE
    request = unit if nested.is_process(unit) and "cwlVersion" not in unit else None
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
        given_at="/processDescription/process" if wrapped else "/processDescription",
        files=files,
        main=main,
        entry=entry,
        is_application=True,
        request=request,
    )


def _object(read: Any) -> JSON:
    if not isinstance(read, dict):
        detail = "The body has to be an object: a CWL document or an application package."
        raise InvalidDocumentError(detail, [FieldError("", detail)])
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
    known = "cwlVersion" in unit or unit.get("type") in CONTAINER_UNITS or isinstance(unit.get("href"), str)
    if not known and not nested.is_process(unit):
        detail = (
            "An execution unit is {'type': 'docker', 'image': …}, {'value': {CWL}}, {'href': …}"
            " or an execute request with its 'process'."
        )
        raise _invalid(detail, *path)
    return unit, path


@contextmanager
def _blaming(where: str) -> Iterator[None]:
    """What the client wrote of a wrapped document, and a check of that could refuse, stands in one place."""
    try:
        yield
    except BridgeError as error:
        error.errors = [FieldError(where, each.detail) for each in error.errors]
        raise


def _invalid(detail: str, *where: str | int) -> InvalidProcessError:
    return InvalidProcessError(detail, [FieldError(pointer(*where), detail)])
