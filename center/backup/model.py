"""A backup's manifest: what is in the backup, signed under the office's key."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from center.platform.faults import OfficeFault
from wire.model import HEX_ID

Digest = Field(pattern=r"^[0-9a-f]{64}$")


class BackupFault(OfficeFault):
    """A backup can't be made, is not whole, or can't be restored here; the message says why, and the remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileNote(_Part):
    """Size in bytes and SHA-256 (hex digits) of one file of a backup."""

    size: int = Field(ge=0)
    sha256: str = Digest


class Manifest(_Part):
    """What is in a backup. Nothing personal: random ids, counts and hashes."""

    form: Literal[1] = 1
    backup_id: str = Field(pattern=f"^{HEX_ID}$")
    made_at: AwareDatetime
    program: str  # the version of the program that made the backup
    schema_revision: str  # the form of the database's tables, by Alembic's name
    database: FileNote
    names: FileNote  # the list of photos' names; each name ends in the SHA-256 of its file
    keys: FileNote
    photos: int = Field(ge=0)
    missing: tuple[str, ...]  # photos that rows name, but that the store had lost or damaged
    rows: dict[str, int]  # for each table of the database, how many rows it has
    audit_place: int = Field(ge=0)
    audit_hash: str = Digest

    def signed(self, key: bytes) -> bytes:
        """The manifest's file as JSON: its content and its HMAC under `key`."""
        content = self.model_dump(mode="json")
        return json.dumps({"content": content, "hmac": _code(key, content)}, indent=1, sort_keys=True).encode() + b"\n"


def read_manifest(data: bytes, key: bytes) -> Manifest:
    """The manifest in a file that `signed` made under the same key. Raises `BackupFault`."""
    try:
        said = json.loads(data)
        content, code = said["content"], said["hmac"]
        fits = isinstance(code, str) and hmac.compare_digest(_code(key, content).encode(), code.encode())
    except (ValueError, KeyError, TypeError):
        raise BackupFault("the backup's manifest is damaged: take another backup") from None
    if not fits:
        raise BackupFault(
            "the backup's manifest was changed, or it is another office's: it does not fit the office's key"
        )
    try:
        return Manifest.model_validate(content)
    except ValidationError:
        raise BackupFault("the backup was made by a newer program: restore it with that one") from None


def tested_too_long_ago(tested: datetime | None, now: datetime, keep_days: int) -> bool:
    """Whether the newest tested backup, made at `tested`, is older than half of the days for which booths keep copies.

    After half of those days there is no time for a second try: a booth would delete copies of shots that no backup has
    yet.
    """
    return tested is None or (now - tested).total_seconds() > keep_days * 86_400 / 2


def _code(key: bytes, content: object) -> str:
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()
