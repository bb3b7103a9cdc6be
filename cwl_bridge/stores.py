"""Objects in S3, Google Cloud Storage and Azure Blob Storage → URLs that any HTTP client can read for an hour.

Only the signing is done here, with the credentials and endpoints in the environment of the server, so that the bytes
come through the one guarded client, with its limits. The library is loaded when the first such href is met.
"""

from __future__ import annotations

import os
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cwl_bridge import places
from cwl_bridge.fetch import FetchError

if TYPE_CHECKING:
    from obstore.store import AzureStore, GCSStore, S3Store

VALID = timedelta(hours=1)

#: Whether an endpoint is reached without TLS is the operator's choice; nobody is waited for who has no credentials.
_OPTIONS: Any = {"client_options": {"allow_http": True, "timeout": "10s"}, "retry_config": {"max_retries": 1}}


def is_permitted(href: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns (with *) names it, as the store will read it. Where there are none, all are."""
    parts = places.split(href, places.STORES)
    if parts is None or not patterns:
        return not patterns
    key = unquote(parts.path)
    # What a store or a proxy before it makes of such a key is its own.
    is_plain = not {".", ".."} & set(key.split("/"))
    return is_plain and any(fnmatchcase(f"{parts.scheme}://{parts.netloc}{key}", each) for each in patterns)


def url(href: str) -> str:
    """Where an object can be read. Raises FetchError, also where the credentials can't be used."""
    parts = places.split(href, places.STORES)
    key = unquote(parts.path.removeprefix("/")) if parts else ""
    if parts is None or not key or key.startswith("/") or key.endswith("/"):
        raise FetchError(f"{href} names no object of a store.")
    import obstore  # noqa: PLC0415 - most jobs need none of it
    from obstore.exceptions import BaseError  # noqa: PLC0415

    is_open = parts.scheme == "s3" and os.environ.get("AWS_SKIP_SIGNATURE", "").lower() in ("1", "true")
    try:
        signed = obstore.sign(_store(parts.scheme, parts.netloc, is_open=is_open), "GET", key, VALID)
    except (TypeError, ValueError) as error:
        raise FetchError(f"{href} names no object of a store.") from error
    except (BaseError, OSError) as error:
        # The library's own words may name places on this machine, and what it was configured with.
        raise FetchError(f"{href} can't be fetched: this server has no credentials for it.") from error
    return signed.partition("?")[0] if is_open else signed


def _store(scheme: str, bucket: str, *, is_open: bool) -> S3Store | GCSStore | AzureStore:
    from obstore.store import AzureStore, GCSStore, S3Store  # noqa: PLC0415

    if scheme == "gs":
        return GCSStore(bucket, **_OPTIONS)
    if scheme == "az":
        return AzureStore(bucket, **_OPTIONS)
    # A bucket that is open to all is signed for nobody, to learn its address.
    nobody: Any = {"access_key_id": "-", "secret_access_key": "-"} if is_open else {}
    return S3Store(bucket, **nobody, **_OPTIONS)
