"""What reads what others send keeps its word for bytes that chance makes; `python -m conformance.guided` makes more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conformance import guided
from conformance.targets import TARGETS
from conformance.targets.target import Target

EXAMPLES, SLOW_EXAMPLES = 150, 25


def _changed(target: Target) -> st.SearchStrategy[bytes]:
    """Good inputs with words and bytes of others in them, or cut short."""
    pieces = st.binary(max_size=8) | st.sampled_from([*target.words, b"\0", b"\xff"])
    places = st.tuples(st.integers(0, 200), st.integers(0, 12), pieces)

    def change(seed: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
        for place, length, piece in changes:
            at = place % (len(seed) + 1)
            seed = seed[:at] + piece + seed[at + length :]
        return seed

    return st.builds(change, st.sampled_from(list(target.seeds())), st.lists(places, max_size=5)) | st.binary(
        max_size=60
    )


@pytest.mark.parametrize("name", TARGETS)
def test_a_target(name: str) -> None:
    """No input makes it fail; the inputs to begin with are some that get through."""
    target = TARGETS[name]

    @settings(
        max_examples=SLOW_EXAMPLES if target.slow else EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=_changed(target))
    def tried(data: bytes) -> None:
        target(data)

    for seed in list(target.seeds())[:20]:
        target(seed)
    tried()


def test_atheris_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and no run is taken for one."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("sys.argv", ["guided"])

    assert guided.main() == 2
    assert "atheris is not installed" in capsys.readouterr().out
