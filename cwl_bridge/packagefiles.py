"""The files of a package, read when they are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cwl_bridge import document
from cwl_bridge.errors import InvalidDocumentError, InvalidProcessError, TooComplexError
from registry.models import JSON


class MissingError(Exception):
    """A reference to what is not among the files: a URL, or the name of a registered process."""

    def __init__(self, reference: str, error: InvalidProcessError, names: tuple[str, ...] = ()) -> None:
        super().__init__(reference)
        #: A path in the package, or a URL.
        self.reference = reference
        #: Of registered processes that would do as well.
        self.names = names
        #: What to say where it can't be had.
        self.error = error

    @property
    def is_url(self) -> bool:
        return urlsplit(self.reference).scheme in ("http", "https")


@dataclass
class Files:
    """The files of a package by their paths in it or their URLs, each read when it is needed."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    #: Processes that are registered, by their names here.
    registered: dict[str, JSON] = field(default_factory=dict)
    #: URLs and names of processes that somebody else will put in their places.
    outside: set[str] = field(default_factory=set)
    _read: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, key: str) -> bool:
        return key in self.bodies or key in self._read or key in self.outside

    def put(self, key: str, value: Any) -> None:
        """A file that has been read already."""
        self._read[key] = value

    def read(self) -> dict[str, Any]:
        """What has been read so far: of a package that is whole, all that it uses."""
        return dict(self._read)

    def beside(self, other: Files) -> Files:
        """These and those of another package."""
        return Files({**self.bodies, **other.bodies}, self.registered, self.outside, {**self._read, **other._read})

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
