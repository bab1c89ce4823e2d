"""The office's word for an envelope: schema version 1."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import model_validator

from wire.model import ContentDigest, Moment, ShotId, WireModel


class ShotStatus(StrEnum):
    """How far the office is with an envelope. Only `verified` lets the booth, after a wait, let go of its copy."""

    RECEIVED = "received"  # these bytes are durably stored
    VERIFIED = "verified"  # and were read back, opened, checked


class Receipt(WireModel):
    """The answer to PUT and GET of a shot. `digest` is that of the bytes as stored, read back from the store."""

    schema_version: Literal[1] = 1
    shot_id: ShotId
    digest: ContentDigest
    status: ShotStatus
    received_at: Moment  # the office's clock
    verified_at: Moment | None = None

    @model_validator(mode="after")
    def _verified_has_a_time(self) -> Self:
        if (self.status is ShotStatus.VERIFIED) != (self.verified_at is not None):
            raise ValueError("verified_at is given exactly when status is verified")
        return self
