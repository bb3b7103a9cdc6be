"""Attacks as data: a folder of tests/hostile/cases/<wall>/ is one attack; each of its files is a way to carry it out.

case.json:
    does      what the attacker tries, in a sentence
    accepted  how it may end: `deploy 422 unsafe-reference`, `execute 400 invalid-input`, `GET 404 not-found`,
              `job failed file-outside`, `job successful`
    inputs    what the deployed documents are executed with; without it they are only deployed
    requests  by name: method, path, headers, body; sent after the deploy where there is a document, else by themselves
    never     patterns that nothing of the results, of the answers to `requests` or of why the job failed may match
    shows     patterns that match something of it
    alone     whether it is carried out while the server does nothing else, and others have to be answered meanwhile
    within    seconds that a job may take
    settings  of a server of its own

A body is a text, a JSON value, or {"begin", "repeat", "times", "end"}, where `{n}` in what is repeated counts. In all
other texts `{name}` stands for what `Scene.words` gives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("cases")

CASE = "case.json"


@dataclass(frozen=True)
class Attack:
    """What case.json says."""

    name: str
    does: str
    accepted: list[str]
    documents: tuple[Path, ...]
    inputs: dict[str, Any] | None = None
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    never: list[str] = field(default_factory=list)
    shows: list[str] = field(default_factory=list)
    alone: bool = False
    within: float = 30.0
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One way to carry an attack out."""

    attack: Attack
    document: Path | None
    #: Name of the request.
    request: str | None

    @property
    def name(self) -> str:
        ways = [*([self.document.stem] if self.document else []), *([self.request] if self.request else [])]
        return "/".join([self.attack.name, *ways])

    @property
    def slug(self) -> str:
        """The id of its process, and part of every place that is only its own."""
        return self.name.replace("/", "-")


def _attack(folder: Path) -> Attack:
    said: dict[str, Any] = json.loads((folder / CASE).read_text(encoding="utf-8"))
    documents = tuple(each for each in sorted(folder.iterdir()) if each.name != CASE)
    return Attack(name=folder.relative_to(FOLDER).as_posix(), documents=documents, **said)


def _ways(attack: Attack) -> list[Case]:
    documents: Sequence[Path | None] = attack.documents or [None]
    requests: Sequence[str | None] = [*attack.requests] or [None]
    return [Case(attack, document, request) for document in documents for request in requests]


ATTACKS = [_attack(each.parent) for each in sorted(FOLDER.glob(f"*/*/{CASE}"))]
CASES = [case for attack in ATTACKS for case in _ways(attack)]
