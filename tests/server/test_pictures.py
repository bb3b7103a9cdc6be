"""Pictures of processes over HTTP."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tests.live import Server

YAML, DOT, SVG = "application/cwl+yaml", "text/vnd.graphviz; charset=utf-8", "image/svg+xml"


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("?f=dot", "*/*", DOT),
        ("?f=svg", "application/cwl", SVG),
        ("?f=cwl", "image/svg+xml", YAML),
        ("", "text/vnd.graphviz", DOT),
        ("", "image/svg+xml", SVG),
        ("", "image/*", SVG),
        ("", "*/*", YAML),
        ("", "text/html,image/avif,image/webp,*/*;q=0.8", YAML),
        ("", "application/cwl", "application/cwl"),
        ("", "image/png", YAML),
    ],
)
def test_the_forms_of_a_document(server: Server, query: str, accept: str, kind: str) -> None:
    """By f, else by Accept; the text for who asks for nothing that there is."""
    answer = server.http.get(f"/processes/echo/process.cwl{query}", headers={"Accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    if kind == SVG:
        assert "stringInput" in {each.text for each in ET.fromstring(answer.text).iter()}
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_form_that_there_is_not(server: Server) -> None:
    """400."""
    answer = server.http.get("/processes/echo/process.cwl?f=png")

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-query-parameter-value")


def test_the_picture_of_a_job(server: Server) -> None:
    """Of the document as it was run."""
    job_id = server.submit("echo", {"stringInput": "x"})
    server.wait(job_id)

    answer = server.http.get(f"/jobs/{job_id}/process.cwl?f=svg")

    assert answer.content == server.http.get("/processes/echo/process.cwl?f=svg").content
