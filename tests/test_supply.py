"""What is shipped is locked: each dependency in one version, known by its hashes."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.live import ROOT

LOCK = (ROOT / "requirements.lock").read_text()

#: Name and version, and all that belongs to them.
LOCKED = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\\n", LOCK, re.MULTILINE))


def test_the_lock_has_what_the_project_asks_for() -> None:
    """In a version that it takes; `scripts/lock` mends it."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    for requirement in map(Requirement, asked):
        version = LOCKED.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not locked"
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} is locked as {version}"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock"])
def test_every_locked_package_has_hashes(lock: str) -> None:
    """pip takes no file of a package that has other ones."""
    for entry in re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE):
        if not entry.startswith("#") and entry.strip():
            name = entry.split("==")[0]
            assert re.match(r"[A-Za-z0-9._-]+==\S+ ", entry), entry
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), f"{name} has no hash"
