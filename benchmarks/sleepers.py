"""Many jobs that run at once and do nothing: started, and dismissed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks import tools
from benchmarks.server import Server, until

#: Longer than anything here lasts.
SLEEP_SECONDS = 7200
LOOK_SECONDS = 0.5
#: For starting or ending one of them.
JOB_SECONDS = 30.0
#: A container that has been created is not yet one that runs.
SETTLE_SECONDS = 2.0


def start(server: Server, count: int) -> list[str]:
    """Their ids in the order of their start; returns when all are `running`, each with its container."""
    process = server.register(tools.SLEEP)
    jobs = [server.submit(process, {"seconds": SLEEP_SECONDS}) for _ in range(count)]
    known = set(jobs)

    def all_run() -> bool:
        assert not server.listed("failed"), [server.status(each) for each in server.listed("failed")[:1]]
        return len(tools.containers_of(known)) == count and known == set(server.listed("running"))

    until(all_run, JOB_SECONDS * (count + 1), LOOK_SECONDS)
    time.sleep(SETTLE_SECONDS)
    return jobs


def dismiss(server: Server, jobs: list[str]) -> tuple[float, float]:
    """All at once; seconds until no container of them is left, and until every request has been answered."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(jobs)) as pool:
        answers = [pool.submit(server.dismiss, each) for each in jobs]
        until(lambda: not tools.containers_of(set(jobs)), JOB_SECONDS * (len(jobs) + 1), LOOK_SECONDS)
        gone = time.perf_counter() - began
        for each in answers:
            each.result()
    return gone, time.perf_counter() - began
