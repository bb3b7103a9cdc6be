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
    """The name or address in it, in lower case; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_origin(text: str) -> bool:
    """Whether browsers send it so: scheme, host and perhaps port (RFC 6454, 6.2)."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and text == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname)


def is_guarded(url: str) -> bool:
    """Whether nobody can change on the way what comes from there."""
    return urlsplit(url).scheme == "https" or is_loopback(of_url(url))


def is_network(text: str) -> bool:
    """Whether it is an IP address, or a network of them (10.0.0.0/8)."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def is_address(host: str) -> bool:
    """Whether it is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
