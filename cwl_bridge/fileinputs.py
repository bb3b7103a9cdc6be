"""Files among the inputs: a text, base64, JSON or a CWL object → a File or Directory of the job order. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cwl_bridge import checksums, formats, media, places, schema, secondary, values, wrap
from cwl_bridge.errors import FieldError, pointer
from cwl_bridge.ownresults import Taken
from cwl_bridge.schema import CwlType
from cwl_bridge.secondary import Pattern
from cwl_bridge.work import Budget
from registry.models import JSON, Parameter

#: The endings of what stands for a folder.
_DOCUMENT = re.compile(r"\.(zip|json|geojson|html?)\Z", re.IGNORECASE)


class Errors(list[FieldError]):
    """What is wrong with the inputs of one request, all of it, as far as the work for it keeps within `budget`."""

    def __init__(self, budget: Budget | None = None) -> None:
        super().__init__()
        self._budget = budget or Budget()

    def of(self, described: JSON, value: Any, *path: str | int) -> list[FieldError]:
        """Of one value, not added yet. Raises TooComplexError."""
        self._budget.spend(described, value, "inputs", *path)
        return values.check(described, value, "inputs", *path)

    def add(self, detail: str, *path: str | int) -> None:
        self.append(self.one(detail, *path))

    @staticmethod
    def one(detail: str, *path: str | int) -> FieldError:
        return FieldError(pointer("inputs", *path), detail)


@dataclass(frozen=True)
class Input:
    """What one input may be: as described, and as CWL takes it."""

    name: str
    parameter: Parameter
    cwl_type: CwlType
    #: IRIs one of which CWL wants on its files.
    formats: tuple[str, ...]
    #: What stands beside its files.
    secondary: tuple[Pattern, ...] = ()

    def format(self, media_type: str | None) -> str | None:
        """The one that stands for a media type; the first where none does."""
        return formats.of_media_type(self.formats, media_type)


def stem(each: Input, path: tuple[str | int, ...]) -> str:
    """A name for a file that has none: of the input, and its number where there are several."""
    return "-".join([each.name, *(str(part + 1) for part in path if isinstance(part, int))])


class Files:
    """Makes the files of one request."""

    def __init__(
        self, errors: Errors, folders: tuple[str, ...] = (), results: Mapping[str, Taken | str] | None = None
    ) -> None:
        self._errors = errors
        self._folders = folders
        self._results = results or {}

    def check_place(self, href: str, *path: str | int, folder: bool) -> None:
        """`folder`: whether it may be one, where it is a result of this server."""
        if not places.can_be_fetched(href, self._folders):
            words = "An href is an absolute URL: http, https, s3, gs, az, or file where that is allowed."
            self._errors.add(words, *path)
        self._check_result(href, *path, folder=folder)

    def _check_result(self, href: str, *path: str | int, folder: bool) -> None:
        result = self._results.get(href)
        if isinstance(result, str):
            self._errors.add(result, *path)
        elif result is not None and result.is_directory and not folder:
            self._errors.add("This result is a directory; name a file in it.", *path)

    def folder(self, each: Input, href: str, media_type: str | None, *path: str | int) -> JSON:
        """A Directory by reference."""
        name = _DOCUMENT.sub("", places.last_segment(href))
        basename = name if media.is_basename(name) else stem(each, path)
        found = {"class": "Directory", "basename": basename, "location": href}
        return {**found, "mediaType": media_type} if media_type else found

    def from_text(
        self,
        each: Input,
        described: JSON,
        value: str,
        qualified: tuple[str | None, str | None] | None,
        *path: str | int,
    ) -> Any:
        offered = schema.media_types(described)
        media_type = (qualified and qualified[0]) or (offered[0] if offered else None)
        encoding = qualified[1] if qualified else None
        name = f"{stem(each, path)}{media.extension(media_type)}"
        if encoding is None and qualified and not qualified[0] and (media_type is None or media_type == media.BINARY):
            return self.file(each, name, media_type, contents=value)
        binary = encoding in ("base64", "binary") or (
            encoding is None and not (media_type and media.is_text(media_type) and not _says_base64(described))
        )
        if not binary:
            return self.file(each, name, media_type, contents=value)
        if not _is_base64("".join(value.split())):
            self._errors.add("This is not base64. A text comes as {'value': …, 'mediaType': 'text/plain'}.", *path)
            return None
        return self.file(each, name, media_type, location=f"data:;base64,{''.join(value.split())}")

    def from_json(
        self,
        each: Input,
        described: JSON,
        value: Any,
        qualified: tuple[str | None, str | None] | None,
        *path: str | int,
    ) -> Any:
        """A file whose content may be given as JSON: GeoJSON beside GML, for example."""
        structured = [one for one in schema.branches(described) if not schema.is_file(one)]
        if not structured or not isinstance(value, dict | list):
            self._errors.add("A file is {'href': …} or {'value': …, 'mediaType': …}.", *path)
            return None
        self._errors.extend(self._errors.of({"anyOf": structured}, value, *path))
        media_type = (qualified and qualified[0]) or "application/json"
        return self.file(
            each, f"{stem(each, path)}{media.extension(media_type)}", media_type, contents=wrap.json_text(value)
        )

    def cwl_object(self, each: Input, given: JSON, *path: str | int, member: bool = False) -> Any:
        """A File or Directory as CWL writes it (CWL v1.2, section 3.3), made anew from the members that count."""
        found: JSON = {"class": given.get("class")}
        name = given.get("basename")
        if name is not None and not (isinstance(name, str) and media.is_basename(name)):
            self._errors.add("A basename is one file name.", *path, "basename")
            name = None
        location = given.get("location")
        if location is not None:
            if not (_is_data(location) or places.can_be_fetched(location, self._folders)):
                words = "A location is an absolute URL: http, https, s3, gs, az, file where that is allowed, or data."
                self._errors.add(words, *path, "location")
                return None
            self._check_result(location, *path, "location", folder=found["class"] == "Directory")
            found["location"] = location
            name = name or media.basename_of(location, each.name)
        found["basename"] = name or each.name
        if given.get("class") == "Directory":
            return self._directory(each, found, given, *path)
        if (location is None) == (not isinstance(given.get("contents"), str)):
            self._errors.add("A File has either a 'location' or 'contents'.", *path)
            return None
        if location is None:
            found["contents"] = given["contents"]
        # What stands beside a file has a format only where it says so.
        declared = given.get("format", None if member else each.format(media.of_name(found["basename"])))
        if isinstance(declared, str):
            found["format"] = declared
        if given.get("checksum") is not None and location is not None:
            if checksums.of_cwl(given["checksum"]) is None:
                self._errors.add("A checksum is sha1$ and 40 hexadecimal digits.", *path, "checksum")
            found["checksum"] = given["checksum"]
        if given.get("secondaryFiles") is None and not member:
            found |= self._beside(each, found)
        if given.get("secondaryFiles"):
            found["secondaryFiles"] = self.cwl_objects(each, given["secondaryFiles"], *path, "secondaryFiles")
        return found

    def _directory(self, each: Input, found: JSON, given: JSON, *path: str | int) -> Any:
        location = found.get("location")
        if (location is None) == (not isinstance(given.get("listing"), list)) or _is_data(location):
            self._errors.add("A Directory has either a 'listing' or a 'location' to fetch it from.", *path)
            return None
        if location is None:
            return {**found, "listing": self.cwl_objects(each, given["listing"], *path, "listing")}
        return found if given.get("basename") else self.folder(each, location, None, *path)

    def cwl_objects(self, each: Input, given: Any, *path: str | int) -> list[Any]:
        if not isinstance(given, list):
            self._errors.add("A list of File and Directory objects is expected.", *path)
            return []
        listed, found = given, []
        for index, item in enumerate(listed):
            if not isinstance(item, dict) or item.get("class") not in ("File", "Directory"):
                self._errors.add("A File or Directory object is expected.", *path, index)
            else:
                found.append(self.cwl_object(each, item, *path, index, member=True))
        names = [item["basename"] for item in found if item]
        for index, name in enumerate(names):
            if name in names[:index]:
                self._errors.add(f"There is another member called {name!r}; a basename tells them apart.", *path, index)
        return found

    def file(self, each: Input, name: str, media_type: str | None, **content: str) -> JSON:
        found: JSON = {"class": "File", "basename": name, **content}
        iri = each.format(media_type or media.of_name(name))
        return {**found, **({"format": iri} if iri else {}), **self._beside(each, found)}

    def _beside(self, each: Input, file: JSON) -> JSON:
        """For the runner: what the input wants beside a file that is fetched, where the client does not say."""
        location = file.get("location", "data:")
        found = [] if location.startswith("data:") else secondary.beside(location, file["basename"], each.secondary)
        return {secondary.MEMBER: found} if found else {}


def _is_data(location: Any) -> bool:
    """Whether the content of a File is its location."""
    kind, comma, content = location.partition(",") if isinstance(location, str) else ("", "", "")
    return kind.startswith("data:") and kind.endswith(";base64") and bool(comma) and _is_base64(content)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _says_base64(described: JSON) -> bool:
    first = schema.branches(described)[0]
    return first.get("contentEncoding") == "base64" or first.get("format") == "byte"


def holds_files(value: Any) -> bool:
    """Whether a File or Directory of CWL stands somewhere in a value."""
    if isinstance(value, list):
        return any(map(holds_files, value))
    if isinstance(value, dict):
        return value.get("class") in ("File", "Directory") or any(map(holds_files, value.values()))
    return False
