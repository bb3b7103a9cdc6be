"""The contract between the server and the runner of one job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import jobfolder
from cwl_bridge.jobfolder import JobFolder, Runner
from registry.models import Failure, Outcome

#: Takes the lock of a folder, says whether it got it, and holds it until its input ends.
HOLDER = """
import sys
from pathlib import Path
from cwl_bridge.jobfolder import JobFolder
with JobFolder(Path(sys.argv[1])).lock() as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def _document(folder: Path, text: str) -> Path:
    path = folder / "kept.cwl"
    path.write_text(text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    made = JobFolder(tmp_path / "job")
    made.create(_document(tmp_path, "cwlVersion: v1.2\n"), {"job": "1"})
    return made


def is_locked(folder: JobFolder) -> bool:
    """Whether another process holds the lock."""
    with folder.lock() as mine:
        return not mine


def _holder(folder: JobFolder) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _ended(process: subprocess.Popen[str]) -> int:
    process.communicate()
    return process.returncode


def test_create(folder: JobFolder) -> None:
    """A new folder has what a runner needs, and neither runner, lock nor outcome."""
    assert sorted(each.name for each in folder.path.iterdir()) == ["log.txt", "process.cwl", "run.json"]
    assert folder.process.read_text() == "cwlVersion: v1.2\n"
    assert json.loads(folder.run.read_text()) == {"job": "1"}
    assert (folder.runner(), folder.outcome(), folder.was_begun(), folder.log_tail()) == (None, None, False, ())


def test_nothing_is_made_before_it_is_told(tmp_path: Path) -> None:
    """A folder that is not there can be asked about, and stays away."""
    folder = JobFolder(tmp_path / "none")
    assert (folder.runner(), folder.outcome(), folder.was_begun(), folder.log_tail()) == (None, None, False, ())
    folder.remove()
    folder.remove_work()
    assert list(tmp_path.iterdir()) == []


def test_half_made_folder_is_made_anew(folder: JobFolder, tmp_path: Path) -> None:
    """What a crash left of an earlier start does not show in the next one."""
    folder.write_outcome(Outcome(outputs={}))
    folder.work.mkdir()
    (folder.work / "left").touch()
    folder.create(_document(tmp_path, "cwlVersion: v1.1\n"), {"job": "2"})
    assert folder.outcome() is None
    assert sorted(each.name for each in folder.path.iterdir()) == ["log.txt", "process.cwl", "run.json"]
    assert json.loads(folder.run.read_text()) == {"job": "2"}


def test_lock_excludes_a_second_process(folder: JobFolder) -> None:
    """The lock is held by one process, seen by others, and free as soon as its holder is killed."""
    holder = _holder(folder)
    assert _says(holder) == "True"
    assert is_locked(folder)
    with folder.lock() as mine:
        assert not mine
    second = _holder(folder)
    assert _says(second) == "False"
    assert _ended(second) == 0
    assert is_locked(folder)
    holder.kill()
    assert _ended(holder) != 0
    assert not is_locked(folder)
    with folder.lock() as mine:
        assert mine


def test_lock_ends_with_its_block(folder: JobFolder) -> None:
    """A holder that ends its block, also by an error, frees the lock."""
    with pytest.raises(LookupError), folder.lock() as mine:
        assert mine
        assert is_locked(folder)
        raise LookupError
    assert not is_locked(folder)


def test_runner_is_found_while_it_lives(folder: JobFolder) -> None:
    """A folder knows its runner, and no longer when that is dead."""
    process = _holder(folder)
    assert _says(process) == "True"
    runner = Runner.of(process.pid)
    assert runner is not None
    folder.write_runner(runner)
    assert folder.runner() == runner
    process.kill()
    _ended(process)
    assert Runner.of(process.pid) is None
    assert folder.runner() is None


@pytest.mark.parametrize("change", [{"started_ticks": 1}, {"boot_id": "0" * 8}])
def test_other_process_of_the_same_number(folder: JobFolder, change: dict[str, Any]) -> None:
    """A process that got the number of a dead runner, or of one before a reboot, is not that runner."""
    own = Runner.of(os.getpid())
    assert own is not None
    folder.write_runner(own)
    assert folder.runner() == own
    folder.write_runner(replace(own, **change))
    assert folder.runner() is None


def test_runner_of_an_odd_name(tmp_path: Path) -> None:
    """A command with blanks and brackets in its name has a start time like any other."""
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to(sys.executable)
    with subprocess.Popen([odd, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        found, own = Runner.of(process.pid), Runner.of(os.getpid())
        assert found is not None
        assert own is not None
        assert found.boot_id == own.boot_id
        assert found.started_ticks >= own.started_ticks > 0
        process.communicate(b"\n")


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(outputs={"a": 2**63 - 1, "b": "Zürich 🕺\u2028", "c": None, "d": [0.1]}),
        Outcome(outputs={}),
        Outcome(failure=Failure(reason="tool-failed", message="é", step="s", exit_code=3, log=("a", "b"))),
    ],
)
def test_outcome(folder: JobFolder, outcome: Outcome) -> None:
    """An outcome comes back from disk as it was written."""
    folder.write_outcome(outcome)
    assert folder.outcome() == outcome


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"", ()),
        (b"one\ntwo\n", ("one", "two")),
        (b"one\ntwo", ("one", "two")),
        (b"\n".join(b"%d" % each for each in range(100)), tuple(str(each) for each in range(80, 100))),
        (b"Z\xc3\xbcrich \xff\n", ("Zürich \ufffd",)),
        (b"x" * 100_000, ("x" * jobfolder.LOG_LINE_LENGTH,)),
        (b"first\n" + b"x" * 100_000 + b"\nlast\n", ("x" * jobfolder.LOG_LINE_LENGTH, "last")),
    ],
)
def test_log_tail(folder: JobFolder, written: bytes, expected: tuple[str, ...]) -> None:
    """The last lines of a log, whatever bytes and however long it is."""
    folder.log.write_bytes(written)
    assert folder.log_tail() == expected


def test_files_are_written_by_rename(tmp_path: Path) -> None:
    """A write replaces the whole file and leaves nothing beside it; readers keep what they have open."""
    path = tmp_path / "a.json"
    jobfolder.write_json(path, {"n": 1})
    with path.open() as reader:
        jobfolder.write_json(path, {"n": 2})
        assert json.load(reader) == {"n": 1}
    assert json.loads(path.read_text()) == {"n": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """A write that fails leaves the file as it was."""
    path = tmp_path / "a.txt"
    jobfolder.write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        jobfolder.write_text(path, "new \ud800")
    assert path.read_text() == "old"


def test_failed_write_leaves_no_partial(tmp_path: Path) -> None:
    """A write that fails leaves nothing beside the file."""
    with pytest.raises(UnicodeEncodeError):
        jobfolder.write_text(tmp_path / "a.txt", "new \ud800")
    assert list(tmp_path.iterdir()) == []


def test_json_is_written_as_cwltool_reads_it(tmp_path: Path) -> None:
    """Characters beyond the first plane stand in the file themselves: as YAML, their escapes are no text."""
    jobfolder.write_json(tmp_path / "a.json", {"a": "🕺"})
    assert "🕺" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_folders_that_a_tool_has_closed_are_removed(folder: JobFolder, tmp_path: Path) -> None:
    """Work and job folders go, whatever modes and links a tool has left, and nothing that a link points at."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    closed = folder.work / "out" / "closed"
    closed.mkdir(parents=True)
    (closed / "inner").mkdir()
    (closed / "inner" / "file").touch()
    (folder.work / "link").symlink_to(outside)
    (closed / "inner").chmod(0)
    closed.chmod(0)
    folder.remove_work()
    assert not folder.work.exists()
    assert folder.process.exists()
    folder.remove()
    assert not folder.path.exists()
    assert (outside / "kept").exists()
