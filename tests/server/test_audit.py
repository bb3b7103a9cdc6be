"""What users do is written down with who did it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.live import serving, shell_package
from tests.server.accounts import asking, client, created, made, token, token_id

_PACKAGE = {"Content-Type": "application/ogcapppkg+json"}


def _rows(data: Path, columns: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(data / "registry.sqlite3")) as connection:
        return connection.execute(f"select {columns} from audit order by seq").fetchall()  # noqa: S608


def test_what_a_user_does(tmp_path: Path) -> None:
    """In its order, and nothing of what was refused or only read."""
    data = tmp_path / "data"
    text = made(data, "alice")
    package = shell_package("hers", "true")
    with asking(data) as server, client(server, text) as http, client(server, None) as nobody:
        assert http.post("/processes", json=package, headers=_PACKAGE).status_code == 201
        assert http.put("/processes/hers", json=package, headers=_PACKAGE).status_code == 204
        assert http.put("/processes/hers/sharing", json={"with": "everyone"}).status_code == 204
        job_id = created(http, "hers")
        assert http.patch(f"/jobs/{job_id}", json={"outputs": {}}).status_code == 200
        assert http.post("/processes/none/execution", json={}).status_code == 404
        assert nobody.post("/processes/hers/execution", json={}).status_code == 401
        assert http.get(f"/jobs/{job_id}").status_code == 200
        assert [http.delete(f"/jobs/{job_id}").status_code for _ in range(2)] == [200, 200]
        assert http.delete("/processes/hers").status_code == 204
    assert token(data, "revoke", "alice").returncode == 0

    acts = _rows(data, "act, target")
    assert acts == [
        ("token add", f"alice {token_id(text)}"),
        ("deploy", "hers"),
        ("replace", "hers"),
        ("share process", "hers"),
        ("create", job_id),
        ("change", job_id),
        ("dismiss", job_id),
        ("remove", job_id),
        ("undeploy", "hers"),
        ("token revoke", f"alice {token_id(text)}"),
    ]
    assert set(_rows(data, "actor, token, address")[1:-1]) == {("alice", token_id(text), "127.0.0.1")}


def test_where_nobody_is_asked(tmp_path: Path) -> None:
    """There is nobody to name."""
    data = tmp_path / "data"
    with serving(data) as server:
        created(server.http, "echo", {"stringInput": "x"})

    assert _rows(data, "act") == []
