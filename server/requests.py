"""Bodies and request headers → checked values, or a problem that names what is wrong."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from starlette.requests import ClientDisconnect, Request

from cwl_bridge import document, media, nested, parts
from cwl_bridge.addresses import Allowed
from cwl_bridge.errors import FieldError, InvalidInputsError, pointer
from registry.models import JSON, ExecuteRequest, Idempotency, OutputChoice
from server import links, services, subscribers
from server.problems import ProblemError

MAX_KEY_LENGTH = 255
#: Characters; a longer one says nothing.
MAX_DISPOSITION = 4096
#: Of an output by value: base64 also where it is text.
ENCODINGS = ("base64", "binary", "utf-8")

#: Of a request that makes or changes a job, and the names of its schema (24-051, class ogcapi-processes).
JOB_TYPES = (links.JSON, "application/ogcapi-processes+json")
JOB_SCHEMAS = ("execute-workflows.yaml", "execute.yaml")

MAX_EXECUTIONS = 10_000

#: Bytes.
SMALL = 16_384

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^"';,\s]+)""", re.IGNORECASE)
_CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1")


async def body(request: Request, max_bytes: int) -> bytes:
    """The whole body, refused as soon as it is too large, and at once where it can't be read."""
    _check_coding(request)
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


def _check_coding(request: Request) -> None:
    """Bodies are read as they come, as UTF-8, and some of them as ISO-8859-1."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        detail = f"A body is sent as it is, without Content-Encoding: {coding[:40]}."
        raise ProblemError("unsupported-content-coding", detail, None, **{"Accept-Encoding": "identity"})
    charset = _CHARSET.search(request.headers.get("content-type", ""))
    if charset and charset[1].lower() not in _CHARSETS:
        detail = f"A body of text is UTF-8 here, not {charset[1][:40]}."
        raise ProblemError("unsupported-content-coding", detail)


def _too_large(max_bytes: int) -> ProblemError:
    detail = f"A body has at most {max_bytes} bytes here; send large files by href."
    return ProblemError("document-too-large", detail)


def file_name(request: Request) -> str:
    """What the body was called where it was sent, as Content-Disposition says (RFC 6266); empty: nothing is said."""
    said = request.headers.get("content-disposition", "")
    # Not EmailMessage: its reader takes minutes for some texts, and ends in a RecursionError for others.
    message = Message()
    message["Content-Disposition"] = said if len(said) <= MAX_DISPOSITION else ""
    return parts.parameter(message.get_filename)


async def execute_request(request: Request, sent: bytes) -> JSON:
    """An execute request as it was sent. Raises ProblemError, InvalidInputsError."""
    content_type = request.headers.get("content-type", links.JSON)
    if media.essence(content_type) != links.JSON:
        detail = f"An execute request is sent as Content-Type: application/json, not {content_type}."
        raise ProblemError("unsupported-content-type", detail)
    return await json_object(request, sent)


async def job_request(request: Request, sent: bytes, unsupported: str) -> JSON:
    """An execute request that makes or changes a job (24-051).

    `unsupported`: the problem that another Content-Type is; version 1.0 of Part 4 has two of them.
    """
    content_type = request.headers.get("content-type", links.JSON)
    if media.essence(content_type) not in JOB_TYPES:
        detail = f"A job is sent as Content-Type: {' or '.join(JOB_TYPES)}, not {content_type}."
        raise ProblemError(unsupported, detail)
    schema = request.headers.get("content-schema")
    # Wherever it is published, in whatever version: its name says which it is.
    if schema is not None and schema.strip("<> ").rpartition("/")[2].partition("?")[0] not in JOB_SCHEMAS:
        detail = (
            f"The Content-Schema of a job is {' or '.join(JOB_SCHEMAS)} of OGC API - Processes, not {schema[:200]}."
        )
        raise ProblemError("unsupported-schema", detail)
    return await json_object(request, sent)


async def json_object(request: Request, sent: bytes) -> JSON:
    # A large one keeps nobody else waiting; a small one takes less time than a thread.
    large = len(sent) >= SMALL
    read = (
        await services.of(request).in_thread(document.read_json, sent) if large else document.read_json(sent or b"{}")
    )
    if not isinstance(read, dict):
        raise InvalidInputsError("The body is a JSON object.", [FieldError("", "An object is expected.")])
    return read


def execute(request: Request, read: JSON, returns: str | None, *, several: bool = False) -> ExecuteRequest:
    """What an execute request (execute.yaml of 1.0 and of 2.0) says beside its inputs; of these the form is checked.

    `several`: whether it may have a list of inputs.
    """
    errors: list[FieldError] = list(_forms(read.get("inputs", {}), several))
    response = read.get("response")
    if response not in (None, "raw", "document"):
        errors.append(FieldError("/response", "'response' is raw or document."))
    outputs = _outputs(read.get("outputs"), errors)
    allowed = Allowed(request.app.state.settings.fetch_allow)
    subscriber = subscribers.read(read.get("subscriber"), links.base(request), allowed, errors)
    words = "Not offered here: inputs and outputs are taken as they are."
    errors += [FieldError(pointer(name), words) for name in nested.MODIFIERS if read.get(name) is not None]
    if errors:
        raise InvalidInputsError("The execute request can't be read.", errors)
    if response is None and any(each.transmission for each in (outputs or {}).values()):
        # `transmissionMode` is known to version 1.0 only, where `raw` is the default.
        response = "raw"
    return ExecuteRequest(outputs=outputs, response=response, returns=returns, subscriber=subscriber)


def _forms(inputs: Any, several: bool) -> Iterator[FieldError]:
    if isinstance(inputs, dict):
        return
    if not isinstance(inputs, list) or not several:
        beside = "; a list of such objects makes a batch, at POST /jobs" if isinstance(inputs, list) else ""
        yield FieldError("/inputs", f"'inputs' is an object keyed by the ids of the inputs{beside}.")
    elif not 0 < len(inputs) <= MAX_EXECUTIONS:
        yield FieldError("/inputs", f"A batch has from 1 to {MAX_EXECUTIONS} executions, not {len(inputs)}.")
    else:
        for index, each in enumerate(inputs):
            if not isinstance(each, dict):
                yield FieldError(pointer("inputs", index), "An object keyed by the ids of the inputs is expected.")


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
    media_type, encoding = _format(given.get("format"), name, errors)
    return OutputChoice(transmission=transmission, media_type=media_type, encoding=encoding)


def _format(given: Any, name: str, errors: list[FieldError]) -> tuple[str | None, str | None]:
    """format.yaml: media type and encoding; a schema can't change what a tool writes."""
    if given is None:
        return None, None
    if not isinstance(given, dict):
        detail = "A format is an object: mediaType, encoding, schema."
        errors.append(FieldError(pointer("outputs", name, "format"), detail))
        return None, None
    media_type, encoding, schema = (given.get(member) for member in ("mediaType", "encoding", "schema"))
    wrong: dict[str, str] = {}
    if media_type is not None and not (isinstance(media_type, str) and media.is_media_type(media_type)):
        wrong["mediaType"] = "A media type is expected."
    if encoding is not None and encoding not in ENCODINGS:
        wrong["encoding"] = f"It is one of {', '.join(ENCODINGS)}."
    if schema is not None and not isinstance(schema, str | dict):
        wrong["schema"] = "A schema is a URI or an object."
    errors.extend(FieldError(pointer("outputs", name, "format", member), detail) for member, detail in wrong.items())
    return (None, None) if wrong else (media_type, encoding)


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
    # With a key that is not in the database: what is sent may be a password, which a hash alone gives away.
    digest = hmac.new(services.of(request).fingerprint_key, "\n".join(said).encode(), hashlib.sha256)
    digest.update(sent)
    return Idempotency(key=key, fingerprint=digest.hexdigest())
