"""Processes of several files, over HTTP."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cwl_bridge import web
from tests.live import Server, shell_tool

RELATED = 'multipart/related; boundary="b"'
PACKAGE = "application/ogcapppkg+json"

Files = tuple[Path, str]


def tool(process_id: str, said: str, **more: Any) -> dict[str, Any]:
    """Writes a word after the text that it is given."""
    outputs = {
        "said": {
            "type": "string",
            "outputBinding": {"glob": "out", "loadContents": True, "outputEval": "$(self[0].contents)"},
        }
    }
    inputs = {"text": {"type": "string", "inputBinding": {}}}
    return shell_tool(f'printf "%s {said}" "$1"', id=process_id, inputs=inputs, outputs=outputs, stdout="out", **more)


def workflow(process_id: str, *runs: Any) -> dict[str, Any]:
    """One after the other."""
    sources = ["text", *(f"step{number}/said" for number in range(len(runs)))]
    return {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": process_id,
        "inputs": {"text": "string"},
        "outputs": {"said": {"type": "string", "outputSource": sources[-1]}},
        "steps": {
            f"step{number}": {"run": run, "in": {"text": sources[number]}, "out": ["said"]}
            for number, run in enumerate(runs)
        },
    }


def zipped(files: dict[str, Any]) -> bytes:
    """A zip file of these documents."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, json.dumps(content))
    return body.getvalue()


def multipart(files: dict[str, Any]) -> bytes:
    """The same as parts."""
    each = (f"--b\r\nContent-Location: {name}\r\n\r\n{json.dumps(content)}\r\n" for name, content in files.items())
    return ("".join(each) + "--b--\r\n").encode()


def post(server: Server, body: bytes | dict[str, Any], media_type: str, query: str = "") -> httpx.Response:
    """Deploys it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.http.post(f"/processes{query}", content=content, headers={"Content-Type": media_type})


def said(server: Server, process_id: str) -> str:
    """What the process makes of one word."""
    answer = server.execute(process_id, {"text": "well"}, response="document")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["said"])


def ids(server: Server) -> set[str]:
    """Every registered process."""
    return {each["id"] for each in server.http.get("/processes?limit=1000").json()["processes"]}


def stored(server: Server) -> set[str]:
    """The names of all files of the server, of those of its jobs and database apart."""
    return {path.name for path in server.data.rglob("*.cwl")}


@pytest.mark.parametrize(
    ("process_id", "media_type", "packed"), [("by-zip", "application/zip", zipped), ("by-parts", RELATED, multipart)]
)
def test_files_that_name_each_other(server: Server, process_id: str, media_type: str, packed: Any) -> None:
    """They are one process, whose package comes back byte for byte; a PUT takes them as well."""
    lib = {"lib/a.cwl": tool("a", "a"), "lib/b c.cwl": tool("b", "b")}
    body = packed({"main.cwl": workflow(process_id, "lib/a.cwl", "lib/b%20c.cwl"), **lib})

    deployed = post(server, body, media_type)
    first = said(server, process_id)
    kept = server.http.get(f"/processes/{process_id}/package")
    runs = server.http.get(f"/processes/{process_id}/process.cwl").text
    other = packed({"main.cwl": workflow(process_id, "lib/a.cwl", "lib/a.cwl"), **lib})
    replaced = server.http.put(f"/processes/{process_id}", content=other, headers={"Content-Type": media_type})

    assert deployed.status_code == 201, deployed.text
    assert first == "well a b"
    assert (kept.content, kept.headers["content-type"]) == (body, media_type)
    assert ".cwl" not in runs
    assert replaced.status_code == 204, replaced.text
    assert said(server, process_id) == "well a a"


def test_a_description_beside_the_files(server: Server) -> None:
    """An application package that names one of them, and what in it is meant."""
    graph = {"cwlVersion": "v1.2", "$graph": [tool("a", "a"), tool("b", "b")]}
    package = {
        "processDescription": {"id": "described", "title": "Described"},
        "executionUnit": {"href": "lib/tools.cwl#b", "type": "application/cwl"},
    }

    deployed = post(server, zipped({"package.json": package, "lib/tools.cwl": graph}), "application/zip")

    assert (deployed.status_code, deployed.json()["title"]) == (201, "Described"), deployed.text
    assert said(server, "described") == "well b"


def test_one_process_of_a_graph(server: Server) -> None:
    """The one that `w` names; without it the workflow."""
    graph = {
        "cwlVersion": "v1.2",
        "$graph": [tool("graph-a", "a"), tool("graph-b", "b"), workflow("graph-w", "#graph-b", "#graph-a")],
    }
    found = post(server, graph, "application/cwl+json", "?w=graph-a")
    whole = post(server, graph, "application/cwl+json")
    put = server.http.put("/processes/graph-a?w=graph-b", json=graph, headers={"Content-Type": "application/cwl+json"})
    unknown = post(server, graph, "application/cwl+json", "?w=graph-c")

    assert (found.status_code, whole.status_code, put.status_code) == (201, 201, 204), found.text + whole.text
    assert (said(server, "graph-a"), said(server, "graph-w")) == ("well b", "well b a")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (400, "/$graph")
    assert "graph-a, graph-b, graph-w" in unknown.json()["detail"]


def test_what_lies_elsewhere_is_kept_as_it_is_now(server: Server, files: Files) -> None:
    """Fetched with what it refers to in turn; its server may go afterwards."""
    folder, url = files
    (folder / "lib").mkdir()
    (folder / "lib" / "a.cwl").write_text(json.dumps(tool("a", "a", hints={"$import": "../hints.yml"})))
    (folder / "hints.yml").write_text("ToolTimeLimit: {timelimit: 60}")
    graph = {
        "cwlVersion": "v1.2",
        "$graph": [workflow("first", "lib/a.cwl"), workflow("second", "#first", "lib/a.cwl")],
    }
    graph["$graph"][1]["requirements"] = {"SubworkflowFeatureRequirement": {}}  # type: ignore[index]
    (folder / "all.cwl").write_text(json.dumps(graph))
    unit = {"href": f"{url}/all.cwl#second", "type": "application/cwl"}

    by_href = post(server, {"processDescription": {"id": "remote"}, "executionUnit": unit}, PACKAGE)
    by_run = post(server, workflow("remote-run", f"{url}/lib/a.cwl", f"{url}/lib/a.cwl#a"), "application/cwl+json")
    for each in (folder / "all.cwl", folder / "hints.yml", folder / "lib" / "a.cwl"):
        each.unlink()

    assert (by_href.status_code, by_run.status_code) == (201, 201), by_href.text + by_run.text
    assert said(server, "remote") == "well a a"
    assert "timelimit: 60" in server.http.get("/processes/remote/process.cwl").text


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_each_process_is_valid_in_its_own_version(server: Server, version: str) -> None:
    """Also where the whole becomes one of a newer one, in which it would be."""
    whole = workflow(f"own-{version}", "new.cwl", "old.cwl")
    whole["cwlVersion"] = version
    plain = zipped({"main.cwl": whole, "new.cwl": tool("a", "a"), "old.cwl": {**tool("b", "b"), "cwlVersion": "v1.0"}})
    # Known since v1.2.
    whole["steps"]["step0"]["when"] = "$(inputs.text == 'well')"
    newer = zipped({"main.cwl": whole, "new.cwl": tool("a", "a"), "old.cwl": {**tool("b", "b"), "cwlVersion": "v1.0"}})
    of_a_tool = tool("c", "c", cwlVersion="v1.0")
    of_a_tool["inputs"]["file"] = {"type": "File?", "secondaryFiles": [{"pattern": ".x"}]}
    inner = zipped(
        {"main.cwl": workflow("never", "new.cwl", "old.cwl"), "new.cwl": tool("a", "a"), "old.cwl": of_a_tool}
    )

    answers = [post(server, body, "application/zip") for body in (plain, newer, inner)]

    assert answers[0].status_code == 201, answers[0].text
    # Where it is valid, the id is taken.
    assert answers[1].status_code == (409 if version == "v1.2" else 422), answers[1].text
    assert (answers[2].status_code, answers[2].json()["type"].rpartition("/")[2]) == (422, "invalid-process")
    if version != "v1.2":
        assert "when" in answers[1].json()["detail"]


def test_a_registered_process_is_part_of_another(server: Server) -> None:
    """By its name, as it is now; its later revisions don't change the one that has it."""
    assert server.deploy(tool("Part", "old"), "application/cwl+json").status_code == 201
    for process_id, run in (("has-part", "Part"), ("has-part-cwl", "Part.cwl")):
        assert server.deploy(workflow(process_id, run), "application/cwl+json").status_code == 201

    headers = {"Content-Type": "application/cwl+json"}
    assert server.http.put("/processes/Part", json=tool("Part", "new"), headers=headers).status_code == 204
    after = server.deploy(workflow("has-new-part", "Part"), "application/cwl+json")
    otherwise = server.deploy(workflow("has-no-part", "part"), "application/cwl+json")

    assert (said(server, "has-part"), said(server, "has-part-cwl")) == ("well old", "well old")
    assert (after.status_code, said(server, "has-new-part")) == (201, "well new")
    assert (otherwise.status_code, otherwise.json()["errors"][0]["pointer"]) == (422, "/steps/step0/run")
    assert "no registered process" in otherwise.json()["detail"]


@pytest.mark.parametrize(
    ("media_type", "body", "status", "name"),
    [
        ("application/zip", b"PK", 400, "invalid-document"),
        ("application/zip", zipped({"../a.cwl": {}}), 400, "invalid-document"),
        ("application/zip", zipped({"a.cwl": {}, "b.cwl": {}}), 422, "invalid-process"),
        ("application/zip", zipped({"main.cwl": workflow("never", "a.cwl")}), 422, "invalid-process"),
        ("application/zip", zipped({"main.cwl": workflow("never", "../a.cwl")}), 422, "unsafe-reference"),
        ("application/zip", zipped({"main.cwl": workflow("never", "main.cwl")}), 422, "invalid-process"),
        ("application/zip", zipped({"main.cwl": workflow("never", "a.cwl"), "a.cwl": []}), 400, "invalid-document"),
        ("multipart/related", multipart({"main.cwl": tool("never", "")}), 400, "invalid-document"),
        (RELATED, b"--b--", 400, "invalid-document"),
        ("application/cwl+json", json.dumps(workflow("never", "file:///etc/passwd")).encode(), 422, "unsafe-reference"),
        ("application/cwl+json", json.dumps(workflow("never", "http://10.0.0.1/a")).encode(), 400, "fetch-failed"),
    ],
)
def test_nothing_is_left_of_what_is_refused(
    server: Server, media_type: str, body: bytes, status: int, name: str
) -> None:
    """Neither a process nor a file."""
    before = ids(server), stored(server)

    answer = post(server, body, media_type)

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, name), answer.text
    assert (ids(server), stored(server)) == before


def test_what_lies_elsewhere_and_is_no_process(server: Server, files: Files) -> None:
    """Not there, something else, without end."""
    folder, url = files
    (folder / "page.html").write_text("<html><body>none</body></html>")
    (folder / "image.cwl").write_bytes(bytes(range(256)))
    (folder / "list.cwl").write_text("[]")
    (folder / "circle.cwl").write_text(json.dumps(workflow("circle", "circle.cwl")))
    (folder / "import.yml").write_text("a: {$import: import.yml}")
    before = ids(server), stored(server)

    found = {}
    for name in ("none.cwl", "page.html", "image.cwl", "list.cwl", "circle.cwl"):
        package = {"processDescription": {"id": "never"}, "executionUnit": {"href": f"{url}/{name}"}}
        answer = post(server, package, PACKAGE)
        found[name] = (answer.status_code, answer.json()["type"].rpartition("/")[2])
    document = {**tool("never", ""), "hints": {"$import": f"{url}/import.yml"}}
    endless = server.deploy(document, "application/cwl+json")

    assert found["none.cwl"][1] == "fetch-failed"
    assert found["page.html"][1] == found["image.cwl"][1] == found["list.cwl"][1] == "invalid-document"
    assert found["circle.cwl"] == (422, "invalid-process")
    assert "without end" in endless.json()["detail"]
    assert (ids(server), stored(server)) == before


def test_a_chain_of_documents_has_an_end(server: Server, files: Files) -> None:
    """Also where each names another."""
    folder, url = files
    for number in range(200):
        (folder / f"{number}.yml").write_text(f"a: {{$import: {number + 1}.yml}}")

    answer = server.deploy({**tool("never", ""), "hints": {"$import": f"{url}/0.yml"}}, "application/cwl+json")

    assert answer.status_code in (413, 422), answer.text
    assert "deep" in answer.json()["detail"]


def test_another_process_of_the_same_body_is_another_request(server: Server) -> None:
    """For an Idempotency-Key."""
    body = {"cwlVersion": "v1.2", "$graph": [tool("once-a", "a"), tool("once-b", "b")]}
    headers = {"Content-Type": "application/cwl+json", "Idempotency-Key": "once-of-a-graph"}

    first = server.http.post("/processes?w=once-a", json=body, headers=headers)
    again = server.http.post("/processes?w=once-a", json=body, headers=headers)
    other = server.http.post("/processes?w=once-b", json=body, headers=headers)

    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, "once-a")
    assert other.status_code == 422


def test_parts_that_name_each_other_by_id_and_url(server: Server) -> None:
    """RFC 2392 and RFC 2557; what the body says of its place counts. Nothing is fetched."""
    heads = {
        "Content-ID: <main@x>\r\nContent-Location: main.cwl": workflow("by-id", "cid:a@x", "lib/b.cwl", "/c.cwl"),
        "Content-ID: <a@x>": tool("a", "a"),
        "Content-Location: lib/b.cwl": tool("b", "b"),
        "Content-Location: https://nowhere.invalid/c.cwl": tool("c", "c"),
    }
    body = "".join(f"--b\r\n{head}\r\n\r\n{json.dumps(each)}\r\n" for head, each in heads.items()) + "--b--\r\n"
    headers = {"Content-Type": RELATED, "Content-Location": "https://nowhere.invalid/pkg/"}

    deployed = server.http.post("/processes", content=body, headers=headers)

    assert deployed.status_code == 201, deployed.text
    assert said(server, "by-id") == "well a b c"


@pytest.mark.parametrize(("media_type", "packed"), [("application/zip", zipped), (RELATED, multipart)])
def test_replacing_by_a_package_of_another_process(server: Server, media_type: str, packed: Any) -> None:
    """A package has to describe the process that the path names, in whatever body it comes; CWL alone may not."""
    process_id = "put-zip" if media_type == "application/zip" else "put-parts"
    path, headers = f"/processes/{process_id}", {"Content-Type": media_type}
    assert server.deploy(tool(process_id, "old"), "application/cwl+json").status_code == 201

    def package(described: dict[str, Any], own: str) -> bytes:
        files = {"package.json": {"processDescription": described, "executionUnit": {"href": "a.cwl"}}}
        body: bytes = packed({**files, "a.cwl": tool(own, "new")})
        return body

    other = server.http.put(path, content=package({"process": {"id": "other"}}, process_id), headers=headers)
    inner = server.http.put(path, content=package({}, "other"), headers=headers)
    kept = said(server, process_id)
    same = server.http.put(path, content=package({"id": process_id}, "other"), headers=headers)
    bare = server.http.put(path, content=packed({"a.cwl": tool("other", "bare")}), headers=headers)

    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/processDescription/process/id")
    assert (inner.status_code, kept) == (422, "well old")
    assert (same.status_code, bare.status_code) == (204, 204), same.text + bare.text
    assert said(server, process_id) == "well bare"
    assert server.http.get("/processes/other").status_code == 404


def test_packed_documents_do_not_collide(server: Server) -> None:
    """All are called #main; the file that was sent, or their bytes, tell them apart."""
    packed = [{"cwlVersion": "v1.2", "$graph": [tool("#main", word)]} for word in ("a", "b", "c")]
    headers = {"Content-Type": "application/cwl+json"}
    named = {**headers, "Content-Disposition": 'attachment; filename="packed flow.cwl"'}

    answers = [
        *(server.http.post("/processes", json=each, headers=headers) for each in packed[:2]),
        server.http.post("/processes", json=packed[2], headers=named),
    ]

    assert [each.status_code for each in answers] == [201, 201, 201]
    found = [each.headers["location"].rpartition("/")[2] for each in answers]
    assert found == [each.json()["id"] for each in answers]
    assert (len({*found}), found[2]) == (3, "packed-flow")
    assert [said(server, each) for each in found] == ["well a", "well b", "well c"]


@pytest.mark.parametrize(
    "said_of_it",
    [
        *(
            "",
            ";",
            "attachment; filename=",
            "attachment; filename*=nonsense''%ff",
            'attachment; filename="\xff"',
            'a="b',
        ),
        # Pieces of which only some have numbers.
        "attachment; filename*=UTF-8''a; filename*0*=b",
    ],
)
def test_what_says_no_file_name(server: Server, said_of_it: str) -> None:
    """It is ignored."""
    headers = [(b"Content-Type", b"application/cwl+json"), (b"Content-Disposition", said_of_it.encode("latin-1"))]

    answer = server.http.post("/processes", json=tool("#main", f"none-{said_of_it.encode().hex()}"), headers=headers)

    assert (answer.status_code, answer.json()["id"][:4]) == (201, "cwl-"), answer.text


def _endless(asked: web.Asked) -> None:
    """A document that never ends."""
    asked.send_response(200)
    asked.end_headers()
    with contextlib.suppress(OSError):
        while True:
            asked.wfile.write(b"# nothing\n" * 100_000)


@pytest.mark.parametrize("by", ["href", "run", "$import"])
@pytest.mark.parametrize(
    ("page", "name", "words"),
    [
        (_endless, "fetch-failed", "has more than 67108864 bytes"),
        (web.status(404), "fetch-failed", "answered 404"),
        (web.status(500), "fetch-failed", "answered 500"),
        (web.redirect("http://10.0.0.1/a.cwl"), "fetch-failed", "private address"),
        (web.redirect("file:///etc/passwd"), "fetch-failed", "not allowed"),
        (web.body(b"\x89PNG\r\n\x1a\n\0", "image/png"), "invalid-document", "byte 0"),
        (web.page("<html>a: [b</html>"), "invalid-document", ""),
    ],
    ids=["endless", "none", "broken", "private", "local", "picture", "page"],
)
def test_documents_that_can_not_be_had(server: Server, page: web.Page, name: str, words: str, by: str) -> None:
    """The URL is named, and nothing is left of it."""
    before = ids(server), stored(server)
    with web.serving({"/a.cwl": page}) as (url, _):
        href = f"{url}/a.cwl"
        body = {
            "href": {"processDescription": {"id": "never"}, "executionUnit": {"href": href}},
            "run": workflow("never", href),
            "$import": tool("never", "", hints={"$import": href}),
        }[by]
        answer = server.deploy(body, PACKAGE if by == "href" else "application/cwl+json")

    problem = answer.json()
    assert answer.status_code in (400, 422), answer.text
    assert problem["type"].rpartition("/")[2] == name, problem
    assert href in problem["detail"]
    assert words in problem["detail"]
    assert (ids(server), stored(server)) == before
