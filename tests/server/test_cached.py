"""Answers from memory are those that the database would give at that moment; who has one already is told so."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from server.cached import Answer, Store
from tests.live import Server, serving, shell_package

OTHER_PROGRAM = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as connection:
    title = "update processes set description = json_set(description, '$.title', ?) where id = 'echo'"
    connection.execute(title, [sys.argv[2]])
"""


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One job at a time, and one that runs until it is dismissed."""
    with serving(tmp_path_factory.mktemp("cached") / "data", SLOTS="1", ALLOW_ANONYMOUS="yes") as server:
        server.deploy(shell_package("sleeps", "sleep 300"))
        running = server.submit("sleeps")
        server.wait(running, "running")
        yield server
        server.http.delete(f"/jobs/{running}")


def _ids(answer: httpx.Response) -> list[str]:
    return [each["jobID"] for each in answer.json()["jobs"]]


def test_what_a_client_does_is_seen_at_once(waiting: Server) -> None:
    """A job that is accepted, dismissed and removed is that in every answer that follows, however often one asks."""
    lists = (
        "/jobs",
        "/jobs?status=accepted",
        "/jobs?status=accepted&processID=echo",
        "/jobs?minDuration=0&status=dismissed",
    )
    for _ in range(3):
        before = [_ids(waiting.http.get(each)) for each in lists for _ in range(2)]
        job_id = waiting.submit("echo", {"stringInput": "x"})
        assert [job_id in _ids(waiting.http.get(each)) for each in lists for _ in range(2)] == [
            *[True] * 6,
            False,
            False,
        ]
        assert {waiting.status(job_id)["status"] for _ in range(3)} == {"accepted"}

        waiting.http.delete(f"/jobs/{job_id}")
        assert {waiting.status(job_id)["status"] for _ in range(3)} == {"dismissed"}
        assert job_id not in _ids(waiting.http.get(lists[1]))
        assert job_id in _ids(waiting.http.get(lists[0]))

        waiting.http.delete(f"/jobs/{job_id}")
        assert {waiting.http.get(f"/jobs/{job_id}").status_code for _ in range(3)} == {404}
        assert [_ids(waiting.http.get(each)) for each in lists for _ in range(2)] == before


def test_a_running_job_is_shown_as_it_is(waiting: Server) -> None:
    """It may make progress without a commit: nothing of it is kept, alone or in a list."""
    folder = next(path for path in (waiting.data / "jobs").iterdir() if (path / "lock").exists())
    for done in (1, 2, 3):
        (folder / "steps.jsonl").write_text(f'{{"step": "one", "done": {done}, "known": 4}}\n')
        for url in (f"/jobs/{folder.name}", "/jobs", "/jobs?status=running"):
            document = waiting.http.get(url).json()
            (job,) = [each for each in document.get("jobs", [document]) if each["jobID"] == folder.name]
            assert job["progress"] == 25 * done


def test_a_running_job_comes_into_a_list_by_its_duration(waiting: Server) -> None:
    """It does so without a commit."""
    (job,) = waiting.http.get("/jobs?status=running").json()["jobs"]
    shown = 0
    for seconds in range(1, 100_000):
        found = _ids(waiting.http.get(f"/jobs?minDuration={seconds}"))
        if job["jobID"] not in found:
            break
        shown = seconds
    else:
        raise AssertionError("it runs for ever")
    for _ in range(10_000):
        if job["jobID"] in _ids(waiting.http.get(f"/jobs?minDuration={shown + 1}")):
            break
    else:
        raise AssertionError("it never comes")


def test_what_another_program_does_is_seen_at_once(waiting: Server) -> None:
    """Its commit is over, so the next answer knows of it."""
    for number in range(5):
        for _ in range(2):
            waiting.http.get("/processes/echo")
        command = [sys.executable, "-c", OTHER_PROGRAM, str(waiting.data / "registry.sqlite3"), f"title {number}"]
        subprocess.run(command, check=True)

        assert waiting.http.get("/processes/echo").json()["title"] == f"title {number}"
        assert waiting.http.get("/processes").json()["processes"][0]["title"] == f"title {number}"


def test_while_another_program_writes(waiting: Server) -> None:
    """Its open transaction keeps nobody from reading what was there before, and is seen when it is over."""
    connection = sqlite3.connect(waiting.data / "registry.sqlite3", isolation_level=None)
    connection.execute("begin immediate")
    connection.execute("update processes set description = json_set(description, '$.title', 'draft') where id = 'echo'")
    assert [waiting.http.get("/processes/echo").json()["title"] == "draft" for _ in range(3)] == [False] * 3
    connection.execute("commit")
    assert waiting.http.get("/processes/echo").json()["title"] == "draft"
    connection.close()


@pytest.mark.parametrize("path", ["/", "/processes", "/processes/echo", "/jobs", "/api"])
def test_answers_are_of_their_address(waiting: Server, path: str) -> None:
    """Who calls the server by another name gets links of that name."""
    for _ in range(2):
        for host in ("one.example", "two.example:81"):
            text = waiting.http.get(path, headers={"Host": host}).text
            assert f"http://{host}" in text
            assert ("one.example" in text, "two.example" in text) == (host[:3] == "one", host[:3] == "two")


def test_answers_are_in_the_form_that_is_asked_for(waiting: Server) -> None:
    """What is refused to one is not given from what another got."""
    for _ in range(2):
        assert waiting.http.get("/processes/echo", headers={"Accept": "application/json"}).status_code == 200
        assert waiting.http.get("/processes/echo", headers={"Accept": "text/html;q=0, image/png"}).status_code == 406
        assert waiting.http.get("/processes/echo?f=nonsense").status_code == 400


DOCUMENTS = [
    "/",
    "/conformance",
    "/api",
    "/processes",
    "/processes/echo",
    "/processes/echo/process.cwl",
    "/jobs?status=failed",
]


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_already_is_told_so(waiting: Server, method: str, path: str) -> None:
    """304 without a body for the ETag of the answer, alone, weak, among others, or for any."""
    tag = waiting.http.request(method, path).headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        for _ in range(2):
            answer = waiting.http.request(method, path, headers={"If-None-Match": asked})
            assert (answer.status_code, answer.content) == (304, b""), asked
            assert answer.headers["etag"] == tag
            assert "content-type" not in answer.headers
    for asked in ('"other"', tag.strip('"'), f'{tag[:-2]}"', ""):
        answer = waiting.http.request(method, path, headers={"If-None-Match": asked})
        assert answer.status_code == 200, asked
        assert answer.headers["etag"] == tag
        assert answer.headers["content-length"] != "0"


def test_a_change_is_another_etag(waiting: Server) -> None:
    """A client that asks with the last one gets the new answer."""
    first = waiting.http.get("/jobs?status=accepted").headers["etag"]
    job_id = waiting.submit("echo", {"stringInput": "x"})
    answer = waiting.http.get("/jobs?status=accepted", headers={"If-None-Match": first})
    assert (answer.status_code, _ids(answer)) == (200, [job_id])
    waiting.http.delete(f"/jobs/{job_id}")
    again = waiting.http.get("/jobs?status=accepted", headers={"If-None-Match": first})
    assert again.status_code == 304


def test_what_is_no_document_is_left_alone(waiting: Server) -> None:
    """A problem, and what is asked for by POST, have no ETag; what has one is asked for again by every cache."""
    condition = {"If-None-Match": "*"}
    missing = waiting.http.get("/jobs/none", headers=condition)
    assert (missing.status_code, "etag" in missing.headers) == (404, False)
    checked = waiting.http.post("/processes/echo/validation", json={"inputs": {"stringInput": "x"}}, headers=condition)
    assert (checked.status_code, "etag" in checked.headers) == (200, False)
    assert waiting.http.get("/jobs").headers["cache-control"] == "no-cache"


def test_a_file_since_its_last_change(waiting: Server) -> None:
    """A file has a date as well."""
    path = "/processes/echo/process.cwl"
    date = waiting.http.get(path).headers["last-modified"]
    for asked, status in ((date, 304), ("Thu, 01 Jan 1970 00:00:00 GMT", 200), ("yesterday", 200)):
        assert waiting.http.get(path, headers={"If-Modified-Since": asked}).status_code == status
    for odd in ("Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 2020 00:00:00 +99999999999", "\xff"):
        condition = {b"If-Modified-Since": odd.encode("latin-1")}
        assert waiting.http.get(path, headers=condition).status_code == 200
    both = {"If-Modified-Since": date, "If-None-Match": '"other"'}
    assert waiting.http.get(path, headers=both).status_code == 200


def _answer(size: int) -> Answer:
    return Answer({"headers": []}, {"body": b"x" * size})


def _key(number: int, query: int = 0) -> tuple[str, bytes, tuple[object, ...], tuple[tuple[bytes, bytes], ...]]:
    return (f"/{number}", b"q" * query, (), ())


def test_memory_has_an_end() -> None:
    """What was asked for longest ago goes first; what is too large is not kept, and neither are its keys."""
    store = Store(max_bytes=100_000)
    for number in range(50):
        store.put(_key(number), 1, _answer(10_000))
        assert store.get(_key(0), 1)
        assert store.bytes <= 100_000
    kept = [number for number in range(50) if store.get(_key(number), 1)]
    assert kept == [0, *range(43, 50)]
    store.put(_key(60), 1, _answer(2 << 20))
    store.put(_key(61, query=2 << 20), 1, _answer(1))
    assert store.get(_key(60), 1) is None
    assert store.get(_key(61, query=2 << 20), 1) is None


def test_an_answer_of_the_past_is_not_kept() -> None:
    """What was read before a commit, and was made after another answer, leaves that one where it is."""
    store = Store()
    store.put(_key(1), 2, _answer(1))
    store.put(_key(2), 1, _answer(1))
    assert store.get(_key(1), 2)
    assert store.get(_key(2), 2) is None
    assert store.get(_key(1), 3) is None
    assert store.get(_key(1), None) is None
    store.put(_key(3), 3, _answer(1))
    assert store.get(_key(1), 3) is None
