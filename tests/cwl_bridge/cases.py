"""Where the cases lie that are data, and what a deploy body makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import deploy
from cwl_bridge.deploy import Draft
from cwl_bridge.policy import Policy
from registry.models import Process

DATA = Path(__file__).parents[1] / "data"


def case(*values: Any, name: str | None = None) -> Any:
    """A case with a name of its own."""
    return pytest.param(*values, id=name)


def drafted(body: Any, media_type: str = deploy.PACKAGE, process_id: str | None = None) -> Draft:
    """What a deploy body, or the object in it, makes in CWL."""
    given = body if isinstance(body, bytes) else json.dumps(body).encode()
    return deploy.draft(deploy.read(given, media_type), Policy(), process_id)


def described(body: Any, media_type: str = deploy.PACKAGE, process_id: str | None = None) -> Process:
    """The process that a deploy body makes, taken for valid CWL."""
    return deploy.process(drafted(body, media_type, process_id), process_id)
