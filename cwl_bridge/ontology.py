"""Of an ontology in RDF/XML or Turtle, what it says of formats that are others: `python -m cwl_bridge.ontology < FILE`,
or in a child of the warm process.

A process of its own, with the limits of a checker: EDAM alone has 31000 statements, and takes seconds to read. What
cwltool asks for when it compares formats are subclasses and equivalents that have names; these are written as
N-Triples, which are Turtle, in an order that does not depend on the file's. Ends with 1 where it can't be read.
"""

from __future__ import annotations

import logging
import os
import re
import sys

from cwl_bridge import checker

#: What an IRI can't have (RFC 3987), so that a line stays a line.
_NO_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`]')


def reduced(content: bytes) -> list[str]:
    """One line for each statement. Raises what rdflib raises for what is neither RDF/XML nor Turtle."""
    # Imported under the limits.
    from rdflib import Graph, URIRef  # noqa: PLC0415
    from rdflib.namespace import OWL, RDFS  # noqa: PLC0415

    logging.getLogger("rdflib").setLevel(logging.CRITICAL)
    graph = Graph()
    try:
        graph.parse(data=content, format="xml")
    except Exception:  # of the parser below, and of rdflib's own
        graph = Graph()
        graph.parse(data=content, format="turtle")
    return sorted(
        f"<{subject}> <{predicate}> <{object_}> ."
        for predicate in (RDFS.subClassOf, OWL.equivalentClass)
        for subject, object_ in graph.subject_objects(predicate)
        if isinstance(subject, URIRef)
        and isinstance(object_, URIRef)
        and not _NO_IRI.search(subject)
        and not _NO_IRI.search(object_)
    )


def main() -> int:
    checker.limit()
    os.chdir("/")
    try:
        lines = reduced(sys.stdin.buffer.read())
    except Exception as error:  # whatever it is, there is nothing to be had from the file
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
