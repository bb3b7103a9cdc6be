"""Requests that a server has to refuse, each with how."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.live import Server, shell_package
from tests.standards.reading import X1, X2

PACKAGE = {"Content-Type": "application/ogcapppkg+json"}
CWL = {"Content-Type": "application/cwl+json"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Refused:
    """One request; `{job}` stands for a successful job that was asked for one of its outputs."""

    method: str
    path: str
    status: int
    #: The whole URI, or how that of the server's own ends.
    type: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


_UNREADABLE = b'{"inputs": '
_TOOL = {"cwlVersion": "v1.2", "class": "CommandLineTool", "baseCommand": "true", "inputs": {}, "outputs": {}}
_ECHO = shell_package("echo", "true")

REFUSED: dict[str, Refused] = {
    "process-exception-no-such-process": Refused("GET", "/processes/none", 404, X1 + "no-such-process"),
    "execute-no-such-process": Refused(
        "POST", "/processes/none/execution", 404, X1 + "no-such-process", {"inputs": {}}, JSON
    ),
    "replace-no-such-process": Refused(
        "PUT", "/processes/none", 404, X1 + "no-such-process", shell_package("none", "true"), PACKAGE
    ),
    "undeploy-no-such-process": Refused("DELETE", "/processes/none", 404, X1 + "no-such-process"),
    "package-no-such-process": Refused("GET", "/processes/none/package", 404, X1 + "no-such-process"),
    "job-exception-no-such-job": Refused("GET", "/jobs/none", 404, X1 + "no-such-job"),
    "dismiss-no-such-job": Refused("DELETE", "/jobs/none", 404, X1 + "no-such-job"),
    "job-results-exception-no-such-job": Refused("GET", "/jobs/none/results", 404, X1 + "no-such-job"),
    "job-results-output-no-such-job": Refused("GET", "/jobs/none/results/text", 404, X1 + "no-such-job"),
    "job-results-no-such-output": Refused("GET", "/jobs/{job}/results/none", 400, X1 + "no-such-output"),
    "job-results-output-not-requested": Refused("GET", "/jobs/{job}/results/text", 404, X1 + "result-not-available"),
    "job-results-exception-invalid-query-parameter-value": Refused(
        "GET", "/jobs/{job}/results?nonsense=1", 400, X1 + "invalid-query-parameter-value"
    ),
    "pl-limit-definition": Refused("GET", "/processes?limit=0", 400, X1 + "invalid-query-parameter-value"),
    "deploy-exception-workflow-not-found": Refused(
        "POST",
        "/processes?w=none",
        400,
        X2 + "workflow-not-found",
        {"cwlVersion": "v1.2", "$graph": [{**{k: v for k, v in _TOOL.items() if k != "cwlVersion"}, "id": "one"}]},
        CWL,
    ),
    "deploy-exception-workflow-not-found-of-one": Refused(
        "POST", "/processes?w=none", 400, X2 + "workflow-not-found", {**_TOOL, "id": "one"}, CWL
    ),
    "unknown-path": Refused("GET", "/no/such/path", 404, "/problems/not-found"),
    "unknown-problem-type": Refused("GET", "/problems/none", 404, "/problems/not-found"),
    "method-not-allowed": Refused("PATCH", "/jobs", 405, "/problems/method-not-allowed"),
    "execute-unreadable": Refused(
        "POST", "/processes/echo/execution", 400, "/problems/invalid-document", _UNREADABLE, JSON
    ),
    "execute-no-object": Refused("POST", "/processes/echo/execution", 400, "/problems/invalid-input", [], JSON),
    "execute-missing-input": Refused(
        "POST", "/processes/echo/execution", 400, "/problems/invalid-input", {"inputs": {}}, JSON
    ),
    "execute-input-validation": Refused(
        "POST",
        "/processes/echo/execution",
        400,
        "/problems/invalid-input",
        {"inputs": {"stringInput": "x", "levelInput": 4}},
        JSON,
    ),
    "execute-unknown-input": Refused(
        "POST",
        "/processes/echo/execution",
        400,
        "/problems/invalid-input",
        {"inputs": {"stringInput": "x", "none": 1}},
        JSON,
    ),
    "execute-unknown-output": Refused(
        "POST",
        "/processes/echo/execution",
        400,
        "/problems/invalid-input",
        {"inputs": {"stringInput": "x"}, "outputs": {"none": {}}},
        JSON,
    ),
    "execute-bad-response": Refused(
        "POST",
        "/processes/echo/execution",
        400,
        "/problems/invalid-input",
        {"inputs": {"stringInput": "x"}, "response": "other"},
        JSON,
    ),
    "execute-too-many-values": Refused(
        "POST", "/processes/many/execution", 400, "/problems/invalid-input", {"inputs": {"word": ["a"] * 4}}, JSON
    ),
    "execute-content-type": Refused(
        "POST",
        "/processes/echo/execution",
        415,
        "/problems/unsupported-content-type",
        b"{}",
        {"Content-Type": "text/plain"},
    ),
    "execute-charset": Refused(
        "POST",
        "/processes/echo/execution",
        415,
        "/problems/unsupported-content-coding",
        '{"inputs": {"stringInput": "x"}}'.encode("utf-16"),
        {"Content-Type": "application/json; charset=utf-16"},
    ),
    "execute-content-encoding": Refused(
        "POST",
        "/processes/echo/execution",
        415,
        "/problems/unsupported-content-coding",
        gzip.compress(b'{"inputs": {"stringInput": "x"}}'),
        {**JSON, "Content-Encoding": "gzip"},
    ),
    "deploy-content-encoding": Refused(
        "POST",
        "/processes",
        415,
        "/problems/unsupported-content-coding",
        gzip.compress(b"{}"),
        {**PACKAGE, "Content-Encoding": "gzip"},
    ),
    "deploy-unsupported-media-type": Refused(
        "POST", "/processes", 415, X2 + "unsupported-media-type", b"", {"Content-Type": "text/plain"}
    ),
    "replace-unsupported-media-type": Refused(
        "PUT", "/processes/none", 415, X2 + "unsupported-media-type", b"", {"Content-Type": "text/plain"}
    ),
    "deploy-response-duplicate": Refused(
        "POST", "/processes", 409, X2 + "duplicated-process", shell_package("fails", "true"), PACKAGE
    ),
    "deploy-response-immutable": Refused("POST", "/processes", 403, X2 + "immutable-process", _ECHO, PACKAGE),
    "replace-immutable": Refused("PUT", "/processes/echo", 403, X2 + "immutable-process", _ECHO, PACKAGE),
    "replace-immutable-unreadable": Refused("PUT", "/processes/echo", 403, X2 + "immutable-process", b"{", PACKAGE),
    "undeploy-immutable": Refused("DELETE", "/processes/echo", 403, X2 + "immutable-process"),
    "package-immutable": Refused("GET", "/processes/echo/package", 403, X2 + "immutable-process"),
    "deploy-unreadable": Refused("POST", "/processes", 400, "/problems/invalid-document", b"{", PACKAGE),
    "deploy-no-execution-unit": Refused(
        "POST", "/processes", 422, "/problems/invalid-process", {"processDescription": {"id": "x"}}, PACKAGE
    ),
    "deploy-no-container": Refused("POST", "/processes", 422, "/problems/no-container", _TOOL, CWL),
    "deploy-bad-id": Refused(
        "POST", "/processes", 422, "/problems/invalid-process", shell_package("a b", "true"), PACKAGE
    ),
}


def send(server: Server, refused: Refused, job_id: str) -> httpx.Response:
    body = refused.body
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    path = refused.path.replace("{job}", job_id)
    return server.http.request(
        refused.method, path, content=content, headers={"Accept": "application/json", **refused.headers}
    )
