"""How a receiver knows that a callback is this server's: the headers of Standard Webhooks and RFC 9530."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

_PREFIX = "whsec_"
_KEY_BYTES = 32
#: Bytes that Standard Webhooks allows.
_LEAST, _MOST = 24, 64


def read(text: str) -> bytes:
    """A key as Standard Webhooks writes it. Raises ValueError, which says what it should be."""
    try:
        key = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.strip().startswith(_PREFIX) or not _LEAST <= len(key) <= _MOST:
        raise ValueError(f"a key is '{_PREFIX}' and {_LEAST} to {_MOST} bytes in base64")
    return key


def kept(file: Path) -> bytes:
    """The key in a file that only its owner may read, made where there is none. Raises OSError, ValueError."""
    if not file.exists():
        made = file.with_suffix(".new")
        made.unlink(missing_ok=True)
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{_PREFIX}{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}\n")
            opened.flush()
            os.fsync(descriptor)
        made.rename(file)
    return read(file.read_text(encoding="utf-8"))


def headers(key: bytes, message_id: str, seconds: int, content: bytes) -> dict[str, str]:
    """`seconds`: when it is sent, since 1970."""
    signed = hmac.new(key, f"{message_id}.{seconds}.".encode() + content, hashlib.sha256).digest()
    digest = hashlib.sha256(content).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
    }
