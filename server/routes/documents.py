"""CWL documents in the forms in which clients may want them."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from cwl_bridge import deploy
from server import negotiate

_FORMS = (deploy.CWL_YAML, deploy.CWL, "text/plain")


def cwl_document(request: Request, path: Path) -> Response:
    """The text that runs; who accepts none of its media types gets it all the same."""
    return FileResponse(path, media_type=negotiate.choose(request.headers.get("accept"), _FORMS) or _FORMS[0])
