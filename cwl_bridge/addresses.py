"""Whether an address may be connected to: public ones, and the private ones that the operator names."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit


class Allowed:
    """Private places that hrefs may name all the same: addresses, networks, host names, with or without a port."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        """Raises ValueError where an entry can't be read."""
        self._places = [_place(entry) for entry in entries]

    def permits(self, host: str, port: int, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        inner = _inside(ip)
        return (_is_public(ip) and (inner is None or _is_public(inner))) or any(
            allowed_port in (None, port)
            and (place == host.lower() if isinstance(place, str) else (inner or ip) in place)
            for place, allowed_port in self._places
        )

    def addresses(self, host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
        """Where a host is, as far as it may be connected to. Raises OSError, PermissionError where that is nowhere."""
        found = [(each[0], each[4]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        permitted: list[tuple[socket.AddressFamily, Any]] = [
            each for each in found if self.permits(host, port, str(each[1][0]))
        ]
        if not permitted:
            named = ", ".join(str(address[0]) for _, address in found)
            raise PermissionError(
                None, f"{host} is at a private address ({named}), which the setting fetch_allow does not name"
            )
        return permitted


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None
    local = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    return (ip.is_global or mapped) and not ip.is_multicast and not local


def _inside(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return None
    if ip in _NAT64 or ip in _COMPATIBLE:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?\Z")


def _place(entry: str) -> tuple[str | ipaddress.IPv4Network | ipaddress.IPv6Network, int | None]:
    """`10.0.0.0/8`, `127.0.0.1:8000`, `[::1]:80`, `files.example.org`. Raises ValueError."""
    try:
        return ipaddress.ip_network(entry, strict=False), None
    except ValueError:
        parts = urlsplit(f"//{entry}")
    host = parts.hostname or ""
    if entry.lower() not in (each for name in (host, f"[{host}]") for each in (name, f"{name}:{parts.port}")):
        raise ValueError(f"{entry!r} is no address, network or host name")
    try:
        return ipaddress.ip_network(host), parts.port
    except ValueError:
        if not _HOST_NAME.match(host):
            raise ValueError(f"{entry!r} is no address, network or host name") from None
        return host, parts.port
