"""What this package can refuse. Messages are for clients; the server says what each means over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, TypeVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong in a document that a client sent."""

    #: JSON pointer (RFC 6901) into that document.
    pointer: str
    detail: str


class BridgeError(Exception):
    """Base of all."""

    def __init__(self, message: str, errors: list[FieldError] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or []


class InvalidDocumentError(BridgeError):
    """The bytes are not the JSON or YAML that they should be."""


class TooComplexError(BridgeError):
    """A document is deeper, larger or more entangled than any real one."""


class InvalidProcessError(BridgeError):
    """The document can be read, but is no process that could run."""


class UnsupportedRequirementError(BridgeError):
    """The document asks for something that this server does not offer."""


class UnsafeReferenceError(BridgeError):
    """The document names files or documents outside itself."""


class NoContainerError(BridgeError):
    """A tool names no container image."""


class InvalidImageError(BridgeError):
    """An image reference that no registry could have, or that is not allowed here."""


class ResourcesExceedError(BridgeError):
    """The document reserves more than the machine has."""


class InvalidInputsError(BridgeError):
    """An execute request does not fit the process; `errors` has every reason."""


class ContainerEngineError(BridgeError):
    """The container engine does not answer."""


Refused = TypeVar("Refused", bound=BridgeError)


def pointer(*parts: str | int) -> str:
    """A JSON pointer from its unescaped parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def refusal(error: type[Refused], detail: str, where: tuple[str | int, ...]) -> Refused:
    """An error about one place in a document."""
    return error(detail, [FieldError(pointer(*where), detail)])


def refuse(error: type[BridgeError], detail: str, where: tuple[str | int, ...]) -> NoReturn:
    """Raises it."""
    raise refusal(error, detail, where)
