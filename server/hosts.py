"""Hosts as URLs and settings name them. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a name or an address leads nowhere but to the machine itself."""
    name = host.lower().removesuffix(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def of_url(url: str) -> str:
    """The name or address in it."""
    return urlsplit(url).hostname or ""
