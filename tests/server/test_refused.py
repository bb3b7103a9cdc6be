"""Deploys that are refused: each error names the file, the line and the column, and what was expected."""

from __future__ import annotations

import pytest

from tests.live import Server
from tests.server.refused import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.folder.name)
def test_a_deploy_that_is_refused(server: Server, case: Case) -> None:
    """By POST and by PUT alike, whatever form the package has."""
    body, media_type = case.body()
    headers = {"Content-Type": media_type}

    posted = server.http.post("/processes", content=body, headers=headers).json()
    put = server.http.put("/processes/echo", content=body, headers=headers).json()

    found = {"status": posted["status"], "type": posted["type"].rpartition("/")[2], "errors": posted["errors"]}
    assert found == case.expected
    assert put["errors"] == posted["errors"]
    for each in found["errors"]:
        assert "process.cwl" not in each["detail"]
