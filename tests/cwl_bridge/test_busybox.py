"""The image of the built-in process, where no registry gives it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwl_bridge import busybox
from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.docker import Docker

#: Nothing listens there, so a pull fails at once.
IMAGE = "127.0.0.1:9/busybox:test"


@pytest.fixture
def no_image() -> Iterator[None]:
    """The image is neither there before nor left behind."""
    assert Docker().image_id(IMAGE) is None
    yield
    Docker().remove_image(IMAGE)


@pytest.mark.usefixtures("no_image")
def test_the_image_is_built_from_local_parts() -> None:
    """A static busybox, and a link for each of its names."""
    busybox.ensure(Docker(), IMAGE)

    said = subprocess.run(
        ["docker", "run", "--rm", "--network=none", IMAGE, "sh", "-c", "echo a b | wc -w"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "2"


@pytest.mark.usefixtures("no_image")
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="Debian's package is fetched with apt-get")
def test_the_image_is_built_where_no_busybox_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is unpacked, not installed."""
    for folder in os.environ["PATH"].split(":"):
        for each in Path(folder).glob("*") if Path(folder).is_dir() else ():
            if each.name != "busybox" and not (tmp_path / each.name).exists():
                (tmp_path / each.name).symlink_to(each)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("busybox") is None

    busybox.ensure(Docker(), IMAGE)

    assert Docker().refusal(ContainerLimits(), IMAGE, "true") == ""
