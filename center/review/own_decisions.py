"""A reviewer's own decisions of a day, and which of them can still be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.platform.clock import Clock
from center.platform.database import Database
from center.review.second_review import second_review_of
from center.review.tables import SecondReviewRow
from center.shots.model.shot import Shot, State
from center.shots.service import read_shot
from center.shots.tables import DecisionRow
from rules.season import CHINA


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """One decision. `open_s`: the seconds left to undo it, 0 if it is final; `version`: the version of the shot,
    which is needed to undo the decision.
    """

    shot_id: str
    decision: str
    reasons: tuple[str, ...]
    decided_at: datetime
    in_bulk: bool
    undone: bool
    open_s: int
    version: int | None


class OwnDecisions:
    """Reads a reviewer's own decisions. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def today(self, who: str, limit: int) -> list[OwnDecision]:
        """The newest decisions of today (in China), at most `limit`.
        A second review looks like any other in this list."""
        now = self._clock()
        midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        first = (
            select(DecisionRow)
            .where(DecisionRow.user_id == who, DecisionRow.decided_at >= midnight)
            .order_by(DecisionRow.decided_at.desc(), DecisionRow.decision_id.desc())
            .limit(limit)
        )
        again = (
            select(SecondReviewRow)
            .where(SecondReviewRow.touched_by == who, SecondReviewRow.decided_at >= midnight)
            .order_by(SecondReviewRow.decided_at.desc())
            .limit(limit)
        )
        with self._database.read() as session:
            made = [
                (row.decided_at, row.shot_id, row.decision, row.reasons, row.in_bulk, row.undone_at is not None)
                for row in session.scalars(first)
            ]
            made += [
                (row.decided_at, row.shot_id, row.decision, row.reasons or [], False, False)
                for row in session.scalars(again)
                if row.decided_at is not None and row.decision is not None
            ]
            made.sort(key=lambda one: one[0], reverse=True)
            return [self._own(session, who, now, one) for one in made[:limit]]

    def _own(
        self,
        session: Session,
        who: str,
        now: datetime,
        made: tuple[datetime, str, str, Sequence[str], bool, bool],
    ) -> OwnDecision:
        decided_at, shot_id, decision, reasons, in_bulk, undone = made
        shot = None if undone else self._open(session, who, now, shot_id, decided_at)
        left = 0 if shot is None or shot.final_at is None else -(-(shot.final_at - now).total_seconds() // 1)
        version = None if shot is None else shot.version
        return OwnDecision(shot_id, decision, tuple(reasons), decided_at, in_bulk, undone, int(left), version)

    def _open(self, session: Session, who: str, now: datetime, shot_id: str, decided_at: datetime) -> Shot | None:
        """The shot as its reviewer sees it; None if this decision on the shot can't be undone any more."""
        shot = read_shot(session, shot_id)
        second = second_review_of(session, who, shot)
        seen = shot if second is None else second.shot
        provisional = seen.state(now) is State.PROVISIONAL and seen.decided_by == who
        return seen if provisional and seen.decided_at == decided_at else None
