"""The API definition against the server: `python -m conformance.fuzzing [--cases N] [schemathesis' options]`.

schemathesis makes requests from the definition, right and wrong ones, and holds every answer to it: its status, its
media type, its headers and its schema. A server is started for it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.live import ROOT, Server, serving

CONFIG = Path(__file__).with_name("schemathesis.toml")
CASES = 1000
#: A wait in an echo would only take time.
SETTINGS = {"SLOTS": "4", "JOB_TIMEOUT": "20"}


def run(server: Server, cases: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Tests every operation with about this many requests in each phase; 0 where all is as the definition says."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
            *("run", f"{server.url}/api", "--max-examples", str(cases), "--no-color", *options),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.fuzzing", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=CASES, help="for each operation [%(default)s]")
    arguments, more = parser.parse_known_args()
    with (
        tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder,
        serving(Path(folder, "data"), **SETTINGS) as server,
    ):
        done = run(server, arguments.cases, *more)
        print(done.stdout, done.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
