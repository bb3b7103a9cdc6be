"""What an input is said to hash to, and whether it does."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from cwl_bridge.fetch import FetchError

_BYTES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
#: Codes of multihash, as unsigned varints.
_CODES = {b"\x11": "sha1", b"\x12": "sha256", b"\x13": "sha512", b"\xd5\x01": "md5"}
_CWL = re.compile(r"([a-z0-9]+)\$([0-9a-fA-F]+)\Z")


class ChecksumError(FetchError):
    """What was fetched is not what it should be."""

    reason = "checksum-mismatch"


@dataclass(frozen=True)
class Checksum:
    algorithm: str
    #: Hexadecimal, lower case.
    digest: str

    def check(self, path: Path, named: str) -> None:
        """Raises ChecksumError."""
        with path.open("rb") as file:
            # S324: md5 and sha1 find damage, not malice; nothing is trusted because of them.
            found = hashlib.file_digest(file, lambda: hashlib.new(self.algorithm, usedforsecurity=False)).hexdigest()
        if found != self.digest:
            raise ChecksumError(f"{named} has the {self.algorithm} {found}, and not {self.digest}.")


def of_cwl(text: object) -> Checksum | None:
    """`sha1$…` (CWL v1.2, section 3.3); None where it can't be read."""
    found = _CWL.match(text) if isinstance(text, str) else None
    return _checksum(found[1], found[2]) if found else None


def of_multihash(text: object) -> Checksum | None:
    """`file:checksum` of STAC: a multihash in hexadecimal; None where it is none, or of an algorithm not known here."""
    try:
        code = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    for prefix, algorithm in _CODES.items():
        if code.startswith(prefix + bytes([_BYTES[algorithm]])):
            return _checksum(algorithm, code[len(prefix) + 1 :].hex())
    return None


def _checksum(algorithm: str, digest: str) -> Checksum | None:
    return Checksum(algorithm, digest.lower()) if len(digest) == 2 * _BYTES.get(algorithm, 0) else None
