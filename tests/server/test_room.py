"""Packages that name places of the host, or have their tools name them: nothing outside the job is read or written."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import SHELL, Server, shell_tool

CWL = "application/cwl+json"
MARKER = "a secret of the host"
SCRIPTS = {"class": "InlineJavascriptRequirement"}
OUTPUT = {"o": {"type": "File", "outputBinding": {"glob": "o"}}}
#: What a tool can find, in its working folder and among its inputs.
LOOK = 'cat $(find . /var/lib/cwl -type f) "$@" > /tmp/found; cat /tmp/found > o'


class _Canary(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(MARKER.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A URL on the loopback, and what was asked for below it."""
    asked: list[str] = []
    handler = type("Handler", (_Canary,), {"asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}", asked
        httpd.shutdown()
        thread.join()


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder of the host with a secret in it."""
    (tmp_path / "secret").write_text(MARKER)
    return tmp_path


def ended(server: Server, document: dict[str, Any]) -> dict[str, Any]:
    """The status of one job, once nothing of what a client can see of it has the secret."""
    answer = server.deploy({**document, "id": "roams"}, CWL)
    assert answer.status_code == 201, answer.text
    try:
        job_id = server.submit("roams")
        status = server.wait(job_id)
        seen = [json.dumps(status), server.http.get(f"/jobs/{job_id}/log").text]
        results = server.http.get(f"/jobs/{job_id}/results")
        seen += [results.text]
        if status["status"] == "successful":
            seen += [server.http.get(each["href"]).text for each in results.json().values() if "href" in each]
        assert MARKER not in "".join(seen)
        return status
    finally:
        server.http.delete("/processes/roams")


def reason(status: dict[str, Any]) -> str:
    assert status["status"] == "failed", status
    return str(status["exception"]["type"].rpartition("/")[2])


def working(*listing: Any, script: str = LOOK) -> dict[str, Any]:
    """A tool with a working folder that expressions fill."""
    filled = {"class": "InitialWorkDirRequirement", "listing": list(listing)}
    return shell_tool(script, requirements=[SHELL, SCRIPTS, filled], outputs=OUTPUT)


def made(of: Any, type_: str = "File") -> dict[str, Any]:
    """A Workflow whose first step makes a value by an expression, which a tool is then given."""
    reads = shell_tool(LOOK, inputs={"f": {"type": type_, "inputBinding": {}}}, outputs=OUTPUT)
    makes = {
        "class": "ExpressionTool",
        "requirements": [SCRIPTS],
        "inputs": {},
        "outputs": {"f": type_},
        "expression": f"${{return {{f: {json.dumps(of)}}};}}",
    }
    return {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "inputs": {},
        "outputs": {"o": {"type": "File", "outputSource": "b/o"}},
        "steps": {
            "a": {"in": {}, "out": ["f"], "run": makes},
            "b": {"in": {"f": "a/f"}, "out": ["o"], "run": {**reads, "cwlVersion": "v1.2"}},
        },
    }


def expression(value: Any) -> str:
    return f"${{return {json.dumps(value)};}}"


@pytest.mark.parametrize(
    ("way", "kind", "scheme"),
    [
        ("listing", "File", "file://"),
        ("listing", "Directory", ""),
        ("entry", "File", ""),
        ("writable", "Directory", "file://"),
        ("writable", "File", "file://"),
        ("step", "Directory", "file://"),
        ("nested", "File", "file://"),
    ],
)
def test_a_place_of_the_host_in_an_expression(server: Server, host: Path, way: str, kind: str, scheme: str) -> None:
    """Wherever it is made, and however it is spelled: it is mounted and copied nowhere, and the job says why."""
    path = host / "secret" if kind == "File" else host
    there = {"class": kind, "location": f"{scheme}{path}", "basename": "x"}
    document = {
        "listing": lambda: working(expression([there])),
        "entry": lambda: working({"entry": expression(there), "entryname": "y"}),
        "writable": lambda: working({"entry": expression(there), "entryname": "y", "writable": True}),
        "step": lambda: made(there, kind),
        "nested": lambda: made({"class": "Directory", "basename": "d", "listing": [there]}, "Directory"),
    }[way]()

    status = ended(server, document)

    assert reason(status) == "file-outside"
    assert str(host) not in json.dumps(status)


def test_secondary_files_by_an_expression(server: Server, host: Path) -> None:
    """They are files like any other."""
    there = {"class": "File", "location": (host / "secret").as_uri(), "basename": "x"}
    beside = {"type": "File", "secondaryFiles": [{"pattern": expression(there)}]}
    default = {"class": "File", "basename": "a", "contents": "a"}
    tool = shell_tool(LOOK, inputs={"f": {**beside, "default": default}}, outputs=OUTPUT)
    tool["requirements"] = [SHELL, SCRIPTS]

    assert reason(ended(server, tool)) == "file-outside"


@pytest.mark.parametrize("way", ["listing", "step"])
def test_a_url_in_an_expression(server: Server, canary: tuple[str, list[str]], way: str) -> None:
    """Nobody fetches it."""
    url, asked = canary
    there = {"class": "File", "location": f"{url}/secret", "basename": "x"}

    status = ended(server, working(expression([there])) if way == "listing" else made(there))

    assert reason(status) == "file-outside"
    assert asked == []


@pytest.mark.parametrize(
    "climbs",
    [
        {"class": "File", "contents": "x", "basename": "../climbed"},
        {"class": "Directory", "basename": "d", "listing": [{"class": "File", "contents": "x", "basename": "a/c"}]},
    ],
)
def test_names_that_climb(server: Server, climbs: Any) -> None:
    """What has no place in the working folder is written nowhere."""
    assert reason(ended(server, working(expression([climbs])))) in ("file-outside", "run-refused")


@pytest.mark.parametrize("target", ["{host}/secret", "/var/lib/cwl/nothing"])
def test_a_folder_with_a_link_as_a_writable_one(server: Server, host: Path, target: str) -> None:
    """What the first tool's link leads to on the host is not copied for the second."""
    link = target.format(host=host)
    first = shell_tool(
        f"mkdir d; ln -s {link} d/x", outputs={"d": {"type": "Directory", "outputBinding": {"glob": "d"}}}
    )
    second = working({"entry": "$(inputs.d)", "entryname": "d", "writable": True}, script="cat d/x/* d/x > o; ls d")
    second["inputs"] = {"d": "Directory"}
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "inputs": {},
        "outputs": {"o": {"type": "File", "outputSource": "b/o"}},
        "steps": {
            "a": {"in": {}, "out": ["d"], "run": first},
            "b": {"in": {"d": "a/d"}, "out": ["o"], "run": second},
        },
    }

    assert reason(ended(server, document)) == "file-outside"


def test_a_folder_with_links_inside_as_a_writable_one(server: Server) -> None:
    """Links to files of the job are followed, as plain cwltool does."""
    first = shell_tool(
        "mkdir -p d/e; echo one > d/e/a; ln -s e/a d/x; chmod 500 d/e",
        outputs={"d": {"type": "Directory", "outputBinding": {"glob": "d"}}},
    )
    second = working(
        {"entry": "$(inputs.d)", "entryname": "d", "writable": True}, script="echo two >> d/e/a; cat d/e/a d/x > o"
    )
    second["inputs"] = {"d": "Directory"}
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": "roams",
        "inputs": {},
        "outputs": {"o": {"type": "File", "outputSource": "b/o"}},
        "steps": {
            "a": {"in": {}, "out": ["d"], "run": first},
            "b": {"in": {"d": "a/d"}, "out": ["o"], "run": second},
        },
    }
    assert server.deploy(document, CWL).status_code == 201

    result = server.execute("roams", {})
    server.http.delete("/processes/roams")

    assert result.text == "one\ntwo\none\n", result.text


def test_a_tool_that_moves_the_place_of_a_mount(server: Server, host: Path) -> None:
    """cwltool replaces what was mounted by a link when the tool has ended: not through a link of the tool's."""
    tool = working(
        {"entry": expression({"class": "File", "basename": "a", "contents": "x"}), "entryname": "d/secret"},
        {"entry": "$(inputs.f)", "entryname": "d/e/secret"},
        script=f"mv d moved; mkdir d; ln -s {host} d/e; touch o",
    )
    default = {"class": "File", "basename": "secret", "contents": "y"}
    tool["inputs"] = {"f": {"type": "File", "default": default}}

    status = ended(server, tool)

    assert reason(status) == "file-outside"
    assert (host / "secret").read_text() == MARKER
    assert not (host / "secret").is_symlink()


@pytest.mark.parametrize(("folder", "entry"), [("/out", "/outX{host}/secret"), ("/out/", "d{host}/secret")])
def test_a_mount_beside_the_working_folder(server: Server, host: Path, folder: str, entry: str) -> None:
    """cwltool takes some places for ones in the working folder, and the rest of their names for a path of the host."""
    tool = working({"entry": "$(inputs.f)", "entryname": entry.format(host=host)}, script="touch o")
    tool["requirements"][0] = {**SHELL, "dockerOutputDirectory": folder}
    tool["inputs"] = {"f": {"type": "File", "default": {"class": "File", "basename": "a", "contents": "y"}}}
    # Literals are left alone; what is mounted is a file of the job.
    first = shell_tool("touch f", outputs={"f": {"type": "File", "outputBinding": {"glob": "f"}}})
    ended(
        server,
        {
            "cwlVersion": "v1.2",
            "class": "Workflow",
            "inputs": {},
            "outputs": {"o": {"type": "File", "outputSource": "b/o"}},
            "steps": {
                "a": {"in": {}, "out": ["f"], "run": first},
                "b": {"in": {"f": "a/f"}, "out": ["o"], "run": tool},
            },
        },
    )

    assert not (host / "secret").is_symlink()
    assert (host / "secret").read_text() == MARKER


@pytest.mark.parametrize("link", ["../../../run.json", "../../.."])
def test_what_the_server_keeps_beside_a_job(server: Server, link: str) -> None:
    """Settings of the operator and the order are none of its outputs."""
    outputs = {"o": {"type": ["File", "Directory"], "outputBinding": {"glob": "o"}}}

    assert reason(ended(server, shell_tool(f"ln -s {link} o", outputs=outputs))) == "output-outside"


@pytest.mark.parametrize("glob", ["$('../../../run.json')", "$(['o', 'a/../../x'])"])
def test_a_pattern_that_climbs(server: Server, glob: str) -> None:
    """It is refused, whatever it would find."""
    outputs = {"o": {"type": {"type": "array", "items": "File"}, "outputBinding": {"glob": glob}}}
    tool = shell_tool("mkdir a; touch o", outputs=outputs)
    tool["requirements"] = [SHELL, SCRIPTS]

    assert reason(ended(server, tool)) == "output-outside"
