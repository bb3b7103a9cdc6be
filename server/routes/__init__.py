"""Every route there is, in one list."""

from __future__ import annotations

from server.endpoints import Endpoint
from server.routes import (
    common,
    definition,
    execution,
    folder,
    jobs,
    logs,
    management,
    processes,
    provenance,
    results,
    sharing,
    usage,
)

ENDPOINTS: list[Endpoint] = [
    *common.ENDPOINTS,
    *definition.ENDPOINTS,
    *processes.ENDPOINTS,
    *jobs.ENDPOINTS,
    *management.ENDPOINTS,
    *results.ENDPOINTS,
    *logs.ENDPOINTS,
    *folder.ENDPOINTS,
    *provenance.ENDPOINTS,
    *sharing.ENDPOINTS,
    *usage.ENDPOINTS,
    # Its other path, /{process_id}/execution, would have a job of that name as well.
    *execution.ENDPOINTS,
]
