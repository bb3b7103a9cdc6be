"""A stream of server-sent events as a client reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.live import Server


@dataclass(frozen=True)
class Event:
    kind: str
    id: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def follow(server: Server, job_id: str, last: str | None = None) -> Iterator[Event]:
    """The events of a job, after one that was read before; closing the iterator ends the connection."""
    headers = {"Accept": "text/event-stream", **({} if last is None else {"Last-Event-ID": last})}
    with server.http.stream("GET", f"/jobs/{job_id}/log", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield from _events(answer.iter_lines())


def _events(lines: Iterable[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if not line and fields:
            yield Event(fields.get("event", "message"), fields.get("id", ""), fields.get("data", ""))
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def told(events: Iterable[Event], *kinds: str) -> list[str]:
    """What the events of these kinds say."""
    return [each.data for each in events if each.kind in kinds]
