"""Executions that several tests look at: submitted together, each waited for where it is needed."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.live import Server


@dataclass(frozen=True)
class Execution:
    """One execute request."""

    process: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    modes: tuple[str, ...] = ("sync", "async")


@dataclass(frozen=True)
class Ran:
    """What came of it; a synchronous one has no job."""

    answer: httpx.Response
    #: The status document of the ended job.
    status: dict[str, Any] = field(default_factory=dict)
    #: Its results, asked for with the Accept header of the execution.
    results: httpx.Response | None = None

    @property
    def given(self) -> httpx.Response:
        """The results, however they were asked for."""
        return self.answer if self.results is None else self.results


ASYNC = {"Prefer": "respond-async"}
KIND = "every-kind"
VALUE = {"transmissionMode": "value"}
REFERENCE = {"transmissionMode": "reference"}

SYNC = ("sync",)

#: By the name of the requirement that each is for.
STYLES: dict[str, Execution] = {
    "raw-value-one": Execution(KIND, {"outputs": {"letter": VALUE}, "response": "raw"}),
    "raw-value-one-literal": Execution(KIND, {"outputs": {"text": VALUE}, "response": "raw"}, modes=SYNC),
    "raw-value-one-default": Execution(KIND, {"outputs": {"number": VALUE}}, modes=SYNC),
    "raw-value-multi": Execution(KIND, {"response": "raw"}),
    "raw-ref": Execution(KIND, {"outputs": {"text": REFERENCE, "letter": REFERENCE}, "response": "raw"}),
    "raw-ref-one": Execution(KIND, {"outputs": {"letter": REFERENCE}}, modes=SYNC),
    "raw-mixed-multi": Execution(
        KIND, {"outputs": {"text": VALUE, "letter": REFERENCE, "noise": VALUE}, "response": "raw"}
    ),
    "document": Execution(KIND, {"response": "document"}),
    "document-value": Execution(
        KIND,
        {"outputs": dict.fromkeys(("text", "record", "letter", "tables", "noise"), VALUE), "response": "document"},
        modes=SYNC,
    ),
    "document-ref": Execution(
        KIND, {"outputs": {"text": REFERENCE, "letter": REFERENCE}, "response": "document"}, modes=SYNC
    ),
    "many-json": Execution(KIND, {}),
    "many-multipart": Execution(
        KIND, {"outputs": {"text": {}, "noise": {}}}, {"Accept": "multipart/related"}, modes=SYNC
    ),
    "one": Execution(KIND, {"outputs": {"letter": {}}}),
    "none": Execution(KIND, {"outputs": {}}),
    "representation": Execution(
        KIND, {"outputs": {"text": {}, "letter": {}}}, {"Prefer": "return=representation"}, modes=SYNC
    ),
    "minimal": Execution(KIND, {"outputs": {"text": {}, "letter": {}}}, {"Prefer": "return=minimal"}, modes=SYNC),
}

#: Each of them in each of its modes.
RUNS = [(name, mode) for name, each in STYLES.items() for mode in each.modes]


class Executions:
    """Runs every execution of the table as soon as one is asked for."""

    def __init__(self, server: Server, pool: ThreadPoolExecutor) -> None:
        self._futures: dict[tuple[str, str], Future[Ran]] = {
            (name, mode): pool.submit(run, server, STYLES[name], mode) for name, mode in RUNS
        }

    def finish(self) -> None:
        """Waits for all of them: no more jobs will appear."""
        for each in self._futures.values():
            each.result()

    def get(self, name: str, mode: str) -> Ran:
        return self._futures[name, mode].result()


def run(server: Server, execution: Execution, mode: str) -> Ran:
    headers = dict(execution.headers)
    if mode == "async":
        headers["Prefer"] = ", ".join([*ASYNC.values(), *filter(None, [headers.get("Prefer")])])
    body = {"inputs": {}, **execution.body}
    answer = server.http.post(f"/processes/{execution.process}/execution", json=body, headers=headers)
    if mode == "sync":
        return Ran(answer)
    assert answer.status_code == 201, answer.text
    status = server.wait(answer.json()["jobID"])
    results = server.http.get(f"{answer.headers['location']}/results", headers=execution.headers)
    return Ran(answer, status, results)
