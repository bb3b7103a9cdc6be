"""Users of one server who want more than their share, and those beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing
from dataclasses import dataclass

import httpx
import pytest

from registry.models import now
from tests.gate import WAIT, let_go
from tests.live import Server, shell_package, shell_tool, until
from tests.server.accounts import ASYNC, asking, client, created, ended, made, made_at_once, problem

_PACKAGE = {"Content-Type": "application/ogcapppkg+json"}
LARGE = 4 << 20
_LARGE = shell_tool(
    f"head -c {LARGE} /dev/zero > out", id="large", outputs={"out": {"type": "File", "outputBinding": {"glob": "out"}}}
)
FLOOD = 16


@dataclass
class Users:
    server: Server
    tokens: dict[str, str]
    clients: ExitStack

    def __getitem__(self, name: str) -> httpx.Client:
        return self.clients.enter_context(client(self.server, self.tokens[name]))


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """Each test has some of its own."""
    data = tmp_path_factory.mktemp("quotas") / "data"
    names = ("waits", "runs", "beside", "computes", "keeps", "follows", "floods", "deploys")
    tokens = made_at_once(data, names) | {"root": made(data, "root", "admin")}
    limits = {"MAX_WAITING": "3", "MAX_RUNNING": "1", "MAX_CPU_HOURS": "2", "MAX_KEPT": str(LARGE)}
    limits |= {"MAX_FOLLOWERS": "2", "MAX_PENDING": "20"}
    with asking(data, SLOTS="3", SHARE_PROCESSES="everyone", **limits) as server, ExitStack() as clients:
        found = Users(server, tokens, clients)
        root = found["root"]
        for package in (
            shell_package("ends", "true"),
            shell_package("held", WAIT),
        ):
            assert root.post("/processes", json=package, headers=_PACKAGE).is_success
        assert root.post("/processes", json=_LARGE, headers={"Content-Type": "application/cwl+json"}).is_success
        yield found
        for name in names:
            for job in found[name].get("/jobs?limit=100").json()["jobs"]:
                found[name].delete(f"/jobs/{job['jobID']}")


def _execute(http: httpx.Client, process: str, **headers: str) -> httpx.Response:
    return http.post(f"/processes/{process}/execution", json={}, headers={**ASYNC, **headers})


def _used(http: httpx.Client, what: str) -> dict[str, float]:
    found: dict[str, float] = http.get("/usage").json()[what]
    return found


def test_jobs_that_wait(users: Users) -> None:
    """One too many is refused, and a batch whole; what is sent again is not, and one job less is room for another."""
    http = users["waits"]
    jobs = [created(http, "ends") for _ in range(2)]
    assert http.post("/jobs", json={"process": "ends"}, headers={"Idempotency-Key": "a"}).status_code == 201
    assert _used(http, "waiting") == {"used": 3, "allowed": 3}

    for answer in (_execute(http, "ends"), http.post("/jobs", json={"process": "ends", "inputs": [{}]})):
        assert problem(answer) == (429, "too-many-requests")
        assert int(answer.headers["retry-after"]) > 0
        assert "3 jobs of yours wait or are not started, of 3 that may" in answer.json()["detail"]
    answer = http.post("/jobs", json={"process": "ends", "inputs": [{}] * 10_000})
    assert problem(answer) == (403, "quota-exceeded")
    answer = http.patch(f"/jobs/{jobs[0]}", json={"inputs": [{}, {}]})
    assert problem(answer) == (429, "too-many-requests")
    assert http.post("/jobs", json={"process": "ends"}, headers={"Idempotency-Key": "a"}).status_code == 201
    assert len(http.get("/jobs").json()["jobs"]) == 3

    assert http.delete(f"/jobs/{jobs[0]}").is_success
    created(http, "ends")


def test_jobs_that_run(users: Users) -> None:
    """The queue passes over who has as many running as may, and goes on with others."""
    http, other = users["runs"], users["beside"]
    first, second = (_execute(http, "held").json()["jobID"] for _ in range(2))
    until(lambda: http.get(f"/jobs/{first}").json()["status"] == "running")
    ended(other, "ends")

    assert http.get(f"/jobs/{second}").json()["status"] == "accepted"
    assert _used(http, "running") == {"used": 1, "allowed": 1}
    let_go(users.server, first)
    until(lambda: http.get(f"/jobs/{second}").json()["status"] == "running")
    let_go(users.server, second)
    until(lambda: http.get(f"/jobs/{second}").json()["status"] == "successful")
    assert _used(http, "running")["used"] == 0


def test_cpu_hours(users: Users) -> None:
    """Until there is room again, which Retry-After says; what ran is counted when it is removed as well."""
    http = users["computes"]
    job = ended(http, "ends")
    before = http.get(f"/jobs/{job}").json()["usage"]["cpuSeconds"] / 3600
    assert http.delete(f"/jobs/{job}").is_success
    assert _used(http, "cpuHours") == {"used": pytest.approx(before, abs=1e-5), "allowed": 2}
    with closing(sqlite3.connect(users.server.data / "registry.sqlite3", timeout=10)) as connection, connection:
        slot = now().isoformat()[:15]
        connection.execute(
            "insert into spent values ('computes', ?, 7200) on conflict do update set seconds = seconds + 7200", [slot]
        )

    answer = _execute(http, "ends")
    assert problem(answer) == (429, "too-many-requests")
    assert 85_000 < int(answer.headers["retry-after"]) <= 86_400
    assert "2.00 CPU hours within a day, of 2 that they may" in answer.json()["detail"]
    assert _execute(users["beside"], "ends").status_code == 201


def test_bytes(users: Users) -> None:
    """Who keeps more than it may removes a job, and goes on."""
    http = users["keeps"]
    job = ended(http, "large")
    kept = _used(http, "keptBytes")
    assert LARGE <= kept["used"] < LARGE + (1 << 20)

    answer = _execute(http, "ends")
    assert problem(answer) == (403, "quota-exceeded")
    assert f"{kept['used']} bytes, of {LARGE} that they may" in answer.json()["detail"]
    assert job in answer.json()["detail"]
    assert http.delete(f"/jobs/{job}").is_success
    assert _used(http, "keptBytes") == {"used": 0, "allowed": LARGE}
    ended(http, "ends")


def test_who_sees_what_is_used(users: Users) -> None:
    """Oneself, and an admin."""
    assert users["beside"].get("/usage").json()["owner"] == "beside"
    assert users["root"].get("/usage?owner=beside").json()["owner"] == "beside"
    assert problem(users["beside"].get("/usage?owner=waits")) == (403, "insufficient-scope")
    assert "cpuHours" in users["beside"].get("/usage?f=html").text


def test_logs_that_are_followed(users: Users) -> None:
    """So many at once of one user; others have their own, and one that is closed is room for another."""
    http = users["follows"]
    job, events = created(http, "ends"), {"Accept": "text/event-stream"}
    with http.stream("GET", f"/jobs/{job}/log", headers=events) as first:
        assert first.is_success
        with http.stream("GET", f"/jobs/{job}/log", headers=events) as second:
            assert second.is_success
            assert problem(http.get(f"/jobs/{job}/log", headers=events)) == (429, "too-many-requests")
            assert http.get(f"/jobs/{job}/log").is_success
        until(lambda: _follows(http, job))


def _follows(http: httpx.Client, job: str) -> bool:
    with http.stream("GET", f"/jobs/{job}/log", headers={"Accept": "text/event-stream"}) as answer:
        return answer.is_success


def test_a_flood_of_deploys_holds_up_nobody_else(users: Users) -> None:
    """While one user has many documents waiting to be validated, another's takes its turn among the first, and its
    execution goes on.
    """
    flooding, other = users["floods"], users["deploys"]

    def deploy(http: httpx.Client, name: str) -> str:
        answer = http.post("/processes", json=shell_package(name, "true"), headers=_PACKAGE)
        assert answer.status_code == 201, answer.text
        return name

    with ThreadPoolExecutor(FLOOD) as pool:
        flood = [pool.submit(deploy, flooding, f"flood-{number}") for number in range(FLOOD)]
        next(as_completed(flood))
        before = sum(each.done() for each in flood)
        deploy(other, "beside-the-flood")
        answer = _execute(other, "beside-the-flood")
        between = sum(each.done() for each in flood) - before
        assert answer.status_code == 201
        # Two places on this machine, or as many as there are cores: each may be the flood's once or twice meanwhile.
        assert between <= FLOOD // 2
        for each in flood:
            each.result()
