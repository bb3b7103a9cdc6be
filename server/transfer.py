"""Local files on their way into requests, and results on their way to local files."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cwl_bridge import media, outputs, schema
from server.client import BAD_USE, Client, CommandError


def with_files(value: Any, parameter: dict[str, Any] | None, base: Path) -> Any:
    """Local files that an input names are sent with the request."""
    if isinstance(value, list):
        return [with_files(each, parameter, base) for each in value]
    name = (
        value.get("path", value.get("location")) if isinstance(value, dict) and value.get("class") == "File" else value
    )
    if not isinstance(name, str) or parameter is None or urlsplit(name).scheme in ("http", "https"):
        return value
    items = parameter["schema"].get("items", {})
    if not schema.is_file(parameter["schema"]) and not schema.is_file(items):
        return value
    path = base / unquote(name.removeprefix("file://"))
    if not path.is_file():
        if isinstance(value, dict):
            raise CommandError(f"{path}: no such file", BAD_USE)
        return value
    kind = outputs.file_type(path.name, schema.media_types(parameter["schema"]))
    found = {"value": base64.b64encode(path.read_bytes()).decode(), "encoding": "base64"}
    return found if kind == media.BINARY else {**found, "mediaType": kind}


def downloaded(client: Client, value: Any, folder: Path) -> Any:
    """Files are fetched into the folder of their output; their place takes the place of the link."""
    if isinstance(value, list):
        return [downloaded(client, each, folder / str(index)) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "href" in value:
        return str(_fetch(client, value["href"], value.get("title", ""), value.get("type"), folder))
    inner = value.get("value")
    return downloaded(client, inner, folder) if isinstance(inner, dict) else _members(client, value, folder)


def _members(client: Client, value: dict[str, Any], folder: Path) -> Any:
    if value.get("class") == "File":
        for each in value.get("secondaryFiles", []):
            _members(client, each, folder)
        return str(_fetch(client, value["location"], value["basename"], None, folder))
    return value


def _fetch(client: Client, url: str, title: str, media_type: str | None, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = title if media.is_basename(title) else "value"
    if media_type == "application/directory":
        return _fetch_directory(client, url, folder / name)
    client.download(url, folder / name)
    return folder / name


def _fetch_directory(client: Client, url: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for each in client.ask("GET", url).json()["links"]:
        if each["rel"] == "item" and media.is_basename(each["title"]):
            if "length" in each:
                client.download(each["href"], folder / each["title"])
            else:
                _fetch_directory(client, each["href"], folder / each["title"])
    return folder
