"""Reads for staff's pages: the queue's list, one shot with all its data, its photo.

Only this module decrypts names and numbers for the pages of review. Whoever views a person's data is recorded in the
audit before the page is shown (`seen`, `seen_together`, `revealed`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.identity.service import answered_flags
from center.platform.clock import Clock, epoch_ms
from center.platform.configuration import ReviewConfig
from center.platform.database import Database
from center.platform.faults import NotThere
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoDeleted
from center.platform.seal_keys import Envelopes
from center.review.claim_query import COUNTED, QUEUED, Filters, matching
from center.review.second_review import second_review_of
from center.review.summaries import (
    LastDecision,
    QueuePage,
    QueuePlace,
    ShotDetail,
    ShotSummary,
    last_decision,
    summary_of,
)
from center.review.tables import SecondReviewRow, SkipRow
from center.shots.identities import people_on, person_on
from center.shots.model.report import findings, read_report
from center.shots.model.retake import approved_photo
from center.shots.model.shot import Shot, Stage
from center.shots.people import earlier_shots
from center.shots.service import SHOT_COLUMNS, read_shot
from center.shots.tables import DecisionRow, FindingRow, ShotRow
from rules.profile import Profile
from wire.manifest import Person


class ReviewQueries:
    """Reads for staff. Threads may share it; `who` is an account's id."""

    def __init__(
        self,
        database: Database,
        envelopes: Envelopes,
        office_keys: OfficeKeys,
        audit: Audit,
        profiles: Mapping[str, Profile],
        config: ReviewConfig,
        clock: Clock,
    ) -> None:
        self._database = database
        self._envelopes = envelopes
        self._office_keys = office_keys
        self._audit = audit
        self._profiles = profiles
        self._skip = timedelta(seconds=config.skip_s)
        self._clock = clock

    def page(self, who: str, filters: Filters, after: QueuePlace | None, limit: int) -> QueuePage:
        """At most `limit` waiting shots in the queue's order, from its head or after the place `after`. The audit gets
        one entry for the whole list.
        """
        query = (
            select(*_LINE_COLUMNS)
            .where(ShotRow.stage == QUEUED, *matching(filters))
            .order_by(ShotRow.rank, ShotRow.queued_at, ShotRow.shot_id)
            .limit(limit + 1)
        )
        if after is not None:
            at = datetime.fromtimestamp(after.queued_ms / 1000, self._clock().tzinfo)
            query = query.where(
                or_(
                    ShotRow.rank > after.rank,
                    and_(ShotRow.rank == after.rank, ShotRow.queued_at > at),
                    and_(ShotRow.rank == after.rank, ShotRow.queued_at == at, ShotRow.shot_id > after.shot_id),
                )
            )
        with self._database.read() as session:
            rows = session.execute(query).all()
            lines = self._lines(session, rows[:limit])
        self.seen_together(who, [line.shot.shot_id for line in lines])
        rest = rows[limit - 1] if len(rows) > limit else None
        at_ms = 0 if rest is None else epoch_ms(rest.queued_at)
        return QueuePage(lines, None if rest is None else QueuePlace(rest.rank, at_ms, rest.shot_id))

    def depth(self, filters: Filters) -> int:
        """The number of waiting shots; it counts no further than `COUNTED`."""
        some = select(ShotRow.shot_id).where(ShotRow.stage == QUEUED, *matching(filters)).limit(COUNTED)
        with self._database.read() as session:
            return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()

    def schools(self) -> list[str]:
        """The schools with waiting shots. However long the queue is, the query makes only one step in the index for
        each school."""
        with self._database.read() as session:
            return list(session.scalars(sql(_SCHOOLS)))

    def sheet(self, shot_id: str, who: str | None = None) -> ShotDetail:
        """One shot as `who` may see it: the reviewer of a second review sees the shot as waiting and does not see the
        first decision.

        Raises `NotThere` (also for a shot that was never opened), `PhotoDeleted`, `Unavailable`, `OfficeKeysFault`.
        """
        with self._database.read() as session:
            row = session.execute(select(*_LINE_COLUMNS).where(ShotRow.shot_id == shot_id)).one_or_none()
            if row is None or row.profile not in self._profiles:
                raise NotThere("there is no shot {shot_id!r} to look at", shot_id=shot_id[:40])
            if row.photo_purged_at is not None:
                raise PhotoDeleted(shot_id)
            (line,) = self._lines(session, [row])
            rows = session.execute(
                select(*_LINE_COLUMNS)
                .where(ShotRow.person_id == row.person_id, ShotRow.shot_id != shot_id)
                .order_by(ShotRow.queued_at.desc(), ShotRow.shot_id)
                .limit(_EARLIER)
            ).all()
            earlier = self._lines(session, rows)
            stands = approved_photo(earlier_shots(session, row.person_id, shot_id), row.year)
            said = last_decision(session, shot_id)
            second = None if who is None else second_review_of(session, who, line.shot)
        if second is not None:
            line = replace(line, shot=second.shot, reasons=second.reasons)
            # A shot is drawn for a second review only if its person has no other shot, so none is shown here.
            earlier, stands = (), None
            said = (
                None if second.shot.decision is None else LastDecision(second.reasons, second.note, None, undone=False)
            )
        profile = self._profiles[row.profile]
        envelope = self._envelopes.open(shot_id, row.sha256)
        manifest, results = envelope.manifest, read_report(envelope.manifest.checks)
        recroppable = envelope.original is not None
        return ShotDetail(
            line, manifest, profile, results, findings(results, profile), earlier, stands, said, recroppable
        )

    def shot(self, shot_id: str) -> Shot:
        """The part of one shot that changes: its stage, version, lease and decision. Raises `NotThere`."""
        with self._database.read() as session:
            return read_shot(session, shot_id)

    def photo(self, shot_id: str) -> bytes:
        """The photo's file, byte for byte. Raises `NotThere`, `PhotoDeleted`, `Unavailable`."""
        columns = ShotRow.sha256, ShotRow.verified_at, ShotRow.photo_purged_at
        with self._database.read() as session:
            row = session.execute(select(*columns).where(ShotRow.shot_id == shot_id)).one_or_none()
        if row is None or row.verified_at is None:
            raise NotThere("there is no shot {shot_id!r} to look at", shot_id=shot_id[:40])
        if row.photo_purged_at is not None:
            raise PhotoDeleted(shot_id)
        return self._envelopes.open(shot_id, row.sha256).photo

    def name_of(self, shot_id: str) -> str:
        """The name of the person on a shot that the reviewer has just worked on; the caller masks it. Empty if there is
        none."""
        with self._database.read() as session:
            person = person_on(session, self._office_keys, shot_id)
        return "" if person is None else person.name

    def seen(self, who: str, shot_id: str) -> None:
        """Record in the audit that `who` viewed a shot without having leased it."""
        now = self._clock()
        with self._database.write() as session:
            self._audit.append(session, now, who, "shot.seen", shot_id)

    def revealed(self, who: str, shot_id: str) -> Person:
        """The person unmasked. The audit records this. Raises `NotThere`, `OfficeKeysFault`."""
        now = self._clock()
        with self._database.write() as session:
            person = person_on(session, self._office_keys, shot_id)
            if person is None:
                raise NotThere("there is no shot {shot_id!r} to look at", shot_id=shot_id[:40])
            self._audit.append(session, now, who, "person.revealed", shot_id)
        return person

    def lately(self, who: str, count: int) -> list[str]:
        """The shots that `who` most recently decided or skipped, newest first, each once."""
        decided = (
            select(DecisionRow.shot_id, DecisionRow.decided_at)
            .where(DecisionRow.user_id == who)
            .order_by(DecisionRow.decided_at.desc())
            .limit(count)
        )
        skipped = (
            select(SkipRow.shot_id, SkipRow.until)
            .where(SkipRow.user_id == who)
            .order_by(SkipRow.until.desc())
            .limit(count)
        )
        seconds = (
            select(SecondReviewRow.shot_id, SecondReviewRow.decided_at)
            .where(SecondReviewRow.touched_by == who, SecondReviewRow.decided_at.is_not(None))
            .order_by(SecondReviewRow.decided_at.desc())
            .limit(count)
        )
        with self._database.read() as session:
            moves = [(row.decided_at, row.shot_id) for row in session.execute(decided)]
            moves += [(row.until - self._skip, row.shot_id) for row in session.execute(skipped)]
            moves += [(row.decided_at, row.shot_id) for row in session.execute(seconds)]
        return list(dict.fromkeys(shot_id for _, shot_id in sorted(moves, reverse=True)))[:count]

    def of_school(self, who: str, school: str | None, limit: int) -> tuple[ShotSummary, ...]:
        """The newest opened shots of a school (None: of all) in any state. The audit gets one entry for the whole
        list."""
        query = select(*_LINE_COLUMNS).where(ShotRow.queued_at.is_not(None)).order_by(ShotRow.queued_at.desc())
        if school is not None:
            query = query.where(ShotRow.school == school)
        with self._database.read() as session:
            lines = self._lines(session, session.execute(query.limit(limit)).all())
        self.seen_together(who, [line.shot.shot_id for line in lines])
        return lines

    def set_aside(self, limit: int) -> list[tuple[ShotSummary, tuple[str, ...]]]:
        """Shots that are missing from the queue, newest first, each with the reasons. Either the office refused the
        shot when it opened the envelope, or it lost the envelope later; or it has not opened the envelope for
        `_NOT_OPENED`, because the key is missing or opening failed (then there are no reasons).
        """
        with self._database.read() as session:
            rows = session.execute(
                select(*_LINE_COLUMNS)
                .where(
                    or_(
                        ShotRow.stage == Stage.REFUSED.value,
                        and_(ShotRow.stage == Stage.RECEIVED.value, ShotRow.received_at < self._clock() - _NOT_OPENED),
                    )
                )
                .order_by(ShotRow.received_at.desc())
                .limit(limit)
            ).all()
        return [(summary_of(row), tuple(row.refusal or ())) for row in rows]

    def seen_together(self, who: str, shot_ids: Sequence[str]) -> None:
        """Record in the audit that `who` viewed a list of shots; an empty list is not recorded."""
        if not shot_ids:
            return
        now = self._clock()
        with self._database.write() as session:
            self._audit.append(session, now, who, "list.shown", "", {"shots": list(shot_ids)})

    def _lines(self, session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[ShotSummary, ...]:
        ids = [row.shot_id for row in rows]
        people = people_on(session, self._office_keys, ids)
        found: dict[str, list[str]] = {}
        for row in session.execute(
            select(FindingRow.shot_id, FindingRow.check_id).where(FindingRow.shot_id.in_(ids))
        ).all():
            found.setdefault(row.shot_id, []).append(row.check_id)
        newest = (
            select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id.in_(ids)).group_by(DecisionRow.shot_id)
        )
        reasons = {
            row.shot_id: tuple(row.reasons)
            for row in session.execute(
                select(DecisionRow.shot_id, DecisionRow.reasons).where(
                    DecisionRow.decision_id.in_(newest), DecisionRow.undone_at.is_(None)
                )
            )
        }
        answered = answered_flags(session, ids)
        return tuple(
            summary_of(
                row,
                answered=answered.get(row.shot_id, frozenset()),
                findings=tuple(found.get(row.shot_id, ())),
                person=people.get(row.shot_id),
                reasons=reasons.get(row.shot_id, ()),
            )
            for row in rows
        )


_NOT_OPENED = timedelta(minutes=10)
_EARLIER = 8

_LINE_COLUMNS = (
    *SHOT_COLUMNS,
    ShotRow.rank,
    ShotRow.booth_id,
    ShotRow.sha256,
    ShotRow.school,
    ShotRow.year,
    ShotRow.profile,
    ShotRow.person_id,
    ShotRow.received_at,
    ShotRow.queued_at,
    ShotRow.flags,
    ShotRow.all_passed,
    ShotRow.refusal,
    ShotRow.photo_purged_at,
)

_SCHOOLS = """
WITH RECURSIVE waiting(school) AS (
    SELECT min(school) FROM shots WHERE stage = 'queued'
    UNION ALL
    SELECT (SELECT min(school) FROM shots WHERE stage = 'queued' AND school > waiting.school)
    FROM waiting WHERE waiting.school IS NOT NULL
)
SELECT school FROM waiting WHERE school IS NOT NULL
"""
