"""The purge deletes what is due, except what must stay because of a hold, an open request or an open correction case.
Counts of the season do not change.

A photo's row is marked and its bytes are deleted within one transaction, during which nobody can note a hold
(`center.platform.keeping`). The bytes are deleted last, when every statement of the transaction has succeeded. If a
deletion of bytes or the commit itself fails, the marks are undone, and bytes that are already gone stay gone: the
office takes these photos for lost until the next purge, or the request that is still open, deletes them again and sets
the marks. The row of a shot keeps the day, the school and the decision, so that everything can still be counted, but
nothing about the person.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from center.attendance.tables import AbsenceRow
from center.audit.service import Audit
from center.billing.tables import LetterItemRow, LetterRow
from center.campus.service import CampusList
from center.corrections.model import CaseState
from center.corrections.tables import CorrectionCaseRow, CorrectionFormRow
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.graduates.owners import DataSubject, Owners
from center.identity.tables import AnswerRow
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.keeping import begin_deleting, noted
from center.platform.photos import PhotoStore, photo_name
from center.recrop.tables import RecroppedRow
from center.retention.kept import Protected, kept_by, open_holds, open_requests
from center.retention.model import Clause, Due, Retained, made_before, roster_year_due, taken_before
from center.review.tables import SecondReviewRow
from center.roster.service import Roster
from center.roster.tables import RosterEntry, RosterVersionRow
from center.season.service import Seasons
from center.shots.model.shot import Stage
from center.shots.tables import DecisionRow, IdentityRow, ReportRow, ShotRow
from rules.profile import Profile
from rules.season import day_in_china

_AT_ONCE = 200
# How many photos one transaction deletes. A bucket needs about four requests for each photo, one after the other, and
# whoever notes something that keeps data waits for the transaction, ten seconds at most; with SQLite every booth does.
_PHOTOS_AT_ONCE = 5
_ON_REQUEST = "the graduate asked for deletion: nothing of this photo is left"

_Id = TypeVar("_Id", str, int)


@dataclass(frozen=True, slots=True)
class Purged:
    """The result of a purge. `counts`: how many items of each kind were deleted; `held`: how many people have photos
    that are due and must stay; `left`: how many items are due and remain for the next purge."""

    counts: Mapping[Retained, int]
    held: int
    left: int


class Purge:
    """Deletes what is due. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        audit: Audit,
        roster: Roster,
        campus: CampusList,
        seasons: Seasons,
        profiles: Mapping[str, Profile],
        table: Mapping[Retained, Clause],
        owners: Owners,
        clock: Clock,
    ) -> None:
        self._database = database
        self._photos = photos
        self._audit = audit
        self._roster = roster
        self._campus = campus
        self._seasons = seasons
        self._profiles = profiles
        self._table = table
        self._owners = owners
        self._clock = clock

    def due(self) -> Due:
        """How much is due now, without deleting anything. Raises `Unavailable`."""
        now = self._clock()
        with self._database.read() as session:
            protected = self._kept(session)
            shots = {
                kept: self._count(session, self._due_shots(kept, now), protected)
                for kept in (Retained.PHOTOS, Retained.IDENTITIES)
            }
            items = session.execute(
                select(func.count())
                .select_from(DeliveryItemRow)
                .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
                .where(DeliveryRow.made_at < made_before(self._table[Retained.DELIVERIES], now))
            ).scalar_one()
            billed = session.execute(
                select(func.count()).select_from(LetterItemRow).where(self._due_letters(now))
            ).scalar_one()
            rows = len(self._due_rows(session, protected)) + len(self._due_on_campus(session, protected))
            held = self._held(session, now, protected)
        counts = {**shots, Retained.ROSTERS: rows, Retained.DELIVERIES: items, Retained.BILLING: billed}
        counts[Retained.AUDIT] = 0
        return Due(counts, held)

    def purge(self, who: str, most: int = 1_000_000) -> Purged:
        """Delete about `most` due photos and about `most` due identities at most, and everything else that is due. The
        audit records how much.

        A repeated call continues where the last one stopped. Raises `Unavailable`, `OfficeKeysFault`.
        """
        counts = Counter(dict.fromkeys(Retained, 0))
        try:
            for kept in (Retained.PHOTOS, Retained.IDENTITIES):
                while counts[kept] < most and (done := self._batch(kept)):
                    counts.update(done)
            counts[Retained.ROSTERS] = self._drop_rows(who)
            counts[Retained.DELIVERIES] = self._drop_items()
            counts[Retained.BILLING] = self._drop_letter_items()
        finally:
            now = self._clock()
            detail: dict[str, str | int] = {kept.value: count for kept, count in counts.items() if count}
            if detail:
                with self._database.write() as session:
                    self._audit.append(session, now, who, "data.purged", "retention", detail)
        due = self.due()
        return Purged(counts, due.held, sum(due.counts.values()))

    def forget(self, session: Session, subject: DataSubject) -> list[str]:
        """Delete now, whether due or not, a graduate's identities and lines in deliveries, and what correction cases
        and notes of absence say about the graduate, and mark the photos as deleted; returns the names of the photos'
        bytes. Decided photos are still counted; a photo that waits for staff leaves the queue. The school keeps what it
        was given.

        The caller must have called `begin_deleting` in this transaction and checked that no hold keeps the photos, and
        must call `drop` with the names as the last thing in this transaction.
        """
        mine = subject.shots
        names = self._mark_photos(session, mine)
        self._drop_identities(session, mine)
        items = update(DeliveryItemRow).where(subject.named_by(DeliveryItemRow.person_id, DeliveryItemRow.shot_id))
        session.execute(items.values(sealed=b""))
        said = update(CorrectionCaseRow).where(
            or_(CorrectionCaseRow.shot_id.in_(mine), CorrectionCaseRow.row_id.in_(subject.rows))
        )
        session.execute(said.values(sealed=b"", done_sealed=None))
        absent = update(AbsenceRow).where(AbsenceRow.row_id.in_(subject.rows))
        session.execute(absent.values(words_sealed=None))
        waits = update(ShotRow).where(ShotRow.shot_id.in_(mine), ShotRow.stage == Stage.QUEUED.value)
        gone = {"stage": Stage.REFUSED.value, "refusal": [_ON_REQUEST], "holder": None, "lease_until": None}
        session.execute(waits.values(**gone, version=ShotRow.version + 1))
        return names

    def drop(self, session: Session, names: Iterable[str]) -> None:
        """Delete the bytes of photos that this transaction marked as deleted. Call it last in the transaction, because
        no bytes come back if a later statement fails. Raises `Unavailable`.
        """
        session.flush()
        for name in names:
            self._photos.drop(name, 0)

    def _batch(self, kept: Retained) -> Counter[Retained]:
        """Delete some due data of the kind `kept`: photos or identities. With a photo, the identity filed with it is
        deleted, too, if it is due. Returns how many of each kind were deleted.
        """
        most = _PHOTOS_AT_ONCE if kept is Retained.PHOTOS else _AT_ONCE
        while True:
            with self._database.read() as session:
                before, now, protected = noted(session), self._clock(), self._kept(session)
                due = select(ShotRow.shot_id).where(self._due_shots(kept, now)).order_by(ShotRow.taken_at)
                # Shots that must stay are left out here and not in the statement, because there can be more of them
                # than the 65 535 parameters that PostgreSQL allows.
                near = session.scalars(due.limit(len(protected.shots) + most))
                some = [one for one in near if one not in protected.shots][:most]
            if not some:
                return Counter()
            with self._database.write() as session:
                if begin_deleting(session) != before:
                    continue  # a hold, request or case was noted meanwhile that may keep some of these shots
                # A shot that was opened meanwhile waits for staff, and is no longer due.
                still = select(ShotRow.shot_id).where(ShotRow.shot_id.in_(some), self._due_shots(kept, now))
                some = list(session.scalars(still.with_for_update()))
                unnamed = self._old_shots(Retained.IDENTITIES, now), ShotRow.identity_purged_at.is_(None)
                named = session.scalars(select(ShotRow.shot_id).where(ShotRow.shot_id.in_(some), *unnamed)).all()
                names = self._mark_photos(session, some) if kept is Retained.PHOTOS else []
                self._drop_identities(session, named)
                self.drop(session, names)
                return Counter({kept: len(some), Retained.IDENTITIES: len(named)})

    def _due_shots(self, kept: Retained, now: datetime) -> ColumnElement[bool]:
        """The condition for shots whose photo or identity (`kept`) is due, and that do not wait for staff. Holds,
        requests and cases may keep some of these shots.
        """
        gone = ShotRow.photo_purged_at if kept is Retained.PHOTOS else ShotRow.identity_purged_at
        return and_(self._old_shots(kept, now), gone.is_(None), ShotRow.stage != Stage.QUEUED.value)

    def _count(self, session: Session, due: ColumnElement[bool], protected: Protected) -> int:
        """How many shots meet the condition `due`, without those that must stay."""
        count = select(func.count()).select_from(ShotRow).where(due)
        stay = (
            session.execute(count.where(ShotRow.shot_id.in_(some))).scalar_one() for some in batched(protected.shots)
        )
        return session.execute(count).scalar_one() - sum(stay)

    def _old_shots(self, kept: Retained, now: datetime) -> ColumnElement[bool]:
        """The condition for shots that the office may no longer keep, by the retention table or by the consent text of
        their profile."""
        clause = self._table[kept]
        by_profile = [
            and_(ShotRow.profile == name, ShotRow.taken_at < taken_before(clause, profile, now))
            for name, profile in self._profiles.items()
        ]
        # A shot that was never opened has no profile, and the profile of an opened shot may be one that the office no
        # longer has. For such shots the table alone counts.
        others = or_(ShotRow.profile.is_(None), ShotRow.profile.not_in(list(self._profiles)))
        return or_(*by_profile, and_(others, ShotRow.taken_at < made_before(clause, now)))

    def _kept(self, session: Session) -> Protected:
        """What must stay because of holds, open requests and open correction cases."""
        row_ids = session.scalars(_open_cases(CorrectionCaseRow.row_id)).all()
        of_cases = self._owners.of_rows(session, RosterEntry.row_id, row_ids)
        of_cases |= self._owners.of_photos(session, ShotRow.shot_id.in_(_open_cases(CorrectionCaseRow.shot_id)))
        return kept_by(session, self._owners, (*open_holds(session), *open_requests(session)), of_cases)

    def _held(self, session: Session, now: datetime, protected: Protected) -> int:
        """How many people have photos that are due but stay. People are counted, not records: one graduate may have
        several."""
        due = self._old_shots(Retained.PHOTOS, now), ShotRow.photo_purged_at.is_(None)
        waiting = self._owners.of_photos(session, *due, ShotRow.stage == Stage.QUEUED.value)
        return len(waiting | self._owners.of_shots(session, protected.shots, *due))

    def _mark_photos(self, session: Session, shot_ids: Sequence[str]) -> list[str]:
        """Mark photos as deleted; returns the names of their bytes, which `drop` deletes."""
        marked = update(ShotRow).where(ShotRow.shot_id.in_(shot_ids))
        session.execute(marked.values(photo_purged_at=self._clock()))
        names = []
        for table in (ShotRow, RecroppedRow):
            stored = select(table.shot_id, table.sha256).where(table.shot_id.in_(shot_ids))
            names += [photo_name(row.shot_id, row.sha256) for row in session.execute(stored)]
        return names

    def _drop_identities(self, session: Session, shot_ids: Sequence[str]) -> None:
        for table in (IdentityRow, ReportRow):
            session.execute(delete(table).where(table.shot_id.in_(shot_ids)))
        for said in (DecisionRow, SecondReviewRow):
            session.execute(update(said).where(said.shot_id.in_(shot_ids), said.note.is_not(None)).values(note=""))
        words = {"words_sealed": None, "before_sealed": None}
        session.execute(update(AnswerRow).where(AnswerRow.shot_id.in_(shot_ids)).values(**words))
        marked = {"identity_purged_at": self._clock(), "receipt_lookup": None}
        session.execute(update(ShotRow).where(ShotRow.shot_id.in_(shot_ids)).values(**marked))

    def _due_year(self, session: Session) -> int:
        """The newest year of graduation whose rosters and campus lists are due."""
        rules = self._seasons.table_in(session).rules
        today = day_in_china(self._clock())
        return roster_year_due(self._table[Retained.ROSTERS], rules, today)

    def _due_rows(self, session: Session, protected: Protected) -> list[str]:
        """The roster rows of years that are due, without those that must stay."""
        rows = self._roster.rows_up_to(session, self._due_year(session))
        return [row for row in rows if row not in protected.rows]

    def _due_on_campus(self, session: Session, protected: Protected) -> list[str]:
        """The rows of campus lists of years that are due, without those of people whose roster rows must stay."""
        rows = self._campus.rows_up_to(session, self._due_year(session))
        stay = (
            self._campus.row_ids(session, self._roster.opened(session, list(protected.rows)).values()) if rows else ()
        )
        return [row for row in rows if row not in stay]

    def _due_cases(self, session: Session, year: int, protected: Protected) -> list[int]:
        """The closed correction cases of years up to `year` that still say something about people, without those about
        people whose data must stay.
        """
        columns = CorrectionCaseRow.case_id, CorrectionCaseRow.row_id, CorrectionCaseRow.shot_id
        closed = CorrectionCaseRow.year <= str(year), CorrectionCaseRow.state != CaseState.OPEN.value
        return [
            case.case_id
            for case in session.execute(select(*columns).where(*closed, _says_something()))
            if case.row_id not in protected.rows and case.shot_id not in protected.shots
        ]

    def _drop_rows(self, who: str) -> int:
        """Delete what is due of roster rows, rows of campus lists, and what closed cases say about people; returns how
        many rows of rosters and campus lists were deleted.
        """
        dropped, ended = 0, False
        while not ended:
            with self._database.read() as session:
                before, year, protected = noted(session), self._due_year(session), self._kept(session)
                rows, on_campus = self._due_rows(session, protected), self._due_on_campus(session, protected)
                cases = self._due_cases(session, year, protected)
            done, ended = self._in_lots(before, rows, lambda session, some: self._roster.remove_in(session, who, some))
            dropped += done
            if ended:
                done, ended = self._in_lots(before, on_campus, self._campus.remove)
                dropped += done
            if ended:
                _, ended = self._in_lots(before, cases, _empty_cases)
        # This is done even if no row was due now, because a purge that was killed may have left data behind.
        with self._database.write() as session:
            session.execute(delete(RosterVersionRow).where(RosterVersionRow.year <= str(year)))
            removed = select(RosterEntry.row_id).where(RosterEntry.sealed.is_(None))
            session.execute(delete(AbsenceRow).where(AbsenceRow.row_id.in_(removed)))
            # A case is shown with the head of its form. So the head stays as long as one of the form's cases is open or
            # says something.
            says = or_(CorrectionCaseRow.state == CaseState.OPEN.value, _says_something())
            left = exists().where(CorrectionCaseRow.form_id == CorrectionFormRow.form_id, says)
            forms = update(CorrectionFormRow).where(CorrectionFormRow.year <= str(year), ~left)
            session.execute(forms.where(CorrectionFormRow.sealed != b"").values(sealed=b""))
        return dropped

    def _in_lots(
        self, before: int, ids: Sequence[_Id], drop: Callable[[Session, Sequence[_Id]], object]
    ) -> tuple[int, bool]:
        """Delete the data with these ids, lot by lot. Stop if a hold, request or case is noted meanwhile that may keep
        some of the data (then `noted` is no longer `before`). Returns how many were deleted, and whether all were.
        """
        dropped = 0
        for some in batched(ids, _AT_ONCE):
            with self._database.write() as session:
                if begin_deleting(session) != before:
                    return dropped, False
                drop(session, some)
            dropped += len(some)
        return dropped, True

    def _drop_items(self) -> int:
        limit = made_before(self._table[Retained.DELIVERIES], self._clock())
        old = select(DeliveryRow.delivery_id).where(DeliveryRow.made_at < limit)
        with self._database.write() as session:
            gone = delete(DeliveryItemRow).where(DeliveryItemRow.delivery_id.in_(old))
            return len(session.execute(gone.returning(DeliveryItemRow.shot_id)).all())

    def _due_letters(self, now: datetime) -> ColumnElement[bool]:
        limit = made_before(self._table[Retained.BILLING], now)
        return LetterItemRow.letter_id.in_(select(LetterRow.letter_id).where(LetterRow.made_at < limit))

    def _drop_letter_items(self) -> int:
        with self._database.write() as session:
            gone = delete(LetterItemRow).where(self._due_letters(self._clock()))
            return len(session.execute(gone.returning(LetterItemRow.row_id)).all())


def _empty_cases(session: Session, case_ids: Sequence[int]) -> None:
    """Delete what these cases say about people; their kinds, states and days stay, so that they can be counted."""
    said = update(CorrectionCaseRow).where(CorrectionCaseRow.case_id.in_(case_ids))
    session.execute(said.values(sealed=b"", done_sealed=None))


def _says_something() -> ColumnElement[bool]:
    """The condition for correction cases that still say something about people."""
    return or_(CorrectionCaseRow.sealed != b"", CorrectionCaseRow.done_sealed.is_not(None))


def _open_cases(column: InstrumentedAttribute[Any]) -> Select[Any]:
    """The values that this column has in the open correction cases."""
    return select(column).where(CorrectionCaseRow.state == CaseState.OPEN.value, column.is_not(None))
