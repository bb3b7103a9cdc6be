"""How what is scarce is shared out among parties: rates, turns, and things that last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from server.parties import PARTY, of_address
from server.problems import ProblemError
from server.rates import Rate
from server.turns import Lasting, Turns
from tests.live import ROOT


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_so_many_a_minute() -> None:
    """What was not used is there, but never more than a minute's; each party has its own."""
    clock = Clock()
    rate = Rate(6, clock=clock)

    assert [rate.take("a") for _ in range(8)] == [0] * 6 + [10, 10]
    assert rate.take("b") == 0
    clock.now += 10
    assert [rate.take("a") for _ in range(2)] == [0, 10]
    clock.now += 3600
    assert [rate.take("a") for _ in range(7)] == [0] * 6 + [10]
    assert [Rate(0).take("a") for _ in range(1000)] == [0] * 1000


def test_a_million_addresses_take_no_more_memory_than_some() -> None:
    """Who asked longest ago is forgotten first."""
    rate = Rate(1, most=1000)
    for number in range(10_000):
        assert rate.take(f"{number}") == 0
    assert len(rate) == 1000
    assert rate.take("9999") > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("no:address", "no:other", False),
        ("x" * 100_000, "x" * 64, True),
    ],
)
def test_which_addresses_are_one_party(one: str, other: str, same: bool) -> None:
    """A network of 64 bits is; one of IPv4 is the same however it is written."""
    assert (of_address(one) == of_address(other)) is same


def _as(party: str, act: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    async def run() -> None:
        PARTY.set(party)
        await act()

    return asyncio.create_task(run())


def test_parties_take_turns() -> None:
    """Who comes last has a turn before any other has two, however many wait; of one party the first is first."""

    async def scenario() -> None:
        turns, done, over = Turns(1), list[str](), asyncio.Event()

        def act(name: str) -> Callable[[], Awaitable[None]]:
            async def acted() -> None:
                async with turns:
                    await over.wait()
                    done.append(name)

            return acted

        flood = [_as("many", act(f"many {number}")) for number in range(5)]
        await asyncio.sleep(0)
        few = [_as("few", act(f"few {number}")) for number in range(2)] + [_as("one", act("one"))]
        await asyncio.sleep(0)
        over.set()
        await asyncio.gather(*flood, *few)
        assert done == ["many 0", "many 1", "few 0", "one", "many 2", "few 1", "many 3", "many 4"]

    asyncio.run(scenario())


def test_no_party_has_all_places() -> None:
    """Where each may have so many, another finds one at once."""

    async def scenario() -> None:
        turns, over, has = Turns(4, each=2), asyncio.Event(), list[str]()

        def act(name: str) -> Callable[[], Awaitable[None]]:
            async def acted() -> None:
                async with turns:
                    has.append(name)
                    await over.wait()

            return acted

        tasks = [_as(party, act(party)) for party in ("many", "many", "many", "few")]
        for _ in range(3):
            await asyncio.sleep(0)
        assert has == ["many", "many", "few"]
        over.set()
        await asyncio.gather(*tasks)
        assert has == ["many", "many", "few", "many"]

    asyncio.run(scenario())


def test_too_many_that_wait_are_refused() -> None:
    """Those of the same party; who goes away leaves the place to the next, also at the moment when it is given."""

    async def scenario() -> None:
        turns, over = Turns(1, waiting=2), asyncio.Event()

        async def act() -> None:
            async with turns:
                await over.wait()

        first, second, third, fourth = (_as("many", act) for _ in range(4))
        other = _as("few", act)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="2 requests of yours wait"):
            await fourth
        second.cancel()
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        # The place has been given to it, and it has not come to know.
        other.cancel()
        over.set()
        await asyncio.wait_for(third, 10)
        await asyncio.gather(first, second, other, return_exceptions=True)
        await asyncio.wait_for(_as("few", act), 10)

    asyncio.run(scenario())


def test_what_lasts_is_bounded() -> None:
    """So many at once of each party, and again when one has ended."""
    lasting = Lasting(1)
    with lasting.one("logs"), pytest.raises(ProblemError, match="1 logs"), lasting.one("logs"):
        pass
    with lasting.one("logs"):
        pass


def test_whatever_takes_a_thread_for_a_request_takes_a_turn() -> None:
    """Or one user has them all: provenance has turns of its own, and the definition is written once for all."""
    known = {"services.py", "routes/provenance.py", "openapi/definitions.py", "app.py", "notices.py"}
    server = ROOT / "server"
    sources = [each for each in server.rglob("*.py") if "asyncio.to_thread(" in each.read_text()]
    assert {str(each.relative_to(server)) for each in sources} == known
