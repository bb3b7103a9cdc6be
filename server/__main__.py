"""The command `cwl-processes`: its parser, and `serve`, where everything is put together."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from server import commands, settings
from server.client import BAD_USE, DONE
from server.settings import SettingsError


def serve(arguments: argparse.Namespace) -> int:
    flags = {name: getattr(arguments, name) for name, _, _ in settings.table()}
    chosen = settings.load(flags, os.environ, arguments.config)
    # The client commands need not wait for what only the server imports.
    from server import listening  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    return DONE if listening.run(chosen) else BAD_USE


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="cwl-processes", description="An OGC API - Processes server and its client.")
    subcommands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serving = subcommands.add_parser("serve", help="run the server")
    serving.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")
    for name, default, meaning in settings.table():
        shown = str(default) if default not in ("", ()) else "none"
        serving.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper(), help=f"{meaning} [{shown}]")
    serving.set_defaults(run=serve)
    commands.add_commands(subcommands)
    commands.add_tokens(subcommands)
    return top


def main() -> None:
    arguments = parser().parse_args()
    try:
        sys.exit(arguments.run(arguments))
    except SettingsError as error:
        print(f"cwl-processes: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
