"""Who a request is counted for where many share something: a user, or an address where nobody knows who it is."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

#: Of the request that is being answered; empty: nobody's.
PARTY: ContextVar[str] = ContextVar("party", default="")

#: Characters; what a proxy says is an address may be anything.
_LONGEST = 64


def of_user(name: str) -> str:
    return f"user {name}"


def of_address(address: str) -> str:
    """Of IPv6 the first 64 bits: whoever has one such address has all that begin so."""
    if ":" not in address:
        return f"address {address[:_LONGEST]}"
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return f"address {address[:_LONGEST]}"
    if found.ipv4_mapped is not None:
        return f"address {found.ipv4_mapped}"
    return f"address {found.packed[:8].hex()}"
