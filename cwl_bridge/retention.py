"""The folders of jobs: where each lies, who reads in it, and when it goes."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from cwl_bridge.ballast import Ballast
from cwl_bridge.jobfolder import JobFolder
from registry.jobs import Jobs
from registry.models import Job, JobId, now

#: Nothing else in the folder is ours to remove.
_JOB_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_log = logging.getLogger("cwl_processes.retention")


@dataclass(frozen=True, kw_only=True)
class Keep:
    """How long, and how many, ended jobs are kept; None: for ever, all."""

    age: timedelta | None = None
    count: int | None = None

    def expires(self, job: Job) -> datetime | None:
        """When a job goes by its age."""
        return job.finished + self.age if job.finished and self.age is not None else None


class Retention:
    def __init__(self, jobs: Jobs, folders: Path, keep: Keep, ballast: Ballast) -> None:
        self._jobs = jobs
        self._ballast = ballast
        self._folders = folders
        self._keep = keep
        self._readers = Counter[JobId]()
        #: Folders that are still there, and the job that each was forgotten with: who reads that one reads them.
        self._left: dict[JobId, JobId] = {}

    def folder(self, job_id: JobId) -> JobFolder:
        return JobFolder(self._folders / job_id)

    @contextmanager
    def reading(self, job_id: JobId) -> Iterator[None]:
        """The folder stays until the end of the block, whatever becomes of its job; so do those of its executions."""
        self._readers[job_id] += 1
        try:
            yield
        finally:
            self._readers[job_id] -= 1
            if not self._readers[job_id]:
                del self._readers[job_id]

    async def forget(self, job_id: JobId) -> None:
        """Removes an ended job, with its executions, and their folders, each when nobody reads in it."""
        # Of several that ask at once, one removes the rows, and the folders with them.
        removed = await self._ballast.with_room(partial(self._jobs.remove, job_id))
        self._left.update(dict.fromkeys(removed, job_id))
        await self._remove_left()

    async def _remove_left(self) -> None:
        for job_id, whole in list(self._left.items()):
            # Others that remove may have come first meanwhile, and readers as well.
            if job_id not in self._left or self._readers.keys() & {job_id, whole}:
                continue
            del self._left[job_id]
            try:
                await asyncio.to_thread(self.folder(job_id).remove)
            except OSError as error:
                _log.warning("the folder of job %s can't be removed: %s", job_id, error)

    async def expire(self) -> None:
        """Forgets what need not be kept any longer; a job that is read from stays for another while."""
        await self._remove_left()
        before = now() - self._keep.age if self._keep.age is not None else None
        tried: list[JobId] = []
        while (ids := await self._expired(before)) != tried:
            for job_id in ids:
                await self.forget(job_id)
            tried = ids

    async def _expired(self, before: datetime | None) -> list[JobId]:
        found = await self._jobs.expired(before, self._keep.count)
        return [each for each in found if each not in self._readers]

    async def measure(self) -> None:
        """Looks at the folders that were not looked at when their jobs ended, as those of earlier versions."""
        while ids := await self._jobs.unmeasured():
            await self._jobs.measured(await asyncio.to_thread(self._sizes, ids))

    def _sizes(self, ids: list[JobId]) -> list[tuple[JobId, int]]:
        return [(each, self.folder(each).size()) for each in ids]

    async def remove_orphans(self) -> None:
        """Folders whose job was forgotten by a server that did not live to remove them."""
        names = filter(_JOB_ID.fullmatch, await asyncio.to_thread(os.listdir, self._folders))
        for name in await self._jobs.unknown(names):
            _log.info("the folder of a forgotten job is removed: %s", name)
            self._left[JobId(name)] = JobId(name)
        await self._remove_left()
