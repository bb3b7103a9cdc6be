"""CWL documents in the forms in which clients may want them: the text that runs, or a picture of it."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from cwl_bridge import deploy, drawing, picture
from registry.models import JSON
from server import negotiate, services
from server.problems import ProblemError
from server.ranges import File

DOT, SVG = "text/vnd.graphviz", "image/svg+xml"
TEXTS = (deploy.CWL_YAML, deploy.CWL, "text/plain")
#: Values of the query parameter f.
_FORMS = {"cwl": deploy.CWL_YAML, "dot": DOT, "svg": SVG}
#: A picture shown by itself is a page: one that can do nothing.
_NOTHING_ELSE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


async def cwl_document(request: Request, path: Path, cwl: JSON) -> Response:
    """`path`: where the text is; `cwl`: what it says. Who accepts no form of it gets the text all the same."""
    form = request.query_params.get("f")
    if form is None:
        chosen = negotiate.choose(request.headers.get("accept"), [*TEXTS, DOT, SVG]) or TEXTS[0]
    elif form in _FORMS:
        chosen = _FORMS[form]
    else:
        detail = f"The query parameter f: {', '.join(_FORMS)} are possible, not {form!r}."
        raise ProblemError("invalid-query-parameter-value", detail)
    if chosen == DOT:
        drawn = await services.of(request).in_thread(lambda: picture.dot(picture.graph(cwl)))
        return Response(drawn, media_type=DOT)
    if chosen == SVG:
        drawn = await services.of(request).in_thread(lambda: drawing.svg(picture.graph(cwl)))
        return Response(drawn, media_type=SVG, headers=_NOTHING_ELSE)
    return File(path, media_type=chosen)
