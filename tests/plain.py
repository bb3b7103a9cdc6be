"""Plain cwltool, as from its command line: each run is a fork of a process that has imported it, and nothing of ours.

What takes a fresh process a second is done once (see `plainloaded`).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.live import environment

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.plainloaded"])


def cwltool(*arguments: str) -> dict[str, Any]:
    """The output object of a run."""
    with tempfile.TemporaryDirectory(prefix="plain-") as folder:
        said = Path(folder) / "stdout", Path(folder) / "stderr"
        child = _FORKS.Process(target=_main, args=(arguments, environment(), said))
        child.start()
        child.join()
        code = child.exitcode
        child.close()
        output, errors = (each.read_text(encoding="utf-8") for each in said)
    assert code == 0, errors
    found: dict[str, Any] = json.loads(output)
    return found


def _main(arguments: tuple[str, ...], environ: dict[str, str], said: tuple[Path, Path]) -> None:
    for number, path in enumerate(said, start=1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environ)
    # It is there already in this process, and in no other.
    from cwltool.main import run  # noqa: PLC0415

    sys.argv = ["cwltool", "--quiet", *arguments]
    sys.exit(run())
