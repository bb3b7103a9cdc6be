"""Processes of other servers in the place of inputs: a second server, and one that behaves oddly."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import chains
from tests.live import Server, serving, shell_tool, until

pytestmark = pytest.mark.requirement(
    "/req/remote-core-processes/process-execution", "/req/remote-core-processes/referenced-process"
)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The other server."""
    with serving(tmp_path_factory.mktemp("far") / "data", SLOTS="2") as running:
        deploy(running)
        yield running


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one that may ask it."""
    settings = {"FETCH_ALLOW": "127.0.0.1", "PROCESS_ALLOW": "127.0.0.1", "SLOTS": "2"}
    with serving(tmp_path_factory.mktemp("near") / "data", **settings) as running:
        deploy(running)
        yield running


def deploy(server: Server) -> None:
    for each in chains.PROCESSES.values():
        assert server.deploy(each, chains.media_type(each)).status_code == 201


def remote(url: str, process_id: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"process": f"{url}/processes/{process_id}", "inputs": inputs, **more}


@pytest.mark.parametrize(
    ("process_id", "inputs", "expected"),
    [
        ("double", {"n": ("count", {"text": "hello"})}, "10"),
        ("show", {"o": ("pack", {"n": 5})}, '{"a":5}'),
        ("lines", {"f": ("flow", {"level": "low"})}, "1"),
        ("count", {"text": ("parts", {"n": 3}, {"outputs": {"note": {}}})}, "4"),
        ("double", {"n": ("double", {"n": {"process": "count", "inputs": {"text": "abc"}}})}, "12"),
        ("sum", {"n": [1, ("count", {"text": "ab"})]}, "3"),
    ],
)
def test_results(near: Server, far: Server, process_id: str, inputs: dict[str, Any], expected: str) -> None:
    """By value and by reference; what stands inside such a process is the other server's."""

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(each) for each in value]
        return remote(far.url, value[0], value[1], **(value[2:] or [{}])[0]) if isinstance(value, tuple) else value

    answer = near.execute(process_id, {name: placed(each) for name, each in inputs.items()})

    assert (answer.status_code, answer.text) == (200, expected)


LISTS = [
    shell_tool(
        'for each in "$@"; do echo "$each" > "$each.txt"; done',
        id="leaves",
        inputs={"words": {"type": "string[]", "inputBinding": {}}},
        outputs={"files": {"type": "File[]", "outputBinding": {"glob": "*.txt"}}},
    ),
    shell_tool(
        'cat "$@"',
        id="joined",
        inputs={"files": {"type": "File[]", "inputBinding": {}}},
        outputs={"all": "stdout"},
        stdout="all.txt",
    ),
    shell_tool(
        'echo "$@"',
        id="spoken",
        inputs={"ns": {"type": "int[]", "inputBinding": {}}, "file": "File?"},
        outputs={"all": "stdout"},
        stdout="all.txt",
    ),
]
_FILE = {"type": "string", "contentMediaType": "text/plain"}


@pytest.fixture(scope="module")
def lists(near: Server, far: Server) -> None:
    """Processes of lists, on both servers; `few` and `spoken-few` take them by maxOccurs."""
    ports = {"joined": ("files", _FILE), "spoken": ("ns", {"type": "integer"})}
    for each in LISTS:
        for server in (near, far):
            assert server.deploy(each, "application/cwl+json").status_code == 201
    for each in LISTS[1:]:
        name, schema = ports[each["id"]]
        described = {"id": f"{each['id']}-few", "inputs": {name: {"schema": schema, "minOccurs": 2, "maxOccurs": 2}}}
        unit = {"value": {**each, "id": "main"}, "mediaType": "application/cwl+json"}
        answer = near.deploy({"processDescription": described, "executionUnit": unit})
        assert answer.status_code == 201, answer.text


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    "case",
    [
        ("sum", "n", ("parts", {"n": 3}), "4"),
        ("sum", "n", ("count", {"text": "ab"}), "2"),
        ("spoken", "ns", ("parts", {"n": 3}), "1 3\n"),
        ("spoken", "ns", ("count", {"text": "ab"}), "2\n"),
        ("spoken-few", "ns", ("parts", {"n": 3}), "1 3\n"),
        ("joined", "files", ("leaves", {"words": ["a", "b", "c"]}), "a\nb\nc\n"),
        ("joined", "files", ("leaves", {"words": []}), ""),
        ("joined", "files", ("flow", {"level": "low"}), "low x\n"),
        ("joined-few", "files", ("leaves", {"words": ["a", "b"]}), "a\nb\n"),
        ("spoken-few", "ns", ("count", {"text": "ab"}), None),
        ("joined-few", "files", ("leaves", {"words": ["a", "b", "c"]}), None),
        ("joined-few", "files", ("leaves", {"words": []}), None),
    ],
)
def test_lists(near: Server, far: Server, case: tuple[str, str, Any, str | None]) -> None:
    """A result may be a list, or an item of one, where a list is taken; how many there may be is held."""
    process_id, name, value, expected = case
    answer = near.execute(process_id, {name: remote(far.url, *value)})

    if expected is None:
        assert (answer.status_code, answer.json()["type"]) == (400, f"{near.url}/problems/invalid-input")
        return
    assert (answer.status_code, answer.text) == (200, expected)


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("accept", ["application/json", "multipart/related", "application/zip", "text/html"])
def test_an_empty_list_of_files(near: Server, accept: str) -> None:
    """By reference it is a list of no links, and there in the forms of every list of files."""
    reference = {"files": {"transmissionMode": "reference"}}
    answer = near.execute("leaves", {"words": []}, outputs=reference, response="document")
    job_id = near.submit("leaves", {"words": []})
    assert near.wait(job_id)["status"] == "successful"
    alone = near.http.get(f"/jobs/{job_id}/results/files", headers={"Accept": accept})

    assert answer.json() == {"files": []}
    # There is no multipart without parts.
    expected = "application/json" if accept == "multipart/related" else accept
    assert (alone.status_code, alone.headers["content-type"].partition(";")[0]) == (200, expected)


@pytest.mark.usefixtures("lists")
def test_lists_in_a_tree(near: Server, far: Server) -> None:
    """Beside processes of this server, and in a workflow that is deployed."""
    leaves = remote(far.url, "leaves", {"words": ["a", "b"]})
    inner = {"process": "joined", "inputs": {"files": leaves}}
    deployed = near.deploy({"id": "joined-far", "process": "joined", "inputs": {"files": leaves}}, "application/json")

    assert near.execute("lines", {"f": inner}).text == "2"
    assert deployed.status_code == 201, deployed.text
    assert near.execute("joined-far", {}).text == "a\nb\n"


def test_beside_processes_of_this_server(near: Server, far: Server) -> None:
    """In one tree: the one is a step, the other an input of the workflow."""
    inner = {"process": "double", "inputs": {"n": remote(far.url, "count", {"text": "abc"})}}

    answer = near.execute("sum", {"n": [inner, 1]})

    assert (answer.status_code, answer.text) == (200, "7")


def test_in_a_workflow_that_is_deployed(near: Server, far: Server) -> None:
    """It is asked at each execution: an input with that default."""
    counted = remote(far.url, "count", {"text": "abc"})
    body = {"id": "far-away", "process": "double", "inputs": {"n": counted}}

    deployed = near.deploy(body, "application/json")
    answer = near.execute("far-away", {})
    other = near.execute("far-away", {"n": 4})

    assert deployed.status_code == 201, deployed.text
    assert near.http.get("/processes/far-away").json()["inputs"]["n"]["schema"]["default"] == counted
    assert (answer.text, other.text) == ("6", "8")


FAILURES: dict[str, Any] = {
    "no process": ({"process": "none"}, "remote-failed", "There is no process with the id 'none'"),
    "inputs": ({"process": "count", "inputs": {"text": 5}}, "remote-failed", "does not fit the process"),
    "output": (
        {"process": "count", "inputs": {"text": "a"}, "outputs": {"m": {}}},
        "remote-failed",
        "has no output 'm'; there are: n",
    ),
    "value": ({"process": "digits", "inputs": {"n": 5}}, "invalid-input", "'5' is not of type 'integer'"),
    "job": ({"process": "lines", "inputs": {"f": {"href": "http://127.0.0.1:9/"}}}, "remote-failed", "as 'failed'"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failures(near: Server, far: Server, name: str) -> None:
    """The job fails, and says what the other server said."""
    value, reason, words = FAILURES[name]

    answer = near.execute("double", {"n": {**value, "process": f"{far.url}/processes/{value['process']}"}})

    assert (answer.status_code, answer.json()["type"]) == (400, f"{near.url}/problems/{reason}")
    assert words in answer.json()["detail"]


def test_dismissed_with_the_job_here(near: Server, far: Server) -> None:
    """DELETE of the job here ends the one there."""
    waits = remote(far.url, "echo", {"stringInput": "a", "pause": 60}, outputs={"integerInput": {}})
    job_id = near.submit("double", {"n": waits})
    running = until(lambda: far.http.get("/jobs?status=running").json()["jobs"])[0]["jobID"]

    answer = near.http.delete(f"/jobs/{job_id}")

    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert far.wait(running)["status"] == "dismissed"


@pytest.mark.parametrize(
    ("value", "pointer", "words"),
    [
        ({"process": "http://example.org/processes/a"}, "/inputs/n/process", "process_allow does not name it"),
        ({"process": "http://127.0.0.2:80/processes/a"}, "/inputs/n/process", "process_allow does not name it"),
        ({"process": "ftp://127.0.0.1/a"}, "/inputs/n/process", "an absolute URL: http or https"),
        ({"process": "http://127.0.0.1/a", "filter": "x"}, "/inputs/n/filter", "is not offered here"),
        ({"process": "http://127.0.0.1/a", "inputs": []}, "/inputs/n/inputs", "is an object"),
    ],
)
def test_refused(near: Server, value: dict[str, Any], pointer: str, words: str) -> None:
    """Before there is a job: hosts that the operator does not name, and what can't be asked."""
    answer = near.execute("double", {"n": value})

    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert words in answer.json()["errors"][0]["detail"]


def test_nobody_is_asked_by_default(server: Server, near: Server) -> None:
    """process_allow names no host unless the operator does, and private addresses are fetch_allow's as well."""
    answer = server.execute("echo", {"stringInput": remote(near.url, "digits", {"n": 1})})

    assert "process_allow" in answer.json()["errors"][0]["detail"]


def test_private_addresses(tmp_path: Path, near: Server) -> None:
    """A host that process_allow names is asked only where fetch_allow lets it be."""
    with serving(tmp_path / "data", PROCESS_ALLOW="127.0.0.1") as careful:
        answer = careful.execute("echo", {"stringInput": remote(near.url, "digits", {"n": 1})})

    assert answer.status_code == 400
    assert "fetch_allow" in answer.json()["detail"]


class _Odd(http.server.BaseHTTPRequestHandler):
    """Describes every process; what else it answers, the id of the process says."""

    looks: dict[str, int] = {}
    sent: dict[str, Any] = {}
    other = ""

    def do_GET(self) -> None:
        name, _, rest = self.path.removeprefix("/processes/").partition("/")
        if name == "elsewhere":
            self.send_response(302)
            self.send_header("Location", self.other)
            self.end_headers()
        elif not rest:
            if name == "secret":
                self._answer(404, {"detail": "what only the server sees"})
            else:
                self._answer(200, {"id": name, "outputs": {"out": {}}})
        elif rest == "results":
            self._answer(
                200, {"out": {"value": "aGVsbG8=", "encoding": "base64"}} if name == "base64" else {"out": "3"}
            )
        else:
            looks = self.looks[name] = self.looks.get(name, 0) + 1
            if name == "flaky" and looks < 3:
                self._answer(503, {"detail": "busy"})
            elif looks < 3:
                self._answer(200, {"status": "running"}, **{"Retry-After": "1"})
            else:
                self._answer(200, {"status": "successful", "links": [{"rel": "[ogc-rel:results]", "href": "results"}]})

    def do_POST(self) -> None:
        name = self.path.removeprefix("/processes/").partition("/")[0]
        self.sent[name] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match name:
            case "synchronous":
                self._answer(200, {"out": "at once"})
            case "placeless":
                self._answer(201, {})
            case "local":
                self._answer(201, {}, Location="file:///etc/passwd")
            case "list":
                self._answer(200, [1])
            case "href":
                self._answer(200, {"out": {"href": "file:///etc/passwd"}})
            case _:
                self._answer(201, {}, Location=f"/processes/{name}/job")

    def _answer(self, status: int, body: Any, **headers: str) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, each in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, each)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    """Its URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Odd) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("synchronous", 200, "at once"),
        ("polled", 200, "3"),
        ("flaky", 200, "3"),
        ("placeless", 400, "did not say where its job is"),
        ("local", 400, "which is no place on the web"),
        ("list", 400, "gives no JSON object"),
        ("href", 400, "which is no place on the web"),
    ],
)
def test_other_servers(near: Server, odd: str, name: str, status: int, words: str) -> None:
    """Ones that answer at once, ask for patience, or send somewhere where nobody should go."""
    value = {"process": f"{odd}/processes/{name}", "inputs": {"a": 1}}

    answer = near.execute("echo", {"stringInput": value}, outputs={"stringInput": {}})

    assert answer.status_code == status, answer.text
    assert words in (answer.text if status == 200 else answer.json()["detail"])
    assert _Odd.sent[name]["inputs"] == {"a": 1}
    assert list(_Odd.sent[name]["outputs"]) == ["out"]


@pytest.mark.parametrize("name", ["secret", "elsewhere"])
def test_words_of_a_server_that_nobody_named(near: Server, far: Server, odd: str, name: str) -> None:
    """What an answer says is quoted where `process_allow` names who gave it, and not where that sends elsewhere."""
    _Odd.other = f"{far.url}/processes/none"

    answer = near.execute("echo", {"stringInput": {"process": f"{odd}/processes/{name}"}})

    assert (answer.status_code, answer.json()["type"]) == (400, f"{near.url}/problems/remote-failed")
    said = answer.json()["detail"]
    assert "answered 404 Not Found." in said
    assert ("It says: what only the server sees" in said) == (name == "secret")
    assert "There is no process" not in said


def test_a_file_by_value(near: Server, odd: str) -> None:
    """base64 in a results document becomes the bytes of the file."""
    answer = near.execute("measure", {"f": {"process": f"{odd}/processes/base64"}})

    assert (answer.status_code, answer.text) == (200, "5")
