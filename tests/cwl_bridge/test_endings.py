"""What a run left in its folder → how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwl_bridge import endings
from cwl_bridge.jobfolder import JobFolder
from registry.models import Outcome


def test_no_outcome(tmp_path: Path) -> None:
    """Its runner had no time for one, and nobody made a folder even."""
    assert endings.outcome(JobFolder(tmp_path)) is None


def test_an_outcome(tmp_path: Path) -> None:
    """As the runner wrote it."""
    folder = JobFolder(tmp_path)
    folder.write_outcome(Outcome(outputs={"a": 1}))
    assert endings.outcome(folder) == Outcome(outputs={"a": 1})


@pytest.mark.parametrize("text", ["", "{", "[]", "\0", '{"failure": 5}'])
def test_an_outcome_that_is_none(tmp_path: Path, text: str) -> None:
    """It won't get better by waiting: the job has failed."""
    (tmp_path / "outcome.json").write_text(text)
    found = endings.outcome(JobFolder(tmp_path))
    assert found is not None
    assert found.failure is not None
    assert found.failure.reason == "runner-error"


def test_an_outcome_that_can_not_be_read_now(tmp_path: Path) -> None:
    """The disk may be back later."""
    (tmp_path / "outcome.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        endings.outcome(JobFolder(tmp_path))
