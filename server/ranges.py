"""Files as answers, whole or by the ranges that are asked for (RFC 9110, 14); a range that is none is a problem."""

from __future__ import annotations

import asyncio

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from server.problems import ProblemError

#: The only unit there is; a server ignores others (RFC 9110, 14.2).
_UNIT = b"bytes="


class File(FileResponse):
    """Raises ProblemError where a range can't be read, or is no part of the file."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def or_refuse(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                raise _refusal(message["status"], dict(message["headers"]))
            await send(message)

        sending = asyncio.ensure_future(super().__call__(_with_what_counts(scope), receive, or_refuse))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            # To who has gone the rest of a file would be read all the same.
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
        finally:
            sending.cancel()
            gone.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _with_what_counts(scope: Scope) -> Scope:
    """Without a Range of another unit, or of another method than GET, to which it says nothing."""
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name != b"range" or (scope["method"] == "GET" and value.lstrip().lower().startswith(_UNIT))
    ]
    return {**scope, "headers": headers}


def _refusal(status: int, headers: dict[bytes, bytes]) -> ProblemError:
    if status == 416:
        place = headers[b"content-range"].decode()
        size = place.rpartition("/")[2]
        detail = f"Range: the file has {size} bytes, and none of those that are asked for."
        return ProblemError("range-not-satisfiable", detail, None, **{"Content-Range": place})
    return ProblemError("bad-request", "Range: bytes=FIRST-LAST, bytes=FIRST- or bytes=-COUNT is expected.")
