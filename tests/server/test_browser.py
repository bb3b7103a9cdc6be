"""Pages of other sites, in the browser of somebody who reaches the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.live import Server, serving, shell_package
from tests.server.accounts import asking, client, created, made, problem

OWN, ELSEWHERE = "https://api.example.org", "https://evil.example"
ALLOWED = "https://friend.example"


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks nobody, behind a proxy; one other site may use it."""
    data = tmp_path_factory.mktemp("browser") / "data"
    with serving(data, PUBLIC_URL=f"{OWN}/ogc/", CORS_ORIGINS=ALLOWED) as server:
        yield server


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *[(each, 200) for each in ("127.0.0.1", "localhost:8080", "[::1]:80", "10.1.2.3", "api.example.org", "server")],
        *[(each, 421) for each in ("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.")],
    ],
)
def test_the_name_of_a_server_that_asks_nobody(open_to_all: Server, host: str, status: int) -> None:
    """One that anybody could have made lead here is refused, whatever is asked, and before anything is done."""
    for path in ("/", "/jobs", "/processes/echo", "/health", "/nothing"):
        answer = open_to_all.http.get(path, headers={"Host": host})
        expected = 404 if (path, status) == ("/nothing", 200) else status

        assert answer.status_code == expected, path
        assert answer.headers["content-security-policy"]
        if status == 421:
            assert problem(answer) == (421, "misdirected")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Origin": OWN}, True),
        ({"Origin": ALLOWED}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": ELSEWHERE}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ELSEWHERE, "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_what_changes_something(open_to_all: Server, headers: dict[str, str], passes: bool) -> None:
    """It comes from no page of another site: neither a form nor a link executes, deploys or removes anything."""
    http = open_to_all.http
    job_id = created(http, "echo", {"stringInput": "x"})
    answers = [
        http.get("/processes/echo/execution?stringInput=x", headers={**headers, "Prefer": "respond-async"}),
        http.post("/processes/echo/execution", content=b'{"inputs": {"stringInput": 1}}', headers=headers),
        http.post("/processes", json=shell_package("none", "true"), headers={**headers, "Content-Type": "text/plain"}),
        http.delete(f"/jobs/{job_id}", headers=headers),
        http.put("/processes/echo/sharing", json={"with": []}, headers=headers),
    ]
    expected = [201, 400, 415, 200, 204] if passes else [403] * 5

    assert [each.status_code for each in answers] == expected
    assert http.get("/processes", headers=headers).is_success
    assert passes or {problem(each)[1] for each in answers} == {"cross-site"}


def test_who_may_read_across_origins(open_to_all: Server, server: Server) -> None:
    """Nobody, but for those in cors_origins."""
    found = {
        each: open_to_all.http.get("/jobs", headers={"Origin": each}).headers.get("access-control-allow-origin")
        for each in (OWN, ALLOWED, ELSEWHERE)
    }

    assert found == {OWN: None, ALLOWED: ALLOWED, ELSEWHERE: None}
    assert "access-control-allow-origin" not in server.http.get("/jobs", headers={"Origin": ELSEWHERE}).headers


def test_with_tokens_any_page_may_ask(tmp_path: Path) -> None:
    """It has no token but its own; names and origins say nothing."""
    data = tmp_path / "data"
    text = made(data, "alice")
    with asking(data) as server, client(server, text) as http:
        headers = {"Origin": ELSEWHERE, "Host": "any.example", "Sec-Fetch-Site": "cross-site"}
        answer = http.post("/processes/echo/validation", json={"inputs": {"stringInput": "x"}}, headers=headers)
        without = httpx.post(f"{server.url}/processes/echo/execution", json={}, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert problem(without) == (401, "authentication-required")


@pytest.mark.parametrize("path", ["/", "/processes", "/processes/echo/process.cwl", "/health", "/nothing", "/jobs?x=1"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_no_answer_can_act(server: Server, path: str, accept: str) -> None:
    """Whatever a browser takes it for: no script, no frame, no guess at what it is, no cookie."""
    for _ in range(2):
        headers = server.http.get(path, headers={"Accept": accept}).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert "set-cookie" not in headers


def test_sharing(tmp_path: Path) -> None:
    """A process and a job: with one, with everybody, with nobody again; who sees them does not change them."""
    data = tmp_path / "data"
    tokens = [made(data, "alice"), made(data, "bob")]
    with asking(data) as server, client(server, tokens[0]) as alice, client(server, tokens[1]) as bob:
        package = shell_package("hers", "true")
        assert alice.post("/processes", json=package).status_code == 201
        job_id, batch = created(alice, "hers"), created(alice, "hers", [{}, {}])
        [part, *_] = [each["jobID"] for each in alice.get(f"/jobs?parent={batch}").json()["jobs"]]
        process, job = "/processes/hers", f"/jobs/{job_id}"
        for grantees in (["bob"], "everyone"):
            for path in (process, job, f"/jobs/{batch}"):
                assert bob.get(path).status_code == 404
                assert alice.put(f"{path}/sharing", json={"with": grantees}).status_code == 204
                assert alice.get(f"{path}/sharing").json()["with"] == grantees
                assert bob.get(path).status_code == 200
                assert problem(bob.get(f"{path}/sharing")) == (403, "not-owner")
                assert problem(bob.put(f"{path}/sharing", json={"with": []})) == (403, "not-owner")
            assert problem(bob.delete(process)) == (403, "immutable-process")
            assert problem(bob.delete(job)) == (403, "not-owner")
            assert problem(bob.patch(job, json={})) == (403, "not-owner")
            assert problem(bob.post(f"{job}/results", json={})) == (403, "not-owner")
            assert "hers" in {each["id"] for each in bob.get("/processes").json()["processes"]}
            assert bob.get(f"/jobs/{part}").status_code == 200
            assert len(bob.get(f"/jobs?parent={batch}").json()["jobs"]) == 2
            assert bob.get("/jobs").json()["jobs"] == []
            assert alice.put(process, json=package, headers={"Content-Type": "application/ogcapppkg+json"}).is_success
            assert bob.get(process).status_code == 200
            for path in (process, job, f"/jobs/{batch}"):
                assert alice.put(f"{path}/sharing", json={"with": []}).status_code == 204
                assert bob.get(path).status_code == 404
        for wrong in (["*"], [1], [""], "bob", None, ["x" * 257]):
            assert problem(alice.put(f"{process}/sharing", json={"with": wrong})) == (400, "invalid-input")


def test_shares_go_with_what_is_shared(tmp_path: Path) -> None:
    """Who registers the id next shares it with nobody."""
    data = tmp_path / "data"
    tokens = [made(data, each) for each in ("alice", "bob", "carol")]
    with asking(data) as server:
        alice, bob, carol = (client(server, each) for each in tokens)
        with alice, bob, carol:
            assert alice.post("/processes", json=shell_package("passed-on", "true")).status_code == 201
            assert alice.put("/processes/passed-on/sharing", json={"with": ["bob"]}).status_code == 204
            assert alice.delete("/processes/passed-on").status_code == 204
            assert carol.post("/processes", json=shell_package("passed-on", "true")).status_code == 201

            assert bob.get("/processes/passed-on").status_code == 404
            assert alice.get("/processes/passed-on").status_code == 404
