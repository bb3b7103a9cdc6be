"""Answers from memory, for as long as the database is what they were made from.

An answer may be kept where all that it says follows from the request and from what is committed: its route says so
with `keep`. Nothing is kept of what runs, of what the time changes, and of what the server is about. One look at the
database (Database.version) tells whether anything has been committed since, by this program or by another; all is
forgotten then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import conditional

#: Of answers and what they are found by, together; of one.
MAX_BYTES, MAX_ANSWER = 32 << 20, 1 << 20
#: What an entry takes besides its texts, roughly.
_ENTRY_BYTES = 2048

#: Headers that an answer may depend on: on the form that is asked for, on who asks, and on where the server is.
DECIDING = frozenset(
    {
        *(b"host", b"accept", b"accept-language", b"accept-profile", b"prefer", b"link"),
        *(b"authorization", b"cookie", b"x-api-key"),
    }
)
#: With these it is another thing that is asked for.
_NEVER = frozenset({b"range", b"content-length", b"transfer-encoding"})

_KEEP = "answer_may_be_kept"

#: Path, query, the server as it was called and by whom, and the headers that decide.
Key = tuple[str, bytes, tuple[object, ...], tuple[tuple[bytes, bytes], ...]]


def keep(request: Request) -> None:
    """The answer follows from the request and from what was committed when the request came."""
    request.scope["state"][_KEEP] = True


@dataclass(frozen=True)
class Answer:
    start: Message
    body: Message

    @property
    def size(self) -> int:
        return len(self.body["body"]) + sum(len(name) + len(value) for name, value in self.start["headers"])


class Store:
    """The answers of one version of the database; those that were asked for last, as many as there is room for."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._version: int | None = None
        self._answers: OrderedDict[Key, tuple[Answer, int]] = OrderedDict()
        self.bytes = 0

    def get(self, key: Key, version: int | None) -> Answer | None:
        if version is None or version != self._version:
            return None
        found = self._answers.get(key)
        if found is None:
            return None
        self._answers.move_to_end(key)
        return found[0]

    def put(self, key: Key, version: int, answer: Answer) -> None:
        """`version`: that of before the answer was made."""
        if self._version is not None and version < self._version:
            return
        if version != self._version:
            self._answers.clear()
            self.bytes, self._version = 0, version
        size = answer.size + _size(key) + _ENTRY_BYTES
        if size > MAX_ANSWER or key in self._answers:
            return
        self._answers[key] = answer, size
        self.bytes += size
        while self.bytes > self._max_bytes:
            _, (_, freed) = self._answers.popitem(last=False)
            self.bytes -= freed


class Cached:
    """`version`: of the database, or None where it can't be told now; it never goes back to an earlier one."""

    def __init__(self, app: ASGIApp, version: Callable[[Scope], int | None]) -> None:
        self._app = app
        self._version = version
        self._store = Store()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        # Before anything is read: what is committed meanwhile makes the answer one of the past.
        version = self._version(scope) if key is not None else None
        if key is None or version is None:
            await self._app(scope, receive, send)
            return
        kept = self._store.get(key, version)
        if kept is not None:
            await send(kept.start)
            await send(kept.body)
            return
        start: Message = {}

        async def keeping(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _may_be_kept(scope, message):
                start = message
                return
            if start:
                begun, start = start, {}
                if message["type"] == "http.response.body" and message.get("body") and not message.get("more_body"):
                    begun = {**begun, "headers": conditional.tagged(begun["headers"], message["body"])}
                    self._store.put(key, version, Answer(begun, message))
                await send(begun)
            await send(message)

        await self._app(scope, receive, keeping)


def _may_be_kept(scope: Scope, start: Message) -> bool:
    return start["status"] == 200 and bool(scope["state"].get(_KEEP))


def _key(scope: Scope) -> Key | None:
    """All that an answer may depend on; None where it is never kept."""
    deciding = []
    for header in scope["headers"]:
        if header[0] in DECIDING:
            deciding.append(header)
        elif header[0] in _NEVER:
            return None
    where = scope["scheme"], scope.get("server"), scope.get("root_path", ""), scope["state"]["principal"]
    return scope["path"], scope["query_string"], where, tuple(deciding)


def _size(key: Key) -> int:
    path, query, _, deciding = key
    return 2 * len(path) + len(query) + sum(len(name) + len(value) for name, value in deciding)
