"""cwltool's store of secrets, as this server needs it: values go where a tool is given them, and nowhere else.

cwltool puts random words into the job order, and values in their place in all of the line that starts a container. In
the part of the line that is the engine's, that would let a value name other mounts; in a line for a shell, it would let
a value end its own quotation. So values go into a tool's own words only, and before these are quoted.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, cast

from cwltool.builder import Builder
from cwltool.secrets import SecretStore
from cwltool.utils import aslist

from cwl_bridge.masks import Masks

_FLAG = "--env="
#: Bytes of a line in a file of variables; the engine's reader takes no longer ones (bufio.Scanner of Go).
_MOST_IN_FILE = 65_000


class Store(SecretStore):
    """The secrets of one run; what it is told is kept out of the log from then on."""

    def __init__(self, masks: Masks) -> None:
        super().__init__()
        self._masks = masks
        self._words: dict[str, str] = {}

    def hidden(self, value: str) -> str:
        """The word that stands for a value; one that is such a word, or has one in it, stays as it is."""
        if self.has_secret(value):
            return value
        if value not in self._words:
            self._masks.add(value)
            self._words[value] = cast(str, self.add(value))
        return self._words[value]

    def variables(self, runtime: list[str], file: Path) -> list[str]:
        """The engine's part of a line, with the variables that hold secrets in a file: others see the line.

        One that does not fit into such a file stays where it is.
        """
        moved = [each for each in runtime if each.startswith(_FLAG) and self._fits(each)]
        if not moved:
            return runtime
        file.touch(mode=0o600)
        lines = (cast(str, self.retrieve(each.removeprefix(_FLAG))) for each in moved)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return [*(each for each in runtime if each not in moved), f"--env-file={file}"]

    def _fits(self, flag: str) -> bool:
        found = cast(str, self.retrieve(flag))
        return found != flag and not {"\n", "\r"} & set(found) and len(found.encode()) < _MOST_IN_FILE


class Line:
    """In the place of the store when a container is started: it knows which words of the line are whose."""

    def __init__(self, store: Store, runtime: int, builder: Builder) -> None:
        """`runtime`: how many words are the engine's."""
        self._store = store
        self._runtime = runtime
        self._builder = builder

    def retrieve(self, value: Any) -> Any:
        if not isinstance(value, list):
            # The environment of the engine's client.
            return value
        own, words = value[: self._runtime], value[self._runtime :]
        own = [self._store.retrieve(each) if each.startswith(_FLAG) else each for each in own]
        if self._builder.get_requirement("ShellCommandRequirement")[0] is not None and self._store.has_secret(words):
            return [*own, *words[:2], " ".join(self._shell_words())]
        return [*own, *cast(list[str], self._store.retrieve(words))]

    def _shell_words(self) -> list[str]:
        """As cwltool makes them, but with the values before they are quoted."""
        found: list[str] = []
        for binding in self._builder.bindings:
            words = [cast(str, self._store.retrieve(each)) for each in aslist(self._builder.generate_arg(binding))]
            found += map(shlex.quote, words) if binding.get("shellQuote", True) else words
        return found

    @staticmethod
    def has_secret(_: Any) -> bool:
        """Files with secrets are removed before cwltool would look for them (see `mounts`)."""
        return False
