"""Queries → execute requests: values in each of their forms, and what can't be meant."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote

import pytest

from registry.models import Parameter, ProcessDescription, ProcessId
from server import kvp
from server.problems import ProblemError

BBOX = {"allOf": [{"format": "ogc-bbox"}, {"type": "object", "properties": {"bbox": {"type": "array"}}}]}
IMAGE = {"type": "string", "contentEncoding": "binary", "contentMediaType": "image/png"}
FILE_OBJECT = {"type": "object", "properties": {"class": {"type": "string", "enum": ["File"]}}}

SCHEMAS: dict[str, Any] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "integer"}},
    "words": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
    "mixed": {"oneOf": [{"type": "string"}, {"type": "object"}]},
    "numberOrText": {"oneOf": [{"type": "number"}, {"type": "string"}]},
    "any": {},
    "box": BBOX,
    "image": {"oneOf": [IMAGE, FILE_OBJECT]},
    "folder": {"oneOf": [{"type": "string", "format": "directory"}, {"type": "object"}]},
    "f": {"type": "string"},
    "response": {"type": "string"},
    "Case": {"type": "string"},
    "case": {"type": "string"},
    "brackets[value]": {"type": "string"},
    "both": {"type": "string"},
}
MANY: dict[str, Any] = {
    "colours": {"type": "string"},
    "numbers": {"type": "number"},
    "objects": {"type": "object"},
    "arrays": {"type": "array", "items": {"type": "integer"}},
    "images": {"oneOf": [IMAGE, FILE_OBJECT]},
    "boxes": BBOX,
}
DESCRIPTION = ProcessDescription(
    id=ProcessId("p"),
    version="1.0.0",
    inputs={name: Parameter(schema=each) for name, each in SCHEMAS.items()}
    | {name: Parameter(schema=each, max_occurs=None) for name, each in MANY.items()},
    outputs={name: Parameter(schema={"type": "string"}) for name in ("o", "other", "both")},
)

GML = '{"value":"<gml>a,b</gml>","mediaType":"application/gml+xml; version=3.2"}'


def read(query: str) -> kvp.Query:
    return kvp.read(parse_qsl(query, keep_blank_values=True), DESCRIPTION)


@pytest.mark.parametrize(
    ("query", "inputs"),
    [
        ("", {}),
        ("text=String+value", {"text": "String value"}),
        ("text=", {"text": ""}),
        ("text=5", {"text": "5"}),
        ("text=a,b", {"text": "a,b"}),
        ('text={"value":1}', {"text": '{"value":1}'}),
        ("TEXT=a", {"text": "a"}),
        ("number=3.14159&whole=-2&flag=true", {"number": 3.14159, "whole": -2, "flag": True}),
        ("number=NaN", {"number": "NaN"}),
        ("number=1e999", {"number": "1e999"}),
        ("number=true", {"number": "true"}),
        ("flag=True", {"flag": "True"}),
        ("whole=1.5", {"whole": 1.5}),
        ("list=[1,2,4,10,7]", {"list": [1, 2, 4, 10, 7]}),
        ("list=1,2", {"list": [1, 2]}),
        ("list=[]", {"list": []}),
        ("list=1,x", {"list": [1, "x"]}),
        ("words=[a]", {"words": ["a"]}),
        ("words=TMAX,TMIN", {"words": ["TMAX", "TMIN"]}),
        ('words=["a,b"]', {"words": ["a,b"]}),
        ('object={"value":{"a":1}}', {"object": {"value": {"a": 1}}}),
        ('object={"a":1,"a":2}', {"object": '{"a":1,"a":2}'}),
        ('mixed={"value":{"a":1}}&numberOrText=7', {"mixed": {"value": {"a": 1}}, "numberOrText": 7}),
        ("mixed=abc&numberOrText=abc", {"mixed": "abc", "numberOrText": "abc"}),
        ("any=5", {"any": 5}),
        ("any=abc", {"any": "abc"}),
        ("box=51.9,7,52,7.1", {"box": {"bbox": [51.9, 7, 52, 7.1]}}),
        ("box=51.9,7,52,7.1&box[crs]=urn:x", {"box": {"bbox": [51.9, 7, 52, 7.1], "crs": "urn:x"}}),
        ('box={"bbox":[1,2,3,4]}', {"box": {"bbox": [1, 2, 3, 4]}}),
        ("box=1,2,x,4", {"box": "1,2,x,4"}),
        ("image=aGk%3D", {"image": "aGk="}),
        (
            "image[value]=aGk%3D&image[mediaType]=image/png&image[encoding]=base64",
            {"image": {"value": "aGk=", "mediaType": "image/png", "encoding": "base64"}},
        ),
        (
            f"image={quote(GML)}",
            {"image": {"value": "<gml>a,b</gml>", "mediaType": "application/gml+xml; version=3.2"}},
        ),
        (
            "image[href]=http://x/i.png&image[type]=image/png&IMAGE[title]=t",
            {"image": {"href": "http://x/i.png", "type": "image/png", "title": "t"}},
        ),
        ('folder={"href":"http://x/"}', {"folder": {"href": "http://x/"}}),
        ('object[value]={"a":1}&object[schema]=http://x', {"object": {"value": {"a": 1}, "schema": "http://x"}}),
        ("f=a&response=b", {"f": "a", "response": "b"}),
        ("Case=a&case=b", {"Case": "a", "case": "b"}),
        ("brackets[value]=a", {"brackets[value]": "a"}),
        ("colours=blue,green", {"colours": ["blue", "green"]}),
        ("colours=blue", {"colours": ["blue"]}),
        ("colours=blue&colours=red,green", {"colours": ["blue", "red", "green"]}),
        ('colours=["a,b","c"]', {"colours": ["a,b", "c"]}),
        ("numbers=1,2.5", {"numbers": [1, 2.5]}),
        ('objects={"a":1},{"a":2}', {"objects": [{"a": 1}, {"a": 2}]}),
        ('objects=[{"a":1},{"a":2}]', {"objects": [{"a": 1}, {"a": 2}]}),
        ("arrays=[1,2,3],[6,7,8]", {"arrays": [[1, 2, 3], [6, 7, 8]]}),
        ("arrays=[1,2,3]", {"arrays": [[1, 2, 3]]}),
        ('images={"href":"http://x/1"},{"href":"http://x/2"}', {"images": [{"href": f"http://x/{n}"} for n in (1, 2)]}),
        ("boxes=1,2,3,4", {"boxes": [{"bbox": [1, 2, 3, 4]}]}),
        ("boxes=1,2,3,4&boxes=5,6,7,8", {"boxes": [{"bbox": [1, 2, 3, 4]}, {"bbox": [5, 6, 7, 8]}]}),
    ],
)
def test_inputs(query: str, inputs: dict[str, Any]) -> None:
    """What the schema lets a value be; what it can't be stays text, and is refused with the others' errors."""
    assert read(query).document == {"inputs": inputs}


@pytest.mark.parametrize(
    ("query", "outputs"),
    [
        ("o[include]=true", {"o": {}}),
        ("O[include]=true&other[include]=true", {"o": {}, "other": {}}),
        ("o[include]=false", {"other": {}, "both": {}}),
        ("o[include]=true&other[include]=false", {"o": {}}),
        ("o[include]=false&other[include]=false&both[include]=false", {}),
        ("o[include]=true&o[mediaType]=text/plain", {"o": {"format": {"mediaType": "text/plain"}}}),
        (
            'o[include]=true&o[encoding]=base64&o[schema]={"type":"string"}',
            {"o": {"format": {"encoding": "base64", "schema": {"type": "string"}}}},
        ),
        (
            "both[include]=true&both[mediaType]=text/plain&both=a",
            {"both": {"format": {"mediaType": "text/plain"}}},
        ),
        ("both[include]=true&both[value]=a&both[mediaType]=text/plain", {"both": {}}),
    ],
)
def test_outputs(query: str, outputs: dict[str, Any]) -> None:
    """Those that are included, or those that are not left out."""
    assert read(query).document["outputs"] == outputs


def test_what_stands_for_headers() -> None:
    """response[f] and response[prefer]; an input of the same name is another matter, and so is the profile."""
    found = read("response[f]=image/png;q=0.8,image/jpeg&response[prefer]=wait=5, respond-async&response=a&profile=x")

    assert (found.accept, found.prefer) == ("image/png;q=0.8,image/jpeg", ("wait=5, respond-async",))
    assert found.document == {"inputs": {"response": "a"}}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("none=1", "the inputs are: text, number,"),
        ("none=1", "with [include]: o, other, both"),
        ("none[href]=1", "'none[href]'"),
        ("text[none]=1", "'text[none]'"),
        ("text[]=1", "'text[]'"),
        ("o=1", "'o'"),
        ("CASE=1", "it could be any of Case, case"),
        ("text=1&text=2", "'text': it is given twice"),
        ("text=1&TEXT=2", "'text': it is given twice"),
        ("text=1&text[value]=2", "given twice"),
        ("image=1&image[href]=http://x", "no value beside it"),
        ("image[type]=image/png", "image[href] is missing"),
        ("image[mediaType]=image/png", "image[href] is missing"),
        ("image=a&image[type]=image/png", "image[href] is missing"),
        ("text=a&text[crs]=urn:x", "no bounding box"),
        ("o[mediaType]=text/plain", "'o[include]': it is missing"),
        ("o[include]=yes", "true or false is expected"),
        ("o[include]=true&o[include]=true", "given twice"),
        ("response[f]=a&response[f]=b", "given twice"),
        ("=1", "''"),
        ("[href]=1", "'[href]'"),
    ],
)
def test_refused(query: str, named: str) -> None:
    """With the name of the parameter, and what would be right."""
    with pytest.raises(ProblemError) as caught:
        read(query)

    assert caught.value.name == "invalid-query-parameter-value"
    assert named in str(caught.value)
