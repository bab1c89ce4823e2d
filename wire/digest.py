"""The `Content-Digest` header (RFC 9530), SHA-256 only: `sha-256=:<base64>:`."""

import base64
import binascii
import hashlib
import re

from wire.faults import DigestError

_MEMBER = re.compile(r"\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):\s*", re.ASCII)
_SHA256_BYTES = 32
_LONGEST_HEADER = 1024


def content_digest(data: bytes) -> str:
    """The value of the header for the content `data`."""
    return format_digest(hashlib.sha256(data).digest())


def format_digest(sha256: bytes) -> str:
    """The value of the header for a SHA-256 (32 bytes)."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def parse_digest(header: str) -> bytes:
    """The SHA-256 (32 bytes) in a value of the header. Other algorithms in the header are ignored (RFC 9530, section
    2).

    Raises `DigestError`.
    """
    if len(header) > _LONGEST_HEADER:
        raise DigestError(f"Content-Digest has {len(header)} characters, at most {_LONGEST_HEADER} are read")
    found: bytes | None = None
    for member in header.split(","):
        match = _MEMBER.fullmatch(member)
        if match is None:
            raise DigestError("Content-Digest is not of the form sha-256=:<base64>:")
        if match[1] == "sha-256":
            found = _sha256(match[2])
    if found is None:
        raise DigestError("Content-Digest holds no sha-256; send sha-256=:<base64>:")
    return found


def _sha256(text: str) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error as fault:
        raise DigestError("the sha-256 of Content-Digest is not base64") from fault
    if len(digest) != _SHA256_BYTES:
        raise DigestError(f"the sha-256 of Content-Digest has {len(digest)} bytes instead of {_SHA256_BYTES}")
    return digest
