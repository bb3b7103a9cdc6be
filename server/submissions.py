"""Execute requests → what is written down for the jobs that they make, or everything that is wrong with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from starlette.requests import Request

from cwl_bridge import inputs, launcher, overrides, ownresults, resources, secrecy, secretfiles
from cwl_bridge.errors import BridgeError, FieldError, InvalidInputsError, InvalidProcessError
from cwl_bridge.marks import Path
from cwl_bridge.ownresults import Taken
from cwl_bridge.work import Budget
from registry.models import JSON, ExecuteRequest, Job, Process, Secrets, Submission, new_job_id
from server import auth, chains, links, pins, representations, services
from server.services import Services
from server.taking import Taking

#: Of a batch so many are said at once.
MAX_ERRORS = 100


class Checked(NamedTuple):
    """What runs, and the job order for it, with masks in the place of secrets."""

    process: Process
    order: JSON
    #: The processes that it is made of, by its steps; of one that runs by itself no step is named.
    parts: dict[str, Process]
    #: By their names.
    secrets: dict[str, str]
    #: Where each stands in the request.
    places: list[Path]


@dataclass(frozen=True, kw_only=True)
class Check:
    """Whether inputs fit a process and what is asked of it."""

    request: Request
    process: Process
    asked: ExecuteRequest
    #: Whether there will be jobs.
    keep: bool
    #: Digests of documents with requirements of a request that have been found valid.
    _valid: set[str] = field(default_factory=set)
    #: What comparing the inputs of all executions may cost.
    _budget: Budget = field(default_factory=Budget)
    _taking: Taking = field(default_factory=Taking)

    async def of(self, given: JSON) -> Checked:
        """Raises where inputs, outputs and process do not fit each other.

        Where processes are among the inputs, what runs is a workflow. Requirements of the request are in both: a run
        makes its document from the process and the order.
        """
        with_services, processes_url = services.of(self.request), links.processes(self.request)
        process = self.process
        chain = await chains.chained(process, given, with_services, processes_url, auth.principal(self.request))
        if chain is not None:
            process, given = await chains.made(chain, with_services), chain.given
        results = await self._taking.of(self.request, process, given)
        try:
            order = await services.of(self.request).in_thread(self._order, process, given, results)
        except InvalidInputsError as error:
            error.errors = chain.of_request(error.errors) if chain else error.errors
            raise
        if overrides.are_in(process, order):
            process = await self._changed(process, order[overrides.NAME], with_services)
        resources.check(process.cwl, with_services.settings.machine)
        if chain is not None and self.keep:
            process = await chains.kept(process, chain, with_services)
        order, secrets = secrecy.parted(process.description, order)
        places: list[Path] = [chain.inputs[name] if chain else ("inputs", name) for name in secrets]
        return Checked(process, order, chain.parts if chain else {"": process}, secrets, places)

    def _order(self, process: Process, given: JSON, results: dict[str, Taken | str]) -> JSON:
        """Everything that is wrong with inputs and outputs, at once."""
        settings = services.of(self.request).settings
        errors: list[FieldError] = representations.check(process.description, self.asked.outputs)
        order: JSON = {}
        if overrides.are_in(process, given):
            given = dict(given)
            try:
                order[overrides.NAME] = overrides.read(process, given.pop(overrides.NAME))
            except BridgeError as error:
                errors = error.errors + errors
        try:
            base = f"{links.processes(self.request)}{process.id}"
            elsewhere = replace(settings.elsewhere, base=base, results=results)
            order |= inputs.order(process, given, settings.file_allow, elsewhere, self._budget)
        except InvalidInputsError as error:
            errors = error.errors + errors
        if errors:
            raise InvalidInputsError("The execute request does not fit the process.", errors)
        taken = {each.url: each.source for each in results.values() if isinstance(each, Taken)}
        if taken and self.keep:
            order[ownresults.MEMBER] = taken
        return order

    async def _changed(self, process: Process, more: list[JSON], with_services: Services) -> Process:
        """With the requirements of a request, held against all that a deploy is held against."""
        changed, text = overrides.applied(process, more)
        if changed.digest in self._valid:
            return changed
        overrides.check(changed, with_services.settings.policy)
        async with with_services.validations:
            try:
                await launcher.validate(with_services.engine, text)
            except InvalidProcessError as error:
                raise InvalidInputsError(str(error), [FieldError(f"/inputs/{overrides.NAME}", str(error))]) from error
        self._valid.add(changed.digest)
        return changed


async def submission(request: Request, found: Checked, sent: JSON | None, job: Job) -> Submission:
    """One execution. `job`: what is known of it beside the process."""
    process, order = found.process, found.order
    job = replace(
        job,
        revision=process.revision,
        needs=resources.needs(process.cwl),
        images=await pins.of_job(found.parts, services.of(request)),
    )
    if sent is None or not found.secrets:
        return Submission(job=job, order=order, definition=sent)
    file = secretfiles.name(job.id)
    given = list(zip(found.places, found.secrets.values(), strict=True))
    return Submission(
        job=job,
        order={**order, secrecy.MEMBER: file},
        definition=_masked(sent, found.places),
        secrets=Secrets(file=file, content={"runs": {job.id: found.secrets}, "given": given}),
    )


def _masked(sent: JSON, places: list[Path]) -> JSON:
    return secrecy.with_values(sent, [(each, secrecy.MASK) for each in places])


async def batch(request: Request, process: Process, sent: JSON, job: Job) -> Submission:
    """As many executions as there are inputs; every error of theirs at once, as far as they are not too many."""
    # Who waits for the end of the batch is not told of its parts.
    asked = replace(job.request, subscriber=None)
    check = Check(request=request, process=process, asked=asked, keep=True)
    errors: list[FieldError] = []
    executions: list[Submission] = []
    known: dict[str, Submission] = {}
    secrets = Secrets(file=secretfiles.name(job.id), content={"runs": {}, "given": []})
    for index, given in enumerate(sent["inputs"]):
        # Thousands of them keep nobody else waiting.
        await asyncio.sleep(0)
        try:
            found = await check.of(given)
        except BridgeError as error:
            error.errors = [_placed(each, index) for each in error.errors]
            if not isinstance(error, InvalidInputsError):
                raise
            errors += [each for each in error.errors if each not in errors]
            if len(errors) >= MAX_ERRORS:
                break
            continue
        part = replace(job, id=new_job_id(), request=asked, parent=job.id, listed=False)
        if found.process.digest not in known:
            known[found.process.digest] = await submission(request, found, None, part)
        alike = known[found.process.digest].job
        said = replace(part, revision=alike.revision, needs=alike.needs, images=alike.images)
        executions.append(Submission(job=said, order=_noted(secrets, found, said, index), definition=None))
    if errors:
        raise InvalidInputsError("The execute request does not fit the process.", errors[:MAX_ERRORS])
    gathering = replace(job, revision=process.revision, batch=len(executions))
    given = secrets.content["given"]
    return Submission(
        job=gathering,
        order=None,
        definition=_masked(sent, [place for place, _ in given]),
        executions=tuple(executions),
        secrets=secrets if given else None,
    )


def _noted(secrets: Secrets, found: Checked, job: Job, index: int) -> JSON:
    """The order of an execution, whose secrets are among those of the batch."""
    if not found.secrets:
        return found.order
    secrets.content["runs"][job.id] = found.secrets
    values = zip(found.places, found.secrets.values(), strict=True)
    secrets.content["given"] += [((place[0], index, *place[1:]), value) for place, value in values]
    return {**found.order, secrecy.MEMBER: secrets.file}


def _placed(error: FieldError, index: int) -> FieldError:
    """In the inputs of that index, where it is in inputs."""
    head, rest = "/inputs", error.pointer.removeprefix("/inputs")
    inside = error.pointer == head or error.pointer.startswith(f"{head}/")
    return replace(error, pointer=f"{head}/{index}{rest}") if inside else error
