"""Places in lists as texts that a client can only give back: signed, and of use for that one list and its filters."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

from registry.pages import Page, Place
from server.problems import ProblemError

_SIGNATURE_BYTES = 12
#: Longer than any that is made here.
_LONGEST = 200


class Cursors:
    """`key`: the data folder's own, so that cursors outlive the server."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def text(self, place: Place, listing: str) -> str:
        """`listing`: all that decides what the list holds; not how many items its pages have."""
        said = f"{'<' if place.backward else '>'}{place.number} {place.key}".encode()
        return base64.urlsafe_b64encode(self._signature(said, listing) + said).decode().rstrip("=")

    def place(self, cursor: str | None, listing: str) -> Place | None:
        """None for None. Raises ProblemError for what `text` did not give for the same list."""
        if cursor is None:
            return None
        try:
            decoded = base64.b64decode(cursor[:_LONGEST] + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _refused() from None
        signature, said = decoded[:_SIGNATURE_BYTES], decoded[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(said, listing)):
            raise _refused()
        numbered, _, key = said.decode().partition(" ")
        place = Place(key=key, number=int(numbered[1:]), backward=numbered[0] == "<")
        # The last bits of a text may say nothing: only one text stands for a place.
        if self.text(place, listing) != cursor:
            raise _refused()
        return place

    def beside(self, page: Page[Any], listing: str) -> dict[str, str]:
        """Those of the pages beside one: `prev` and `next`, where there are such."""
        places = {"prev": page.previous, "next": page.following}
        return {rel: self.text(place, listing) for rel, place in places.items() if place is not None}

    def _signature(self, said: bytes, listing: str) -> bytes:
        signed = len(said).to_bytes(2) + said + listing.encode(errors="surrogatepass")
        return hmac.digest(self._key, signed, hashlib.sha256)[:_SIGNATURE_BYTES]


def _refused() -> ProblemError:
    detail = "The query parameter cursor: it has to be that of a `next` or `prev` link of this very list."
    return ProblemError("invalid-query-parameter-value", detail)
