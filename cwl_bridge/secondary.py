"""The secondary files that an input declares → where they would be, beside a file by reference. Pure.

Patterns that are expressions are left to cwltool, which looks beside the staged file (CWL v1.2, SecondaryFileSchema).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlunsplit

from cwl_bridge import media, places
from registry.models import JSON

#: What the runner is told beside a File; no client can send a name that begins with '$'.
MEMBER = "$beside"


@dataclass(frozen=True)
class Pattern:
    """A suffix, each `^` before it taking one ending away."""

    suffix: str
    #: False also where an expression decides.
    required: bool

    def applied(self, name: str) -> str:
        bare, suffix = name, self.suffix
        while suffix.startswith("^") and "." in bare:
            bare, suffix = bare.rpartition(".")[0], suffix[1:]
        return bare + suffix.lstrip("^")


def patterns(declared: Any, version: str) -> tuple[Pattern, ...]:
    """`secondaryFiles` of an input or a field in any of its forms. Version v1.0 does not know `?`."""
    found = []
    for each in declared if isinstance(declared, list) else [declared]:
        entry = each if isinstance(each, dict) else {"pattern": each}
        suffix, required = entry.get("pattern"), entry.get("required")
        if not isinstance(suffix, str) or re.search(r"\$[({]", suffix):
            continue
        optional = suffix.endswith("?") and version != "v1.0"
        always = required is None or required is True
        found.append(Pattern(suffix.removesuffix("?") if optional else suffix, always and not optional))
    return tuple(found)


def beside(location: str, name: str, declared: tuple[Pattern, ...]) -> list[JSON]:
    """What to look for beside a File that is called `name` and fetched from `location`."""
    parts = places.split(location)
    if parts is None:
        return []
    folder, slash, last = parts.path.rpartition("/")
    found = []
    for each in declared:
        own, there = each.applied(name), each.applied(unquote(last))
        if last and media.is_basename(own) and media.is_basename(there):
            place = urlunsplit(parts._replace(path=f"{folder}{slash}{quote(there)}"))
            found.append({"basename": own, "location": place, "required": each.required})
    return found
