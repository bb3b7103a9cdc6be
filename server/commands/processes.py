"""The commands about processes: list, describe, undeploy, and what deployed one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from cwl_bridge import schema
from server.client import DONE, Client
from server.commands.common import segment


def undeploy(client: Client, arguments: argparse.Namespace) -> int:
    client.ask("DELETE", f"/processes/{segment(arguments.id)}")
    client.show({"id": arguments.id}, lambda: iter([f"undeployed {arguments.id}"]))
    return DONE


def listed(client: Client, _: argparse.Namespace) -> int:
    found: list[Any] = []
    following: str | None = "/processes?limit=1000"
    while following:
        page = client.ask("GET", following).json()
        found += page["processes"]
        following = next((each["href"] for each in page["links"] if each["rel"] == "next"), None)

    def lines() -> Iterator[str]:
        for each in found:
            yield f"{each['id']}  {each['version']}  {each.get('title', '')}".rstrip()

    client.show(found, lines)
    return DONE


def describe(client: Client, arguments: argparse.Namespace) -> int:
    described = client.ask("GET", f"/processes/{segment(arguments.id)}").json()

    def lines() -> Iterator[str]:
        yield f"{described['id']} {described['version']}: {described.get('title', '')}"
        for kind in ("inputs", "outputs"):
            yield f"{kind}:"
            for name, each in described[kind].items():
                need = "" if kind == "outputs" else "required" if each["minOccurs"] else "optional"
                yield f"  {name}  {_type_words(each)}  {need}  {each.get('title', '')}".rstrip()

    client.show(described, lines)
    return DONE


def package(client: Client, arguments: argparse.Namespace) -> int:
    found = client.ask("GET", f"/processes/{segment(arguments.id)}/package", headers={"Accept": "*/*"})
    sys.stdout.buffer.write(found.content)
    return DONE


def _type_words(parameter: dict[str, Any]) -> str:
    described = parameter["schema"]
    one = " or ".join(schema.media_types(described)) or "/".join(
        str(each.get("type", "any")) for each in schema.branches(described)
    )
    return one if parameter["maxOccurs"] == 1 else f"list of {one}"
