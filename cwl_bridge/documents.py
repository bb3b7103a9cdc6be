"""The documents of all processes on disk, with the files that they name: `cwltool` runs each as it lies.

<sha256>.cwl            a document, by the digest of its text
files/<sha256>/<name>   a file that documents name, by the digest of its content

A document is there, and its files before it, when a row names it. None is removed while the server runs: what it has no
row for, a deploy may be about to have one for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from cwl_bridge import kept
from cwl_bridge.jobfolder import file_below, sync, write_bytes, write_text
from registry.models import JSON

_log = logging.getLogger("cwl_processes.documents")


class Documents:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def text(self, digest: str) -> Path:
        """Where the text of this digest is, or will be."""
        return self._folder / f"{digest}.cwl"

    def file(self, document: JSON, content: str, name: str) -> Path | None:
        """A file that a document names, by its digest and name; None where it names none such."""
        named = (content, name) in kept.references(document)
        return file_below(self._folder, kept.path(content, name)) if named else None

    def contents(self, document: JSON) -> dict[str, bytes]:
        """The files that a document names, by their digests."""
        found = {}
        for content, name in kept.references(document):
            path = file_below(self._folder, kept.path(content, name))
            if path is not None:
                found[content] = path.read_bytes()
        return found

    def keep(self, digest: str, text: str, files: Mapping[str, bytes]) -> None:
        """`files`: by their paths relative to the document. On disk when this returns, a power cut notwithstanding."""
        for place, content in files.items():
            path = self._folder / place
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path, content, durable=True)
                sync(path.parent.parent)
        write_text(self.text(digest), text, durable=True)

    def remove_others(self, known: Iterable[tuple[str, JSON]]) -> None:
        """What deploys have left that did not come to an end. `known`: digest and document of every row."""
        there = {path for path in self._folder.rglob("*") if path.is_file()}
        named = set[Path]()
        for digest, document in known:
            named |= {self.text(digest), *(self._folder / each for each in kept.paths(document))}
        for path in there - named:
            _log.info("no process has it, it is removed: %s", path.name)
            path.unlink()
        for folder in (self._folder / kept.FOLDER).glob("*"):
            # One that is not empty has a process.
            with suppress(OSError):
                folder.rmdir()
