"""Users of one server, each with what is theirs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live import Server, serving, shell_package, shell_tool
from tests.server.accounts import ASYNC, asking, client, created, ended, made, problem, token

_PACKAGE = {"Content-Type": "application/ogcapppkg+json"}
_CWL = {"Content-Type": "application/cwl+json"}
X = {"stringInput": "x"}


@dataclass
class Users:
    server: Server
    alice: httpx.Client
    bob: httpx.Client
    admin: httpx.Client
    nobody: httpx.Client


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """Alice has the process `hers` and a job that has ended."""
    data = tmp_path_factory.mktemp("accounts") / "data"
    tokens = [made(data, "alice"), made(data, "bob"), made(data, "root", "admin"), None]
    with asking(data, SLOTS="2") as server:
        found = Users(server, *(client(server, each) for each in tokens))
        assert found.alice.post("/processes", json=shell_package("hers", "true"), headers=_PACKAGE).is_success
        ended(found.alice, "hers")
        yield found
        for each in (found.alice, found.bob, found.admin, found.nobody):
            each.close()


def _jobs(http: httpx.Client, query: str = "") -> set[str]:
    return {each["jobID"] for each in http.get(f"/jobs?limit=1000{query}").json()["jobs"]}


def _processes(http: httpx.Client) -> set[str]:
    return {each["id"] for each in http.get("/processes?limit=1000").json()["processes"]}


def test_lists_are_ones_own(users: Users) -> None:
    """Also from memory; an admin names whose list it wants, others can't."""
    hers, his = created(users.alice, "hers"), created(users.bob, "echo", X)
    for _ in range(2):
        assert hers in _jobs(users.alice)
        assert _jobs(users.bob) >= {his}
        assert not _jobs(users.alice) & _jobs(users.bob)
        assert not _jobs(users.admin) & {hers, his}
        assert _jobs(users.admin, "&owner=alice") == _jobs(users.alice) == _jobs(users.alice, "&owner=alice")
        assert problem(users.bob.get("/jobs?owner=alice")) == (403, "insufficient-scope")
        assert "hers" not in _processes(users.bob)
        assert _processes(users.bob) >= {"echo"}
        assert _processes(users.alice) >= {"echo", "hers"}
        assert _processes(users.admin) == _processes(users.alice) | _processes(users.bob)


def test_a_cursor_is_of_ones_own_list(users: Users) -> None:
    """That of another user is refused."""
    for _ in range(2):
        created(users.alice, "hers")
    following = users.alice.get("/jobs?limit=1").json()["links"]
    [href] = [each["href"] for each in following if each["rel"] == "next"]

    assert users.alice.get(href).is_success
    assert problem(users.bob.get(href)) == (400, "invalid-query-parameter-value")


def test_the_api_definition_names_ones_own_processes(users: Users) -> None:
    """And without a token none at all."""

    def executions(http: httpx.Client) -> set[str]:
        return {each for each in http.get("/api").json()["paths"] if "{" not in each and each.endswith("/execution")}

    hers = "/processes/hers/execution"
    assert executions(users.alice) >= {"/processes/echo/execution", hers}
    assert "/processes/echo/execution" in executions(users.bob) - {hers} == executions(users.bob)
    assert executions(users.nobody) == set()
    assert "/hers/" in users.alice.get("/api?f=html").text
    assert "/hers/" not in users.bob.get("/api?f=html").text


@pytest.mark.parametrize("form", ["oas30", "oas31"])
def test_the_api_definition_says_what_is_needed(users: Users, form: str) -> None:
    """A bearer token, but for what is open."""
    found = users.alice.get(f"/api?f={form}").json()

    assert found["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, operations in found["paths"].items():
        for operation in operations.values():
            is_open = operation["operationId"].removeprefix("get.") in (
                *("landing-page", "conformance", "problem", "page-style", "health", "ready", "api"),
            )
            assert operation.get("security", []) == ([] if is_open else [{"bearer": []}]), path
            assert {"401", "403"} <= operation["responses"].keys()


def test_nothing_of_tokens_is_said_where_nobody_is_asked(server: Server) -> None:
    """The definition is that of a server that is open."""
    found = server.http.get("/api").json()

    assert "securitySchemes" not in found["components"]
    assert "security" not in json.dumps(found["paths"])
    assert server.http.get("/processes", headers={"Authorization": "Bearer nonsense"}).is_success


def test_an_idempotency_key_is_ones_own(users: Users) -> None:
    """The same key of two users makes two jobs, and two processes."""
    jobs, deployed = [], []
    for http, name in ((users.alice, "keyed-a"), (users.bob, "keyed-b")):
        key = {"Idempotency-Key": "the-key"}
        jobs += [http.post("/processes/echo/execution", json={"inputs": X}, headers=ASYNC | key) for _ in range(2)]
        jobs.append(
            http.post("/jobs", json={"process": "echo", "inputs": X}, headers={"Idempotency-Key": "another-key"})
        )
        deployed += [
            http.post("/processes", json=shell_package(name, "true"), headers=_PACKAGE | {"Idempotency-Key": "third"})
            for _ in range(2)
        ]
    places = [each.headers["location"] for each in (*jobs, *deployed)]

    assert {each.status_code for each in (*jobs, *deployed)} == {201}
    assert len(set(places)) == 6
    assert places[0] == places[1] != places[3] == places[4]


def test_processes_of_others_can_not_be_parts(users: Users) -> None:
    """Neither in the place of an input, nor as a step, nor as the process of a job: they are not there."""

    def answers(http: httpx.Client, name: str) -> list[httpx.Response]:
        chain = {"inputs": {"stringInput": {"process": name, "inputs": {}}}}
        step: dict[str, Any] = {
            "cwlVersion": "v1.2",
            "class": "Workflow",
            "id": f"of-{name}",
            "inputs": {},
            "outputs": {},
            "steps": {"one": {"run": name, "in": {}, "out": []}},
        }
        return [
            http.post("/processes/echo/validation", json=chain),
            http.post("/processes", json=step, headers=_CWL),
            http.post("/jobs", json={"process": name}),
        ]

    theirs, unknown = answers(users.bob, "hers"), answers(users.bob, "none")

    assert [each.status_code // 100 for each in theirs] == [4, 4, 4]
    assert [each.text.replace("hers", "none") for each in theirs] == [each.text for each in unknown]
    assert [each.status_code for each in answers(users.alice, "hers")[1:]] == [201, 201]


def test_the_executions_of_a_batch_are_their_owners(users: Users) -> None:
    """In lists and one by one."""
    batch = created(users.alice, "echo", [{"stringInput": "x"}, {"stringInput": "y"}])
    parts = _jobs(users.alice, f"&parent={batch}")

    assert len(parts) == 2
    assert _jobs(users.admin, f"&parent={batch}") == parts
    assert _jobs(users.bob, f"&parent={batch}") == set()
    for part in parts:
        assert users.alice.get(f"/jobs/{part}").is_success
        assert problem(users.bob.get(f"/jobs/{part}")) == (404, "no-such-job")
        assert problem(users.bob.delete(f"/jobs/{part}")) == (404, "no-such-job")


def test_what_an_admin_changes_stays_its_owners(users: Users) -> None:
    """A job and a process."""
    job_id = created(users.alice, "echo", [{"stringInput": "x"}])
    changed = users.admin.patch(f"/jobs/{job_id}", json={"inputs": [{"stringInput": "y"}, {"stringInput": "z"}]})
    replaced = users.admin.put("/processes/hers", json=shell_package("hers", "true"), headers=_PACKAGE)

    assert (changed.status_code, replaced.status_code) == (200, 204)
    assert len(_jobs(users.alice, f"&parent={job_id}")) == 2
    assert users.alice.get("/processes/hers").is_success
    assert problem(users.bob.get("/processes/hers")) == (404, "no-such-process")


def test_an_id_that_somebody_has_is_taken(users: Users) -> None:
    """That much is said of it; it stays as it was, and its owner's."""
    taken = users.bob.post("/processes", json=shell_package("hers", "false"), headers=_PACKAGE)

    assert problem(taken) == (409, "duplicated-process")
    assert problem(users.bob.put("/processes/hers", json={}, headers=_PACKAGE)) == (404, "no-such-process")
    assert problem(users.bob.delete("/processes/hers")) == (404, "no-such-process")
    assert users.alice.get("/processes/hers").is_success


def test_answers_are_for_one_user(users: Users) -> None:
    """No cache between keeps them for another."""
    for path in ("/processes", "/jobs", "/processes/hers", "/"):
        headers = users.alice.get(path).headers

        assert "Authorization" in headers["vary"]
        assert headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": users.alice.get("/processes/hers").headers["etag"]}
    assert users.alice.get("/processes/hers", headers=tag).status_code == 304
    assert users.bob.get("/processes/hers", headers=tag).status_code == 404


def test_a_token_that_is_revoked_is_bad_at_once(users: Users) -> None:
    """While the server runs; the other tokens of the name are good until they are revoked, by the name."""
    data = users.server.data
    first, second = made(data, "carol", "read"), made(data, "carol", "read,execute")
    with client(users.server, first) as one, client(users.server, second) as other:
        assert one.get("/jobs").is_success
        assert problem(one.post("/processes/echo/execution", json={})) == (403, "insufficient-scope")
        assert other.post("/processes/echo/validation", json={"inputs": {"stringInput": "x"}}).is_success
        assert token(data, "revoke", first.split("_")[1]).returncode == 0
        assert problem(one.get("/jobs")) == (401, "invalid-token")
        assert other.get("/jobs").is_success
        assert token(data, "revoke", "carol").returncode == 0
        assert [problem(each.get("/jobs")) for each in (one, other)] == [(401, "invalid-token")] * 2


def test_a_token_that_expires_is_bad_from_then_on(users: Users) -> None:
    """Nothing is committed at that moment, and what was kept in memory is not answered any more."""
    text = made(users.server.data, "dora", "read")
    soon = datetime.now(UTC) + timedelta(seconds=2)
    with sqlite3.connect(users.server.data / "registry.sqlite3", timeout=30) as connection:
        connection.execute("update tokens set expires = ? where name = 'dora'", [soon.isoformat()])
    connection.close()
    with client(users.server, text) as http:
        answers = [http.get("/processes/echo")]
        while answers[-1].is_success and datetime.now(UTC) < soon + timedelta(seconds=10):
            answers.append(http.get("/processes/echo"))

    assert len(answers) > 2
    assert problem(answers[-1]) == (401, "invalid-token")
    assert "expired" in answers[-1].json()["detail"]


def test_a_log_that_is_followed_ends_with_its_token_or_when_it_is_no_longer_shared(users: Users) -> None:
    """Seconds later, while the job goes on."""
    text = made(users.server.data, "erin", "execute")
    with client(users.server, text) as http, ExitStack() as open_streams:
        own, shared = created(http, "echo", {"stringInput": "x"}), created(users.alice, "echo", {"stringInput": "x"})
        assert users.alice.put(f"/jobs/{shared}/sharing", json={"with": ["bob"]}).status_code == 204
        streams = [
            open_streams.enter_context(each.stream("GET", f"/jobs/{job}/log", headers={"Accept": "text/event-stream"}))
            for each, job in ((http, own), (users.bob, shared))
        ]
        lines = [each.iter_lines() for each in streams]
        assert [next(each) for each in lines] == ["event: status"] * 2
        assert users.alice.put(f"/jobs/{shared}/sharing", json={"with": []}).status_code == 204
        assert token(users.server.data, "revoke", "erin").returncode == 0
        left = [line for each in lines for line in each]

    assert not any(each.startswith("event:") for each in left)
    for each in (own, shared):
        assert users.admin.get(f"/jobs/{each}").json()["status"] == "created"


@pytest.mark.parametrize(
    "header", ["Bearer", "Token x", "Basic YTpi", f"Bearer {'x' * 9000}", "Bearer a b", "Bearer \xff"]
)
def test_what_is_no_token(users: Users, header: str) -> None:
    """It is refused everywhere, also where none is needed; nothing of it is repeated."""
    answer = users.nobody.get("/", headers={b"Authorization": header.encode("latin-1")})

    assert problem(answer) == (401, "invalid-token")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="cwl-processes", error="invalid_token"')


def test_two_tokens_are_none(users: Users) -> None:
    """Which of them is meant, nobody knows."""
    header = ("Authorization", users.alice.headers["authorization"])

    assert problem(users.nobody.get("/", headers=[header, header])) == (401, "invalid-token")


def test_processes_for_everyone(tmp_path: Path) -> None:
    """With share_processes=everyone: all see and execute what one registers, and only that one changes it."""
    data = tmp_path / "data"
    alice, bob = made(data, "alice"), made(data, "bob")
    with asking(data, SHARE_PROCESSES="everyone") as server, client(server, alice) as hers, client(server, bob) as his:
        for name in ("ours", "ours-too"):
            assert hers.post("/processes", json=shell_package(name, "true"), headers=_PACKAGE).status_code == 201

        assert _processes(his) == {"echo", "ours", "ours-too"}
        pages = [his.get("/processes?limit=1").json()]
        pages.append(his.get(next(each["href"] for each in pages[0]["links"] if each["rel"] == "next")).json())
        assert [each["processes"][0]["id"] for each in pages] == ["echo", "ours"]
        assert problem(his.delete("/processes/ours")) == (403, "immutable-process")
        assert problem(his.put("/processes/ours", json={}, headers=_PACKAGE)) == (403, "immutable-process")
        job_id = ended(his, "ours")
        assert his.get(f"/jobs/{job_id}").json()["status"] == "successful"
        assert problem(hers.get(f"/jobs/{job_id}")) == (404, "no-such-job")
        assert hers.delete("/processes/ours").status_code == 204
        assert _processes(his) == {"echo", "ours-too"}


def test_a_folder_that_asked_nobody_before(tmp_path: Path) -> None:
    """Its processes are everybody's, its jobs an admin's; only an admin changes them."""
    data = tmp_path / "data"
    with serving(data) as server:
        server.http.post("/processes", json={**shell_tool("true"), "id": "old"}, headers=_CWL)
        job_id = created(server.http, "old")
    alice, root = made(data, "alice"), made(data, "root", "admin")
    with asking(data) as server, client(server, alice) as hers, client(server, root) as admin:
        assert _processes(hers) == {"echo", "old"}
        assert problem(hers.delete("/processes/old")) == (403, "immutable-process")
        assert problem(hers.get(f"/jobs/{job_id}")) == (404, "no-such-job")
        assert admin.get(f"/jobs/{job_id}").is_success
        assert _jobs(admin, "&owner=") == {job_id}
        assert admin.delete("/processes/old").status_code == 204
    with serving(data) as server:
        assert _jobs(server.http) == {job_id}
