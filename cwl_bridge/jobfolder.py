"""The folder of one job: the contract between the server, which makes it, and the runner, which fills it.

process.cwl    the document as run             run.json      what the runner is asked to do
inputs.json    the CWL job order, staged       command.txt   the same run as a line of plain cwltool
runner.json    who runs it                     lock          held (flock) as long as the runner lives
log.txt        cwltool's and the tools' words  steps.jsonl   which steps began and ended, one line each
outputs/       published outputs              files/        what the document names, beside it
outcome.json   written last, by rename: its presence means that the run has ended
digests.json   SHA-256 of what lies in inputs/ and outputs/, once somebody has asked for it
inputs/  work/ staged files, and cwltool's own folders, removed at the end
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import logging
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cwl_bridge import kept, removal
from registry.models import JSON, Outcome, Progress

_log = logging.getLogger("cwl_processes.jobfolder")

_LIBC = ctypes.CDLL(None, use_errno=True)

#: Beside the folder of all jobs: what no job keeps longer than it runs.
SECRETS = "secrets"

LOG_TAIL_BYTES = 16_384
LOG_TAIL_LINES = 20
LOG_LINE_LENGTH = 1000

#: What the smallest file takes.
BLOCK_BYTES = 4096


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A name for a process of the operating system that is never used again."""

    pid: int
    #: Field 22 of /proc/<pid>/stat: when it started, in clock ticks after boot.
    started_ticks: int
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> Runner | None:
        """None where no such process lives."""
        try:
            # The second field, the command in brackets, may hold blanks and brackets of its own.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return None
        # A zombie has ended, whether its parent has looked or not.
        if fields[0] in ("Z", "X"):
            return None
        return cls(pid=pid, started_ticks=int(fields[19]), boot_id=_boot_id())

    @property
    def age_seconds(self) -> float:
        """Since it started, by a clock that nobody sets."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) - self.started_ticks / os.sysconf("SC_CLK_TCK")


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


class JobFolder:
    """Paths and atomic writes; makes nothing until it is told to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.process = path / "process.cwl"
        self.run = path / "run.json"
        self.order = path / "inputs.json"
        self.command = path / "command.txt"
        self.log = path / "log.txt"
        self.steps = path / "steps.jsonl"
        self.kept = path / kept.FOLDER
        self.inputs = path / "inputs"
        self.work = path / "work"
        #: Where tools write, a folder of each below them.
        self.tool_outputs = self.work / "out"
        self.tool_scratch = self.work / "tmp"
        self.container_ids = self.work / "cid"
        self.outputs = path / "outputs"
        self.digests = path / "digests.json"
        self._runner = path / "runner.json"
        self._lock = path / "lock"
        self._outcome = path / "outcome.json"

    @property
    def room(self) -> tuple[Path, ...]:
        """What the run and its tools may see. What the server and the runner keep beside it is not theirs."""
        return (self.inputs, self.kept, self.tool_outputs, self.tool_scratch)

    def create(
        self, process_file: Path, run: JSON, text: str | None = None, files: Sequence[str] = (), *, own: bool = False
    ) -> None:
        """Everything that a runner needs. A folder that a crash left half-made is made anew.

        `text`: of the document, where it is not that of `process_file`; `files`: what it names, beside that; `own`:
        whether the job may write into them.
        """
        self.remove()
        self.path.mkdir(parents=True)
        if text is None:
            link_or_copy(process_file, self.process)
        else:
            write_text(self.process, text)
        for each in files:
            (self.path / each).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copyfile if own else link_or_copy)(process_file.parent / each, self.path / each)
        self.log.touch()
        write_json(self.run, run)

    def secrets(self, run: JSON) -> dict[str, str]:
        """Those that the job was given, by its inputs (see `secretfiles`). Raises FileNotFoundError."""
        if run.get("secrets") is None:
            return {}
        path = self.path.parent.parent / SECRETS / run["secrets"]
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["runs"][run["job"]]
        return found

    def remove(self) -> None:
        removal.remove(self.path)

    def remove_work(self) -> None:
        """As far as that is possible: what a tool has given to another user may stay until the folder goes."""
        try:
            removal.remove(self.work)
        except OSError as error:
            _log.warning("not everything below %s can be removed: %s", self.work, error)

    @contextmanager
    def lock(self) -> Iterator[bool]:
        """Held until the end of the block, and by no second process; yields False where another holds it."""
        with self._lock.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def was_begun(self) -> bool:
        """Whether a runner ever took the lock."""
        return self._lock.exists() or self._outcome.exists()

    def write_runner(self, runner: Runner) -> None:
        write_json(self._runner, asdict(runner))

    def runner(self) -> Runner | None:
        """The runner of this folder where it still lives."""
        try:
            written = Runner(**json.loads(self._runner.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        return written if Runner.of(written.pid) == written else None

    def expects_container(self) -> bool:
        """Whether an engine was asked for a container and had not told its id when its client ended."""
        return any(each.stat().st_size == 0 for each in self.container_ids.glob("*.cid"))

    def runtime(self) -> str | None:
        """The container engine that it was made for, in the words of the setting; None where it was not made yet."""
        try:
            run = json.loads(self.run.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        # Of a server that knew no other.
        return str(run.get("runtime", "docker"))

    def write_outcome(self, outcome: Outcome) -> None:
        write_json(self._outcome, outcome.to_json(), durable=True)
        sync(self.path.parent)

    def outcome(self) -> Outcome | None:
        try:
            return Outcome.from_json(json.loads(self._outcome.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def has_ended(self) -> bool:
        """Whether there is an outcome, and nothing of the folder has been removed: files at the top go first."""
        return self._outcome.exists()

    def published(self, location: str) -> Path:
        """Where a published output lies; `location` as in the outcome."""
        path = self.path / location
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.outputs)):
            raise AssertionError(f"{location} is no published output")
        return path

    def staged(self, place: str) -> Path | None:
        """A file that was staged as an input, by its path below inputs/; None where there is none."""
        return file_below(self.inputs, place)

    def files(self) -> set[str]:
        """The names of what there is by now; none before the job has begun."""
        try:
            return set(os.listdir(self.path))  # noqa: PTH208 - names are all it takes
        except FileNotFoundError:
            return set()

    def size(self) -> int:
        """Bytes of all that is there, by the sizes that files show; each takes a block at the least, and is one
        however many names it has.
        """
        found, seen = 0, set[tuple[int, int]]()
        for parent, folders, names in os.walk(self.path):
            for name in (*folders, *names):
                try:
                    known = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - quicker for a hundred thousand
                except OSError:
                    continue
                if known.st_nlink > 1 and not stat.S_ISDIR(known.st_mode):
                    if (known.st_dev, known.st_ino) in seen:
                        continue
                    seen.add((known.st_dev, known.st_ino))
                found += -(-max(known.st_size, 1) // BLOCK_BYTES) * BLOCK_BYTES
        return found

    def progress(self) -> Progress | None:
        """What the steps have told; None before the first."""
        lines = _last_lines(self.steps, 1)
        if not lines:
            return None
        try:
            told = json.loads(lines[0])
        except ValueError:
            # Cut short by a full disk, or just being written.
            return None
        return Progress(step=told["step"], done=told["done"], known=told["known"])

    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def log_tail(self) -> tuple[str, ...]:
        """The last lines of the log."""
        return _last_lines(self.log, LOG_TAIL_LINES)

    def without_places(self, text: str) -> str:
        """A text for clients: where the host keeps the job is not theirs to know."""
        for place in (self.path.as_uri(), str(self.path)):
            text = text.replace(f"{place}/", "").replace(place, ".")
        return text

    def without_places_in(self, said: bytes) -> bytes:
        """The same for what may not be text."""
        if bytes(self.path) not in said and self.path.as_uri().encode() not in said:
            return said
        return self.without_places(said.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def tail_lines(text: str, lines: int) -> tuple[str, ...]:
    """The last lines of a text, none of them endless."""
    return tuple(line[:LOG_LINE_LENGTH] for line in text.splitlines()[-lines:])


def _last_lines(path: Path, lines: int) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            return tail_lines(file.read().decode(errors="replace"), lines)
    except FileNotFoundError:
        return ()


def file_below(folder: Path, place: str) -> Path | None:
    """A regular file by its path below a folder; None where there is none, or it leads out."""
    path = folder / place
    try:
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
        return path if inside and stat.S_ISREG(path.lstat().st_mode) else None
    except (OSError, ValueError):
        # Longer than any name, or not to be found.
        return None


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under a second name where the file system allows it, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def sync(path: Path) -> None:
    """On disk, a power cut notwithstanding: the bytes of a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(path: Path) -> None:
    """All that was written to the file system of a path, at once: one by one, many files take a disk minutes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if _LIBC.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Any, *, durable: bool = False) -> None:
    # Not ASCII: cwltool reads JSON as YAML, where an escaped surrogate pair is two lone surrogates.
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n", durable=durable)


def write_text(path: Path, text: str, *, durable: bool = False) -> None:
    write_bytes(path, text.encode(), durable=durable)


def write_bytes(path: Path, content: bytes, *, durable: bool = False) -> None:
    """By rename: a reader sees all of it or nothing. `durable`: also after a power cut."""
    # Not the name with more to it, which may be as long as names can be.
    partial = path.with_name(f"{uuid.uuid4()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        partial.rename(path)
        if durable:
            sync(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
