"""The results that a TestNG suite leaves behind → which tests passed, failed and were skipped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

#: `method(…)[…, instance:package.Class@…]`
_SIGNATURE = re.compile(r"^(?P<method>[^(]+)\(.*?instance:(?P<class>[\w.$]+)")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """That of one test method."""

    name: str
    #: PASS, FAIL or SKIP.
    status: str
    #: Why it did not pass.
    message: str


def results(folder: Path) -> list[Outcome]:
    """Of the newest testng-results.xml below the folder. Raises FileNotFoundError where there is none."""
    found = sorted(folder.rglob("testng-results.xml"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FileNotFoundError(f"The suite left no testng-results.xml in {folder}.")
    # The suite wrote it here, on this machine.
    root = ET.parse(found[-1]).getroot()  # noqa: S314
    return [_test(each) for each in root.iter("test-method") if each.get("is-config") != "true"]


def _test(method: ET.Element) -> Outcome:
    name = method.get("name", "")
    match = _SIGNATURE.match(method.get("signature", ""))
    owner = match["class"].rpartition(".")[2] + "." if match else ""
    message = method.findtext(".//message") or ""
    return Outcome(name=owner + name, status=method.get("status", ""), message=" ".join(message.split()))
