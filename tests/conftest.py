"""The engine and the images have to be there; `make test` sees to it."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Server, serving


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Fails at once, and says what to do, where no container could run."""
    found = subprocess.run(["docker", "image", "inspect", "busybox:stable"], capture_output=True, check=False)
    if found.returncode != 0:
        pytest.exit("no Docker engine, or not its images: run `make test` or `make setup`", returncode=2)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that leaves it as it found it."""
    data = tmp_path_factory.mktemp("server") / "data"
    with serving(data, FETCH_ALLOW="127.0.0.1", SLOTS="4") as running:
        yield running


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL under which it is served on the loopback."""
    folder = tmp_path / "files"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder)) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()
