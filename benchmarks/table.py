"""What was measured, as Markdown: a section has a note and tables, a goal is a row with its verdict."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

GOAL_HEADER = ("goal", "measured", "limit", "met")


@dataclass(frozen=True)
class Table:
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.header, ["---", *["---:"] * (len(self.header) - 1)], *self.rows]
        return "\n".join(f"| {' | '.join(each)} |" for each in lines)


@dataclass(frozen=True)
class Section:
    title: str
    #: How it was measured, in full: a number without it says nothing.
    note: str
    tables: Sequence[Table]

    def __str__(self) -> str:
        return "\n\n".join([f"## {self.title}", self.note, *map(str, self.tables)])


def goal(name: str, measured: float, limit: float, shown: str) -> list[str]:
    """A row below GOAL_HEADER; `shown` formats both numbers."""
    return [name, shown.format(measured), f"≤ {shown.format(limit)}", "yes" if measured <= limit else "no"]


def at_least(name: str, measured: float, limit: float, shown: str) -> list[str]:
    """The same for what should be much."""
    return [name, shown.format(measured), f"≥ {shown.format(limit)}", "yes" if measured >= limit else "no"]


def spread(name: str, seconds: Sequence[float]) -> list[str]:
    """name, median, least, most."""
    return [name, *(milliseconds(each) for each in (statistics.median(seconds), min(seconds), max(seconds)))]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
