"""The engine and the images have to be there; `make test` sees to it."""

from __future__ import annotations

import functools
import gc
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.live import Server, serving

# Else each of the many programs that are started here would compile the whole project, and each worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


#: What takes longest is begun first: else all wait for it in the end.
_LONGEST = tuple(
    f"tests/{each}"
    for each in (
        "standards/",
        "test_d",
        "test_install",
        "faults/",
        "engine/",
        "hostile/",
        "server/",
        "registry/",
    )
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: next((n for n, each in enumerate(_LONGEST) if item.nodeid.startswith(each)), len(_LONGEST))
    )


class _FilesAndTheStandards(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time; those of one package, whose servers and executions all of them look at, are one."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "standards" if file.startswith("tests/standards/") and not file.endswith("_fuzz.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return _FilesAndTheStandards(config, log)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


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
    # Some call it by names that are not its own.
    with serving(data, FETCH_ALLOW="127.0.0.1", SLOTS="4", ALLOW_ANONYMOUS="yes") as running:
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
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()
