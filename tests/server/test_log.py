"""The log of a job as text and as a stream of events, while it runs and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.gate import WAIT, let_go
from tests.live import ROOT, Server, serving, shell_package, shell_tool, until
from tests.server.events import follow, told

CWL = "application/cwl+json"
EVENTS = "text/event-stream"
LAST = 2**63 - 1


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one slot."""
    with serving(tmp_path_factory.mktemp("alone") / "data", SLOTS="1", SHUTDOWN="stop") as server:
        server.deploy(shell_package("lines", "echo first; echo 'Zürich 🕺'; printf 'no end'"))
        server.deploy(shell_package("gated", f"echo before; {WAIT}; echo after"))
        yield server


@pytest.fixture(scope="module")
def ended(alone: Server) -> str:
    job_id = alone.submit("lines")
    assert alone.wait(job_id)["status"] == "successful"
    return job_id


def log(server: Server, job_id: str) -> bytes:
    return (server.data / "jobs" / job_id / "log.txt").read_bytes()


def test_the_text_of_a_log(alone: Server, ended: str) -> None:
    """All of it, or from a byte on; beyond its end there is nothing."""
    whole = log(alone, ended)
    url = f"/jobs/{ended}/log"

    answer = alone.http.get(url)

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "first\nZürich 🕺\nno end" in answer.text
    assert answer.content == whole
    for offset in (0, 1, len(whole) - 3, len(whole), len(whole) + 1, 10**9):
        assert alone.http.get(url, params={"offset": offset}).content == whole[offset:]


def test_an_offset_that_no_file_reaches(tmp_path: Path) -> None:
    """There is nothing either."""
    with serving(tmp_path / "data") as server:
        job_id = server.submit("echo", {"stringInput": "x"})
        server.wait(job_id)
        url = f"/jobs/{job_id}/log"

        answers = {each: server.http.get(url, params={"offset": each}) for each in (2**44, LAST, 10**30)}

        assert {each: (one.status_code, one.content) for each, one in answers.items()} == dict.fromkeys(
            answers, (200, b"")
        )


@pytest.mark.parametrize("offset", ["-1", "x", "", "1.5"])
def test_an_offset_that_is_none(alone: Server, ended: str, offset: str) -> None:
    """400."""
    answer = alone.http.get(f"/jobs/{ended}/log", params={"offset": offset})

    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-query-parameter-value")


def test_a_range_of_a_log(alone: Server, ended: str) -> None:
    """RFC 9110, 14: 206 with the part; beyond the end 416."""
    whole = log(alone, ended)

    part = alone.http.get(f"/jobs/{ended}/log", headers={"Range": "bytes=2-5"})
    tail = alone.http.get(f"/jobs/{ended}/log", headers={"Range": "bytes=-4"})
    beyond = alone.http.get(f"/jobs/{ended}/log", headers={"Range": f"bytes={len(whole)}-"})

    assert (part.status_code, part.content) == (206, whole[2:6])
    assert (tail.status_code, tail.content) == (206, whole[-4:])
    assert beyond.status_code == 416


def test_the_log_before_a_job_begins(alone: Server) -> None:
    """Empty, and so it is of a job that was dismissed before; the events wait for the beginning."""
    blocking, waiting, dismissed = alone.submit("gated"), alone.submit("lines"), alone.submit("lines")
    alone.http.delete(f"/jobs/{dismissed}")
    alone.wait(blocking, "running")

    answers = [alone.http.get(f"/jobs/{each}/log") for each in (waiting, dismissed)]
    events = follow(alone, waiting)
    first = next(events)
    let_go(alone, blocking)
    rest = list(events)

    assert [(each.status_code, each.content) for each in answers] == [(200, b""), (200, b"")]
    assert (first.kind, first.json["status"]) == ("status", "accepted")
    assert "first" in told(rest, "log")
    assert rest[-1].json["status"] == "successful"
    assert [each.json["status"] for each in follow(alone, dismissed)] == ["dismissed"]


def test_there_is_no_log_of_no_job(alone: Server) -> None:
    """404 in either form, and after the job was removed."""
    gone = alone.submit("lines")
    alone.wait(gone)
    alone.http.delete(f"/jobs/{gone}")
    for job_id in ("none", gone):
        for accept in ("text/plain", EVENTS):
            assert alone.http.get(f"/jobs/{job_id}/log", headers={"Accept": accept}).status_code == 404


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/plain"),
        ("text/*", "text/plain"),
        ("text/event-stream", EVENTS),
        ("text/plain;q=0.5, text/event-stream", EVENTS),
        ("text/event-stream;q=0.5, text/plain;q=0.9", "text/plain"),
        ("text/event-stream;q=0, */*", "text/plain"),
    ],
)
def test_the_form_that_is_liked_best(alone: Server, ended: str, accept: str, kind: str) -> None:
    """RFC 9110, 12.5.1."""
    answer = alone.http.get(f"/jobs/{ended}/log", headers={"Accept": accept})

    assert answer.headers["content-type"].partition(";")[0] == kind


def test_a_form_that_there_is_not(alone: Server, ended: str) -> None:
    """406."""
    answer = alone.http.get(f"/jobs/{ended}/log", headers={"Accept": "application/json"})

    assert answer.status_code == 406
    assert answer.json()["type"].endswith("/not-acceptable")


def test_the_events_of_a_job_that_has_ended(alone: Server, ended: str) -> None:
    """Its steps, every line of its log and its status; then the stream ends."""
    events = list(follow(alone, ended))

    assert told(events, "log") == log(alone, ended).decode().splitlines()
    assert [(each.json["event"], each.json["step"]) for each in events if each.kind == "step"] == [
        ("started", "lines"),
        ("ended", "lines"),
    ]
    assert events[-1].kind == "status"
    assert events[-1].json["status"] == "successful"
    assert len(told(events, "status")) == 1


def test_an_event_is_a_whole_line(alone: Server) -> None:
    """Also in a log that is longer than what is read at once."""
    alone.deploy(shell_package("long", "awk 'BEGIN { while (++n <= 30000) print \"Zürich\", n }'"))
    job_id = alone.submit("long")
    alone.wait(job_id)

    lines = told(follow(alone, job_id), "log")

    assert [each for each in lines if each.startswith("Zürich")] == [f"Zürich {n}" for n in range(1, 30001)]
    assert lines == log(alone, job_id).decode().splitlines()


def test_events_go_on_where_they_were_left(alone: Server, ended: str) -> None:
    """After any of them, the next connection brings those that follow, and none twice."""
    events = list(follow(alone, ended))
    kept = [each for each in events if each.kind != "status"]

    for index, event in enumerate(kept):
        again = [each for each in follow(alone, ended, last=event.id) if each.kind != "status"]
        assert again == kept[index + 1 :]


def test_the_events_of_a_job_that_runs(alone: Server) -> None:
    """Its words come while it runs; the stream ends with the job, and a second connection misses nothing."""
    job_id = alone.submit("gated")
    first = []
    for event in follow(alone, job_id):
        first.append(event)
        if (event.kind, event.data) == ("log", "before"):
            break
    running = alone.status(job_id)["status"]

    let_go(alone, job_id)
    rest = list(follow(alone, job_id, last=first[-1].id))

    assert running == "running"
    assert told([*first, *rest], "log") == log(alone, job_id).decode().splitlines()
    assert [each["event"] for each in (one.json for one in [*first, *rest] if one.kind == "step")] == [
        "started",
        "ended",
    ]
    assert [each.json["status"] for each in rest if each.kind == "status"][-1] == "successful"
    assert rest[-1].kind == "status"


def test_a_place_that_nobody_was_given(tmp_path: Path) -> None:
    """Whatever a client sends for one, the stream tells how the job ended, and the server goes on."""
    places = ["", "x", "-1:0", "5", "1:2:3", "99999999:99", f"{2**44}:0", f"0:{LAST}", f"{10**30}:0", "9" * 5000]
    with serving(tmp_path / "data") as server:
        job_id = server.submit("echo", {"stringInput": "x"})
        server.wait(job_id)
        told_last = {}
        for place in places:
            with suppress(httpx.HTTPError, AssertionError):
                told_last[place] = list(follow(server, job_id, last=place))[-1].json["status"]

        assert told_last == dict.fromkeys(places, "successful")


def test_a_job_that_is_removed_while_it_is_followed(tmp_path: Path) -> None:
    """The stream ends; so does that of a job that was dismissed."""
    with serving(tmp_path / "data", SHUTDOWN="stop") as server:
        server.deploy(shell_package("gated", f"echo before; {WAIT}"))
        job_id = server.submit("gated")
        events = follow(server, job_id)
        seen = [next(events)]
        while seen[-1].data != "before":
            seen.append(next(events))

        codes = [server.http.delete(f"/jobs/{job_id}").status_code for _ in range(2)]
        rest = list(events)

        assert codes == [200, 200]
        assert server.http.get(f"/jobs/{job_id}").status_code == 404
        assert not [each for each in rest if each.kind == "status" and each.json["status"] == "successful"]


def test_a_log_that_grows_as_it_is_read(tmp_path: Path) -> None:
    """Each answer is the beginning of the log, as far as it was."""
    with serving(tmp_path / "data", SHUTDOWN="stop") as server:
        server.deploy(shell_package("chats", "while [ ! -e go ]; do seq 1 200; done"))
        job_id = server.submit("chats")
        url = f"/jobs/{job_id}/log"
        until(lambda: len(server.http.get(url, params={"offset": 0}).content) > 10_000)

        read = set[bytes]()
        while len(read) < 20:
            read.add(server.http.get(url).content)
        let_go(server, job_id)
        server.wait(job_id)

        whole = server.http.get(url).content
        assert [each for each in read if not whole.startswith(each)] == []


def test_no_place_of_the_host_is_in_a_log(alone: Server) -> None:
    """Neither of the data nor of the program, whatever goes well or wrong."""
    javascript = {"class": "InlineJavascriptRequirement"}
    expression = shell_tool("true", id="throws", arguments=["$(no.such())"])
    expression["requirements"] = [*expression["requirements"], javascript]
    alone.deploy(expression, CWL)
    alone.deploy(shell_tool("echo $PWD; exit 1", id="wrong", outputs={"none": {"type": "stdout"}}), CWL)

    for process_id in ("lines", "throws", "wrong"):
        job_id = alone.submit(process_id)
        alone.wait(job_id)
        said = log(alone, job_id).decode()
        for place in (str(alone.data), str(ROOT), "site-packages", "Traceback"):
            assert place not in said, process_id
