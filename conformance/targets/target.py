"""What reads what others send, each as a function of bytes that fails where it does not keep what is said of it.

Whatever the bytes are: nothing is raised but the project's own errors, which can be written as problem documents; what
is taken is what it seems, however often it is read; and none of it takes long.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cwl_bridge.errors import BridgeError
from registry.errors import RegistryError
from server.problems import ProblemError

T = TypeVar("T")

#: Of processor time, for one input of a few kilobytes; measuring and other work on the machine included.
SECONDS = 5.0
#: Characters of what is said of an error; texts of clients are cut before they are quoted.
MAX_DETAIL = 20_000

OWN = (BridgeError, ProblemError, RegistryError)


@dataclass(frozen=True, kw_only=True)
class Target:
    """One reader. `check` raises AssertionError where it does not keep its word."""

    name: str
    check: Callable[[bytes], None]
    #: Inputs that it takes.
    seeds: Callable[[], Sequence[bytes]] = lambda: (b"",)
    #: What its language is made of.
    words: Sequence[bytes] = field(default=())
    #: Whether one input takes milliseconds.
    slow: bool = False

    def __call__(self, data: bytes) -> None:
        begun = time.process_time()
        self.check(data)
        took = time.process_time() - begun
        assert took < SECONDS, f"{self.name} took {took:.1f} s for {len(data)} bytes"


def ours(act: Callable[[], T], *more: type[Exception]) -> T | None:
    """What an act gives, or None where it refuses with an error that can be told to who asked."""
    try:
        return act()
    except OWN as error:
        tell(error)
    except more:
        pass
    return None


def tell(error: Exception) -> None:
    """Fails where an error can't be written into a problem document, or says too much."""
    said = [str(error), *(json.dumps(each.member()) for each in getattr(error, "errors", None) or ())]
    for each in said:
        each.encode()
        assert 0 < len(each) <= MAX_DETAIL, each[:200]


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        found: T = ended.value
        return found
    coroutine.close()
    raise AssertionError("it waits for something")
