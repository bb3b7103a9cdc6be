"""Answers that a client has already: an ETag on every document, and 304 where nothing has changed (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from email.utils import parsedate_to_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = Iterable[tuple[bytes, bytes]]

#: Of what is not sent they say nothing.
_OF_THE_BODY = {b"content-length", b"content-type", b"content-disposition", b"content-range", b"transfer-encoding"}


def etag(body: bytes) -> bytes:
    """Strong: another one for every other byte."""
    return b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'


def tagged(headers: Headers, body: bytes) -> list[tuple[bytes, bytes]]:
    """With an ETag, and the word that it has to be asked for again, where they say neither."""
    found = list(headers)
    names = {name.lower() for name, _ in found}
    if b"etag" not in names:
        found.append((b"etag", etag(body)))
        if b"cache-control" not in names:
            found.append((b"cache-control", b"no-cache"))
    return found


def unchanged(asked: Headers, answered: Headers) -> bool:
    """Whether a request's conditions say that its client has what is answered."""
    given = dict(answered)
    tags = [value for name, value in asked if name == b"if-none-match"]
    if tags:
        own = _opaque(given.get(b"etag", b""))
        listed = [_opaque(each) for each in b",".join(tags).split(b",")]
        return b"*" in listed or (own != b"" and own in listed)
    since = [value for name, value in asked if name == b"if-modified-since"]
    try:
        return bool(since) and _moment(given[b"last-modified"]) <= _moment(since[-1])
    except (KeyError, ValueError, TypeError, OverflowError):
        return False


def _opaque(tag: bytes) -> bytes:
    """For the weak comparison, which is the one here. Commas inside of tags are none that this server makes."""
    return tag.strip().removeprefix(b"W/")


def _moment(date: bytes) -> float:
    return parsedate_to_datetime(date.decode("latin-1")).timestamp()


class Conditional:
    """Tags what is answered in one piece, and answers 304 without it where the client has it already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        with suppress(_SentError):
            await self._app(scope, receive, _Tagging(scope["headers"], send))


def _has_length(start: Message) -> bool:
    """A stream has none, and its client wants to see it begin."""
    return any(name == b"content-length" for name, _ in start["headers"])


class _SentError(Exception):
    """The answer is sent: what would follow of it, perhaps much, need not be read."""


class _Tagging:
    """`send` of one request. A body in one piece is tagged; what comes in many is sent as it comes."""

    def __init__(self, asked: Headers, send: Send) -> None:
        self._asked = asked
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (200, 206) and _has_length(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if start["status"] == 200 and message.get("body") and not message.get("more_body"):
                start = {**start, "headers": tagged(start["headers"], message["body"])}
            if unchanged(self._asked, start["headers"]):
                await self._not_modified(start)
            await self._send(start)
        await self._send(message)

    async def _not_modified(self, start: Message) -> None:
        headers = [(name, value) for name, value in start["headers"] if name.lower() not in _OF_THE_BODY]
        await self._send({"type": "http.response.start", "status": 304, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})
        raise _SentError
