"""What several commands ask for: files and ids as they were named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cwl_bridge import document
from cwl_bridge.errors import BridgeError
from server.client import BAD_USE, CommandError


def read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", BAD_USE) from error


def parsed(body: bytes) -> Any:
    try:
        return document.read_yaml(body)
    except BridgeError as error:
        raise CommandError(str(error), BAD_USE) from error


def segment(given: str) -> str:
    """An id as one segment of a path."""
    if given in ("", ".", ".."):
        raise CommandError(f"{given!r} is no id.", BAD_USE)
    return quote(given, safe="")
