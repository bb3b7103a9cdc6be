"""What the server says of itself."""

from __future__ import annotations

TITLE = "cwl-processes"
DESCRIPTION = "An OGC API - Processes server whose engine is CWL."
