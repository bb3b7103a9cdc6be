"""Requirements in an execute request, `cwl:requirements` (CWL v1.2, section 4.2) → the document with them. Pure.

A request may say how a process is to run, not what it is: neither its image nor its command, nor whether it has the
network. Whoever may execute a process need not be one who may deploy any.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cwl_bridge import document, levels, policy
from cwl_bridge.errors import BridgeError, FieldError, InvalidInputsError, InvalidProcessError, path_of, pointer
from cwl_bridge.policy import Policy
from registry.models import JSON, Process

#: The member of the inputs, and of the job order.
NAME = "cwl:requirements"

_TAKEN = ("EnvVarRequirement", "LoadListingRequirement", "ResourceRequirement", "ToolTimeLimit", "WorkReuse")


def are_in(process: Process, given: JSON) -> bool:
    """Whether inputs or an order have them; an input of that name is an input."""
    return NAME in given and NAME not in process.description.inputs


def read(process: Process, given: Any) -> list[JSON]:
    """Those of a request as a list. Raises InvalidInputsError."""
    if process.cwl["cwlVersion"] == "v1.0":
        raise _refusal("Documents of CWL v1.0 take no requirements from a request.")
    found: list[JSON] = []
    try:
        listed = list(levels.requirements({"requirements": given}, "requirements", ()))
    except InvalidProcessError as error:
        raise _refusal(str(error), *path_of(error.errors[0].pointer)[1:]) from error
    for name, body, (_, *at) in listed:
        if name not in _TAKEN:
            detail = f"A request can't have {name[:100]!r}; it may have {', '.join(_TAKEN)}."
            raise _refusal(detail, *at)
        if any(each["class"] == name for each in found):
            raise _refusal(f"{name} is there twice.", *at)
        found.append({"class": name, **body})
    return found


def applied(process: Process, requirements: list[JSON]) -> tuple[Process, str]:
    """The process as it runs with them, and the text of its document: each in the place of that of its class."""
    own = process.cwl.get("requirements") or {}
    classes = {each["class"] for each in requirements}
    if isinstance(own, dict):
        named = {each["class"]: {key: one for key, one in each.items() if key != "class"} for each in requirements}
        merged: Any = {**own, **named}
    else:
        merged = [*(each for each in own if each.get("class") not in classes), *requirements]
    # Before inputs and outputs, as people write them, where it had none.
    cwl = {**{name: process.cwl[name] for name in ("cwlVersion", "class")}, "requirements": merged}
    cwl = {**cwl, **process.cwl, "requirements": merged}
    text = document.write_yaml(cwl)
    return replace(process, cwl=cwl, digest=document.digest(text)), text


def check(process: Process, allowed: Policy) -> None:
    """Raises InvalidInputsError where the process with its requirements is none that could be deployed."""
    try:
        policy.check(process.cwl, allowed)
    except BridgeError as error:
        raise _refusal(str(error)) from error


def _refusal(detail: str, *where: str | int) -> InvalidInputsError:
    return InvalidInputsError(detail, [FieldError(pointer("inputs", NAME, *where), detail)])
