"""The house rules that can be checked."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import ROOT

PACKAGES = ("server", "cwl_bridge", "registry")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_the_contracts_on_imports_are_kept() -> None:
    """As import-linter reads them from pyproject.toml."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert done.returncode == 0, done.stdout


def test_the_server_runs_without_cwltool() -> None:
    """cwltool is imported in processes of its own only."""
    code = "import sys, server.app; print(*(name for name in sys.modules if name.startswith('cwltool')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)

    assert done.stdout.strip() == ""


#: Who asks over the network: at places that others name, the container engine, the server of the command line.
CLIENTS = {"cwl_bridge/fetch.py", "cwl_bridge/docker.py"} | {
    f"server/{name}.py" for name in ("client", "commands/__init__", "commands/sources")
}


def test_one_client_asks_places_that_others_name() -> None:
    """No other module imports what could go past its checks."""
    could = {"urllib.request", "http.client", "httpx", "httpcore", "requests", "ssl"}
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{each.name}" for each in node.names)]
            if could & set(names):
                found.add(str(path.relative_to(ROOT)))

    assert found == CLIENTS


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_is_one_idea(path: Path) -> None:
    """No file grows beyond what one can hold in mind, and each says first what it is for."""
    text = path.read_text()

    assert len(text.splitlines()) <= 400
    assert not text or ast.get_docstring(ast.parse(text))
