"""The `subscriber` of an execute request → where its client is told of what, checked (subscriber.yaml)."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from cwl_bridge import fetch, media
from cwl_bridge.addresses import Allowed
from cwl_bridge.errors import FieldError, pointer
from cwl_bridge.fetch import FetchError
from registry.subscriber import Event, Subscriber

#: Characters of a URL: what a client would be told at is kept for each of its jobs.
MAX_URL = 2000

_DEFAULT_PORTS = {"http": 80, "https": 443}


def read(given: Any, base: str, allowed: Allowed, errors: list[FieldError]) -> Subscriber | None:
    """None where nothing is to be told. `base`: the URL of the landing page as the client knows it."""
    if given is None:
        return None
    if not isinstance(given, dict):
        names = ", ".join(Event)
        errors.append(FieldError("/subscriber", f"'subscriber' is an object that may have the members {names}."))
        return None
    uris = {}
    for event in Event:
        name = _name(event, given)
        if given.get(name) is not None:
            uris[event] = _url(given[name], pointer("subscriber", name), allowed, errors)
    return Subscriber(base=base, uris=uris) if uris else None


def _name(event: Event, given: dict[str, Any]) -> str:
    """Version 1.0 requires one of the members under a name that it does not describe."""
    return "successUrl" if event is Event.SUCCESS and event not in given else str(event)


def _url(given: Any, where: str, allowed: Allowed, errors: list[FieldError]) -> str:
    """As it goes over the wire."""
    try:
        if isinstance(given, str) and len(given) <= MAX_URL:
            url = fetch.escaped(given)
            refused = _refusal(url, allowed)
            if refused is None:
                return url
            errors.append(FieldError(where, refused))
            return ""
    except (FetchError, UnicodeError):
        pass
    errors.append(FieldError(where, f"An absolute http or https URL of at most {MAX_URL} characters is expected."))
    return ""


def _refusal(url: str, allowed: Allowed) -> str | None:
    """Why this server would never send anything there; what a name leads to is seen when it is sent."""
    parts = media.split_url(url)
    if parts is None or parts.hostname is None or "@" in parts.netloc:
        return "A URL without user name and password is expected."
    address = _address(parts.hostname)
    if address and not allowed.permits(parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme], address):
        return f"{parts.hostname} is a private address, which the setting fetch_allow of this server does not name."
    return None


def _address(host: str) -> str | None:
    """The address that a host is, in any of the ways to write one; None for a name."""
    if host.rstrip(".").rpartition(".")[2] == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        # As the resolver reads 127.1, 2130706433 and 0x7f.1.
        return socket.inet_ntoa(socket.inet_aton(host.removesuffix(".")))
    except OSError:
        return None
