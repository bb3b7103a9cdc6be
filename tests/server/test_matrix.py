"""Every route, by whoever may ask for it, made from the list of routes: one that is new has to be given a row here."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.models import Scope
from server.endpoints import Endpoint
from server.routes import ENDPOINTS
from tests.issuer import AUDIENCE, Issuer, issuing
from tests.live import serving, shell_package
from tests.server.accounts import ASYNC, client, created, ended, made, problem, token, token_id

PROCESS = "mine"
_NUMBERS = count()
_PACKAGE = "application/ogcapppkg+json"

#: Who asks → what the routes that it may use need. All but `other`, `admin` and those without are the owner.
MAY: dict[str, set[Scope | None]] = {
    "nobody": {None},
    "read": {None, Scope.READ},
    "execute": {None, Scope.READ, Scope.EXECUTE},
    "deploy": {None, Scope.READ, Scope.DEPLOY},
    "other": {None, *Scope},
    "admin": {None, *Scope},
}
#: Tokens that are not good, wherever they are sent.
BAD = {"expired", "revoked", "unknown", "basic", "wrong-audience"}


@dataclass
class World:
    """What belongs to the owner, and the clients of whoever asks."""

    clients: dict[str, httpx.Client]
    job: str = ""

    @property
    def owner(self) -> httpx.Client:
        return self.clients["owner"]

    def process(self) -> str:
        """Another one, to be replaced or removed."""
        name = f"mine-{next(_NUMBERS)}"
        answer = self.owner.post("/processes", json=shell_package(name, "true"), headers={"Content-Type": _PACKAGE})
        assert answer.status_code == 201, answer.text
        return name


@dataclass(frozen=True)
class Row:
    """One request, and what it is answered where nothing stands against it: a status, or the name of a problem."""

    answered: int | str
    #: Values of what the path names beside processes and jobs.
    path: dict[str, str] = field(default_factory=dict)
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    #: What the request uses up, made anew for each.
    fresh: Callable[[World], dict[str, str]] = lambda _: {}


def _fresh_process(world: World) -> dict[str, str]:
    return {"process_id": world.process()}


def _fresh_job(world: World) -> dict[str, str]:
    return {"job_id": created(world.owner, PROCESS)}


_READ = Row(200)
_NO_FILE = Row("not-found", {"digest": "0" * 64, "basename": "none", "place": "none"})

ROWS: dict[tuple[str, str], Row] = {
    ("GET", "landing-page"): _READ,
    ("GET", "conformance"): _READ,
    ("GET", "problem"): Row(200, {"name": "invalid-token"}),
    ("GET", "page-style"): _READ,
    ("GET", "health"): _READ,
    ("GET", "ready"): _READ,
    ("GET", "api"): _READ,
    ("GET", "process-api"): _READ,
    ("GET", "processes"): _READ,
    ("POST", "processes"): Row(201, json=lambda: shell_package(f"new-{next(_NUMBERS)}", "true")),
    ("GET", "process"): _READ,
    ("PUT", "process"): Row(204, json=shell_package(PROCESS, "true"), headers={"Content-Type": _PACKAGE}),
    ("DELETE", "process"): Row(204, fresh=_fresh_process),
    ("GET", "package"): _READ,
    ("GET", "process-cwl"): _READ,
    ("GET", "process-file"): _NO_FILE,
    ("GET", "jobs"): _READ,
    ("POST", "jobs"): Row(201, json={"process": PROCESS}),
    ("GET", "job"): _READ,
    ("PATCH", "job"): Row(200, json={"outputs": {}}, fresh=_fresh_job),
    ("DELETE", "job"): Row(200, fresh=_fresh_job),
    ("GET", "results"): _READ,
    ("POST", "results"): Row(200, fresh=_fresh_job),
    ("GET", "definition"): _READ,
    ("GET", "inputs"): _READ,
    ("GET", "result"): Row("no-such-output", {"path": "none"}),
    ("GET", "log"): _READ,
    ("GET", "job-process-cwl"): _READ,
    ("GET", "job-file"): _NO_FILE,
    ("GET", "job-inputs"): _READ,
    ("GET", "job-input"): _NO_FILE,
    ("GET", "job-command"): _READ,
    ("GET", "job-log"): _READ,
    ("GET", "job-outcome"): _READ,
    ("GET", "bundle"): _READ,
    ("GET", "prov"): _READ,
    ("GET", "process-sharing"): _READ,
    ("PUT", "process-sharing"): Row(204, json={"with": []}),
    ("GET", "job-sharing"): _READ,
    ("PUT", "job-sharing"): Row(204, json={"with": []}),
    ("GET", "usage"): _READ,
    ("POST", "execution"): Row(201, json={}, headers=ASYNC),
    ("GET", "execution"): Row(201, headers=ASYNC),
    ("POST", "execution-alias"): Row(201, json={}, headers=ASYNC),
    ("GET", "execution-alias"): Row(201, headers=ASYNC),
    ("POST", "validation"): Row(200, json={}),
}


@pytest.fixture(scope="module", params=["token", "oidc"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One process and one job that has ended; tokens of their owner, each with one scope, and of others."""
    data = tmp_path_factory.mktemp("matrix") / "data"
    with ExitStack() as stack:
        if request.param == "token":
            tokens, settings = _own_tokens(data), {"AUTH": "token"}
        else:
            issuer = stack.enter_context(issuing())
            tokens = _issued_tokens(issuer)
            settings = {"AUTH": "oidc", "OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": AUDIENCE}
        server = stack.enter_context(serving(data, SLOTS="4", SHUTDOWN="stop", MAX_BAD_TOKENS="0", **settings))
        found = World({name: stack.enter_context(client(server, text)) for name, text in tokens.items()})
        found.clients["nobody"] = stack.enter_context(client(server, None))
        found.clients["basic"] = stack.enter_context(httpx.Client(base_url=server.url, auth=("alice", "secret")))
        package = shell_package(PROCESS, "true")
        assert found.owner.post("/processes", json=package, headers={"Content-Type": _PACKAGE}).status_code == 201
        found.job = ended(found.owner, PROCESS)
        yield found


def _own_tokens(data: Path) -> dict[str, str]:
    revoked = made(data, "alice")
    assert token(data, "revoke", token_id(revoked)).returncode == 0
    return {
        "owner": made(data, "alice"),
        **{each: made(data, "alice", each) for each in ("read", "execute", "deploy")},
        "other": made(data, "bob"),
        "admin": made(data, "root", "admin"),
        "expired": made(data, "alice", expires="0d"),
        "revoked": revoked,
        "unknown": "cwlp_00000000_none",
    }


def _issued_tokens(issuer: Issuer) -> dict[str, str]:
    def issued(name: str, scope: str, **claims: Any) -> str:
        return issuer.token(sub=name, scope=scope, **{"exp": int(time.time()) + 3600, **claims})

    every = "read execute deploy"
    return {
        "owner": issued("alice", every),
        **{each: issued("alice", each) for each in ("read", "execute", "deploy")},
        "other": issued("bob", every),
        "admin": issued("root", "admin"),
        "expired": issued("alice", every, exp=int(time.time()) - 3600),
        "unknown": "cwlp_00000000_none",
        "wrong-audience": issued("alice", every, aud="https://other.example"),
    }


def _ask(world: World, who: str, endpoint: Endpoint, row: Row, *, fresh: bool) -> httpx.Response:
    named = {"process_id": PROCESS, "job_id": world.job, **row.path, **(row.fresh(world) if fresh else {})}
    path = re.sub(r"\{(\w+)(?::path)?\}", lambda found: named[found[1]], endpoint.path)
    body = row.json() if callable(row.json) else row.json
    return world.clients[who].request(endpoint.method, path, json=body, headers=row.headers)


def _expected(endpoint: Endpoint, row: Row, who: str) -> int | str:
    if endpoint.scope not in MAY[who]:
        return "authentication-required" if who == "nobody" else "insufficient-scope"
    # Names the owner's process in its body.
    names_process = "{process_id}" in endpoint.path or (endpoint.method, endpoint.name) == ("POST", "jobs")
    if who == "other" and names_process:
        return "no-such-process"
    if who == "other" and "{job_id}" in endpoint.path:
        return "no-such-job"
    return row.answered


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_a_route(world: World, endpoint: Endpoint) -> None:
    """Who may use it is answered by it; who may not is told what is missing; others learn of nothing."""
    row = ROWS[endpoint.method, endpoint.name]
    for who in MAY:
        expected = _expected(endpoint, row, who)
        answer = _ask(world, who, endpoint, row, fresh=expected == row.answered)

        found = problem(answer)[1] if isinstance(expected, str) else answer.status_code
        assert found == expected, (who, answer.text)
        assert "Authorization" in answer.headers["vary"], who
        assert ("www-authenticate" in answer.headers) == (answer.status_code == 401 or found == "insufficient-scope")
    for who in BAD & world.clients.keys():
        answer = _ask(world, who, endpoint, row, fresh=False)

        assert problem(answer) == (401, "invalid-token"), who
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_what_belongs_to_others_is_what_is_not_there(world: World) -> None:
    """The same status and the same words, but for the id."""
    other = world.clients["other"]
    for path, name in (("/jobs/{}", world.job), ("/processes/{}", PROCESS), ("/jobs/{}/log", world.job)):
        there, not_there = other.get(path.format(name)), other.get(path.format("none"))

        assert there.status_code == not_there.status_code == 404
        assert there.text.replace(name, "none") == not_there.text


@pytest.mark.parametrize("path", ["/", "/jobs", "/processes/mine", "/jobs/none/results"])
def test_options_are_open(world: World, path: str) -> None:
    """What a path allows is no secret; a bad token is one here too."""
    assert world.clients["nobody"].options(path).status_code == 204
    assert world.clients["expired"].options(path).status_code == 401
