"""Class kvp-execute of version 2.0: executions by GET."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live import Server, shell_package
from tests.standards.executions import KIND
from tests.standards.reading import X1, kind, link_headers, parts, send

ECHO = "/processes/echo/execution"
BOUNDS: dict[str, Any] = {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def get(server: Server, path: str = ECHO, headers: dict[str, str] | None = None, **query: str) -> Any:
    """The results document of one execution; a name with two underscores has its end in brackets."""
    items = {
        f"{name.partition('__')[0]}[{name.partition('__')[2]}]" if "__" in name else name: value
        for name, value in query.items()
    }
    return server.http.get(path, params=items, headers=headers)


@pytest.mark.requirement("/req/kvp-execute/process-execute-op")
def test_the_other_path(live: Server) -> None:
    """What can be posted to can be asked by GET as well; a job or a process called so is something else."""
    path = "/echo/execution"

    assert get(live, path, stringInput="x", stringInput__include="true").text == "x"
    assert live.http.head(path).status_code == 405
    found = {
        each: live.http.get(each).json()["type"].rpartition("/")[2] for each in ("/jobs/execution", "/no/execution")
    }
    assert found == {"/jobs/execution": "no-such-job", "/no/execution": "no-such-process"}
    assert live.http.get("/processes/execution").json()["type"] == X1 + "no-such-process"


@pytest.mark.requirement(
    "/req/kvp-execute/process-execute-op",
    "/req/kvp-execute/input-query-parameters",
    "/req/kvp-execute/input-query-parameter-values",
    "/req/kvp-execute/string-input-value",
    "/req/kvp-execute/numeric-input-value",
    "/req/kvp-execute/boolean-input-value",
    "/req/kvp-execute/array-input-value",
    "/req/kvp-execute/complex-input-value",
    "/req/kvp-execute/bbox-input-value",
    "/req/kvp-execute/bbox-crs-input-value",
)
def test_values(live: Server) -> None:
    """Values of each kind, under the names of the inputs, in whatever case."""
    answer = get(
        live,
        StringInput="Value 2",
        integerinput="7",
        doubleInput="3.14159",
        booleanInput="true",
        dateInput="2021-03-06T07:21:00Z",
        arrayInput="[1,2,3,4,5,6]",
        mixedInput='{"value":{"property1":"value1"}}',
        bboxInput="51.9,7,52,7.1",
        bboxInput__crs=BOUNDS["crs"],
    )

    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "stringInput": "Value 2",
        "integerInput": 7,
        "doubleInput": 3.14159,
        "booleanInput": True,
        "dateInput": "2021-03-06T07:21:00Z",
        "arrayInput": [1, 2, 3, 4, 5, 6],
        "mixedInput": {"value": {"property1": "value1"}},
        "bboxInput": BOUNDS,
    }


@pytest.mark.requirement("/req/kvp-execute/binary-input-value", "/req/kvp-execute/binary-input-value-qualified")
@pytest.mark.parametrize(
    "query", [{"imageInput": PIXEL}, {"imageInput__value": PIXEL, "imageInput__mediaType": "image/png"}]
)
def test_binary_values(live: Server, query: dict[str, Any]) -> None:
    """Base64, bare or with its media type."""
    answer = get(live, stringInput="x", imageInput__include="true", **query)

    assert (answer.status_code, kind(answer)) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")


@pytest.mark.requirement("/req/kvp-execute/input-by-reference")
def test_input_by_reference(live: Server) -> None:
    """`input[href]` and its like, here to a result of this server."""
    job = get(live, stringInput="x", xmlInput="<a/>", response__prefer="respond-async").json()["jobID"]
    assert live.wait(job)["status"] == "successful"
    href = f"{live.url}/jobs/{job}/results/xmlInput"

    answer = get(live, stringInput="x", xmlInput__href=href, xmlInput__type="application/xml", xmlInput__include="true")

    assert (answer.status_code, answer.content) == (200, b"<a/>")


@pytest.mark.requirement("/req/kvp-execute/input-cardinality")
@pytest.mark.parametrize(("text", "given"), [("blue", ["blue"]), ("blue,red", ["blue", "red"]), ('["a,b"]', ["a,b"])])
def test_input_cardinality(live: Server, text: str, given: list[str]) -> None:
    """A list with commas, or of JSON."""
    inputs = {"word": {"schema": {"type": "string"}, "maxOccurs": "unbounded"}}
    outputs = {"said": {"schema": {"type": "string"}}}
    package = shell_package("words", 'printf "%s\\n" "$@" > said', inputs=inputs, outputs=outputs)
    assert live.deploy(package).status_code in (201, 409)

    answer = get(live, "/processes/words/execution", word=text)

    assert answer.status_code == 200, answer.text
    assert [line for line in answer.text.splitlines() if not line.startswith("--")] == given


@pytest.mark.requirement("/req/kvp-execute/output")
def test_output(live: Server) -> None:
    """Those that are included, in the media type that is asked for."""
    one = get(
        live, stringInput="x", integerInput="7", integerInput__include="true", integerInput__mediaType="text/plain"
    )
    two = get(live, stringInput="x", integerInput="7", integerInput__include="true", stringInput__include="true")
    left_out: dict[str, Any] = {f"{name}__include": "false" for name in OUTPUTS}
    none = get(live, stringInput="x", **left_out)

    assert (kind(one), one.content) == ("text/plain", b"7")
    assert two.json() == {"stringInput": "x", "integerInput": 7}
    assert (none.status_code, none.content) == (204, b"")


OUTPUTS = [
    "stringInput",
    "integerInput",
    "doubleInput",
    "booleanInput",
    "levelInput",
    "dateInput",
    "codeInput",
    "arrayInput",
    "mixedInput",
    "bboxInput",
    "xmlInput",
    "imageInput",
]


@pytest.mark.requirement("/req/kvp-execute/f-definition", "/req/kvp-execute/f-response")
def test_f(live: Server) -> None:
    """response[f] is what Accept would be, and goes before it."""
    answer = get(live, headers={"Accept": "application/json"}, stringInput="x", response__f="multipart/related")
    refused = get(live, stringInput="x", response__f="image/png")

    assert parts(answer)["stringInput"].content == b"x"
    assert refused.status_code == 406


@pytest.mark.requirement("/req/kvp-execute/prefer-definition", "/req/kvp-execute/prefer-response")
def test_prefer(live: Server) -> None:
    """response[prefer] is what Prefer would be, and goes before it."""
    path = f"/processes/{KIND}/execution"
    prefer = "respond-async, return=representation"

    answer = get(live, path, {"Prefer": "return=minimal"}, letter__include="true", response__prefer=prefer)

    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == prefer
    assert live.wait(answer.json()["jobID"])["status"] == "successful"
    results = live.http.get(f"{answer.headers['location']}/results").json()
    assert results["letter"] == {"value": "dear reader\n", "mediaType": "text/plain"}


@pytest.mark.requirement("/req/kvp-execute/process-execute-op")
def test_it_is_the_same_as_post(live: Server) -> None:
    """In its style and headers; nobody keeps its answer."""
    posted = live.execute("echo", {"stringInput": "x", "integerInput": 7})
    got = get(live, stringInput="x", integerInput="7")

    assert (got.status_code, kind(got), got.json()) == (posted.status_code, kind(posted), posted.json())
    assert {each.rel for each in link_headers(got)} == {each.rel for each in link_headers(posted)}
    assert got.headers["cache-control"] == "no-store"


def test_head_executes_nothing(live: Server) -> None:
    """405: who only looks makes no job."""
    before = live.http.get("/jobs?processID=many&limit=1000").json()["jobs"]
    answer = live.http.head("/processes/many/execution?word=a")
    after = live.http.get("/jobs?processID=many&limit=1000").json()["jobs"]

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}
    assert len(after) == len(before)


def test_the_same_key_executes_once(live: Server) -> None:
    """An Idempotency-Key is as good here as with POST."""
    headers = {"Idempotency-Key": "kvp-1", "Prefer": "respond-async"}
    first, second, other = (get(live, headers=headers, stringInput=text) for text in ("x", "x", "y"))

    assert first.headers["location"] == second.headers["location"]
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-conflict")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("stringInput=x&none=1", "the inputs are: stringInput, pause,"),
        ("stringInput=x&stringInput=y", "it is given twice"),
        ("stringInput=x&f=json", "response[f]"),
        ("stringInput=x&response=document", "'response'"),
        ("%FF%FE=1&stringInput=x", "there is no such parameter"),
        ("stringInput=x&bboxInput%5Bcrs%5D=urn:x", "bboxInput[href] is missing"),
    ],
)
def test_parameters_that_are_refused(live: Server, query: str, named: str) -> None:
    """400, with what is wrong and what there is."""
    answer = send(live, "GET", f"{ECHO}?{query}", {"Accept": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (400, X1 + "invalid-query-parameter-value")
    assert named in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", ["/inputs/stringInput"]),
        ("stringInput=x&integerInput=one", ["/inputs/integerInput"]),
        ("levelInput=9&codeInput=x", ["/inputs/stringInput", "/inputs/levelInput", "/inputs/codeInput"]),
        ("stringInput=x&bboxInput=1,2", ["/inputs/bboxInput/bbox"]),
        (
            "stringInput=x&stringInput[include]=true&stringInput[mediaType]=image/png",
            ["/outputs/stringInput/format/mediaType"],
        ),
        ("stringInput=x&stringInput[include]=true&stringInput[mediaType]=x", ["/outputs/stringInput/format/mediaType"]),
        ("stringInput=x&xmlInput[href]=ftp://x", ["/inputs/xmlInput/href"]),
    ],
)
def test_values_that_do_not_fit(live: Server, query: str, pointers: list[str]) -> None:
    """All of them at once, with places in the execute request that the query stands for."""
    answer = live.http.get(f"{ECHO}?{query}")

    assert answer.status_code == 400, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == pointers
