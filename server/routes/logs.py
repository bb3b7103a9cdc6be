"""The log of a job while it runs and after: text from an offset on, or a stream of events."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from registry.errors import JobNotFoundError
from registry.models import JobId, Scope
from server import auth, filters, links, negotiate, render, services
from server.endpoints import NO_JOB, RANGES, Endpoint, Parameter
from server.problems import ProblemError
from server.ranges import File

TEXT = "text/plain; charset=utf-8"
EVENTS = "text/event-stream"

#: Between two looks at a job that somebody follows.
LOOK_SECONDS = 0.2
#: A word now and then, so that nobody takes a quiet job for a dead connection.
COMMENT_SECONDS = 15.0

CHUNK_BYTES = 1 << 18


_PLACE = re.compile("[0-9]{1,15}")


async def job_log(request: Request) -> Response:
    services.hold(request, request.path_params["job_id"])
    job = await services.job(request)
    offset = filters.offset(request.query_params)
    chosen = negotiate.choose(request.headers.get("accept"), ["text/plain", EVENTS])
    if chosen is None:
        raise ProblemError("not-acceptable", f"A log is available as text/plain or {EVENTS}.")
    if chosen == EVENTS:
        request.state.held.enter_context(services.of(request).following.one("logs"))
        following = _Following(request, job.id, request.headers.get("last-event-id", f"{offset or 0}:0"))
        return StreamingResponse(following.events(), media_type=EVENTS, headers={"Cache-Control": "no-store"})
    log = services.of(request).retention.folder(job.id).log
    if not log.exists():
        # Not begun yet, or dismissed before it was.
        return Response(b"", media_type=TEXT)
    return text(log, offset, ended=job.status.ended)


def text(log: Path, offset: int | None, *, ended: bool) -> Response:
    """A log, or as much of it as there is."""
    if ended and offset is None:
        return File(log, media_type=TEXT, headers={"Cache-Control": "no-store"})
    # It grows: no length can be promised.
    return StreamingResponse(_from(log, offset or 0), media_type=TEXT, headers={"Cache-Control": "no-store"})


def _from(path: Path, offset: int) -> Iterator[bytes]:
    """What is there now: a log may grow as it is read."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        left = end - offset
        file.seek(min(offset, end))
        while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk


class _Following:
    """One client that follows one job. Its place, sent as the id of each event, is bytes of log and of steps."""

    def __init__(self, request: Request, job_id: JobId, place: str) -> None:
        self._request = request
        self._services = services.of(request)
        self._to = links.of(request)
        self._job_id = job_id
        folder = self._services.retention.folder(job_id)
        self._log = _Lines(folder.log)
        self._steps = _Lines(folder.steps)
        log, _, steps = place.partition(":")
        self._log.place, self._steps.place = (int(each) if _PLACE.fullmatch(each) else 0 for each in (log, steps))

    async def events(self) -> AsyncIterator[str]:
        shown: dict[str, Any] | None = None
        quiet = 0.0
        again = time.monotonic() + COMMENT_SECONDS
        while True:
            if time.monotonic() > again:
                again = time.monotonic() + COMMENT_SECONDS
                if not await self._may_go_on():
                    return
            # Read before the files: what a job wrote before it ended is in them then.
            try:
                job = await self._services.jobs.get(self._job_id)
            except JobNotFoundError:
                # Removed while it was followed.
                return
            # In one piece: to send each by itself takes a hundred times as long, and others wait for that.
            events = [self._event("step", line) for line in self._steps.new(job.status.ended)]
            events += [self._event("log", line) for line in self._log.new(job.status.ended)]
            said = bool(events)
            if said:
                yield "".join(events)
            [standing] = await self._services.standings([job])
            status = render.status(self._to, job, standing)
            changed = shown is None or (status["status"], status["message"]) != (shown["status"], shown["message"])
            # The end comes last.
            if changed and not (job.status.ended and said):
                said = True
                shown = status
                yield self._event("status", json.dumps(status))
            if (job.status.ended and not said) or self._services.draining.begun:
                return
            if not said:
                quiet += LOOK_SECONDS
                if quiet >= COMMENT_SECONDS:
                    quiet = 0.0
                    yield ": still here\n\n"
                await asyncio.sleep(LOOK_SECONDS)

    async def _may_go_on(self) -> bool:
        """Whether the token that it began with is still good, and the job still shared with who follows it."""
        try:
            await auth.check_again(self._request, self._services.authenticator)
            await self._services.jobs.visible(self._job_id, auth.principal(self._request))
        except (ProblemError, JobNotFoundError):
            return False
        return True

    def _event(self, kind: str, data: str) -> str:
        return f"event: {kind}\nid: {self._log.place}:{self._steps.place}\ndata: {data}\n\n"


class _Lines:
    """The whole lines that a growing file has got since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = 0

    def new(self, ended: bool) -> Iterator[str]:
        """One chunk of them at the most. `ended`: the file grows no more, and its last line may lack an end."""
        try:
            with self._path.open("rb") as file:
                self.place = min(self.place, file.seek(0, 2))
                file.seek(self.place)
                chunk = file.read(CHUNK_BYTES)
        except FileNotFoundError:
            return
        # A line without an end: the last of all, or one that is longer than can be sent at once.
        open_end = (ended and len(chunk) < CHUNK_BYTES) or (len(chunk) == CHUNK_BYTES and b"\n" not in chunk)
        whole = chunk if open_end else chunk[: chunk.rfind(b"\n") + 1]
        for line in whole.splitlines(keepends=True):
            self.place += len(line)
            # An event ends at a line's end, of whichever kind.
            yield line.decode(errors="replace").strip("\r\n")


_OFFSET = Parameter(name="offset", type="integer", description="The first byte that is wanted.", bounds={"minimum": 0})

ENDPOINTS = [
    Endpoint(
        path="/jobs/{job_id}/log",
        name="log",
        handler=job_log,
        summary="The log of a job, also while it runs",
        scope=Scope.READ,
        tag="Jobs",
        gives=("text/plain", EVENTS),
        parameters=(_OFFSET,),
        answers={
            200: "The log from an offset on, or log, step and status events until the job has ended",
            **RANGES,
            400: "The offset can't be used",
            **NO_JOB,
        },
    ),
]
