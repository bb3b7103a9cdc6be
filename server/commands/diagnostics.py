"""Errors in documents, shown as a compiler shows them: place and words, the line, and a caret below the column."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwl_bridge import document
from cwl_bridge.errors import path_of
from cwl_bridge.marks import Source
from server.collecting import PACKAGE_FILE

#: Of a line that is longer, a part around the column is shown.
MOST_COLUMNS = 160
_BEFORE = 60


@dataclass(frozen=True)
class Named:
    """What was named on the command line, and the files that were sent with it."""

    #: As it was named.
    name: str
    body: bytes
    #: What it is called among the files of the request; None: the request is the document.
    key: str | None = None
    #: Whether it was sent byte for byte, so that lines mean the same on both sides.
    verbatim: bool = True
    #: Where it lies, and the folder whose files were sent by their paths from there.
    path: Path | None = None
    root: Path | None = None

    def lines(self, errors: list[dict[str, Any]]) -> Iterator[str]:
        """The `errors` of a problem document, one after the other."""
        for error in errors:
            yield from self._shown(error)

    def _shown(self, error: dict[str, Any]) -> Iterator[str]:
        name, text, line, column = self._place(error)
        place = ":".join(str(part) for part in (name, line, column) if part)
        yield f"{place}: error: {error['detail']}"
        lines = text.split("\n") if text is not None and line else []
        if line and column and line <= len(lines):
            yield from _excerpt(lines[line - 1].rstrip("\r"), column)

    def _place(self, error: dict[str, Any]) -> tuple[str, str | None, int | None, int | None]:
        """Name and text of the file that an error is in, line and column."""
        file, line, column = error.get("file"), error.get("line"), error.get("column")
        if file is None or file == self.key:
            text = _text(self.body)
            if text is not None and (line is None or not self.verbatim):
                line, column = Source(text).place(path_of(error["pointer"])) or (None, None)
            return self.name, text, line, column
        if file == PACKAGE_FILE:
            # Nobody but this command has seen it.
            return self.name, None, None, None
        path = self.root / file if self.root is not None else None
        if path is None or self.path is None or not path.is_file():
            return file, None, line, column
        beside = os.path.relpath(path, self.path.resolve().parent)
        shown = os.path.normpath(os.path.join(os.path.dirname(self.name), beside))  # noqa: PTH118, PTH120 - as it was named
        return shown, _text(path.read_bytes()), line, column


def _text(body: bytes) -> str | None:
    return None if b"\0" in body else document.read_text(body, latin_fallback=True)


def _excerpt(line: str, column: int) -> Iterator[str]:
    """The line and the caret; what a terminal could take for more than text is shown as a question mark."""
    begin = max(0, column - 1 - _BEFORE) if len(line) > MOST_COLUMNS else 0
    shown = line[begin : begin + MOST_COLUMNS]
    yield "".join(each if each == "\t" or each.isprintable() else "?" for each in shown)
    yield "".join(map(_blank, shown[: column - 1 - begin])) + "^"


def _blank(character: str) -> str:
    """As wide as the character."""
    if character == "\t":
        return character
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
