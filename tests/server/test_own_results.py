"""Results of jobs as inputs of others, by their URLs: for those who may see them, and without HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.live import SHELL, Server, shell_tool, until
from tests.server.accounts import ASYNC, asking, client, ended, made, problem

_CWL = {"Content-Type": "application/cwl+json"}

#: A folder with a catalog in it, and a file.
_MAKES = """
mkdir -p tree/inner && printf a >tree/a && printf idx >tree/a.idx && printf b >'tree/inner/b c' && printf text >file.txt
printf '{"stac_version":"1.0.0","type":"Catalog","id":"c","description":"","links":[{"rel":"item","href":"i.json"}]}' >tree/c.json
printf '{"stac_version":"1.0.0","type":"Feature","id":"i","geometry":null,"properties":{},"links":[],"assets":{"x":{"href":"a"}}}' >tree/i.json
"""  # noqa: E501
MAKES = shell_tool(
    _MAKES,
    id="makes",
    requirements=[SHELL, {"class": "InlineJavascriptRequirement"}],
    outputs={
        "file": {"type": "File", "outputBinding": {"glob": "file.txt"}},
        "tree": {"type": "Directory", "outputBinding": {"glob": "tree"}},
        "files": {"type": "File[]", "outputBinding": {"glob": ["tree/a", "file.txt"]}},
        "number": {"type": "int", "outputBinding": {"outputEval": "$(40 + 2)"}},
    },
)
#: Says what it was given: contents of files, names and contents in folders, the number.
READS = shell_tool(
    'for each; do if [ -d "$each" ]; then (cd "$each" && find . -type f | sort);'
    ' else cat "$each"; ls "$(dirname "$each")"; fi; done',
    id="reads",
    requirements=[SHELL, {"class": "InlineJavascriptRequirement"}],
    inputs={
        "one": {"type": "File?", "inputBinding": {"position": 1}},
        "indexed": {
            "type": "File?",
            "secondaryFiles": [{"pattern": ".idx", "required": False}],
            "inputBinding": {"position": 2},
        },
        "many": {"type": "File[]?", "inputBinding": {"position": 3}},
        "folder": {"type": "Directory?", "inputBinding": {"position": 4}},
        "pair": {"type": ["null", {"type": "record", "fields": {"first": "File", "label": "string"}}]},
        "count": {"type": "int?"},
    },
    outputs={"out": {"type": "stdout"}, "count": {"type": "int?", "outputBinding": {"outputEval": "$(inputs.count)"}}},
    stdout="out",
)


@dataclass
class Users:
    server: Server
    alice: httpx.Client
    bob: httpx.Client
    #: A successful job of Alice's.
    job: str

    def url(self, path: str, job: str | None = None) -> str:
        return f"{self.server.url}/jobs/{job or self.job}/results/{path}"


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    data = tmp_path_factory.mktemp("own") / "data"
    tokens = [made(data, "alice"), made(data, "bob")]
    with asking(data, SLOTS="2", SHARE_PROCESSES="everyone") as server:
        alice, bob = (client(server, each) for each in tokens)
        with alice, bob:
            for each in (MAKES, READS):
                answer = alice.post("/processes", content=json.dumps(each), headers=_CWL)
                assert answer.is_success, answer.text
            yield Users(server, alice, bob, ended(alice, "makes"))


def _read(http: httpx.Client, **inputs: Any) -> str:
    """What the tool was given, as it says."""
    answer = http.post("/processes/reads/execution", json={"inputs": inputs, "outputs": {"out": {}}})
    assert answer.status_code == 200, answer.text
    return answer.text


def _errors(http: httpx.Client, inputs: Any, where: str = "execution") -> dict[str, str]:
    """By pointer: why it is refused."""
    answer = http.post(f"/processes/reads/{where}", json={"inputs": inputs})
    assert problem(answer) == (400, "invalid-input"), answer.text
    return {each["pointer"]: each["detail"] for each in answer.json()["errors"]}


def test_every_kind(users: Users) -> None:
    """Also where the server's own address is none that may be fetched."""
    url = users.url
    inputs = {
        "one": {"href": url("file")},
        "indexed": {"href": url("tree/a"), "type": "text/plain"},
        "many": [{"href": url("files/0")}, {"class": "File", "location": url("file"), "basename": "named"}],
        "folder": {"href": url("tree/inner/")},
        "pair": {"value": {"first": {"href": url("tree/inner/b%20c")}, "label": "x"}},
        "count": {"href": url("number")},
    }
    job = ended(users.alice, "reads", **inputs)
    assert users.alice.get(f"/jobs/{job}").json()["status"] == "successful"
    found = users.alice.get(f"/jobs/{job}/results/out").text
    assert found.split() == [*("textfile", "aa", "a.idx", "a0", "textnamed"), "./b", "c"]
    assert users.alice.get(f"/jobs/{job}/results/count").json() == 42
    # What is told of it names what the client gave.
    assert users.alice.get(f"/jobs/{job}/definition").json()["inputs"] == inputs
    run = json.loads((users.server.data / "jobs" / job / "run.json").read_text())
    assert run["order"]["one"]["location"] == url("file")
    assert "/results" not in run["order"]
    provenance = users.alice.get(f"/jobs/{job}/prov", params={"f": "json"}).text
    assert url("file") in provenance


def test_a_catalog_in_a_directory(users: Users) -> None:
    """What it names beside it is in the same result."""
    found = _read(users.alice, folder={"href": users.url("tree/c.json")}).split()
    assert found == ["./catalog.json", "./i/a", "./i/i.json"]


def test_an_optional_file_that_is_not_beside_it(users: Users) -> None:
    assert _read(users.alice, indexed={"href": users.url("file")}).split() == ["textfile"]


@pytest.mark.parametrize(
    "spelled",
    [
        lambda url: url.replace("/results/file", "/results/%66ile"),
        lambda url: url.replace("/jobs/", "/job%73/"),
        lambda url: url.replace("http://", "HTTP://"),
        lambda url: f"{url}/",
        lambda url: url.replace("/results/", "//results//"),
        lambda url: f"{url}#part?x",
    ],
)
def test_spellings(users: Users, spelled: Any) -> None:
    """All that the server itself reads alike: Alice may, Bob may not."""
    href = spelled(users.url("file"))
    answer = users.alice.post("/processes/reads/validation", json={"inputs": {"one": {"href": href}}})
    assert answer.status_code == 200, answer.text
    assert "/results" not in answer.json()
    assert list(_errors(users.bob, {"one": {"href": href}})) == ["/inputs/one/href"]


def test_others_are_told_the_same_as_of_unknown_jobs(users: Users) -> None:
    """Whatever they ask of it, and wherever in the inputs they do."""
    for job in (users.job, "00000000-0000-4000-8000-000000000000", "x"):
        url = users.url("file", job)
        several = {
            "one": {"href": url},
            "many": [{"href": f"{url}?f=html"}, {"class": "File", "location": users.url("nothing", job)}],
            "indexed": {
                "class": "File",
                "location": "https://example.com/x",
                "secondaryFiles": [{"class": "File", "location": url}],
            },
            "folder": {"class": "Directory", "basename": "d", "listing": [{"class": "File", "location": url}]},
            "pair": {"value": {"first": {"href": url}, "label": url}},
            "count": {"href": users.url("number", job)},
        }
        found = _errors(users.bob, several, "validation")
        assert sorted(found) == [
            "/inputs/count/href",
            "/inputs/folder/listing/0/location",
            "/inputs/indexed/secondaryFiles/0/location",
            "/inputs/many/0/href",
            "/inputs/many/1/location",
            "/inputs/one/href",
            "/inputs/pair/value/first/href",
        ]
        assert set(found.values()) == {"There is no such job, or it is none that you may see."}


def test_every_way_to_make_a_job(users: Users) -> None:
    given = {"one": {"href": users.url("file")}}
    for inputs, pointer in ((given, "/inputs/one/href"), ([{}, given], "/inputs/1/one/href")):
        answer = users.bob.post("/jobs", json={"process": "reads", "inputs": inputs})
        assert problem(answer) == (400, "invalid-input")
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    job = users.bob.post("/jobs", json={"process": "reads", "inputs": {}}).json()["jobID"]
    assert problem(users.bob.patch(f"/jobs/{job}", json={"inputs": given})) == (400, "invalid-input")
    query = {"one[href]": users.url("file")}
    assert problem(users.bob.get("/processes/reads/execution", params=query)) == (400, "invalid-input")
    assert users.alice.get("/processes/reads/execution", params={**query, "out[include]": "true"}).text.startswith(
        "text"
    )
    chain = {"process": "reads", "inputs": given, "outputs": {"out": {}}}
    assert list(_errors(users.bob, {"many": [chain]})) == ["/inputs/many/0/inputs/one/href"]
    assert "text" in _read(users.alice, many=[chain])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing", "no result at 'nothing'"),
        ("files/2", "no result at 'files/2'"),
        ("files", "made of several"),
        ("file/x", "no result at 'file/x'"),
        ("tree/nothing", "no result there"),
        ("tree/%00", "names nothing"),
        ("tree/" + "x" * 300, "no"),
        ("tree", "is a directory"),
        ("file?f=html", "has no query here"),
    ],
)
def test_what_is_no_file(users: Users, path: str, said: str) -> None:
    assert said in _errors(users.alice, {"one": {"href": users.url(path)}})["/inputs/one/href"]


def test_a_job_without_results(users: Users) -> None:
    job = users.alice.post("/jobs", json={"process": "makes"}).json()["jobID"]
    found = _errors(users.alice, {"one": {"href": users.url("file", job)}})
    assert found == {"/inputs/one/href": f"The job {job} is created: it has no results that could be taken."}


def test_a_batch(users: Users) -> None:
    """Its executions by their numbers, by their own ids, and a whole list of literals."""
    batch = users.alice.post("/jobs", json={"process": "makes", "inputs": [{}, {}]}).json()["jobID"]
    users.alice.post(f"/jobs/{batch}/results")
    _until_ended(users.alice, batch)
    assert _read(users.alice, one={"href": users.url("file/1", batch)}).startswith("text")
    assert "./inner/b c" in _read(users.alice, folder={"href": users.url("tree/0", batch)})
    assert "made of several" in str(_errors(users.alice, {"one": {"href": users.url("file", batch)}}))
    assert "no execution '2'" in str(_errors(users.alice, {"one": {"href": users.url("file/2", batch)}}))
    assert "no such job" in str(_errors(users.bob, {"one": {"href": users.url("file/1", batch)}}))


def test_shared_when_it_was_submitted(users: Users) -> None:
    """Who may see it then has it, also if it is taken back before the job begins."""
    job = ended(users.alice, "makes")
    users.alice.put(f"/jobs/{job}/sharing", json={"with": ["bob"]})
    given = {"one": {"href": users.url("file", job)}}
    later = users.bob.post("/jobs", json={"process": "reads", "inputs": given}).json()["jobID"]
    users.alice.put(f"/jobs/{job}/sharing", json={"with": []})
    assert list(_errors(users.bob, given)) == ["/inputs/one/href"]
    users.bob.post(f"/jobs/{later}/results")
    assert _until_ended(users.bob, later)["status"] == "successful"


def test_removed_before_it_is_taken(users: Users) -> None:
    job = ended(users.alice, "makes")
    made_first = {"process": "reads", "inputs": {"folder": {"href": users.url("tree", job)}}}
    later = users.alice.post("/jobs", json=made_first).json()["jobID"]
    assert users.alice.delete(f"/jobs/{job}").is_success
    users.alice.post(f"/jobs/{later}/results")
    failure = _until_ended(users.alice, later)["exception"]
    assert failure["type"].endswith("/fetch-failed")
    assert failure["detail"] == f"{users.url('tree', job)} is a result of a job that is not there any more."


def test_other_hosts(users: Users) -> None:
    """The name that a client calls the server by changes what its URLs are, not what it may see."""
    elsewhere = users.url("file").replace("127.0.0.1", "localhost")
    host = {"Host": elsewhere.split("/")[2]}
    body = {"inputs": {"one": {"href": elsewhere}}}
    assert users.alice.post("/processes/reads/validation", json=body, headers=host).status_code == 200
    answer = users.bob.post("/processes/reads/validation", json=body, headers=host)
    assert problem(answer) == (400, "invalid-input")
    # Without it, that is a place like any other: fetched, without a token.
    for href in (elsewhere, users.url("file").replace("//", "//x:y@"), users.url("tree/../file")):
        job = ended(users.bob, "reads", one={"href": href})
        assert users.bob.get(f"/jobs/{job}").json()["exception"]["type"].endswith("/fetch-failed")


def test_what_no_client_can_send(users: Users) -> None:
    """The members that a run is told results by, in every place of a request."""
    source = {"job": users.job, "path": "outputs/file/file.txt"}
    forged = {users.url("file"): source, "x": source}
    for inputs in (
        {"/results": forged},
        {"count": {"value": 1, "/results": forged}, "one": {"href": users.url("file"), "/results": forged}},
        {"pair": {"value": {"first": {"href": users.url("file")}, "label": "x", "/results": forged}}},
        {"one": {"class": "File", "location": users.url("file"), "source": source, "results": forged}},
    ):
        answer = users.bob.post("/processes/reads/execution", json={"inputs": inputs}, headers=ASYNC)
        assert problem(answer) == (400, "invalid-input"), answer.text
    # The member is no name of an input.
    tool = shell_tool("true", id="climbs", inputs={"/results": "Any"})
    assert users.bob.post("/processes", content=json.dumps(tool), headers=_CWL).is_success
    job = ended(users.bob, "climbs", results=forged)
    run = json.loads((users.server.data / "jobs" / job / "run.json").read_text())
    assert (run["order"], run["results"]) == ({"results": forged}, {})


def test_a_default(users: Users) -> None:
    """Who executes a process does not open to its maker what only it may see."""
    unit = {
        "process": "reads",
        "inputs": {"one": {"href": users.url("file")}, "count": {"$input": "n"}},
        "outputs": {"out": {"$output": "out"}},
    }
    answer = users.bob.post("/processes", json={"id": "wants-it", **unit}, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    [name] = [each for each in users.bob.get("/processes/wants-it").json()["inputs"] if each != "n"]
    answer = users.alice.post("/processes/wants-it/execution", json={"inputs": {"n": 1}})
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["detail"][:11]) == (f"/inputs/{name}/href", "The default")
    given = {"inputs": {"n": 1, name: {"href": users.url("file")}}}
    answer = users.alice.post("/processes/wants-it/execution", json=given)
    assert answer.text.startswith("text")


def _until_ended(http: httpx.Client, job: str) -> dict[str, Any]:
    return until(
        lambda: found if (found := http.get(f"/jobs/{job}").json())["status"] in ("successful", "failed") else None
    )
