"""The processes that these tests deploy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.live import EXAMPLES, ROOT, Server, shell_package

DATA = ROOT / "tests" / "data" / "standards"

TEXT = {"schema": {"type": "string"}}
FILE = {"schema": {"type": "string", "contentMediaType": "text/plain"}}

LETTER = "printf 'dear reader' > letter.txt"


#: Inputs with which it runs longer than any test.
FOR_LONG = {"pause": 3600}


def with_modes(process_id: str, *modes: str) -> dict[str, Any]:
    """A process that can be executed in these modes only; its one input is how long it takes."""
    package = shell_package(
        process_id,
        f'sleep "$2"; {LETTER}',
        {"pause": {"schema": {"type": "integer", "default": 0}}},
        {"letter": FILE},
    )
    package["processDescription"]["jobControlOptions"] = list(modes)
    return package


PACKAGES: list[dict[str, Any]] = [
    with_modes("sync-only", "sync-execute"),
    with_modes("async-only", "async-execute"),
    shell_package("fails", "echo 'no such band' >&2; exit 3", outputs={"letter": FILE}),
    shell_package("says-nothing", "true"),
    shell_package(
        "many",
        'printf \'["%s"]\' "$2" > given.json',
        {"word": {"schema": {"type": "string"}, "maxOccurs": 3}},
        {"given": {"schema": {"type": "array", "items": {"type": "string"}}}},
    ),
]

#: In the order of the deploys: media type, file.
FILES: list[tuple[str, Path]] = [
    ("application/cwl+yaml", DATA / "every-kind.cwl"),
    ("application/cwl", EXAMPLES / "word-count" / "word-count.cwl"),
    ("application/ogcapppkg+json", EXAMPLES / "ndvi" / "ndvi.json"),
]


def deploy(server: Server, *only: str) -> dict[str, dict[str, Any]]:
    """What each deploy answered, by process; of all processes where none is named."""
    bodies = {
        each["processDescription"]["id"]: ("application/ogcapppkg+json", json.dumps(each).encode()) for each in PACKAGES
    }
    bodies |= {path.stem: (media_type, path.read_bytes()) for media_type, path in FILES}
    found: dict[str, dict[str, Any]] = {}
    for media_type, body in [bodies[each] for each in only or bodies]:
        answer = server.http.post("/processes", content=body, headers={"Content-Type": media_type})
        assert answer.status_code == 201, answer.text
        found[answer.json()["id"]] = answer.json()
    return found
