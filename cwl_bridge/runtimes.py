"""Which container engine a server has, by the setting `runtime`.

`python -m cwl_bridge.runtimes [NAME]` makes the image of the built-in process available to one.
"""

from __future__ import annotations

import logging
import sys

from cwl_bridge import busybox
from cwl_bridge.containers import ContainerEngine
from cwl_bridge.docker import Docker
from cwl_bridge.podman import Podman

AUTO = "auto"

#: In the order in which `auto` tries them.
OFFERED: dict[str, type[ContainerEngine]] = {each.name: each for each in (Docker, Podman)}

#: And why not.
NOT_OFFERED = {
    "singularity": "it keeps no list of a job's containers, by which what is left of it is found, and was not tested",
    "udocker": "it runs tools as the server's own user on its own network, without limits and without isolation",
}

_log = logging.getLogger("cwl_processes")


def of(name: str, oci_runtime: str = "") -> ContainerEngine:
    return OFFERED[name](oci_runtime)


def chosen(setting: str, oci_runtime: str = "") -> ContainerEngine:
    """The engine that is named; for AUTO the first that answers, and where none does, the first."""
    if setting != AUTO:
        return of(setting, oci_runtime)
    engines = [of(name, oci_runtime) for name in OFFERED]
    found = next((each for each in engines if each.answers()), engines[0])
    _log.info("runtime=auto: tools run with %s", found.title)
    return found


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="busybox image: %(message)s")
    busybox.ensure(of(*sys.argv[1:2] or [Docker.name]))
