"""Whom the operator lets be asked, and what of a collection can be asked for."""

from __future__ import annotations

import pytest

from cwl_bridge.elsewhere import Elsewhere


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/processes/p", True),
        ("https://A.Example:444/processes/p", True),
        ("http://b.example:8080/processes/p", True),
        ("http://b.example/processes/p", False),
        ("https://c.example/processes/p", True),
        ("http://c.example/processes/p", False),
        ("http://sub.a.example/processes/p", False),
        ("http://a.example@d.example/processes/p", False),
        ("http://d.example/a.example", False),
    ],
)
def test_hosts_that_are_named(url: str, expected: bool) -> None:
    """With or without a port; https has 443. Nothing else of a URL counts."""
    assert Elsewhere(processes=("a.example", "b.example:8080", "c.example:443")).permits(url) == expected


def test_nobody_by_default() -> None:
    """No host at all."""
    assert not Elsewhere().permits("http://localhost/processes/p")
