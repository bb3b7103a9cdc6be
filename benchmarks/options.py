"""What a run of the benchmarks is asked for: one frozen table, filled from the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Options:
    #: The server's setting of that name; None: its default.
    engine: str | None
    #: Latency: how often each way is timed.
    rounds: int
    #: Throughput: jobs of a batch, and how often each batch is run.
    jobs: int
    repeats: int
    #: Memory: jobs that run at once.
    memory_jobs: int
    #: Start-up: how often the server is started.
    starts: int
    #: Deploys: how many of each kind.
    deploys: int
    #: Adoption: jobs that run while the server dies.
    adoption_jobs: int
    idle_seconds: int
    #: Requests: how often each route of each server is asked.
    request_rounds: int
    #: Lists: thousands of jobs in the long one.
    list_thousands: int
    #: Mixed: clients at once, and for how long.
    mixed_clients: int
    mixed_seconds: int
