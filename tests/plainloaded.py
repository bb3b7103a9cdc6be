"""What plain cwltool builds before it runs anything: the schemas of every version."""

from __future__ import annotations

from cwltool.main import run
from cwltool.process import get_schema

__all__ = ["run"]

for version in ("v1.0", "v1.1", "v1.2"):
    get_schema(version)
