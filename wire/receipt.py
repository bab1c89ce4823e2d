"""The office's answers about envelopes: about one envelope, or about several at once."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from wire.model import ContentDigest, Message, Moment, ShotId, WireModel
from wire.problem import ProblemType

MOST_SHOTS = 200
"""The most shots that one request may ask about."""


class ShotStatus(StrEnum):
    """What the office has done with an envelope. The booth may delete its copy only some time after `verified`."""

    RECEIVED = "received"  # the office has stored the envelope's bytes durably
    VERIFIED = "verified"  # the office has also read the stored bytes back, opened the envelope and checked it


class Receipt(Message):
    """The answer to PUT and GET of a shot. `digest` is the digest of the stored bytes, read back from the store."""

    shot_id: ShotId
    digest: ContentDigest
    status: ShotStatus
    received_at: Moment  # when the office received the envelope, by the office's clock
    verified_at: Moment | None = None

    @model_validator(mode="after")
    def _verified_has_a_time(self) -> Self:
        if (self.status is ShotStatus.VERIFIED) != (self.verified_at is not None):
            raise ValueError("verified_at is given exactly when status is verified")
        return self


class ShotsAsked(Message):
    """The request of a booth for the receipts of these shots."""

    shot_ids: Annotated[tuple[ShotId, ...], Field(min_length=1, max_length=MOST_SHOTS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.shot_ids)) != len(self.shot_ids):
            raise ValueError("each shot is asked for once")
        return self


class RefusedShot(WireModel):
    """A shot without a receipt, and the refusal with which the office would answer a request for this shot alone."""

    shot_id: ShotId
    type: ProblemType


class ShotsAnswer(Message):
    """The answer to `ShotsAsked`: for every shot a receipt or a refusal, in the order of the request."""

    receipts: Annotated[tuple[Receipt, ...], Field(max_length=MOST_SHOTS)]
    refused: Annotated[tuple[RefusedShot, ...], Field(max_length=MOST_SHOTS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [one.shot_id for one in self.receipts] + [one.shot_id for one in self.refused]
        if len(set(named)) != len(named):
            raise ValueError("each shot is answered once")
        return self
