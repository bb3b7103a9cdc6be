"""The command that deploys a process."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from server.client import BAD_USE, DONE, Client, CommandError
from server.commands import sources
from server.commands.common import segment
from server.commands.diagnostics import Named
from server.commands.sources import RefusedError, Sent


def deploy(client: Client, arguments: argparse.Namespace) -> int:
    try:
        sent = sources.sent(arguments.source, arguments.id)
    except RefusedError as error:
        reason = error.reason
        problem = {
            "title": "The document can't be sent",
            "detail": str(reason),
            "errors": [each.member() for each in reason.errors],
        }
        raise _refused(problem, error.named) from error
    try:
        return _deployed(client, sent, arguments)
    except CommandError as error:
        raise _refused(error.problem, sent.named) if error.problem.get("errors") else error from error


def _deployed(client: Client, sent: Sent, arguments: argparse.Namespace) -> int:
    called = quote(arguments.source.partition("#")[0].rpartition("/")[2], safe="")
    headers = {"Content-Type": sent.media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{called}"}
    headers |= {"Prefer": "handling=strict"} if arguments.strict else {}
    if arguments.replace:
        process_id = arguments.id or sent.own_id
        if process_id is None:
            raise CommandError("--replace needs --id where the document has no id.", BAD_USE)
        known = client.ask("GET", "/processes", params={"limit": 1000}).json()["processes"]
        if any(each["id"] == process_id for each in known):
            client.ask("PUT", f"/processes/{segment(process_id)}", content=sent.body, headers=headers)
            client.show({"id": process_id}, lambda: iter([f"replaced {process_id}"]))
            return DONE
    summary = client.ask("POST", "/processes", content=sent.body, headers=headers).json()
    client.show(summary, lambda: iter([f"deployed {summary['id']}"]))
    return DONE


def _refused(problem: dict[str, Any], named: Named) -> CommandError:
    """With every error at its place."""
    before = "".join(f"{line}\n" for line in named.lines(problem["errors"]))
    return CommandError(f"{problem['title']}.", BAD_USE, problem, before)
