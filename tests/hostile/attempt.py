"""One attack on a live server: sent, followed to its end, and what it did that no attack may do."""

from __future__ import annotations

import json
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from cwl_bridge import deploy
from tests.hostile.cases import Case
from tests.hostile.scene import WORD, Scene
from tests.live import Server, containers_of

#: Seconds that a request may take.
ANSWER_SECONDS = 30.0
POLL_SECONDS = 0.1
#: Answers below the results of one job that are looked at.
MOST_ANSWERS = 40
#: Bytes of a file or an answer that are looked at.
MOST_BYTES = 1 << 24
#: Folders in one another that are looked into.
DEEPEST = 100

ASYNCHRONOUS = {"Prefer": "respond-async"}
MEDIA_TYPES = {".cwl": deploy.CWL, ".json": deploy.PACKAGE}
OF_A_JOB = ("", "/results", "/log", "/inputs.json", "/outcome.json", "/command.txt", "/prov?f=json", "/definition")
ACTIVE = re.compile(r"text/html|application/xhtml|image/svg|xml")


@dataclass
class Finding:
    """How it ended, and what was seen of it."""

    #: As `accepted` names it.
    outcome: str
    #: What is wrong whatever the outcome.
    harm: list[str] = field(default_factory=list)
    #: Results and answers to the requests of the case, headers too; why the job failed.
    seen: str = ""
    #: The last thing that the server said, for whoever reads the failure.
    said: str = ""


@dataclass(frozen=True)
class Answer:
    """What the server said; its text is cut where it is very long."""

    status: int
    headers: httpx.Headers
    text: str

    @property
    def shown(self) -> str:
        """Status code and problem."""
        if self.status < 400:
            return str(self.status)
        problem = json.loads(self.text) if "json" in self.headers.get("Content-Type", "") else {}
        return f"{self.status} {problem.get('type', '').rpartition('/')[2]}".rstrip()


class Attempt:
    """One case against one server."""

    def __init__(self, server: Server, scene: Scene, case: Case) -> None:
        self._server = server
        self._scene = scene
        self._case = case
        self._found = Finding("no answer")
        self._jobs: list[str] = []

    def made(self) -> Finding:
        """The finding; raises nothing that a server may do."""
        try:
            self._found.outcome = self._outcome()
        except httpx.TransportError as error:
            self._found.said = repr(error)
        for each in self._jobs:
            self._found.harm += self._on_disk(each)
        self._found.harm += [f"the private service was asked for {each}" for each in self._scene.asked_by(self._case)]
        self._found.harm += [f"there is {each}" for each in self._planted()]
        return self._found

    def _outcome(self) -> str:
        attack = self._case.attack
        if self._case.document:
            answer = self._deployed(self._case.document)
            if answer.status != 201:
                return f"deploy {answer.shown}"
            self._send("GET", f"/processes/{self._case.slug}/process.cwl")
        if self._case.request:
            request = attack.requests[self._case.request]
            answer = self._requested(request)
            self._see(answer)
            if answer.status != 201 or "jobID" not in answer.text:
                return f"{request['method']} {answer.shown}"
        elif attack.inputs is not None:
            answer = self._send(
                "POST", f"/processes/{self._case.slug}/execution", self._json({"inputs": attack.inputs})
            )
            if answer.status != 201:
                return f"execute {answer.shown}"
        else:
            return "deploy 201"
        return self._followed(str(json.loads(answer.text)["jobID"]))

    def _deployed(self, document: Path) -> Answer:
        content = document.read_bytes()
        for name, each in self._scene.words(self._case).items():
            content = content.replace(name.encode(), each.encode())
        return self._send("POST", "/processes", content, {"Content-Type": MEDIA_TYPES[document.suffix]})

    def _requested(self, request: dict[str, Any]) -> Answer:
        body = request.get("body")
        match body:
            case {"begin": begin, "repeat": repeat, "times": times, "end": end}:
                content = (begin + "".join(repeat.replace("{n}", str(n)) for n in range(times)) + end).encode()
            case str():
                content = self._scene.filled(body, self._case).encode()
            case _:
                content = b"" if body is None else self._json(body)
        headers = {name: self._scene.filled(each, self._case) for name, each in request.get("headers", {}).items()}
        return self._send(request["method"], self._scene.filled(request["path"], self._case), content, headers)

    def _json(self, value: Any) -> bytes:
        return self._scene.filled(json.dumps(value), self._case).encode()

    def _send(self, method: str, path: str, content: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        usual = {"Content-Type": "application/json", **ASYNCHRONOUS} if method == "POST" else {}
        given = {**usual, **(headers or {})}
        with self._server.http.stream(method, path, content=content, headers=given, timeout=ANSWER_SECONDS) as came:
            begin = b""
            for chunk in came.iter_bytes():
                begin += chunk
                if len(begin) > MOST_BYTES:
                    break
            answer = Answer(came.status_code, came.headers, begin.decode(errors="replace"))
        self._found.said = f"{answer.status} {answer.text[:1000]}"
        self._found.harm += _harm_of(answer, path)
        return answer

    def _see(self, answer: Answer) -> None:
        head = "".join(f"{name}: {each}\n" for name, each in answer.headers.items())
        self._found.seen += f"{head}\n{answer.text}\n"

    def _followed(self, job_id: str) -> str:
        self._jobs.append(job_id)
        status = self._ended(job_id)
        for each in OF_A_JOB:
            answer = self._send("GET", f"/jobs/{job_id}{each}")
            if each == "/results" and answer.status == 200:
                self._see(answer)
                self._look_into(answer, f"{self._server.url}/jobs/{job_id}/results/")
        self._found.said = json.dumps(status.get("exception", status))
        self._found.seen += self._found.said
        if containers_of(job_id):
            self._found.harm.append("a container is left")
        reason = status.get("exception", {}).get("type", "").rpartition("/")[2]
        return " ".join(["job", status["status"], *([reason] if reason else [])])

    def _ended(self, job_id: str) -> dict[str, Any]:
        """Its status; it is dismissed where it takes too long."""
        begun = None
        while True:
            status: dict[str, Any] = json.loads(self._send("GET", f"/jobs/{job_id}").text)
            if status["status"] not in ("accepted", "running"):
                return status
            if status["status"] == "running":
                begun = begun or time.monotonic()
                if time.monotonic() - begun > self._case.attack.within:
                    self._send("DELETE", f"/jobs/{job_id}")
                    return status
            time.sleep(POLL_SECONDS)

    def _look_into(self, results: Answer, below: str) -> None:
        """Every file of the results, and of their folders."""
        waiting, known = [results], set[str]()
        while waiting and len(known) < MOST_ANSWERS:
            for href in re.findall(r'"href": *"([^"]+)"', waiting.pop().text):
                if href.startswith(below) and href not in known:
                    known.add(href)
                    answer = self._send("GET", href)
                    self._see(answer)
                    waiting.append(answer)

    def _on_disk(self, job_id: str) -> Iterator[str]:
        """What is wrong with what a job left."""
        folder = self._server.data / "jobs" / job_id
        for path in _walk(folder):
            # A job that is only ending removes its files meanwhile.
            with suppress(FileNotFoundError):
                wrong = _wrong_with(path, folder)
                if wrong:
                    yield f"{path.relative_to(folder)} {wrong}"

    def _planted(self) -> list[Path]:
        """What lies outside the job folders, and only an attacker would have put there."""
        name = f"*pwn-{self._case.slug}*"
        data = self._server.data
        places = [Path("/"), Path("/tmp"), Path("/etc"), data.parent, data, data / "jobs", *data.glob("jobs/*")]  # noqa: S108
        return [found for place in places for found in place.glob(name)]


def _wrong_with(path: Path, folder: Path) -> str | None:
    """What nothing in a job's folder may be."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return None if path.resolve().is_relative_to(folder.resolve()) else f"leads to {path.resolve()}"
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return "is neither file nor folder"
    with path.open("rb") as file:
        if WORD.encode() in file.read(MOST_BYTES):
            return "has what nobody may know"
    return f"has mode {mode:o}" if mode & (stat.S_ISUID | stat.S_ISGID) else None


def _walk(folder: Path) -> Iterator[Path]:
    """All below it, but no deeper than any real result."""
    waiting = [(folder, 0)]
    while waiting:
        top, depth = waiting.pop()
        found: list[Path] = []
        with suppress(FileNotFoundError):
            found += top.iterdir()
        for each in found:
            yield each
            if depth < DEEPEST and each.is_dir() and not each.is_symlink():
                waiting.append((each, depth + 1))


def _harm_of(answer: Answer, path: str) -> Iterator[str]:
    """What no answer may be."""
    if answer.status >= 500:
        yield f"{path} is answered {answer.status}"
    if WORD in answer.text:
        yield f"{path} has what nobody may know"
    headers = answer.headers
    sheltered = "attachment" in headers.get("Content-Disposition", "") or "default-src" in headers.get(
        "Content-Security-Policy", ""
    )
    if ACTIVE.search(headers.get("Content-Type", "")) and not sheltered:
        yield f"{path} could run in a browser"
