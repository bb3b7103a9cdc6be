"""The ASGI application: routes, problem handlers, and the lifespan that opens what they work with."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Scope

from cwl_bridge import busybox, deploy, digests, engines, runtimes
from cwl_bridge.addresses import Allowed
from cwl_bridge.asked import RunSettings
from cwl_bridge.ballast import Ballast
from cwl_bridge.containers import ContainerEngine, ImageUnavailableError
from cwl_bridge.digests import Digests
from cwl_bridge.documents import Documents
from cwl_bridge.errors import ContainerEngineError
from cwl_bridge.policy import Policy
from cwl_bridge.retention import Retention
from cwl_bridge.secretfiles import SecretFiles
from cwl_bridge.supervisor import Supervisor
from registry import audit, idempotency, quotas
from registry.batches import Batches
from registry.database import Database
from registry.errors import RegistryError
from registry.job_queue import JobQueue
from registry.jobs import Jobs
from registry.outbox import Outbox
from registry.processes import Processes
from registry.quotas import Quotas
from registry.shares import Shares
from registry.tokens import Tokens
from server import auth, browser, links, routing, signing
from server.auth import Authentication, Authenticator
from server.cached import Cached
from server.callbacks import Callbacks
from server.conditional import Conditional
from server.cursors import Cursors
from server.notices import Notices
from server.openapi.definitions import Definitions
from server.problems import HANDLERS
from server.routes import ENDPOINTS
from server.sending import Sender
from server.services import Draining, Services
from server.settings import Settings, SettingsError
from server.turns import Lasting, Turns

_log = logging.getLogger("cwl_processes")

FORGET_SECONDS = 3600

#: Threads: for calls that wait for the disk or the container engine, and for documents that are fetched.
THREADS, FETCHES = 32, 8

EXPOSED_HEADERS = [
    "Location",
    "Link",
    "Preference-Applied",
    "Content-Disposition",
    "Content-ID",
    "Retry-After",
    "ETag",
    "Last-Modified",
    "Content-Range",
    "Accept-Ranges",
    "Content-Location",
    "Allow",
    "WWW-Authenticate",
]


def create_app(settings: Settings) -> Starlette:
    app = Starlette(
        routes=list(routing.routes(ENDPOINTS)),
        exception_handlers=HANDLERS,
        lifespan=_lifespan,
        middleware=[
            *_cors(settings),
            Middleware(Authentication, each_minute=settings.max_requests, bad_tokens=settings.max_bad_tokens),
            Middleware(Conditional),
            Middleware(Cached, version=_version),
            Middleware(browser.Safe),
            Middleware(routing.Holding),
        ],
    )
    # A slash too many is a path that is not there (server/problems.py).
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.endpoints = ENDPOINTS
    app.state.paths = links.paths(ENDPOINTS)
    return app


def _cors(settings: Settings) -> list[Middleware]:
    allowed = browser.cors_origins(settings)
    if not allowed:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=allowed,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )
    ]


def _version(scope: Scope) -> int | None:
    services: Services = scope["state"]["services"]
    return services.version()


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[dict[str, Services]]:
    settings: Settings = app.state.settings
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="wait"))
    ballast = Ballast(settings.data.resolve(), settings.min_free)
    if ballast.low:
        # SQLite has to make files before it can open any.
        ballast.drop()
    async with Database.open(settings.data / "registry.sqlite3") as database:
        services = _services(app, database, ballast, Cursors(await database.secret("cursors")))
        app.state.services = services
        await _register_built_in(services)
        services.documents.remove_others(await services.processes.documents())
        await asyncio.to_thread(_try_out, services.containers, settings)
        task = asyncio.create_task(services.supervisor.run(), name="supervisor")
        task.add_done_callback(_report_end)
        tidying = asyncio.create_task(_forget_old(database), name="what is old")
        telling = asyncio.create_task(services.callbacks.run(), name="callbacks")
        try:
            yield {"services": services}
        finally:
            for each in (task, tidying, telling):
                each.cancel()
            await asyncio.gather(task, tidying, telling, return_exceptions=True)
            services.fetching.shutdown(wait=False, cancel_futures=True)
            services.digests.close()
            await services.engine.close()


def _services(app: Starlette, database: Database, ballast: Ballast, cursors: Cursors) -> Services:
    settings: Settings = app.state.settings
    processes, jobs, outbox = Processes(database), Jobs(database), Outbox(database)
    batches, queue = Batches(database), JobQueue(database, settings.quota)
    data = settings.data.resolve()
    documents = Documents(data / "processes")
    retention = Retention(jobs, data / "jobs", settings.keep, ballast)
    secret_files = SecretFiles(data, queue)
    engine = engines.ENGINES[settings.engine]()
    containers = runtimes.chosen(settings.runtime, settings.oci_runtime)
    callbacks = Callbacks(
        outbox=outbox,
        notices=Notices(jobs, batches, processes, retention, app.state.paths),
        sender=Sender(Allowed(settings.fetch_allow)),
        key=callback_key(settings),
        patience=timedelta(seconds=settings.callback_timeout),
    )
    supervisor = Supervisor(
        queue=queue,
        jobs=jobs,
        processes=processes,
        retention=retention,
        secret_files=secret_files,
        ballast=ballast,
        engine=engine,
        containers=containers,
        documents=documents,
        settings=_run_settings(settings, containers),
        on_change=callbacks.wake,
    )
    engine.start()
    fetching = ThreadPoolExecutor(FETCHES, thread_name_prefix="fetch")
    return Services(
        settings=settings,
        processes=processes,
        jobs=jobs,
        batches=batches,
        queue=queue,
        supervisor=supervisor,
        retention=retention,
        shares=Shares(database),
        outbox=outbox,
        callbacks=callbacks,
        ballast=ballast,
        documents=documents,
        secret_files=secret_files,
        fingerprint_key=_key(secret_files.folder / "fingerprints.key"),
        engine=engine,
        containers=containers,
        quotas=Quotas(database, settings.quota),
        validations=Turns(len(os.sched_getaffinity(0)), waiting=settings.max_pending),
        # One is left for the keys of an issuer.
        fetches=Turns(FETCHES - 1, each=FETCHES // 2, waiting=settings.max_pending),
        threads=Turns(THREADS // 2, each=THREADS // 4),
        fetching=fetching,
        digests=Digests(),
        digesting=Turns(digests.THREADS, waiting=settings.max_pending),
        tracing=Turns(1, waiting=settings.max_pending),
        following=Lasting(settings.max_followers),
        draining=Draining(),
        definitions=Definitions(ENDPOINTS, processes, secured=settings.auth != "none"),
        cursors=cursors,
        authenticator=_authenticator(settings, database, fetching),
        version=database.version,
    )


def _authenticator(settings: Settings, database: Database, fetching: Executor) -> Authenticator:
    if settings.auth == "oidc":
        # Who uses it waits for what it imports.
        from server.oidc import Issuer, Oidc  # noqa: PLC0415

        return Oidc(Issuer.of(settings), fetching)
    if settings.auth == "token":
        return auth.Tokens(Tokens(database), database.version)
    return auth.Nobody()


async def _forget_old(database: Database) -> None:
    while True:
        try:
            await idempotency.forget_old(database)
            await audit.forget_old(database)
            await quotas.forget_old(database)
        except RegistryError as error:
            _log.warning("%s", error)
        await asyncio.sleep(FORGET_SECONDS)


def _report_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        _log.critical("the supervisor has ended; no job will be started", exc_info=task.exception())


def _run_settings(settings: Settings, containers: ContainerEngine) -> RunSettings:
    return RunSettings(
        slots=settings.jobs_at_once,
        machine=settings.machine,
        policy=settings.policy,
        container=settings.container,
        runtime=containers.name,
        fetch_allow=settings.fetch_allow,
        file_allow=settings.file_allow,
        store_allow=settings.store_allow,
        max_input=settings.max_input,
        max_output=settings.max_output,
        max_log=settings.max_log,
        job_timeout=settings.job_timeout,
    )


def callback_key(settings: Settings) -> bytes:
    if settings.callback_key:
        return signing.read(settings.callback_key)
    return _key(settings.data / "callback.key")


def _key(file: Path) -> bytes:
    try:
        return signing.kept(file)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: {error}") from error


async def _register_built_in(services: Services) -> None:
    """The processes that come with the server; they can be neither replaced nor undeployed."""
    for each in (resources.files("server") / "builtin").iterdir():
        # These documents are the project's own: its tests validate them, not every start.
        draft = deploy.draft(deploy.read(each.read_bytes(), deploy.PACKAGE), Policy())
        process = deploy.process(draft, mutable=False)
        if not services.documents.text(process.digest).exists():
            services.documents.keep(process.digest, draft.text, draft.files)
        await services.processes.ensure_built_in(process)


def _try_out(containers: ContainerEngine, settings: Settings) -> None:
    """Says what the engine can't do here, and gets its image.

    Best effort: without it only the built-in process can't run, and its jobs say why.
    """
    try:
        if not containers.answers():
            _log.warning("%s does not answer: jobs wait until it does", containers.title)
            return
        busybox.ensure(containers)
        for promise in containers.unkept(settings.container):
            _log.warning("runtime=%s does not keep on this machine: %s", containers.name, promise)
    except (ImageUnavailableError, ContainerEngineError) as error:
        _log.warning("%s", error)
