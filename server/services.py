"""What the routes work with: made once in the lifespan, reached through the request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from cwl_bridge.supervisor import Supervisor
from registry.jobs import Jobs
from registry.processes import Processes
from server.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Services:
    settings: Settings
    processes: Processes
    jobs: Jobs
    supervisor: Supervisor

    def process_file(self, digest: str) -> Path:
        """Where the CWL text of this digest is kept."""
        return self.settings.data / "processes" / f"{digest}.cwl"


def of(request: Request) -> Services:
    services: Services = request.state.services
    return services
