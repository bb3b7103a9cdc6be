"""A deploy body, read: what it describes, the unit that runs, and where in what was sent its errors are. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cwl_bridge import document, graph, kept, naming, origins, resolve, versions
from cwl_bridge.chaining import Chain
from cwl_bridge.errors import BridgeError, FieldError, path_of, pointer
from cwl_bridge.marks import Path, Source
from cwl_bridge.packagefiles import LONE, REGISTERED, Files, MissingError
from registry.models import JSON

#: What is left of the ontologies of a package.
_ONTOLOGY = "formats.ttl"

CONTAINER_UNITS = ("docker", "oci")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A deploy body, read: what it describes and the unit that runs."""

    body: bytes
    media_type: str
    given: JSON
    unit: JSON
    #: Where the unit stands in the body.
    path: Path = ()
    #: The file that has the description; None: the body is that.
    given_in: str | None = None
    #: Where the description stands in it.
    given_at: str = "/processDescription"
    #: The files that the unit may refer to, itself among them: `main`.
    files: Files = field(default_factory=Files)
    main: str = LONE
    #: Of several processes the one that is meant.
    entry: str | None = None
    #: What the body was called on its way here.
    sent_as: str = ""
    is_application: bool = False
    #: Where they have several CWL versions, each of them by itself.
    apart: list[JSON] = field(default_factory=list)
    #: An execute request that is to become a process (21-009, deployable-workflows).
    request: JSON | None = None
    #: The workflow that it has become.
    chain: Chain | None = None

    def resolved(self) -> Package:
        """The package with one process in the place of its unit. Raises MissingError."""
        if self.is_image or (self.request is not None and self.chain is None):
            return self
        with self.placing_errors():
            whole = resolve.whole(self.files, self.main, self.entry)
            return replace(self, unit=versions.of_one_version(whole), apart=versions.apart(whole))

    @property
    def ontologies(self) -> list[bytes]:
        """Those of the package that its document names."""
        named = filter(None, map(kept.split, kept.schemas(self.unit)))
        return [self.files.kept[content] for content, _ in named]

    def with_ontology(self, lines: list[str]) -> Package:
        """These statements in the place of the ontologies; those elsewhere stay for whoever reads them."""
        left = [each for each in kept.schemas(self.unit) if kept.split(each) is None]
        text = "".join(f"{line}\n" for line in lines).encode()
        named = [self.files.keep(text, _ONTOLOGY), *left] if lines else left
        unit = {name: each for name, each in self.unit.items() if name != "$schemas" or named}
        return replace(self, unit={**unit, "$schemas": named} if named else unit)

    @property
    def is_image(self) -> bool:
        return self.unit.get("type") in CONTAINER_UNITS and "cwlVersion" not in self.unit

    @property
    def is_unnamed(self) -> bool:
        """Whether its process has no id before everything is put in its place, where `#main` is as good as `main`."""
        read: JSON = self.files.object(self.main) if self.main in self.files else {}
        named = read["$graph"][graph.chosen(read, self.entry, ())] if "$graph" in read else read
        return naming.own(named) is None

    @property
    def named_by_file(self) -> str | None:
        """What the files make of an id: the document's own name, else that of the whole body."""
        by_id = self.main in (self.files.ids or {})
        return (None if by_id else naming.of_file(self.main)) or naming.of_file(self.sent_as)

    @contextmanager
    def placing_errors(self, made: JSON | None = None) -> Iterator[None]:
        """Errors are moved to where their places were sent; `made`: the process that was made of the package."""
        try:
            yield
        except MissingError as missing:
            # The main document itself is not there.
            missing.error.errors = missing.error.errors or [FieldError("/executionUnit/href", str(missing.error))]
            self.place(missing.error, made)
            raise
        except BridgeError as error:
            self.place(error, made)
            raise

    def place(self, error: BridgeError, made: JSON | None = None) -> None:
        """Gives each of its errors file, pointer, line and column in what was sent."""
        error.errors = self.placed(error.errors, made)

    def placed(self, errors: list[FieldError], made: JSON | None = None) -> list[FieldError]:
        """In what was sent, one text after the other, from top to bottom.

        The pointers begin with /processDescription, /executionUnit or in the CWL: in the file that an error names,
        else in the process that was `made`.
        """
        sources: dict[str | None, Source] = {}
        placed = [self._marked(self._moved(each, made), sources) for each in errors]
        return sorted(placed, key=lambda each: (each.file or "", each.line or 0, each.column or 0))

    def _moved(self, error: FieldError, made: JSON | None) -> FieldError:
        where = error.pointer
        if error.file is None and where.startswith("/processDescription"):
            moved = self.given_at + where.removeprefix("/processDescription")
        elif self.request is not None:
            within = self.chain.place(path_of(where)) if self.chain else path_of(where)
            moved = pointer(*self.path, *within)
        elif error.file is None and where.startswith("/executionUnit"):
            moved = pointer(*self.path) + where.removeprefix("/executionUnit")
        else:
            if error.file is None:
                key, path = origins.whole(self.files, self.main, self.entry, path_of(where), made)
            else:
                key, path = origins.within(self.files, error.file, path_of(where))
            if key != LONE or LONE in self.files.bodies:
                return replace(error, file=key, pointer=pointer(*path))
            moved = pointer(*self.path, *path)
        return replace(error, file=self.given_in, pointer=moved)

    def _marked(self, error: FieldError, sources: dict[str | None, Source]) -> FieldError:
        """With line and column, and the name that its file has outside."""
        key = error.file
        name = key.removeprefix(REGISTERED) if key is not None else None
        if key not in sources:
            text = self._text(key)
            if text is None:
                return error
            sources[key] = Source(text)
        return replace(_located(error, sources[key]), file=name)

    def _text(self, key: str | None) -> str | None:
        if key is not None and key.startswith(REGISTERED):
            return document.write_yaml(self.files.registered[key.removeprefix(REGISTERED)])
        body = self.body if key is None else self.files.bodies.get(key)
        # What can't be read has said so itself, with its place.
        return None if body is None or b"\0" in body else document.read_text(body, latin_fallback=True)


@contextmanager
def marking(body: bytes, file: str | None = None) -> Iterator[None]:
    """Errors about a text get its name, lines and columns."""
    try:
        yield
    except BridgeError as error:
        error.errors = [replace(each, file=file) for each in error.errors]
        if any(each.line is None for each in error.errors):
            source = Source(document.read_text(body, latin_fallback=True))
            error.errors = [_located(each, source) for each in error.errors]
        raise


def _located(error: FieldError, source: Source) -> FieldError:
    """With line and column, where it has none."""
    if error.line is not None:
        return error
    line, column = source.place(path_of(error.pointer), of_name=error.of_name) or (None, None)
    return replace(error, line=line, column=column)
