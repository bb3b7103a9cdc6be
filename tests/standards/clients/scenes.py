"""What the scripts of clients have in common; runs in their environment, with the standard library alone."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Callable
from typing import Any

SECONDS = 90.0
POLL_SECONDS = 0.1


class Scenes:
    """Calls of a client by name, and what came of each."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def play(self, name: str, call: Callable[[], Any], show: Callable[[Any], Any] = lambda each: each) -> Any:
        """What the call gives; None where it raises. `show`: what of it is told."""
        said = io.StringIO()
        try:
            # Some print what they should raise.
            with contextlib.redirect_stdout(said):
                given = call()
        except Exception as error:
            self._found[name] = {"raised": type(error).__name__, "message": str(error), "said": said.getvalue()}
            return None
        self._found[name] = {"given": show(given), "said": said.getvalue()}
        return given

    def tell(self) -> None:
        print(json.dumps(self._found))  # noqa: T201


def until(call: Callable[[], Any], fine: Callable[[Any], bool]) -> Any:
    """What the call gives as soon as that is fine."""
    deadline = time.monotonic() + SECONDS
    while not fine(found := call()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found
