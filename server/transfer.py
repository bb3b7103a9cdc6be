"""Local files on their way into requests, and results on their way to local files."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cwl_bridge import media, schema
from server.client import BAD_USE, Client, CommandError


def with_files(value: Any, parameter: dict[str, Any] | None, base: Path) -> Any:
    """An input with the local files that it names put into it; `base`: where relative paths begin."""
    if isinstance(value, list):
        return [with_files(each, parameter, base) for each in value]
    if isinstance(value, dict):
        return _sent(value, base) if value.get("class") in ("File", "Directory") else value
    described = parameter["schema"] if parameter else {}
    takes_files = schema.is_file(described) or schema.is_file(described.get("items", {}))
    if takes_files and isinstance(value, str) and _is_local_file(base, value):
        return _sent({"class": "File", "path": value}, base)
    return value


def _is_local_file(base: Path, name: str) -> bool:
    try:
        return urlsplit(name).scheme not in ("http", "https") and (base / name).is_file()
    except (OSError, ValueError):
        # Longer than any name, or no URL: the content itself.
        return False


def _sent(given: dict[str, Any], base: Path) -> dict[str, Any]:
    """A File or Directory of CWL whose content travels within the request."""
    place = str(given.get("path", given.get("location", "")))
    if "listing" in given and not place:
        return {**given, "listing": [_sent(each, base) for each in given["listing"]]}
    if not place or urlsplit(place).scheme in ("http", "https", "data"):
        return given
    # A location is a URI, also a relative one.
    path = base / (unquote(place.removeprefix("file://")) if "path" not in given else place)
    found: dict[str, Any] = {"class": given["class"], "basename": given.get("basename", path.name)}
    try:
        if given["class"] == "Directory":
            kinds = {each: "Directory" if each.is_dir() else "File" for each in sorted(path.iterdir())}
            found["listing"] = [_sent({"class": kind, "path": str(each)}, base) for each, kind in kinds.items()]
            return found
        content = base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", BAD_USE) from error
    found["location"] = f"data:{media.of_name(path.name) or media.BINARY};base64,{content}"
    if "format" in given:
        found["format"] = given["format"]
    if given.get("secondaryFiles"):
        found["secondaryFiles"] = [_sent(each, base) for each in given["secondaryFiles"]]
    return found


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
