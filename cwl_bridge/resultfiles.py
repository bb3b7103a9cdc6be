"""The results of other jobs that a run was given, by their URLs: each lies in the folder of its job, or is a text.

A run takes what stands in its run.json, and what lies inside such a directory; no other URL leads to a job's folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cwl_bridge import ownresults
from cwl_bridge.fetch import FetchError
from cwl_bridge.jobfolder import JobFolder
from registry.models import JSON


class Results:
    """Those of one run."""

    def __init__(self, jobs: Path = Path(), given: Mapping[str, JSON] | None = None) -> None:
        """`jobs`: where the folders of jobs are. `given`: by URL, `Taken.source`."""
        self._jobs = jobs
        self._given = given or {}
        #: The URLs below which are the results of the jobs that some are given of.
        self._around = {ownresults.beside(each) for each in self._given}

    def find(self, href: str) -> Path | bytes | None:
        """The file or folder, links followed, or the literal; None: no result. Raises FetchError."""
        found = self._found(href) if self._given else None
        if found is None:
            return None
        source, below = found
        if "text" in source:
            return str(source["text"]).encode()
        folder = self._folder(source)
        try:
            path = Path(os.path.realpath(folder.published(source["path"]).joinpath(*below)))
        except ValueError:
            raise FetchError(f"{href} names nothing that a result can have.", absent=True) from None
        # What a tool has left may be a link.
        if not path.is_relative_to(os.path.realpath(folder.outputs)):
            raise FetchError(f"{href} leads out of the results of its job.")
        _check(folder, href)
        return path

    def check_whole(self, href: str) -> None:
        """Raises FetchError where a directory was removed while it was copied: some of it may not have been there."""
        found = self._found(href) if self._given else None
        if found is not None:
            _check(self._folder(found[0]), href)

    def _found(self, href: str) -> tuple[JSON, list[str]] | None:
        """What was given, and what of it the href names."""
        segments = ownresults.segments(href)
        if segments is None:
            return None
        for end in range(len(segments), 0, -1):
            source = self._given.get(ownresults.joined(segments[:end]))
            if source is not None and (end == len(segments) or "job" in source):
                return source, segments[end:]
        if any(ownresults.joined(segments).startswith(each) for each in self._around):
            # Secondary files, for example, that would lie beside a result.
            raise FetchError(f"{href} is none of the results that the job was given.", absent=True)
        return None

    def _folder(self, source: JSON) -> JobFolder:
        return JobFolder(self._jobs / source["job"])


def _check(folder: JobFolder, href: str) -> None:
    # Of a folder that is removed this goes before what lies in outputs/.
    if not folder.has_ended():
        raise FetchError(f"{href} is a result of a job that is not there any more.")
