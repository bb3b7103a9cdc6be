"""Callbacks: what a job's subscriber is told, by whom, when, and what becomes of what does not arrive."""

from __future__ import annotations

import base64
import hashlib
import stat
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server.settings import SettingsError, load
from server.signing import kept
from tests.gate import WAIT, let_go
from tests.live import Server, serving, shell_package, until
from tests.receiver import (
    Answer,
    Receiver,
    dripping,
    endless,
    held,
    key_of,
    receiving,
    signed_with,
    status,
    told,
)

DELIVERED = [("inProgressUri", "delivered"), ("successUri", "delivered")]
FILE = {"schema": {"type": "string", "contentMediaType": "text/plain"}}


def submit(server: Server, receiver: Receiver, **more: Any) -> str:
    return server.submit("echo", {"stringInput": "Zürich"}, subscriber=receiver.subscriber(), **more)


def test_a_job_that_succeeds(server: Server) -> None:
    """Its beginning is told, then its results; each with the job's place, a digest and the server's signature."""
    with receiving() as receiver:
        job_id = submit(server, receiver)
        assert told(server, job_id) == DELIVERED

    began, ended = receiver.received
    assert [began.path, ended.path] == ["/inProgressUri", "/successUri"]
    job = server.status(job_id)
    assert (began.document["jobID"], began.document["status"]) == (job_id, "running")
    assert began.document["updated"] == began.document["started"] == job["started"]
    assert not {"finished", "usage", "callbacks"} & set(began.document)
    assert ended.document == {"stringInput": "Zürich"}
    for each in (began, ended):
        assert each.headers["content-type"] == "application/json"
        assert each.headers["link"] == f"<{server.url}/jobs/{job_id}>; rel=monitor"
        digest = base64.b64encode(hashlib.sha256(each.body).digest()).decode()
        assert each.headers["content-digest"] == f"sha-256=:{digest}:"
        assert signed_with(key_of(server.data), each)
        assert not signed_with(b"another key", each)
        sent = datetime.fromtimestamp(
            int(each.headers["webhook-timestamp"]), datetime.fromisoformat(job["started"]).tzinfo
        )
        assert abs((sent - datetime.fromisoformat(job["finished"])).total_seconds()) < 60
    assert [each["id"] for each in job["callbacks"]] == [began.id, ended.id]
    assert receiver.url not in str(job["callbacks"])


def test_files_among_the_results(server: Server) -> None:
    """Are links that the client can follow, also where the request has them by value."""
    server.deploy(shell_package("letters", "printf hello > letter.txt", outputs={"letter": FILE}))
    by_value: dict[str, Any] = {"outputs": {"letter": {"transmissionMode": "value"}}, "response": "document"}
    requests: list[dict[str, Any]] = [{}, by_value]
    with receiving() as receiver:
        for more in requests:
            server.submit("letters", subscriber=receiver.subscriber("successUri"), **more)
        documents = [each.document for each in receiver.at("/successUri", 2)]

    assert [server.http.get(each["letter"]["href"]).text for each in documents] == ["hello", "hello"]


def test_a_job_that_fails(server: Server) -> None:
    """Its status document, with the reason."""
    server.deploy(shell_package("fails-and-tells", "echo no such band >&2; exit 3"))
    with receiving() as receiver:
        job_id = server.submit("fails-and-tells", subscriber=receiver.subscriber())
        assert told(server, job_id) == [("inProgressUri", "delivered"), ("failedUri", "delivered")]

    document = receiver.at("/failedUri")[0].document
    assert (document["jobID"], document["status"]) == (job_id, "failed")
    assert document["exception"] == server.status(job_id)["exception"]
    assert document["exception"]["exitCode"] == 3


def test_a_job_that_is_dismissed(server: Server) -> None:
    """Whoever waits for an end is told of this one too: at failedUri, with the status `dismissed`."""
    server.deploy(shell_package("dismissed-and-tells", WAIT))
    with receiving() as receiver:
        job_id = server.submit("dismissed-and-tells", subscriber=receiver.subscriber())
        receiver.at("/inProgressUri")
        assert server.http.delete(f"/jobs/{job_id}").status_code == 200
        assert told(server, job_id) == [("inProgressUri", "delivered"), ("failedUri", "delivered")]

    document = receiver.at("/failedUri")[0].document
    assert document["status"] == "dismissed"
    assert "exception" not in document


def test_a_synchronous_execution(server: Server) -> None:
    """Tells as well; its client may have left."""
    with receiving() as receiver:
        answer = server.execute("echo", {"stringInput": "x"}, subscriber=receiver.subscriber())

        assert answer.status_code == 200
        assert [each.document for each in receiver.at("/successUri")] == [{"stringInput": "x"}]


@pytest.mark.parametrize(
    ("code", "after", "seconds"),
    [
        (503, "120", 120),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        (503, "9" * 30, 3600),
        (503, "Sun, 06 Nov 1994 08:49:37 GMT", 0),
        (503, "soon", 0),
        (503, "0", 0),
        (500, "120", 0),
    ],
)
def test_a_receiver_that_says_when(server: Server, code: int, after: str, seconds: int) -> None:
    """`Retry-After` of one that is busy is heeded, an hour at the most; the server's own pause is the least."""
    with receiving() as receiver:
        receiver.answers["/successUri"] = [status(code, Retry_After=after), status(200)]
        job_id = server.submit("echo", {"stringInput": "x"}, subscriber=receiver.subscriber("successUri"))
        if seconds == 0:
            assert told(server, job_id) == [("successUri", "delivered")]
            return
        waiting = until(lambda: [each for each in server.status(job_id).get("callbacks", []) if each.get("next")])[0]
        finished = datetime.fromisoformat(server.status(job_id)["finished"])

    assert (waiting["status"], waiting["attempts"]) == ("waiting", 1)
    assert 0 <= (datetime.fromisoformat(waiting["next"]) - finished).total_seconds() - seconds < 60


def test_the_member_that_version_1_requires_by_mistake(server: Server) -> None:
    """`successUrl` means `successUri`."""
    with receiving() as receiver:
        server.submit("echo", {"stringInput": "x"}, subscriber={"successUrl": f"{receiver.url}/success?a=b%20c#d"})

        assert receiver.at("/success?a=b%20c")


def test_an_execution_that_is_sent_again(server: Server) -> None:
    """Is one job, and told once."""
    headers = {"Idempotency-Key": "told-once", "Prefer": "respond-async"}
    with receiving() as receiver:
        subscriber = receiver.subscriber()
        answers = [server.execute("echo", {"stringInput": "x"}, headers, subscriber=subscriber) for _ in range(2)]
        jobs = {each.json()["jobID"] for each in answers}
        [job_id] = jobs
        assert told(server, job_id) == DELIVERED
        again = server.execute("echo", {"stringInput": "x"}, headers, subscriber=subscriber)

        assert again.json()["jobID"] == job_id
        assert len(server.status(job_id)["callbacks"]) == len(receiver.received) == 2


def test_a_receiver_that_fails_at_first(server: Server) -> None:
    """Gets the same again, under the same id, signed for its time; why, the status document has meanwhile."""
    with receiving() as receiver, receiving() as redirected:
        receiver.answers["/successUri"] = [
            status(503),
            status(307, location=f"{redirected.url}/successUri"),
            lambda asked: asked.connection.close(),
            status(204),
        ]
        job_id = server.submit("echo", {"stringInput": "x"}, subscriber=receiver.subscriber("successUri"))
        receiver.at("/successUri")
        waiting = until(
            lambda: found[0] if (found := server.status(job_id)["callbacks"]) and found[0]["attempts"] else None
        )
        assert told(server, job_id) == [("successUri", "delivered")]

    assert waiting["message"].startswith("The receiver answered 503.")
    assert waiting["status"] == "waiting"
    assert "next" in waiting
    assert receiver.url not in str(waiting)
    assert len(receiver.received) == 4
    assert len({(each.id, each.body) for each in receiver.received}) == 1
    assert all(signed_with(key_of(server.data), each) for each in receiver.received)
    assert redirected.received == []
    assert server.status(job_id)["callbacks"][0]["attempts"] == 4


@pytest.mark.parametrize("answer", [endless, status(200), status(202)])
def test_of_an_answer_its_status_counts(server: Server, answer: Answer) -> None:
    """A body may be as long as it likes: nobody reads it."""
    with receiving() as receiver:
        receiver.answers["/successUri"] = [answer]
        job_id = submit(server, receiver)

        assert told(server, job_id) == DELIVERED


def test_a_receiver_that_wants_no_more(server: Server) -> None:
    """410 is final."""
    with receiving() as receiver:
        receiver.answers["/successUri"] = [status(410)]
        job_id = submit(server, receiver)

        assert told(server, job_id) == [("inProgressUri", "delivered"), ("successUri", "given-up")]
        assert server.status(job_id)["callbacks"][1]["message"] == "The receiver answered 410."
        assert len(receiver.at("/successUri")) == 1


def test_slow_receivers(server: Server) -> None:
    """Hold up neither jobs nor other receivers; one that takes too long gets it again."""
    release = threading.Event()
    with receiving() as slow, receiving() as drips, receiving() as quick:
        slow.answers = {f"/{name}": [held(release)] for name in ("inProgressUri", "successUri")}
        drips.answers["/successUri"] = [dripping, status(200)]
        try:
            late = server.submit("echo", {"stringInput": "x"}, subscriber=drips.subscriber("successUri"))
            jobs = [submit(server, slow) for _ in range(6)]
            other = submit(server, quick)
            assert [server.wait(each)["status"] for each in jobs] == ["successful"] * 6
            assert told(server, other) == DELIVERED
            states = [each["status"] for job_id in jobs for each in server.status(job_id)["callbacks"]]
            assert states == ["waiting"] * 12
            # Four at once: the others have not been asked yet.
            assert len(slow.received) == 4
        finally:
            release.set()
        assert [told(server, job_id) for job_id in jobs] == [DELIVERED] * 6
        assert told(server, late) == [("successUri", "delivered")]
        assert len(drips.received) == 2


def test_a_job_that_is_removed_before_it_was_told(server: Server) -> None:
    """By its client: it is told all the same what was; then nothing is left of it."""
    release = threading.Event()
    with receiving() as receiver:
        receiver.answers["/inProgressUri"] = [held(release)]
        try:
            job_id = submit(server, receiver)
            server.wait(job_id)
            receiver.at("/inProgressUri")
            assert server.http.delete(f"/jobs/{job_id}").status_code == 200
            assert server.http.get(f"/jobs/{job_id}").status_code == 404
        finally:
            release.set()

        assert receiver.at("/successUri")[0].document == {"stringInput": "Zürich"}


def test_jobs_that_are_not_kept(tmp_path: Path) -> None:
    """Are told before they go; links begin with the public URL."""
    with receiving() as receiver:
        with serving(
            tmp_path / "data", FETCH_ALLOW="127.0.0.1", KEEP_JOBS="0", PUBLIC_URL="https://example.org/api/"
        ) as server:
            job_id = submit(server, receiver)
            until(lambda: server.http.get(f"/jobs/{job_id}").status_code == 404)
            until(lambda: "(successUri) was delivered" in server.log)
        with serving(tmp_path / "data", FETCH_ALLOW="127.0.0.1") as server:
            assert server.http.get(f"/jobs/{job_id}").status_code == 404

    assert [each.path for each in receiver.received] == ["/inProgressUri", "/successUri"]
    began, ended = receiver.received
    assert ended.headers["link"] == f"<https://example.org/api/jobs/{job_id}>; rel=monitor"
    assert began.document["process"] == "https://example.org/api/processes/echo"


def test_what_does_not_arrive_is_given_up(tmp_path: Path) -> None:
    """After `callback_timeout`; the status document and the log say so, and why."""
    with receiving() as receiver:
        gone = receiver.subscriber("successUri")
    with serving(tmp_path / "data", FETCH_ALLOW="127.0.0.1", CALLBACK_TIMEOUT="3") as server:
        job_id = server.submit("echo", {"stringInput": "x"}, subscriber=gone)

        assert told(server, job_id) == [("successUri", "given-up")]
        [found] = server.status(job_id)["callbacks"]
        assert found["attempts"] > 1
        assert found["message"] == "The receiver can't be reached: Connection refused."
        assert "next" not in found
        assert f"callback {found['id']} of job {job_id} (successUri) is given up: {found['message']}" in server.log


REFUSED: dict[str, tuple[Any, str, str]] = {
    "no object": (5, "/subscriber", "successUri"),
    "a list": ([], "/subscriber", "object"),
    "a number": ({"successUri": 5}, "/subscriber/successUri", "absolute http"),
    "relative": ({"inProgressUri": "/hook"}, "/subscriber/inProgressUri", "absolute http"),
    "another scheme": ({"failedUri": "ftp://example.org/"}, "/subscriber/failedUri", "absolute http"),
    "a file": ({"failedUri": "file:///etc/passwd"}, "/subscriber/failedUri", "absolute http"),
    "no host": ({"successUri": "http://"}, "/subscriber/successUri", "absolute http"),
    "no such port": ({"successUri": "http://example.org:99999/"}, "/subscriber/successUri", "absolute http"),
    "too long": ({"successUri": f"http://example.org/{'x' * 2000}"}, "/subscriber/successUri", "2000 characters"),
    "not in DNS": ({"successUri": f"http://{'ä' * 70}.org/"}, "/subscriber/successUri", "absolute http"),
    "a password": ({"successUri": "http://a:b@example.org/"}, "/subscriber/successUri", "password"),
    "misspelt": ({"successUrl": "http://10.0.0.1/"}, "/subscriber/successUrl", "private address"),
    **{
        address: ({"successUri": f"http://{address}/hook"}, "/subscriber/successUri", "private address")
        for address in (
            "169.254.169.254",
            "192.168.1.1:8080",
            "127.0.0.2",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[fd00::1]",
            "0.0.0.0",
            "127.2",
            "2130706434",
            "0x7f000002",
            "0177.0.0.2",
        )
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_told(server: Server, name: str) -> None:
    """Is refused when it is sent; also by the dry run."""
    subscriber, pointer, said = REFUSED[name]
    body = {"inputs": {"stringInput": "x"}, "subscriber": subscriber}

    for path in ("execution", "validation"):
        answer = server.http.post(f"/processes/echo/{path}", json=body)

        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert said in error["detail"]


@pytest.mark.parametrize("subscriber", [None, {}, {"successUri": None}, {"other": 5}])
def test_nothing_to_be_told(server: Server, subscriber: Any) -> None:
    """Is no mistake, and the job's document has nothing of it."""
    job_id = server.submit("echo", {"stringInput": "x"}, subscriber=subscriber)

    assert "callbacks" not in server.wait(job_id)


def test_a_loopback_name(tmp_path: Path) -> None:
    """Is as private as its address."""
    with serving(tmp_path / "data") as server:
        subscriber = {"successUri": "http://localhost/", "failedUri": "http://a.localhost./"}
        answer = server.execute("echo", {"stringInput": "x"}, subscriber=subscriber)

    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/subscriber/successUri", "/subscriber/failedUri"]


def test_progress_comes_before_the_end(server: Server) -> None:
    """A receiver that was away when the job began hears of both in their order."""
    server.deploy(shell_package("begins-and-ends", WAIT))
    with receiving() as receiver:
        receiver.answers["/inProgressUri"] = [status(503), status(503), status(200)]
        job_id = server.submit("begins-and-ends", subscriber=receiver.subscriber())
        receiver.at("/inProgressUri", 2)
        let_go(server, job_id)
        assert told(server, job_id) == DELIVERED

    assert [each.path for each in receiver.received][-2:] == ["/inProgressUri", "/successUri"]


# The key.


def test_the_key_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    """A file that nobody else may read; the same at every start."""
    file = tmp_path / "callback.key"

    keys = [kept(file) for _ in range(2)]

    assert keys[0] == keys[1] == key_of(tmp_path)
    assert len(keys[0]) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_key_of_ones_own(tmp_path: Path) -> None:
    """As a setting; no file is made then."""
    key = b"k" * 24
    text = f"whsec_{base64.b64encode(key).decode()}"
    with receiving() as receiver, serving(tmp_path / "data", FETCH_ALLOW="127.0.0.1", CALLBACK_KEY=text) as server:
        submit(server, receiver)

        assert signed_with(key, receiver.at("/successUri")[0])
        assert not (server.data / "callback.key").exists()


@pytest.mark.parametrize(
    "text", ["secret", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0" * 4, "whsec_ä", f"whsec_{'A' * 100}"]
)
def test_a_key_that_can_not_be(text: str) -> None:
    """Is refused at the start, and not repeated."""
    with pytest.raises(SettingsError, match="callback_key: a key is 'whsec_' and 24 to 64 bytes in base64") as refused:
        load({}, {"CWL_PROCESSES_CALLBACK_KEY": text}, None)

    assert text == "whsec_" or text not in str(refused.value)


def test_a_file_that_is_no_key(tmp_path: Path) -> None:
    """Is left as it is, and the server says which."""
    file = tmp_path / "callback.key"
    file.write_text("whsec_x")

    with pytest.raises(ValueError, match="a key is"):
        kept(file)
    assert file.read_text() == "whsec_x"
