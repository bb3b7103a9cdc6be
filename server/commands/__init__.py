"""The client commands. They speak to a server over HTTP as any other client does."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from server.client import BAD_USE, UNREACHABLE, Client, CommandError
from server.commands import deploying, execution, jobs, processes

DEFAULT_SERVER = "http://127.0.0.1:8080"


def add_commands(commands: Any) -> None:
    """The subcommands, each with its function."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--server", default=os.environ.get("CWL_PROCESSES_URL", DEFAULT_SERVER), metavar="URL")
    shared.add_argument("--token", default=os.environ.get("CWL_PROCESSES_TOKEN"))
    shared.add_argument("--json", action="store_true", help="print JSON")

    def command(name: str, run: Callable[[Client, argparse.Namespace], int], meaning: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=meaning, parents=[shared])
        made.set_defaults(run=lambda arguments: _run(run, arguments))
        return made

    source = command("deploy", deploying.deploy, "register a process")
    source.add_argument(
        "source", help="CWL document or application package: a file or a URL; #NAME, one of several processes"
    )
    source.add_argument("--id", help="the id of the process")
    source.add_argument("--replace", action="store_true", help="also where the id is taken")
    source.add_argument("--strict", action="store_true", help="not where it does not meet OGC 20-089r1")
    command("undeploy", processes.undeploy, "unregister a process").add_argument("id")
    command("processes", processes.listed, "list the processes")
    command("describe", processes.describe, "show the inputs and outputs of a process").add_argument("id")
    command("package", processes.package, "write what deployed a process, byte for byte").add_argument("id")
    running = command("run", execution.execute, "execute a process")
    running.add_argument("id")
    running.add_argument("inputs", nargs="?", type=Path, help="inputs as JSON or YAML; '-' reads them from here")
    running.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="one input")
    running.add_argument("--async", action="store_true", dest="detach", help="print the job's id and do not wait")
    running.add_argument("--outdir", type=Path, help="download the results into this folder")
    listing = command("jobs", jobs.listed, "list the jobs")
    listing.add_argument("--process", help="only of this process")
    listing.add_argument("--status", help="only with this status")
    listing.add_argument("--limit", default="100", help="at the most so many [100]")
    command("status", jobs.status, "show the status of a job").add_argument("job")
    logging = command("log", jobs.log, "show the log of a job")
    logging.add_argument("job")
    logging.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    resulting = command("results", jobs.results, "show or download the results of a job")
    resulting.add_argument("job")
    resulting.add_argument("--outdir", type=Path, help="download them into this folder")
    replaying = command("replay", jobs.replayed, "run a job again with plain cwltool and compare the outputs")
    replaying.add_argument("job")
    replaying.add_argument(
        "-i", dest="secret", action="append", default=[], metavar="NAME=VALUE", help="a secret that the job was given"
    )
    replaying.add_argument("--outdir", type=Path, help="keep what cwltool gives in this folder")
    command("dismiss", jobs.dismiss, "stop a job, or remove one that has ended").add_argument("job")


def add_tokens(commands: Any) -> None:
    """The subcommand about tokens, which works on the data folder and asks no server."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", metavar="DIR", help="the data folder, as the server has it")
    shared.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")
    shared.add_argument("--json", action="store_true", help="print JSON")
    acts = commands.add_parser("token", help="make, list and revoke tokens").add_subparsers(
        dest="act", required=True, metavar="ACT"
    )
    adding = acts.add_parser("add", help="make a token, and print it", parents=[shared])
    adding.add_argument("name", help="whose it is: the owner of what is made with it")
    adding.add_argument("--scopes", default="read,execute", help="of read, execute, deploy, admin [read,execute]")
    adding.add_argument("--expires", default="365d", help="in so many days, or never [365d]")
    acts.add_parser("list", help="list the tokens", parents=[shared])
    revoking = acts.add_parser("revoke", help="make tokens bad", parents=[shared])
    revoking.add_argument("which", metavar="NAME|ID", help="all tokens of a name, or the one with an id")
    for each in acts.choices.values():
        each.set_defaults(run=_run_tokens)


def _run_tokens(arguments: argparse.Namespace) -> int:
    # The client commands need not wait for what only these import.
    from server.commands import tokens  # noqa: PLC0415

    return tokens.run(arguments)


def _run(command: Callable[[Client, argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    try:
        return command(Client(arguments.server, arguments.token, as_json=arguments.json), arguments)
    except CommandError as error:
        if arguments.json and error.problem:
            print(json.dumps(error.problem, indent=2, ensure_ascii=False))
        else:
            print(f"{error.before}cwl-processes: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"cwl-processes: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return BAD_USE
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        print(f"cwl-processes: {arguments.server} can't be reached: {error}", file=sys.stderr)
        return UNREACHABLE
