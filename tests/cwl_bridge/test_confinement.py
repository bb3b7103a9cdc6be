"""What a process can do that has given its rights up."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import time
from collections.abc import Callable

import pytest

from cwl_bridge import confinement

pytestmark = pytest.mark.skipif(not confinement.is_known(), reason="no filter for this kind of machine")

ENDED, REFUSED = 3, 4


def _becomes(act: Callable[[], object]) -> int:
    """The exit code of a confined child that acts, or its signal, negative."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            confinement.confine()
            act()
            code = ENDED
        except OSError:
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _executable() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


@pytest.mark.parametrize(
    "act",
    [
        lambda: os.kill(os.getppid(), 0),
        os.getppid,
        os.fork,
        lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
        lambda: os.unlink("/nowhere"),  # noqa: PTH108
        socket.socket,
        lambda: ctypes.CDLL(None).ptrace(0, 0, 0, 0),
        _executable,
    ],
    ids=["kill", "getppid", "fork", "exec", "unlink", "socket", "ptrace", "executable memory"],
)
def test_what_kills(act: Callable[[], object]) -> None:
    """Whoever asks for it is not there any more."""
    assert _becomes(act) == -signal.SIGSYS


def test_files() -> None:
    """They can't be opened, and nobody dies of trying, as the C library does."""
    assert _becomes(lambda: os.open("/etc/passwd", os.O_RDONLY)) == REFUSED
    assert _becomes(lambda: time.localtime(0)) == ENDED


def test_what_an_engine_needs() -> None:
    """Memory, much or little, the time, and the socket that it has."""
    ours, theirs = socket.socketpair()

    def work() -> None:
        blocks = [bytearray(1 << size) for size in range(4, 25)]
        del blocks[::2]
        time.process_time()
        signal.setitimer(signal.ITIMER_PROF, 100)
        theirs.sendall(theirs.recv(2))
        os.write(theirs.fileno(), os.read(theirs.fileno(), 2))

    with ours, theirs:
        ours.sendall(b"abcd")
        assert _becomes(work) == ENDED
        assert ours.recv(4, socket.MSG_WAITALL) == b"abcd"
