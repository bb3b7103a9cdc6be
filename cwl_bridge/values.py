"""Whether one JSON value fits one schema of a process description, and why not. Pure.

The schemas are OpenAPI 3.0's subset as OGC 18-062r2 has it: `nullable`, and `exclusiveMinimum` as a boolean.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, cast

import jsonschema
import referencing
from jsonschema import validators
from jsonschema.exceptions import best_match

from cwl_bridge import patterns
from cwl_bridge.errors import FieldError, pointer
from registry.models import JSON

_formats = jsonschema.FormatChecker()
_base = cast(dict[str, Any], jsonschema.Draft202012Validator.VALIDATORS)

MAX_ERRORS, MAX_LOOKED_AT = 20, 200
MAX_SHOWN = 200

_AMOUNT = r"(?:\d+(?:[.,]\d+)?{})?"
_DURATION = re.compile(
    r"P(?=\d|T\d)(?:\d+W|{}(?:T(?=\d){})?)\Z".format(
        "".join(map(_AMOUNT.format, "YMD")), "".join(map(_AMOUNT.format, "HMS"))
    ),
    re.ASCII,
)


@_formats.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int | float) or -(2**31) <= value < 2**31


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*\Z", value) is not None


@_formats.checks("duration")
def _is_duration(value: object) -> bool:
    """ISO 8601: years, months, days, or weeks, and a time."""
    return not isinstance(value, str) or _DURATION.match(value) is not None


@_formats.checks("double", raises=OverflowError)
def _is_double(value: object) -> bool:
    return not isinstance(value, int) or math.isfinite(float(value))


@_formats.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int | float) or -(2**63) <= value < 2**63


def _unless_null(keyword: str) -> Any:
    """The keyword as JSON Schema has it, but for null where the schema is `nullable`."""

    def check(validator: Any, given: Any, value: Any, schema: JSON) -> Iterator[jsonschema.ValidationError]:
        if value is None and schema.get("nullable") is True:
            return
        yield from _base[keyword](validator, given, value, schema)

    return check


def _bound(name: str, holds: Callable[[Any, Any], bool], strictly: Callable[[Any, Any], bool]) -> Any:
    exclusive = "exclusive" + name.capitalize()

    def check(validator: Any, limit: Any, value: Any, schema: JSON) -> Iterator[jsonschema.ValidationError]:
        if not validator.is_type(value, "number"):
            return
        if schema.get(exclusive) is True:
            if not strictly(value, limit):
                yield jsonschema.ValidationError(f"{value!r} has to be {_WORDS[exclusive]} {limit!r}")
        elif not holds(value, limit):
            yield jsonschema.ValidationError(f"{value!r} has to be {_WORDS[name]} {limit!r}")

    return check


def _multiple_of(validator: Any, factor: Any, value: Any, schema: JSON) -> Iterator[jsonschema.ValidationError]:  # noqa: ARG001
    """Exactly: an integer may be larger than any double."""
    if validator.is_type(value, "number") and Fraction(value) % Fraction(str(factor)) != 0:
        yield jsonschema.ValidationError(f"{value!r} is not a multiple of {factor!r}")


def _pattern(
    validator: Any,
    pattern: str,
    value: Any,
    schema: JSON,  # noqa: ARG001
) -> Iterator[jsonschema.ValidationError]:
    if validator.is_type(value, "string") and not patterns.occurs(pattern, value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def _unique_items(
    validator: Any,
    unique: Any,
    value: Any,
    schema: JSON,  # noqa: ARG001
) -> Iterator[jsonschema.ValidationError]:
    if unique and validator.is_type(value, "array") and len(set(map(_canonical, value))) < len(value):
        yield jsonschema.ValidationError(f"{value!r} has non-unique elements")


def _canonical(value: Any) -> str:
    """One text for all values that are equal in JSON. Nobody can send many texts of one hash, as numbers can be."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}:{_canonical(value[name])}" for name in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_canonical, value))}]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else float.__repr__(value)
    return json.dumps(value)


def _nothing(*_: Any) -> tuple[()]:
    return ()


_WORDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "greater than",
    "exclusiveMaximum": "less than",
}
_pattern_format = jsonschema.FormatChecker(())


@_pattern_format.checks("regex", raises=patterns.PatternError)
def _is_pattern(value: object) -> bool:
    if isinstance(value, str):
        patterns.check(value)
    return True


_Validator = cast(Any, validators).extend(
    jsonschema.Draft202012Validator,
    {
        "multipleOf": _multiple_of,
        "pattern": _pattern,
        "uniqueItems": _unique_items,
        **{keyword: _unless_null(keyword) for keyword in ("type", "enum", "oneOf", "anyOf")},
        "minimum": _bound("minimum", lambda value, limit: value >= limit, lambda value, limit: value > limit),
        "maximum": _bound("maximum", lambda value, limit: value <= limit, lambda value, limit: value < limit),
        # They only qualify `minimum` and `maximum`.
        "exclusiveMinimum": _nothing,
        "exclusiveMaximum": _nothing,
    },
)


def _anything(uri: str) -> referencing.Resource[Any]:  # noqa: ARG001
    """A schema elsewhere is not fetched; it restricts nothing."""
    return referencing.Resource.from_contents({}, default_specification=referencing.jsonschema.DRAFT202012)


_REGISTRY: referencing.Registry[Any] = referencing.Registry(retrieve=_anything)  # type: ignore[call-arg]


def check(schema: JSON, value: Any, *path: str | int) -> list[FieldError]:
    """The reasons why the value does not fit, with their pointers below `path`; empty where it does.

    The first MAX_ERRORS in the order of their places, of the first MAX_LOOKED_AT.
    """
    validator = _Validator(schema, format_checker=_formats, registry=_REGISTRY)
    try:
        # A long list may be wrong all along.
        first = islice(validator.iter_errors(value), MAX_LOOKED_AT)
        found = sorted(first, key=lambda error: list(map(str, error.absolute_path)))
    except (patterns.PatternError, referencing.exceptions.Unresolvable, RecursionError, OverflowError) as error:
        return [FieldError(pointer(*path), f"The schema of this input can't be applied: {error}.")]
    return [FieldError(pointer(*path, *error.absolute_path), _words(error)) for error in found[:MAX_ERRORS]]


def fits(schema: JSON, value: Any) -> bool:
    return not check(schema, value)


def schema_problem(schema: JSON) -> str | None:
    """Why a published schema can't be applied; None where it is fine."""
    metaschema = jsonschema.Draft202012Validator.META_SCHEMA
    validator = jsonschema.Draft202012Validator(metaschema, format_checker=_pattern_format)
    found = best_match(validator.iter_errors(_for_metaschema(schema)))
    if found is None:
        return None
    if found.validator == "format":
        return f"{found.json_path}: The pattern can't be applied: {str(found.cause)[:MAX_SHOWN]}."
    return f"{found.json_path}: {found.message[:MAX_SHOWN]}"


def _for_metaschema(schema: Any) -> Any:
    """Without the bounds that were booleans once; of what is required only what is no name, where there is such."""
    if isinstance(schema, dict):
        found = {
            key: _for_metaschema(each)
            for key, each in schema.items()
            if not (key in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(each, bool))
        }
        if isinstance(found.get("required"), list):
            # Whether they are unique is found out slowly where they are no texts.
            wrong = [each for each in found["required"] if not isinstance(each, str)]
            found["required"] = wrong[:1] or found["required"]
        return found
    if isinstance(schema, list):
        return [_for_metaschema(each) for each in schema]
    return schema


def _words(error: jsonschema.ValidationError) -> str:
    if error.validator in ("oneOf", "anyOf") and error.context:
        reasons = dict.fromkeys(_words(each) for each in error.context)
        return "It fits none of the alternatives: " + "; ".join(reasons)[:MAX_SHOWN]
    message = str(error.message)
    return message if len(message) <= MAX_SHOWN else f"{message[:MAX_SHOWN]}…"
