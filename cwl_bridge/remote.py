"""A process of another server is executed, and its result becomes what an href or a value of the request would be.

Part 1, core: asynchronously where it offers that, else as it answers; polled as `Retry-After` says, dismissed when the
job here is ended.
"""

from __future__ import annotations

import json
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from cwl_bridge import media, places
from cwl_bridge.download import Answer, Client
from cwl_bridge.fetch import FetchError
from registry.models import JSON

#: Of one document of another server; results that are larger come by reference.
MAX_BYTES = 10 * 1024 * 1024
#: Between two looks at a job, where the server does not say.
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 15.0
#: The longest that `Retry-After` is waited for.
PATIENCE_SECONDS = 120.0
#: From the submission to the end.
MAX_SECONDS = 24 * 3600.0
#: Attempts at one document.
MAX_FAILURES = 5

_REL = ("http://www.opengis.net/def/rel/ogc/1.0/results", "[ogc-rel:results]")
_EXECUTE = ("http://www.opengis.net/def/rel/ogc/1.0/execute", "[ogc-rel:execute]")


class RemoteError(FetchError):
    """What another server did not do; the message is for the client."""

    reason = "remote-failed"


class _Ended(BaseException):
    """The job here is to end."""


def made(value: JSON, client: Client) -> JSON:
    """A File, Directory or reference of the job order whose content is the result of a process. Raises FetchError.

    With `location`, `contents`, `stac`, or, of a reference, `body` in the place of `remote`.
    """
    return _given(value, _result(value, client))


def several(value: JSON, client: Client) -> list[JSON]:
    """The same of a File or Directory that stands for a list of them. Raises FetchError."""
    result = _result(value, client)
    return [_given(value, each) for each in (result if isinstance(result, list) else [result])]


def _result(value: JSON, client: Client) -> Any:
    try:
        return _Execution(value["remote"], client, by_reference=value.get("class") is not None).result()
    except RemoteError:
        raise
    except FetchError as error:
        raise RemoteError(f"{error}{_quoted(error, value['remote']['process'])}") from error


def _given(value: JSON, result: Any) -> JSON:
    asked = value["remote"]
    rest = {key: each for key, each in value.items() if key not in ("remote", "contents")}
    if isinstance(result, dict) and isinstance(result.get("href"), str) and "value" not in result:
        found = {**rest, "location": _absolute(asked["process"], result["href"])}
        name = media.basename_of(found["location"], "")
        return {**found, "basename": name} if value.get("class") == "File" and name else found
    media_type, encoding = None, None
    if isinstance(result, dict) and "value" in result:
        about = {**(result["format"] if isinstance(result.get("format"), dict) else {}), **result}
        media_type, encoding, result = about.get("mediaType"), about.get("encoding"), about["value"]
    if "class" not in value:
        return {**rest, "body": json.dumps(result, ensure_ascii=False)}
    if value["class"] == "Directory":
        return {**rest, "stac": result}
    if isinstance(result, str) and (encoding == "base64" or (encoding is None and _is_binary(media_type))):
        return {**rest, "location": f"data:;base64,{''.join(result.split())}"}
    return {**rest, "contents": result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)}


def _quoted(error: FetchError, process: str) -> str:
    """What the server of the process says, as a sentence that follows another; the operator named its host."""
    if error.said is None or urlsplit(error.said.url)[:2] != urlsplit(process)[:2]:
        return ""
    return f" It says: {error.said.detail}"


def _is_binary(media_type: str | None) -> bool:
    return media_type is not None and not media.is_text(media_type) and not media.essence(media_type).endswith("json")


class _Execution:
    def __init__(self, asked: JSON, client: Client, *, by_reference: bool) -> None:
        self._asked = asked
        self._client = client
        self._url: str = asked["process"]
        self._by_reference = by_reference

    def result(self) -> Any:
        """The value of the output, or a link to it."""
        described, url = self._document(self._url)
        outputs = described.get("outputs")
        names = list(outputs) if isinstance(outputs, dict) else []
        output = self._asked.get("output", next(iter(names), None))
        if output is None or (names and output not in names):
            known = ", ".join(names) or "none"
            raise RemoteError(f"{self._url} has no output {output!r}; there are: {known}.")
        offered = described.get("outputTransmission", ["value", "reference"])
        by_reference = self._by_reference and "reference" in offered
        body = {
            "inputs": self._asked["inputs"],
            "outputs": {output: {"transmissionMode": "reference"} if by_reference else {}},
            "response": "document",
        }
        place = _link(described, url, _EXECUTE) or f"{url.rstrip('/')}/execution"
        with _Guard(self._client) as guard:
            answer = self._client.send("POST", place, MAX_BYTES, body)
            at_once = answer.status == 200
            results = _object(answer) if at_once else self._waited_for(answer, guard)
        if output not in results:
            raise RemoteError(f"{self._url} gave no output {output!r}.")
        return results[output]

    def _waited_for(self, accepted: Answer, guard: _Guard) -> JSON:
        """The results of a job, once it has ended."""
        if not accepted.location:
            raise RemoteError(f"{self._url} accepted the execution, but did not say where its job is.")
        job = _absolute(accepted.url, accepted.location)
        guard.watch(job)
        status = self._ended(job)
        if status.get("status") != "successful":
            said = status.get("exception")
            why = said.get("detail") if isinstance(said, dict) else status.get("message")
            raise RemoteError(f"The job {job} of {self._url} ended as {status.get('status')!r}: {why or 'no reason'}")
        results, _ = self._document(_link(status, job, _REL) or f"{job.rstrip('/')}/results")
        return results

    def _ended(self, job: str) -> JSON:
        """Its status document, once it has ended."""
        self._client.tell(f"{self._url}: the job is {job}")
        begun, pause, last = time.monotonic(), FIRST_SECONDS, ""
        while time.monotonic() - begun < MAX_SECONDS:
            answer = self._asked_for(job)
            status = _object(answer)
            said = str(status.get("status"))[:100]
            if said in ("successful", "failed", "dismissed"):
                return status
            if said != last:
                self._client.tell(f"{job}: {said}")
            last = said
            time.sleep(min(answer.retry_after, PATIENCE_SECONDS) or pause)
            pause = min(pause * 1.5, LONGEST_SECONDS)
        self._client.send("DELETE", job, MAX_BYTES)
        raise RemoteError(f"The job {job} of {self._url} did not end in {MAX_SECONDS:.0f} s.")

    def _document(self, url: str) -> tuple[JSON, str]:
        answer = self._asked_for(url)
        return _object(answer), answer.url

    def _asked_for(self, url: str) -> Answer:
        pause = FIRST_SECONDS
        for _ in range(MAX_FAILURES - 1):
            try:
                return self._client.send("GET", url, MAX_BYTES)
            except FetchError as error:
                if not error.passing:
                    raise
                self._client.tell(f"{error} The next attempt is in {pause:g} s.")
            time.sleep(pause)
            pause *= 2
        return self._client.send("GET", url, MAX_BYTES)


def _object(answer: Answer) -> JSON:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise RemoteError(f"{answer.url} gives no JSON that can be read.") from error
    if not isinstance(found, dict):
        raise RemoteError(f"{answer.url} gives no JSON object.")
    return found


class _Guard:
    """Until the end of its block, what runs elsewhere is dismissed there when the job here is told to end."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._job = ""
        self._told = False

    def __enter__(self) -> _Guard:
        self._before = signal.signal(signal.SIGTERM, self._end)
        return self

    def _end(self, _: int, __: FrameType | None) -> None:
        # While the job is being submitted there is none yet that could be dismissed.
        self._told = True
        if self._job:
            raise _Ended

    def watch(self, job: str) -> None:
        """The job that there is from now on."""
        self._job = job
        if self._told:
            raise _Ended

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)
        if kind is _Ended:
            with suppress(FetchError):
                self._client.send("DELETE", self._job, MAX_BYTES)
        if self._told:
            raise SystemExit(128 + signal.SIGTERM)


def _link(document: JSON, base: str, relations: tuple[str, ...]) -> str | None:
    listed = document.get("links")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and each.get("rel") in relations and isinstance(each.get("href"), str):
            return _absolute(base, each["href"])
    return None


def _absolute(base: str, href: str) -> str:
    """A place on the web that another server names. Raises RemoteError."""
    try:
        found = urljoin(base, quote(href, safe="/%:?#[]@!$&'()*+,;=~"))
    except ValueError:
        found = ""
    if places.split(found, places.WEB) is None:
        raise RemoteError(f"{base} names {href[:200]!r}, which is no place on the web.")
    return found
