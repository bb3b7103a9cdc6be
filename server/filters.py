"""Query parameters → what is listed and how much of it, or a problem that names what is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from starlette.datastructures import QueryParams

from registry.models import JobFilter, JobId, JobStatus, Principal, Scope
from server import auth
from server.problems import ProblemError

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
#: Values in one list; each is looked for by itself.
MAX_VALUES = 50
_LARGEST = 2**63 - 1

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)\Z")
#: But for the first moment of the next one: times are in milliseconds.
_DAY = timedelta(days=1, milliseconds=-1)
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


def limit(query: QueryParams) -> int:
    """`limit`: from 1; above the maximum it is lowered, not refused."""
    given = query.get("limit")
    return DEFAULT_LIMIT if given is None else min(_whole("limit", given, 1), MAX_LIMIT)


def offset(query: QueryParams) -> int | None:
    """`offset`: where in a log to begin."""
    given = query.get("offset")
    return None if given is None else _whole("offset", given, 0)


def job_filter(query: QueryParams, who: Principal) -> JobFilter:
    """The parameters of /jobs (18-062r2, section 11); the list is that of who asks, or of whom an admin names."""
    owner = query.get("owner", who.name)
    if owner != who.name and not who.is_admin:
        raise auth.insufficient(Scope.ADMIN, "The query parameter owner: the jobs of others are for the scope admin.")
    statuses = _list(query, "status")
    for each in statuses or ():
        if each not in list(JobStatus):
            raise _invalid("status", f"{each!r} is none of {', '.join(JobStatus)}")
    kinds = _list(query, "type")
    begin, end = _interval(query.get("datetime"))
    return JobFilter(
        owner=owner,
        # Every job here is of type "process": another type has none.
        process_ids=() if kinds is not None and "process" not in kinds else _process_ids(query),
        statuses=tuple(map(JobStatus, statuses)) if statuses is not None else None,
        created_from=begin,
        created_to=end,
        min_duration=_duration(query, "minDuration"),
        max_duration=_duration(query, "maxDuration"),
        parent=JobId(query["parent"]) if "parent" in query else None,
    )


def listing(which: JobFilter) -> str:
    """What a cursor of the list is bound to (Cursors)."""
    return f"jobs {which!r}"


def _process_ids(query: QueryParams) -> tuple[str, ...] | None:
    """Ids, or the URLs of processes that version 2.0 has in `processID`."""
    listed = _list(query, "processID")
    return None if listed is None else tuple(each.rpartition("/")[2] for each in listed)


def _list(query: QueryParams, name: str) -> list[str] | None:
    """Each value once."""
    if name not in query:
        return None
    found = list(dict.fromkeys(part for given in query.getlist(name) for part in given.split(",") if part))
    if not 0 < len(found) <= MAX_VALUES:
        raise _invalid(name, f"1 to {MAX_VALUES} values are expected, not {len(found)}")
    return found


def _duration(query: QueryParams, name: str) -> int | None:
    given = query.get(name)
    if given is None:
        return None
    # Version 1.0 has a list here, without a meaning for more than one.
    first, *_ = [_whole(name, each, 0) for each in given.split(",")]
    return first


def _interval(given: str | None) -> tuple[datetime | None, datetime | None]:
    if given is None:
        return None, None
    begin, slash, end = given.partition("/")
    if not slash:
        return _moment(begin), _end(begin)
    first = None if begin in ("", "..") else _moment(begin)
    last = None if end in ("", "..") else _end(end)
    if (first is None and last is None) or "/" in end:
        raise _invalid("datetime", f"{given[:80]!r} is no interval")
    if first and last and first > last:
        raise _invalid("datetime", f"{given[:80]!r} ends before it begins")
    return first, last


def _end(given: str) -> datetime:
    """The last moment of a day, or the moment itself."""
    moment = _moment(given)
    return moment + _DAY if _DATE.match(given) else moment


def _moment(given: str) -> datetime:
    # A plus sign that was not escaped arrives as a blank.
    text = given.replace(" ", "+").upper()
    if _DATE.match(text):
        text += "T00:00:00Z"
    if _DATE_TIME.match(text):
        # A leap second is the first of the next minute to those who do not count it.
        leap = _LEAP_SECOND.search(text)
        try:
            moment = datetime.fromisoformat(_LEAP_SECOND.sub(":59", text, count=1)).astimezone(UTC)
            return moment + timedelta(seconds=1 if leap else 0)
        except (ValueError, OverflowError):
            pass
    raise _invalid("datetime", f"{given[:40]!r} is no RFC 3339 date-time")


def _whole(name: str, given: str, least: int) -> int:
    # What SQLite can't hold is as good as the largest number that it can.
    number = min(int(given.lstrip("0")[:20] or "0"), _LARGEST) if re.fullmatch(r"[0-9]+", given) else -1
    if number < least:
        raise _invalid(name, f"a whole number from {least} is expected, not {given[:40]!r}")
    return number


def _invalid(name: str, detail: str) -> ProblemError:
    return ProblemError("invalid-query-parameter-value", f"The query parameter {name}: {detail}.")
