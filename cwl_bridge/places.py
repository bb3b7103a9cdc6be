"""The places that an href may name, by their form alone. Pure."""

from __future__ import annotations

import os
import re
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

MAX_HREF = 8192
WEB = ("http", "https")
#: Buckets of S3, of Google Cloud Storage, containers of Azure Blob Storage.
STORES = ("s3", "gs", "az")
LOCAL = "file"

#: In a text, up to what ends it there.
_URL = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>[^\s<>\"]*?)(?P<end>[.:,;)']*(?:[\s<>\"]|\Z))")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")


def split(href: str, schemes: tuple[str, ...] = (*WEB, *STORES, LOCAL)) -> SplitResult | None:
    """The parts of an absolute URL; None where it is none, or has another scheme."""
    try:
        parts = urlsplit(href)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in schemes or len(href) > MAX_HREF:
        return None
    if parts.scheme == LOCAL:
        return parts if parts.netloc in ("", "localhost") and local_path(href) else None
    well_formed = bool(parts.hostname) and port != 0
    if parts.scheme in STORES:
        # The name of a bucket becomes a part of a host name or of a path.
        plain = port is None and "@" not in parts.netloc and not parts.query and not parts.fragment
        well_formed = well_formed and plain and all(each.isalnum() or each in "._-" for each in parts.netloc)
    return parts if well_formed else None


def shown(text: str) -> str:
    """A text that others may read: of its URLs without user and password, and of queries only the names, of
    fragments nothing. Which parameter is a signature or a key, only who made the URL knows.
    """
    return _URL.sub(lambda found: f"{found['scheme']}{_shown(found['rest'])}{found['end']}", text)


def _shown(rest: str) -> str:
    """Of a URL what follows its scheme, up to a fragment."""
    place, mark, query = rest.partition("#")[0].partition("?")
    authority, slash, path = place.partition("/")
    parameters = (name + equals for name, equals, _ in (each.partition("=") for each in query.split("&")))
    hidden = "&".join(each + "…" if each.endswith("=") else "…" for each in parameters)
    return f"{authority.rpartition('@')[2]}{slash}{path}{mark}{hidden if mark else ''}"


def scheme(reference: str) -> str:
    """Of a URL, well-formed or not; empty where the reference is a relative one."""
    before, colon, _ = reference.partition(":")
    return before.lower() if colon and _SCHEME.match(before) else ""


def joined(base: str, reference: str) -> str | None:
    """A reference in the document at a URL; None where it is none."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return None


def can_be_fetched(href: object, folders: tuple[str, ...]) -> bool:
    """Whether a runner would try: a local file only below one of the folders (it looks at links, this does not)."""
    parts = split(href) if isinstance(href, str) else None
    if parts is None or parts.scheme != LOCAL:
        return parts is not None
    path = local_path(str(href))
    return any(os.path.commonpath([path, each]) == each for each in map(os.path.normpath, folders))


def is_local(href: str) -> bool:
    parts = split(href)
    return parts is not None and parts.scheme == LOCAL


def local_path(href: str) -> str:
    """The path that a file: URL names, without `..`; empty where it names none."""
    parts = urlsplit(href)
    path = unquote(parts.path)
    plain = path.startswith("/") and "\0" not in path and not parts.query and not parts.fragment
    # Two slashes at the beginning are kept by POSIX, and mean one.
    return "/" + os.path.normpath(path).lstrip("/") if plain else ""


def join(base: str, href: str) -> str:
    """An href as the document at `base` means it (RFC 3986, 5); also in a bucket, which urljoin does not know.

    Raises ValueError where it is no URL.
    """
    scheme, colon, rest = base.partition(":")
    if scheme not in STORES:
        return urljoin(base, href)
    joined = urljoin(f"http{colon}{rest}", href)
    return joined if urlsplit(href).scheme else f"{scheme}{joined.removeprefix('http')}"


def last_segment(href: str) -> str:
    """The last name in the path, decoded, also of a folder that ends in a slash; empty where there is none."""
    parts = split(href)
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) if parts else ""
