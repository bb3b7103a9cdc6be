"""What nobody needs any more, removed while the server runs: old jobs, what they leave, secrets of who is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from cwl_bridge.ballast import Ballast
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.retention import Retention
from cwl_bridge.secretfiles import SecretFiles
from registry.errors import JobNotFoundError
from registry.jobs import Jobs
from registry.models import JobId

PAUSE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Tidying:
    jobs: Jobs
    retention: Retention
    secret_files: SecretFiles
    ballast: Ballast
    #: Those that may have containers of this server's jobs.
    engines: Callable[[], Iterable[ContainerEngine]]
    #: Whether a job is being carried.
    runs: Callable[[JobId], bool]

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.ballast.until_done(self._tidy)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _tidy(self) -> None:
        await self.retention.expire()
        await self.retention.measure()
        await asyncio.to_thread(self.ballast.take)
        await self.secret_files.forget_doubtful()
        with suppress(ContainerEngineError):
            await self._remove_left_containers()

    async def _remove_left_containers(self) -> None:
        """Of ended jobs: the engine's client may die before its container, the engine may forget to remove it."""
        for containers in self.engines():
            for job_id in map(JobId, await asyncio.to_thread(containers.labelled_jobs)):
                # Another server's jobs are none of ours.
                with suppress(JobNotFoundError):
                    if not self.runs(job_id) and (await self.jobs.get(job_id)).status.ended:
                        await containers.remove_job_containers(job_id)
