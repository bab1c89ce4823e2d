"""Issues passes to roster rows, withdraws them, and issues all passes for the season's last days at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.passes.model import Pass, PassReason, check_days, closing, last_days, valid_days
from center.passes.tables import PassRow
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere
from center.platform.office_keys import OfficeKeys
from center.roster.model.matching import Numbers, names_agree
from center.roster.sealed_rows import name_lookup
from center.roster.service import Roster, RosterMatch
from center.roster.tables import RosterEntry
from center.season.service import Seasons
from center.shots.counts import day_number, numbered_day
from center.shots.identities import people_on, person_on
from center.shots.model.person import school_of, year_of
from center.shots.model.shot import Stage
from center.shots.tables import PersonRow, ShotRow
from rules.season import CHINA, SeasonTable, day_in_china
from rules.workdays import UnconfirmedYear
from wire.decision import Decision

_MOST_FOUND = 10
_AT_ONCE = 500
_LOOKED_FOR_DAYS = 30  # for this many days after the window, photos that should have caused a pass are looked for


@dataclass(frozen=True, slots=True)
class LastDays:
    """Photos (their shot ids) of the window's last days that were not decided before closing. `issued`: photos for
    which a pass was issued now; `without_row`: photos for which none could be issued, because the roster has no row of
    the person, or several.
    """

    issued: tuple[str, ...]
    without_row: tuple[str, ...]


class Passes:
    """All passes. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        seasons: Seasons,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._seasons = seasons
        self._clock = clock

    def find(self, who: str, text: str) -> list[RosterMatch]:
        """Roster rows by a whole ID number, student number or name, to issue a pass to. The audit records this."""
        with self._database.write() as session:
            found = self._roster.find(session, [text], _MOST_FOUND)
            self._audit.append(session, self._clock(), who, "pass.searched", "roster", {"found": len(found)})
        return found

    def row(self, who: str, row_id: str) -> list[RosterMatch]:
        """The roster row of this id, to issue a pass to; empty if it no longer exists. Audited."""
        with self._database.read() as session:
            found = list(self._peeked(session, [row_id]).values())
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "pass.searched", "roster", {"found": len(found)})
        return found

    def issue(self, who: str, row_id: str, reason: PassReason, first: date, last: date) -> Pass:
        """Open booths for the person of a roster row from `first` to `last`.

        Raises `NotThere`, `WrongRequest`, `Conflict` (the row has a pass for some of these days).
        """
        now = self._clock()
        check_days(first, last, day_in_china(now))
        with self._database.write() as session:
            # This also locks the row, so that two calls can't both issue a pass to it.
            if self._roster.row(session, row_id) is None:
                raise NotThere("there is no such roster row (any more): search again")
            same = (PassRow.row_id == row_id, PassRow.withdrawn_at.is_(None))
            days = (PassRow.first_day <= day_number(last), PassRow.last_day >= day_number(first))
            if session.execute(select(PassRow.pass_id).where(*same, *days)).first() is not None:
                raise Conflict("this graduate has a pass for some of these days: withdraw it first")
            made = self._insert(session, who, now, row_id, reason, first, last, None)
            detail = {"reason": reason.value, "first": first.isoformat(), "last": last.isoformat()}
            self._audit.append(session, now, who, "pass.issued", made.pass_id, detail)
        return made

    def withdraw(self, who: str, pass_id: str) -> None:
        """End a pass. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            found = session.execute(
                update(PassRow)
                .where(PassRow.pass_id == pass_id, PassRow.withdrawn_at.is_(None))
                .values(withdrawn_at=now)
                .returning(PassRow.pass_id)
            ).first()
            if found is None:
                raise NotThere("there is no such pass, or it was withdrawn before")
            self._audit.append(session, now, who, "pass.withdrawn", pass_id)

    def open(self, schools: Sequence[str] | None = None) -> list[Pass]:
        """Passes that were not withdrawn and have not expired, of these schools (None: of all), the newest first.

        Passes that are used up are left out. A pass is used up when a photo of the same person and year of graduation,
        taken after the pass was issued, is approved. A pass for the last days is also used up when the person of the
        photo that caused it has an approved photo of that year. Raises `Unavailable`, `OfficeKeysFault`.
        """
        today = day_number(day_in_china(self._clock()))
        with self._database.read() as session:
            query = select(PassRow).where(PassRow.withdrawn_at.is_(None), PassRow.last_day >= today)
            if schools is not None:
                query = query.join(RosterEntry, RosterEntry.row_id == PassRow.row_id)
                query = query.where(RosterEntry.school.in_(schools))
            rows = session.scalars(query.order_by(PassRow.issued_at.desc(), PassRow.pass_id)).all()
            served = _approved_since(session, [row.shot_id for row in rows if row.shot_id])
            used = _used_up(session, self._office_keys, today)
        return [_pass(row) for row in rows if row.shot_id not in served and row.pass_id not in used]

    def of_shot(self, session: Session, shot_id: str) -> Pass | None:
        """The pass that a photo caused, if it is in force."""
        row = session.scalars(select(PassRow).where(PassRow.shot_id == shot_id)).one_or_none()
        found = None if row is None else _pass(row)
        return found if found is not None and found.in_force(self._clock()) else None

    def last_days(self, who: str) -> LastDays:
        """Issue a pass to everybody who was photographed in the window's last days and whose photo was not decided
        before closing, unless the photo was approved since.

        A repeated call is harmless: a photo causes only one pass. Raises `Unavailable`, `OfficeKeysFault`.
        """
        now, table, issued, without = self._clock(), self._seasons.table(), list[str](), list[str]()
        left_over = self._left_over(table, now)
        if left_over is None:
            return LastDays((), ())
        with self._database.read() as session:
            query = select(ShotRow.shot_id, ShotRow.taken_at).where(left_over).order_by(ShotRow.shot_id)
            shots = session.execute(query).all()
        for shot in shots:
            first, last = valid_days(table, shot.taken_at)
            with self._database.write() as session:
                row_id = self._row_of(session, shot.shot_id)
                if row_id is None:
                    without.append(shot.shot_id)
                    continue
                # The row is locked now: a concurrent call of this method waits until this one ends.
                if session.execute(select(PassRow.pass_id).where(PassRow.shot_id == shot.shot_id)).first() is not None:
                    continue
                made = self._insert(session, who, now, row_id, PassReason.LAST_DAYS, first, last, shot.shot_id)
                detail = {"reason": PassReason.LAST_DAYS.value, "shot": shot.shot_id, "last": last.isoformat()}
                self._audit.append(session, now, who, "pass.issued", made.pass_id, detail)
            issued.append(shot.shot_id)
        return LastDays(tuple(issued), tuple(without))

    def waiting_for_pass(self) -> int:
        """How many photos of the last days should have caused a pass and have not yet. Raises `Unavailable`."""
        left_over = self._left_over(self._seasons.table(), self._clock())
        if left_over is None:
            return 0
        with self._database.read() as session:
            return session.execute(select(func.count()).select_from(ShotRow).where(left_over)).scalar_one()

    def _left_over(self, table: SeasonTable, now: datetime) -> ColumnElement[bool] | None:
        """The condition for photos of the last days that were not decided before closing, were not approved since, and
        have not caused a pass yet.

        None if there can't be any: before the last days, long after them, or in a year that is not confirmed.
        """
        today = day_in_china(now)
        try:
            days = last_days(table, today.year)
        except UnconfirmedYear:
            return None
        if not days or not days[0] <= today <= days[-1] + timedelta(days=_LOOKED_FOR_DAYS):
            return None
        late = [_undecided(day, closing(day, table.hours_of(day))) for day in days]
        over = [one for day, one in zip(days, late, strict=True) if now >= closing(day, table.hours_of(day))]
        if not over:
            return None
        has_pass = select(PassRow.shot_id).where(PassRow.shot_id.is_not(None))
        # If a photo's identity is deleted, nobody can tell who would get the pass.
        return and_(or_(*over), ShotRow.shot_id.not_in(has_pass), ShotRow.identity_purged_at.is_(None))

    def _row_of(self, session: Session, shot_id: str) -> str | None:
        """The roster row of a photo's person, locked; None if the roster has none or several."""
        person = person_on(session, self._office_keys, shot_id)
        if person is None:  # deleted since the photos were listed
            return None
        numbers = Numbers.of(person, year_of(person))
        found = self._roster.row_of(session, school_of(person), numbers)
        return None if found is None or self._roster.row(session, found.row_id) is None else found.row_id

    def _insert(
        self,
        session: Session,
        who: str,
        now: datetime,
        row_id: str,
        reason: PassReason,
        first: date,
        last: date,
        shot_id: str | None,
    ) -> Pass:
        pass_id = secrets.token_hex(16)
        session.execute(
            insert(PassRow).values(
                pass_id=pass_id,
                reason=reason.value,
                row_id=row_id,
                shot_id=shot_id,
                first_day=day_number(first),
                last_day=day_number(last),
                issued_by=who,
                issued_at=now,
            )
        )
        return Pass(pass_id, reason, row_id, shot_id or "", first, last, who, now)

    def people(self, who: str, passes: Sequence[Pass]) -> dict[str, RosterMatch]:
        """The roster rows of passes by their ids, for a list that shows them masked. The audit records this."""
        with self._database.read() as session:
            found = self._peeked(session, [one.row_id for one in passes])
        if found:
            with self._database.write() as session:
                self._audit.append(session, self._clock(), who, "pass.shown", "roster", {"found": len(found)})
        return found

    def _peeked(self, session: Session, row_ids: Sequence[str]) -> dict[str, RosterMatch]:
        rows = {row_id: self._roster.peek(session, row_id) for row_id in dict.fromkeys(row_ids)}
        return {row_id: row for row_id, row in rows.items() if row is not None}


def _undecided(day: date, closes: datetime) -> ColumnElement[bool]:
    """The condition for photos taken on `day` that were not decided before the office closed at `closes`, and are still
    undecided or were rejected later. Photos that were approved later need no pass.
    """
    begin = datetime.combine(day, time(), CHINA)
    late = and_(ShotRow.decision == Decision.REJECTED.value, ShotRow.decided_at >= closes)
    return and_(
        ShotRow.taken_at >= begin,
        ShotRow.taken_at < begin + timedelta(days=1),
        or_(ShotRow.stage == Stage.QUEUED.value, late),
    )


def _approved_since(session: Session, shot_ids: Sequence[str]) -> set[str]:
    """The photos, among these, whose person has by now an approved photo of the same year of graduation (by the rules
    of `approved_photo`).
    """
    approved: set[str] = set()
    for start in range(0, len(shot_ids), _AT_ONCE):
        columns, some = (ShotRow.shot_id, ShotRow.person_id, ShotRow.year), shot_ids[start : start + _AT_ONCE]
        mine, other = select(*columns).where(ShotRow.shot_id.in_(some)).subquery(), ShotRow
        same_year = or_(mine.c.year.is_(None), other.year.is_(None), other.year == mine.c.year)
        query = (
            select(mine.c.shot_id)
            .join(other, other.person_id == mine.c.person_id)
            .where(other.decision == Decision.APPROVED.value, other.replaced_by.is_(None), same_year)
        )
        approved.update(session.scalars(query))
    return approved


def _used_up(session: Session, office_keys: OfficeKeys, today: int) -> set[str]:
    """The passes whose person has an approved photo that was taken after the pass was issued. A photo that is known by
    the student number alone must not have been filed with another name. Raises `OfficeKeysFault`."""
    by_id = PersonRow.lookup == RosterEntry.id_lookup
    same_year = or_(RosterEntry.year.is_(None), ShotRow.year.is_(None), ShotRow.year == RosterEntry.year)
    query = (
        select(PassRow.pass_id, ShotRow.shot_id, RosterEntry.name_lookup, by_id.label("by_id"))
        .join(RosterEntry, RosterEntry.row_id == PassRow.row_id)
        .join(PersonRow, or_(by_id, PersonRow.lookup == RosterEntry.person_key))
        .join(ShotRow, ShotRow.person_id == PersonRow.person_id)
        .where(
            *(PassRow.withdrawn_at.is_(None), PassRow.last_day >= today),
            # A photo that arrived before the pass was issued was also taken before, whatever the booth's clock says.
            *(ShotRow.taken_at >= PassRow.issued_at, ShotRow.received_at >= PassRow.issued_at),
            *(ShotRow.decision == Decision.APPROVED.value, ShotRow.replaced_by.is_(None), same_year),
        )
    )
    found = session.execute(query).all()
    people = people_on(session, office_keys, {row.shot_id for row in found if not row.by_id})
    names = {shot_id: name_lookup(office_keys, person.name) for shot_id, person in people.items()}
    return {row.pass_id for row in found if row.by_id or names_agree(names.get(row.shot_id), row.name_lookup)}


def _pass(row: PassRow) -> Pass:
    return Pass(
        row.pass_id,
        PassReason(row.reason),
        row.row_id,
        row.shot_id or "",
        numbered_day(row.first_day),
        numbered_day(row.last_day),
        row.issued_by,
        row.issued_at,
        row.withdrawn_at,
    )
