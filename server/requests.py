"""Bodies and query parameters → checked values, or a problem that names what is wrong."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request

from cwl_bridge import document, media, nested
from cwl_bridge.errors import FieldError, InvalidInputsError, pointer
from registry.models import JSON, ExecuteRequest, Idempotency, JobFilter, JobStatus, OutputChoice
from server.problems import ProblemError

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
MAX_KEY_LENGTH = 255
_LARGEST = 2**63 - 1

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


async def body(request: Request, max_bytes: int) -> bytes:
    """The whole body, refused as soon as it is too large."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    chunks, total = [], 0
    try:
        async for chunk in request.stream():
            total += len(chunk)
            if total > max_bytes:
                raise _too_large(max_bytes)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise ProblemError("bad-request", "The body was cut short.") from error
    return b"".join(chunks)


def _too_large(max_bytes: int) -> ProblemError:
    detail = f"A body has at most {max_bytes} bytes here; send large files by href."
    return ProblemError("document-too-large", detail)


def file_name(request: Request) -> str:
    """What the body was called where it was sent, as Content-Disposition says (RFC 6266); empty: nothing is said."""
    message = EmailMessage()
    try:
        message["Content-Disposition"] = request.headers.get("content-disposition", "")
        return message.get_filename() or ""
    except (ValueError, LookupError):
        return ""


def execute(request: Request, sent: bytes, returns: str | None) -> tuple[JSON, ExecuteRequest]:
    """An execute request (execute.yaml of 1.0 and of 2.0): its inputs, not yet checked, and the rest of it."""
    content_type = request.headers.get("content-type", "application/json")
    if media.essence(content_type) != "application/json":
        detail = f"An execute request is sent as Content-Type: application/json, not {content_type}."
        raise ProblemError("unsupported-content-type", detail)
    read = document.read_json(sent or b"{}")
    if not isinstance(read, dict):
        raise InvalidInputsError("An execute request is a JSON object.", [FieldError("", "An object is expected.")])
    errors: list[FieldError] = []
    inputs = read.get("inputs", {})
    if not isinstance(inputs, dict):
        errors.append(FieldError("/inputs", "'inputs' is an object keyed by the ids of the inputs."))
    response = read.get("response")
    if response not in (None, "raw", "document"):
        errors.append(FieldError("/response", "'response' is raw or document."))
    outputs = _outputs(read.get("outputs"), errors)
    words = "Not offered here: inputs and outputs are taken as they are."
    errors += [FieldError(pointer(name), words) for name in nested.MODIFIERS if name in read]
    if errors:
        raise InvalidInputsError("The execute request can't be read.", errors)
    if response is None and any(each.transmission for each in (outputs or {}).values()):
        # `transmissionMode` is known to version 1.0 only, where `raw` is the default.
        response = "raw"
    return inputs, ExecuteRequest(outputs=outputs, response=response, returns=returns)


def _outputs(given: Any, errors: list[FieldError]) -> dict[str, OutputChoice] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        errors.append(FieldError("/outputs", "'outputs' is an object keyed by the ids of the outputs."))
        return None
    return {name: _choice(each, name, errors) for name, each in given.items()}


def _choice(given: Any, name: str, errors: list[FieldError]) -> OutputChoice:
    if not isinstance(given, dict):
        errors.append(FieldError(pointer("outputs", name), "An object is expected, it may be empty."))
        return OutputChoice()
    transmission = given.get("transmissionMode")
    if transmission not in (None, "value", "reference"):
        errors.append(FieldError(pointer("outputs", name, "transmissionMode"), "It is value or reference."))
    wanted: JSON = given["format"] if isinstance(given.get("format"), dict) else {}
    media_type = wanted.get("mediaType")
    if media_type is not None and not isinstance(media_type, str):
        errors.append(FieldError(pointer("outputs", name, "format", "mediaType"), "A media type is a string."))
    return OutputChoice(transmission=transmission, media_type=media_type)


def idempotency(request: Request, sent: bytes) -> Idempotency | None:
    """The Idempotency-Key, and what it was sent with (draft-ietf-httpapi-idempotency-key-header)."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ProblemError("bad-request", f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} characters.")
    said = [
        request.method,
        f"{request.url.path}?{request.url.query}",
        request.headers.get("prefer", ""),
        request.headers.get("content-type", ""),
        request.headers.get("content-location", ""),
        request.headers.get("content-disposition", ""),
    ]
    digest = hashlib.sha256("\n".join(said).encode())
    digest.update(sent)
    return Idempotency(key=key, fingerprint=digest.hexdigest())


def limit(query: QueryParams) -> int:
    """`limit`: from 1; above the maximum it is lowered, not refused."""
    given = query.get("limit")
    return DEFAULT_LIMIT if given is None else min(_whole("limit", given, 1), MAX_LIMIT)


def cursor(query: QueryParams) -> int | None:
    """`cursor`: where a page begins; clients follow `next` links rather than make one."""
    given = query.get("cursor")
    return None if given is None else _whole("cursor", given, 1)


def offset(query: QueryParams) -> int | None:
    """`offset`: where in a log to begin."""
    given = query.get("offset")
    return None if given is None else _whole("offset", given, 0)


def job_filter(query: QueryParams) -> JobFilter:
    """The parameters of /jobs (18-062r2, section 11)."""
    statuses = _list(query, "status")
    for each in statuses or ():
        if each not in list(JobStatus):
            raise _invalid("status", f"{each!r} is none of {', '.join(JobStatus)}")
    kinds = _list(query, "type")
    minimum, maximum = query.get("minDuration"), query.get("maxDuration")
    timed = minimum is not None or maximum is not None
    begin, end = _interval(query.get("datetime"))
    considered = (JobStatus.RUNNING, JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.DISMISSED) if timed else None
    return JobFilter(
        # Every job here is of type "process": another type has none.
        process_ids=() if kinds is not None and "process" not in kinds else _process_ids(query),
        statuses=tuple(map(JobStatus, statuses)) if statuses is not None else considered,
        created_from=begin,
        created_to=end,
        min_duration=None if minimum is None else _whole("minDuration", minimum.partition(",")[0], 0),
        max_duration=None if maximum is None else _whole("maxDuration", maximum.partition(",")[0], 0),
    )


def _process_ids(query: QueryParams) -> tuple[str, ...] | None:
    """Ids, or the URLs of processes that version 2.0 has in `processID`."""
    listed = _list(query, "processID")
    return None if listed is None else tuple(each.rpartition("/")[2] for each in listed)


def _list(query: QueryParams, name: str) -> list[str] | None:
    if name not in query:
        return None
    return [part for given in query.getlist(name) for part in given.split(",") if part]


def _whole(name: str, given: str, least: int) -> int:
    # What SQLite can't hold is as good as the largest number that it can.
    number = min(int(given[:20]), _LARGEST) if re.fullmatch(r"[0-9]+", given) else -1
    if number < least:
        raise _invalid(name, f"a whole number from {least} is expected, not {given[:40]!r}")
    return number


def _interval(given: str | None) -> tuple[datetime | None, datetime | None]:
    if given is None:
        return None, None
    begin, slash, end = given.partition("/")
    if not slash:
        moment = _moment(begin)
        return moment, moment
    bounds = tuple(None if each in ("", "..") else _moment(each) for each in (begin, end))
    if bounds == (None, None) or "/" in end:
        raise _invalid("datetime", f"{given[:80]!r} is no interval")
    return bounds[0], bounds[1]


def _moment(given: str) -> datetime:
    # A plus sign that was not escaped arrives as a blank.
    text = given.replace(" ", "+").upper()
    if _DATE.match(text):
        text += "T00:00:00Z"
    if _DATE_TIME.match(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _invalid("datetime", f"{given[:40]!r} is no RFC 3339 date-time")


def _invalid(name: str, detail: str) -> ProblemError:
    return ProblemError("invalid-query-parameter-value", f"The query parameter {name}: {detail}.")
