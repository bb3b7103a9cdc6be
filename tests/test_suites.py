"""What runs the suites of others: the host of their schemas, the reader of their results."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance import fuzzing, schemahost, testng
from conformance.testng import Outcome
from tests.live import ROOT
from tests.standards.test_fuzz import CASES

RESULTS = """<?xml version="1.0" encoding="UTF-8"?>
<testng-results skipped="1" failed="1" total="3" passed="1">
  <suite name="s"><test name="t"><class name="org.example.jobs.Jobs">
    <test-method status="PASS" signature="setUp()[pri:0, instance:org.example.jobs.Jobs@1]" is-config="true"/>
    <test-method status="PASS" signature="testOne()[pri:0, instance:org.example.jobs.Jobs@1]" name="testOne"/>
    <test-method status="FAIL" signature="testTwo()[pri:0, instance:org.example.jobs.Jobs@1]" name="testTwo">
      <exception class="java.lang.AssertionError"><message><![CDATA[expected 200
         but was 500]]></message></exception>
    </test-method>
    <test-method status="SKIP" signature="testThree()[pri:0, instance:org.example.List@2]" name="testThree"/>
  </class></test></suite>
</testng-results>
"""

needs_java = pytest.mark.skipif(not (shutil.which("java") and shutil.which("keytool")), reason="there is no JDK")


def test_results_are_read(tmp_path: Path) -> None:
    """Tests with their outcome and why; what only prepares them is left out."""
    (tmp_path / "testng" / "1").mkdir(parents=True)
    (tmp_path / "testng" / "1" / "testng-results.xml").write_text(RESULTS)

    assert testng.results(tmp_path) == [
        Outcome(name="Jobs.testOne", status="PASS", message=""),
        Outcome(name="Jobs.testTwo", status="FAIL", message="expected 200 but was 500"),
        Outcome(name="List.testThree", status="SKIP", message=""),
    ]


def test_no_results(tmp_path: Path) -> None:
    """That is said, not taken for a success."""
    with pytest.raises(FileNotFoundError, match=r"no testng-results\.xml"):
        testng.results(tmp_path)


@needs_java
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_host_of_schemas(tmp_path: Path, scheme: str) -> None:
    """Answers for the one host from the folder, and for nothing else."""
    folder, work = tmp_path / "schemas", tmp_path / "work"
    for each in (folder, work):
        each.mkdir()
    (folder / "process.yaml").write_text("type: object\n")
    (tmp_path / "secret").write_text("secret")
    with schemahost.serving(folder, work) as options:
        port = next(each.rpartition("=")[2] for each in options if each.startswith(f"-D{scheme}.proxyPort="))
        trusted = ssl.create_default_context(cafile=str(work / "certificate.pem"))
        with httpx.Client(proxy=f"http://127.0.0.1:{port}", verify=trusted, trust_env=False) as client:
            base = f"{scheme}://{schemahost.HOST}{schemahost.PREFIX}"
            assert client.get(f"{base}process.yaml").text == "type: object\n"
            assert client.get(f"{base}none.yaml").status_code == 404
            assert client.get(f"{base}..%2fsecret").status_code == 404
            with pytest.raises(httpx.HTTPError):
                client.get("https://example.org/")


@needs_java
def test_a_class_path_that_holds_no_suite(tmp_path: Path) -> None:
    """What Java says is shown, and it is no success."""
    done = subprocess.run(
        [sys.executable, "-m", "conformance.ets", "1", str(tmp_path), "--schemas", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert "ClassNotFoundException" in done.stdout


#: The settings of checks in the configuration, as the page calls them.
HELD = {
    "positive_data_acceptance": "what is right is taken",
    "negative_data_rejection": "what is wrong is refused for it",
    "allow_header_conformance": "`Allow` has the methods of the path",
    "use_after_free": "what was deleted is gone",
}
#: Expressions for their ids there, as the page calls those.
PATTERNS = {
    r"^execute\.": "execute.…",
    r"^(get|post|put|patch|delete)\.(job.*|results?|log|definition|inputs?|bundle|prov)$": "*.job…",
}


def test_what_the_page_says_of_fuzzing() -> None:
    """The number of cases, and each exception with its operations, are those of the configuration."""
    page = (ROOT / "docs" / "conformance.md").read_text()
    configured = tomllib.loads(fuzzing.CONFIG.read_text())["operations"]

    section = page.partition("## The API definition\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*`) \| (.*) \| .* \|$", section, re.MULTILINE)
    said = {(name, what) for names, what in rows for name in re.findall("`([^`]*)`", names)}

    assert f"python -m conformance.fuzzing --cases {fuzzing.CASES}\n" in page
    assert f"with {CASES} cases" in page
    assert said == {
        (name, HELD[check]) for each in configured for check in each.get("checks", {}) for name in _operations(each)
    }


def _operations(entry: dict[str, Any]) -> list[str]:
    """By their ids, or as PATTERNS says."""
    if "include-operation-id-regex" in entry:
        return [PATTERNS[entry["include-operation-id-regex"]]]
    listed = entry["include-operation-id"]
    return [listed] if isinstance(listed, str) else listed
