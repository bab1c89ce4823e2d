"""The queue staff work on: claim, skip, decide, undo. Every move is one transaction and one audit entry.

The claim finds the head of the queue and takes it in one statement: on PostgreSQL it steps over rows that another
claim is just taking (`FOR UPDATE SKIP LOCKED`), on SQLite writers come one after the other anyway. Whether a lease ran
out is judged in that same statement, so nobody ever has to clean up after a reviewer who went away.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from center.domain import shot as moves
from center.domain.config import ReviewConfig
from center.domain.faults import MovedOn, WrongRequest
from center.domain.retake import check_approval, standing
from center.domain.ruling import Approve, Reject, Ruling
from center.domain.settle import check_settled
from center.domain.shot import Shot, Stage
from center.store.audit import Audit
from center.store.clock import Clock
from center.store.database import Database
from center.store.mending import Kept
from center.store.people import earlier_shots
from center.store.settling import answered_flags
from center.store.shots import SHOT_COLUMNS, Judged, read_for_ruling, read_shot, shot_of, write_shot
from center.store.tables import DecisionRow, FindingRow, MendedRow, ShotRow, SkipRow

QUEUED: BindParameter[str] = bindparam("queued", Stage.QUEUED.value, literal_execute=True)
# Written into the statement, not passed beside it: the partial indexes are only used when the planner sees it.


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the queue somebody works on; None: all of it."""

    school: str | None = None
    booth_id: str | None = None
    finding: str | None = None  # a check that did not pass


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much there is to do."""

    waiting: int  # claimed ones too
    flagged: int
    claimed: int
    oldest: datetime | None


class Queue:
    """The queue for all reviewers. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, audit: Audit, config: ReviewConfig, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._lease = timedelta(seconds=config.lease_s)
        self._undo = timedelta(seconds=config.undo_s)
        self._skip = timedelta(seconds=config.skip_s)
        self._clock = clock

    def claim_next(
        self, who: str, filters: Filters = EVERYTHING, count: int = 1, but: Collection[str] = ()
    ) -> list[Shot]:
        """Take the next `count` shots, flagged first, then the oldest; fewer or none if there are not so many.

        Shots that others hold or `who` skipped lately are passed over, and those of `but`. What `who` still holds, from
        a page that was closed or an answer that came too late, comes again under the version it has.
        """
        now = self._clock()
        own = and_(ShotRow.stage == QUEUED, ShotRow.holder == who, ShotRow.lease_until > now)
        head = (
            select(ShotRow.shot_id)
            .where(or_(_free(now), own), *matching(filters), _not_skipped(who, now), ShotRow.shot_id.not_in(but))
            .order_by(ShotRow.rank, ShotRow.queued_at, ShotRow.shot_id)
            .limit(count)
            .with_for_update(skip_locked=True)
            .cte("head")
        )
        take = (
            update(ShotRow)
            .where(ShotRow.shot_id.in_(select(head.c.shot_id)))
            .values(
                holder=who,
                lease_until=now + self._lease,
                claimed_at=now,
                version=ShotRow.version + case((own, 0), else_=1),
                touched_by=who,
                touched_at=now,
            )
            .returning(ShotRow.rank, ShotRow.queued_at, *SHOT_COLUMNS)
            .execution_options(synchronize_session=False)
        )
        with self._database.write() as session:
            taken = sorted(session.execute(take), key=lambda row: (row.rank, row.queued_at, row.shot_id))
            shots = [shot_of(row) for row in taken]
            for shot in shots:
                self._audit.append(session, now, who, "shot.shown", shot.shot_id)
        return shots

    def claim(self, who: str, shot_id: str) -> Shot:
        """Take this very shot (from a list, or back to the one before). Raises `MovedOn`, `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            shot = moves.claim(read_shot(session, shot_id, lock=True), who, now, self._lease)
            write_shot(session, shot, claimed_at=now)
            self._audit.append(session, now, who, "shot.shown", shot_id)
        return shot

    def renew(self, who: str, shot_id: str, version: int) -> Shot:
        """The page is still looked at. Raises `MovedOn`, `NotThere`."""
        with self._database.write() as session:
            shot = moves.renew(read_shot(session, shot_id, lock=True), who, version, self._clock(), self._lease)
            write_shot(session, shot)
        return shot

    def release(self, who: str, shot_id: str, version: int) -> Shot:
        """Give the shot back, undecided. Raises `MovedOn`, `NotThere`."""
        with self._database.write() as session:
            shot = moves.release(read_shot(session, shot_id, lock=True), who, version, self._clock())
            write_shot(session, shot)
        return shot

    def skip(self, who: str, shot_id: str, version: int) -> Shot:
        """Give the shot back and don't show it to `who` again for a while. Raises `MovedOn`, `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            shot = moves.release(read_shot(session, shot_id, lock=True), who, version, now)
            write_shot(session, shot)
            session.execute(delete(SkipRow).where(SkipRow.user_id == who, SkipRow.shot_id == shot_id))
            session.execute(insert(SkipRow).values(user_id=who, shot_id=shot_id, until=now + self._skip))
            self._audit.append(session, now, who, "shot.skipped", shot_id)
        return shot

    def skipped(self, who: str) -> list[str]:
        """The shots that `who` skipped lately and nobody decided since, the earliest skip first."""
        now = self._clock()
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(SkipRow.shot_id)
                    .join(ShotRow, ShotRow.shot_id == SkipRow.shot_id)
                    .where(SkipRow.user_id == who, SkipRow.until > now, ShotRow.stage == Stage.QUEUED.value)
                    .order_by(SkipRow.until, SkipRow.shot_id)
                )
            )

    def decide(
        self,
        who: str,
        shot_id: str,
        version: int,
        ruling: Ruling,
        *,
        shown_at: datetime | None = None,
        kept: Kept | None = None,
    ) -> Shot:
        """The holder decides; provisional for a while. `shown_at`: when the page really showed it, None: at the claim.
        `kept`: the photo made by the approval's mend (`Mending.make`), which must come with it.

        Raises `MovedOn`, `NotThere`, `ApprovedAlready`, `Unsettled`.
        """
        if (kept is not None) != (isinstance(ruling, Approve) and ruling.mend is not None):
            raise WrongRequest("a mended crop needs the photo that was made by it, and no other decision has one")
        now = self._clock()
        with self._database.write() as session:
            judged = read_for_ruling(session, shot_id)
            decided = moves.decide(judged.shot, who, version, ruling.decision, now, self._undo)
            self._settle(
                session, who, replace(judged, shot=decided), ruling, shown_at=shown_at, in_bulk=False, kept=kept
            )
        return decided

    def approve_seen(self, who: str, shot_id: str, version: int, shown_at: datetime) -> Shot:
        """Approve a shot of the visible page that nobody else holds. Only where every check passed.

        One by one, so that each shot of a page has its own answer. Raises `MovedOn`, `NotThere`, `ApprovedAlready`.
        """
        now = self._clock()
        with self._database.write() as session:
            judged = read_for_ruling(session, shot_id)
            seen = judged.shot
            if seen.version != version or not judged.all_passed:
                raise MovedOn(shot_id, seen.state(now).value, seen.touched_by, seen.touched_at)
            held = moves.claim(seen, who, now, self._lease)
            decided = moves.decide(held, who, held.version, Approve().decision, now, self._undo)
            self._settle(session, who, replace(judged, shot=decided), Approve(), shown_at=shown_at, in_bulk=True)
        return decided

    def undo(self, who: str, shot_id: str, version: int) -> Shot:
        """Take back one's own decision while nobody heard; the shot is held again. Raises `MovedOn`, `AlreadyTold`."""
        now = self._clock()
        with self._database.write() as session:
            undone = moves.undo(read_for_ruling(session, shot_id).shot, who, version, now, self._lease)
            self._take_back(session, undone, now, claimed_at=now)
            self._audit.append(session, now, who, "shot.undone", shot_id)
        return undone

    def reopen(self, who: str, shot_id: str, version: int) -> Shot:
        """Put a final decision back into the queue. Raises `MovedOn`, `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            reopened = moves.reopen(read_for_ruling(session, shot_id).shot, who, version, now)
            self._take_back(session, reopened, now, claimed_at=None)
            self._audit.append(session, now, who, "shot.reopened", shot_id)
        return reopened

    def waiting(self, filters: Filters = EVERYTHING) -> Waiting:
        """How much there is to do."""
        now = self._clock()
        count = func.count()
        with self._database.read() as session:
            row = session.execute(
                select(
                    count,
                    count.filter(ShotRow.rank == 0),
                    count.filter(and_(ShotRow.holder.is_not(None), ShotRow.lease_until > now)),
                    func.min(ShotRow.queued_at),
                ).where(ShotRow.stage == QUEUED, *matching(filters))
            ).one()
        return Waiting(*row)

    def _settle(
        self,
        session: Session,
        who: str,
        judged: Judged,
        ruling: Ruling,
        *,
        shown_at: datetime | None,
        in_bulk: bool,
        kept: Kept | None = None,
    ) -> None:
        """Write a decision: the shot, the photo it replaces or made, the history, the audit."""
        decided, shot_id, now = judged.shot, judged.shot.shot_id, judged.shot.decided_at
        assert judged.person_id is not None, "every opened shot has a person"
        assert now is not None, "a decision has its moment"
        replaces = None
        if isinstance(ruling, Approve):
            replaces = standing(earlier_shots(session, judged.person_id, shot_id), judged.year)
            check_approval(shot_id, replaces, ruling.replaces)
            check_settled(shot_id, judged.flags, answered_flags(session, [shot_id]).get(shot_id, ()))
        write_shot(session, decided)
        if replaces is not None:
            session.execute(update(ShotRow).where(ShotRow.shot_id == replaces).values(replaced_by=shot_id))
        reasons = list(ruling.reasons) if isinstance(ruling, Reject) else []
        mend = ruling.mend if isinstance(ruling, Approve) else None
        decision_id = session.execute(
            insert(DecisionRow)
            .returning(DecisionRow.decision_id)
            .values(
                shot_id=shot_id,
                user_id=who,
                decision=ruling.decision.value,
                reasons=reasons,
                note=ruling.note if isinstance(ruling, Reject) else "",
                mend=None if mend is None else [mend.scale, mend.dx, mend.dy],
                replaces=replaces,
                in_bulk=in_bulk,
                shown_at=shown_at or judged.claimed_at,
                decided_at=now,
            )
        ).scalar_one()
        detail: dict[str, Any] = {
            "reasons": reasons,
            "replaces": replaces,
            "mended": mend is not None,
            "in_bulk": in_bulk,
        }
        if kept is not None:
            values = {"decision_id": decision_id, "shot_id": shot_id, "sha256": kept.sha256, "size": kept.size}
            session.execute(insert(MendedRow).values(**values))
            detail["photo"] = kept.sha256.hex()
        self._audit.append(session, now, who, f"shot.{ruling.decision.value}", shot_id, detail)

    def _take_back(self, session: Session, shot: Shot, now: datetime, *, claimed_at: datetime | None) -> None:
        """Write a shot whose decision no longer holds; what it replaced stands again."""
        write_shot(session, shot, claimed_at=claimed_at)
        session.execute(update(ShotRow).where(ShotRow.replaced_by == shot.shot_id).values(replaced_by=None))
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == shot.shot_id)
        session.execute(
            update(DecisionRow).where(DecisionRow.decision_id == newest.scalar_subquery()).values(undone_at=now)
        )


def _free(now: datetime) -> ColumnElement[bool]:
    """Queued and not held: `Shot.state` says the same of one shot."""
    return and_(
        ShotRow.stage == QUEUED,
        or_(ShotRow.holder.is_(None), ShotRow.lease_until.is_(None), ShotRow.lease_until <= now),
    )


def matching(filters: Filters) -> Sequence[ColumnElement[bool]]:
    """The conditions of `filters` on `shots`."""
    wanted: list[Any] = []
    if filters.school is not None:
        wanted.append(ShotRow.school == filters.school)
    if filters.booth_id is not None:
        wanted.append(ShotRow.booth_id == filters.booth_id)
    if filters.finding is not None:
        wanted.append(exists().where(FindingRow.shot_id == ShotRow.shot_id, FindingRow.check_id == filters.finding))
    return wanted


def _not_skipped(who: str, now: datetime) -> ColumnElement[bool]:
    return ~exists().where(SkipRow.user_id == who, SkipRow.shot_id == ShotRow.shot_id, SkipRow.until > now)
