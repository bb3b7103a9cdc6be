"""What only few can do at once, shared out: parties take turns, so that the flood of one holds up no other for long."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

from server.parties import PARTY
from server.problems import RETRY_SECONDS, ProblemError


class Turns:
    """For `async with`: a place among those that do something at once.

    Where there is none, each party waits in a queue of its own. A place goes to the party that has fewest, and of those
    round.
    """

    def __init__(self, places: int, *, each: int = 0, waiting: int = 0) -> None:
        """`each`: places that one party may have at once; `waiting`: how many of it may wait; 0: any number."""
        self._free = places
        self._each = each or places
        self._most = waiting
        self._has = Counter[str]()
        #: In the order in which the parties come next.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def __aenter__(self) -> None:
        """Raises ProblemError where too many of the party wait."""
        party = PARTY.get()
        if self._free and self._has[party] < self._each:
            # Whoever waits then has all places that it may have.
            self._take(party)
            return
        queue = self._waiting.setdefault(party, deque())
        if self._most and len(queue) >= self._most:
            detail = f"{len(queue)} requests of yours wait for the same as this one, as many as may."
            raise ProblemError("too-many-requests", detail, None, **{"Retry-After": str(RETRY_SECONDS)})
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave(party)
            elif turn in queue:
                queue.remove(turn)
                if not queue:
                    del self._waiting[party]
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave(PARTY.get())

    def _take(self, party: str) -> None:
        self._free -= 1
        self._has[party] += 1

    def _leave(self, party: str) -> None:
        self._free += 1
        self._has[party] -= 1
        if not self._has[party]:
            del self._has[party]
        while self._free:
            may = [each for each in self._waiting if self._has[each] < self._each]
            if not may:
                return
            following = min(may, key=self._has.__getitem__)
            queue = self._waiting.pop(following)
            turn = queue.popleft()
            if queue:
                self._waiting[following] = queue
            if not turn.cancelled():
                self._take(following)
                turn.set_result(None)


class Lasting:
    """How many of something lasting each party has at once."""

    def __init__(self, each: int) -> None:
        """`each`: 0: any number."""
        self._each = each
        self._has = Counter[str]()

    @contextmanager
    def one(self, what: str) -> Iterator[None]:
        """Raises ProblemError. `what`: they are, in words."""
        party = PARTY.get()
        if self._each and self._has[party] >= self._each:
            raise ProblemError(
                "too-many-requests", f"You have {self._each} {what} open, as many as you may; close one."
            )
        self._has[party] += 1
        try:
            yield
        finally:
            self._has[party] -= 1
            if not self._has[party]:
                del self._has[party]
