"""What the registry can refuse; the server says what each means over HTTP."""

from __future__ import annotations


class RegistryError(Exception):
    """Base of all; the message is for the client."""


class ProcessNotFoundError(RegistryError):
    """No process has this id."""


class ProcessExistsError(RegistryError):
    """A process has this id already."""


class ProcessImmutableError(RegistryError):
    """The process is built in."""


class JobNotFoundError(RegistryError):
    """No job has this id."""


class DatabaseTooNewError(RegistryError):
    """The data folder was written by a later version."""


class DatabaseTooOldError(RegistryError):
    """The data folder was written by an earlier version, and a server works on it."""


class IdempotencyConflictError(RegistryError):
    """The Idempotency-Key was first sent with another request."""


class DatabaseBusyError(RegistryError):
    """Another program keeps the database locked."""


class StorageFullError(RegistryError):
    """The disk is full."""


class QuotaExceededError(RegistryError):
    """Somebody has, or would have, more than is allowed; time does not help."""


class TooManyRequestsError(RegistryError):
    """The same, where it does."""

    def __init__(self, detail: str, retry_after: int) -> None:
        """`retry_after`: seconds."""
        super().__init__(detail)
        self.retry_after = retry_after
