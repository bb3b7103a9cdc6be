"""The statements that find the jobs of a list: ranges of indices, merged in the order of creation. Pure.

Whatever a filter says, each range is walked from where the page begins, and no further than the page goes. Two ranges
at once, of creation and of duration, are no range of any index; so durations are cut into classes, within which an
index has the order of creation. Only a class that is meant in part is left: where few jobs are meant they are found by
their duration and sorted, where many are meant they are dense enough to be picked from the class.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

from registry.models import JobFilter, JobStatus, now
from registry.pages import Place

#: So many of one class are sorted rather than picked.
FEW = 1000

#: Ranges in one statement: SQLite takes 500 parts (SQLITE_MAX_COMPOUND_SELECT), a range has up to two.
MOST_RANGES = 250

#: duration_class → the milliseconds that it begins with; see migration 0003.
_CLASSES = {3: 0, **{digits: 10 ** (digits - 1) for digits in range(4, 11)}}
_ENDED = (JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.DISMISSED)

#: Of a job that runs: the time, and from how many to how many milliseconds it has lasted.
_LASTED = "(julianday(?) - julianday(started)) * 86400000.0 between ? - 0.5 and ? + 0.5"

Statement = tuple[str, list[Any]]


@dataclass(frozen=True)
class Range:
    """What is equal to some values in an index, and some condition besides."""

    index: str
    equal: tuple[tuple[str, Any], ...] = ()
    #: SQL, and its parameters.
    condition: str = ""
    parameters: tuple[Any, ...] = ()
    #: Found by duration: sorted, since the index has another order.
    few: bool = False

    def where(self) -> Statement:
        # An execution of a batch is not listed but with its batch.
        conditions = [] if self.index == "jobs_of_batch" else ["listed"]
        conditions += [f"{column} = ?" for column, _ in self.equal]
        conditions += [self.condition] if self.condition else []
        return " and ".join(conditions), [*(value for _, value in self.equal), *self.parameters]


def ranges(which: JobFilter) -> list[Range]:
    """What the jobs of a list lie in; a job lies in one of them."""
    statuses = which.statuses
    if which.parent is not None:
        return [_of_batch(which)]
    if which.timed:
        found = _timed(which, tuple(each for each in statuses or tuple(JobStatus) if each is not JobStatus.ACCEPTED))
    else:
        found = _by_creation(which.process_ids, statuses)
    return [replace(each, equal=(("owner", which.owner), *each.equal)) for each in found]


def _of_batch(which: JobFilter) -> Range:
    """The executions of one batch are few: each is looked at."""
    conditions, parameters = [], list[Any]()
    for column, values in (("process_id", which.process_ids), ("status", which.statuses)):
        if values is not None:
            conditions.append(f"{column} in (select value from json_each(?))")  # noqa: S608
            parameters.append(json.dumps(values))
    if which.timed:
        conditions.append(f"(duration_ms between ? and ? or status = 'running' and {_LASTED})")
        parameters += [*which.milliseconds, now().isoformat(), *which.milliseconds]
    equal = (("parent", which.parent), ("owner", which.owner))
    return Range("jobs_of_batch", equal, " and ".join(conditions), tuple(parameters))


def _by_creation(
    processes: Sequence[str] | None, statuses: Sequence[str] | None, condition: str = "", parameters: Sequence[Any] = ()
) -> list[Range]:
    index = {
        (False, False): "jobs_by_creation",
        (False, True): "jobs_by_status",
        (True, False): "jobs_by_process",
        (True, True): "jobs_by_process_and_status",
    }[processes is not None, statuses is not None]
    return [Range(index, equal, condition, tuple(parameters)) for equal in _equal(processes, statuses)]


def _timed(which: JobFilter, statuses: Sequence[JobStatus]) -> list[Range]:
    low, high = which.milliseconds
    found = []
    if JobStatus.RUNNING in statuses:
        # No more than run at once: each is looked at.
        found += _by_creation(which.process_ids, [JobStatus.RUNNING], _LASTED, (now().isoformat(), low, high))
    index = "jobs_by_class" if which.process_ids is None else "jobs_by_process_and_class"
    for equal in _equal(which.process_ids, [each for each in statuses if each in _ENDED]):
        for number, (begin, end) in _classes().items():
            if begin <= high and end >= low:
                inside = low <= begin and end <= high
                condition, bounds = ("", ()) if inside else ("duration_ms between ? and ?", (low, high))
                found.append(Range(index, (*equal, ("duration_class", number)), condition, bounds))
    return found


def _classes() -> dict[int, tuple[int, int]]:
    """Their first and last milliseconds."""
    begins = [*_CLASSES.values(), JobFilter.LONGEST + 1]
    return {number: (begin, begins[place + 1] - 1) for place, (number, begin) in enumerate(_CLASSES.items())}


def _equal(processes: Sequence[str] | None, statuses: Sequence[str] | None) -> list[tuple[tuple[str, Any], ...]]:
    columns = [("process_id", processes), ("status", statuses)]
    values = [[(name, each) for each in dict.fromkeys(given)] for name, given in columns if given is not None]
    return list(product(*values))


def partial(found: Sequence[Range]) -> list[Range]:
    """Those of which it has to be known how many jobs they hold: classes that are meant in part."""
    return [each for each in found if each.condition and each.index.endswith("_class")]


def counting(those: Sequence[Range]) -> Statement:
    """One row with a number for each of them, none greater than FEW + 1."""
    counts, parameters = [], list[Any]()
    for each in those:
        few = _by_duration(each)
        where, values = few.where()
        counts.append(f"(select count(*) from (select 1 from jobs indexed by {few.index} where {where} limit ?))")  # noqa: S608
        parameters += [*values, FEW + 1]
    return f"select {', '.join(counts)}", parameters


def chosen(found: Sequence[Range], counts: dict[Range, int]) -> list[Range]:
    """With those that hold few jobs found by duration, and without those that hold none."""
    return [
        _by_duration(each) if each in counts and counts[each] <= FEW else each
        for each in found
        if counts.get(each) != 0
    ]


def _by_duration(part: Range) -> Range:
    class_number = part.equal[-1][1]
    begin, end = _classes()[class_number]
    low, high = part.parameters
    return replace(
        part,
        index=part.index.replace("_class", "_duration"),
        equal=part.equal[:-1],
        parameters=(max(low, begin), min(high, end)),
        few=True,
    )


def walk(which: JobFilter, found: Sequence[Range], start: Place | None, limit: int) -> Statement:
    """`seq` of so many jobs behind a place, or before it and backward, the nearest first."""
    backward = start is not None and start.backward
    order = "created, seq" if backward else "created desc, seq desc"
    parts, parameters = [], list[Any]()
    for each, (bounds, limits) in product(found, _bounds(which, start)):
        where, values = each.where()
        part = f"select created, seq from jobs indexed by {each.index} where {where}{bounds}"  # noqa: S608
        values += limits
        if each.few:
            part = f"select * from ({part} order by {order} limit ?)"  # noqa: S608
            values.append(limit)
        parts.append(part)
        parameters += values
    return f"{' union all '.join(parts)} order by {order} limit ?", [*parameters, limit]


def _bounds(which: JobFilter, start: Place | None) -> list[tuple[str, list[Any]]]:
    """The range of creation times; with a place two, since SQLite has no range of (created, seq)."""
    low, high = _text(which.created_from), _text(which.created_to)
    if start is None:
        return [_bound(low, high)]
    # A place lies between the bounds of its own list: it takes the place of one of them.
    beyond = f" and created {'>' if start.backward else '<'} ?"
    beside = f" and created = ? and seq {'>' if start.backward else '<'} ?"
    others, values = _bound(None, high) if start.backward else _bound(low, None)
    return [(beside, [start.key, start.number]), (beyond + others, [start.key, *values])]


def _text(moment: datetime | None) -> str | None:
    """As it is stored: texts that are ordered like the times."""
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _bound(low: str | None, high: str | None) -> tuple[str, list[Any]]:
    given = [(" and created >= ?", low), (" and created <= ?", high)]
    return "".join(sql for sql, each in given if each), [each for _, each in given if each]
