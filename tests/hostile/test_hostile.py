"""Attacks on live servers: each is stopped in a way that its folder allows, and nothing is got or left by it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.hostile import stages
from tests.hostile.attempt import Finding
from tests.hostile.cases import CASES, Case
from tests.hostile.scene import built


@pytest.fixture(scope="module")
def findings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Finding]:
    """What came of every case that was asked for."""
    items = (getattr(each, "callspec", None) for each in request.session.items)
    chosen = [each.params["case"] for each in items if each and isinstance(each.params.get("case"), Case)]
    alone = [each for each in chosen if each.attack.alone]
    sets = {tuple(each.attack.settings.items()) for each in chosen if not each.attack.alone}
    folder = tmp_path_factory.mktemp("hostile")
    with built(folder) as scene:
        found = stages.one_by_one(folder, scene, alone)
        for number, each in enumerate(sorted(sets)):
            (folder / str(number)).mkdir()
            among = [case for case in chosen if not case.attack.alone and tuple(case.attack.settings.items()) == each]
            found |= stages.all_at_once(folder / str(number), scene, among, dict(each))
    return found


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in CASES])
def test_an_attack(findings: Mapping[str, Finding], case: Case) -> None:
    """It ends as it may, and does no harm."""
    found = findings[case.name]

    assert found.harm == [], found.said
    assert found.outcome in case.attack.accepted, found.said
    for pattern in case.attack.never:
        assert not re.search(pattern, found.seen)
    for pattern in case.attack.shows:
        assert re.search(pattern, found.seen), found.seen
