"""Request headers that shape the answer: Accept (RFC 9110, 12.5.1) and Prefer (RFC 7240). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_WAIT_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Preferences:
    respond_async: bool = False
    #: Seconds that a synchronous execution may take.
    wait: int | None = None
    #: minimal or representation.
    returns: str | None = None
    #: strict or lenient.
    handling: str | None = None


def preferences(values: Sequence[str]) -> Preferences:
    """From every Prefer header; what is not understood is ignored, as RFC 7240 asks."""
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", ",".join(values)):
        name, _, value = part.partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"').lower())
    wait = found.get("wait", "")
    returns, handling = found.get("return"), found.get("handling")
    return Preferences(
        respond_async="respond-async" in found,
        wait=min(int(wait), MAX_WAIT_SECONDS) if re.fullmatch(r"[0-9]{1,9}", wait) else None,
        returns=returns if returns in ("minimal", "representation") else None,
        handling=handling if handling in ("strict", "lenient") else None,
    )


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type that the client likes best, the first offered where it likes several alike; None: none at all."""
    ranges = _ranges(accept)
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda each: _quality(ranges, each))
    return best if _quality(ranges, best) > 0 else None


def quality_by_name(accept: str | None, media_type: str) -> float:
    """How much a media type is liked by its own name, not by a wildcard; 0: not at all, or not named."""
    return max((quality for kind, quality in _ranges(accept) if kind == media_type), default=0.0)


def likes_html(accept: str | None, *others: str) -> bool:
    """Whether a page is wanted: text/html by its name, and nothing else by its name as much. `others`: beside JSON."""
    html = quality_by_name(accept, "text/html")
    if html == 0:
        return False
    named = max(quality_by_name(accept, each) for each in ("application/json", *others))
    return html > named and html >= _quality(_ranges(accept), "application/json")


def _ranges(accept: str | None) -> list[tuple[str, float]]:
    found = []
    for part in (accept or "").split(","):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        if not kind:
            continue
        quality = 1.0
        for parameter in parameters:
            match = re.fullmatch(r"q\s*=\s*([0-9.]{1,10})", parameter)
            if match:
                try:
                    quality = min(float(match[1]), 1.0)
                except ValueError:
                    quality = 0.0
        # Java's URLConnection sends a bare star.
        found.append(("*/*" if kind == "*" else kind, quality))
    return found


def _quality(ranges: list[tuple[str, float]], media_type: str) -> float:
    kind = media_type.partition(";")[0].strip().lower()
    whole = kind.partition("/")[0]
    for wanted in (kind, f"{whole}/*", "*/*"):
        matching = [quality for each, quality in ranges if each == wanted]
        if matching:
            return max(matching)
    return 0.0
