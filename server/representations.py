"""The forms in which results can be had: one table; and the form that one client gets. Pure.

Before a run the same table tells from the description of an output what a client may ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from cwl_bridge import media, schema
from cwl_bridge.errors import FieldError, pointer
from cwl_bridge.outputs import JSON_TYPE, TEXT, Literal, Members, Result, Several, Stored
from registry.models import JSON, ExecuteRequest, OutputChoice, Parameter, ProcessDescription
from server import links, negotiate
from server.archive import ZIP
from server.problems import ProblemError

MULTIPART = "multipart/related"


class Shape(Enum):
    """How a media type is made of a result."""

    #: The string, or the bytes of the file.
    OWN = auto()
    #: A number or a truth value as text.
    TEXT = auto()
    #: A literal as JSON, a link to a file, the index of a directory, a list or an object of these.
    JSON = auto()
    MULTIPART = auto()
    ZIP = auto()
    #: The JSON as a page, for who names HTML.
    PAGE = auto()


@dataclass(frozen=True)
class Form:
    media_type: str
    shape: Shape


_JSON = Form(JSON_TYPE, Shape.JSON)
_TEXT = Form(TEXT, Shape.TEXT)
_MULTIPART = Form(MULTIPART, Shape.MULTIPART)
PAGE = Form(links.HTML, Shape.PAGE)
#: A results document, a value that has no other form.
DOCUMENT = (_JSON, PAGE)
DIRECTORY = (_JSON, Form(ZIP, Shape.ZIP), PAGE)
#: Several outputs, or the files of one.
SEVERAL = (_JSON, _MULTIPART, Form(ZIP, Shape.ZIP), PAGE)
#: Several outputs by the rules of version 1.0.
RAW = (_MULTIPART, PAGE)
_SCALAR = (_JSON, _TEXT, PAGE)


def _own(media_type: str) -> tuple[Form, ...]:
    """What is HTML itself has no other page."""
    own = Form(media_type, Shape.OWN)
    kind = media.essence(media_type)
    others = () if kind == JSON_TYPE else (_JSON,) if kind == links.HTML else DOCUMENT
    return (own, *others)


def of(result: Result) -> tuple[Form, ...]:
    """Every form of a result; the first is what is given where nothing is asked for."""
    match result:
        case Literal(value=str()):
            return _own(result.media_type)
        case Literal():
            return _SCALAR if is_scalar(result) else DOCUMENT
        case Stored(is_directory=True):
            return DIRECTORY
        case Stored():
            return _own(result.media_type)
        case Several():
            return SEVERAL
        case Members():
            return DOCUMENT


def is_scalar(result: Result) -> bool:
    """Whether a result is a number or a truth value: by reference it is text (18-062r2, sync-document-ref)."""
    return isinstance(result, Literal) and isinstance(result.value, int | float)


def preferred(result: Result, choice: OutputChoice) -> Form:
    """The form that a request asks for, where there is such a one; else the usual."""
    wanted = choice.media_type or (TEXT if choice.transmission == "reference" and is_scalar(result) else None)
    forms = of(result)
    return _named(forms, wanted) or forms[0] if wanted else forms[0]


def _named(forms: Iterable[Form], wanted: str) -> Form | None:
    """The form that the format of an output means: a page is a way to show one, and no format."""
    formats = (each for each in forms if each.shape is not Shape.PAGE)
    return next((each for each in formats if media.essence(each.media_type) == media.essence(wanted)), None)


def choose(accept: str | None, forms: Sequence[Form]) -> Form | None:
    """The form that the client likes best; None: it accepts none of them.

    A page is for who names HTML: in the place of JSON, where that is the usual form, else where it takes nothing else.
    """
    others = [each for each in forms if each.shape is not Shape.PAGE]
    names = [each.media_type for each in others]
    chosen = negotiate.choose(accept, names)
    if len(others) < len(forms) and (
        negotiate.likes_html(accept, *names)
        if forms[0].shape is Shape.JSON
        else chosen is None and negotiate.quality_by_name(accept, links.HTML) > 0
    ):
        return PAGE
    return next((each for each in others if each.media_type == chosen), None)


def shows_page(accept: str | None, form: Form) -> bool:
    """Whether what would be JSON is to be a page."""
    return form.shape is Shape.JSON and choose(accept, DOCUMENT) == PAGE


def not_acceptable(forms: Iterable[Form]) -> ProblemError:
    names = dict.fromkeys(each.media_type for each in forms)
    return ProblemError("not-acceptable", f"This is available as {' or '.join(names)}.")


# ---- before the run


def expected(parameter: Parameter) -> tuple[Form, ...] | None:
    """Every form that an output may come to have, by its description; None: that can't be told."""
    described = parameter.schema
    if parameter.many:
        return SEVERAL if schema.is_file(described) or schema.is_directory(described) else DOCUMENT
    found: list[Form] = []
    for each in schema.branches(described):
        forms = _of_branch(each)
        if forms is None:
            return None
        found.extend(forms)
    return tuple(dict.fromkeys(found))


def _of_branch(described: JSON) -> tuple[Form, ...] | None:
    if schema.is_directory(described):
        return DIRECTORY
    if schema.is_file(described):
        declared = described.get("contentMediaType", media.BINARY)
        # What no type was declared for is what its name says.
        return None if media.essence(declared) == media.BINARY else _own(declared)
    match described.get("type"):
        case "string":
            return _own(TEXT)
        case "number" | "integer" | "boolean":
            return _SCALAR
        case "array":
            items = described.get("items", {})
            return SEVERAL if schema.is_file(items) or schema.is_directory(items) else DOCUMENT
        case "object":
            return DOCUMENT
        case _:
            return DOCUMENT if "allOf" in described else None


def check(description: ProcessDescription, chosen: dict[str, OutputChoice] | None) -> list[FieldError]:
    """Whether the process has the outputs that a request names, in the formats that it asks for."""
    errors = []
    declared = description.outputs
    for name, choice in (chosen or {}).items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            errors.append(FieldError(pointer("outputs", name), f"There is no such output; there are: {known}."))
            continue
        offered = expected(declared[name]) if choice.media_type else None
        if choice.media_type and offered is not None and not _named(offered, choice.media_type):
            names = ", ".join(each.media_type for each in offered if each.shape is not Shape.PAGE)
            detail = f"This output is not offered as {choice.media_type}, but as: {names}."
            errors.append(FieldError(pointer("outputs", name, "format", "mediaType"), detail))
    return errors


def refuse_unacceptable(
    description: ProcessDescription, asked: ExecuteRequest, accept: str | None, *, as_document: bool
) -> None:
    """Raises ProblemError where it is sure before the run that its results have no accepted form.

    The rules of version 1.0 know one form for each request, whatever is accepted.
    """
    names = [name for name in description.outputs if asked.wants(name)]
    if asked.response is not None or not names:
        return
    offered: tuple[Form, ...] | None = DOCUMENT
    if not as_document:
        offered = SEVERAL
        if len(names) == 1:
            offered = None if asked.choice(names[0]).media_type else expected(description.outputs[names[0]])
    if offered is not None and choose(accept, offered) is None:
        raise not_acceptable(offered)
