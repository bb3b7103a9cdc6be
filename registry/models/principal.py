"""Who asks: a name, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What somebody may do (RFC 6749, 3.3): one of them is enough to read, `admin` is all of them."""

    READ = "read"
    EXECUTE = "execute"
    DEPLOY = "deploy"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who a request comes from. What it makes is its own."""

    #: Empty: nobody in particular.
    name: str = ""
    scopes: frozenset[Scope] = frozenset()
    #: The id of the token that says so; what is known by another is the same principal.
    token: str = field(default="", compare=False)

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or self.is_admin or (scope is Scope.READ and bool(self.scopes))

    @property
    def is_admin(self) -> bool:
        return Scope.ADMIN in self.scopes

    def owns(self, owner: str) -> bool:
        """Whether what belongs to `owner` is its own, or as good as that. What belongs to nobody is an admin's."""
        return self.is_admin or (owner != "" and owner == self.name)


#: Whoever it is, where nobody is asked.
EVERYBODY = Principal(scopes=frozenset(Scope))
#: Who has not said who it is, where that is asked.
ANONYMOUS = Principal()


@dataclass(frozen=True, kw_only=True)
class Token:
    """What is kept of a token."""

    #: Part of the token, so that it can be named.
    id: str
    principal: Principal
    created: datetime
    #: None: never.
    expires: datetime | None = None
    revoked: datetime | None = None
