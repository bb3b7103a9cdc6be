"""OGC's executable test suites: `python -m conformance.ets PART CLASSPATH [--set NAME=VALUE]`.

PART: 1 or 2. CLASSPATH: a suite and what it depends on, as Java takes it; nothing of it is in this repository. A server
is started for it. The suites fetch schemas from schemas.opengis.net: a local copy answers in its place (--schemas).
"""

from __future__ import annotations

import argparse
import functools
import shlex
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

from conformance import schemahost, testng
from tests.live import Server, serving, shell_package
from tests.standards import processes, schemas

MAIN = {
    "1": "org.opengis.cite.ogcapiprocesses10.TestNGController",
    "2": "org.opengis.cite.ogcapiprocesses10part2.TestNGController",
}
#: The suite of Part 2 reads its Docker package from there, and nowhere else.
PACKAGE = Path("te_base/scripts/ogcapi-processes-1.0-part2/1.0/testdata/ogcapppkg.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.ets", description=__doc__.partition("\n")[0])
    parser.add_argument("part", choices=MAIN)
    parser.add_argument("classpath", help="the suite and what it depends on, as java -cp takes them")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server")
    parser.add_argument(
        "--schemas", type=Path, default=schemas.FOLDER / "processes-1.0", help="a copy of /ogcapi/processes/part1/1.0/"
    )
    parser.add_argument(
        "--package", type=Path, default=schemas.SUITE / "part2-docker-ogcapppkg.json", help="Part 2: its Docker package"
    )
    arguments = parser.parse_args()
    chosen = {name.upper(): value for name, _, value in (each.partition("=") for each in arguments.set)}
    with tempfile.TemporaryDirectory(prefix="cwl-processes-") as folder:
        work = Path(folder)
        with serving(work / "data", **{"SLOTS": "4", "FETCH_ALLOW": "127.0.0.1", **chosen}) as server:
            # What the suite of Part 2 undeploys.
            assert server.deploy(shell_package("sacrifice", "true")).status_code == 201  # noqa: S101
            with schemahost.serving(arguments.schemas, work) as options, _files(processes.DATA) as files:
                given = _properties(work, server, f"{files}/suite.cwl")
                java = ["java", *options, "-cp", arguments.classpath, MAIN[arguments.part], "-o", folder, str(given)]
                done = subprocess.run(_with_package(java, arguments.package, work), capture_output=True, check=False)
        (work / "log").write_bytes(done.stdout + done.stderr)
        return _report(work)


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    """The URL of a folder, for as long as it lasts."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _properties(work: Path, server: Server, package: str) -> Path:
    """What a suite is told. Without a DOCTYPE, which would be fetched."""
    told = {
        "iut": server.url,
        "echoprocessid": "echo",
        # Never used, and missed.
        "noofcollections": "-1",
        "processtestlimit": "5",
        "urlapppkg": package,
    }
    entries = "".join(f'<entry key="{name}">{escape(value)}</entry>' for name, value in told.items())
    path = work / "properties.xml"
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<properties version="1.0">{entries}</properties>\n')
    return path


def _with_package(java: list[str], package: Path, work: Path) -> list[str]:
    """The command in a mount namespace of its own, where /root holds the package and nothing else."""
    if not package.is_file():
        return java
    there = work / "root" / PACKAGE
    there.parent.mkdir(parents=True)
    there.write_bytes(package.read_bytes())
    mounted = f"mount --bind {shlex.quote(str(work / 'root'))} /root && exec {shlex.join(java)}"
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted]


def _report(work: Path) -> int:
    try:
        found = testng.results(work)
    except FileNotFoundError as error:
        print(error, (work / "log").read_text(errors="replace")[-4000:])
        return 2
    missed = [each for each in found if each.status != "PASS"]
    for each in missed:
        print(f"{each.status} {each.name}: {each.message[:300]}")
    print(f"{len(found) - len(missed)} of {len(found)} passed")
    return 1 if missed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
