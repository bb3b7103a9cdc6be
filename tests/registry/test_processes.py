"""Registered processes and their revisions."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from registry.errors import ProcessExistsError, ProcessImmutableError, ProcessNotFoundError
from registry.models import JSON, Pin
from registry.pages import Place
from tests.registry.samples import Registry, make_process, opened


async def _ids(registry: Registry) -> list[str]:
    found = await registry.processes.summaries(100)
    assert found.following is None
    return [summary["id"] for summary in found.items]


def test_get_gives_what_was_added(tmp_path: Path) -> None:
    """Every member of a process comes back from disk as it went in; only the revision is new."""

    async def scenario() -> None:
        process = replace(make_process("one"), images={"a:1": Pin("sha256:0"), "b:1": Pin("sha256:1", "b@sha256:2")})
        async with opened(tmp_path) as registry:
            await registry.processes.add(process)
        async with opened(tmp_path) as registry:
            found = await registry.processes.get("one")
            assert found == replace(process, revision=found.revision)
            assert found.revision > 0
            assert await registry.processes.revision(found.revision) == found

    asyncio.run(scenario())


def test_the_first_pin_stays(tmp_path: Path) -> None:
    """Of jobs that pin one name at once all are told the same; other names are pinned beside it."""
    some = [{"a:1": Pin(f"sha256:{number}", f"a@sha256:{number}" if number % 2 else None)} for number in range(8)]

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            revision = await registry.processes.add(make_process("one"))
            told = await asyncio.gather(*(registry.processes.pin(revision, each) for each in some))
            assert all(each == told[0] for each in told)
            assert told[0] in some
            both = await registry.processes.pin(revision, {"a:1": Pin("sha256:9"), "b.c/d:1": Pin("sha256:9")})
            assert both == {**told[0], "b.c/d:1": Pin("sha256:9")}
            assert (await registry.processes.get("one")).images == both

    asyncio.run(scenario())


def test_what_is_never_pinned(tmp_path: Path) -> None:
    """A process that comes with the server, and what no id leads to."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            built_in = await registry.processes.add(replace(make_process("echo"), mutable=False))
            unlisted = await registry.processes.add_unlisted(make_process("chain"))
            for revision in (built_in, unlisted):
                assert await registry.processes.pin(revision, {"a:1": Pin("sha256:0")}) == {}
                assert (await registry.processes.revision(revision)).images == {}

    asyncio.run(scenario())


def test_unknown_ids_are_not_found(tmp_path: Path) -> None:
    """Reading, replacing or removing what is not there says which id, and that there is none."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            for attempt in (
                registry.processes.get("none"),
                registry.processes.replace(make_process("none")),
                registry.processes.remove("none"),
            ):
                with pytest.raises(ProcessNotFoundError, match="'none'"):
                    await attempt
            with pytest.raises(ProcessNotFoundError):
                await registry.processes.revision(1)
            assert await _ids(registry) == []

    asyncio.run(scenario())


def test_duplicate_is_refused(tmp_path: Path) -> None:
    """An id that is taken is refused and the first process stays."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            first = await registry.added(make_process("one"))
            with pytest.raises(ProcessExistsError, match="'one'"):
                await registry.processes.add(make_process("one", version="2.0.0"))
            assert await registry.processes.get("one") == first

    asyncio.run(scenario())


def test_only_one_of_concurrent_adds_wins(tmp_path: Path) -> None:
    """Of several adds of one id at once, one succeeds and the others are duplicates."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            attempts = [registry.processes.add(make_process("one")) for _ in range(8)]
            ended = await asyncio.gather(*attempts, return_exceptions=True)
            assert sorted(type(each).__name__ for each in ended) == [*["ProcessExistsError"] * 7, "int"]
            assert await _ids(registry) == ["one"]

    asyncio.run(scenario())


def test_built_in_process_is_immutable(tmp_path: Path) -> None:
    """A built-in process can't be added again, replaced or removed."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            built_in = await registry.added(make_process("echo", mutable=False))
            for attempt in (
                registry.processes.add(make_process("echo")),
                registry.processes.replace(make_process("echo")),
                registry.processes.remove("echo"),
            ):
                with pytest.raises(ProcessImmutableError, match="'echo'"):
                    await attempt
            assert await registry.processes.get("echo") == built_in

    asyncio.run(scenario())


def test_replace_keeps_the_old_revision(tmp_path: Path) -> None:
    """After a replacement the id names the new revision, and a job still finds the one it was submitted to."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            old = await registry.added(make_process("one", digest="1" * 64))
            job = await registry.submitted(old)
            await registry.processes.replace(make_process("one", version="2.0.0", digest="2" * 64))
            new = await registry.processes.get("one")
            assert (new.description.version, new.digest) == ("2.0.0", "2" * 64)
            assert new.revision > old.revision
            assert await registry.processes.revision(job.revision) == old
            assert await _ids(registry) == ["one"]

    asyncio.run(scenario())


def test_remove_keeps_the_revision_and_frees_the_id(tmp_path: Path) -> None:
    """An undeployed process is gone for clients, stays for its jobs, and its id can be used again."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            old = await registry.added(make_process("one"))
            job = await registry.submitted(old)
            await registry.processes.remove("one")
            with pytest.raises(ProcessNotFoundError):
                await registry.processes.get("one")
            with pytest.raises(ProcessNotFoundError):
                await registry.processes.remove("one")
            assert await _ids(registry) == []
            assert await registry.processes.revision(job.revision) == old
            again = await registry.added(make_process("one", version="3.0.0"))
            assert again.revision != old.revision

    asyncio.run(scenario())


def test_summaries_come_in_pages(tmp_path: Path) -> None:
    """Pages follow each other in the order of deployment, without gaps, and the last one says so."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            for number in range(5):
                await registry.processes.add(make_process(f"p{number}", mutable=number != 3))
            await registry.processes.remove("p1")
            pages: list[list[str]] = []
            mutable: JSON = {}
            start: Place | None = None
            while start or not pages:
                found = await registry.processes.summaries(2, start)
                start, last = found.following, found
                pages.append([summary["id"] for summary in found.items])
                mutable |= {summary["id"]: summary["mutable"] for summary in found.items}
            assert pages == [["p0", "p2"], ["p3", "p4"]]
            assert mutable == {"p0": True, "p2": True, "p3": False, "p4": True}
            before = await registry.processes.summaries(2, last.previous)
            assert [summary["id"] for summary in before.items] == pages[0]
            assert (before.previous, before.following) == (None, Place(number=3))

    asyncio.run(scenario())


def test_summary_has_what_the_description_says(tmp_path: Path) -> None:
    """A summary is the description without inputs and outputs, and whether it may be changed."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            await registry.processes.add(make_process("one"))
            [summary] = (await registry.processes.summaries(1)).items
            assert summary == {
                "id": "one",
                "version": "1.0.0",
                "title": "Zürich 🕺",
                "keywords": ["a", "b"],
                "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
                "outputTransmission": ["value", "reference"],
                "mutable": True,
            }

    asyncio.run(scenario())


def test_ensure_built_in_is_idempotent(tmp_path: Path) -> None:
    """Every start ensures the built-in processes; only a changed one gets a new revision."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            revisions = []
            for version in ("1.0.0", "1.0.0", "1.1.0"):
                await registry.processes.ensure_built_in(make_process("echo", version, mutable=False))
                revisions.append((await registry.processes.get("echo")).revision)
            assert revisions[0] == revisions[1] < revisions[2]
            assert await _ids(registry) == ["echo"]

    asyncio.run(scenario())


def test_ensure_built_in_takes_its_id(tmp_path: Path) -> None:
    """A process that a client deployed under the id of a built-in one makes room for it."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            clients = await registry.added(make_process("echo"))
            await registry.processes.ensure_built_in(make_process("echo", mutable=False))
            found = await registry.processes.get("echo")
            assert not found.mutable
            assert await registry.processes.revision(clients.revision) == clients

    asyncio.run(scenario())


def test_a_revision_that_no_id_leads_to(tmp_path: Path) -> None:
    """It is kept once, beside a current one of the same id, and shown nowhere."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            await registry.processes.add(make_process("one"))
            first = await registry.processes.add_unlisted(make_process("one", digest="a" * 64))
            again = await registry.processes.add_unlisted(make_process("one", digest="a" * 64))
            other = await registry.processes.add_unlisted(make_process("one", digest="b" * 64))

            assert first == again != other
            assert (await registry.processes.revision(first)).digest == "a" * 64
            assert (await registry.processes.get("one")).digest not in ("a" * 64, "b" * 64)
            assert await _ids(registry) == ["one"]

    asyncio.run(scenario())
