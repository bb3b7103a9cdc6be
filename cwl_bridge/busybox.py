"""The small image that the built-in process runs in: pulled, or built from a static busybox."""

from __future__ import annotations

import io
import logging
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cwl_bridge.containerlimits import ContainerLimits
from cwl_bridge.containers import ContainerEngine, ImageUnavailableError

IMAGE = "busybox:stable"
PULL_SECONDS = 60.0
BUILD_SECONDS = 120.0

_log = logging.getLogger("cwl_processes")


def ensure(containers: ContainerEngine, image: str = IMAGE) -> None:
    """Makes the image available. Raises ImageUnavailableError with what to do where that can't be done."""
    if containers.image_id(image):
        return
    _log.info("getting the image %s", image)
    try:
        containers.pull(image, PULL_SECONDS)
    except ImageUnavailableError as error:
        _log.info("no registry gives it (%s); building it from a static busybox", error)
        with tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder:
            _build(containers, image, Path(folder))


def _build(containers: ContainerEngine, image: str, folder: Path) -> None:
    said = "there is none"
    for binary in _binaries(folder):
        applets = subprocess.run([binary, "--list"], capture_output=True, text=True, check=False).stdout.split()
        containers.import_image(image, _root(binary, applets), 'CMD ["sh"]', "ENV PATH=/bin")
        # A busybox that is linked dynamically starts on the host, but not in an empty image.
        said = containers.refusal(ContainerLimits(), image, "true")
        if not said:
            return
        containers.remove_image(image)
    raise ImageUnavailableError(
        f"The image {image} can be neither pulled nor built from a busybox of this machine ({said}). "
        "Install a static one (Debian and Ubuntu: apt-get install busybox-static) and start again."
    )


def _binaries(folder: Path) -> Iterator[Path]:
    installed = shutil.which("busybox")
    if installed:
        yield Path(installed)
    if shutil.which("apt-get") is None:
        return
    # Only unpacked, not installed: this works for any user.
    for command in (["apt-get", "download", "busybox-static"], ["dpkg-deb", "-x", "busybox.deb", "."]):
        subprocess.run(command, cwd=folder, capture_output=True, timeout=BUILD_SECONDS, check=False)
        for package in folder.glob("busybox-static_*.deb"):
            package.rename(folder / "busybox.deb")
    yield from folder.glob("**/bin/busybox")


def _root(binary: Path, applets: list[str]) -> bytes:
    """A root file system as a tar file: the program, and a link for each of its names."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        program = tarfile.TarInfo("bin/busybox")
        program.mode = 0o755
        data = binary.read_bytes()
        program.size = len(data)
        tar.addfile(program, io.BytesIO(data))
        for name in applets:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            if name != "busybox":
                tar.addfile(link)
    return content.getvalue()
