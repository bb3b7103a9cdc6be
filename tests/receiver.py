"""Receivers of callbacks: real servers on the loopback that keep what they are sent and answer as a test has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from tests.live import Server, until

#: What becomes of one request; the connection is its business.
Answer = Callable[["Asked"], None]


@dataclass(frozen=True)
class Received:
    """One POST."""

    path: str
    headers: Message
    body: bytes

    @property
    def id(self) -> str:
        return str(self.headers["webhook-id"])

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What has arrived, in its order, and what is answered: one answer for each request, the last for all others."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    #: By path.
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def at(self, path: str, count: int = 1) -> list[Received]:
        """All that has arrived at a path, once it is so much."""
        return until(lambda: found if len(found := self._at(path)) >= count else None)

    def _at(self, path: str) -> list[Received]:
        return [each for each in self.received if each.path == path]

    def subscriber(self, *members: str) -> dict[str, str]:
        """Each member has a path of its own name."""
        names = members or ("successUri", "inProgressUri", "failedUri")
        return {name: f"{self.url}/{name}" for name in names}


class Asked(http.server.BaseHTTPRequestHandler):
    """One request."""

    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        answers = self.receiver.answers.get(self.path, [])
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else status(200)
        self.receiver.received.append(Received(self.path, self.headers, body))
        answer(self)

    def do_GET(self) -> None:
        """What becomes of a POST that follows a redirect."""
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Senders leave when they have waited long enough."""


@contextmanager
def receiving(port: int = 0, address: str = "127.0.0.1") -> Iterator[Receiver]:
    receiver = Receiver()
    handler = type("Handler", (Asked,), {"receiver": receiver})
    with _Server((address, port), handler) as httpd:
        receiver.url = f"http://{address}:{httpd.server_port}"
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        try:
            yield receiver
        finally:
            httpd.shutdown()
            thread.join()


def status(code: int, **headers: str) -> Answer:
    def answer(asked: Asked) -> None:
        asked.send_response(code)
        for name, value in {"content_length": "0", **headers}.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()

    return answer


def endless(asked: Asked) -> None:
    """A body without end."""
    asked.send_response(200)
    asked.end_headers()
    while True:
        asked.wfile.write(b"x" * 65536)


def held(release: threading.Event) -> Answer:
    """No answer before the test lets it go."""

    def answer(asked: Asked) -> None:
        release.wait()
        status(200)(asked)

    return answer


def dripping(asked: Asked) -> None:
    """A header that never ends, a byte at a time."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        asked.wfile.write(b"x")
        time.sleep(0.1)


def signed_with(key: bytes, received: Received) -> bool:
    """As Standard Webhooks has it, by its own text: HMAC-SHA256 over id, timestamp and body."""
    signed = f"{received.id}.{received.headers['webhook-timestamp']}.".encode() + received.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return bool(received.headers["webhook-signature"] == f"v1,{wanted}")


def key_of(data: Path) -> bytes:
    """The key that a server keeps in its data folder."""
    return base64.b64decode((data / "callback.key").read_text().strip().removeprefix("whsec_"))


def told(server: Server, job_id: str) -> list[tuple[str, str]]:
    """Events and what has become of them, once the job has ended and nothing is waiting any more."""
    server.wait(job_id)

    def settled() -> tuple[list[dict[str, Any]]] | None:
        found: list[dict[str, Any]] = server.status(job_id)["callbacks"]
        return (found,) if all(each["status"] != "waiting" for each in found) else None

    return [(each["event"], each["status"]) for each in until(settled)[0]]
