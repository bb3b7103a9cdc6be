"""The commands about tokens, and how the client commands use one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.client import Client
from tests.live import Server, environment, serving, shell_package
from tests.receiver import receiving
from tests.server.accounts import asking, client, made, token, token_id


def _run(server: str, text: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    more = {"CWL_PROCESSES_TOKEN": text} if text else {}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        capture_output=True,
        text=True,
        env={**environment(), "CWL_PROCESSES_URL": server, **more},
        check=False,
    )


def test_a_token_from_its_making_to_its_end(tmp_path: Path) -> None:
    """Before there is a server; the text is shown once, and is nowhere on the disk."""
    data = tmp_path / "data"
    added = token(data, "add", "alice", "--scopes", "read,deploy", "--expires", "30d", "--json")
    document = json.loads(added.stdout)
    plain = made(data, "bob@example.org")
    listed = json.loads(token(data, "list", "--json").stdout)
    revoked = token(data, "revoke", document["id"])
    again = token(data, "revoke", document["id"])

    assert document["token"].startswith(f"cwlp_{document['id']}_")
    assert (document["name"], document["scopes"]) == ("alice", ["deploy", "read"])
    assert [each["name"] for each in listed] == ["alice", "bob@example.org"]
    assert "token" not in listed[0]
    assert (revoked.returncode, again.returncode) == (0, 2)
    assert "revoked" in token(data, "list").stdout.splitlines()[0]
    for each in data.rglob("*"):
        content = each.read_bytes() if each.is_file() else b""
        assert document["token"].split("_")[2].encode() not in content
        assert plain.split("_", 2)[2].encode() not in content


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "alice", "--scopes", "read,write"], "read, execute, deploy, admin"),
        (["add", "alice", "--scopes", ""], "read, execute, deploy, admin"),
        (["add", "alice", "--expires", "soon"], "365d"),
        (["add", "*"], "name"),
        (["add", ""], "name"),
        (["revoke", "nobody"], "nobody"),
    ],
)
def test_what_can_not_be_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    """Exit code 2, and what would be right."""
    done = token(tmp_path / "data", *arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_the_client_commands(tmp_path: Path) -> None:
    """A token from the environment or a flag; without one exit code 2 and the reason."""
    data = tmp_path / "data"
    text = made(data, "alice")
    with asking(data) as server:
        without = _run(server.url, None, "processes")
        by_variable = _run(server.url, text, "processes")
        by_flag = _run(server.url, None, "processes", "--token", text)
        ran = _run(server.url, text, "run", "echo", "-i", "stringInput=x", "--outdir", str(tmp_path / "out"))
        assert token(data, "revoke", token_id(text)).returncode == 0
        bad = _run(server.url, text, "processes")

    assert (without.returncode, bad.returncode) == (2, 2)
    assert "A token is needed" in without.stderr
    assert "not valid" in bad.stderr
    assert text not in bad.stderr
    assert "echo" in by_variable.stdout
    assert by_flag.stdout == by_variable.stdout
    assert ran.returncode == 0, ran.stderr


def test_replay_of_ones_own_job(tmp_path: Path) -> None:
    """cwltool itself needs no token: what it reads is fetched for it."""
    data = tmp_path / "data"
    text = made(data, "alice")
    with asking(data) as server, client(server, text) as http:
        http.post("/processes", json=shell_package("says", "echo hello"))
        answer = http.post("/processes/says/execution", json={}, headers={"Prefer": "respond-async"})
        job_id = answer.json()["jobID"]
        _run(server.url, text, "log", job_id, "-f")
        replayed = _run(server.url, text, "replay", job_id)

    assert replayed.returncode == 0, replayed.stderr


def test_a_token_is_sent_to_no_other_server(server: Server) -> None:
    """Answers name URLs: those of another origin are asked without it."""
    with receiving() as receiver:
        own = Client(receiver.url, "secret", as_json=True)
        own.ask("POST", "/own")
        own.ask("POST", f"{receiver.url}/absolute")
        other = Client(server.url, "secret", as_json=True)
        other.ask("POST", f"{receiver.url}/elsewhere")

        sent = {each.path: each.headers.get("authorization") for each in receiver.received}
    assert sent == {"/own": "Bearer secret", "/absolute": "Bearer secret", "/elsewhere": None}


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"HOST": "0.0.0.0"}, 2, "allow_anonymous=yes"),
        ({"HOST": "0.0.0.0", "ALLOW_ANONYMOUS": "yes"}, 0, "WARNING auth=none"),
        ({"PUBLIC_URL": "https://example.org/"}, 0, "WARNING auth=none"),
        ({"HOST": "0.0.0.0", "AUTH": "token"}, 0, None),
        ({"HOST": "localhost"}, 0, None),
    ],
)
def test_who_is_let_in_without_a_token(tmp_path: Path, settings: dict[str, str], code: int, said: str | None) -> None:
    """Only from the machine itself, unless it is said to be meant; then it is warned of."""
    data = tmp_path / "data"
    if code:
        flags = [word for name, each in settings.items() for word in (f"--{name.lower()}", each)]
        done = _run("", None, "serve", "--data", str(data), "--port", "0", *flags)
        assert done.returncode == code
        assert said is not None
        assert said in done.stderr
        return
    with serving(data, **settings) as server:
        assert ("auth=none" in server.log) == (said is not None)
