"""What is named to be deployed → the request, and what is needed to show what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from cwl_bridge import deploy, document, nested
from cwl_bridge.errors import BridgeError, FieldError, InvalidDocumentError, InvalidProcessError, refusal
from server import collecting
from server.client import BAD_USE, TIMEOUT_SECONDS, CommandError
from server.collecting import PACKAGE_FILE
from server.commands.common import read
from server.commands.diagnostics import Named

_REMOTE = ("http://", "https://")
#: What a document without a file of its own is called, where others are sent with it.
_ALONE = "document.cwl"


@dataclass(frozen=True)
class Sent:
    """A request that deploys."""

    body: bytes
    media_type: str
    #: The id that it declares.
    own_id: str | None
    named: Named


class RefusedError(Exception):
    """What was named can't be sent."""

    def __init__(self, reason: BridgeError, named: Named) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.named = named


def sent(source: str, process_id: str | None) -> Sent:
    """Raises RefusedError where a document can't be read, CommandError where it is not there."""
    place, _, entry = source.partition("#")
    if entry and place.startswith(_REMOTE):
        # The server fetches it, with what it refers to from there.
        described = {"processDescription": {"id": process_id}} if process_id else {}
        body = _json({**described, "executionUnit": {"href": source, "type": deploy.CWL}})
        return Sent(body, deploy.PACKAGE, process_id or entry, Named(source, b"", verbatim=False))
    if place.startswith(_REMOTE) or Path(source).exists() or source == "-":
        place, entry = source, ""
    path = None if place == "-" or place.startswith(_REMOTE) else Path(place)
    named = Named("<stdin>" if place == "-" else place, _fetched(place), path=path)
    try:
        found = _parsed(named)
        if "executionUnit" in found:
            return _package(named, found, entry or None, process_id)
        if nested.is_process(found):
            return _request(named, found, process_id)
        return _document(named, found, entry or None, process_id)
    except collecting.NotCollectedError as error:
        raise RefusedError(error.reason, replace(named, key=error.main, root=error.root)) from error
    except BridgeError as error:
        raise RefusedError(error, named) from error


#: The media type of an execute request.
_REQUEST = "application/json"


def _request(named: Named, found: dict[str, Any], process_id: str | None) -> Sent:
    """An execute request that is to become a process."""
    whole = found if process_id is None else {**found, "id": process_id}
    verbatim = process_id is None and _is_json(named.body)
    body = named.body if verbatim else _json(whole)
    return Sent(body, _REQUEST, _short(whole.get("id")), replace(named, verbatim=verbatim))


def _document(named: Named, found: dict[str, Any], entry: str | None, process_id: str | None) -> Sent:
    """CWL with the local files that it names."""
    own = process_id or entry or _short(found.get("id"))
    package = None if process_id is None else {"processDescription": {"id": process_id}}
    if named.path is not None:
        made = collecting.collected(named.path, entry, package)
        return Sent(made.body, made.media_type, own, replace(named, key=made.main, root=made.root))
    if package is None:
        return Sent(named.body, deploy.CWL_YAML, own, named)
    body, media_type = collecting.multipart(_ALONE, entry, package, {_ALONE: named.body})
    return Sent(body, media_type, own, replace(named, key=_ALONE))


def _package(named: Named, found: dict[str, Any], entry: str | None, process_id: str | None) -> Sent:
    """An application package, with the files that its document names where that lies beside it."""
    package = _with_id(found, process_id)
    described = package["processDescription"]
    own = _short(described.get("process", described).get("id"))
    unit = package["executionUnit"]
    href = unit.get("href") if isinstance(unit, dict) else None
    if named.path is None or not isinstance(href, str) or urlsplit(href).scheme:
        verbatim = process_id is None and _is_json(named.body)
        body = named.body if verbatim else _json(package if process_id is not None else found)
        return Sent(body, deploy.PACKAGE, own, replace(named, verbatim=verbatim))
    file, _, chosen = href.partition("#")
    main = named.path.parent / unquote(file)
    if not main.is_file():
        raise refusal(InvalidProcessError, f"There is no file {file!r}.", ("executionUnit", "href"))
    try:
        made = collecting.collected(main, entry or chosen or None, package)
    except collecting.NotCollectedError as error:
        raise RefusedError(error.reason, replace(named, verbatim=False, root=error.root)) from error
    return Sent(made.body, made.media_type, own, replace(named, key=PACKAGE_FILE, verbatim=False, root=made.root))


def _with_id(package: dict[str, Any], process_id: str | None) -> dict[str, Any]:
    described = package.get("processDescription") or {}
    if not isinstance(described, dict) or not isinstance(described.get("process", {}), dict):
        raise refusal(InvalidProcessError, "'processDescription' is an object.", ("processDescription",))
    if process_id is not None:
        inner = described.get("process", described)
        inner["id"] = process_id
    return {**package, "processDescription": described}


def _fetched(source: str) -> bytes:
    if not source.startswith(_REMOTE):
        return read(Path(source))
    try:
        answer = httpx.get(source, follow_redirects=True, timeout=TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CommandError(f"{source} can't be fetched: {error}", BAD_USE) from error
    if answer.is_error:
        raise CommandError(f"{source} answered {answer.status_code}.", BAD_USE)
    return answer.content


def _parsed(named: Named) -> dict[str, Any]:
    is_json = named.name.endswith(".json")
    found = document.read_json(named.body, latin_fallback=True) if is_json else document.read_yaml(named.body)
    if not isinstance(found, dict):
        detail = "A CWL document or an application package is an object."
        raise InvalidDocumentError(detail, [FieldError("", detail)])
    return found


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _short(own: Any) -> str | None:
    # What packers call every document is no name.
    return own.rpartition("#")[2] if isinstance(own, str) and own != "#main" else None


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
