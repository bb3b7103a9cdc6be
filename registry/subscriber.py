"""Whom a job tells of its changes: the `subscriber` of an execute request (18-062r2, section 12; subscriber.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit


class Event(StrEnum):
    """What a client may be told of; the names are those of the members that say where."""

    #: The job is running.
    IN_PROGRESS = "inProgressUri"
    #: The job is successful.
    SUCCESS = "successUri"
    #: The job has failed, or was dismissed: there will be no results.
    FAILED = "failedUri"


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Where a client is told of what."""

    #: The URL of the landing page, without its slash, as the client knows it.
    base: str
    #: Absolute http and https URLs, escaped.
    uris: dict[Event, str]

    def to_json(self) -> dict[str, Any]:
        """As the triggers of the outbox read it."""
        return {
            "base": self.base,
            **{event: {"url": url, "host": urlsplit(url).netloc.lower()} for event, url in self.uris.items()},
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Subscriber:
        uris = {event: document[event]["url"] for event in Event if event in document}
        return cls(base=document["base"], uris=uris)
