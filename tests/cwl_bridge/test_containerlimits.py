"""What settings make of a container's flags."""

from __future__ import annotations

from typing import Any

import pytest

from cwl_bridge import images
from cwl_bridge.containerlimits import UNPRIVILEGED, ContainerLimits, ContainerLimitsError


@pytest.mark.parametrize(
    ("user", "server", "rootless", "expected"),
    [
        ("", (0, 0), False, UNPRIVILEGED),
        ("", (1000, 100), False, "1000:100"),
        ("4:5", (0, 0), False, "4:5"),
        ("4:5", (1000, 100), False, "4:5"),
        ("", (1000, 100), True, "0:0"),
    ],
)
def test_who_a_tool_is(user: str, server: tuple[int, int], rootless: bool, expected: str) -> None:
    """Never root, but where the engine's root is the server's own user."""
    assert ContainerLimits(user=user).user_of(server, rootless=rootless) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "root"},
        {"user": "0"},
        {"network": "host"},
        {"network": "container"},
        {"network": "container:abc"},
        {"network": "--privileged"},
        {"network": ""},
        {"processes": 2},
        {"open_files": 0},
    ],
)
def test_what_no_container_can_have(wrong: dict[str, Any]) -> None:
    """A network of the host or of another container is none that tools are kept to."""
    with pytest.raises(ContainerLimitsError):
        ContainerLimits(**wrong).check()


def test_what_an_operator_adds() -> None:
    """Profiles, where they are set."""
    plain = ContainerLimits().flags("1:1")
    more = ContainerLimits(seccomp="/etc/tools.json", apparmor="tools").flags("1:1")

    assert [each for each in more if each not in plain] == [
        "--security-opt=seccomp=/etc/tools.json",
        "--security-opt=apparmor=tools",
    ]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("busybox:stable", None),
        ("library/busybox", None),
        ("ghcr.io/a/b:1", ("ghcr.io", 443)),
        ("localhost/a", ("localhost", 443)),
        ("127.0.0.1:5000/a@sha256:0", ("127.0.0.1", 5000)),
        ("[::1]:5000/a", ("::1", 5000)),
        ("registry:80/a", ("registry", 80)),
    ],
)
def test_where_an_image_comes_from(reference: str, expected: tuple[str, int] | None) -> None:
    """As the engine reads it: a first part with a dot, a port, or localhost is a host."""
    assert images.registry(reference) == expected
