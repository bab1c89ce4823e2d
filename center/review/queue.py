"""The queue that staff work on: claim, skip, decide, undo. Every action is one transaction; the audit gets an entry for
each shot that is shown, skipped, set aside or decided, and for each decision that is undone.

`center.review.claim_query` claims the queue's head in one statement. A small share of decided shots goes to a second
reviewer, who can't tell which shots these are (`center.review.second_review`): for them, the same actions change the
second review, never the shot.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.identity.model import check_answered
from center.identity.service import answered_flags
from center.platform.clock import Clock
from center.platform.configuration import ReviewConfig
from center.platform.database import Database
from center.platform.faults import MovedOn, WrongRequest
from center.recrop.service import store_recropped
from center.review.claim_query import COUNTED, EVERYTHING, QUEUED, Filters, claim_head, matching
from center.review.second_review import draw, second_review_of, void, write_second_review
from center.review.second_review import take as take_second_reviews
from center.review.tables import SkipRow
from center.shots.decisions import add_decision, undo_decision
from center.shots.model import shot as moves
from center.shots.model.rank import Rank
from center.shots.model.retake import approved_photo, check_approval
from center.shots.model.shot import Shot
from center.shots.model.staff_decision import Approve, RecroppedPhoto, Reject, StaffDecision
from center.shots.people import earlier_shots
from center.shots.service import ShotToDecide, read_for_decision, read_shot, shot_of, unverify, write_shot
from center.shots.tables import ShotRow

_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts of waiting shots: at most `COUNTED` shots are counted, from the head of the queue. `oldest`: when the shot
    that has waited longest was queued."""

    waiting: int  # how many shots wait, including claimed ones
    flagged: int
    claimed: int
    oldest: datetime | None

    @property
    def many(self) -> bool:
        """Whether `COUNTED` or more shots wait."""
        return self.waiting >= COUNTED


class Queue:
    """The queue for all reviewers. Threads may share it; `who` is an account's id."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        config: ReviewConfig,
        clock: Clock,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        """`chance`: gives a number from 0 to 1;
        if it is below the configured share, a decision gets a second review."""
        self._database = database
        self._audit = audit
        self._share = config.second_look_share
        self._chance = chance
        self._lease = timedelta(seconds=config.lease_s)
        self._undo = timedelta(seconds=config.undo_s)
        self._skip = timedelta(seconds=config.skip_s)
        self._clock = clock

    def claim_next(
        self, who: str, filters: Filters = EVERYTHING, count: int = 1, but: Collection[str] = ()
    ) -> list[Shot]:
        """Claim the next `count` shots: due second reviews, then flagged shots, then the oldest; fewer or none if there
        are not enough.

        Left out are the shots that others hold, those that `who` skipped lately, and those in `but`. Shots that `who`
        still holds (because the page was closed, or the office's response got lost) are returned again with their
        present version.
        """
        now = self._clock()
        wanted = {
            "who": who,
            "now": now,
            "until": now + self._lease,
            "of_school": filters.school,
            "of_booth": filters.booth_id,
            "of_finding": filters.finding,
        }
        with self._database.write() as session:
            shots = self._second_reviews(session, who, now, filters, count, but)
            if len(shots) < count:
                values = {**wanted, "most": count - len(shots), "but": [*but, *(shot.shot_id for shot in shots)]}
                taken = session.execute(claim_head(filters.shape), values).all()
                shots += [shot_of(row) for row in sorted(taken, key=lambda row: (row.rank, row.queued_at, row.shot_id))]
            for shot in shots:
                self._audit.append(session, now, who, "shot.shown", shot.shot_id)
        return shots

    def claim(self, who: str, shot_id: str) -> Shot:
        """Claim one particular shot, which the reviewer chose in a list or went back to.

        Raises `MovedOn`, `NotThere`.
        """
        now = self._clock()
        with self._database.write() as session:
            shot, write = self._as_seen(session, who, shot_id)
            shot = moves.claim(shot, who, now, self._lease)
            write(shot, now)
            self._audit.append(session, now, who, "shot.shown", shot_id)
        return shot

    def renew(self, who: str, shot_id: str, version: int) -> Shot:
        """Renew the lease of a shot whose page is still visible. Raises `MovedOn`, `NotThere`."""
        with self._database.write() as session:
            shot, write = self._as_seen(session, who, shot_id)
            shot = moves.renew(shot, who, version, self._clock(), self._lease)
            write(shot, None)
        return shot

    def give_back(self, who: str, shot_id: str, version: int) -> Shot:
        """Give the shot back without a decision. Raises `MovedOn`, `NotThere`."""
        with self._database.write() as session:
            shot, write = self._as_seen(session, who, shot_id)
            shot = moves.give_back(shot, who, version, self._clock())
            write(shot, None)
        return shot

    def skip(self, who: str, shot_id: str, version: int) -> Shot:
        """Give the shot back and do not show it to `who` again for a while. Raises `MovedOn`, `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            shot, write = self._as_seen(session, who, shot_id)
            shot = moves.give_back(shot, who, version, now)
            write(shot, None)
            session.execute(delete(SkipRow).where(SkipRow.user_id == who, SkipRow.shot_id == shot_id))
            session.execute(insert(SkipRow).values(user_id=who, shot_id=shot_id, until=now + self._skip))
            self._audit.append(session, now, who, "shot.skipped", shot_id)
        return shot

    def set_aside(self, who: str, shot_id: str, version: int, reason: str) -> None:
        """Remove from the queue a shot whose envelope is missing, and store the reason. The shot is not verified any
        more, so the office asks its booth for the envelope, and queues the shot again once it has it.

        Raises `MovedOn` (also if `who` has the shot for a second review, because such a shot is decided), `NotThere`.
        """
        now = self._clock()
        with self._database.write() as session:
            write_shot(session, moves.set_aside(read_shot(session, shot_id, lock=True), who, version, now))
            unverify(session, shot_id, reason)
            self._audit.append(session, now, who, "shot.set_aside", shot_id)

    def decide(
        self,
        who: str,
        shot_id: str,
        version: int,
        staff_decision: StaffDecision,
        *,
        shown_at: datetime | None = None,
        recropped: RecroppedPhoto | None = None,
    ) -> Shot:
        """Record the holder's decision; it is provisional for a while.

        `shown_at`: when the page showed the shot; the review time counts from then (None: from the claim).
        `recropped`: the photo made for the approval's recrop (`Recropping.make`); a recrop requires it.

        Raises `MovedOn`, `NotThere`, `ApprovedAlready`, `OpenQuestions`.
        """
        if (recropped is not None) != (isinstance(staff_decision, Approve) and staff_decision.recrop is not None):
            raise WrongRequest("a recrop comes with the photo that it makes, and any other decision comes without one")
        now = self._clock()
        with self._database.write() as session:
            judged = read_for_decision(session, shot_id)
            second = second_review_of(session, who, judged.shot, lock=True)
            if second is not None:
                decided = moves.decide(second.shot, who, version, staff_decision.decision, now, self._undo)
                write_second_review(session, second, decided, staff_decision=staff_decision, shown_at=shown_at)
                self._audit.append(session, now, who, f"second.{staff_decision.decision.value}", shot_id)
                return decided
            decided = moves.decide(judged.shot, who, version, staff_decision.decision, now, self._undo)
            self._record(
                session,
                who,
                replace(judged, shot=decided),
                staff_decision,
                shown_at=shown_at,
                in_bulk=False,
                recropped=recropped,
            )
        return decided

    def approve_seen(self, who: str, shot_id: str, version: int, shown_at: datetime) -> Shot:
        """Approve a shot on the page of many shots, if nobody else holds it and every check passed.

        That page calls this once for each shot that is ticked on it, so that each has its own result. Raises `MovedOn`
        (also if a check did not pass), `NotThere`, `ApprovedAlready`.
        """
        now = self._clock()
        with self._database.write() as session:
            judged = read_for_decision(session, shot_id)
            seen = judged.shot
            if seen.version != version or not judged.all_passed:
                raise MovedOn(shot_id, seen.state(now).value, seen.touched_by, seen.touched_at)
            held = moves.claim(seen, who, now, self._lease)
            decided = moves.decide(held, who, held.version, Approve().decision, now, self._undo)
            self._record(session, who, replace(judged, shot=decided), Approve(), shown_at=shown_at, in_bulk=True)
        return decided

    def undo(self, who: str, shot_id: str, version: int) -> Shot:
        """Undo one's own provisional decision and lease the shot again. Raises `MovedOn`, `DecisionFinal`."""
        now = self._clock()
        with self._database.write() as session:
            shot = read_for_decision(session, shot_id).shot
            second = second_review_of(session, who, shot, lock=True)
            if second is not None:
                undone = moves.undo(second.shot, who, version, now, self._lease)
                write_second_review(session, second, undone, claimed_at=now)
                self._audit.append(session, now, who, "second.undone", shot_id)
                return undone
            undone = moves.undo(shot, who, version, now, self._lease)
            self._take_back(session, undone, now, claimed_at=now)
            self._audit.append(session, now, who, "shot.undone", shot_id)
        return undone

    def reopen(self, who: str, shot_id: str, version: int) -> Shot:
        """Put a shot with a final decision back into the queue. Raises `MovedOn`, `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            reopened = moves.reopen(read_for_decision(session, shot_id).shot, who, version, now)
            self._take_back(session, reopened, now, claimed_at=None)
            self._audit.append(session, now, who, "shot.reopened", shot_id)
        return reopened

    def waiting(self, filters: Filters = EVERYTHING) -> Waiting:
        """The counts of waiting shots that match `filters`.

        This reads at most `COUNTED` rows of the queue's head, and the oldest shot of each rank.
        """
        now = self._clock()
        head = (
            select(ShotRow.rank, ShotRow.holder, ShotRow.lease_until)
            .where(ShotRow.stage == QUEUED, *matching(filters))
            .order_by(ShotRow.rank, ShotRow.queued_at, ShotRow.shot_id)
            .limit(COUNTED)
            .subquery()
        )
        count = func.count()
        held = and_(head.c.holder.is_not(None), head.c.lease_until > now)
        counts = select(count, count.filter(head.c.rank == Rank.FLAGGED.value), count.filter(held)).select_from(head)
        with self._database.read() as session:
            waiting, flagged, claimed = session.execute(counts).one()
            oldest = self._oldest(session, filters)
        return Waiting(waiting, flagged, claimed, oldest)

    def oldest(self) -> datetime | None:
        """When the shot that has waited longest was queued; None if no shot waits."""
        with self._database.read() as session:
            return self._oldest(session, EVERYTHING)

    def _oldest(self, session: Session, filters: Filters) -> datetime | None:
        heads = [
            session.execute(
                select(ShotRow.queued_at)
                .where(ShotRow.stage == QUEUED, ShotRow.rank == rank.value, *matching(filters))
                .order_by(ShotRow.queued_at, ShotRow.shot_id)
                .limit(1)
            ).scalar_one_or_none()
            for rank in Rank
        ]
        return min((at for at in heads if at is not None), default=None)

    def _second_reviews(
        self, session: Session, who: str, now: datetime, filters: Filters, count: int, but: Collection[str]
    ) -> list[Shot]:
        return take_second_reviews(session, who, now, self._lease, filters, count, but) if self._share > 0 else []

    def _as_seen(
        self, session: Session, who: str, shot_id: str
    ) -> tuple[Shot, Callable[[Shot, datetime | None], None]]:
        """The shot as `who` sees it (a second review looks like a waiting shot), locked, and the function that stores
        its changes. Raises `NotThere`."""
        shot = read_shot(session, shot_id, lock=True)
        second = second_review_of(session, who, shot, lock=True)
        if second is None:
            return shot, lambda moved, claimed_at: write_shot(session, moved, claimed_at=claimed_at)
        return second.shot, lambda moved, claimed_at: write_second_review(session, second, moved, claimed_at=claimed_at)

    def _record(
        self,
        session: Session,
        who: str,
        judged: ShotToDecide,
        staff_decision: StaffDecision,
        *,
        shown_at: datetime | None,
        in_bulk: bool,
        recropped: RecroppedPhoto | None = None,
    ) -> None:
        """Store a decision: the shot, a mark on the shot that it replaces, the row of the decision, the recropped
        photo, and the audit entry; and perhaps draw the shot for a second review."""
        decided, shot_id, now = judged.shot, judged.shot.shot_id, judged.shot.decided_at
        assert judged.person_id is not None, "every opened shot has a person"
        assert now is not None, "a decision has its moment"
        replaces = None
        if isinstance(staff_decision, Approve):
            replaces = approved_photo(earlier_shots(session, judged.person_id, shot_id), judged.year)
            check_approval(shot_id, replaces, staff_decision.replaces)
            if judged.flags:
                check_answered(shot_id, judged.flags, answered_flags(session, [shot_id]).get(shot_id, ()))
        write_shot(session, decided)
        reasons = list(staff_decision.reasons) if isinstance(staff_decision, Reject) else []
        recrop = staff_decision.recrop if isinstance(staff_decision, Approve) else None
        decision_id = add_decision(
            session,
            {
                "shot_id": shot_id,
                "user_id": who,
                "decision": staff_decision.decision.value,
                "reasons": reasons,
                "note": staff_decision.note if isinstance(staff_decision, Reject) else "",
                "mend": None if recrop is None else [recrop.scale, recrop.dx, recrop.dy],
                "replaces": replaces,
                "in_bulk": in_bulk,
                "shown_at": shown_at or judged.claimed_at,
                "decided_at": now,
            },
        )
        if not judged.flags and recrop is None and self._chance() < self._share:
            draw(session, decided, decision_id, now)
        detail: dict[str, Any] = {
            "reasons": reasons,
            "replaces": replaces,
            "mended": recrop is not None,
            "in_bulk": in_bulk,
        }
        if recropped is not None:
            store_recropped(session, decision_id, shot_id, recropped)
            detail["photo"] = recropped.sha256.hex()
        self._audit.append(session, now, who, f"shot.{staff_decision.decision.value}", shot_id, detail)

    def _take_back(self, session: Session, shot: Shot, now: datetime, *, claimed_at: datetime | None) -> None:
        """Store a shot whose decision was undone; a photo that the shot had replaced is valid again."""
        write_shot(session, shot, claimed_at=claimed_at)
        undo_decision(session, shot.shot_id, now)
        void(session, shot.shot_id, now)
