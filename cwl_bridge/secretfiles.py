"""The secrets of jobs that have not ended, each job's in a file that nobody else may read: DATA/secrets/<job id>.<n>.

On disk before the job's row is, and gone with its end: an accepted job survives a crash, and no backup of the database
has a secret in it. A batch has one file with those of all its executions. The order of a job names its file, so that a
job that is changed has either the old secrets or the new ones.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cwl_bridge import jobfolder
from registry.errors import RegistryError, StorageFullError
from registry.job_queue import JobQueue
from registry.models import JobId, Secrets, Submission

#: What else lies in the folder: keys of the server's own.
_KEY = ".key"

#: What a definition has a mask for: the place, and the value.
Given = tuple[tuple[str | int, ...], str]

_log = logging.getLogger("cwl_processes.secrets")


def name(job_id: JobId) -> str:
    """Of a new file for a job or a batch."""
    return f"{job_id}.{uuid.uuid4().hex[:8]}"


class SecretFiles:
    def __init__(self, data: Path, queue: JobQueue) -> None:
        self.folder = data / jobfolder.SECRETS
        self._queue = queue
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._files: dict[JobId, set[str]] = {}
        for each in os.listdir(self.folder):  # noqa: PTH208 - names are all it takes
            if not each.endswith((_KEY, ".new")):
                self._note(each)
        #: Those whose rows are being written.
        self._coming = set[str]()
        #: Jobs of which it was not to be known whether they need theirs.
        self._doubtful = set[JobId]()

    def _note(self, file: str) -> None:
        self._files.setdefault(JobId(file.partition(".")[0]), set()).add(file)

    @asynccontextmanager
    async def keeping(self, made: Submission) -> AsyncIterator[None]:
        """Around what writes the rows of a submission: its secrets are there before, and those that no row names go.

        Raises StorageFullError.
        """
        secrets = made.secrets
        try:
            if secrets is not None:
                self._coming.add(secrets.file)
                self._note(secrets.file)
                await asyncio.to_thread(self._write, secrets)
            yield
        finally:
            if secrets is not None:
                self._coming.discard(secrets.file)
            await self.forget(made.job.id)

    def _write(self, secrets: Secrets) -> None:
        content = json.dumps(secrets.content, ensure_ascii=False).encode()
        try:
            descriptor = os.open(self.folder / secrets.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            jobfolder.sync(self.folder)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFullError("The disk of the data folder is full.") from error
            raise

    async def given(self, job_id: JobId) -> tuple[str | None, list[Given]]:
        """The file with the secrets of a job or batch that has not ended, and what is in it of the execute request."""
        file = await self._queue.secrets(job_id)
        while file is not None:
            try:
                text = await asyncio.to_thread((self.folder / file).read_text, encoding="utf-8")
            except FileNotFoundError:
                before, file = file, await self._queue.secrets(job_id)
                if file == before:
                    # Of a backup without them: who changes the job has to give them again.
                    break
                # The job has been changed meanwhile.
                continue
            return file, [(tuple(path), value) for path, value in json.loads(text)["given"]]
        return file, []

    def remove(self, job_id: JobId) -> None:
        """Those of a job that needs them no more."""
        self._unlink(job_id, self._files.get(job_id, set()) - self._coming)

    def _unlink(self, job_id: JobId, files: set[str]) -> None:
        for each in files:
            (self.folder / each).unlink(missing_ok=True)
        # Others that ask at the same time may have been first.
        left = self._files.pop(job_id, set()) - files
        if left:
            self._files[job_id] = left

    async def forget(self, job_id: JobId) -> None:
        """Those that no unfinished job names any more."""
        files = self._files.get(job_id, set()) - self._coming
        if not files:
            return
        try:
            needed = await self._queue.secrets(job_id)
        except RegistryError as error:
            _log.warning("whether %s needs its secrets is not known: %s", job_id, error)
            self._doubtful.add(job_id)
            return
        self._doubtful.discard(job_id)
        self._unlink(job_id, files - {needed})

    async def forget_all(self) -> None:
        """Also those of jobs that ended, or never came to be, when no server lived to remove them."""
        for job_id in list(self._files):
            await self.forget(job_id)

    async def forget_doubtful(self) -> None:
        for job_id in list(self._doubtful):
            await self.forget(job_id)
