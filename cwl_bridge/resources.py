"""What a document reserves of the machine, for admission. Pure.

Whatever an expression decides counts as the default here; it is known only when the tool is about to run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from cwl_bridge import levels, policy
from cwl_bridge.errors import FieldError, ResourcesExceedError, pointer
from cwl_bridge.levels import Where
from registry.models import JSON, Needs

DEFAULT_CORES = 1
DEFAULT_MEMORY = 256
#: CWL v1.0 has another.
DEFAULT_MEMORY_V1_0 = 1024


def needs(cwl: JSON) -> Needs:
    """The most that any CommandLineTool in it reserves: a run carries out one step at a time."""
    asked = [each for each, _ in _of_tools(cwl)]
    return Needs(
        cores=max((each.cores for each in asked), default=0), memory=max((each.memory for each in asked), default=0)
    )


def check(cwl: JSON, machine: Needs) -> None:
    """Raises ResourcesExceedError with a pointer to each requirement that asks for more than there is."""
    # Several tools may inherit the same one.
    errors = dict.fromkeys(
        FieldError(pointer(*where), _exceeding(asked, machine))
        for asked, where in _of_tools(cwl)
        if not asked.within(machine)
    )
    if errors:
        raise ResourcesExceedError(_exceeding(needs(cwl), machine), list(errors))


def _of_tools(cwl: JSON) -> Iterator[tuple[Needs, Where]]:
    """What each tool reserves, and the place of the requirement that says so; of the tool itself where none does."""
    memory = DEFAULT_MEMORY_V1_0 if cwl.get("cwlVersion") == "v1.0" else DEFAULT_MEMORY
    for level in levels.walk(cwl):
        if level.kind == "CommandLineTool":
            body, where = level.in_force("ResourceRequirement") or ({}, level.where)
            yield (
                Needs(
                    cores=_least(body, "cores", DEFAULT_CORES),
                    memory=math.ceil(_least(body, "ram", memory)),
                ),
                where,
            )


def _least(body: JSON, name: str, default: float) -> float:
    """As cwltool has it: the minimum, or where only a maximum is given that; 0 is as good as not given."""
    amount = body.get(f"{name}Min") or body.get(f"{name}Max")
    return amount if amount and policy.is_amount(amount) else default


def _exceeding(asked: Needs, machine: Needs) -> str:
    return (
        f"{asked.cores} cores and {asked.memory} MiB of memory are asked for; "
        f"this server has {machine.cores} cores and {machine.memory} MiB."
    )
