"""What a document may refer to, and how its terms are spelled: a walk over all that is in it. Pure."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from cwl_bridge import kept, media, secrecy
from cwl_bridge.errors import InvalidProcessError, UnsafeReferenceError, refuse
from cwl_bridge.levels import Where
from registry.models import JSON

_IMPORTS = frozenset({"$import", "$include", "$mixin", "$base", "$graph"})

_CWL = "https://w3id.org/cwl/cwl#"
_SALAD = "https://w3id.org/cwl/salad#"
_CWLTOOL = "http://commonwl.org/cwltool#"
_PREFIXES = {"cwl": _CWL, "cwltool": _CWLTOOL, "sld": _SALAD, "salad": _SALAD}


def _iri(name: str, namespaces: Mapping[str, Any]) -> str:
    """A prefixed name spelled out."""
    prefix, colon, rest = name.partition(":")
    return f"{namespaces[prefix]}{rest}" if colon and isinstance(namespaces.get(prefix), str) else name


def _of_level(where: Where) -> str | int:
    """The member of a process or a step that this is the place of; empty: it is another place."""
    *above, last = where or ("",)
    is_level = len(above) % 3 != 1 and all(each == "steps" for each in above[::3])
    return last if is_level and all(each == "run" for each in above[2::3]) else ""


def _check_spelling(each: JSON, namespaces: Mapping[str, Any], where: Where) -> None:
    """cwltool takes `cwl:requirements` or its IRI for `requirements`; here a thing has one name."""
    # A hint of an extension counts for nothing, whether it is listed or named.
    place = _of_level(where)
    own = (_CWL, _SALAD) if place == "hints" else (_CWL, _SALAD, _CWLTOOL)
    for key in each:
        if place == "requirements" and secrecy.is_named(key, namespaces):
            continue
        if _iri(key, namespaces).startswith(own):
            detail = f"Write {key!r} without a prefix: terms of CWL have one name here."
            refuse(UnsafeReferenceError, detail, (*where, key), of_name=True)
    name = each.get("class")
    if isinstance(name, str) and _iri(name, namespaces).startswith((_CWL, _SALAD)):
        refuse(UnsafeReferenceError, f"{name!r} can't be used as a class here.", (*where, "class"))


def _check_schemas(each: JSON, where: Where) -> None:
    """Those elsewhere are never read here, but plain cwltool reads them for whoever runs the document."""
    declared = each.get("$schemas") or []
    if not isinstance(declared, list):
        refuse(InvalidProcessError, "'$schemas' is a list.", (*where, "$schemas"))
    for index, schema in enumerate(declared):
        if not isinstance(schema, str) or (media.split_url(schema) is None and kept.split(schema) is None):
            detail = "A schema in $schemas has to be a file of the package, or an http or https URL."
            refuse(UnsafeReferenceError, detail, (*where, "$schemas", index))


def _namespaces(each: JSON, outer: ChainMap[str, Any], where: Where) -> ChainMap[str, Any]:
    """The prefixes that hold in an object and below it."""
    own = each.get("$namespaces") or {}
    if not isinstance(own, dict):
        refuse(InvalidProcessError, "'$namespaces' is an object.", (*where, "$namespaces"))
    return outer.new_child(own) if own else outer


def check(document: JSON) -> None:
    """Raises UnsafeReferenceError or InvalidProcessError for the first that is found."""
    stack: list[tuple[Any, ChainMap[str, Any], Where]] = [(document, ChainMap(_PREFIXES), ())]
    while stack:
        each, outer, where = stack.pop()
        if isinstance(each, list):
            stack.extend((child, outer, (*where, index)) for index, child in enumerate(each))
        elif isinstance(each, dict):
            named = _IMPORTS & each.keys()
            if named:
                refuse(
                    UnsafeReferenceError,
                    "A document can't include others; send it whole.",
                    (*where, min(named)),
                    of_name=True,
                )
            _check_schemas(each, where)
            namespaces = _namespaces(each, outer, where)
            _check_spelling(each, namespaces, where)
            if each.get("class") in ("File", "Directory"):
                _check_file(each, where)
            stack.extend((child, namespaces, (*where, key)) for key, child in each.items())


def _check_file(each: JSON, where: Where) -> None:
    for key in ("location", "path"):
        is_kept = key == "location" and each["class"] == "File" and kept.split(each.get(key)) is not None
        if key in each and not is_kept:
            detail = "A File or Directory in a document has to be one of its package; it can't name another place."
            refuse(UnsafeReferenceError, detail, (*where, key))
    name = each.get("basename")
    if isinstance(name, str) and not media.is_basename(name):
        refuse(UnsafeReferenceError, f"{name!r} is no file name.", (*where, "basename"))
