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


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_is_one_idea(path: Path) -> None:
    """No file grows beyond what one can hold in mind, and each says first what it is for."""
    text = path.read_text()

    assert len(text.splitlines()) <= 400
    assert not text or ast.get_docstring(ast.parse(text))
