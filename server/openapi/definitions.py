"""The API definition with an operation for each process; of each revision of a process, it is written once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass

from registry.models import EVERYBODY, JSON, Principal, ProcessDescription, Scope
from registry.processes import Processes
from server.endpoints import Endpoint
from server.openapi import dialects, document, processes, security

VERSIONS = ("3.0", "3.1")
OPENAPI_3_1 = "3.1.0"

#: Processes that are written at once, in a thread: others get their answers meanwhile.
_BATCH = 50
#: The operations beside the execution that a client of one process needs.
_OF_ONE = ("landing-page", "process", "job", "results", "result", "log")


@dataclass(frozen=True)
class _Written:
    """The operation of one revision of a process, in one version of OpenAPI."""

    id: str
    title: str
    #: `"path": {…}`, a member of `paths`.
    member: str


class Definitions:
    def __init__(self, endpoints: Iterable[Endpoint], registered: Processes, *, secured: bool = False) -> None:
        """`secured`: whether tokens are asked for."""
        self._endpoints = [security.secured(each) if secured else security.unsecured(each) for each in endpoints]
        self._execution = next(each for each in self._endpoints if (each.name, each.method) == ("execution", "POST"))
        self._processes = registered
        #: Version → revision → operation.
        self._written: dict[str, dict[int, _Written]] = {each: {} for each in VERSIONS}
        self._writing = asyncio.Lock()
        whole = self._with_components(document.document(self._endpoints))
        self._whole = {"3.0": _Parts(whole), "3.1": _Parts(_in_3_1(whole))}
        self.routes = whole

    async def text(self, base: str, version: str, who: Principal = EVERYBODY) -> str:
        """JSON, with the processes that somebody sees. `version`: one of VERSIONS."""
        written = await self._current(version, who)
        return self._whole[version].joined(base, [each.member for each in written])

    async def listed(self, who: Principal = EVERYBODY) -> list[tuple[str, str]]:
        """(id, title) of the processes that somebody sees."""
        return [(each.id, each.title) for each in await self._current("3.0", who)]

    def of_one(self, description: ProcessDescription, base: str, version: str) -> JSON:
        """The definition for the clients of one process."""
        found = self._with_components(document.document(each for each in self._endpoints if each.name in _OF_ONE))
        found["paths"] = {processes.path(description): self._operation(description), **found["paths"]}
        found["info"] = {**found["info"], "title": str(description.about.get("title", description.id))}
        return {**(found if version == "3.0" else _in_3_1(found)), "servers": [{"url": base}]}

    def _with_components(self, definition: JSON) -> JSON:
        definition["components"] = {**definition["components"], **processes.components(self._execution)}
        return definition

    def _operation(self, description: ProcessDescription) -> JSON:
        return {"post": processes.operation(description, self._execution)}

    async def _current(self, version: str, who: Principal) -> list[_Written]:
        async with self._writing:
            revisions = await self._processes.current()
            known = self._written[version]
            missing = [each for each in revisions if each not in known]
            for batch in _batches(missing):
                known |= await asyncio.to_thread(self._write, await self._processes.descriptions(batch), version)
            # Only what can be asked for again is kept.
            self._written[version] = {each: known[each] for each in revisions}
            written = self._written[version]
        if who.is_admin:
            return list(written.values())
        seen = await self._processes.current(who) if who.may(Scope.READ) else []
        # One that is newer than what is written is seen the next time.
        return [written[each] for each in seen if each in written]

    def _write(self, described: dict[int, ProcessDescription], version: str) -> dict[int, _Written]:
        return {revision: self._one(each, version) for revision, each in described.items()}

    def _one(self, description: ProcessDescription, version: str) -> _Written:
        operation = self._operation(description)
        operation = operation if version == "3.0" else dialects.document(operation)
        name = json.dumps(processes.path(description))
        return _Written(
            id=description.id,
            title=str(description.about.get("title", description.id)),
            member=f"{name}:{_json(operation)}",
        )


class _Parts:
    """A definition as JSON that waits for its server and more paths."""

    def __init__(self, definition: JSON) -> None:
        self._paths = _json(definition["paths"])[1:-1]
        self._rest = _json({key: each for key, each in definition.items() if key != "paths"})[1:-1]

    def joined(self, base: str, more: list[str]) -> str:
        servers = _json([{"url": base}])
        return f'{{{self._rest},"servers":{servers},"paths":{{{",".join([self._paths, *more])}}}}}'


def _in_3_1(definition: JSON) -> JSON:
    return {**dialects.document(definition), "openapi": OPENAPI_3_1}


def _batches(revisions: list[int]) -> Iterable[list[int]]:
    return (revisions[start : start + _BATCH] for start in range(0, len(revisions), _BATCH))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
