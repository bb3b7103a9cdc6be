"""What is no HTTP, or too much of it: 400 as a problem, and the connection is closed."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from server.protocol import MAX_HEAD
from tests.live import Server

HOST = b"Host: x\r\n"

REFUSED = {
    "no-host": b"GET /jobs HTTP/1.1\r\n\r\n",
    "two-hosts": b"GET /jobs HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "another-version": b"GET /jobs HTTP/2.0\r\n" + HOST + b"\r\n",
    "no-version": b"GET /jobs\r\n\r\n",
    "two-lengths": b"POST /processes HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "negative-length": b"POST /processes HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "length-and-chunks": b"POST /processes HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "blank-in-the-target": b"GET /jobs /x HTTP/1.1\r\n" + HOST + b"\r\n",
    "no-ascii-in-the-target": b"GET /jobs/\xe4 HTTP/1.1\r\n" + HOST + b"\r\n",
    "blank-before-the-colon": b"GET /jobs HTTP/1.1\r\n" + HOST + b"Accept : x\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "many-headers": b"GET /jobs HTTP/1.1\r\n" + HOST + b"X-Y: z\r\n" * (MAX_HEAD // 6) + b"\r\n",
    "large-header": b"GET /jobs HTTP/1.1\r\n" + HOST + b"X: " + b"y" * MAX_HEAD + b"\r\n\r\n",
    "large-target": b"GET /jobs?" + b"y" * MAX_HEAD + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "endless-header": b"GET /jobs HTTP/1.1\r\n" + HOST + b"X: " + b"y" * MAX_HEAD,
}

TAKEN = {
    "lower-case": b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n",
    "version-1.0": b"GET /health HTTP/1.0\r\n\r\n",
    "absolute-target": b"GET http://x/health HTTP/1.1\r\n" + HOST + b"\r\n",
    "just-short-enough": b"GET /health HTTP/1.1\r\n" + HOST + b"X: " + b"y" * (MAX_HEAD - 100) + b"\r\n\r\n",
}


def _answer(server: Server, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the first answer."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(sent)
        got = b""
        while b"\r\n\r\n" not in got:
            got += (more := connection.recv(65536))
            assert more, got
        head, _, body = got.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        if headers.get("connection") == "close":
            assert connection.recv(1) == b""
    return int(status.split()[1]), headers, body


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(server: Server, name: str) -> None:
    """The problem says so in JSON, and nothing of what follows is read."""
    status, headers, body = _answer(server, REFUSED[name])

    assert (status, headers["content-type"], headers["connection"]) == (400, "application/problem+json", "close")
    problem = json.loads(body)
    assert (problem["status"], problem["type"].rpartition("/")[2]) == (400, "bad-request")
    if "host" in name:
        assert "Host" in problem["detail"]
    if name.startswith(("many", "large", "endless")):
        assert str(MAX_HEAD) in problem["detail"]


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken(server: Server, name: str) -> None:
    """What RFC 9112 has a server take."""
    assert _answer(server, TAKEN[name])[0] == 200


def test_a_large_body_is_no_large_head(server: Server) -> None:
    """Only headers have that limit, also where the body comes with them."""
    body = json.dumps({"inputs": {"stringInput": "x" * 4 * MAX_HEAD}}).encode()
    head = b"POST /processes/echo/validation HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"

    status, _, answered = _answer(server, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    assert status == 200, answered


def test_heads_of_one_connection_are_counted_apart(server: Server) -> None:
    """Many requests that are short enough are served, one after the other."""
    where = urlsplit(server.url)
    request = b"GET /health HTTP/1.1\r\n" + HOST + b"X: " + b"y" * (MAX_HEAD // 2) + b"\r\n\r\n"
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        for _ in range(5):
            connection.sendall(request)
            got = b""
            while not got.endswith(b"ok\n"):
                got += (more := connection.recv(65536))
                assert more, got
            assert got.startswith(b"HTTP/1.1 200 ")
