"""What schemathesis has to be told: how bodies are written whose media types it does not know."""

from __future__ import annotations

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/cwl", "application/cwl+yaml", "application/cwl+json")
def as_json(_: Any, value: Any) -> bytes:
    """JSON is YAML too."""
    return _bytes(value) if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.deserializer("application/cwl")
def from_json(_: Any, response: schemathesis.Response) -> Any:
    """What this server keeps is JSON."""
    return json.loads(response.content)


@schemathesis.serializer("application/zip", "multipart/related")
def as_bytes(_: Any, value: Any) -> bytes:
    """Archives that are none."""
    return _bytes(value)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
