"""A package in any of its forms → one CWL process that refers to nothing else. Pure.

Understood are several files that name each other (`run:`, `$import`, `$include`, `$mixin`), a `$graph` of processes, a
document that cwltool has packed, and names of registered processes. What a package refers to is put in the place of
the reference, so that what is registered is whole, and stays what it was.
"""

from __future__ import annotations

from typing import Any

from cwl_bridge import eoap, graph, kept, localnames, places, recordfields, secrecy, versions
from cwl_bridge.errors import (
    InvalidDocumentError,
    InvalidProcessError,
    TooComplexError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
    WorkflowNotFoundError,
    refusal,
    refuse,
)
from cwl_bridge.keeper import Keeper, inside
from cwl_bridge.localnames import Local, Placed
from cwl_bridge.marks import Path
from cwl_bridge.packagefiles import REGISTERED, Files, MissingError, naming
from registry.models import JSON

#: Processes and files that are put in the place of references, in all.
MAX_REFERENCES = 500
MAX_NESTING = 20

#: Of a process with everything in its place, each value counted as so many more.
MAX_BYTES = 32 << 20
_VALUE_BYTES = 64

_IMPORTS = ("$import", "$include", "$mixin")


def process(files: Files, main: str, entry: str | None = None) -> JSON:
    """The process that `main`, a file, describes, of one CWL version; of several the one that `entry` names.

    Raises MissingError, and BridgeErrors whose pointers are into that file.
    """
    return versions.of_one_version(whole(files, main, entry))


def whole(files: Files, main: str, entry: str | None = None) -> JSON:
    """The same with each process in the version that it is written in."""
    resolver = _Resolver(files)
    found = resolver.process(main, entry, (), ())
    if resolver.schemas:
        found = {**found, "$schemas": resolver.schemas}
    elif not kept.schemas(found):
        found.pop("$schemas", None)
    return found


class _Resolver:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._count = 0
        self._size = 0
        #: The files that are being imported, each by the one before it.
        self._importing: list[str] = []
        self._keeper = Keeper(files, self._target, lambda where: self._step((), where))
        #: Of all its documents: what they say of formats holds for the whole.
        self.schemas: list[Any] = []

    def process(self, key: str, entry: str | None, stack: tuple[str, ...], where: tuple[str | int, ...]) -> JSON:
        """`stack`: the processes around it. `where`: of the reference that leads to it."""
        if key in self._files.outside:
            return {}
        read = self._files.object(key)
        shared: JSON = {}
        inside: Path = ()
        with naming(key):
            if not isinstance(read, dict):
                refuse(InvalidDocumentError, f"{key} has to be an object: a CWL document.", ())
            graph.check(read)
        chosen: JSON
        # Of the whole the client says which process it means, with `w`; of a step the document does.
        unknown = InvalidProcessError if stack else WorkflowNotFoundError
        if "$graph" in read:
            index = graph.chosen(read, entry, where or ("$graph",), unknown)
            inside, chosen = ("$graph", index), read["$graph"][index]
            shared = {name: each for name, each in read.items() if name != "$graph"}
        else:
            chosen = read
            if entry is not None and entry != graph.own_name(read) and (stack or graph.own_name(read)):
                refuse(unknown, f"{key} has no process '{entry}'.", where)
        name = f"{key}#{graph.own_name(chosen)}"
        if name in stack:
            circle = " → ".join([*stack[stack.index(name) :], name])
            refuse(InvalidProcessError, f"The process runs itself: {circle}.", where)
        self._step(stack, where)
        if not stack and chosen is read and not _refers(read) and not _is_packed(read):
            return read
        whole = {**shared, **chosen} if shared else chosen
        with naming(key):
            return self._whole(whole, key, (*stack, name), inside)

    def _step(self, stack: tuple[str, ...], where: tuple[str | int, ...]) -> None:
        self._count += 1
        if self._count > MAX_REFERENCES or len(stack) > MAX_NESTING:
            refuse(TooComplexError, f"At most {MAX_REFERENCES} references, {MAX_NESTING} deep.", where)

    def _whole(self, declared: JSON, key: str, stack: tuple[str, ...], where: tuple[str | int, ...]) -> JSON:
        """A process with everything in its place."""
        own = graph.own_name(declared)
        if len(stack) > 1:
            declared = localnames.types_apart(declared, key, own)
        found: JSON = self._imported(declared, key, where)
        if "$schemas" in found:
            more = self._keeper.schemas(found["$schemas"], key, (*where, "$schemas"))
            self.schemas += [each for each in more if each not in self.schemas]
            found["$schemas"] = []
        local = Local(own)
        for kind in ("inputs", "outputs"):
            if kind in found:
                found[kind] = self._ports(found[kind], key, local)
        if "inputs" in found:
            found["inputs"] = self._with_siblings(found, (*where, "inputs"))
        if found.get("class") == "Workflow":
            found["steps"] = self._steps(found.get("steps"), key, local, stack, (*where, "steps"))
        for kind in ("requirements", "hints"):
            if kind in found:
                found[kind] = self._schema_definitions(found[kind], key)
        if len(stack) > 1:
            # It stands inside another document now; its formats are spelled out, so its prefixes can go.
            found.pop("id", None)
            found.pop("$schemas", None)
            prefixes = found.pop("$namespaces", None) or {}
            found = secrecy.spelled_out(localnames.spelled_out(found, prefixes), prefixes)
        elif isinstance(found.get("id"), str):
            found["id"] = own
        return found

    def _imported(self, value: Any, key: str, where: tuple[str | int, ...]) -> Any:
        """With what `$import`, `$include` and `$mixin` name in their place."""
        self._grow(value, where)
        if isinstance(value, list):
            items: list[Any] = []
            for each in value:
                item = self._imported(each, key, (*where, len(items)))
                # A list that is imported into a list is part of it.
                spliced = isinstance(each, dict) and "$import" in each and isinstance(item, list)
                items.extend(item if spliced else [item])
            return items
        if not isinstance(value, dict):
            return value
        for kind in _IMPORTS:
            if kind in value:
                return self._import(kind, value, key, where)
        if value.get("class") in ("File", "Directory") and ("location" in value or "path" in value):
            if "secondaryFiles" in value:
                beside = self._imported(value["secondaryFiles"], key, (*where, "secondaryFiles"))
                value = {**value, "secondaryFiles": beside}
            return self._keeper.place(value, key, where)
        return {name: self._member(name, each, key, (*where, name)) for name, each in value.items()}

    def _member(self, name: str, value: Any, key: str, where: tuple[str | int, ...]) -> Any:
        if name == "run" and isinstance(value, dict) and isinstance(value.get("$import"), str):
            # What a step runs is a process of its own, however it is named.
            value = value["$import"]
        if self._importing and name == "run" and isinstance(value, str):
            return Placed(value, key)
        found = self._imported(value, key, where)
        return localnames.type_of(found, key) if self._importing and name in ("type", "items") else found

    def _grow(self, value: Any, where: tuple[str | int, ...]) -> None:
        """What is small in a package may be large once it stands wherever it is referred to."""
        self._size += _VALUE_BYTES + (len(value) if isinstance(value, str) else 0)
        if self._size > MAX_BYTES:
            refuse(TooComplexError, "Everything that it refers to in its place, it is too large.", where)

    def _import(self, kind: str, value: JSON, key: str, where: tuple[str | int, ...]) -> Any:
        self._step((), where)
        given = value[kind]
        if not isinstance(given, str):
            refuse(InvalidProcessError, f"{kind} names a file.", (*where, kind))
        target, fragment = self._target(key, given, (*where, kind))
        if target in self._files.outside:
            return {}
        if kind == "$include":
            text = self._files.text(target)
            self._grow(text, where)
            return text
        if f"{target}#{fragment}" in self._importing:
            refuse(TooComplexError, "Files import each other without end.", (*where, kind))
        if len(self._importing) == MAX_NESTING:
            refuse(TooComplexError, f"Files import each other more than {MAX_NESTING} deep.", (*where, kind))
        found = graph.named(self._files.object(target), fragment)
        if found is None:
            refuse(InvalidProcessError, f"{target} has no '{fragment}'.", (*where, kind))
        self._importing.append(f"{target}#{fragment}")
        with naming(target):
            content = self._imported(found[1], target, found[0])
        # What a packed document has of its own is called by its place already.
        content = content if given.startswith("#") else localnames.types_named(content, target)
        self._importing.pop()
        if kind == "$mixin" and isinstance(content, dict):
            rest = {name: each for name, each in value.items() if name != kind}
            return {**content, **self._imported(rest, key, where)}
        return content

    def _target(self, key: str, given: str, where: tuple[str | int, ...]) -> tuple[str, str]:
        """The file that a reference in the file `key` names, and the part of it."""
        path, _, fragment = given.partition("#")
        if not path:
            return key, fragment
        if places.scheme(path) in places.WEB:
            target = path
        elif places.scheme(key) in places.WEB:
            joined = places.joined(key, path)
            if joined is None:
                refuse(UnsafeReferenceError, f"{given!r} is no URL.", where)
            target = joined
        else:
            target = inside(key, path, where)
        known = eoap.types(target) if target not in self._files else None
        if known is not None:
            self._files.put(target, known)
        if target not in self._files:
            raise MissingError(target, refusal(InvalidProcessError, f"{given!r} is no part of the package.", where))
        return target, fragment

    def _steps(self, steps: Any, key: str, local: Local, stack: tuple[str, ...], where: tuple[str | int, ...]) -> Any:
        if isinstance(steps, dict):
            return {
                local.short(name): self._step_of(each, key, local, stack, (*where, name))
                for name, each in steps.items()
            }
        if isinstance(steps, list):
            return [self._step_of(each, key, local, stack, (*where, index)) for index, each in enumerate(steps)]
        return steps

    def _step_of(self, step: Any, key: str, local: Local, stack: tuple[str, ...], where: tuple[str | int, ...]) -> Any:
        if not isinstance(step, dict):
            return step
        found = dict(step)
        inside = local
        if isinstance(step.get("id"), str):
            found["id"] = local.short(step["id"])
            inside = Local(local.own, found["id"])
        for name in ("scatter", "out"):
            if name in found:
                found[name] = localnames.each_string(found[name], inside.short)
        if "in" in found:
            found["in"] = localnames.ports_of_step(found["in"], local, inside)
        for kind in ("requirements", "hints"):
            if kind in found:
                found[kind] = self._schema_definitions(found[kind], key)
        run = step.get("run")
        if isinstance(run, str):
            found["run"] = self._referred(run, key, stack, (*where, "run"))
        elif isinstance(run, dict):
            inner = f"{key}#{'/'.join(map(str, where))}"
            self._step(stack, where)
            if "$graph" in run:
                refuse(UnsupportedRequirementError, "A step runs one process, no $graph.", (*where, "run"))
            found["run"] = self._whole(run, key, (*stack, inner), (*where, "run"))
        return found

    def _referred(self, run: str, key: str, stack: tuple[str, ...], where: tuple[str | int, ...]) -> JSON:
        key = run.key if isinstance(run, Placed) else key
        try:
            target, fragment = self._target(key, run, where)
        except MissingError as missing:
            names = _registered_names(run)
            if not self._files.outside.isdisjoint(names):
                return {}
            for name in names:
                if name in self._files.registered:
                    self._step(stack, where)
                    with naming(REGISTERED + name):
                        return self._whole(self._files.registered[name], REGISTERED + name, (*stack, name), ())
            if not names:
                raise
            detail = f"{run!r} is no part of the package, and no registered process."
            raise MissingError(missing.reference, refusal(InvalidProcessError, detail, where), names) from missing
        return self.process(target, fragment or None, stack, where)

    def _ports(self, ports: Any, key: str, local: Local) -> Any:
        """Inputs or outputs of a process: short names, types whose files are named from the package."""
        if isinstance(ports, dict):
            return {local.short(name): self._port(each, key, local) for name, each in ports.items()}
        if isinstance(ports, list):
            return [self._port(each, key, local) for each in ports]
        return ports

    def _port(self, port: Any, key: str, local: Local) -> Any:
        if not isinstance(port, dict):
            return localnames.type_of(port, key)
        found = dict(port)
        if isinstance(port.get("id"), str):
            found["id"] = local.short(port["id"])
        if "type" in found:
            found["type"] = localnames.type_of(found["type"], key)
        if "outputSource" in found:
            found["outputSource"] = localnames.each_string(found["outputSource"], local.short)
        return found

    def _with_siblings(self, declared: JSON, where: tuple[str | int, ...]) -> Any:
        """The inputs, the default files of each with the secondary files that its patterns name."""
        types = recordfields.types(declared)

        def one(port: Any, at: str | int) -> Any:
            if not isinstance(port, dict) or "default" not in port:
                return port
            default = self._keeper.with_siblings(port["default"], port, types, (*where, at, "default"))
            return {**port, "default": default}

        ports = declared["inputs"]
        if isinstance(ports, dict):
            return {name: one(each, name) for name, each in ports.items()}
        return [one(each, index) for index, each in enumerate(ports)] if isinstance(ports, list) else ports

    def _schema_definitions(self, declared: Any, key: str) -> Any:
        """SchemaDefRequirements whose types name each other from the package."""

        def one(body: Any) -> Any:
            if isinstance(body, dict) and isinstance(body.get("types"), list):
                return {**body, "types": [localnames.type_of(each, key) for each in body["types"]]}
            return body

        if isinstance(declared, dict):
            return {name: one(body) for name, body in declared.items()}
        return [one(body) for body in declared] if isinstance(declared, list) else declared


def _refers(value: Any) -> bool:
    """Whether anything in a document has to be put in the place of a reference."""
    if isinstance(value, list):
        return any(map(_refers, value))
    if not isinstance(value, dict):
        return False
    return (
        any(kind in value for kind in (*_IMPORTS, "$schemas"))
        or isinstance(value.get("run"), str)
        or (value.get("class") in ("File", "Directory") and ("location" in value or "path" in value))
        or any(map(_refers, value.values()))
    )


def _is_packed(read: JSON) -> bool:
    return isinstance(read.get("id"), str) and read["id"].startswith("#")


def _registered_names(run: str) -> tuple[str, ...]:
    """What a bare `Echo` or `Echo.cwl` may be the name of."""
    return () if "/" in run or "#" in run else (run, run.removesuffix(".cwl"))
