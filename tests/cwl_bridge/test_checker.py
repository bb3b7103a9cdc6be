"""Validation by cwltool itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import checker, document
from tests.live import shell_tool

REFUSED: dict[str, Any] = {
    "unknown class": {"class": "Tool"},
    "unknown member": {"baseComand": "true"},
    "unknown type": {"inputs": {"x": "integer"}},
    "binding that is none": {"inputs": {"x": {"type": "int", "inputBinding": 5}}},
    "unknown requirement": {"requirements": [{"class": "NothingRequirement"}]},
    "another document": {"requirements": [{"$import": "other.yml"}]},
    "a file of this machine": {"baseCommand": {"$include": "/etc/hostname"}},
}


def test_good_document(capsys: pytest.CaptureFixture[str]) -> None:
    """A valid document passes without a word."""
    checker.check(document.write_yaml(shell_tool("true")))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_bad_document(change: Any) -> None:
    """What cwltool does not accept, or would have to read elsewhere, raises its words."""
    text = document.write_yaml({**shell_tool("true"), **change})
    # cwltool raises a dozen types.
    with pytest.raises(Exception, match=r"(?s).") as caught:
        checker.check(text)
    assert Path("/etc/hostname").read_text().strip() not in str(caught.value).split()
