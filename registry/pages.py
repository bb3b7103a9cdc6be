"""Pages of a list that is walked by the keys of its items: what is added or removed meanwhile shifts none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Place:
    """An item's place in a list: a page begins behind it or, backward, ends before it. The item may be gone."""

    #: What the list is ordered by first; empty where it is by `number` alone.
    key: str = ""
    number: int
    backward: bool = False

    def turned(self) -> Place:
        return Place(key=self.key, number=self.number, backward=not self.backward)


@dataclass(frozen=True)
class Page(Generic[T]):
    items: list[T]
    #: Where the pages before and behind this one are; None where there is none.
    previous: Place | None = None
    following: Place | None = None


#: Gives so many items from a place on (None: from the beginning), in the direction of the walk.
Walk = Callable[[Place | None, int], Awaitable[list[T]]]


async def page(walk: Walk[T], place_of: Callable[[T], Place], limit: int, start: Place | None) -> Page[T]:
    """At most `limit` items, in the order of the list whichever way they were found.

    `walk` goes backward where the place says so: the nearest item first. Where nothing is left before a place,
    the page is the first one.
    """
    found = await walk(start, limit + 1)
    items, more = found[:limit], len(found) > limit
    if start is None or not items:
        if start is not None and start.backward:
            return await page(walk, place_of, limit, None)
        return Page(items, following=place_of(items[-1]) if more else None)
    nearest, farthest = place_of(items[0]), place_of(items[-1])
    if not start.backward:
        back = nearest.turned()
        return Page(items, back if await walk(back, 1) else None, farthest if more else None)
    items.reverse()
    return Page(items, farthest.turned() if more else None, nearest if await walk(nearest, 1) else None)


def batched(items: Iterable[T], most: int) -> Iterator[list[T]]:
    """All of them, so many at a time."""
    left = iter(items)
    while several := list(islice(left, most)):
        yield several
