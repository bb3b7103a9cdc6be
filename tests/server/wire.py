"""Bytes to a server and back: for requests that no client would send."""

from __future__ import annotations

import http.client
import io
import json
import socket
from dataclasses import dataclass

import httpx

from tests.live import JOB_SECONDS, Server


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        """The name of its type; fails where it is no problem document."""
        assert self.headers["content-type"] == "application/problem+json"
        found = json.loads(self.body)
        assert found["status"] == self.status
        assert found["title"]
        assert found["detail"]
        return str(found["type"].rpartition("/problems/")[2])


def connected(server: Server) -> socket.socket:
    url = httpx.URL(server.url)
    assert url.port is not None
    return socket.create_connection((url.host, url.port), timeout=JOB_SECONDS)


def until_closed(connection: socket.socket) -> bytes:
    found = b""
    while chunk := connection.recv(1 << 16):
        found += chunk
    return found


def answers(raw: bytes) -> list[Answer]:
    """All answers that a connection gave, each read to its end."""

    class Read(io.BytesIO):
        def close(self) -> None:
            """HTTPResponse would at the end of each."""

        def makefile(self, *_: object) -> Read:
            return self

    source, found = Read(raw), []
    while source.tell() < len(raw):
        response = http.client.HTTPResponse(source)  # type: ignore[arg-type]
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        found.append(Answer(response.status, headers, response.read()))
    return found


def sent(server: Server, raw: bytes, *, cut: bool = False) -> list[Answer]:
    """The answers to bytes, up to when the server closes; `cut`: the client's side is closed at once."""
    with connected(server) as connection:
        connection.sendall(raw)
        if cut:
            connection.shutdown(socket.SHUT_WR)
        return answers(until_closed(connection))
