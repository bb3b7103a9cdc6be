"""Executing processes over HTTP, against a real server, cwltool and containers."""

from __future__ import annotations

import json

from tests.live import EXAMPLES, Server


def test_echo_gives_back_what_it_got(server: Server) -> None:
    """Every type of input comes back unchanged; files come as links to this server."""
    request = json.loads((EXAMPLES / "echo" / "execute.json").read_text())

    answer = server.http.post("/processes/echo/execution", json=request)

    assert answer.status_code == 200
    found = answer.json()
    image = found.pop("imageInput")
    sent = {name: value for name, value in request["inputs"].items() if name != "imageInput"}
    sent["xmlInput"] = sent["xmlInput"]["value"]
    assert found == sent
    assert server.http.get(image["href"]).content.startswith(b"\x89PNG")
