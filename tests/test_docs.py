"""What README and docs say is run, or made from the code."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from server import conformance, problems, settings
from tests.live import EXAMPLES, ROOT, Server, environment, serving
from tests.receiver import receiving

EXAMPLE_PAGES = [f"examples/{name}/README.md" for name in ("echo", "word-count", "ndvi")]
PAGES = ["README.md", "docs/debugging.md", "docs/jobs.md", "docs/provenance.md", "docs/workflows.md", *EXAMPLE_PAGES]
ADDRESS = "http://127.0.0.1:8080"

_BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:^```(?:json|text)\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_the_shell_lines_of_a_page_work_as_written(tmp_path: Path, page: str) -> None:
    """On a fresh server, in their order; what follows a block is its output, `…` standing for anything."""
    blocks = _BLOCK.findall((ROOT / page).read_text())
    assert blocks
    with serving(tmp_path / "data") as server:
        for script, expected in blocks:
            run_block(server, script, expected)


def run_block(server: Server, script: str, expected: str) -> None:
    """One block of a page, and its output where the page shows it."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(ADDRESS, server.url)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**environment(), "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"},
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    if expected:
        said = done.stdout.replace(server.url, ADDRESS).strip()
        pattern = ".*".join(map(re.escape, expected.strip().split("…")))
        assert re.fullmatch(pattern, said, re.DOTALL), f"{script}\n{said}"


def test_the_example_request_has_the_example_scene() -> None:
    """So that the curl lines and the command line compute the same."""
    request = json.loads((EXAMPLES / "ndvi" / "execute.json").read_text())

    assert base64.b64decode(request["inputs"]["scene"]["value"]) == (EXAMPLES / "ndvi" / "scene.tif").read_bytes()


def test_the_table_of_settings() -> None:
    """docs/operating.md has each setting, its default and its meaning."""
    page = (ROOT / "docs" / "operating.md").read_text()

    for name, default, meaning in settings.table():
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        row = f"| `{name}` | {f'`{shown}`' if shown else 'none'} | {meaning} |"
        assert row in page, row


def test_the_table_of_problems() -> None:
    """docs/problems.md has each type, its status and title, and no other."""
    page = (ROOT / "docs" / "problems.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]

    assert rows == [f"| `{name}` | {kind.status} | {kind.title} |" for name, kind in problems.TYPES.items()]


def test_the_classes_that_the_readme_claims_are_declared() -> None:
    """Every class in the table is in /conformance, and the other way round."""
    claimed = re.findall(r"^\| OGC API – (.*?): (.*?) \| ✅ \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    names = [name for _, listed in claimed for name in listed.split(", ")]

    assert sorted(names) == sorted(uri.rpartition("/")[2] for uri in conformance.CLASSES)


def test_the_code_that_verifies_callbacks(server: Server) -> None:
    """docs/callbacks.md: it takes what this server sends, and nothing that was altered, is old or has another key."""
    [code] = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "docs" / "callbacks.md").read_text(), re.DOTALL | re.MULTILINE
    )
    page: dict[str, Any] = {}
    exec(code, page)  # noqa: S102 - what is tried
    is_genuine = page["is_genuine"]
    with receiving() as receiver:
        server.submit("echo", {"stringInput": "Zürich"}, subscriber=receiver.subscriber())
        for found in (*receiver.at("/inProgressUri"), *receiver.at("/successUri")):
            key = (server.data / "callback.key").read_text().strip()
            headers = {name.lower(): value for name, value in found.headers.items()}
            old = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)}

            assert is_genuine(key, headers, found.body)
            assert not is_genuine(key, headers, found.body + b" ")
            assert not is_genuine(key, {**headers, "webhook-id": "msg_x"}, found.body)
            assert not is_genuine(key, old, found.body)
            assert not is_genuine(f"whsec_{base64.b64encode(b'k' * 32).decode()}", headers, found.body)


def test_the_changelog_begins_with_this_version() -> None:
    """A release has its entry."""
    newest = re.search(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest is not None
    assert newest[1] == version("cwl-processes")


@pytest.mark.parametrize(
    "page",
    [*sorted(str(each.relative_to(ROOT)) for each in ROOT.glob("docs/**/*.md")), "README.md", *EXAMPLE_PAGES],
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    """Every relative link names a file or folder of the project."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text()):
        assert (ROOT / page).parent.joinpath(target).exists(), target
