"""A document with secret inputs → the same, each process with all of its secrets, as a hint. Pure.

As a hint, because cwltool refuses the requirement, whatever it is told to allow. And all of them: what a workflow hands
on to a secret of one of its steps is a secret of the workflow, or it would be shown as the workflow's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge import describe, levels, schema, secrecy
from cwl_bridge.errors import InvalidProcessError, refuse
from cwl_bridge.levels import Where
from registry.models import JSON

_SHOWN = "The secret '{}' has a default, which everybody would see in the document."


def settled(document: JSON) -> JSON:
    """Raises InvalidProcessError where something can't be a secret, with a pointer into the document."""
    namespaces = _namespaces(document)
    own = [(level, secrecy.declared(level.declared, namespaces, level.where)) for level in levels.walk(document)]
    for level, secrets in own:
        if secrets and level.kind is None:
            detail = "cwltool:Secrets stands at a process, not at a step."
            refuse(InvalidProcessError, detail, next(iter(secrets.values())))
    return _Settling(document).process(document, ())[0] if any(secrets for _, secrets in own) else document


def _namespaces(document: JSON) -> JSON:
    """Those that are declared anywhere, first of all those of the document."""
    found: JSON = {}
    for level in levels.walk(document):
        found = {**(level.declared.get("$namespaces") or {}), **found}
    return found


class _Settling:
    """One document."""

    def __init__(self, document: JSON) -> None:
        self._namespaces = _namespaces(document)
        self._name = secrecy.name_in(document.get("$namespaces"))

    def process(self, process: JSON, where: Where) -> tuple[JSON, list[str]]:
        """The process, and its secrets."""
        secrets = secrecy.declared(process, self._namespaces, where)
        found = process
        if process["class"] == "Workflow":
            steps, handed = self._steps(process, where)
            found = {**process, "steps": steps}
            secrets = {**handed, **secrets}
        self._check(process, secrets, where)
        return self._with_hint(found, list(secrets)), list(secrets)

    def _steps(self, workflow: JSON, where: Where) -> tuple[Any, dict[str, Where]]:
        """The steps, and the inputs of the workflow that become secrets in them."""
        declared = workflow["steps"]
        names = {_short(key, step) for key, step in _members(declared)}
        found: dict[str | int, JSON] = {}
        handed: dict[str, Where] = {}
        for key, step in _members(declared):
            at = (*where, "steps", key)
            run, secrets = self.process(step["run"], (*at, "run"))
            found[key] = {**step, "run": run}
            for secret in secrets:
                for source, place in _sources(step, secret, at):
                    *around, name = source.rpartition("#")[2].split("/")
                    # What another step gives is known, and kept back, when it is there.
                    if not around or around[-1] not in names:
                        handed.setdefault(name, place)
        return (found if isinstance(declared, dict) else list(found.values())), handed

    def _check(self, process: JSON, secrets: dict[str, Where], where: Where) -> None:
        if not secrets:
            return
        ports = describe.ports(process, "inputs")
        types = describe.named_types(process)
        for name, at in secrets.items():
            if name not in ports:
                known = ", ".join(ports) or "none"
                refuse(
                    InvalidProcessError, f"There is no input '{name}' that could be a secret; there are: {known}.", at
                )
            try:
                fits = secrecy.is_string(schema.normalise(ports[name].get("type"), types, self._namespaces))
            except InvalidProcessError:
                fits = False
            if not fits:
                detail = f"The input '{name}' can't be a secret: a secret is a string, or an optional one."
                refuse(InvalidProcessError, detail, at)
            if ports[name].get("default") is not None:
                refuse(
                    InvalidProcessError,
                    _SHOWN.format(name),
                    (*where, "inputs", *_place(process["inputs"], name), "default"),
                )

    def _with_hint(self, process: JSON, secrets: list[str]) -> JSON:
        found = dict(process)
        for kind in ("requirements", "hints"):
            own = found.get(kind)
            if isinstance(own, dict):
                found[kind] = {name: each for name, each in own.items() if not self._is_it(name)}
            elif isinstance(own, list):
                found[kind] = [each for each in own if not self._is_it(each["class"])]
            if own and not found[kind]:
                del found[kind]
        if not secrets:
            return found
        hints = found.pop("hints", None) or {}
        if isinstance(hints, list):
            hints = [*hints, {"class": self._name, "secrets": secrets}]
        else:
            hints = {**hints, self._name: {"secrets": secrets}}
        # Before the inputs, as people write it.
        index = list(found).index("inputs")
        items = list(found.items())
        return dict([*items[:index], ("hints", hints), *items[index:]])

    def _is_it(self, name: str) -> bool:
        return secrecy.is_named(name, self._namespaces)


def _members(declared: Any) -> Iterator[tuple[str | int, Any]]:
    """Of what is listed or keyed by id."""
    yield from declared.items() if isinstance(declared, dict) else enumerate(declared)


def _short(key: str | int, member: Any) -> str:
    return schema.short_name(str(member.get("id", key) if isinstance(member, dict) else key))


def _place(ports: Any, name: str) -> Where:
    """Where a port stands among others."""
    return next((key,) for key, each in _members(ports) if _short(key, each) == name)


def _sources(step: JSON, secret: str, where: Where) -> Iterator[tuple[str, Where]]:
    """Where a step has a secret of what it runs from, with the place of the port."""
    for key, each in _members(step.get("in") or {}):
        if _short(key, each) != secret:
            continue
        port = each if isinstance(each, dict) else {"source": each}
        at = (*where, "in", key)
        if port.get("default") is not None:
            refuse(InvalidProcessError, _SHOWN.format(secret), (*at, "default"))
        source = port.get("source")
        yield from ((one, at) for one in (source if isinstance(source, list) else [source]) if isinstance(one, str))
