"""Secrets in what tools and cwltool say → masks. Pure.

What is looked for: the secret as it is, each of its lines, and the forms in which JSON and a shell that tells what it
does would write it. What a tool makes of it otherwise (base64, another case, its half) is not known for what it is.
"""

from __future__ import annotations

import json
import re

from cwl_bridge.secrecy import MASK

#: Characters. Shorter ones would be found everywhere: they are in no command that is logged, but a tool may say them.
LEAST = 4

_MASK = MASK.encode()


class Masks:
    """Those of one run."""

    def __init__(self) -> None:
        self._words = set[bytes]()
        self._pattern: re.Pattern[bytes] | None = None

    def add(self, secret: str) -> None:
        self._words |= {each.encode() for each in _forms(secret) if len(each) >= LEAST}
        # Of two that begin alike the longer one.
        longest_first = sorted(self._words, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first))) if longest_first else None

    def in_bytes(self, said: bytes) -> bytes:
        return self._pattern.sub(_MASK, said) if self._pattern else said

    def in_text(self, said: str) -> str:
        return self.in_bytes(said.encode(errors="surrogateescape")).decode(errors="surrogateescape")

    def taken(self, said: bytes) -> tuple[bytes, bytes]:
        """What can be told by now, masked, and what may be the beginning of a secret."""
        if self._pattern is None:
            return said, b""
        done = b""
        begin = 0
        held = self._beginning(said, begin)
        for match in self._pattern.finditer(said):
            if match.start() >= held:
                # It may go on, and be a longer one.
                break
            done += said[begin : match.start()] + _MASK
            begin = match.end()
            if held < begin:
                held = self._beginning(said, begin)
        return done + said[begin:held], said[held:]

    def _beginning(self, said: bytes, begin: int) -> int:
        """The first place from `begin` on where all that is left is the beginning of a secret, and no whole one."""
        first = len(said)
        for word in self._words:
            place = said.find(word[:1], max(begin, len(said) - len(word) + 1))
            while 0 <= place < first:
                if word.startswith(said[place:]):
                    first = place
                    break
                place = said.find(word[:1], place + 1)
        return first


class Stream:
    """What one tool says, piece by piece: a secret may be cut anywhere."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._held = b""

    def next(self, said: bytes) -> bytes:
        done, self._held = self._masks.taken(self._held + said)
        return done

    def end(self) -> bytes:
        """What was held back."""
        held, self._held = self._held, b""
        return self._masks.in_bytes(held)


def _forms(secret: str) -> set[str]:
    lines = {each.strip("\r") for each in secret.split("\n")}
    found = {secret, *lines}
    for each in list(found):
        found |= {json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1]}
        # As bash and as other shells have it.
        found |= {each.replace("'", "'\\''"), each.replace("'", "'\"'\"'")}
    return found
