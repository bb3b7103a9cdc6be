"""llhttp without its upgrades: an offer to go on in another protocol is passed over (RFC 9110, 7.8).

llhttp takes whatever follows such a head for the other protocol's, also the body. Java's HttpClient makes the offer
with the first request of each connection.
"""

from __future__ import annotations

from typing import Any, Protocol

import httptools


class Reader(Protocol):
    """What the parser tells of a request."""

    def head_without_offer(self) -> bytes:
        """The head that was read last, as it would be without the offer."""


class Parser(httptools.HttpRequestParser):
    """Reads a head that has an offer twice: `on_headers_complete` comes for both, `should_upgrade` tells them apart."""

    def __init__(self, reader: Any) -> None:
        super().__init__(reader)
        self._reader: Reader = reader

    def feed_data(self, data: Any) -> None:
        while data:
            try:
                super().feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                data = self._reader.head_without_offer() + data[offer.args[0] :]
