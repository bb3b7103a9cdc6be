"""Execute requests with processes among their inputs, and those that become processes: what they name is looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from cwl_bridge import chaining, launcher, nested, workflows
from cwl_bridge.chaining import Chain
from cwl_bridge.errors import FieldError, InvalidProcessError, TooComplexError
from cwl_bridge.nested import MismatchError
from cwl_bridge.package import Package
from registry.errors import ProcessNotFoundError
from registry.models import JSON, Principal, Process
from server.services import Services


async def deployed(package: Package, with_services: Services, processes_url: str, who: Principal) -> Package:
    """A package whose request has become a workflow. Raises WorkflowError.

    `who`: whose processes it may be made of.
    """
    known = await _known(package.request or {}, with_services, processes_url, who)
    package.files.kept |= await _contents([each.cwl for each in known.values()], with_services)
    settings = with_services.settings
    return await with_services.in_thread(
        workflows.package, package, known, processes_url, settings.file_allow, settings.elsewhere
    )


async def chained(
    top: Process, given: JSON, with_services: Services, processes_url: str, who: Principal
) -> Chain | None:
    """The workflow that an execute request is; None: its inputs are values. Raises WorkflowError."""
    request = {"process": top.id, "inputs": given}
    if not nested.is_chained(top, given, processes_url):
        return None
    known = await _known(request, with_services, processes_url, who)
    return await with_services.in_thread(chaining.chain, request, top, known, processes_url)


async def made(chain: Chain, with_services: Services) -> Process:
    """The workflow as a process that no id leads to. Raises MismatchError."""
    contents = await _contents(chain.documents.values(), with_services)
    with _blaming_the_request():
        return await with_services.in_thread(workflows.process, chain, with_services.settings.policy, contents)


async def kept(process: Process, chain: Chain, with_services: Services) -> Process:
    """The same, valid for cwltool, on disk and with its revision. Raises MismatchError."""
    documents = with_services.documents
    # What lies there has been found valid before.
    if not await with_services.in_thread(documents.text(process.digest).exists):
        text = process.package.decode()
        async with with_services.validations:
            with _blaming_the_request():
                try:
                    await launcher.validate(with_services.engine, text)
                except InvalidProcessError as error:
                    chain.move(error)
                    raise
        # The files that it names are those of its processes, and on disk.
        await with_services.in_thread(documents.keep, process.digest, text, {})
    revision = await with_services.processes.add_unlisted(process)
    return await with_services.processes.revision(revision)


async def _contents(documents: Iterable[JSON], with_services: Services) -> dict[str, bytes]:
    """The files that they name, by their digests."""
    found: dict[str, bytes] = {}
    for each in documents:
        found |= await with_services.in_thread(with_services.documents.contents, each)
    return found


@contextmanager
def _blaming_the_request() -> Iterator[None]:
    """A workflow that cwltool refuses is one whose parts do not meet: each of them was valid."""
    try:
        yield
    except (InvalidProcessError, TooComplexError) as error:
        raise MismatchError(error.errors or [FieldError("", str(error))]) from error


async def _known(request: JSON, with_services: Services, processes_url: str, who: Principal) -> dict[str, Process]:
    found = {}
    for name in nested.ids(request, processes_url)[: chaining.MAX_PROCESSES]:
        with suppress(ProcessNotFoundError):
            found[name] = await with_services.processes.visible(name, who)
    return found
