"""Which engine a server has, what it makes of names and limits, and what it can't keep."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import pytest

from cwl_bridge import runtimes
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.containers import PROMISES, ContainerEngine
from cwl_bridge.docker import Docker
from cwl_bridge.podman import Podman
from server import settings
from tests.live import ROOT

DIGEST = "sha256:" + 64 * "a"


def answering(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for each in runtimes.OFFERED.values():
        monkeypatch.setattr(each, "answers", lambda self: self.name in names)


@pytest.mark.parametrize(
    ("setting", "there", "expected"),
    [
        ("auto", ("docker", "podman"), Docker),
        ("auto", ("podman",), Podman),
        ("auto", (), Docker),
        ("podman", ("docker",), Podman),
        ("docker", ("podman",), Docker),
    ],
)
def test_which_engine_it_is(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    setting: str,
    there: tuple[str, ...],
    expected: type[ContainerEngine],
) -> None:
    """One that is named need not answer yet; what was found is said."""
    answering(monkeypatch, *there)

    with caplog.at_level(logging.INFO):
        assert type(runtimes.chosen(setting)) is expected

    assert (expected.title in caplog.text) == (setting == "auto")


@pytest.mark.parametrize("name", sorted(runtimes.NOT_OFFERED))
def test_an_engine_that_is_not_offered(name: str) -> None:
    """The server does not start, and says why, and which there are."""
    with pytest.raises(settings.SettingsError, match=f"^runtime: {name} is not offered: .*auto, docker, podman"):
        settings.load({"runtime": name}, {}, None)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("busybox:stable", "docker.io/library/busybox:stable"),
        ("osgeo/gdal", "docker.io/osgeo/gdal"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("localhost/a", "localhost/a"),
        ("127.0.0.1:5000/a", "127.0.0.1:5000/a"),
        (DIGEST, DIGEST),
        (f"busybox@{DIGEST}", f"docker.io/library/busybox@{DIGEST}"),
    ],
)
def test_short_names_mean_what_docker_means(reference: str, expected: str) -> None:
    """Podman would ask the machine, or somebody, which registry is meant."""
    assert Podman().named(reference) == expected


def test_what_a_user_can_not_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is left out of the flags, and said; all else stays."""
    cidfile = tmp_path / "a.cid"
    whole = Podman().flags(cidfile, 1, 64, 512)
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)

    flags = Podman().flags(cidfile, 1, 64, 512)

    assert [each for each in whole if each not in flags] == [
        *("--memory=64m", "--memory-swap=64m", "--cpus=1", "--pids-limit=512")
    ]
    monkeypatch.setattr(Podman, "_cannot_run", lambda *_: [])
    assert Podman().unkept(ContainerLimits()) == [PROMISES[name] for name in Podman.conditions]


def test_an_oci_runtime_is_told_as_each_engine_wants_it(tmp_path: Path) -> None:
    """Docker for a container, Podman for itself."""
    cidfile = tmp_path / "a.cid"

    assert "--runtime=runsc" in Docker("runsc").flags(cidfile, 1, 64, 512)
    command = Podman("runsc").command(cidfile)
    assert command.index("--runtime=runsc") < command.index("run")


def test_the_table_of_engines() -> None:
    """docs/operating.md has each promise, and on which condition each engine keeps it."""
    page = (ROOT / "docs" / "operating.md").read_text()
    table = page.partition("| promise |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.*\.) \| (.*) \| (.*) \|$", table, re.MULTILINE)

    engines = runtimes.OFFERED.values()
    assert rows == [
        (words, *(each.conditions.get(name, "yes") for each in engines)) for name, words in PROMISES.items()
    ]
    for name, reason in runtimes.NOT_OFFERED.items():
        assert f"`{name}`" in page
        assert reason in page.replace("\n", " ")
