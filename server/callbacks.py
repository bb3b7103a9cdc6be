"""Tells clients of their jobs what is in the outbox, in the background, until it has arrived or is given up.

At least once: what was sent and not yet recorded when the server was killed is sent again, under the same id. In the
order of the changes, as long as the receiver takes them. Jobs never wait for any of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from registry.errors import JobNotFoundError, RegistryError
from registry.models import JobId, now
from registry.outbox import Notice, Outbox, State, Turn
from server import signing
from server.notices import Notices
from server.sending import NotTakenError, Sender

#: Turns at once, and of these to one host: one that is slow keeps nobody else waiting.
AT_ONCE, AT_ONE_HOST = 16, 4
#: Before the second attempt; twice as long before each that follows, up to the other.
FIRST_SECONDS, MOST_SECONDS = 1.0, 3600.0
#: The safety net under the wake-up calls, and the pause where the database can't be used.
POLL_SECONDS = 5.0

T = TypeVar("T")

_log = logging.getLogger("cwl_processes.callbacks")


class Callbacks:
    def __init__(self, *, outbox: Outbox, notices: Notices, sender: Sender, key: bytes, patience: timedelta) -> None:
        """`patience`: after how long what does not arrive is given up."""
        self._outbox = outbox
        self._notices = notices
        self._sender = sender
        self._key = key
        self._patience = patience
        self._wake = asyncio.Event()
        self._turns: dict[Turn, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """There may be something to tell."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; what has not arrived by then waits for the next start."""
        try:
            await _until_done(self._outbox.resume)
            while True:
                self._wake.clear()
                pause = await _until_done(self._begin_turns)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            for task in self._turns.values():
                task.cancel()
            await asyncio.gather(*self._turns.values(), return_exceptions=True)
            self._sender.close()

    async def write_down(self, job_id: JobId) -> None:
        """So that the job can be removed. Raises RegistryError."""
        for notice in await self._outbox.of_job(job_id):
            if notice.state is State.WAITING:
                await self._written(notice)

    async def _begin_turns(self) -> float:
        """Begins all that are due; seconds until there may be another one."""
        while len(self._turns) < AT_ONCE:
            hosts = Counter(turn.host for turn in self._turns)
            full = [host for host, count in hosts.items() if count >= AT_ONE_HOST]
            found = await self._outbox.soonest(self._turns, full)
            if found is None:
                break
            turn, due = found
            if due is not None and (left := (due - now()).total_seconds()) > 0:
                return min(left, POLL_SECONDS)
            self._turns[turn] = asyncio.create_task(self._take(turn), name=f"callbacks of job {turn.job_id}")
        return POLL_SECONDS

    async def _take(self, turn: Turn) -> None:
        try:
            for notice in await _until_done(partial(self._outbox.waiting, turn)):
                settled = await self._attempt(notice)
                await _until_done(partial(self._outbox.settle, settled))
                _tell(settled)
        finally:
            del self._turns[turn]
            self._wake.set()

    async def _attempt(self, notice: Notice) -> Notice:
        """The notice with what came of it."""
        tried = replace(notice, attempts=notice.attempts + 1, due=None)
        try:
            written = await self._written(notice)
            if written.body is None:
                return written
            await self._send(notice, written.body)
        except NotTakenError as error:
            return self._failed(tried, str(error), for_good=error.for_good, after=error.after)
        except RegistryError as error:
            return self._failed(tried, str(error), for_good=False)
        except Exception:
            _log.exception("callback %s can't be sent", notice.id)
            return self._failed(tried, "The server failed to send it; its log says why.", for_good=False)
        return replace(tried, state=State.DELIVERED, said=None)

    async def _written(self, notice: Notice) -> Notice:
        """With its body, on disk; given up where there can't be one."""
        if notice.body is not None:
            return notice
        try:
            body = await self._notices.body(notice)
        except (JobNotFoundError, OSError) as error:
            _log.warning("callback %s of job %s: %s", notice.id, notice.job_id, error)
            gone = replace(notice, state=State.GIVEN_UP, said="The results are not there any more.", due=None)
            await self._outbox.settle(gone)
            return gone
        await self._outbox.write_down(notice.id, body)
        return replace(notice, body=body)

    async def _send(self, notice: Notice, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            "Link": f"<{self._notices.job_url(notice)}>; rel=monitor",
            **signing.headers(self._key, notice.id, int(time.time()), body),
        }
        await self._sender.post(notice.url, body, headers)

    def _failed(self, notice: Notice, said: str, *, for_good: bool, after: float = 0) -> Notice:
        """`after`: the seconds that the receiver asks for; it waits no less, and no more than at the longest."""
        due = now() + timedelta(seconds=max(_pause(notice.attempts), min(after, MOST_SECONDS)))
        if for_good or due > notice.created + self._patience:
            return replace(notice, state=State.GIVEN_UP, said=said)
        return replace(notice, said=said, due=due)


def _pause(attempts: int) -> float:
    """Seconds; not the same for all, so that a receiver that comes back is not overrun."""
    return float(min(FIRST_SECONDS * 2 ** min(attempts - 1, 20), MOST_SECONDS) * random.uniform(0.5, 1.0))  # noqa: S311


def _tell(notice: Notice) -> None:
    what = (notice.id, notice.job_id, notice.event)
    match notice.state:
        case State.DELIVERED:
            _log.info("callback %s of job %s (%s) was delivered", *what)
        case State.GIVEN_UP:
            _log.warning("callback %s of job %s (%s) is given up: %s", *what, notice.said)
        case State.WAITING:
            _log.warning("callback %s of job %s (%s): %s The next attempt is at %s.", *what, notice.said, notice.due)


async def _until_done(act: Callable[[], Awaitable[T]]) -> T:
    """What has been sent has to be recorded, or it would be sent again and again."""
    while True:
        try:
            return await act()
        except RegistryError as error:
            _log.warning("trying again in %s s: %s", POLL_SECONDS, error)
        except Exception:
            _log.exception("trying again in %s s", POLL_SECONDS)
        await asyncio.sleep(POLL_SECONDS)
