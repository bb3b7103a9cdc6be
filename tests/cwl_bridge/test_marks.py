"""Places in texts: JSON and YAML as people and machines write them."""

from __future__ import annotations

import pytest

from cwl_bridge import document, marks
from cwl_bridge.marks import Path, Source
from tests.cwl_bridge.cases import case

BLOCK = """\
# a comment
class: Workflow
inputs:
  "a b": int
  c#d:
    type: [int, 'string']   # a list
  e:
steps:
- id: '#main/one'
  run: one.cwl
-
  id: two
  in: {x: a, y:   b}
"""

FLOW = (
    '{\n\t"class": "Workflow",\r\n\t"in\\u0070uts": {"a/b": [1, {"é": "😀", "x": null}]},\n'
    '\t"steps": [{"id": "one"}]\n}'
)


@pytest.mark.parametrize(
    ("text", "path", "of_name", "place"),
    [
        case(BLOCK, (), False, (2, 1), name="the whole"),
        case(BLOCK, ("class",), False, (2, 8), name="a value"),
        case(BLOCK, ("class",), True, (2, 1), name="its name"),
        case(BLOCK, ("inputs",), False, (3, 1), name="an object, by its name"),
        case(BLOCK, ("inputs", "a b"), False, (4, 10), name="a quoted name with a blank"),
        case(BLOCK, ("inputs", "c#d", "type", 1), False, (6, 17), name="an item in a line"),
        case(BLOCK, ("inputs", "e"), False, (7, 3), name="nothing, by its name"),
        case(BLOCK, ("inputs", "nowhere", "type"), True, (3, 1), name="what is not there, by what is around it"),
        case(BLOCK, ("steps", 0), False, (9, 3), name="an item"),
        case(BLOCK, ("steps", "0", "run"), False, (10, 8), name="an index as a pointer has it"),
        case(BLOCK, ("steps", 1), False, (12, 3), name="an item below its hyphen"),
        case(BLOCK, ("steps", "one", "run"), False, (10, 8), name="an item by its id"),
        case(BLOCK, ("steps", "two", "in", "y"), False, (13, 19), name="in a flow"),
        case(BLOCK, ("steps", 7), False, (8, 1), name="an item too many"),
        case(FLOW, (), False, (1, 1), name="JSON: the whole"),
        case(FLOW, ("class",), False, (2, 11), name="JSON: a tab is one column"),
        case(FLOW, ("inputs",), False, (3, 2), name="JSON: an escaped name"),
        case(FLOW, ("inputs", "a/b", 1, "é"), False, (3, 35), name="JSON: a value"),
        case(FLOW, ("inputs", "a/b", 1, "x"), False, (3, 45), name="JSON: characters, not bytes"),
        case(FLOW, ("inputs", "a/b", 1, "x"), True, (3, 40), name="JSON: a name"),
        case(FLOW, ("steps", "one"), False, (4, 12), name="JSON: an item by its id"),
        case(FLOW, ("class", "further"), False, (2, 11), name="JSON: below a text"),
        case("\n [1,\n2]", (1,), False, (3, 1), name="JSON: a list"),
        case("a: 1\r\nb: 2\r\n", ("b",), False, (2, 4), name="lines of Windows"),
        case("a: 1\u2028\nb: 2\n", ("b",), False, (2, 4), name="a line separator ends no line"),
        case("a: &x {y: 1}\nb: *x\n", ("b", "y"), False, (1, 11), name="an alias, where it is said"),
        case("a: [\n", ("a",), False, None, name="no YAML"),
    ],
)
def test_a_path_leads_to_a_line_and_a_column(
    text: str, path: Path, of_name: bool, place: tuple[int, int] | None
) -> None:
    """Both from 1; columns count characters."""
    assert Source(text).place(path, of_name=of_name) == place


def test_every_place_of_a_written_document() -> None:
    """What `write_yaml` wrote, by lines and columns."""
    text = document.write_yaml({"a": {"b": [1, {"c d": "x"}]}, "e": []})

    assert dict(marks.paths(text)) == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", "b"): (2, 3),
        ("a", "b", 0): (3, 7),
        ("a", "b", 1): (4, 7),
        ("a", "b", 1, "c d"): (4, 7),
        ("e",): (5, 1),
    }


def test_places_in_large_texts() -> None:
    """Neither depth nor length of what stands before it keeps a place from being found."""
    deep = '{"a": ' + "[" * 900 + "]" * 900 + ', "b": 1}'
    long = '{"' + "k" * 5000 + '": 1, "b": "' + "v" * 100_000 + '",\n"c": 2}'

    assert Source(deep).place(("b",)) == (1, deep.index("1}") + 1)
    assert Source(long).place(("c",)) == (2, 6)
