"""Bytes → JSON values: real documents with changes that the bytes choose. The same bytes give the same value."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

MAX_CHANGES = 6
MAX_DEPTH = 4

#: Where whole numbers, decimals and texts begin to be others.
_NUMBERS: list[Any] = [
    *(each for bits in (15, 16, 31, 32, 53, 63, 64) for each in (2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1)),
    *(0, 1, -1, 2, 7, 10**30, 10**400, -0.0, 0.5, 1.0, 2.0**31, 2.0**63, 1e21, 1e22, 1e-7, 5e-324, 1.7e308),
]
_TEXTS = [
    *(
        "",
        " ",
        "null",
        "true",
        "1",
        "1.5",
        "a/b",
        "../a",
        "/a",
        "a b",
        "$(inputs.x)",
        "${return 1}",
        "$import",
        "#main",
    ),
    *("2026-02-29", "2026-02-28", "2026-02-28T24:00:00Z", "23:59:60Z", "P1Y", "https://example.org/a.tif", "file:///a"),
    *("http://[", "s3://b/k", "data:,a", "eA==", "e", "image/tiff", "text/plain", "base64", "^(a+)+$", "[", "\\", "\n"),
    *("\x7f", "\x85", "\u2028", "\ufeff", "é", "😀", "x" * 300, "%2e%2e", "%", "a\r\nb", "__proto__", "class"),
]


class Changes:
    """What the bytes say; when they are used up they say nothing but zeros, and all ends."""

    def __init__(self, data: bytes, words: Sequence[str] = ()) -> None:
        self._data = iter(data)
        self._words = [*_TEXTS, *words]

    def number(self, below: int) -> int:
        high = next(self._data, 0) if below > 256 else 0
        return (high << 8 | next(self._data, 0)) % below

    def one(self, options: Sequence[T]) -> T:
        return options[self.number(len(options))]

    def rest(self) -> bytes:
        return bytes(self._data)

    def value(self, depth: int = 0) -> Any:
        """Any JSON value."""
        match self.number(10 if depth < MAX_DEPTH else 6):
            case 0:
                return None
            case 1:
                return self.number(2) == 1
            case 2 | 3:
                return self.one(_NUMBERS)
            case 4 | 5:
                return self.one(self._words)
            case 6 | 7:
                return [self.value(depth + 1) for _ in range(self.number(4))]
            case _:
                return {self.one(self._words): self.value(depth + 1) for _ in range(self.number(4))}

    def changed(self, document: Any) -> Any:
        """A copy with some changes."""
        # In a box, so that all of it can be changed too.
        box = [copy.deepcopy(document)]
        for _ in range(self.number(MAX_CHANGES)):
            self._change(box)
        return box[0] if box else None

    def _change(self, box: list[Any]) -> None:
        inside, key = self._place(box)
        if key is None:
            return
        match self.number(7):
            case 0 | 1:
                inside[key] = self.value()
            case 2:
                del inside[key]
            case 3:
                inside[key] = [inside[key]]
            case 4:
                inside[key] = {self.one(self._words): inside[key]}
            case 5:
                # What stands elsewhere.
                there, other = self._place(box)
                if other is not None:
                    inside[key] = copy.deepcopy(there[other])
            case _:
                found = inside[key]
                if isinstance(found, dict):
                    found[self.one(self._words)] = self.value()
                elif isinstance(found, list):
                    found.append(self.value())

    def _place(self, box: list[Any]) -> tuple[Any, Any]:
        """A container, and the key of one of its members; None: it has none."""
        inside: Any = box
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                return inside, None
            key = self.one(keys)
            below = inside[key]
            if not isinstance(below, dict | list) or not below or self.number(4) == 0:
                return inside, key
            inside = below


def texts(value: Any) -> Iterator[str]:
    """Every text and every name in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts(each)
