"""What a process may ask of the kernel, given up for ever: all but memory, time, and what it has open already.

A seccomp filter (seccomp(2), Documentation/userspace-api/seccomp_filter.rst of Linux): who asks for anything else dies
of SIGSYS. What would open or look up a file fails, as the C library does that unasked, for its time zone.
"""

from __future__ import annotations

import ctypes
import errno
import platform
from collections.abc import Iterator
from typing import NamedTuple

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
#: BPF: load a word, jump if equal, jump if a bit is set, return.
_LOAD, _EQUAL, _SET, _RETURN = 0x20, 0x15, 0x45, 0x06
#: In struct seccomp_data: the call, the architecture, the low half of the third argument.
_CALL, _ARCHITECTURE, _PROTECTION = 0, 4, 32
_PROT_EXEC = 4


class _Machine(NamedTuple):
    """Numbers of asm/unistd.h."""

    architecture: int
    allowed: dict[str, int]
    #: Allowed for memory that is not executed.
    memory: dict[str, int]
    failing: dict[str, int]


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        {
            "read": 0,
            "write": 1,
            "close": 3,
            "brk": 12,
            "munmap": 11,
            "mremap": 25,
            "madvise": 28,
            "futex": 202,
            "rt_sigaction": 13,
            "rt_sigprocmask": 14,
            "rt_sigreturn": 15,
            "sigaltstack": 131,
            "setitimer": 38,
            "recvfrom": 45,
            "sendto": 44,
            "clock_gettime": 228,
            "gettimeofday": 96,
            "getrandom": 318,
            "sched_yield": 24,
            "exit": 60,
            "exit_group": 231,
            "restart_syscall": 219,
        },
        {"mmap": 9, "mprotect": 10},
        {"open": 2, "stat": 4, "access": 21, "readlink": 89, "openat": 257, "newfstatat": 262, "statx": 332},
    ),
    "aarch64": _Machine(
        0xC00000B7,
        {
            "read": 63,
            "write": 64,
            "close": 57,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "madvise": 233,
            "rt_sigaction": 134,
            "rt_sigprocmask": 135,
            "rt_sigreturn": 139,
            "sigaltstack": 132,
            "setitimer": 103,
            "recvfrom": 207,
            "sendto": 206,
            "clock_gettime": 113,
            "gettimeofday": 169,
            "getrandom": 278,
            "futex": 98,
            "sched_yield": 124,
            "exit": 93,
            "exit_group": 94,
            "restart_syscall": 128,
        },
        {"mmap": 222, "mprotect": 226},
        {"openat": 56, "faccessat": 48, "readlinkat": 78, "newfstatat": 79, "statx": 291},
    ),
}


class _Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction))]


_LIBC = ctypes.CDLL(None, use_errno=True)


def is_known() -> bool:
    """Whether the numbers of this machine's calls are known."""
    return platform.machine() in _MACHINES


def confine() -> None:
    """This thread, and all that it starts. Raises OSError where the kernel does not do it."""
    instructions = [_Instruction(*each) for each in _instructions(_MACHINES[platform.machine()])]
    program = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    _set(_PR_SET_NO_NEW_PRIVS, 1, 0)
    _set(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))


def _set(option: int, value: int, address: int) -> None:
    if _LIBC.prctl(option, value, ctypes.c_void_p(address), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the calls of a process can't be limited")


def _instructions(machine: _Machine) -> Iterator[tuple[int, int, int, int]]:
    """(code, jump if so, jump if not, operand); a jump of 0 goes to the next."""
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, machine.architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _CALL
    for number in machine.allowed.values():
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _ALLOW
    for number in machine.failing.values():
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _FAIL
    for number in machine.memory.values():
        yield _EQUAL, 0, 4, number
        yield _LOAD, 0, 0, _PROTECTION
        yield _SET, 0, 1, _PROT_EXEC
        yield _RETURN, 0, 0, _KILL
        yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _KILL
