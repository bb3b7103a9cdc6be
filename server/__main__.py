"""The command `cwl-processes`: its parser, and `serve`, where everything is put together."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvicorn

from server import cli, settings
from server.app import create_app
from server.settings import Settings, SettingsError


class AnnouncingServer(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"cwl-processes serves http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)


def serve(arguments: argparse.Namespace) -> int:
    flags = {name: getattr(arguments, name) for name, _, _ in settings.table()}
    chosen: Settings = settings.load(flags, os.environ, arguments.config)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    config = uvicorn.Config(
        create_app(chosen),
        host=chosen.host,
        port=chosen.port,
        log_level="warning",
        access_log=False,
        lifespan="on",
    )
    server = AnnouncingServer(config)
    # uvicorn drains, then raises the signal again, which would end the program as if it had been killed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    server.run()
    return 0 if server.started else cli.BAD_USE


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="cwl-processes", description="An OGC API - Processes server and its client.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serving = commands.add_parser("serve", help="run the server")
    serving.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")
    for name, default, meaning in settings.table():
        shown = str(default) if default not in ("", ()) else "none"
        serving.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper(), help=f"{meaning} [{shown}]")
    serving.set_defaults(run=serve)
    cli.add_commands(commands)
    return top


def main() -> None:
    arguments = parser().parse_args()
    try:
        sys.exit(arguments.run(arguments))
    except SettingsError as error:
        print(f"cwl-processes: {error}", file=sys.stderr)
        sys.exit(cli.BAD_USE)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
