"""Bytes that are no HTTP, or hardly: each gets one answer that says what is wrong, and nobody waits for ever."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import pytest

from server.protocol import MAX_HEAD
from tests.live import JOB_SECONDS, Server, serving, shell_tool, until
from tests.server.wire import answers, connected, sent, until_closed

#: For so long clients keep a connection that they don't use.
KEPT_SECONDS = 5.5

BODY = b'{"inputs": {"stringInput": "x"}, "outputs": {"stringInput": {}}}'
EXECUTE = b"POST /processes/echo/execution HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = EXECUTE + b"Transfer-Encoding: chunked\r\nConnection: close\r\n"
LARGE = b"a" * (100 << 10)
LARGE_BODY = BODY.replace(b"x", LARGE)

GET = b"GET /jobs?limit=1 HTTP/1.1\r\n"

MALFORMED: dict[str, bytes] = {
    "no-host": GET + b"\r\n",
    "two-hosts": GET + b"Host: a\r\nHost: b\r\n\r\n",
    "empty-host": GET + b"Host: \r\n\r\n",
    "host-with-blank": GET + b"Host: a b/%zz\r\n\r\n",
    "host-with-markup": GET + b'Host: evil.example"><x>\r\n\r\n',
    "host-with-path": GET + b"Host: a/b\r\n\r\n",
    "host-with-large-port": GET + b"Host: x:99999\r\n\r\n",
    "host-of-no-address": GET + b"Host: [:::]\r\n\r\n",
    "host-of-4-in-brackets": GET + b"Host: [1.2.3.4]\r\n\r\n",
    "host-with-user": GET + b"Host: a@b\r\n\r\n",
    "version-2": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "version-0.9": b"GET /\r\n\r\n",
    "version-9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "preface-of-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "target-with-blank": b"GET /jobs? limit=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "target-in-latin-1": b"GET /processes/\xe4 HTTP/1.1\r\nHost: x\r\n\r\n",
    "target-without-slash": b"GET jobs HTTP/1.1\r\nHost: x\r\n\r\n",
    "target-of-another-scheme": b"GET ftp://x/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
    "target-star": b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "connect-to-a-path": b"CONNECT /jobs HTTP/1.1\r\nHost: x\r\n\r\n",
    "connect-to-a-url": b"CONNECT http://x/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
    "connect": b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "unknown-method": b"FOO /jobs HTTP/1.1\r\nHost: x\r\n\r\n",
    "header-without-colon": GET + b"Host: x\r\nnonsense\r\n\r\n",
    "header-with-nul": GET + b"Host: x\r\nX: a\x00b\r\n\r\n",
    "header-name-with-blank": GET + b"Host: x\r\nA b: c\r\n\r\n",
    "bare-line-ends": b"GET /jobs HTTP/1.1\nHost: x\n\n",
    "length-negative": EXECUTE + b"Content-Length: -5\r\n\r\n" + BODY,
    "length-no-number": EXECUTE + b"Content-Length: abc\r\n\r\n" + BODY,
    "length-too-long": EXECUTE + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + BODY,
    "two-lengths": EXECUTE + b"Content-Length: 30\r\nContent-Length: 31\r\n\r\n" + BODY,
    "length-and-chunks": EXECUTE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "bad-chunk": CHUNKED + b"\r\nzz\r\n" + BODY,
    "chunk-of-another-length": CHUNKED + b"\r\n5\r\n" + BODY + b"\r\n0\r\n\r\n",
    "other-coding": EXECUTE + b"Transfer-Encoding: gzip\r\n\r\n" + BODY,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(server: Server, name: str) -> None:
    """One answer, 400, a problem; and the connection ends, since nobody knows what comes next."""
    (answer,) = sent(server, MALFORMED[name])

    assert answer.status == 400
    assert answer.problem == "bad-request"
    assert answer.headers["connection"] == "close"


TAKEN: dict[str, bytes] = {
    "lower-case": b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "host-with-port": b"GET /health HTTP/1.1\r\nHost: x-y.example:65535\r\nConnection: close\r\n\r\n",
    "host-of-numbers": b"GET /health HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
    "version-1.0": b"GET /health HTTP/1.0\r\n\r\n",
    "just-short-enough": b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: %s\r\n\r\n"
    % (b"y" * (MAX_HEAD - 100)),
    "empty-lines-before": b"\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a-large-body": EXECUTE.replace(b"execution", b"validation")
    + b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(LARGE_BODY), LARGE_BODY),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(server: Server, name: str) -> None:
    """What RFC 9112 has a server take; only headers have their limit."""
    (answer,) = sent(server, TAKEN[name])

    assert answer.status == 200, answer.body[:200]


def test_heads_of_one_connection_are_counted_apart(server: Server) -> None:
    """Many requests that are short enough are served, one after the other."""
    request = b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (MAX_HEAD // 2) + b"\r\n\r\n"

    assert [each.body for each in sent(server, request * 5, cut=True)] == [b"ok\n"] * 5


TOO_LARGE: dict[str, bytes] = {
    "header": GET + b"Host: x\r\nX: " + LARGE + b"\r\n\r\n",
    "header-without-end": GET + b"Host: x\r\nX: " + LARGE * 30,
    "headers": GET + b"Host: x\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
    "target": b"GET /" + LARGE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "target-without-end": b"GET /" + LARGE,
    "chunk-extension": CHUNKED + b"\r\n1;" + LARGE * 3,
    "trailer": CHUNKED + b"\r\n1\r\n{\r\n0\r\nX: " + LARGE * 3,
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_headers_that_are_too_large(server: Server, name: str) -> None:
    """431, also where they never end; the client can read it although it sends more."""
    (answer,) = sent(server, TOO_LARGE[name])

    assert (answer.status, answer.problem) == (431, "header-too-large")


@pytest.mark.parametrize(
    "raw",
    [
        EXECUTE + b"Content-Length: 1000\r\n\r\n" + BODY,
        CHUNKED + b"\r\n1e\r\n" + BODY[:5],
        CHUNKED + b"\r\n1\r\n{\r\n",
        GET + b"Host: x\r\n",
        b"GET /jo",
    ],
)
def test_cut_short(server: Server, raw: bytes) -> None:
    """Who closes in the middle of a request is told so."""
    (answer,) = sent(server, raw, cut=True)

    assert (answer.status, answer.problem) == (400, "bad-request")


def test_half_closed(server: Server) -> None:
    """Who has sent all and closes that side gets the answer, to several requests and to one that takes its time."""
    slow = json.dumps({"inputs": {"stringInput": "x", "pause": 2}, "outputs": {"stringInput": {}}}).encode()

    assert [each.status for each in sent(server, GET + b"Host: x\r\n\r\n", cut=True)] == [200]
    assert [each.status for each in sent(server, (GET + b"Host: x\r\n\r\n") * 3, cut=True)] == [200] * 3
    (answer,) = sent(server, EXECUTE + b"Content-Length: %d\r\n\r\n" % len(slow) + slow, cut=True)
    assert (answer.status, answer.body) == (200, b"x")


def test_closed_without_a_word(server: Server) -> None:
    """It asked for nothing, and gets nothing."""
    assert sent(server, b"", cut=True) == []


def test_malformed_after_a_good_one(server: Server) -> None:
    """The good one is answered first."""
    body = json.dumps({"inputs": {"stringInput": "x", "pause": 1}, "outputs": {"stringInput": {}}}).encode()
    good = EXECUTE + b"Content-Length: %d\r\n\r\n" % len(body) + body

    found = sent(server, good + b"nonsense\r\n\r\n")

    assert [each.status for each in found] == [200, 400]
    assert found[1].problem == "bad-request"


def test_malformed_while_the_body_is_read(server: Server) -> None:
    """One answer, though the request had a head that was good."""
    with connected(server) as connection:
        connection.sendall(CHUNKED + b"\r\n5\r\n" + BODY[:5] + b"\r\n")
        # The server has begun with the request once it answers another.
        assert server.http.get("/health").status_code == 200
        connection.sendall(b"zz\r\n")
        (answer,) = answers(until_closed(connection))

    assert (answer.status, answer.problem) == (400, "bad-request")


def test_trailers_are_no_headers(server: Server) -> None:
    """What comes after a body can't say what becomes of it."""
    chunk = b"%x\r\n%s\r\n0\r\nPrefer: respond-async\r\nHost: evil\r\n\r\n" % (len(BODY), BODY)

    (answer,) = sent(server, CHUNKED + b"\r\n" + chunk)

    assert (answer.status, answer.body) == (200, b"x")


OFFER = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
LAST = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
OFFERS: dict[str, bytes] = {
    "length": b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
}


@pytest.mark.parametrize("name", OFFERS)
@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_an_offer_of_another_protocol(server: Server, name: str, pieces: int) -> None:
    """It is passed over: its body is read, and what follows it is answered, however it comes in."""
    raw = EXECUTE.replace(b"execution", b"validation") + OFFER + OFFERS[name] + LAST
    size = -(-len(raw) // pieces)
    with connected(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(raw), size):
            connection.sendall(raw[start : start + size])
            # The server has taken the piece once it answers another.
            assert server.http.get("/health").status_code == 200
        checked, last = answers(until_closed(connection))

    assert (checked.status, json.loads(checked.body)) == (200, {"stringInput": "x"})
    assert (last.status, last.body) == (200, b"ok\n")


def test_an_offer_with_a_target_of_absolute_form(server: Server) -> None:
    """Both at once."""
    raw = b"GET http://example.org/jobs?limit=1 HTTP/1.1\r\nHost: x\r\n" + OFFER + b"\r\n"

    first, last = sent(server, raw + LAST)

    assert (first.status, last.status) == (200, 200)
    assert json.loads(first.body)["links"][0]["href"] == "http://example.org/jobs?limit=1"


@pytest.mark.parametrize(
    "head", [b"POST /none", b"POST /processes", b"PUT /processes/echo", b"PUT /jobs", b"GET /jobs"]
)
def test_an_answer_before_the_body_is_whole(server: Server, head: bytes) -> None:
    """Who sends all of a large body on a connection that is to be closed can read the answer all the same."""
    body = b"x" * (30 << 20)
    more = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"

    (answer,) = sent(server, head + more % len(body) + body)

    assert answer.status == {b"POST /none": 404, b"PUT /jobs": 405, b"GET /jobs": 200}.get(head, 415)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://example.org:81/jobs?limit=1", "/jobs?limit=1"),
        (b"http://example.org:81", "/"),
        (b"HTTP://example.org:81/processes", "/processes"),
    ],
)
def test_absolute_form(server: Server, target: bytes, path: str) -> None:
    """A target with a host is taken, and its host goes before the header."""
    (answer,) = sent(server, b"GET " + target + b" HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n")

    assert answer.status == 200
    (itself,) = [each["href"] for each in json.loads(answer.body)["links"] if each["rel"] == "self"]
    assert itself == f"http://example.org:81{path}"


def test_http_1_0(server: Server) -> None:
    """No Host is needed; an answer of unknown length has no chunks and ends with the connection."""
    job_id = server.submit("echo", {"stringInput": "x"})
    server.wait(job_id)

    (plain,) = sent(server, b"GET /jobs?limit=1 HTTP/1.0\r\n\r\n")
    events = f"GET /jobs/{job_id}/log HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n"
    (streamed,) = sent(server, events.encode())

    assert (plain.status, plain.headers["connection"]) == (200, "close")
    assert "jobs" in json.loads(plain.body)
    assert streamed.status == 200
    assert not {"transfer-encoding", "content-length"} & set(streamed.headers)
    assert streamed.body.startswith(b"id:") or streamed.body.startswith(b"event:")
    assert b"successful" in streamed.body


@pytest.mark.parametrize(
    ("lines", "status", "expected"),
    [
        (b"Accept: image/png\r\nAccept: application/json\r\n", 200, "application/json"),
        (b"Accept: text/html\r\nAccept: application/json;q=0.1\r\n", 200, "text/html"),
        (b"Accept: image/png\r\nAccept: image/jpeg\r\n", 406, "application/problem+json"),
    ],
)
def test_several_accept_headers(server: Server, lines: bytes, status: int, expected: str) -> None:
    """They are one list."""
    (answer,) = sent(server, b"GET /processes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n")

    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (status, expected)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", {"GET", "HEAD", "OPTIONS"}),
        ("/processes", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/processes/none", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}),
        ("/jobs/none/results/a/b", {"GET", "HEAD", "OPTIONS"}),
        ("*", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options(server: Server, path: str, allowed: set[str]) -> None:
    """204, and what a path allows; nothing is looked up."""
    (answer,) = sent(server, f"OPTIONS {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert (answer.status, answer.body) == (204, b"")
    assert {each.strip() for each in answer.headers["allow"].split(",")} == allowed


@pytest.mark.parametrize("path", ["/jobs/", "/api/", "/processes/echo/", "/processes//"])
def test_a_slash_too_many(server: Server, path: str) -> None:
    """No redirection to whatever Host says: 404, and where it may be."""
    (answer,) = sent(server, f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())

    assert (answer.status, answer.problem) == (404, "not-found")
    assert f"may be at {path.rstrip('/')}" in json.loads(answer.body)["detail"]
    assert "location" not in answer.headers


# Clients that take their time.


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits a second for the rest of a request."""
    with serving(tmp_path_factory.mktemp("impatient") / "data", CLIENT_TIMEOUT="1") as server:
        yield server


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /jo",
        GET + b"Host: x\r\n",
        EXECUTE + b"Content-Length: 1000\r\n\r\n" + BODY,
        CHUNKED + b"\r\n5\r\n" + BODY[:5] + b"\r\n",
    ],
)
def test_silence_in_the_middle(impatient: Server, raw: bytes) -> None:
    """408, and the connection is free again."""
    (answer,) = sent(impatient, raw)

    assert (answer.status, answer.problem) == (408, "request-timeout")


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\r\n\r\n"])
def test_silence_before_a_request(impatient: Server, raw: bytes) -> None:
    """The connection ends; there is nothing to answer."""
    assert sent(impatient, raw) == []


@pytest.mark.parametrize("begun", [GET + b"Host: x\r\nX: ", EXECUTE + b"Content-Length: 1000\r\n\r\n"])
def test_a_byte_at_a_time(impatient: Server, begun: bytes) -> None:
    """Who is never silent and never done is not waited for either."""
    with connected(impatient) as connection:
        connection.sendall(begun)
        connection.settimeout(0.2)
        raw, deadline = b"", time.monotonic() + 30
        while not raw and time.monotonic() < deadline:
            connection.sendall(b"x")
            try:
                raw = connection.recv(1 << 16)
            except TimeoutError:
                continue
        connection.settimeout(JOB_SECONDS)
        (answer,) = answers(raw + until_closed(connection))

    assert (answer.status, answer.problem) == (408, "request-timeout")


def test_time_for_the_server_is_not_the_client_s(impatient: Server) -> None:
    """A request that is whole may take as long as it does."""
    body = json.dumps({"inputs": {"stringInput": "x", "pause": 3}, "outputs": {"stringInput": {}}}).encode()

    (answer,) = sent(impatient, EXECUTE + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    assert (answer.status, answer.body) == (200, b"x")


def test_a_large_body_has_its_time(impatient: Server) -> None:
    """What comes fast enough is taken although it takes longer than silence may."""
    content = json.dumps({"inputs": {"stringInput": "x" * 20_000}, "outputs": {"stringInput": {}}}).encode()
    with connected(impatient) as connection:
        connection.sendall(EXECUTE + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(content))
        connection.settimeout(0.3)
        for start in range(0, len(content), 2048):
            connection.sendall(content[start : start + 2048])
            if start + 2048 < len(content):
                with pytest.raises(TimeoutError):
                    connection.recv(1)
        connection.settimeout(JOB_SECONDS)
        (answer,) = answers(until_closed(connection))

    assert (answer.status, len(answer.body)) == (200, 20_000)


@pytest.fixture(scope="module")
def large(impatient: Server) -> str:
    """A job with a file, and a log, that no buffer has room for."""
    script = "head -c 40000000 /dev/zero > o; seq 800000 >&2"
    outputs = {"o": {"type": "File", "outputBinding": {"glob": "o"}}}
    assert impatient.deploy(shell_tool(script, id="large", outputs=outputs), "application/cwl+json").status_code == 201
    job_id = impatient.submit("large")
    assert impatient.wait(job_id)["status"] == "successful"
    return job_id


def _asks(job_id: str, path: str, accept: str = "*/*") -> bytes:
    return f"GET /jobs/{job_id}/{path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("path", "accept", "times"),
    [("results/o", "*/*", 1), ("log", "text/event-stream", 1), ("log", "text/plain", 1), ("results/o", "*/*", 100)],
    ids=["file", "events", "text", "pipelined"],
)
def test_nothing_is_taken(impatient: Server, large: str, path: str, accept: str, times: int) -> None:
    """The connection is closed, with less than the whole."""
    with connected(impatient) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        connection.sendall(_asks(large, path, accept) * times)
        gone = select.poll()
        gone.register(connection, select.POLLHUP | select.POLLERR)

        assert gone.poll(JOB_SECONDS * 1000), "the connection is still there"


def test_a_little_is_taken(impatient: Server, large: str) -> None:
    """Who reads slowly gets all, however long it takes."""
    with connected(impatient) as connection:
        connection.sendall(_asks(large, "results/o"))
        begun, taken = time.monotonic(), 0
        while time.monotonic() < begun + 3:
            taken += len(connection.recv(100_000))
            time.sleep(0.05)
        while taken < 40_000_000 and (chunk := connection.recv(1 << 20)):
            taken += len(chunk)

    assert taken >= 40_000_000


@pytest.mark.usefixtures("large")
def test_nothing_is_held_for_who_takes_nothing(impatient: Server) -> None:
    """When the connections are closed the folder of a job that was removed goes, and every descriptor."""
    job_id = impatient.submit("large")
    assert impatient.wait(job_id)["status"] == "successful"
    folder = impatient.data / "jobs" / job_id
    asked = [_asks(job_id, "results/o") * 10, _asks(job_id, "log", "text/event-stream"), _asks(job_id, "log")]

    with ExitStack() as open_connections:
        connections = [open_connections.enter_context(connected(impatient)) for _ in asked]
        for connection, requests in zip(connections, asked, strict=True):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.sendall(requests)
            # It is being answered.
            connection.recv(1)
        assert impatient.http.delete(f"/jobs/{job_id}").status_code == 200
        until(lambda: not folder.exists())
        until(lambda: not {each.getsockname()[1] for each in connections} & _ports(impatient))
        until(lambda: not [each for each in _open(impatient) if job_id in each])


def _open(server: Server) -> list[str]:
    """What the descriptors of the server lead to."""
    found = []
    for each in Path(f"/proc/{server.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(each.readlink()))
    return found


def _ports(server: Server) -> set[int]:
    """Of the clients that the server has a connection to."""
    ours = {each[8:-1] for each in _open(server) if each.startswith("socket:[")}
    lines = Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:]
    return {int(line.split()[2].rpartition(":")[2], 16) for line in lines if line.split()[9] in ours}


def test_a_connection_that_a_client_keeps(server: Server) -> None:
    """It is not closed as the client takes it up again."""
    url = httpx.URL(server.url)
    with closing(http.client.HTTPConnection(url.host, url.port)) as connection:
        for _ in range(2):
            connection.request("GET", "/health")
            answer = connection.getresponse()
            assert (answer.status, bool(answer.read())) == (200, True)
            closed, _, _ = select.select([connection.sock], [], [], KEPT_SECONDS)
            assert closed == []
