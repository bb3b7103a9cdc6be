"""Every style of execution for every kind of output: raw and document, by value and by reference, version 2.0.

Synchronously and, by /results of a job, asynchronously; each output by itself, and all of them together.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.live import Server
from tests.standards.executions import KIND, REFERENCE, VALUE, Execution, Ran, run
from tests.standards.reading import kind, link_headers, parts

LETTER, NOISE = b"dear reader\n", b"\x00\xff\r\n--\r\n"
RECORD = {"name": "x", "size": 2}
JSON, TEXT, BINARY = "application/json", "text/plain", "application/octet-stream"

#: By the name of the output, of each kind one: its media type by itself, and its content or a look at it.
BARE: dict[str, tuple[str, Any]] = {
    "text": (TEXT, b"hello"),
    "number": (JSON, 1.5),
    "numbers": (JSON, [1, 2, 3]),
    "record": (JSON, RECORD),
    "letter": (TEXT, LETTER),
    "noise": (BINARY, NOISE),
    "tables": (JSON, lambda found: [each["type"] for each in found] == ["text/csv"] * 2),
    "folder": (JSON, lambda found: [each["title"] for each in found["links"][1:]] == ["deep"]),
    "nothing": ("", None),
}

#: Its value in a results document where it is by value; what has none there is left out.
VALUES: dict[str, Any] = {
    "text": "hello",
    "number": 1.5,
    "numbers": [1, 2, 3],
    "record": {"value": RECORD},
    "letter": {"value": LETTER.decode(), "mediaType": TEXT},
    "noise": {"value": base64.b64encode(NOISE).decode(), "encoding": "base64", "mediaType": BINARY},
    "tables": [{"value": text, "mediaType": "text/csv"} for text in ("a,b\r\n", "c,d\r\n")],
    "folder": lambda found: found["value"]["class"] == "Directory",
}

#: The media type of a link to it; a list of files is a list of links.
LINKS: dict[str, Any] = {
    "text": TEXT,
    "number": TEXT,
    "numbers": JSON,
    "record": JSON,
    "letter": TEXT,
    "noise": BINARY,
    "tables": ["text/csv", "text/csv"],
    "folder": "application/directory",
}

STYLES: dict[str, dict[str, Any]] = {
    "raw-value": {"how": VALUE, "response": "raw"},
    "raw-reference": {"how": REFERENCE, "response": "raw"},
    "document-value": {"how": VALUE, "response": "document"},
    "document-reference": {"how": REFERENCE, "response": "document"},
    "version-2": {"how": {}},
}
MODES = ("sync", "async")
ALL = "all of them"
CASES = [(style, output, mode) for style in STYLES for output in (*BARE, ALL) for mode in MODES]


def execution(style: str, output: str) -> Execution:
    how = STYLES[style]["how"]
    body = {key: each for key, each in STYLES[style].items() if key != "how"}
    return Execution(KIND, {**body, "outputs": dict.fromkeys(BARE if output == ALL else [output], how)})


@pytest.fixture(scope="module")
def ran(live: Server) -> Iterator[Callable[[str, str, str], Ran]]:
    with ThreadPoolExecutor(6) as pool:
        futures: dict[tuple[str, str, str], Future[Ran]] = {
            case: pool.submit(run, live, execution(case[0], case[1]), case[2]) for case in CASES
        }
        yield lambda *case: futures[case].result()


def looks(found: Any, expected: Any) -> bool:
    return bool(expected(found)) if callable(expected) else found == expected


def check_bare(given: httpx.Response, output: str) -> None:
    media_type, expected = BARE[output]
    if output == "nothing":
        assert (given.status_code, given.content) == (204, b"")
        return
    assert (given.status_code, kind(given)) == (200, media_type)
    assert looks(given.content if isinstance(expected, bytes) else given.json(), expected)


def check_document(given: httpx.Response, names: list[str], expected: dict[str, Any]) -> None:
    assert (given.status_code, kind(given)) == (200, JSON)
    document = given.json()
    assert list(document) == [name for name in names if name in expected]
    for name, value in document.items():
        assert looks(value, expected[name]), name


def linked(server: Server, expected: Any) -> Callable[[Any], bool]:
    """Whether it is a link of this media type that leads to something of that type, or a list of such."""

    def check(found: Any) -> bool:
        if isinstance(expected, list):
            return all(linked(server, kind)(each) for kind, each in zip(expected, found, strict=True))
        answer = server.http.get(found["href"])
        gives = JSON if expected == "application/directory" else expected
        return answer.status_code == 200 and (found["type"], kind(answer)) == (expected, gives)

    return check


@pytest.mark.requirement(
    "/req/core/process-execute-sync-raw-value-one",
    "/req/core/process-execute-sync-raw-value-multi",
    "/req/core/process-execute-sync-raw-ref",
    "/req/core/process-execute-sync-document",
    "/req/core/process-execute-sync-one",
    "/req/core/process-execute-sync-many-json",
    "/req/core/job-results-async-raw-value-one",
    "/req/core/job-results-async-raw-value-multi",
    "/req/core/job-results-async-raw-ref",
    "/req/core/job-results-async-document",
    "/req/core/job-results-async-many",
)
@pytest.mark.parametrize(("style", "output", "mode"), CASES)
def test_style(live: Server, ran: Callable[[str, str, str], Ran], style: str, output: str, mode: str) -> None:
    """What comes of an execution is what its style makes of the kind of its output, whatever the mode."""
    given = ran(style, output, mode).given
    names = list(BARE) if output == ALL else [output]
    there = [name for name in names if name != "nothing"]
    # Outputs in the order of the description.
    links = {name: linked(live, each) for name, each in LINKS.items()}

    match style, output == ALL:
        case "raw-value", False:
            check_bare(given, output)
        case "raw-value", True:
            found = parts(given)
            assert set(found) == set(there)
            assert {name: found[name].kind for name in there} == {name: BARE[name][0] for name in there}
        case "raw-reference", _:
            assert (given.status_code, given.content) == (204, b"")
            assert {each.parameters["title"] for each in link_headers(given) if each.rel == "item"} == set(there)
        case "document-value", _:
            check_document(given, sorted(names, key=OUTPUTS.index), VALUES)
        case "document-reference", _:
            check_document(given, sorted(names, key=OUTPUTS.index), links)
        case _, False if mode == "sync":
            check_bare(given, output)
        case _:
            literals = {name: VALUES[name] for name in ("text", "number", "numbers", "record")}
            check_document(given, sorted(names, key=OUTPUTS.index), {**links, **literals})
            assert [each.href for each in link_headers(given) if each.rel == "profile"] == [PROFILE]


OUTPUTS = ["text", "number", "flag", "numbers", "record", "bounds", "letter", "tables", "noise", "folder", "nothing"]
PROFILE = "https://www.opengis.net/def/profile/OGC/0/ogc-results"


@pytest.mark.parametrize("style", STYLES)
def test_no_link_header_but_those_of_the_style(ran: Callable[[str, str, str], Ran], style: str) -> None:
    """A synchronous answer by the rules of version 1.0 links to its job, and to what is by reference, and no more."""
    given = ran(style, ALL, "sync").given

    expected = {"version-2": {"monitor", "profile"}, "raw-reference": {"monitor", "item"}}.get(style, {"monitor"})
    assert {each.rel for each in link_headers(given)} == expected


@pytest.mark.parametrize("style", ["raw-value", "document-value"])
def test_length_is_told(ran: Callable[[str, str, str], Ran], style: str) -> None:
    """Also of a body of several parts."""
    given = ran(style, ALL, "sync").given

    assert int(given.headers["content-length"]) == len(given.content)
    assert json.dumps(RECORD, separators=(",", ":")).encode() in given.content
