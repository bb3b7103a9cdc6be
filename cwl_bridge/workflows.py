"""The workflow of an execute request → a process: a package that is deployed, or that of one execution. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from cwl_bridge import chaining, describe, document, inputs, nested, policy, resolve, secrecy, secretports
from cwl_bridge.chaining import Chain
from cwl_bridge.elsewhere import Elsewhere
from cwl_bridge.errors import BridgeError, FieldError, InvalidInputsError, pointer
from cwl_bridge.nested import WorkflowError
from cwl_bridge.package import Package
from cwl_bridge.packagefiles import Files
from cwl_bridge.policy import Policy
from registry.models import JSON, Parameter, Process, ProcessDescription

#: What the workflow is called among the files of its package; no process can be called so.
_MAIN = "(workflow)"
#: What only whoever runs the workflow can make ready.
_FETCHED = ("location", "stac", "$reference", "remote", "collection")


def package(
    sent: Package, known: Mapping[str, Process], processes_url: str, folders: tuple[str, ...], elsewhere: Elsewhere
) -> Package:
    """The package with a workflow in the place of its request. `known`: the processes that this names, by id.

    Raises WorkflowError with a pointer for each thing that is wrong.
    """
    request: JSON = sent.request or {}
    with sent.placing_errors():
        top_id = nested.local_id(request["process"], processes_url)
        top = known.get(top_id or "")
        if top is None:
            raise WorkflowError([nested.no_process(request["process"], local=top_id is not None)])
        chain = _fixed(chaining.chain(request, top, known, processes_url, deployed=True), top, folders, elsewhere)
    return replace(sent, unit=chain.cwl, files=_files(chain, sent.files.kept), main=_MAIN, entry=None, chain=chain)


def _files(chain: Chain, kept: dict[str, bytes]) -> Files:
    files = Files(registered=chain.documents, kept=kept)
    files.put(_MAIN, chain.cwl)
    return files


def process(chain: Chain, allowed: Policy, kept: dict[str, bytes]) -> Process:
    """The workflow of one execution, its text as its package. Raises BridgeError with pointers into the request.

    `kept`: the files of its processes, by their digests.
    """
    try:
        files = _files(chain, kept)
        cwl = resolve.process(files, _MAIN)
        policy.check(cwl, allowed)
        cwl = secretports.settled(cwl)
    except BridgeError as error:
        chain.move(error)
        raise
    text = document.write_yaml(cwl)
    return Process(
        description=chain.description,
        cwl=cwl,
        digest=document.digest(text),
        package=text.encode(),
        media_type="application/cwl+yaml",
    )


def description(sent: Package, chain: Chain, process_id: str | None) -> ProcessDescription:
    """What the processes say of the inputs and outputs, with what was sent along merged over it."""
    given = sent.given
    merged: JSON = {}
    for kind, own in (("inputs", chain.description.inputs), ("outputs", chain.description.outputs)):
        said = given.get(kind)
        said = said if isinstance(said, dict) else {}
        for name in said:
            if name not in own:
                known = ", ".join(own) or "none"
                raise describe.invalid(f"The workflow has no '{name}'; there are: {known}.", kind, name)
        merged[kind] = {
            name: {**each.to_json(), **(said[name] if isinstance(said.get(name), dict) else {})}
            for name, each in own.items()
        }
    fallback = process_id or sent.named_by_file or "workflow-" + hashlib.sha256(sent.body).hexdigest()[:12]
    found = describe.from_package({"id": fallback, **given, **merged})
    for name, value in chain.defaults.items():
        # What gives the value fits the input, though it is none of its values itself.
        one = found.inputs[name]
        found.inputs[name] = replace(one, schema={**one.schema, "default": value}, min_occurs=0)
    return found


def _fixed(chain: Chain, top: Process, folders: tuple[str, ...], elsewhere: Elsewhere) -> Chain:
    """With the values that the request gives in their places: in steps, or as defaults where a runner fetches them."""
    own = {name: each for name, each in chain.description.inputs.items() if name not in chain.declared}
    given = replace(top, cwl=chain.cwl, description=replace(chain.description, inputs=own))
    secret = [name for name in secrecy.names(given.description) if name in chain.given]
    if secret:
        detail = "A secret is no part of a workflow that is deployed; {'$input': name} leaves it to who executes it."
        raise WorkflowError(chain.of_request([FieldError(pointer("inputs", name), detail) for name in secret]))
    try:
        order = inputs.order(given, chain.given, folders, elsewhere)
    except InvalidInputsError as error:
        raise WorkflowError(chain.of_request(error.errors)) from error
    cwl = deepcopy(chain.cwl)
    left: dict[str, Parameter] = dict(chain.description.inputs)
    defaults: JSON = {}
    for name in own:
        ((step, port),) = chain.targets[name]
        place = cwl["steps"][step]["in"]
        if name not in order:
            del place[port], cwl["inputs"][name], left[name]
        elif not _is_fetched(order[name]) and place[port] == {"source": name}:
            place[port] = {"default": order[name]}
            del cwl["inputs"][name], left[name]
        else:
            defaults[name] = chain.given[name]
    return replace(chain, cwl=cwl, description=replace(chain.description, inputs=left), defaults=defaults)


def _is_fetched(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_fetched, value))
    if not isinstance(value, dict):
        return False
    return any(each in value for each in _FETCHED) or any(map(_is_fetched, value.values()))
