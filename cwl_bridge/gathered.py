"""The results of a batch: of each output an array, with what each execution gives in the order of the inputs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cwl_bridge import outputs
from cwl_bridge.outputs import JSON_TYPE, Literal, Members, Result, Several, Stored
from registry.models import Job, ProcessDescription

#: An execution that does not give an output keeps its place among the others.
_NOTHING = Literal(value=None, media_type=JSON_TYPE)


def results(description: ProcessDescription, job: Job, executions: Sequence[Job]) -> dict[str, Result]:
    """As `outputs.results`. `executions`: those of a batch; none of any other job."""
    if job.batch is None:
        return outputs.results(description, job)
    found = [outputs.results(description, each) for each in executions]
    return {
        name: _array(name, [each.get(name, _NOTHING) for each in found])
        for name in description.outputs
        if any(name in each for each in found)
    }


def _array(name: str, items: list[Result]) -> Result:
    literals = [each for each in items if isinstance(each, Literal)]
    if len(literals) == len(items):
        return Literal(value=[each.value for each in literals], media_type=JSON_TYPE)
    return Several(items=tuple(_moved(each, (name, str(index))) for index, each in enumerate(items)))


def _moved(result: Result, place: tuple[str, str]) -> Result:
    """Below its place in the batch, in the place of its output."""
    match result:
        case Stored():
            beside = tuple(_stored(each, place) for each in result.beside)
            return replace(_stored(result, place), beside=beside)
        case Several():
            return Several(items=tuple(_moved(each, place) for each in result.items))
        case Members():
            return Members(fields={key: _moved(each, place) for key, each in result.fields.items()})
        case Literal():
            return result


def _stored(result: Stored, place: tuple[str, str]) -> Stored:
    return replace(result, segments=(*place, *result.segments[1:]))
