"""Documents that are refused, as data: a folder of tests/data/refused is a package and what is said of it.

case.json: how it is sent, where that is not as a CWL document alone. expected.json: the type and the errors. cli.txt:
what the command line prints.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwl_bridge import deploy
from tests.live import ROOT

FOLDER = ROOT / "tests" / "data" / "refused"


_BESIDE = ("case.json", "expected.json", "cli.txt")


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def files(self) -> dict[str, bytes]:
        """By their paths, the main one first."""
        found = {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name not in _BESIDE
        }
        return {self.main: found[self.main], **found}

    @property
    def main(self) -> str:
        """The file that is deployed."""
        return next(name for name in ("package.json", "flow.cwl", "main.cwl") if (self.folder / name).exists())

    @property
    def how(self) -> dict[str, str]:
        """What case.json says."""
        path = self.folder / "case.json"
        found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def body(self) -> tuple[bytes, str]:
        """Body and media type."""
        match self.how.get("body"):
            case "zip":
                return zipped(self.files), "application/zip"
            case "multipart":
                return multipart(self.files), 'multipart/related; boundary="b"'
        usual = deploy.PACKAGE if self.main == "package.json" else deploy.CWL
        return self.files[self.main], self.how.get("media_type", usual)

    @property
    def expected(self) -> dict[str, Any]:
        """What expected.json says."""
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))
        return found


CASES = [Case(each) for each in sorted(FOLDER.iterdir())]


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file of these."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


def multipart(files: dict[str, bytes]) -> bytes:
    """The same as parts."""
    heads = {name: f"--b\r\nContent-Location: {name}\r\n\r\n".encode() for name in files}
    return b"".join(heads[name] + content + b"\r\n" for name, content in files.items()) + b"--b--\r\n"
