"""What this package can refuse. Messages are for clients; the server says what each means over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, TypeVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong in a document that a client sent."""

    #: JSON pointer (RFC 6901) into that document, or into `file`.
    pointer: str
    detail: str
    #: Of several files the one that is meant: its path in the package, a URL, or a registered process.
    file: str | None = None
    #: From 1, in the text as it was sent; a column counts characters.
    line: int | None = None
    column: int | None = None
    #: Whether it is the name of a member that is wrong, and not its value.
    of_name: bool = False

    def member(self) -> dict[str, str | int]:
        """As problem documents have it."""
        place = {"file": self.file, "line": self.line, "column": self.column}
        return {
            "pointer": self.pointer,
            "detail": self.detail,
            **{name: each for name, each in place.items() if each is not None},
        }


class BridgeError(Exception):
    """Base of all."""

    def __init__(self, message: str, errors: list[FieldError] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or []


class InvalidDocumentError(BridgeError):
    """The bytes are not the JSON or YAML that they should be."""


class TooComplexError(BridgeError):
    """A document is deeper, larger or more entangled than any real one."""


class TooLargeError(BridgeError):
    """A document has more bytes than any real one."""


class InvalidProcessError(BridgeError):
    """The document can be read, but is no process that could run."""


class WorkflowNotFoundError(InvalidProcessError):
    """The process that is named is none of those of a document (20-044, deploy-exception-workflow-not-found)."""


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


def path_of(where: str) -> tuple[str, ...]:
    """The unescaped parts of a JSON pointer."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in where.split("/")[1:])


def refusal(error: type[Refused], detail: str, where: tuple[str | int, ...], *, of_name: bool = False) -> Refused:
    """An error about one place in a document."""
    return error(detail, [FieldError(pointer(*where), detail, of_name=of_name)])


def refuse(error: type[BridgeError], detail: str, where: tuple[str | int, ...], *, of_name: bool = False) -> NoReturn:
    """Raises it."""
    raise refusal(error, detail, where, of_name=of_name)
