"""What a tool leaves behind, and how clients get it: files, directories, literals, several of each."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest

from tests.live import Server, shell_package, shell_tool

SCRIPT = """
echo 42 > count
echo '{"a": [1, 2]}' > object.json
printf 'plain text\\n' > text
printf '1.5\\n' > ratio
echo '[1, 2, 3]' > list
printf 'col\\n1\\n' > table.csv
printf '\\000\\001\\377' > image.png
mkdir tiles && printf a > tiles/a.txt && printf b > 'tiles/b c#1.txt'
mkdir -p tree/leaf && printf root > tree/root.txt && printf leaf > 'tree/leaf/x y.txt'
"""

OUTPUTS: dict[str, Any] = {
    "count": {"schema": {"type": "integer"}},
    "object": {"schema": {"type": "object"}},
    "text": {"schema": {"type": "string"}},
    "ratio": {"schema": {"type": "number"}},
    "list": {"schema": {"type": "array", "items": {"type": "integer"}}},
    "table": {"schema": {"type": "string", "contentMediaType": "text/csv"}},
    "image": {"schema": {"type": "string", "contentEncoding": "binary", "contentMediaType": "image/png"}},
    "tiles": {"maxOccurs": "unbounded", "schema": {"type": "string", "contentMediaType": "text/plain"}},
    "tree": {"schema": {"type": "string", "format": "directory"}},
    "nothing": {"minOccurs": 0, "schema": {"type": "string", "contentMediaType": "text/plain"}},
}


@pytest.fixture(scope="module")
def job(server: Server) -> str:
    """A successful job with an output of every kind."""
    assert server.deploy(shell_package("outputs", SCRIPT, outputs=OUTPUTS)).status_code == 201
    job_id = server.submit("outputs")
    assert server.wait(job_id)["status"] == "successful", server.status(job_id)
    return job_id


def test_the_results_document_has_literals_by_value_and_files_by_reference(server: Server, job: str) -> None:
    """An output that the tool left out although it may is left out."""
    found = server.http.get(f"/jobs/{job}/results").json()

    literals = {name: found[name] for name in ("count", "object", "text", "ratio", "list")}
    assert literals == {
        "count": 42,
        "object": {"value": {"a": [1, 2]}},
        "text": "plain text",
        "ratio": 1.5,
        "list": [1, 2, 3],
    }
    assert found["table"]["type"] == "text/csv"
    assert found["table"]["length"] == 6
    assert found["image"]["title"] == "image.png"
    assert [each["title"] for each in found["tiles"]] == ["a.txt", "b c#1.txt"]
    assert "nothing" not in found


def test_a_file_is_served_with_type_length_and_ranges(server: Server, job: str) -> None:
    """A range request gives just that part (RFC 9110, 14)."""
    link = server.http.get(f"/jobs/{job}/results").json()["table"]

    whole = server.http.get(link["href"])
    part = server.http.get(link["href"], headers={"Range": "bytes=4-"})

    assert whole.content == b"col\n1\n"
    assert whole.headers["content-type"].startswith("text/csv")
    assert whole.headers["content-length"] == "6"
    assert 'filename="table.csv"' in whole.headers["content-disposition"]
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"1\n", "bytes 4-5/6")


@pytest.mark.parametrize("asked", ["bytes=", "bytes=a-b", "bytes=-", "bytes=" + "9" * 5000 + "-", "bytes=\u00b2-"])
def test_ranges_that_are_none(server: Server, job: str, asked: str) -> None:
    """400, and how they are written."""
    answer = server.http.get(f"/jobs/{job}/results/table", headers={b"Range": asked.encode("latin-1")})

    assert (answer.status_code, answer.json()["type"]) == (400, f"{server.url}/problems/bad-request")
    assert "bytes=FIRST-LAST" in answer.json()["detail"]


@pytest.mark.parametrize("asked", ["bytes=6-", "bytes=-0", "bytes=999999999999-"])
def test_ranges_beyond_the_end(server: Server, job: str, asked: str) -> None:
    """416, and how long the file is (RFC 9110, 15.5.17)."""
    answer = server.http.get(f"/jobs/{job}/results/table", headers={"Range": asked})

    assert (answer.status_code, answer.json()["type"]) == (416, f"{server.url}/problems/range-not-satisfiable")
    assert answer.headers["content-range"] == "bytes */6"


@pytest.mark.parametrize(("method", "asked"), [("GET", "lines=1-2"), ("GET", "\u00ff"), ("HEAD", "bytes=4-")])
def test_ranges_that_say_nothing(server: Server, job: str, method: str, asked: str) -> None:
    """Another unit and another method are as if there was no range (RFC 9110, 14.2)."""
    url = f"/jobs/{job}/results/table"
    answer = server.http.request(method, url, headers={b"Range": asked.encode("latin-1")})

    assert (answer.status_code, answer.headers["content-length"]) == (200, "6")


def test_items_of_an_array_have_places_of_their_own(server: Server, job: str) -> None:
    """Whatever characters their names have."""
    links = server.http.get(f"/jobs/{job}/results/tiles").json()

    assert [server.http.get(each["href"]).text for each in links] == ["a", "b"]
    assert server.http.get(f"/jobs/{job}/results/tiles/2").status_code == 404
    assert server.http.get(f"/jobs/{job}/results/list/1").json() == 2


def test_a_directory_is_an_index_of_links_and_a_zip(server: Server, job: str) -> None:
    """Its files stand below it."""
    url = server.http.get(f"/jobs/{job}/results").json()["tree"]["href"]
    index = server.http.get(url).json()
    below = {each["title"]: each["href"] for each in index["links"] if each["rel"] == "item"}
    leaf = server.http.get(below["leaf"]).json()["links"][1]["href"]
    zipped = server.http.get(url, headers={"Accept": "application/zip"})

    assert server.http.get(below["root.txt"]).text == "root"
    assert server.http.get(leaf).text == "leaf"
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
        assert archive.read("tree/leaf/x y.txt") == b"leaf"


@pytest.mark.parametrize("path", ["%2e%2e", "%2e%2e/count", "leaf%2f%2e%2e%2froot.txt", "leaf//x", "none.txt"])
def test_nothing_outside_a_directory_can_be_reached(server: Server, job: str, path: str) -> None:
    """A path that climbs is as unknown as one that never was."""
    assert server.http.get(f"/jobs/{job}/results/tree/{path}").status_code in (400, 404)


def test_files_by_value_where_asked_for(server: Server) -> None:
    """Text as text, anything else as base64 (qualifiedInputValue of 18-062r2)."""
    wanted = {"table": {"transmissionMode": "value"}, "image": {"transmissionMode": "value"}}
    found = server.execute("outputs", {}, outputs=wanted, response="document").json()

    assert found["table"] == {"value": "col\n1\n", "mediaType": "text/csv"}
    assert base64.b64decode(found["image"]["value"]) == b"\x00\x01\xff"
    assert found["image"]["encoding"] == "base64"


@pytest.mark.parametrize(
    ("output", "content_type", "content"),
    [
        ("count", "application/json", b"42"),
        ("object", "application/json", b'{"a":[1,2]}'),
        ("text", "text/plain; charset=utf-8", b"plain text"),
        ("image", "image/png", b"\x00\x01\xff"),
    ],
)
def test_one_raw_output_is_the_bare_value(server: Server, output: str, content_type: str, content: bytes) -> None:
    """In the media type of the output."""
    answer = server.execute("outputs", {}, outputs={output: {}}, response="raw")

    assert (answer.headers["content-type"], answer.content) == (content_type, content)


def test_a_raw_output_by_reference_is_a_link_header(server: Server) -> None:
    """204 and no body (18-062r2, process-execute-sync-raw-ref)."""
    answer = server.execute("outputs", {}, outputs={"table": {"transmissionMode": "reference"}})

    assert (answer.status_code, answer.content) == (204, b"")
    links = ", ".join(answer.headers.get_list("link"))
    href = links.split('>; rel="item"')[0].rpartition("<")[2]
    assert server.http.get(href).content == b"col\n1\n"


def test_cwl_output_json_wins_over_files(server: Server) -> None:
    """A plain image may say its outputs itself."""
    script = """printf file > name; echo '{"name": "said", "count": 7}' > cwl.output.json"""
    outputs = {"name": {"schema": {"type": "string"}}, "count": {"schema": {"type": "integer"}}}
    server.deploy(shell_package("says-outputs", script, outputs=outputs))

    assert server.execute("says-outputs", {}).json() == {"name": "said", "count": 7}


def test_a_cwl_tool_gives_secondary_files_and_literals(server: Server) -> None:
    """A File with secondary files is a CWL object, its places URLs of this server."""
    tool = shell_tool(
        "printf bam > x.bam; printf bai > x.bam.bai; printf out",
        id="secondary-results",
        stdout="said.txt",
        outputs={
            "reads": {"type": "File", "secondaryFiles": [".bai"], "outputBinding": {"glob": "x.bam"}},
            "said": "stdout",
            "none": {"type": "File?", "outputBinding": {"glob": "none"}},
            "first": {
                "type": "string",
                "outputBinding": {"glob": "x.bam", "loadContents": True, "outputEval": "$(self[0].contents)"},
            },
        },
    )
    assert server.deploy(tool, "application/cwl+json").status_code == 201

    found = server.execute("secondary-results", {}).json()

    reads = found["reads"]["value"]
    assert server.http.get(reads["location"]).text == "bam"
    assert server.http.get(reads["secondaryFiles"][0]["location"]).text == "bai"
    assert server.http.get(found["said"]["href"]).text == "out"
    assert found["first"] == "bam"
    assert "none" not in found
