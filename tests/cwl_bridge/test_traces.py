"""What is left of a job, read: addresses without secrets, steps as far as they were told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import provenance, traces
from cwl_bridge.jobfolder import JobFolder, write_json
from cwl_bridge.traces import Trace
from tests.registry.samples import make_job, make_process


class Urls:
    def input(self, path: str) -> str:
        return f"https://example.org/in/{path}"

    def result(self, *segments: str) -> str:
        return f"https://example.org/out/{'/'.join(segments)}"


AT = provenance.Addresses(
    server="https://example.org",
    job="https://example.org/job",
    process="https://example.org/process",
    document="https://example.org/process.cwl",
    order="https://example.org/inputs.json",
    inputs="https://example.org/in/",
    results="https://example.org/out/",
)


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    found = JobFolder(tmp_path / "job")
    found.inputs.mkdir(parents=True)
    return found


def trace(folder: JobFolder, order: dict[str, Any]) -> Trace:
    """Of a job with these inputs."""
    write_json(folder.order, order)
    process = make_process("traced")
    return traces.read(make_job(process), process, folder, Urls(), {})


def prov_n(folder: JobFolder, value: Any) -> str:
    """How a literal is written."""
    text = provenance.text(trace(folder, {"given": value}), AT, provenance.PROV_N).decode()
    (line,) = [each for each in text.splitlines() if "entity(order:given" in each]
    return line.partition("prov:value=")[2].removesuffix("])")


@pytest.mark.parametrize(
    ("href", "shown"),
    [
        ("https://example.org/a/b.tif", "https://example.org/a/b.tif"),
        ("https://user:secret@example.org:8443/b.tif?sig=secret#secret", "https://example.org:8443/b.tif"),
        ("s3://bucket/a%20b c<d>", "s3://bucket/a%20b%20c%3Cd%3E"),
        ("gs://bucket/ü", "gs://bucket/%C3%BC"),
        ("file:///srv/secret/place", None),
        ("data:;base64,AAAA", None),
        ("http://[bad", None),
        ("no address", None),
    ],
)
def test_an_address_without_what_only_its_client_may_know(href: str, shown: str | None) -> None:
    """User, password, query and fragment go; a place of the host is not shown at all."""
    assert traces.public(href) == shown


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5, "5"),
        (1 << 40, '"1099511627776" %% xsd:integer'),
        (0.1234567890123, '"0.1234567890123" %% xsd:decimal'),
        (1e-7, '"0.0000001" %% xsd:decimal'),
        ("plain", '"plain"'),
        ('C:\\temp "x"\n', r'"C:\\temp \"x\"\n"'),
        ("ends in \\", r'"ends in \\"'),
        ([1, None, "a"], r'"[1, null, \"a\"]"'),
        ({}, '"{}"'),
    ],
    ids=repr,
)
def test_a_literal_in_prov_n(folder: JobFolder, value: Any, written: str) -> None:
    """Nothing of a number is cut, and a text ends where it ends."""
    assert prov_n(folder, value) == written


def test_a_long_literal_stays_out(folder: JobFolder) -> None:
    """Its size is told."""
    told = provenance.text(trace(folder, {"given": "x" * 20_000}), AT, "application/json")

    assert len(told) < 10_000
    assert json.loads(told)["entity"]["order:given"]["schema:contentSize"]["$"] == 20_002


def test_a_step_that_is_being_told(folder: JobFolder) -> None:
    """A line without its end is one that is not there yet."""
    told = {"time": "2026-01-01T00:00:00+00:00", "event": "started", "step": "one", "of": "a/one", "done": 0}
    folder.steps.write_text(json.dumps(told) + "\n" + json.dumps({**told, "event": "ended"})[:40])

    (step,) = trace(folder, {}).steps

    assert (step.name, step.of, step.ended) == ("one", "a/one", None)


def test_of_very_many_steps_the_first_are_told(folder: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their ends."""
    monkeypatch.setattr(traces, "MAX_STEPS", 2)
    told = {"time": "2026-01-01T00:00:00+00:00", "of": "part"}
    lines = [{**told, "event": event, "step": f"part_{each}"} for each in range(3) for event in ("started", "ended")]
    folder.steps.write_text("".join(json.dumps(each) + "\n" for each in lines))

    found = trace(folder, {}).steps

    assert [(each.name, each.ended is not None) for each in found] == [("part_0", True), ("part_1", True)]


def test_a_folder_of_very_many_files_is_named_as_a_whole(folder: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """So are those that come after it."""
    monkeypatch.setattr(traces, "MAX_MEMBERS", 3)
    for name, count in (("1", 2), ("2", 2), ("3", 0)):
        (folder.inputs / name / "tree").mkdir(parents=True)
        for each in range(count):
            (folder.inputs / name / "tree" / str(each)).touch()
    trees = {f"tree{name}": {"class": "Directory", "basename": "tree"} for name in "123"}

    found = trace(folder, trees).inputs or {}

    assert [each.members and len(each.members) for each in found.values()] == [2, None, ()]
