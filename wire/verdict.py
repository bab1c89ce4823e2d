"""Staff's word for a shot, and the feed a booth reads it from: schema version 1."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wire.model import Count, Moment, ShotId, WireModel


class Decision(StrEnum):
    """What staff decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Verdict(WireModel):
    """One decision. A later one for the same shot replaces it."""

    sequence: Annotated[Count, Field(ge=1)]  # its place in this booth's feed
    shot_id: ShotId
    decision: Decision
    reasons: tuple[str, ...] = ()  # names of checks (`kiosk check --json`) or `other`; at least one if rejected
    decided_at: Moment

    @model_validator(mode="after")
    def _rejection_has_a_reason(self) -> Self:
        if (self.decision is Decision.REJECTED) != bool(self.reasons):
            raise ValueError("a rejection has reasons, an approval has none")
        return self


class VerdictPage(WireModel):
    """Verdicts after a place in the feed, oldest first. `next` is what to ask `after` next time."""

    schema_version: Literal[1] = 1
    verdicts: tuple[Verdict, ...]
    next: Count
    more: bool  # ask again at once

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        places = [verdict.sequence for verdict in self.verdicts]
        if places != sorted(set(places)) or (places and self.next != places[-1]):
            raise ValueError("verdicts come in rising sequence, and next is the last one's")
        return self
