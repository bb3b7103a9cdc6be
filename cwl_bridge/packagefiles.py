"""The files of a package, read when they are needed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cwl_bridge import document, kept, places
from cwl_bridge.errors import InvalidDocumentError, InvalidProcessError, TooComplexError
from registry.models import JSON


class MissingError(Exception):
    """A reference to what is not among the files: a URL, or the name of a registered process."""

    def __init__(
        self, reference: str, error: InvalidProcessError, names: tuple[str, ...] = (), *, optional: bool = False
    ) -> None:
        super().__init__(reference)
        #: A path in the package, or a URL.
        self.reference = reference
        #: Of registered processes that would do as well.
        self.names = names
        #: Whether the document will do without it.
        self.optional = optional
        #: What to say where it can't be had.
        self.error = error

    @property
    def is_url(self) -> bool:
        return places.scheme(self.reference) in ("http", "https")


@dataclass
class Files:
    """The files of a package by their paths in it or their URLs, each read when it is needed."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    #: Processes that are registered, by their names here.
    registered: dict[str, JSON] = field(default_factory=dict)
    #: URLs and names of processes that somebody else will put in their places.
    outside: set[str] = field(default_factory=set)
    #: Secondary files that have been looked for, and are not there.
    absent: set[str] = field(default_factory=set)
    #: Whether there may be files of the package that nobody has looked for yet.
    incomplete: bool = False
    #: By their digests, the files that the document names.
    kept: dict[str, bytes] = field(default_factory=dict)
    _read: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, key: str) -> bool:
        return key in self.bodies or key in self._read or key in self.outside

    def put(self, key: str, value: Any) -> None:
        """A file that has been read already."""
        self._read[key] = value

    def beside(self, other: Files) -> Files:
        """These and those of another package."""
        return replace(self, bodies={**self.bodies, **other.bodies}, _read={**self._read, **other._read})

    def keep(self, content: bytes, name: str) -> str:
        """The location of a file that the document is to have."""
        self.kept[kept.digest(content)] = content
        return kept.location(content, name)

    def is_there(self, key: str) -> bool:
        """Whether a file that need not be there is. Raises MissingError where it has to be looked for."""
        if key in self.bodies or key in self.absent:
            return key in self.bodies
        missing = MissingError(key, InvalidProcessError(f"There is no file {key}."), optional=True)
        if missing.is_url or self.incomplete:
            raise missing
        return False

    def object(self, key: str) -> Any:
        if key not in self:
            raise MissingError(key, InvalidProcessError(f"There is no file {key}."))
        if key not in self._read:
            try:
                self._read[key] = document.read_yaml(self.bodies[key])
            except (InvalidDocumentError, TooComplexError) as error:
                raise type(error)(f"{key}: {error}", error.errors) from error
        return self._read[key]

    def text(self, key: str) -> str:
        try:
            return self.bodies[key].decode()
        except UnicodeDecodeError as error:
            raise InvalidDocumentError(f"{key} is not UTF-8 (byte {error.start}).") from error
