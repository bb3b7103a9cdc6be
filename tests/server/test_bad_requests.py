"""Every operation there is, and requests that are wrong in each way that does not depend on what it does.

What can't be meant is a problem below 500, at once; what says nothing to the server is passed over.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from server.endpoints import Endpoint, Parameter
from server.routes import ENDPOINTS
from tests.live import Server, serving
from tests.server.wire import Answer, sent

X1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
HOST = "Host: x\r\n"
CLOSE = "Connection: close\r\n"

#: What stands for the parameters of paths; that of a job is the job's.
PLACES = {
    "process_id": "echo",
    "name": "not-found",
    "digest": "0" * 64,
    "basename": "none",
    "path:path": "imageInput",
    "place:path": "none",
}

OPERATIONS = [pytest.param(each, id=f"{each.method} {each.path}") for each in ENDPOINTS]
GETS = [pytest.param(each, id=each.path) for each in ENDPOINTS if each.method == "GET"]
WITH_BODIES = [pytest.param(each, id=f"{each.method} {each.path}") for each in ENDPOINTS if each.takes]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server that waits a second for the rest of a request, and a job on it that was successful."""
    with serving(tmp_path_factory.mktemp("bare") / "data", CLIENT_TIMEOUT="1") as server:
        job_id = server.submit("echo", {"stringInput": "x", "imageInput": {"value": "eA==", "encoding": "base64"}})
        assert server.wait(job_id)["status"] == "successful"
        yield server, job_id


def target(endpoint: Endpoint, job_id: str, query: str = "") -> str:
    path = endpoint.path
    for name, value in {**PLACES, "job_id": job_id if endpoint.method != "DELETE" else "none"}.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return f"{path}?{query}" if query else path


def asked(server: Server, line: str, headers: str = HOST, body: bytes = b"") -> Answer:
    """The one answer; the client says no more, and closes nothing."""
    (answer,) = sent(server, f"{line}\r\n{headers}{CLOSE}\r\n".encode("latin-1") + body)
    return answer


def is_fine(answer: Answer) -> bool:
    """An answer, or a problem of the client's, which may be a page; else `problem` fails."""
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    return 200 <= answer.status < 400 or (answer.status < 500 and (is_page or bool(answer.problem)))


HEADERS = [
    *("Accept: ;;;", "Accept: ,", "Accept: */*;q=NaN", "Accept: */*;q=1e9", "Accept: \xe9/\xff", "Accept: */*;q=0"),
    *("Accept: " + "," * 60_000, "Accept: " + "a/b;" * 15_000, 'Accept: text/html;profile="'),
    *("Prefer: wait=NaN", "Prefer: wait=-1", "Prefer: wait=" + "9" * 50, "Prefer: ;;,,==\xff", 'Prefer: profile="'),
    *("Range: bytes=", "Range: bytes=5-1", "Range: bytes=-", "Range: \xff", "Range: bytes=" + "9" * 5000 + "-"),
    *("Range: bytes=" + "0-0," * 5000, "Range: bytes=0-0\r\nIf-Range: \xff"),
    *("If-None-Match: \xff", "If-None-Match: W/", "If-Modified-Since: \xff", "If-Modified-Since: " + "9" * 5000),
    "If-Modified-Since: Mon, 01 Jan 99999999999 00:00:00 GMT",
    "If-Modified-Since: Mon, 01 Jan 2020 00:00:00 +99999999999",
    "If-Modified-Since: Mon, 01 Jan 0001 00:00:00 -0000",
    *("Idempotency-Key: ", "Idempotency-Key: \xff", "Idempotency-Key: " + "a" * 300),
    *("Content-Type: \xff", "Content-Type: ", "Content-Type: a/b;charset=utf-16", "Content-Encoding: \xff"),
    *("Content-Disposition: attachment; filename*=", "Content-Disposition: attachment; filename*=no'x'%ff"),
    "Content-Disposition: attachment; filename*=UTF-8''a; filename*0*=b",
    *("Content-Location: http://[", "Content-Location: \xff", "Link: <<<>>>;;", "Link: " + "<" * 50_000),
    *("Accept-Profile: <\xff>", "Accept-Profile: " + "<" * 50_000, "Last-Event-ID: -1:\xb2", "Cookie: \xff="),
    *("Origin: \xff", "Expect: \xff", "Upgrade: h2c\r\nConnection: Upgrade", "Authorization: \xff", "TE: \xff"),
    *("X-Forwarded-For: \xff", "X-Forwarded-Proto: javascript", 'Forwarded: host="', "Content-Range: bytes 9-0/1"),
]


@pytest.mark.parametrize("endpoint", OPERATIONS)
def test_headers(bare: tuple[Server, str], endpoint: Endpoint) -> None:
    """None of them is more than a server can take."""
    server, job_id = bare
    line = f"{endpoint.method} {target(endpoint, job_id)} HTTP/1.1"

    assert [each[:80] for each in HEADERS if not is_fine(asked(server, line, f"{HOST}{each}\r\n"))] == []


QUERIES = [
    *("nonsense=1", "%00=1", "=", "=1", "%ff=%fe", "%ED%A0%80=1", "x" * 60_000, "a&" * 20_000, "[", "a[b]=1"),
    *("F=json", "f%00=json", "profile%00=x", "constructor=1", "__class__=1"),
]
#: Of parameters that any operation may have.
VALUES = ["", "%00", "%ff", "%ED%A0%80", "\u0663".encode().decode("latin-1"), "x" * 60_000, "," * 30_000, "%5B%7B"]


@pytest.mark.parametrize("endpoint", OPERATIONS)
def test_query_parameters_that_there_are_not(bare: tuple[Server, str], endpoint: Endpoint) -> None:
    """400, and nothing is done."""
    server, job_id = bare
    for query in QUERIES:
        answer = asked(server, f"{endpoint.method} {target(endpoint, job_id, query)} HTTP/1.1")
        assert (answer.status, json.loads(answer.body)["type"]) == (400, X1 + "invalid-query-parameter-value"), query
    assert server.status(job_id)["status"] == "successful"


def test_the_links_of_a_long_query(bare: tuple[Server, str]) -> None:
    """The document has them; a header is no longer than clients read."""
    server, _ = bare
    for path in ("/processes", "/jobs"):
        answer = server.http.get(path, params={"profile": "," * 10_000})
        assert (answer.status_code, len(answer.headers["link"]) < 4000) == (200, True)
        (itself,) = [each["href"] for each in answer.json()["links"] if each["rel"] == "self"]
        assert itself.endswith("%2C" * 10_000)
    # All that there would be in it is too long.
    assert "link" not in server.http.get("/conformance", params={"profile": "," * 10_000}).headers


@pytest.mark.parametrize("endpoint", OPERATIONS)
def test_values_of_query_parameters(bare: tuple[Server, str], endpoint: Endpoint) -> None:
    """Whatever they are: taken or refused. One that is no list is refused where it is there twice."""
    server, job_id = bare
    names = ["f", "profile", *(each.name for each in endpoint.parameters if each.where == "query")]
    for name in names:
        for value in VALUES:
            line = f"{endpoint.method} {target(endpoint, job_id, f'{name}={value}')} HTTP/1.1"
            if not line.isascii():
                assert asked(server, line).status == 400
            assert is_fine(asked(server, line)), (name, value[:80])
    for each in endpoint.parameters:
        if each.where == "query" and not each.many:
            twice = f"{each.name}=a&{each.name}=a"
            answer = asked(server, f"{endpoint.method} {target(endpoint, job_id, twice)} HTTP/1.1")
            assert (answer.status, answer.problem) == (400, X1 + "invalid-query-parameter-value"), each.name


WHOLE = [
    pytest.param(endpoint, each, id=f"{endpoint.path} {each.name}")
    for endpoint in ENDPOINTS
    for each in endpoint.parameters
    if (each.where, each.type, each.many) == ("query", "integer", False)
]

NO_NUMBERS = ["", "-1", "+1", "1.0", "1e3", "0x10", "NaN", "inf", "1_0", "%201", "1%00", "%D9%A3", "%C2%B2", "null"]


@pytest.mark.parametrize(("endpoint", "parameter"), WHOLE)
def test_whole_numbers(bare: tuple[Server, str], endpoint: Endpoint, parameter: Parameter) -> None:
    """What is none is 400; a large one is one."""
    server, job_id = bare
    for value in NO_NUMBERS:
        line = f"{endpoint.method} {target(endpoint, job_id, f'{parameter.name}={value}')} HTTP/1.1"
        answer = asked(server, line)
        assert (answer.status, answer.problem) == (400, X1 + "invalid-query-parameter-value"), value
    for value in ("9" * 19, "9" * 30, "9" * 5000, "0" * 5000 + "1"):
        line = f"{endpoint.method} {target(endpoint, job_id, f'{parameter.name}={value}')} HTTP/1.1"
        assert asked(server, line).status == 200, value


@pytest.mark.parametrize("endpoint", GETS)
def test_versions_and_methods(bare: tuple[Server, str], endpoint: Endpoint) -> None:
    """HTTP/1.0 is answered alike; HEAD too, without the body; methods that a path has not are 405."""
    server, job_id = bare
    path = target(endpoint, job_id)
    there = {each.method for each in ENDPOINTS if each.path == endpoint.path}

    status = asked(server, f"GET {path} HTTP/1.1").status
    assert asked(server, f"GET {path} HTTP/1.0", "").status == status
    head = server.http.head(path)
    assert (head.status_code, head.content) in ((status, b""), (405, b""))
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LINK", "M-SEARCH", "QUERY"} - there:
        answer = asked(server, f"{method} {path} HTTP/1.1")
        assert (answer.status, answer.problem) == (405, "method-not-allowed"), method
        assert there <= {each.strip() for each in answer.headers["allow"].split(",")}


DISPOSITIONS = ["(", ";", '"', ", ;", ";a*0*=b", "; filename*0*=x", "=?utf-8?q?x?="]


@pytest.mark.parametrize("filling", DISPOSITIONS)
def test_names_of_bodies(bare: tuple[Server, str], filling: str) -> None:
    """One that is no name, however long, is as if there was none; nobody waits for it."""
    server, _ = bare
    said = ("Content-Disposition: attachment; " + filling * 60_000)[:60_000]
    headers = f"{HOST}Content-Type: application/cwl\r\nContent-Length: 2\r\n{said}\r\n"
    begun = time.monotonic()

    answer = asked(server, "POST /processes HTTP/1.1", headers, b"{}")

    assert (answer.status, answer.problem) == (422, "unsupported-requirement")
    assert time.monotonic() - begun < 5


LENGTHS: dict[str, tuple[str, bytes, set[int]]] = {
    "longer": ("Content-Length: 1000", b"{}", {408}),
    "in chunks, without an end": ("Transfer-Encoding: chunked", b"2\r\n{}\r\n", {408}),
    "of a chunk, longer": ("Transfer-Encoding: chunked", b"f\r\n{}", {408}),
    "negative": ("Content-Length: -1", b"{}", {400}),
    "no number": ("Content-Length: 0x2", b"{}", {400}),
    "more than there is room for": ("Content-Length: 99999999999999", b"{}", {413}),
}


@pytest.mark.parametrize("endpoint", WITH_BODIES)
@pytest.mark.parametrize("name", LENGTHS)
def test_lengths_of_bodies(bare: tuple[Server, str], endpoint: Endpoint, name: str) -> None:
    """Nobody waits for ever, and nothing is read that is not the body; what is known before is said at once."""
    server, job_id = bare
    said, body, expected = LENGTHS[name]
    line = f"{endpoint.method} {target(endpoint, job_id)} HTTP/1.1"

    answer = asked(server, line, f"{HOST}Content-Type: {endpoint.takes[0]}\r\n{said}\r\n", body)

    # The built-in process can't be replaced, whatever the body.
    assert answer.status in expected | ({403} if endpoint.method == "PUT" else set())
    assert answer.problem


TEXTS: dict[str, str] = {
    "cut short": '{"inputs": {',
    "two values": "{} {}",
    "no object": "[]",
    "null": "null",
    "not a number": '{"inputs": {"doubleInput": NaN}}',
    "infinity": '{"inputs": {"doubleInput": -Infinity}}',
    "out of range": '{"inputs": {"doubleInput": 1e999}}',
    "digits": '{"inputs": {"doubleInput": %s}}' % ("9" * 5000),
    "twice": '{"inputs": {}, "inputs": {}}',
    "twice inside": '{"inputs": {"stringInput": "x", "stringInput": "x"}}',
    "surrogate": r'{"inputs": {"stringInput": "\ud800"}}',
    "name with a surrogate": r'{"inputs": {"\udfff": "x"}}',
    "NUL": r'{"inputs": {"stringInput": "\u0000"}}',
    "deep": '{"inputs": {"stringInput": %s}}' % ("[" * 1000 + "]" * 1000),
    "deeper": '{"inputs": ' * 50_000,
    "wide": '{"inputs": {"arrayInput": [%s0]}}' % ("0," * 100_000),
    "inputs in a list": '{"inputs": []}',
    "outputs in a list": '{"inputs": {"stringInput": "x"}, "outputs": []}',
    "single quotes": "{'inputs': {}}",
}
BYTES: dict[str, bytes] = {
    **{name: text.encode() for name, text in TEXTS.items()},
    "UTF-16": '{"inputs": {}}'.encode("utf-16"),
    "no UTF-8": b'{"inputs": {"stringInput": "\xff\xfe"}}',
    "surrogates in UTF-8": b'{"inputs": {"stringInput": "\xed\xa0\x80"}}',
    "zeros": b"\0" * 1000,
}


@pytest.mark.parametrize("endpoint", WITH_BODIES)
def test_bodies(bare: tuple[Server, str], endpoint: Endpoint) -> None:
    """Each is refused in each media type that there is, and nothing is made of it."""
    server, job_id = bare
    line = f"{endpoint.method} {target(endpoint, job_id)} HTTP/1.1"
    before = _there(server)

    for kind in (*endpoint.takes, "", "text/plain", "\xff"):
        for name, body in BYTES.items():
            headers = f"{HOST}Prefer: respond-async\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            answer = asked(server, line, headers, body)
            assert 400 <= answer.status < 500, (kind, name)
            assert answer.problem

    assert _there(server) == before


def _there(server: Server) -> tuple[Any, Any]:
    return (
        [each["id"] for each in server.http.get("/processes?limit=1000").json()["processes"]],
        [each["jobID"] for each in server.http.get("/jobs?limit=1000").json()["jobs"]],
    )
