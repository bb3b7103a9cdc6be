"""The files of a package, read when they are needed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from cwl_bridge import document
from cwl_bridge.errors import (
    BridgeError,
    FieldError,
    InvalidDocumentError,
    InvalidProcessError,
    TooComplexError,
    refuse,
)
from registry.models import JSON

_WEB = ("http", "https")
#: The members of documents that name other files.
_REFERENCES = frozenset({"run", "$import", "$include", "$mixin", "location", "path", "href", "type", "items"})

#: What a lone document is called among the files of its package: it is the body, or stands in it.
LONE = "process.cwl"
#: What a registered process is called there begins so.
REGISTERED = "registered/"


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
        return urlsplit(self.reference).scheme in _WEB


@dataclass
class Files:
    """The files of a package by their paths in it or their URLs, each read when it is needed."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    #: Processes that are registered, by their names here.
    registered: dict[str, JSON] = field(default_factory=dict)
    #: URLs and names of processes that somebody else will put in their places.
    outside: set[str] = field(default_factory=set)
    #: Of parts, by their Content-IDs: what `cid:` names (RFC 2392). None: there are no parts.
    ids: dict[str, str] | None = None
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
        return replace(self, bodies={**self.bodies, **other.bodies}, _read={**self._read, **other._read})

    def object(self, key: str) -> Any:
        if key not in self:
            raise MissingError(key, InvalidProcessError(f"There is no file {key}."))
        if key not in self._read:
            try:
                with naming(key):
                    read = document.read_yaml(self.bodies[key])
                    self._read[key] = read if self.ids is None else self._placed(read, key, "", ())
            except (InvalidDocumentError, TooComplexError) as error:
                raise type(error)(f"{key}: {error}", error.errors) from error
        return self._read[key]

    def text(self, key: str) -> str:
        try:
            return self.bodies[key].decode()
        except UnicodeDecodeError as error:
            detail = f"{key} is not UTF-8 (byte {error.start})."
            raise InvalidDocumentError(detail, [FieldError("", detail, key)]) from error

    def _placed(self, value: Any, key: str, member: str, where: tuple[str | int, ...]) -> Any:
        """What the file `key` holds, with the places of parts where it names them by Content-ID."""
        if isinstance(value, list):
            return [self._placed(each, key, member, (*where, index)) for index, each in enumerate(value)]
        if isinstance(value, dict):
            # `inputs: {a: cid:…#Type}`: what stands there is a type, whatever the input is called.
            short = member in ("inputs", "outputs", "fields")
            return {
                name: self._placed(each, key, "type" if short and isinstance(each, str) else name, (*where, name))
                for name, each in value.items()
            }
        if not isinstance(value, str) or member not in _REFERENCES or value[:4].lower() != "cid:":
            return value
        given, hash_sign, fragment = value[4:].partition("#")
        place = (self.ids or {}).get(unquote(given))
        if place is None:
            refuse(InvalidProcessError, f"No part has the Content-ID {unquote(given)!r}.", where)
        return self._from(key, place) + hash_sign + fragment

    def _from(self, key: str, place: str) -> str:
        """The reference by which the file `key` reaches another."""
        if urlsplit(place).scheme in _WEB:
            return place
        if urlsplit(key).scheme not in _WEB:
            return quote(posixpath.relpath(place, posixpath.dirname(key) or "."))
        # It has no URL of its own: as if it lay beside the file that names it.
        url = urljoin(key, quote(place))
        if self.bodies.setdefault(url, self.bodies[place]) != self.bodies[place]:
            raise InvalidDocumentError(f"The parts {place!r} and {url!r} can't be told apart.")
        return url


@contextmanager
def naming(key: str) -> Iterator[None]:
    """Errors that name no file yet are about this one."""
    try:
        yield
    except MissingError as missing:
        missing.error.errors = [_named(each, key) for each in missing.error.errors]
        raise
    except BridgeError as error:
        error.errors = [_named(each, key) for each in error.errors]
        raise


def _named(error: FieldError, key: str) -> FieldError:
    return error if error.file is not None else replace(error, file=key)


def joined(key: str, path: str) -> str:
    """The path or URL that a relative path in the file `key` means, wherever that leads."""
    if urlsplit(key).scheme in ("http", "https"):
        return urljoin(key, path)
    return posixpath.normpath(posixpath.join(posixpath.dirname(key), unquote(path)))
