"""The results of a successful job → one HTTP answer, in the style of its request.

A request with `response` or a `transmissionMode` is answered by the rules of version 1.0 (18-062r2, table 11), any
other by those of version 2.0. Which form a result gets is in one table, `representations`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from cwl_bridge import media
from cwl_bridge.outputs import Literal, Members, Result, Several, Stored
from registry.models import ExecuteRequest
from server import archive, links, multipart, pages, representations
from server.archive import Entry
from server.members import Shown
from server.multipart import Part
from server.problems import ProblemError
from server.ranges import File
from server.representations import Form, Shape

RESULTS_PROFILE = "https://www.opengis.net/def/profile/OGC/0/ogc-results"
_PROFILED = {"Link": f'<{RESULTS_PROFILE}>; rel="profile"'}

#: A literal of more bytes of JSON is a link in a results document of version 2.0, unless `return=representation`.
MAX_SMALL_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one request for results says of the answer."""

    accept: str | None = None
    #: `Prefer: return=` minimal or representation.
    returns: str | None = None
    #: Whether the profile ogc-results is asked for: a results document, whatever the style.
    as_document: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The results of one successful job, and what its client wants."""

    shown: Shown
    request: ExecuteRequest
    results: dict[str, Result]
    #: How many outputs are meant, given or not.
    asked: int
    wanted: Wanted

    def execution(self) -> Response:
        """The answer of a synchronous execution; after the run nothing is refused any more."""
        if self._asked_for_none:
            return Response(status_code=204)
        return self._styled(bare_if_one=True, may_refuse=False)

    def stored(self) -> Response:
        """The answer of /jobs/{id}/results."""
        if self._asked_for_none:
            raise ProblemError("result-not-available", "The execution asked for no outputs.")
        # Version 2.0 has a document here, and bare values one level below.
        bare = representations.choose(self.wanted.accept, representations.DOCUMENT) is None
        return self._styled(bare_if_one=bare, may_refuse=True)

    def one(self, name: str, result: Result) -> Response:
        """A result, or a part of one, at its own address: `name` is its path below /results."""
        output = name.partition("/")[0]
        first = representations.preferred(result, self.request.choice(output if name == output else ""))
        forms = (first, *(each for each in representations.of(result) if each != first))
        if self._by_version_1 and isinstance(result, Stored) and not result.is_directory:
            # Version 1.0 gives a file as nothing but itself.
            forms = forms[:1]
        form = representations.choose(self.wanted.accept, forms)
        if form is None and not self._by_version_1:
            raise representations.not_acceptable(forms)
        return self._shaped(name, result, form or first)

    @property
    def _asked_for_none(self) -> bool:
        """`outputs: {}`; a process that has no outputs is another matter, its results are an empty document."""
        return self.request.outputs == {}

    @property
    def _by_version_1(self) -> bool:
        return self.request.response is not None

    def _styled(self, *, bare_if_one: bool, may_refuse: bool) -> Response:
        if self.wanted.as_document:
            return self._document(_PROFILED)
        if self.request.response == "document" or self.asked == 0:
            return self._document({})
        if self.request.response == "raw":
            return self._raw()
        if self.asked > 1:
            return self._many(may_refuse=may_refuse)
        return self._bare(may_refuse=may_refuse) if bare_if_one else self._document(_PROFILED)

    def _raw(self) -> Response:
        by_reference = {name for name in self.results if self._transmission(name) == "reference"}
        if by_reference and by_reference == set(self.results):
            return Response(status_code=204, headers={"Link": ", ".join(map(self._link_header, self.results))})
        if self.asked == 1 or not self.results:
            return self._bare(may_refuse=False)
        if representations.choose(self.wanted.accept, representations.RAW) == representations.PAGE:
            return self._document({})
        return multipart.response([self._part(name, each, by_reference) for name, each in self.results.items()])

    def _many(self, *, may_refuse: bool) -> Response:
        """Several results by the rules of version 2.0."""
        form = representations.choose(self.wanted.accept, representations.SEVERAL)
        if form is None and may_refuse:
            raise representations.not_acceptable(representations.SEVERAL)
        if form is not None and form.shape is Shape.ZIP:
            return archive.zipped(self._entries(), f"{self.shown.job_id}.zip")
        if form is not None and form.shape is Shape.MULTIPART and self.results:
            return multipart.response([self._part(name, each, set()) for name, each in self.results.items()])
        return self._document(_PROFILED)

    def _bare(self, *, may_refuse: bool) -> Response:
        """The one result that was asked for, by itself."""
        if not self.results:
            return Response(status_code=204)
        ((name, result),) = self.results.items()
        choice = self.request.choice(name)
        form = representations.preferred(result, choice)
        if choice.media_type is None and not self._by_version_1:
            forms = representations.of(result)
            chosen = representations.choose(self.wanted.accept, forms)
            if chosen is None and may_refuse:
                raise representations.not_acceptable(forms)
            form = chosen or form
        elif choice.media_type is None and representations.shows_page(self.wanted.accept, form):
            return self.page(self._json(name, result), name)
        return self._shaped(name, result, form)

    def _shaped(self, name: str, result: Result, form: Form) -> Response:
        match form.shape:
            case Shape.ZIP:
                title = result.basename if isinstance(result, Stored) else name.rpartition("/")[2]
                return archive.zipped(_entries(result, "", self.shown), f"{title}.zip")
            case Shape.MULTIPART if isinstance(result, Several) and result.items:
                items = ((f"{name}/{index}", each) for index, each in enumerate(result.items))
                return multipart.response([self._part(place, each, set()) for place, each in items])
            case Shape.OWN if isinstance(result, Stored):
                return file(self.shown.path(result), result.basename, result.media_type)
            case Shape.OWN | Shape.TEXT if isinstance(result, Literal):
                return Response(_text(result.value), media_type=_with_charset(form.media_type))
            case Shape.PAGE:
                return self.page(self._json(name, result), name)
            case _:
                return JSONResponse(self._json(name, result))

    def _json(self, name: str, result: Result) -> Any:
        """A result by itself as JSON."""
        if isinstance(result, Literal):
            return result.value
        if isinstance(result, Stored) and result.is_directory:
            return self.shown.index(result)
        inline = self._returns == "representation" and isinstance(result, Stored)
        return self.shown.member(name, result, "value" if inline else None, self._encoding(name))

    def _transmission(self, name: str) -> str | None:
        return self.request.choice(name).transmission

    def _encoding(self, name: str) -> str | None:
        return self.request.choice(name.partition("/")[0]).encoding

    @property
    def _returns(self) -> str | None:
        """What this request prefers, else what the execution did."""
        return self.wanted.returns or self.request.returns

    def _document(self, headers: dict[str, str]) -> Response:
        """results.yaml: small literals by value, files by reference where nothing else is asked for."""
        found = {
            name: self.shown.member(name, result, self._manner(name, result), self._encoding(name))
            for name, result in self.results.items()
        }
        if self.wanted.returns and self._is_honoured(found):
            headers = {**headers, "Preference-Applied": f"return={self.wanted.returns}"}
        if representations.choose(self.wanted.accept, representations.DOCUMENT) == representations.PAGE:
            return self.page(found, self.shown.job_id, headers)
        return JSONResponse(found, headers=headers)

    def page(self, value: Any, heading: str, headers: dict[str, str] | None = None) -> Response:
        """What is JSON else."""
        text = pages.value_page(value, heading, self.shown.to)
        given = {**(headers or {}), **pages.HEADERS}
        return Response(text.encode(errors="replace"), headers=given, media_type=pages.HTML)

    def _manner(self, name: str, result: Result) -> str | None:
        """By value, by reference, or as is usual for its kind."""
        said = self._transmission(name)
        if said is not None:
            return said
        if self._returns == "representation":
            return "value"
        # Version 1.0 has by value what does not say otherwise.
        return "reference" if not self._by_version_1 and _is_large(result) else None

    def _is_honoured(self, document: dict[str, Any]) -> bool:
        """Whether `return=` shaped the document: it has to leave something to it, and what it asks for."""
        left = [name for name in document if self._transmission(name) is None]
        inline = not any(isinstance(document[name], dict) and "href" in document[name] for name in left)
        return bool(left) and (inline or self.wanted.returns == "minimal")

    def _link_header(self, name: str) -> str:
        """Several in one header are the same as several headers (RFC 8288, 3)."""
        kind = representations.preferred(self.results[name], self.request.choice(name)).media_type
        return f'<{self.shown.url(name)}>; rel="item"; type="{kind}"; title="{name}"'

    def _part(self, name: str, result: Result, by_reference: set[str]) -> Part:
        if name in by_reference:
            return Part({"Content-ID": name, "Content-Location": self.shown.url(name)}, b"")
        form = representations.preferred(result, self.request.choice(name))
        if form.shape is Shape.OWN and isinstance(result, Stored):
            return Part({"Content-Type": result.media_type, "Content-ID": name}, self.shown.path(result))
        if form.shape in (Shape.OWN, Shape.TEXT) and isinstance(result, Literal):
            return Part({"Content-Type": _with_charset(form.media_type), "Content-ID": name}, _text(result.value))
        value = result.value if isinstance(result, Literal) else self.shown.member(name, result, None)
        return Part({"Content-Type": links.JSON, "Content-ID": name}, _compact(value))

    def _entries(self) -> Iterator[Entry]:
        for name, result in self.results.items():
            yield from _entries(result, name, self.shown)


def _entries(result: Result, place: str, shown: Shown) -> Iterator[Entry]:
    """The files of a zip: files in folders called by their output, a literal as a file of that name."""
    below = f"{place}/" if place else ""
    match result:
        case Literal(value=str()):
            yield f"{place}{media.extension(result.media_type) or '.txt'}", result.value.encode()
        case Literal():
            yield f"{place}.json", _compact(result.value)
        case Stored():
            path = shown.path(result)
            yield f"{below}{result.basename}", path
            for each in sorted(path.rglob("*")) if result.is_directory else ():
                yield f"{below}{result.basename}/{each.relative_to(path)}", each
            for beside in result.beside:
                yield from _entries(beside, place, shown)
        case Several():
            for index, item in enumerate(result.items):
                yield from _entries(item, f"{below}{index}", shown)
        case Members():
            for index, (key, field) in enumerate(result.fields.items()):
                # A tool may have called it anything.
                yield from _entries(field, f"{below}{key if media.is_basename(key) else index}", shown)


def file(path: Path, name: str, media_type: str) -> Response:
    """A file with length, ranges and ETag."""
    return File(path, media_type=media_type, filename=name, content_disposition_type="attachment")


def _is_large(result: Result) -> bool:
    return isinstance(result, Literal) and len(_compact(result.value)) > MAX_SMALL_BYTES


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _text(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else _compact(value)


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") and ";" not in media_type else media_type
