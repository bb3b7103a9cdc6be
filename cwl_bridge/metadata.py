"""What a CWL document says about itself → title, description, version, keywords and metadata. Pure.

Understood are `label`, `doc`, `intent` and the terms of schema.org, under any prefix that the document binds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cwl_bridge import media
from registry.models import JSON

SCHEMA_ORG = "https://schema.org/"
_SPELLINGS = (SCHEMA_ORG, "http://schema.org/")
_INTENT = "https://w3id.org/cwl/cwl#intent"

#: They have members of their own in a description.
_PLACED = frozenset({"name", "description", "keywords", "softwareVersion", "version"})
#: Where the page of a person, an organisation or a work is found.
_PLACES = ("url", "sameAs", "identifier", "@id", "id")


def about(document: JSON) -> JSON:
    """Of title, description, version, keywords and metadata (18-062r2, descriptionType.yaml) those that it has."""
    terms = _terms(document, _prefixes(document))
    title = document.get("label") or terms.get("name")
    version = terms.get("softwareVersion", terms.get("version"))
    found = {
        "title": title if isinstance(title, str) else None,
        "description": doc(document) or _text(terms.get("description")),
        "version": _text(version),
        "keywords": _keywords(terms.get("keywords")),
        "metadata": [*_intents(document), *_entries(terms)],
    }
    return {key: each for key, each in found.items() if each}


def doc(declared: JSON) -> str | None:
    """`doc` of a process, an input or an output: a text or a list of lines."""
    text = declared.get("doc")
    if isinstance(text, list):
        return "\n".join(map(str, text))
    return text if isinstance(text, str) else None


def _prefixes(document: JSON) -> tuple[str, ...]:
    """What the terms of schema.org may begin with; `s:` also where it is not bound."""
    bound = document.get("$namespaces")
    bound = bound if isinstance(bound, dict) else {}
    own = [f"{prefix}:" for prefix, iri in bound.items() if iri in _SPELLINGS]
    return (*own, *_SPELLINGS, *([] if "s" in bound else ["s:"]))


def _terms(declared: JSON, prefixes: tuple[str, ...]) -> JSON:
    """The members that are terms, by their bare names; what is inside them likewise."""
    found: JSON = {}
    for key, value in declared.items():
        prefix = next((each for each in prefixes if key.startswith(each)), None)
        if prefix is not None and len(key) > len(prefix):
            found[key.removeprefix(prefix)] = _bare(value, prefixes)
    return found


def _bare(value: Any, prefixes: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_bare(each, prefixes) for each in value]
    if isinstance(value, dict):
        own = {key: each for key, each in value.items() if key in ("@id", "id", "class", "@type")}
        return {**{key: _bare(each, prefixes) for key, each in own.items()}, **_terms(value, prefixes)}
    prefix = next((each for each in prefixes if isinstance(value, str) and value.startswith(each)), None)
    return value.removeprefix(prefix) if prefix and prefix not in _SPELLINGS else value


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _keywords(value: Any) -> list[str]:
    words = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [str(each).strip() for each in words]


def _intents(document: JSON) -> Iterator[JSON]:
    """What the process is for, in terms of some ontology (CWL v1.2, `intent`)."""
    listed = document.get("intent")
    bound = document.get("$namespaces")
    for each in listed if isinstance(listed, list) else []:
        prefix, _, rest = str(each).partition(":")
        iri = bound.get(prefix) if isinstance(bound, dict) else None
        yield {"role": _INTENT, "title": "intent", "href": f"{iri}{rest}" if isinstance(iri, str) else str(each)}


def _entries(terms: JSON) -> Iterator[JSON]:
    for term, value in terms.items():
        if term not in _PLACED:
            for each in value if isinstance(value, list) else [value]:
                yield from _entry(term, each)


def _entry(term: str, value: Any) -> Iterator[JSON]:
    """metadata.yaml: a link where there is a place, else a value; `role` says what it is."""
    entry: JSON = {"role": SCHEMA_ORG + term, "title": term}
    if isinstance(value, dict):
        name = _text(value.get("name"))
        place = next((value[key] for key in _PLACES if _is_url(value.get(key))), None)
        said = {key: each for key, each in value.items() if key not in ("class", "@type")}
        if said:
            yield {**entry, **({"title": name} if name else {}), **({"href": place} if place else {"value": said})}
    elif _is_url(value):
        yield {**entry, "href": value}
    elif _text(value):
        yield {**entry, "value": _text(value)}


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and media.split_url(value) is not None
