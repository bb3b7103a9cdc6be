"""What an attacker would like to reach: a secret file of the host, a service of the private network, other folders."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.cases import Case

#: What the secret file and the private service say, and what is sent as a password.
WORD = "MARKER-5d0c1f7e"


@dataclass(frozen=True)
class Scene:
    """The host, as far as it is nobody's business."""

    folder: Path
    #: host:port of the private service.
    service: str
    #: Paths that the private service was asked for.
    asked: list[str] = field(default_factory=list)

    @property
    def secret(self) -> Path:
        return self.folder / "secret" / "secret.txt"

    def words(self, case: Case) -> dict[str, str]:
        """What stands for what in the files of a case."""
        return {
            "{id}": case.slug,
            "{word}": WORD,
            "{secret}": str(self.secret),
            "{secret-folder}": str(self.secret.parent),
            "{service}": f"http://{self.service}/{case.slug}",
            "{service-host}": self.service,
            "{pwn}": f"pwn-{case.slug}",
        }

    def filled(self, text: str, case: Case) -> str:
        for name, each in self.words(case).items():
            text = text.replace(name, each)
        return text

    def asked_by(self, case: Case) -> list[str]:
        """What it was asked for in the name of a case."""
        return [each for each in self.asked if f"/{case.slug}" in each]


@contextmanager
def built(folder: Path) -> Iterator[Scene]:
    """A secret that only the server's own user may read, and a service on the loopback."""
    asked: list[str] = []

    class Service(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            content = f"{WORD} of a private service\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        scene = Scene(folder, f"127.0.0.1:{service.server_port}", asked)
        scene.secret.parent.mkdir(mode=0o700)
        scene.secret.write_text(f"{WORD} of the host\n")
        scene.secret.chmod(0o600)
        try:
            yield scene
        finally:
            service.shutdown()
            thread.join()
