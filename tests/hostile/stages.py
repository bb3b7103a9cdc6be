"""Servers for attacks: one for those that want it alone, for the others one for each set of settings."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.faults.harness import NO_CHANGE, working
from tests.hostile.attempt import Attempt, Finding
from tests.hostile.cases import Case
from tests.hostile.scene import Scene
from tests.live import Server

#: Attacks at once, beyond those that run.
AT_ONCE = 8
SETTINGS = {"SLOTS": "4", "SHUTDOWN": "stop"}
#: Seconds that others may wait while an attack goes on alone; many times what they wait on an idle machine.
PATIENCE = 2.0
PROBE_SECONDS = 0.05
#: Seconds in which a server that is in order has carried out a small job.
ORDER_SECONDS = 20.0


def all_at_once(folder: Path, scene: Scene, cases: Sequence[Case], settings: dict[str, str]) -> dict[str, Finding]:
    """On one server, which is in order afterwards."""
    if not cases:
        return {}
    with working(folder / "data", NO_CHANGE, **{**SETTINGS, **settings}) as server, ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(
            zip([each.name for each in cases], pool.map(lambda case: _made(server, scene, case), cases), strict=True)
        )
        wrong = _ended(server, _disorder(server, "execution"))
    for each in found.values():
        each.harm += wrong
    return found


def one_by_one(folder: Path, scene: Scene, cases: Sequence[Case]) -> dict[str, Finding]:
    """Each while others ask for something, too; those that run jobs on a server of their own."""
    found: dict[str, Finding] = {}
    waiting = list(cases)
    while waiting:
        data = folder / f"data-{len(waiting)}"
        with working(data, NO_CHANGE, **SETTINGS) as server:
            wrong: list[str] = []
            runs = False
            while waiting and not wrong and not runs:
                case = waiting.pop(0)
                runs = case.attack.inputs is not None
                with _watched(server) as longest:
                    finding = found[case.name] = _made(server, scene, case)
                if max(longest) > PATIENCE:
                    finding.harm.append(f"others waited for {max(longest):.1f} s")
                wrong = _disorder(server, "execution" if runs else "validation")
            finding.harm += _ended(server, wrong)
        # Folders that lie very deep in each other are more than what removes them later can take.
        subprocess.run(["rm", "-rf", str(data)], check=True)
    return found


def _made(server: Server, scene: Scene, case: Case) -> Finding:
    """What goes wrong with one attempt is told by its own test."""
    try:
        return Attempt(server, scene, case).made()
    except Exception:
        return Finding("no finding", [traceback.format_exc()])


def _ended(server: Server, wrong: list[str]) -> list[str]:
    """What is wrong, the end included; one that is not in order need not be able to stop."""
    if wrong:
        server.stop(signal.SIGKILL)
        return wrong
    try:
        code = server.stop()
    except subprocess.TimeoutExpired:
        server.stop(signal.SIGKILL)
        return ["the server does not stop"]
    return [f"the server ends with {code}: {server.log}"] if code else []


@contextmanager
def _watched(server: Server) -> Iterator[list[float]]:
    """How long others wait for an answer meanwhile, in seconds."""
    over = threading.Event()
    waited = [0.0]

    def ask() -> None:
        with httpx.Client(base_url=server.url, timeout=ORDER_SECONDS) as client:
            while not over.wait(PROBE_SECONDS):
                begun = time.monotonic()
                try:
                    client.get("/health")
                except httpx.TransportError:
                    over.set()
                waited.append(time.monotonic() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waited
    finally:
        over.set()
        thread.join()


def _disorder(server: Server, does: str) -> list[str]:
    """Why the server would not do what it is there for."""
    found = []
    try:
        answer = server.http.post(
            f"/processes/echo/{does}", json={"inputs": {"stringInput": "x"}}, timeout=ORDER_SECONDS
        )
        if answer.status_code != 200:
            found.append(f"an ordinary request is answered {answer.status_code}")
        left = server.http.get("/jobs?status=accepted,running").json()["jobs"]
        found += [f"job {each['jobID']} of {each['processID']} has not ended" for each in left]
    except httpx.TransportError as error:
        found.append(f"an ordinary request is not answered: {error!r}")
    if "Traceback" in server.log:
        found.append(server.log[server.log.index("Traceback") :][:2000])
    return found
