"""Bytes against what reads them: `python -m conformance.guided [--seconds N] [--only REGEX] [more options]`.

atheris changes what a target reads and keeps what reaches code that nothing has reached before. Each target has a
process of its own, which ends at the first input that the target fails for; the input is shown, and left in a file.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECONDS = 60
LONGEST = 4096
#: For one input; the targets have a limit of their own, which an endless loop never comes to.
TIMEOUT_SECONDS = 60
MEMORY_MIB = 3072
#: What coverage is of.
_PARTS = ["cwl_bridge", "server", "registry"]


def available() -> str | None:
    """Why nothing can be run here; None: it can."""
    if importlib.util.find_spec("atheris") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        return f"atheris is not installed, for Python {version}: pip install -e '.[fuzz]'"
    return None


def fuzz(name: str, options: list[str]) -> None:
    """In a process of its own, which this ends."""
    import atheris  # noqa: PLC0415

    # Only what is imported here is measured.
    with atheris.instrument_imports(include=_PARTS):
        from conformance.targets import TARGETS  # noqa: PLC0415
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


def run(name: str, corpus: Path, *options: str) -> tuple[int | None, str]:
    """How many inputs were tried, and what was said where one of them failed; None: the target was not begun with."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance.guided", "--target", name, str(corpus)),
            *(f"-max_len={LONGEST}", f"-timeout={TIMEOUT_SECONDS}", f"-rss_limit_mb={MEMORY_MIB}"),
            *(f"-artifact_prefix={corpus.parent}/{name}-", "-print_final_stats=1", *options),
        ],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    counted = re.search(r"number_of_executed_units: *(\d+)", done.stderr) or re.search(r"Done (\d+) ", done.stderr)
    said = "\n".join(line for line in done.stderr.splitlines() if not line.startswith(("#", "INFO:", "WARNING:")))
    return int(counted[1]) if counted else None, "" if done.returncode == 0 else done.stdout + said[-10_000:]


def seeded(name: str, folder: Path) -> tuple[Path, list[str]]:
    """The inputs to begin with, in a folder, and the options that name the words of the language."""
    from conformance.targets import TARGETS  # noqa: PLC0415

    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / f"{name}.dict"
    said = ("".join(f"\\x{byte:02x}" for byte in word) for word in TARGETS[name].words)
    words.write_text("".join(f'"{each}"\n' for each in said))
    return corpus, [f"-dict={words}"] if TARGETS[name].words else []


def main() -> int:
    if sys.argv[1:2] == ["--target"]:
        fuzz(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(prog="python -m conformance.guided", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target [%(default)s]")
    parser.add_argument("--runs", type=int, default=-1, help="inputs for each target, at most")
    parser.add_argument("--only", default=".*", metavar="REGEX", help="targets, by their names [%(default)s]")
    parser.add_argument("--corpus", type=Path, help="where what was found is kept, and gone on with")
    arguments = parser.parse_args()
    missing = available()
    if missing:
        print(f"nothing was tried: {missing}")
        return 2
    from conformance.targets import TARGETS  # noqa: PLC0415

    failed = []
    folder = arguments.corpus or Path(tempfile.mkdtemp(prefix="cwl-processes-fuzzing-"))
    for name in filter(re.compile(arguments.only).fullmatch, TARGETS):
        begun = time.monotonic()
        corpus, options = seeded(name, folder.absolute())
        limits = [f"-max_total_time={arguments.seconds}", f"-runs={arguments.runs}"]
        tried, said = run(name, corpus, *limits, *options)
        print(
            f"{name}: {tried} inputs, {len(list(corpus.iterdir()))} kept, {time.monotonic() - begun:.0f} s", flush=True
        )
        if said or tried is None:
            failed.append(name)
            print(said, flush=True)
    print(f"failed: {', '.join(failed)}; the inputs are in {folder}" if failed else "no target failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
