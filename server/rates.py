"""How often each party may ask: a bucket for each, in memory, of as many as asked last."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_MINUTE = 60.0

#: Parties that are remembered; a million addresses take no more.
MOST = 1 << 16


class Rate:
    """So many at once, and so many a minute from then on. What is kept of a party is when its bucket is full again."""

    def __init__(self, each_minute: int, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        """`each_minute`: 0: any number."""
        self.each_minute = each_minute
        self._takes = _MINUTE / each_minute if each_minute else 0.0
        self._most = most
        self._clock = clock
        self._full: dict[str, float] = {}

    def take(self, party: str) -> int:
        """0; or, where its bucket is empty, the seconds until it no longer is."""
        if not self._takes:
            return 0
        moment = self._clock()
        full = max(self._full.get(party, moment), moment) + self._takes
        if full - moment > _MINUTE + self._takes / 2:
            return max(1, math.ceil(full - moment - _MINUTE))
        # To the end: those at the beginning are the ones that asked longest ago.
        self._full.pop(party, None)
        self._full[party] = full
        if len(self._full) > self._most:
            del self._full[next(iter(self._full))]
        return 0

    def __len__(self) -> int:
        return len(self._full)
