"""The CWL conformance suite through the API: `python -m conformance FOLDER [cwltest's options]`.

FOLDER is a checkout of common-workflow-language/cwl-v1.2. A server is started for it, with a default container, since
most of its tools name none; cwltest, the suite's own driver, calls `conformance.adapter` for each test.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.live import ROOT, serving

DEFAULT_CONTAINER = "docker.io/debian:stable-slim"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a checkout of common-workflow-language/cwl-v1.2")
    parser.add_argument("--default-container", default=DEFAULT_CONTAINER, help="of tools that name none [%(default)s]")
    arguments, more = parser.parse_known_args()
    settings = {
        "DEFAULT_CONTAINER": arguments.default_container,
        "CORES": "64",
        "FILE_ALLOW": str(arguments.folder.resolve()),
    }
    with (
        tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder,
        serving(Path(folder, "data"), **settings) as server,
    ):
        runner = Path(folder, "runner")
        runner.write_text(f'#!/bin/sh\nexec {sys.executable} -m conformance.adapter "$@"\n')
        runner.chmod(0o755)
        return subprocess.run(
            ["cwltest", "--test", "conformance_tests.yaml", "--tool", str(runner), *more],
            cwd=arguments.folder,
            env={**os.environ, "CWL_PROCESSES_URL": server.url, "PYTHONPATH": str(ROOT)},
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
