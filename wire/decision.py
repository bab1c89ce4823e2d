"""Staff's decisions on shots, and the feed in which a booth reads them."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from wire.model import MOST_ITEMS, Count, Message, Moment, ShotId, WireModel

Reason = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""The reason of a rejection: the name of a check (`kiosk check --json`), or `other`."""


class Decision(StrEnum):
    """What staff decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ShotDecision(WireModel):
    """One decision. A later decision on the same shot replaces it."""

    sequence: Annotated[Count, Field(ge=1)]  # the decision's place in this booth's feed
    shot_id: ShotId
    decision: Decision
    reasons: Annotated[tuple[Reason, ...], Field(max_length=40)] = ()  # a rejection has at least one reason
    decided_at: Moment

    @model_validator(mode="after")
    def _rejection_has_a_reason(self) -> Self:
        if (self.decision is Decision.REJECTED) != bool(self.reasons):
            raise ValueError("a rejection has reasons, an approval has none")
        return self


class DecisionPage(Message):
    """The decisions after a place in the feed, oldest first. The booth sends `next` as `after` in its next request.

    `reset` says that the office no longer knows the booth's place in the feed: the booth forgets all decisions and then
    applies the page.
    """

    reset: bool = False
    decisions: Annotated[tuple[ShotDecision, ...], Field(max_length=MOST_ITEMS)]
    next: Count
    more: bool  # whether there are more decisions; then the booth asks for the next page at once

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        places = [one.sequence for one in self.decisions]
        if places != sorted(set(places)) or (places and self.next != places[-1]):
            raise ValueError("decisions come in rising sequence, and next is the last one's")
        return self
