"""The application, listening on its socket: from the first line that it says to the signal that ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from server import app, datafolder, hosts, protocol
from server.services import Services
from server.settings import Settings

_log = logging.getLogger("cwl_processes")

#: Longer than clients keep a connection that they don't use (five seconds, mostly): where both ends give it up at the
#: same moment, a request gets lost on it.
KEEP_ALIVE_SECONDS = 30


def _warn(settings: Settings) -> None:
    """Where everybody may do everything, and it can be reached from elsewhere."""
    elsewhere = settings.public_url and not hosts.is_loopback(hosts.of_url(settings.public_url))
    if settings.auth == "none" and (elsewhere or not settings.is_local):
        _log.warning(
            "auth=none: whoever reaches this server may do everything with it, and that is not this machine only"
        )


class _Server(uvicorn.Server):
    """Says where it listens once it does, and stops in two steps: first it owes answers, then it goes."""

    def __init__(self, config: uvicorn.Config, application: Starlette) -> None:
        super().__init__(config)
        self._application = application
        self._asked = 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._asked += 1
        services: Services | None = getattr(self._application.state, "services", None)
        if services is None or self._asked > 2:
            self.should_exit = self.force_exit = True
            return
        services.draining.begun = True
        asyncio.get_running_loop().call_soon_threadsafe(self._begin_drain if self._asked == 1 else self._go, services)

    def _begin_drain(self, services: Services) -> None:
        self._drain = asyncio.create_task(self._answer_and_go(services), name="drain")

    def _go(self, services: Services) -> None:
        """Asked twice: nobody is waited for any more, but everybody is answered."""
        services.supervisor.let_go()
        self.should_exit = True

    async def _answer_and_go(self, services: Services) -> None:
        """No new work, sooner or later an answer to everybody who waits for one, then the end."""
        services.supervisor.drain()
        try:
            if services.settings.shutdown == "stop":
                await services.supervisor.stop_all()
            if services.settings.shutdown == "wait":
                await services.supervisor.until_idle()
            with suppress(TimeoutError):
                await asyncio.wait_for(services.draining.paid(), services.settings.shutdown_timeout)
            services.supervisor.let_go()
        finally:
            self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            sys.stdout.write(f"cwl-processes serves http://{f'[{host}]' if ':' in host else host}:{port}\n")
            sys.stdout.flush()


def run(settings: Settings) -> bool:
    """Serves until SIGTERM or SIGINT; whether it ever listened. Raises SettingsError."""
    application = app.create_app(settings)
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        http=protocol.of(settings),
        ws="none",
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )
    server = _Server(config, application)
    _warn(settings)
    # uvicorn raises the signal again when it has ended, which would end the program as if it had been killed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with datafolder.held(settings.data), suppress(SystemExit):
        # What is wrong with it is said in words, before anything is opened.
        app.callback_key(settings)
        server.run()
    return server.started
