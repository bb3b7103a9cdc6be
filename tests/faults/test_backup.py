"""A copy of the data folder that is made while the server runs, as docs/operating.md says."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.faults.harness import SAID, deployed, release, running, said, statuses, tool, working
from tests.gate import WAIT


def test_a_backup_that_is_taken_while_jobs_run(tmp_path: Path) -> None:
    """What had ended is there with its results, what waited is run, what ran is known to be lost."""
    copy = tmp_path / "copy" / "data"
    with working(tmp_path / "data", SLOTS="1") as server:
        deployed(
            server,
            tool("says", 'echo "$1" > said', outputs={"said": SAID}),
            tool("held", f"{WAIT}; echo x > said", outputs={"said": SAID}),
        )
        ended = server.submit("says", {"name": "before"})
        server.wait(ended)
        held = server.submit("held")
        waiting = server.submit("says", {"name": "later"})
        running(server, held)

        _back_up(server.data, copy)
        release(server, held)
        server.wait(waiting)

    with working(copy, SLOTS="1") as restored:
        assert restored.wait(waiting)["status"] == "successful"
        assert said(restored, ended) == ["before"]
        assert said(restored, waiting) == ["later"]
        assert statuses(restored)[held] == "failed"
        assert restored.status(held)["exception"]["type"].endswith("/runner-lost")


def _back_up(data: Path, copy: Path) -> None:
    """The database first: of a job that it calls ended the folder is whole."""
    copy.mkdir(parents=True)
    with (
        closing(sqlite3.connect(data / "registry.sqlite3")) as source,
        closing(sqlite3.connect(copy / "registry.sqlite3")) as target,
    ):
        source.backup(target)
    shutil.copytree(data / "processes", copy / "processes")
    shutil.copytree(data / "jobs", copy / "jobs", symlinks=True)
