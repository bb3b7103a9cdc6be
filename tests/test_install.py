"""`pip install .` gives a server that works without its checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.live import ROOT, environment


def test_an_installed_server_has_all_it_needs(tmp_path: Path) -> None:
    """Migrations and the built-in process come along; the command is there."""
    target = tmp_path / "installed"
    copy = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), str(copy)], check=True)
    code = """
import asyncio, sys, server
from pathlib import Path
from server.app import create_app
from server.settings import Settings

async def main(data):
    (data / "processes").mkdir(parents=True)
    app = create_app(Settings(data=data))
    async with app.router.lifespan_context(app) as state:
        print(server.__path__[0], (await state["services"].processes.get("echo")).id)

asyncio.run(main(Path(sys.argv[1])))
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(target)},
        check=True,
    )

    assert done.stdout.split() == [str(target / "server"), "echo"]
    assert (target / "bin" / "cwl-processes").exists()
