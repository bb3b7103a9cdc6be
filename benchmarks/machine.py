"""Where it was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.table import Table


def facts() -> dict[str, str]:
    docker = subprocess.run(
        ["docker", "version", "--format", "client {{.Client.Version}}, server {{.Server.Version}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    return {
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "Docker": docker.stdout.strip(),
        "Python, cwltool, cwl-processes": ", ".join(
            [platform.python_version(), version("cwltool"), version("cwl-processes")]
        ),
    }


def load() -> str:
    """The averages of 1, 5 and 15 minutes."""
    return " ".join(f"{each:.2f}" for each in os.getloadavg())


def table(rows: dict[str, str]) -> Table:
    return Table(["machine", ""], list(rows.items()))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "model unknown")
