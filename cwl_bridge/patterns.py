"""The regular expressions of schemas, which clients write: matched in a time that grows with text and pattern. Pure.

The syntax is that of RE2: ECMAScript's, without look-around and back-references, which no such matching has.
"""

from __future__ import annotations

import re

import re2

#: Bytes for a compiled pattern and what it remembers.
MAX_MEMORY = 1 << 20

#: What RE2 writes in another way, characters by number, or takes for text, repetitions without a bound; escapes.
_OTHERWISE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|.)|(\{\d{5,})", re.DOTALL)
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
# What a group holds is asked by nobody, and would take longer to find than whether there is a match.
_OPTIONS.never_capture = True
_OPTIONS.max_mem = MAX_MEMORY


class PatternError(ValueError):
    """It can't be compiled; the message says why."""


def occurs(pattern: str, text: str) -> bool:
    """Raises PatternError."""
    return _compiled(pattern).search(text) is not None


def check(pattern: str) -> None:
    """Raises PatternError."""
    _compiled(pattern)


def size(pattern: str) -> int:
    """Steps that each character of a text may cost. Raises PatternError."""
    return int(_compiled(pattern).programsize)


def _compiled(pattern: str) -> re2._Regexp:
    try:
        return re2.compile(_OTHERWISE.sub(_written, pattern), _OPTIONS)
    except re2.error as error:
        raise PatternError(error.args[0].decode(errors="replace")) from error


def _written(found: re.Match[str]) -> str:
    if found[2]:
        raise PatternError(f"invalid repetition size: {found[2][:40]}")
    return f"\\x{{{found[1]}}}" if found[1] else found[0]
