"""What a process is called: by its document, else by its label, else by the file that it came in. Pure."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urlsplit

from registry.models import JSON

MAX_LENGTH = 128

#: What packers and archives call whatever they hold.
_SAYS_NOTHING = re.compile(r"(main|workflow|process|package|part-\d+)?\Z", re.IGNORECASE)
_ENDINGS = (".cwl", ".yml", ".yaml", ".json", ".zip")


def own(document: JSON) -> str | None:
    """The id of a document. `#main` is none: `cwltool --pack` calls every process so."""
    given = document.get("id")
    if not isinstance(given, str) or given.endswith("#main"):
        return None
    return given.rpartition("#")[2].rpartition("/")[2].removesuffix(".cwl") or None


def of_label(document: JSON) -> str | None:
    """An id that its label makes."""
    label = document.get("label")
    return _slug(label) if isinstance(label, str) else None


def of_file(name: str) -> str | None:
    """An id that the path or URL of a file makes, where that says anything."""
    path = urlsplit(name).path if urlsplit(name).scheme in ("http", "https") else name
    last = posixpath.basename(unquote(path).replace("\\", "/"))
    stem, ending = posixpath.splitext(last)
    found = _slug(stem if ending.lower() in _ENDINGS else last)
    return found if found and not _SAYS_NOTHING.match(found) else None


def _slug(text: str) -> str | None:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:MAX_LENGTH] or None
