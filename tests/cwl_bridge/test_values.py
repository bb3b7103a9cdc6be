"""Whether a value fits a schema, and in which words it does not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cwl_bridge import values
from tests.cwl_bridge.cases import case

INT32 = {"type": "integer", "format": "int32"}
INT64 = {"type": "integer", "format": "int64"}
ABOVE = {"type": "number", "minimum": 0, "exclusiveMinimum": True}
BELOW = {"type": "number", "maximum": 1, "exclusiveMaximum": True}
BBOX = {
    "type": "object",
    "required": ["bbox"],
    "properties": {
        "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
        "crs": {"type": "string", "format": "uri"},
    },
}


def _format(name: str) -> dict[str, Any]:
    return {"type": "string", "format": name}


FIT: list[tuple[dict[str, Any], list[Any]]] = [
    ({}, [None, True, 0, 0.5, "", [], {}, {"a": [None]}]),
    ({"type": "boolean"}, [True, False]),
    ({"type": "integer"}, [0, -1, 2.0, 2**63]),
    ({"type": "number"}, [0, 0.5, -1e300]),
    ({"type": "string"}, ["", "a", "🕺"]),
    ({"type": "string", "nullable": True}, ["a", None]),
    ({"type": "string", "enum": ["a"], "nullable": True}, ["a", None]),
    ({"nullable": True, "oneOf": [{"type": "string"}, {"type": "integer"}]}, ["a", 1, None]),
    (INT32, [2**31 - 1, -(2**31), 1.0]),
    (INT64, [2**63 - 1, -(2**63)]),
    ({"minimum": 0, "maximum": 1}, [0, 1, 0.5, "text"]),
    (ABOVE, [0.001, 1e300]),
    (BELOW, [0.999, -1e300]),
    ({"minimum": 0, "exclusiveMinimum": False}, [0]),
    ({"exclusiveMinimum": True, "exclusiveMaximum": True}, [0, -5]),
    ({"type": "number", "multipleOf": 0.5}, [1, 1.5, 0]),
    ({"type": "string", "minLength": 1, "maxLength": 1}, ["a", "🕺"]),
    ({"type": "string", "pattern": "^[A-Z]{2}$"}, ["AB"]),
    ({"type": "string", "pattern": "b"}, ["abc"]),
    ({"enum": [1, "a", None, True]}, [1, "a", None, True]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "uniqueItems": True}, [[1], [1, 2]]),
    ({"type": "array", "uniqueItems": True}, [[1, True], [0, False]]),
    (BBOX, [{"bbox": [1, 2, 3, 4]}, {"bbox": [1, 2, 3, 4, 5, 6], "crs": "http://a/b"}]),
    ({"oneOf": [{"type": "string"}, {"type": "object"}]}, ["a", {}]),
    ({"anyOf": [{"minimum": 3}, {"type": "integer"}]}, [5]),
    ({"not": {"type": "string"}}, [1]),
    ({"$ref": "https://example.org/a.json"}, [1, "a", None]),
    ({"$ref": "urn:x:y"}, [1]),
    ({"properties": {"a": {"$ref": "https://example.org/a.json"}}}, [{"a": 1}]),
    (_format("date-time"), ["2024-02-29T23:59:59Z", "2024-01-01T00:00:00.123+01:00"]),
    (_format("date"), ["2024-02-29"]),
    (_format("uri"), ["http://a/b?c#d", "urn:a:b"]),
    (_format("email"), ["a@b"]),
    (_format("uuid"), ["b2a7f0a6-3f5d-4c55-8f0b-1f0d0f3a5c11"]),
    (_format("code"), ["anything"]),
    (_format("ogc-bbox"), ["anything"]),
]


@pytest.mark.parametrize(("schema", "value"), [(schema, each) for schema, listed in FIT for each in listed])
def test_fits(schema: dict[str, Any], value: Any) -> None:
    """A value that fits has no errors."""
    assert values.check(schema, value) == []
    assert values.fits(schema, value)


MISS: list[tuple[dict[str, Any], list[Any]]] = [
    ({"type": "boolean"}, [0, 1, "true", None]),
    ({"type": "integer"}, [True, 0.5, "1", None, [1]]),
    ({"type": "number"}, [True, "0.5", None]),
    ({"type": "string"}, [1, None, ["a"], {}]),
    ({"type": "object"}, [[], "a", None]),
    ({"type": "array"}, [{}, "a", None]),
    ({"type": "string", "nullable": False}, [None]),
    ({"type": "string", "nullable": "true"}, [None]),
    ({"type": "string", "nullable": True}, [1]),
    (INT32, [2**31, -(2**31) - 1]),
    (INT64, [2**63, -(2**63) - 1]),
    ({"minimum": 0, "maximum": 1}, [-0.001, 1.001]),
    (ABOVE, [0, -1]),
    (BELOW, [1, 1.0, 2]),
    ({"type": "number", "multipleOf": 0.5}, [0.3]),
    ({"type": "string", "minLength": 1, "maxLength": 1}, ["", "ab"]),
    ({"type": "string", "pattern": "^[A-Z]{2}$"}, ["ABC", "ab"]),
    ({"enum": [1]}, [True, "1", None]),
    ({"enum": [False]}, [0]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "uniqueItems": True}, [[], [1, 1], ["a"]]),
    ({"type": "object", "additionalProperties": False}, [{"a": 1}]),
    ({"type": "object", "minProperties": 1, "maxProperties": 1}, [{}, {"a": 1, "b": 2}]),
    (BBOX, [{"bbox": [1, 2, 3]}, {"bbox": [1, 2, 3, "4"]}, {"crs": "http://a"}, {"bbox": [1, 2, 3, 4], "crs": "x"}]),
    ({"not": {"type": "string"}}, ["a"]),
    (_format("date-time"), ["2024-02-30T00:00:00Z", "2024-01-01", "yesterday"]),
    (_format("date"), ["2024-02-30", "1.1.2024"]),
    (_format("uri"), ["a/b", "http://a b", ""]),
    (_format("email"), ["ab"]),
    (_format("uuid"), ["b2a7f0a6"]),
]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        *((schema, each) for schema, listed in MISS for each in listed),
        case(INT64, 1e300),
        case(INT64, 2.0**63),
        case(INT32, 2147483648.0),
        case({"type": "number", "format": "double"}, 10**400),
    ],
)
def test_does_not_fit(schema: dict[str, Any], value: Any) -> None:
    """A value that does not fit has an error in words."""
    found = values.check(schema, value)
    assert found
    assert all(each.detail for each in found)


def test_huge_multiple() -> None:
    """An integer of any size can be checked against a fraction."""
    assert values.fits({"type": "number", "multipleOf": 0.5}, 10**400)


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        (ABOVE, 0, "0 has to be greater than 0"),
        (BELOW, 1, "1 has to be less than 1"),
        ({"minimum": 1}, 0, "0 has to be at least 1"),
        ({"maximum": 1}, 2, "2 has to be at most 1"),
        ({"enum": ["a", "b"]}, "c", "'c' is not one of ['a', 'b']"),
        (
            {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
            5,
            "It fits none of the alternatives: 5 is not of type 'string'; 5 is not of type 'object'",
        ),
        ({"anyOf": [{"type": "string"}, {"type": "string"}]}, 5, "It fits none of the alternatives: 5 is not of type"),
        ({"oneOf": [{"minimum": 1}, {"type": "integer"}]}, 5, "5 is valid under each of"),
    ],
)
def test_words(schema: dict[str, Any], value: Any, words: str) -> None:
    """An error says what was expected; of alternatives, what each of them misses."""
    [found] = values.check(schema, value)
    assert found.detail.startswith(words)


def test_long_values_are_cut() -> None:
    """An error repeats neither a long text nor a list of a thousand errors."""
    found = values.check({"type": "array", "items": {"type": "integer"}}, ["x" * 5000] * 1000)
    assert len(found) == values.MAX_ERRORS
    assert max(len(each.detail) for each in found) <= values.MAX_SHOWN + 1


@pytest.mark.parametrize(
    ("schema", "value", "path", "expected"),
    [
        ({"type": "integer"}, "a", (), [""]),
        ({"type": "integer"}, "a", ("inputs", "x"), ["/inputs/x"]),
        ({"type": "array", "items": {"type": "integer"}}, [1, "a", 2, None], ("x",), ["/x/1", "/x/3"]),
        ({"properties": {"a/b": {"properties": {"~": {"type": "integer"}}}}}, {"a/b": {"~": ""}}, (), ["/a~1b/~0"]),
        (BBOX, {"bbox": ["a", 2, 3]}, ("x",), ["/x/bbox", "/x/bbox/0"]),
        ({"required": ["a", "b"]}, {}, ("x",), ["/x", "/x"]),
    ],
)
def test_pointers(schema: dict[str, Any], value: Any, path: tuple[str, ...], expected: list[str]) -> None:
    """Every error has a pointer to its place below the given path."""
    assert [each.pointer for each in values.check(schema, value, *path)] == expected


@pytest.mark.parametrize(
    "schema", [{"type": "string", "pattern": "("}, {"$ref": "#/nowhere"}, {"properties": {"a": {"$ref": "#/b"}}}]
)
def test_schema_that_can_not_be_applied(schema: dict[str, Any]) -> None:
    """A schema that can't be applied refuses the value, with the reason."""
    [found] = values.check(schema, {"a": 1} if "properties" in schema else "a", "x")
    assert found.pointer == "/x"
    assert "can't be applied" in found.detail


@pytest.mark.parametrize(
    "schema",
    [
        *({}, {"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"$ref": "https://example.org/a.json"}),
        *({"type": "string", "format": "own", "contentMediaType": "image/png"}, BBOX, {"enum": [1], "nullable": True}),
    ],
)
def test_good_schema(schema: dict[str, Any]) -> None:
    """A schema of OGC's subset has no problem."""
    assert values.schema_problem(schema) is None


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"type": "text"}, "$.type"),
        ({"pattern": "("}, "$.pattern"),
        ({"minimum": "1"}, "$.minimum"),
        ({"multipleOf": 0}, "$.multipleOf"),
        ({"minLength": -1}, "$.minLength"),
        ({"required": "a"}, "$.required"),
        ({"oneOf": []}, "$.oneOf"),
        ({"enum": "a"}, "$.enum"),
        ({"properties": {"a": {"items": {"type": 5}}}}, "$.properties.a.items.type"),
        ({"format": 5}, "$.format"),
        case({"properties": {"exclusiveMinimum": {"type": 5}}}, "$.properties.exclusiveMinimum.type"),
        case({"minimum": 1, "exclusiveMinimum": "yes"}, "$.exclusiveMinimum"),
    ],
)
def test_bad_schema(schema: dict[str, Any], where: str) -> None:
    """A schema that no value could be checked with is named with the place of its error."""
    problem = values.schema_problem(schema)
    assert problem is not None
    assert problem.startswith(where)


@pytest.mark.parametrize(
    ("pattern", "fitting", "not_fitting"),
    [
        (r"^(a+)+$", "a" * 100_000, "a" * 100_000 + "b"),
        (r"^\d{4}$", "2024", "٢٠٢٤"),
        ("^a$", "a", "a\n"),
        (r"^\p{L}+$", "Zürich", "a1"),
        (r"^[\u00e4\/\-]$", "ä", "e4"),
        (r"^\\u00e4$", r"\u00e4", "ä"),
        (r"^(?<year>\d{4})-(?:0[1-9]|1[012])$", "2024-12", "2024-13"),
        ("^.{2}$", "🕺🕺", "🕺"),
        (r"^\{12345\}$", "{12345}", "12345"),
    ],
)
def test_pattern(pattern: str, fitting: str, not_fitting: str) -> None:
    """Patterns are read as ECMAScript has them, and take no longer than a text is long."""
    schema = {"type": "string", "pattern": pattern}
    begun = time.process_time()
    assert values.schema_problem(schema) is None
    assert values.fits(schema, fitting)
    assert values.check(schema, not_fitting)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"^(?=a)", "invalid perl operator: (?="),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("a{2000}", "invalid repetition size: {2000}"),
        ("a{99999999999999999999}", "invalid repetition size: {9999"),
        ("((a{100}){100}){100}", "invalid repetition size"),
        case("x" * 100_000, "pattern too large", name="long"),
    ],
)
def test_pattern_that_is_not_taken(pattern: str, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    """It says what is in its way, to the client only."""
    problem = values.schema_problem({"properties": {"a": {"pattern": pattern}}})
    assert problem is not None
    assert problem.startswith("$.properties.a.pattern: The pattern can't be applied: " + why)
    [error] = values.check({"pattern": pattern}, "a", "x")
    assert error.pointer == "/x"
    assert why in error.detail
    assert capfd.readouterr() == ("", "")


EQUAL: list[tuple[Any, Any]] = [
    *((1, 1.0), (-0.0, 0), (1e2, 100), (10**400, 10**400), ("a", "a"), (None, None), (True, True)),
    *(([1], [1.0]), ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1})),
]
UNEQUAL: list[tuple[Any, Any]] = [
    *((1, True), (0, False), (0, None), (1, "1"), (2**53 + 1, float(2**53)), ("a", "A"), ("", None)),
    *(([1], [True]), ([1, 2], [12]), (["a", "b"], ["a,b"]), ({"a": 1}, {"a": 2}), ({}, []), ({"a": 1}, [["a", 1]])),
    *((0.1, 0.1000000001), ({'a":1,"b': 1}, {"a": 1, "b": 1})),
]


@pytest.mark.parametrize(
    ("one", "other", "equal"), [(*each, True) for each in EQUAL] + [(*each, False) for each in UNEQUAL]
)
def test_unique_items(one: Any, other: Any, *, equal: bool) -> None:
    """Values are equal as JSON Schema has it: numbers by what they are, not by how they are written."""
    assert values.fits({"uniqueItems": True}, [one, "between", other]) is not equal
    assert values.fits({"uniqueItems": False}, [one, other])


@pytest.mark.parametrize(
    "items",
    [
        [each for number in range(20_000) for each in (number, str(number))],
        [number * (2**61 - 1) for number in range(40_000)],
        [[number] if number % 2 else {"a": number} for number in range(40_000)],
    ],
    ids=["mixed", "of one hash", "lists and objects"],
)
def test_many_unique_items(items: list[Any]) -> None:
    """Whatever they are, each is looked at once."""
    begun = time.process_time()
    assert values.fits({"uniqueItems": True}, items)
    assert not values.fits({"uniqueItems": True}, [*items, items[-1]])
    assert values.schema_problem({"required": items}) is not None
    assert time.process_time() - begun < 5
