"""Ontologies → what they say of formats."""

from __future__ import annotations

import pytest

from cwl_bridge import ontology

SUB = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
SAME = "<http://www.w3.org/2002/07/owl#equivalentClass>"

TURTLE = b"""
@prefix : <http://e.x/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
:b rdfs:subClassOf :a , [ a owl:Restriction ] ; rdfs:label "B" .
:a owl:equivalentClass <http://e.x/\xc3\xa4> ; owl:disjointWith :c .
"""
XML = b"""<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
  <rdf:Description rdf:about="http://e.x/b"><rdfs:subClassOf rdf:resource="http://e.x/a"/>
  <rdfs:label>&e;</rdfs:label></rdf:Description>
</rdf:RDF>"""


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (TURTLE, [f"<http://e.x/a> {SAME} <http://e.x/ä> .", f"<http://e.x/b> {SUB} <http://e.x/a> ."]),
        (XML, [f"<http://e.x/b> {SUB} <http://e.x/a> ."]),
        (b"", []),
        (b"@prefix : <http://e.x/> . :a :b :c .", []),
    ],
)
def test_what_is_left(content: bytes, lines: list[str]) -> None:
    """Subclasses and equivalents that have names; of what is left, the same is left."""
    assert ontology.reduced(content) == lines
    assert ontology.reduced("".join(f"{line}\n" for line in lines).encode()) == lines


@pytest.mark.parametrize("content", [b"<html><p>", b"{}", b"\x00\xff", b'{"@context": "http://127.0.0.1:9/"}'])
def test_what_is_no_ontology(content: bytes) -> None:
    """Is told; nothing is fetched for it."""
    # rdflib raises a dozen types.
    with pytest.raises(Exception, match=r"(?s)."):
        ontology.reduced(content)
