"""Second reviews: a small random share of decided shots goes to another reviewer, who can't tell which shots they are.

For that reviewer the shot is waiting, with its own version and lease, and follows the same rules
(`center.shots.model.shot`); its changes are stored in `second_looks`, never in `shots`. The first decision stays valid.
If the two decisions differ, a supervisor sees both and decides. A shot is drawn only if its page does not reveal that
it was decided: it has no flag, was not recropped, and is its person's only shot. A second review that nobody took
within a day expires, because a photo's age would reveal it, too."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere
from center.platform.tables import table_of
from center.review.claim_query import EVERYTHING, Filters, matching
from center.review.model.shares import Share
from center.review.tables import SecondReviewRow, SkipRow
from center.shots.model.shot import Shot, Stage
from center.shots.model.staff_decision import Reject, StaffDecision
from center.shots.tables import DecisionRow, ShotRow
from wire.decision import Decision

OPEN_FOR = timedelta(days=1)
MOST_OPEN = 200
"""The most second reviews that may wait. Without this limit, an office with one reviewer would collect more and more of
them, which nobody can do."""

_REVIEWS = table_of(SecondReviewRow)
_COLUMNS = tuple(_REVIEWS.c)

_WAITING = (
    select(_REVIEWS.c.look_id)
    .where(
        _REVIEWS.c.decision.is_(None),
        _REVIEWS.c.voided_at.is_(None),
        _REVIEWS.c.due_at <= bindparam("now"),
        _REVIEWS.c.due_at > bindparam("since"),
    )
    .order_by(_REVIEWS.c.due_at, _REVIEWS.c.look_id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class ReviewedDecision:
    """One of the two decisions on a shot: when it was made, by whom (an account's id), with which reasons."""

    decision: Decision
    by: str
    at: datetime
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two decisions on one shot that differ: `first`, and `again` of the second review. `version`: the shot's version,
    needed to return the shot to the queue."""

    look_id: int
    shot_id: str
    version: int
    first: ReviewedDecision
    again: ReviewedDecision


@dataclass(frozen=True, slots=True)
class SecondReviewFigures:
    """Counts of the second reviews of some days. `differ`: the share of second reviews whose decision differs from the
    first one; `open`: how many second reviews wait now."""

    differ: Share
    too_strict: int  # how many shots were rejected first, and approved in the second review
    too_kind: int  # how many shots were approved first, and rejected in the second review
    open: int


def draw(session: Session, shot: Shot, decision_id: int, now: datetime) -> None:
    """Choose a shot that was just decided for a second review. It is not chosen if `MOST_OPEN` second reviews are
    waiting, or if the person has another shot, which the page would show.
    """
    person_id = select(ShotRow.person_id).where(ShotRow.shot_id == shot.shot_id).scalar_subquery()
    others = select(ShotRow.shot_id).where(ShotRow.person_id == person_id, ShotRow.shot_id != shot.shot_id).limit(1)
    waiting = select(_REVIEWS.c.look_id).where(*_open(now)).limit(MOST_OPEN).subquery()
    if (
        session.execute(others).first() is not None
        or session.execute(select(func.count()).select_from(waiting)).scalar_one() >= MOST_OPEN
    ):
        return
    session.execute(
        insert(_REVIEWS).values(
            shot_id=shot.shot_id,
            decision_id=decision_id,
            first_by=shot.decided_by,
            first_decision=shot.decision.value if shot.decision else "",
            first_at=shot.decided_at,
            due_at=shot.final_at,
            version=1,
        )
    )


def void(session: Session, shot_id: str, now: datetime) -> None:
    """Cancel the undecided second review of a shot, because the first decision was undone."""
    session.execute(
        update(_REVIEWS)
        .where(_REVIEWS.c.shot_id == shot_id, _REVIEWS.c.decision.is_(None), _REVIEWS.c.voided_at.is_(None))
        .values(voided_at=now)
    )


def take(
    session: Session,
    who: str,
    now: datetime,
    lease: timedelta,
    filters: Filters,
    count: int,
    but: Collection[str],
) -> list[Shot]:
    """Lease to `who` at most `count` due second reviews, the longest due first: those that `who` holds already, and
    those that nobody holds. Left out are shots on which `who` ever decided, and shots that do not match the filters in
    use: a photo of another school would reveal that it is a second review.
    """
    # This look-up is one step in a small index. Nearly always no second review waits, and then claiming a shot must
    # cost nothing more.
    waiting = session.execute(_WAITING, {"now": now, "since": now - OPEN_FOR, "most": MOST_OPEN}).scalars().all()
    if not waiting:
        return []
    own = and_(_REVIEWS.c.holder == who, _REVIEWS.c.lease_until > now)
    fits = [exists().where(ShotRow.shot_id == _REVIEWS.c.shot_id, *matching(filters))] if filters != EVERYTHING else []
    free = or_(_REVIEWS.c.holder.is_(None), _REVIEWS.c.lease_until <= now)
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            _REVIEWS.c.look_id.in_(waiting),
            *_open(now),
            or_(own, free),
            *fits,
            _REVIEWS.c.shot_id.not_in(but),
            ~exists().where(DecisionRow.shot_id == _REVIEWS.c.shot_id, DecisionRow.user_id == who),
            ~exists().where(SkipRow.user_id == who, SkipRow.shot_id == _REVIEWS.c.shot_id, SkipRow.until > now),
        )
        .order_by(_REVIEWS.c.due_at, _REVIEWS.c.look_id)
        .limit(count)
        .with_for_update(skip_locked=True)
    ).all()
    taken = []
    for row in rows:
        shot = _shot(row)
        if row.holder != who or row.lease_until <= now:
            shot = replace(shot, version=shot.version + 1)
        shot = replace(shot, holder=who, lease_until=now + lease, touched_by=who, touched_at=now)
        _write(session, row.look_id, shot, claimed_at=now)
        taken.append(shot)
    return taken


@dataclass(frozen=True, slots=True)
class SecondReview:
    """A second review as the shot its reviewer sees."""

    look_id: int
    shot: Shot
    claimed_at: datetime | None
    reasons: tuple[str, ...]
    note: str


def second_review_of(session: Session, who: str, shot: Shot, *, lock: bool = False) -> SecondReview | None:
    """The second review of `shot` that `who` holds, or held last; None if there is none."""
    if shot.stage is not Stage.DECIDED or shot.decided_by == who:
        return None
    query = (
        select(*_COLUMNS)
        .where(
            _REVIEWS.c.shot_id == shot.shot_id,
            _REVIEWS.c.touched_by == who,
            _REVIEWS.c.first_at == shot.decided_at,
            _REVIEWS.c.voided_at.is_(None),
        )
        .order_by(_REVIEWS.c.look_id.desc())
        .limit(1)
    )
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    return SecondReview(row.look_id, _shot(row), row.claimed_at, tuple(row.reasons or ()), row.note or "")


def write_second_review(
    session: Session,
    second: SecondReview,
    shot: Shot,
    *,
    claimed_at: datetime | None = None,
    staff_decision: StaffDecision | None = None,
    shown_at: datetime | None = None,
) -> None:
    """Store the changes of a second review and its decision."""
    said: dict[str, Any] = {}
    if staff_decision is not None:
        said = {
            "reasons": list(staff_decision.reasons) if isinstance(staff_decision, Reject) else [],
            "note": staff_decision.note if isinstance(staff_decision, Reject) else "",
            "shown_at": shown_at or second.claimed_at,
        }
    _write(session, second.look_id, shot, claimed_at=claimed_at, **said)


class SecondReviews:
    """The results of second reviews. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def figures(self, days: int) -> SecondReviewFigures:
        """Counts of the last `days` days; a second review counts once it can no longer be undone."""
        now = self._clock()
        done = (_REVIEWS.c.decided_at >= now - timedelta(days=days), _REVIEWS.c.final_at <= now)
        count = func.count()
        differ = _REVIEWS.c.decision != _REVIEWS.c.first_decision
        approved = _REVIEWS.c.decision == Decision.APPROVED.value
        with self._database.read() as session:
            of, strict, kind = session.execute(
                select(count, count.filter(differ, approved), count.filter(differ, ~approved)).where(*done)
            ).one()
            waiting = select(_REVIEWS.c.look_id).where(*_open(now)).limit(MOST_OPEN).subquery()
            still = session.execute(select(func.count()).select_from(waiting)).scalar_one()
        return SecondReviewFigures(Share(strict + kind, of), strict, kind, still)

    def disagreements(self, limit: int) -> list[Disagreement]:
        """Disagreements that no supervisor has arbitrated, of decisions that are still valid; oldest first."""
        query = (
            select(*_COLUMNS, ShotRow.version.label("shot_version"), DecisionRow.reasons.label("first_reasons"))
            .join(ShotRow, ShotRow.shot_id == _REVIEWS.c.shot_id)
            .join(DecisionRow, DecisionRow.decision_id == _REVIEWS.c.decision_id)
            .where(
                _REVIEWS.c.decision.is_not(None),
                _REVIEWS.c.settled_at.is_(None),
                _REVIEWS.c.final_at <= self._clock(),
                _REVIEWS.c.decision != _REVIEWS.c.first_decision,
                ShotRow.stage == Stage.DECIDED.value,
                ShotRow.decided_at == _REVIEWS.c.first_at,
            )
            .order_by(_REVIEWS.c.look_id)
            .limit(limit)
        )
        with self._database.read() as session:
            rows = session.execute(query).all()
        return [
            Disagreement(
                row.look_id,
                row.shot_id,
                row.shot_version,
                ReviewedDecision(Decision(row.first_decision), row.first_by, row.first_at, tuple(row.first_reasons)),
                ReviewedDecision(Decision(row.decision), row.touched_by, row.decided_at, tuple(row.reasons or ())),
            )
            for row in rows
        ]

    def arbitrate(self, who: str, look_id: int, outcome: str) -> None:
        """Record a supervisor's choice: the `first` decision stays, or the shot goes `back`. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            row = session.execute(
                update(_REVIEWS)
                .where(_REVIEWS.c.look_id == look_id, _REVIEWS.c.decision.is_not(None), _REVIEWS.c.settled_at.is_(None))
                .values(settled_by=who, settled_at=now, outcome=outcome)
                .returning(_REVIEWS.c.shot_id)
            ).one_or_none()
            if row is None:
                raise NotThere("there is no such disagreement, or somebody has arbitrated it")
            self._audit.append(session, now, who, "second.settled", row.shot_id, {"outcome": outcome})


def _open(now: datetime) -> Sequence[Any]:
    """The SQL condition of second reviews that wait: due, undecided, not too old."""
    return (
        _REVIEWS.c.decision.is_(None),
        _REVIEWS.c.voided_at.is_(None),
        _REVIEWS.c.due_at <= now,
        _REVIEWS.c.due_at > now - OPEN_FOR,
    )


def _shot(row: Any) -> Shot:
    """The second review as the shot its reviewer sees."""
    decision = None if row.decision is None else Decision(row.decision)
    return Shot(
        shot_id=row.shot_id,
        stage=Stage.QUEUED if decision is None else Stage.DECIDED,
        version=row.version,
        holder=row.holder,
        lease_until=row.lease_until,
        decision=decision,
        decided_by=None if decision is None else row.touched_by,
        decided_at=row.decided_at,
        final_at=row.final_at,
        touched_by=row.touched_by,
        touched_at=row.touched_at,
    )


def _write(session: Session, look_id: int, shot: Shot, *, claimed_at: datetime | None = None, **said: Any) -> None:
    values: dict[str, Any] = {
        "version": shot.version,
        "holder": shot.holder,
        "lease_until": shot.lease_until,
        "touched_by": shot.touched_by,
        "touched_at": shot.touched_at,
        "decision": None if shot.decision is None else shot.decision.value,
        "decided_at": shot.decided_at,
        "final_at": shot.final_at,
        **said,
    }
    if claimed_at is not None:
        values["claimed_at"] = claimed_at
    session.execute(update(_REVIEWS).where(_REVIEWS.c.look_id == look_id).values(**values))
