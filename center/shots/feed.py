"""The decision feed: each booth has its own, with final decisions only.

A decision becomes final merely by the passing of time. It gets its place in the feed when the booth next asks, while
the booth's row is locked. So decisions become readable in the order of their places, and a booth that asks "after 41"
misses none.
"""

from sqlalchemy import BindParameter, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from center.booths.service import write_feed_place
from center.booths.tables import BoothRow
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.feed_places import feed_places
from center.shots.model.shot import Stage
from center.shots.tables import DecisionRow, FeedRow, ShotRow
from wire.decision import Decision, DecisionPage, ShotDecision

_DECIDED: BindParameter[str] = bindparam("decided", Stage.DECIDED.value, literal_execute=True)
_AT_ONCE = 500


class DecisionFeed:
    """The booths' feeds. Threads may share it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def page(self, booth_id: str, after: int, limit: int) -> DecisionPage:
        """At most `limit` decisions of the booth after a place of its feed. Raises `Unavailable`.

        If this office never assigned the place (its database was restored from a backup), the page starts from the
        beginning, with `reset`.
        """
        self._publish(booth_id)
        with self._database.read() as session:
            places = feed_places(session)
            newest = session.execute(
                select(BoothRow.verdict_sequence).where(BoothRow.booth_id == booth_id)
            ).scalar_one_or_none()
            known = places.stored_place(after)
            reset = known is None or known > (newest or 0)
            start = 0 if reset or known is None else known
            rows = session.scalars(
                select(FeedRow)
                .where(FeedRow.booth_id == booth_id, FeedRow.sequence > start)
                .order_by(FeedRow.sequence)
                .limit(limit + 1)
            ).all()
        decisions = tuple(
            ShotDecision(
                sequence=places.wire_place(row.sequence),
                shot_id=row.shot_id,
                decision=Decision(row.decision),
                reasons=tuple(row.reasons),
                decided_at=row.decided_at,
            )
            for row in rows[:limit]
        )
        following = decisions[-1].sequence if decisions else places.wire_place(start)
        return DecisionPage(reset=reset, decisions=decisions, next=following, more=len(rows) > limit)

    def _publish(self, booth_id: str) -> None:
        """Add the booth's decisions that have become final to its feed."""
        untold = (ShotRow.booth_id == booth_id, ShotRow.stage == _DECIDED, ~ShotRow.told)
        due = select(ShotRow.shot_id).where(*untold, ShotRow.final_at <= self._clock()).limit(1)
        with self._database.read() as session:
            if session.execute(due).first() is None:
                return
        with self._database.write() as session:
            # Not FOR UPDATE: the transaction that files a shot refers to the booth's row and must not wait for this
            # one.
            place = session.execute(
                select(BoothRow.verdict_sequence).where(BoothRow.booth_id == booth_id).with_for_update(key_share=True)
            ).scalar_one()
            shots = session.execute(
                select(ShotRow.shot_id, ShotRow.decision, ShotRow.decided_at)
                .where(*untold, ShotRow.final_at <= self._clock())
                .order_by(ShotRow.final_at, ShotRow.shot_id)
                .limit(_AT_ONCE)
                .with_for_update()
            ).all()
            if not shots:
                return
            decisions = [
                {
                    "booth_id": booth_id,
                    "sequence": place + number,
                    "shot_id": shot.shot_id,
                    "decision": shot.decision,
                    "reasons": _reasons(session, shot.shot_id),
                    "decided_at": shot.decided_at,
                }
                for number, shot in enumerate(shots, start=1)
            ]
            session.execute(insert(FeedRow), decisions)
            session.execute(
                update(ShotRow).where(ShotRow.shot_id.in_([shot.shot_id for shot in shots])).values(told=True)
            )
            write_feed_place(session, booth_id, place + len(shots))


def _reasons(session: Session, shot_id: str) -> list[str]:
    """The reasons of the shot's valid decision, which is its newest one."""
    newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == shot_id).scalar_subquery()
    return list(session.execute(select(DecisionRow.reasons).where(DecisionRow.decision_id == newest)).scalar_one())
