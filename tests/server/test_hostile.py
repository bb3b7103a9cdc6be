"""Packages, tools and clients that mean no good, or know no better."""

from __future__ import annotations

import functools
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import SHELL, Server, containers_of, shell_package, shell_tool

ANY = {"o": {"schema": {"type": "object"}}}
FILE = {"schema": {"type": "string", "contentMediaType": "text/plain"}}
CWL = "https://w3id.org/cwl/cwl#"
SCRIPTS = [{"class": "InlineJavascriptRequirement"}, SHELL]


def ended(server: Server, package: dict[str, Any], inputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """The status of one job of a package that is deployed under its id for this."""
    process_id = package["processDescription"]["id"]
    answer = server.deploy(package)
    assert answer.status_code == 201, answer.text
    try:
        return server.wait(server.submit(process_id, inputs))
    finally:
        server.http.delete(f"/processes/{process_id}")


@pytest.mark.parametrize(
    "said",
    [
        '{"class": "File", "location": "/etc/passwd", "basename": "x"}',
        '{"class": "File", "location": "file:///etc/passwd", "basename": "x"}',
        '{"a": {"class": "Directory", "location": "/etc", "basename": "x"}}',
    ],
)
@pytest.mark.parametrize("place", ["o", "cwl.output.json"])
def test_json_that_looks_like_a_file_of_the_host(server: Server, said: str, place: str) -> None:
    """It never becomes a result."""
    content = said if place == "o" else f'{{"o": {said}}}'
    status = ended(server, shell_package("pretends", f"echo '{content}' > {place}", outputs=ANY))

    assert status["status"] == "failed"
    assert status["exception"]["type"].rpartition("/")[2] in ("output-invalid", "output-outside")
    assert "root:" not in str(status)


@pytest.mark.parametrize(
    "change",
    [
        {"cwl:requirements": SCRIPTS},
        {CWL + "requirements": SCRIPTS},
        {"$namespaces": {"x": CWL}, "x:requirements": SCRIPTS},
        {"requirements": [{"class": CWL + "InlineJavascriptRequirement"}, SHELL]},
        {"hints": [{"class": CWL + "InlineJavascriptRequirement"}]},
        {"cwl:inputs": {"a": "string"}},
        {"inputs": {"a": {"type": "File", "default": {"class": "cwl:File", "location": "file:///etc/passwd"}}}},
        {"inputs": {"a": {"type": "File", "default": {"class": "File", "path": "/etc/passwd"}}}},
        {"$schemas": ["file:///etc/passwd"]},
        {"$schemas": 5},
        {"doc": {"$include": "/etc/passwd"}},
        {"requirements": [{**SHELL, "dockerFile": "FROM scratch"}]},
    ],
)
def test_documents_that_want_more_than_they_may(server: Server, change: dict[str, Any]) -> None:
    """However it is spelled: 422, and nothing is registered."""
    answer = server.deploy({**shell_tool("true", id="wants-more"), **change}, "application/cwl+json")

    assert answer.status_code == 422, answer.text
    assert "root:" not in answer.text
    assert server.http.get("/processes/wants-more").status_code == 404


def test_a_hint_of_an_extension_is_ignored(server: Server) -> None:
    """It would start processes on the host if it counted."""
    hint = {"class": "http://commonwl.org/cwltool#MPIRequirement", "processes": 2}
    server.deploy(shell_tool("true", id="hinted", hints=[hint]), "application/cwl+json")

    assert server.execute("hinted", {}).json() == {}


@pytest.mark.parametrize(
    "types",
    [
        [{"name": f"R{n}", "type": "record", "fields": {f"f{m}": f"R{n + 1}" for m in range(8)}} for n in range(6)]
        + [{"name": "R6", "type": "record", "fields": {"x": "int"}}],
        [{"name": "R0", "type": "record", "fields": {"self": "R0"}}],
        5,
        [{"name": "R0", "type": "enum", "symbols": 5}],
        [{"name": "R0", "type": "record", "fields": ["x"]}],
    ],
)
def test_types_that_make_no_sense(server: Server, types: Any) -> None:
    """Refused at once, the largest of them too."""
    tool = shell_tool("true", id="types-bomb", inputs={"a": "R0"})
    tool["requirements"] = [SHELL, {"class": "SchemaDefRequirement", "types": types}]

    answer = server.deploy(tool, "application/cwl+json")

    assert answer.status_code == 422, answer.text
    assert server.http.get("/health").text == "ok\n"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("config", "abc"),
        ("config", [1]),
        ("config", {"memoryMin": 1e308}),
        ("command", "unbalanced 'q"),
        ("image", "--help"),
        ("image", "docker://UPPER case"),
        ("bindings", {"inputBindings": 5}),
        ("bindings", ""),
        ("bindings", {"outputBindings": []}),
        ("config", []),
        ("mediaType", 5),
        ("href", {}),
    ],
)
def test_units_that_can_not_be(server: Server, part: str, value: Any) -> None:
    """422, with a pointer to the part."""
    package = shell_package("never", "true")
    package["executionUnit"][part] = value

    answer = server.deploy(package)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(f"/executionUnit/{part}")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "a{99999999999999999999}"},
        {"type": "string", "pattern": "(" * 3000},
        {"type": "string", "contentMediaType": "text/plain\r\nX-Evil: 1"},
        {"type": "string", "contentMediaType": "текст/plain"},
        {"type": "integer", "default": "x"},
        {"type": "nonsense"},
        {"$ref": "#/components/x"},
        5,
    ],
)
def test_schemas_that_can_not_be_applied(server: Server, schema: Any) -> None:
    """422, with a pointer to the schema."""
    answer = server.deploy(shell_package("never", "true", {"a": {"schema": schema}}))

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/processDescription/inputs/a/schema")


@pytest.mark.parametrize(
    "value",
    [
        {"href": "http://[foo"},
        {"href": "http://℀.com/"},
        {"href": "file:///etc/passwd"},
        {"href": "http://a:99999999/x"},
        {"value": {"class": "File", "location": "http:///x"}},
        {"value": {"class": "File", "path": "/etc/passwd"}},
        {"value": "é", "encoding": "base64"},
    ],
)
def test_files_that_can_not_be_had(server: Server, value: Any) -> None:
    """400 with a pointer, before there is a job."""
    answer = server.execute("echo", {"stringInput": "x", "imageInput": value})

    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/inputs/imageInput")


def test_names_of_the_server_s_own_in_a_value(server: Server) -> None:
    """An object is only an object, unless a name begins with '$': those are refused."""
    plain = {"class": "Reference", "location": f"{server.url}/health", "schema": {}}

    echoed = server.execute("echo", {"stringInput": "x", "mixedInput": {"value": plain}})
    refused = server.execute("echo", {"stringInput": "x", "mixedInput": {"value": {"$reference": plain}}})

    assert echoed.json()["mixedInput"] == {"value": plain}
    assert refused.status_code == 400


@pytest.mark.parametrize("name", ["cwl.output.json", "o"])
def test_a_fifo_holds_up_nothing(server: Server, name: str) -> None:
    """It is as if it were not there."""
    status = ended(server, shell_package("fifo", f"mkfifo {name}", outputs=ANY))

    assert status["exception"]["type"].endswith("/problems/output-missing")


@pytest.mark.parametrize(
    "script",
    ["echo '{\"o\": NaN}' > cwl.output.json", "echo '{\"o\": 5}' > cwl.output.json", "echo nonsense > cwl.output.json"],
)
def test_outputs_that_are_no_values(server: Server, script: str) -> None:
    """The job fails and says so; its results are no 500."""
    status = ended(server, shell_package("no-values", script, outputs=ANY))

    assert status["exception"]["type"].endswith("/problems/output-invalid")


def test_a_time_limit_is_kept(server: Server) -> None:
    """Also by a tool that ignores SIGTERM."""
    package = shell_package("too-long", "trap '' TERM; sleep 60 & wait; sleep 60")
    package["executionUnit"]["config"] = {"jobTimeout": 1}

    status = ended(server, package)

    assert status["exception"]["type"].endswith("/problems/time-limit")
    assert containers_of(status["jobID"]) == []


def test_what_a_tool_writes_is_cut(server: Server) -> None:
    """A status document stays small, and tells no place of the host."""
    status = ended(server, shell_package("writes", "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1"))

    assert len(str(status)) < 20_000
    assert str(server.data) not in str(status)


class _Drip(http.server.BaseHTTPRequestHandler):
    """Promises much and gives a byte at a time."""

    stopped: threading.Event

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not self.stopped.wait(0.5):
            self.wfile.write(b"x")
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def drip() -> Iterator[str]:
    """A place that is never done."""
    stopped = threading.Event()
    handler = type("Handler", (_Drip,), {"stopped": stopped})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/x"
        stopped.set()
        httpd.shutdown()
        thread.join()


def test_a_job_that_waits_for_a_slow_place_can_be_dismissed(server: Server, drip: str) -> None:
    """At once."""
    server.deploy(shell_package("drips", "true", {"file": FILE}))
    job_id = server.submit("drips", {"file": {"href": drip}})
    server.wait(job_id, "running")
    begun = time.monotonic()

    assert server.http.delete(f"/jobs/{job_id}").json()["status"] == "dismissed"
    assert time.monotonic() - begun < 30


def test_twenty_deletes_of_an_ended_job(server: Server) -> None:
    """One removes it; none fails."""
    outputs = {"files": {"maxOccurs": "unbounded", **FILE}}
    server.deploy(shell_package("many", "mkdir files; cd files; touch $(seq 2000)", outputs=outputs))
    job_id = server.submit("many")
    assert server.wait(job_id)["status"] == "successful", server.status(job_id)
    codes: list[int] = []
    delete = functools.partial(server.http.delete, f"/jobs/{job_id}")
    threads = [threading.Thread(target=lambda: codes.append(delete().status_code)) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(codes) <= {200, 404}
    assert not Path(server.data / "jobs" / job_id).exists()


@pytest.mark.parametrize("path", ["a" * 300, "a/" * 1000 + "a", "%00", "%0d%0a"])
def test_paths_that_no_file_has(server: Server, path: str) -> None:
    """404, whatever the file system would say."""
    outputs = {"tree": {"schema": {"type": "string", "format": "directory"}}}
    server.deploy(shell_package("tree", "mkdir tree", outputs=outputs))
    job_id = server.submit("tree")
    server.wait(job_id)

    assert server.http.get(f"/jobs/{job_id}/results/tree/{path}").status_code in (400, 404)
