"""Which form of a result a client gets: by the format of the output, by Accept, by Prefer; and who is refused, when."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.live import Server, shell_package
from tests.standards import reading
from tests.standards.executions import KIND, REFERENCE, VALUE, Executions
from tests.standards.reading import X1, kind, link_headers, parts, send
from tests.standards.webpages import Page

JSON, TEXT, ZIP, MULTIPART = "application/json", "text/plain", "application/zip", "multipart/related"
PROFILE = "https://www.opengis.net/def/profile/OGC/0/ogc-results"


@pytest.fixture(scope="module")
def by_version_2(executions: Executions) -> str:
    """A job with every output."""
    return str(executions.get("many-json", "async").status["jobID"])


@pytest.fixture(scope="module")
def by_version_1(executions: Executions) -> str:
    return str(executions.get("raw-value-multi", "async").status["jobID"])


#: (path below /results, Accept) → media type and content, or 406.
FORMS: list[tuple[str, str | None, str | int, Any]] = [
    ("text", None, TEXT, b"hello"),
    ("text", JSON, JSON, "hello"),
    ("text", "text/*", TEXT, b"hello"),
    ("text", "image/png", 406, None),
    ("number", None, JSON, 1.5),
    ("number", TEXT, TEXT, b"1.5"),
    ("number", "text/html;q=0.1, text/plain", TEXT, b"1.5"),
    ("flag", TEXT, TEXT, b"true"),
    ("numbers", JSON, JSON, [1, 2, 3]),
    ("numbers", TEXT, 406, None),
    ("numbers/1", TEXT, TEXT, b"2"),
    ("numbers/1", "image/png", 406, None),
    ("record", TEXT, 406, None),
    ("letter", None, TEXT, b"dear reader\n"),
    ("letter", "*/*", TEXT, b"dear reader\n"),
    ("letter", "image/png", 406, None),
    ("noise", "application/octet-stream", "application/octet-stream", b"\x00\xff\r\n--\r\n"),
    ("tables/0", "text/csv", "text/csv", b"a,b\r\n"),
    ("tables/0", ZIP, 406, None),
    ("tables", TEXT, 406, None),
    ("folder", TEXT, 406, None),
    ("folder/deep", TEXT, 406, None),
    ("folder/deep/inside.txt", None, TEXT, b"inside"),
]


@pytest.mark.requirement("/req/core/job-results-async-one", "/req/core/job-result-op")
@pytest.mark.parametrize("form", FORMS)
def test_a_result_at_its_own_address(
    live: Server, by_version_2: str, form: tuple[str, str | None, str | int, Any]
) -> None:
    """Its media type is negotiated; what is not offered is 406."""
    path, accept, expected, content = form
    answer = send(live, "GET", f"/jobs/{by_version_2}/results/{path}", {} if accept is None else {"Accept": accept})

    if isinstance(expected, int):
        assert answer.status_code == expected
        return
    assert (answer.status_code, kind(answer)) == (200, expected)
    assert (answer.json() if expected == JSON else answer.content) == content


HTML = "text/html"
#: What a browser sends.
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

#: (path below /results, Accept, media type); "" is the results document.
PAGES = [
    ("", BROWSER, HTML),
    ("?outputs=number", BROWSER, HTML),
    ("?outputs=letter", HTML, HTML),
    ("?profile=ogc-results", BROWSER, HTML),
    ("", f"{HTML}, {JSON}", JSON),
    ("", f"{HTML};q=0.5, {ZIP}", ZIP),
    ("", f"{HTML};q=0.5, */*", JSON),
    ("", "text/*", 406),
    ("/number", BROWSER, HTML),
    ("/number", f"{HTML}, text/plain", TEXT),
    ("/numbers", BROWSER, HTML),
    ("/numbers/1", BROWSER, HTML),
    ("/record", HTML, HTML),
    ("/bounds", BROWSER, HTML),
    ("/tables", BROWSER, HTML),
    ("/tables/0", BROWSER, "text/csv"),
    ("/folder", BROWSER, HTML),
    ("/folder/deep", BROWSER, HTML),
    ("/folder/deep", HTML, HTML),
    ("/folder/deep/inside.txt", BROWSER, TEXT),
    ("/text", BROWSER, TEXT),
    ("/text", HTML, HTML),
    ("/letter", BROWSER, TEXT),
    ("/letter", HTML, HTML),
    ("/letter", f"{HTML}, {JSON};q=0.1", JSON),
]


@pytest.mark.requirement("/req/html/definition", "/req/html/content")
@pytest.mark.parametrize(("path", "accept", "expected"), PAGES)
def test_pages_of_results(live: Server, by_version_2: str, path: str, accept: str, expected: str | int) -> None:
    """HTML in the place of JSON, and of anything for who takes nothing else; it says all that the JSON does."""
    url = f"/jobs/{by_version_2}/results{path}"
    answer = live.http.get(url, headers={"Accept": accept})

    if isinstance(expected, int):
        assert answer.status_code == expected
        return
    assert (answer.status_code, kind(answer)) == (200, expected)
    if expected == HTML:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert_shows(Page(answer.text), live.http.get(url, headers={"Accept": JSON}).json())


def assert_shows(page: Page, value: Any) -> None:
    """Names, values and links."""
    shown = "\n".join(page.texts)
    if isinstance(value, dict | list):
        for name, each in reading.members(value):
            assert not isinstance(name, str) or name in shown or "href" in value
            assert_shows(page, each)
    elif isinstance(value, str) and value.startswith("http://"):
        assert value in page.links
    else:
        assert (value if isinstance(value, str) else json.dumps(value)) in shown


@pytest.mark.requirement("/req/html/definition")
@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("", HTML, HTML),
        ("", BROWSER, MULTIPART),
        ("?outputs=number", BROWSER, HTML),
        ("?outputs=letter", HTML, TEXT),
        ("?profile=ogc-results", HTML, HTML),
        ("/numbers", BROWSER, HTML),
        ("/letter", HTML, TEXT),
    ],
)
def test_pages_of_raw_results(live: Server, by_version_1: str, path: str, accept: str, expected: str) -> None:
    """A string or a file is nothing but itself there."""
    answer = live.http.get(f"/jobs/{by_version_1}/results{path}", headers={"Accept": accept})

    assert (answer.status_code, kind(answer)) == (200, expected)


@pytest.mark.parametrize("path", sorted({path for path, _, expected, _ in FORMS if expected == 406} - {"folder/deep"}))
def test_version_1_is_never_refused(live: Server, by_version_1: str, path: str) -> None:
    """It has one form, whatever is accepted."""
    usual = live.http.get(f"/jobs/{by_version_1}/results/{path}", headers={"Accept": "*/*"})
    answer = live.http.get(f"/jobs/{by_version_1}/results/{path}", headers={"Accept": "image/png"})

    assert (answer.status_code, answer.content, kind(answer)) == (200, usual.content, kind(usual))


def test_a_file_for_who_takes_json_only(live: Server, by_version_2: str, by_version_1: str) -> None:
    """A link to it, or the file as a value where that is preferred; version 1.0 knows no such thing."""
    link, value = (
        live.http.get(f"/jobs/{by_version_2}/results/letter", headers={"Accept": JSON, **prefer})
        for prefer in ({}, {"Prefer": "return=representation"})
    )
    file = live.http.get(f"/jobs/{by_version_1}/results/letter", headers={"Accept": JSON})

    assert (link.json()["type"], link.json()["href"]) == (TEXT, f"{live.url}/jobs/{by_version_2}/results/letter")
    assert value.json() == {"value": "dear reader\n", "mediaType": TEXT}
    assert file.content == b"dear reader\n"


def names_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return [each for each in archive.namelist() if not each.endswith("/")]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("tables", ["0/first.csv", "1/second.csv"]),
        ("folder", ["folder/deep/inside.txt"]),
        ("folder/deep", ["deep/inside.txt"]),
    ],
)
def test_zip_of_one_output(live: Server, by_version_2: str, path: str, names: list[str]) -> None:
    """A directory as it is, a list by number."""
    answer = live.http.get(f"/jobs/{by_version_2}/results/{path}", headers={"Accept": ZIP})

    assert (kind(answer), names_in(answer.content)) == (ZIP, names)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_multipart_of_one_output(live: Server, by_version_2: str) -> None:
    """A part for each file."""
    answer = live.http.get(f"/jobs/{by_version_2}/results/tables", headers={"Accept": MULTIPART})

    assert {name: part.content for name, part in parts(answer).items()} == {
        "tables/0": b"a,b\r\n",
        "tables/1": b"c,d\r\n",
    }


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_zip_of_several_outputs(live: Server, by_version_2: str, mode: str) -> None:
    """A folder for each output of files, a file for each literal."""
    accept = {"Accept": ZIP}
    answer = (
        live.http.get(f"/jobs/{by_version_2}/results", headers=accept)
        if mode == "async"
        else live.execute(KIND, {}, accept)
    )

    assert (answer.status_code, kind(answer)) == (200, ZIP)
    assert names_in(answer.content) == [
        "text.txt",
        "number.json",
        "flag.json",
        "numbers.json",
        "record.json",
        "bounds.json",
        "letter/letter.txt",
        "tables/0/first.csv",
        "tables/1/second.csv",
        "noise/noise.bin",
        "folder/folder/deep/inside.txt",
    ]


#: (outputs, Accept, media type): synchronous executions by the rules of version 2.0.
EXECUTED: list[tuple[dict[str, Any], str, str]] = [
    ({"text": {"format": {"mediaType": JSON}}}, "*/*", JSON),
    ({"number": {"format": {"mediaType": TEXT}}}, JSON, TEXT),
    ({"letter": {"format": {"mediaType": TEXT}}}, JSON, TEXT),
    ({"letter": {}}, JSON, JSON),
    ({"folder": {"format": {"mediaType": ZIP}}}, "*/*", ZIP),
    ({"folder": {}}, f"{ZIP}, {JSON};q=0.5", ZIP),
    ({"folder": {}}, BROWSER, HTML),
    ({"number": {}}, BROWSER, HTML),
    ({"number": {"format": {"mediaType": JSON}}}, BROWSER, JSON),
    ({"number": {}, "letter": {}}, BROWSER, HTML),
    ({"letter": {}}, BROWSER, TEXT),
    ({"letter": {}}, HTML, HTML),
    ({"text": {"transmissionMode": "value"}}, HTML, TEXT),
    ({"number": {"transmissionMode": "value"}}, HTML, HTML),
    ({"number": {}, "letter": {"transmissionMode": "value"}}, HTML, HTML),
    ({"tables": {}}, "*/*", JSON),
    ({"tables": {}}, MULTIPART, MULTIPART),
    ({"noise": {}}, "image/png, */*;q=0.1", "application/octet-stream"),
    # What a file without a declared type will be can't be told before the run: then it is given as it is.
    ({"noise": {}}, "image/png", "application/octet-stream"),
]


@pytest.mark.requirement("/req/core/process-execute-sync-one", "/req/core/process-execute-sync-one-default-content")
@pytest.mark.parametrize(("outputs", "accept", "expected"), EXECUTED)
def test_one_output_at_once(live: Server, outputs: dict[str, Any], accept: str, expected: str) -> None:
    """In the format that the request names, else what is accepted, else the usual."""
    answer = live.execute(KIND, {}, {"Accept": accept}, outputs=outputs)

    assert (answer.status_code, kind(answer)) == (200, expected)


@pytest.mark.parametrize(
    ("output", "accept"),
    [("letter", "image/png"), ("count", "text/csv"), ("both", "image/png, text/css"), ("both", "a/b")],
)
def test_nothing_runs_for_who_takes_no_form_of_its_results(live: Server, output: str, accept: str) -> None:
    """406 before there is a job; the rules of version 1.0 refuse nobody."""
    file = {"schema": {"type": "string", "contentMediaType": TEXT}}
    outputs = {"letter": file, "count": {"schema": {"type": "integer"}}}
    script = "printf x > letter; printf 1 > count"
    assert live.deploy(shell_package("refused", script, outputs=outputs)).status_code in (201, 409)
    asked: dict[str, Any] = {name: {} for name in (outputs if output == "both" else [output])}

    refused = live.execute("refused", {}, {"Accept": accept}, outputs=asked)
    jobs = live.http.get("/jobs?processID=refused").json()["jobs"]
    later = live.execute("refused", {}, {"Accept": accept, "Prefer": "respond-async"}, outputs=asked)
    server_side = live.wait(later.json()["jobID"])
    raw = live.execute("refused", {}, {"Accept": accept}, outputs=asked, response="raw")
    for each in live.http.get("/jobs?processID=refused").json()["jobs"]:
        assert live.http.delete(f"/jobs/{each['jobID']}").status_code == 200

    assert (refused.status_code, kind(refused)) == (406, "application/problem+json")
    assert JSON in refused.json()["detail"]
    assert jobs == []
    assert (later.status_code, server_side["status"]) == (201, "successful")
    assert raw.status_code == 200


# Some outputs of all.


@pytest.mark.requirement("/req/core/job-results-param-outputs", "/req/core/job-results-param-outputs-response")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("text,letter", ["text", "letter"]),
        ("letter,text", ["text", "letter"]),
        ("record", ["record"]),
        ("nothing", []),
    ],
)
def test_outputs(live: Server, by_version_2: str, query: str, names: list[str]) -> None:
    """Only those that are named, in the order of the description."""
    answer = live.http.get(f"/jobs/{by_version_2}/results?outputs={query}", headers={"Accept": JSON})

    assert (answer.status_code, list(answer.json())) == (200, names)


def test_outputs_of_raw_results(live: Server, by_version_1: str) -> None:
    """What is left is answered in the style of the request: one is bare, several have parts."""
    one = live.http.get(f"/jobs/{by_version_1}/results?outputs=letter")
    two = live.http.get(f"/jobs/{by_version_1}/results?outputs=letter,text")

    assert (kind(one), one.content) == (TEXT, b"dear reader\n")
    assert list(parts(two)) == ["text", "letter"]


@pytest.mark.requirement(
    "/req/core/job-results-exception-no-such-output",
    "/req/core/job-results-exception/invalid-query-parameter-value",
    "/req/core/process-execute-success-async-outputs",
)
@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("?outputs=none", 400, "no-such-output"),
        ("?outputs=letter,none", 400, "no-such-output"),
        ("?outputs=text", 404, "result-not-available"),
        ("?outputs=", 400, "invalid-query-parameter-value"),
        ("?outputs=letter,,letter", 400, "invalid-query-parameter-value"),
        ("?outputs=letter,letter", 400, "invalid-query-parameter-value"),
        ("?outputs=letter&outputs=letter", 400, "invalid-query-parameter-value"),
        ("/text", 404, "result-not-available"),
        ("/none", 400, "no-such-output"),
    ],
)
def test_outputs_that_can_not_be_had(
    live: Server, executions: Executions, path: str, status: int, expected: str
) -> None:
    """Of a job that was asked for its letter only."""
    job = executions.get("one", "async").status["jobID"]

    answer = live.http.get(f"/jobs/{job}/results{path}", headers={"Accept": JSON})

    assert (answer.status_code, answer.json()["type"]) == (status, X1 + expected)
    assert live.http.get(f"/jobs/{job}/results/letter").content == b"dear reader\n"


# The profile of results.


@pytest.mark.requirement("/req/core/job-results-profile")
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?profile=ogc-results", {}),
        (f"?profile={PROFILE}", {"Accept": "*/*"}),
        ("?profile=[ogc-profile:ogc-results]", {}),
        ("", {"Accept-Profile": f"<{PROFILE}>"}),
        ("", {"Prefer": f'profile="{PROFILE}"'}),
    ],
)
@pytest.mark.parametrize("name", ["one", "raw-value-one", "many-json"])
def test_profile(live: Server, executions: Executions, name: str, query: str, headers: dict[str, str]) -> None:
    """A results document, however many outputs and in whatever style."""
    job = executions.get(name, "async").status["jobID"]

    answer = live.http.get(f"/jobs/{job}/results{query}", headers=headers)

    assert (answer.status_code, kind(answer)) == (200, JSON)
    assert answer.json()["letter"]["type" if name != "raw-value-one" else "mediaType"] == TEXT
    assert [each.href for each in link_headers(answer) if each.rel == "profile"] == [PROFILE]


def test_profile_of_one_output_at_once(live: Server) -> None:
    """A document in the place of the bare value; a profile that nobody knows changes nothing."""
    path = f"/processes/{KIND}/execution"
    body: dict[str, Any] = {"inputs": {}, "outputs": {"text": {}}}
    document = live.http.post(f"{path}?profile=ogc-results", json=body)
    bare = live.http.post(f"{path}?profile=none", json=body)

    assert document.json() == {"text": "hello"}
    assert (kind(bare), bare.content) == (TEXT, b"hello")


# Preferences.


@pytest.mark.parametrize(
    ("prefer", "inline", "applied"),
    [
        (None, False, None),
        ("return=minimal", False, "return=minimal"),
        ("return=representation", True, "return=representation"),
        ("return=other", False, None),
        ("return", False, None),
        (',;="return=', False, None),
    ],
)
def test_return_preference_of_results(
    live: Server, by_version_2: str, prefer: str | None, inline: bool, applied: str | None
) -> None:
    """Also of results that were not executed so; what can't be understood is ignored (RFC 7240)."""
    headers = {} if prefer is None else {"Prefer": prefer}

    answer = live.http.get(f"/jobs/{by_version_2}/results?outputs=letter,text", headers=headers)

    assert ("value" in answer.json()["letter"]) == inline
    assert answer.headers.get("preference-applied") == applied


@pytest.mark.parametrize(
    ("body", "accept"),
    [
        ({"response": "raw"}, "*/*"),
        ({"outputs": {"text": {}}}, "*/*"),
        ({}, MULTIPART),
        ({"response": "document", "outputs": {"text": VALUE, "letter": REFERENCE}}, "*/*"),
    ],
)
def test_a_preference_that_changes_nothing(live: Server, body: dict[str, Any], accept: str) -> None:
    """It is not said to be honoured."""
    answer = live.execute(KIND, {}, {"Accept": accept, "Prefer": "return=representation"}, **body)

    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    ("body", "prefer", "applied"),
    [
        ({}, "respond-async, return=representation", "respond-async, return=representation"),
        ({}, "return=minimal; respond-async", "respond-async, return=minimal"),
        ({"response": "raw"}, "respond-async, return=minimal", "respond-async"),
    ],
)
def test_preferences_of_a_job(live: Server, body: dict[str, Any], prefer: str, applied: str) -> None:
    """What will be honoured when the results are asked for."""
    answer = live.execute(KIND, {}, {"Prefer": prefer, "Accept": "image/png"}, **body)

    assert (answer.status_code, kind(answer)) == (201, JSON)
    assert answer.headers["preference-applied"] == applied


# Sizes.


@pytest.fixture(scope="module")
def large(live: Server) -> str:
    """A process with an output of a little more than 64 KiB of text, and a small one."""
    script = "head -c 66000 /dev/zero | tr '\\0' a > large; printf b > small"
    outputs = {name: {"schema": {"type": "string"}} for name in ("large", "small")}
    assert live.deploy(shell_package("large", script, outputs=outputs)).status_code in (201, 409)
    return "large"


@pytest.mark.parametrize(
    ("prefer", "body", "inline"),
    [
        ({}, {}, False),
        ({"Prefer": "return=minimal"}, {}, False),
        ({"Prefer": "return=representation"}, {}, True),
        ({}, {"response": "document"}, True),
    ],
)
def test_large_values(live: Server, large: str, prefer: dict[str, str], body: dict[str, Any], inline: bool) -> None:
    """Links, unless the representation is preferred, or the rules of version 1.0 have them by value."""
    found = live.execute(large, {}, prefer, **body).json()

    assert found["small"] == "b"
    if inline:
        assert found["large"] == "a" * 66000
    else:
        assert found["large"]["type"] == TEXT
        assert live.http.get(found["large"]["href"]).text == "a" * 66000


def test_base64_where_it_is_asked_for(live: Server) -> None:
    """`encoding` of a file by value."""
    outputs = {"letter": {"format": {"mediaType": TEXT, "encoding": "base64"}}, "text": {}}

    found = live.execute(KIND, {}, {"Prefer": "return=representation"}, outputs=outputs).json()

    assert found["letter"] == {"value": "ZGVhciByZWFkZXIK", "encoding": "base64", "mediaType": TEXT}


# Requests that can't be meant.


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"outputs": {"text": {"format": 5}}}, ["/outputs/text/format"]),
        ({"outputs": {"text": {"format": "text/plain"}}}, ["/outputs/text/format"]),
        ({"outputs": {"text": {"format": {"mediaType": 5}}}}, ["/outputs/text/format/mediaType"]),
        ({"outputs": {"text": {"format": {"mediaType": "text"}}}}, ["/outputs/text/format/mediaType"]),
        ({"outputs": {"text": {"format": {"mediaType": "image/png"}}}}, ["/outputs/text/format/mediaType"]),
        ({"outputs": {"numbers": {"format": {"mediaType": TEXT}}}}, ["/outputs/numbers/format/mediaType"]),
        ({"outputs": {"text": {"format": {"encoding": "rot13"}}}}, ["/outputs/text/format/encoding"]),
        ({"outputs": {"text": {"format": {"encoding": []}}}}, ["/outputs/text/format/encoding"]),
        ({"outputs": {"text": {"format": {"schema": 5}}}}, ["/outputs/text/format/schema"]),
        (
            {"outputs": {"text": {"format": {"mediaType": [], "schema": 5}}, "none": {}}},
            ["/outputs/text/format/mediaType", "/outputs/text/format/schema"],
        ),
        ({"outputs": {"none": {}, "text": {}}}, ["/outputs/none"]),
        ({"outputs": {"text": {"transmissionMode": {}}}}, ["/outputs/text/transmissionMode"]),
        ({"outputs": {"text": None}}, ["/outputs/text"]),
        ({"outputs": ["text"]}, ["/outputs"]),
        ({"outputs": "text", "response": [], "inputs": 1}, ["/inputs", "/response", "/outputs"]),
    ],
)
def test_outputs_that_can_not_be_meant(live: Server, body: dict[str, Any], pointers: list[str]) -> None:
    """400 with the place of each."""
    answer = live.http.post(f"/processes/{KIND}/execution", json=body)

    assert answer.status_code == 400, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == pointers


def test_an_output_named_twice(live: Server) -> None:
    """JSON with a name twice is refused: it is not known which is meant."""
    body = b'{"outputs": {"text": {}, "text": {"format": {"mediaType": "application/json"}}}}'

    answer = live.http.post(f"/processes/{KIND}/execution", content=body, headers={"Content-Type": JSON})

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-document")
