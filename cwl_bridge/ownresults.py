"""Hrefs that name results of jobs of this server: how such a URL is read, and what it stands for. Pure.

The server finds out at submission which results they are, and whether who asks may see them. A run is told them by
their URLs (`results` of run.json) and takes them from the folders of their jobs (see `resultfiles`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from cwl_bridge import places
from registry.models import JSON

#: The member of a job order that has what its hrefs stand for. No input is called so: the name of one has no slash.
MEMBER = "/results"

_OF_A_JOB = re.compile(r".*?/jobs/[^/]+/results/")

_PORTS = {"http": 80, "https": 443}


class Name(NamedTuple):
    """What an href names, whether it is there or not."""

    job_id: str
    #: Below /results: the output, and what of it.
    path: list[str]
    has_query: bool


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What such an href stands for."""

    #: Of the result that it names, or that it names a part of; as `joined` has it.
    url: str
    #: `job` and `path` of a File or Directory, or the `text` of a literal.
    source: JSON
    #: What the href itself names.
    is_directory: bool


def named(base: str, href: str) -> Name | None:
    """`base`: the URL of the landing page. None: no result of this server."""
    bare, question, _ = href.partition("#")[0].partition("?")
    here, there = segments(base) or [], segments(bare) or []
    if not here or there[: len(here)] != here:
        return None
    match there[len(here) :]:
        case ["jobs", job_id, "results", *path] if path:
            return Name(job_id, path, bool(question))
    return None


def segments(href: str) -> list[str] | None:
    """Scheme, host and port as one, then the path as routes read it, decoded; None: nothing that names a result."""
    bare = href.partition("#")[0]
    parts = places.split(bare, places.WEB)
    if parts is None or "@" in parts.netloc or "?" in bare:
        return None
    path = [each for each in unquote(parts.path).split("/") if each]
    if "." in path or ".." in path:
        return None
    return [f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS[parts.scheme]}", *path]


def joined(segments: list[str]) -> str:
    """One spelling for all that mean the same."""
    return "/".join([segments[0], *(quote(each, safe="") for each in segments[1:])])


def beside(url: str) -> str:
    """What the URLs of all results of the same job begin with; `url` as `joined` has it, of a result."""
    found = _OF_A_JOB.match(url)
    return found[0] if found else url


def hrefs(value: Any) -> Iterator[str]:
    """Whatever may be an href, wherever in inputs it stands."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        elif isinstance(each, dict):
            pending += each.values()
            yield from (each[name] for name in ("href", "location") if isinstance(each.get(name), str))
